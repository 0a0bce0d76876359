"""Whether two formulas have one value: compared by the interpreter at random points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.arguments import check_seed
from matcalc.expr.nodes import Expr

RTOL = 1e-9
"""Relative to the larger of the two values."""
POINTS = 4
ATTEMPTS = 24


def agree(one: Expr, other: Expr, variables: Mapping[str, Expr], seed: int = 0) -> bool:
    """Whether two formulas agree wherever the first is finite; at least one such point must be found.

    Args:
        one: a formula.
        other: what claims to have the same value.
        variables: the `var` or `item` node of every name.
        seed: of the random sizes and points.
    """
    rng = np.random.default_rng(check_seed(seed))
    compared = 0
    for attempt in range(ATTEMPTS):
        sizes = draw_sizes((one, other, *variables.values()), rng)
        point = draw_point(variables, sizes, rng, positive=attempt % 2 == 1)
        with np.errstate(all="ignore"):
            wanted, found = (np.asarray(evaluate(expr, point, sizes)) for expr in (one, other))
        if not np.isfinite(wanted).all():
            continue
        scale = float(np.abs(wanted).max(initial=0.0))
        if wanted.shape != found.shape or not np.allclose(found, wanted, rtol=0.0, atol=RTOL * max(scale, 1e-3)):
            return False
        compared += 1
        if compared == POINTS:
            break
    return compared > 0
