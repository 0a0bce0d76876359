"""Every identity of the registry holds at random points, and the engine knows it in the way that its record says."""

import re

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.expr.nodes import Expr
from matcalc.lowering.lower import lower
from matcalc.pipeline import tensor_of
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.identities import COMPARISON, FACTORING, IDENTITIES, KNOWN_BY, NORMAL_FORM, RECOGNITION, Identity
from matcalc.syntax.elaborate import elaborate

RECORDS = [identity for group in IDENTITIES.values() for identity in group]
EVERY = pytest.mark.parametrize("identity", RECORDS, ids=lambda identity: identity.name)

KNOWN = {
    NORMAL_FORM: lower,
    RECOGNITION: tensor_of,
    FACTORING: lambda expr: factor(tensor_of(expr)),
    COMPARISON: lambda expr: expand(tensor_of(expr)),
}
"""What the two sides are brought to, from the first way of knowing to the last."""


def sides(identity: Identity) -> list[Expr]:
    """Both sides, each declared as far as its names go."""
    return [
        elaborate(text, {n: s for n, s in identity.declare.items() if re.search(rf"\b{n}\b", text)}).expr
        for text in (identity.lhs, identity.rhs)
    ]


def test_records_are_complete() -> None:
    assert len({i.name for i in RECORDS}) == len(RECORDS) > 150
    assert set(KNOWN_BY) == set(KNOWN)
    for identity in RECORDS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identity.name)
        assert identity.source and identity.by in KNOWN_BY


@EVERY
def test_holds_at_random_points(identity: Identity) -> None:
    left, right = sides(identity)
    variables = elaborate(identity.lhs, identity.declare).variables
    for seed in range(3):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes((left, right), rng)
        assert len(set(sizes.values())) == len(sizes), "sizes are distinct, so that a missing transpose fails"
        point = draw_point(variables, sizes, rng, positive="> 0" in identity.condition)
        found, expected = (np.asarray(evaluate(side, point, sizes)) for side in (left, right))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@EVERY
def test_engine_knows_it_as_the_record_says(identity: Identity) -> None:
    left, right = sides(identity)
    first = next(way for way, known in KNOWN.items() if known(left) is known(right))
    assert first == identity.by
