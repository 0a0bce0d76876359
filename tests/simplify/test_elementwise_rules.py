"""Every elementwise rule: its record says what it does, it holds at random points, and the engine applies it."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point
from matcalc.core.dims import Dim
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.ir import build as b
from matcalc.lowering.lower import lower
from matcalc.simplify.elementwise_rules import ELEMENTWISE, _mirrored
from matcalc.simplify.matching import Rule, instantiated, rewritten
from matcalc.simplify.recognise import recognise
from matcalc.syntax.elaborate import elaborate

RULES = pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
SCALARS = {"u": "R", "v": "R"}
M, N = Dim.of("m"), Dim.of("n")


def sides(rule: Rule) -> tuple[Expr, ...]:
    """Both sides of the formula, for scalars."""
    return tuple(elaborate(side.strip(), SCALARS).expr for side in rule.math.split(" = ", 1))


def test_names_are_unique_and_every_rule_is_sourced() -> None:
    assert len({rule.name for rule in ELEMENTWISE}) == len(ELEMENTWISE)
    assert all(rule.source and rule.math for rule in ELEMENTWISE)


@RULES
def test_record_matches_its_formula(rule: Rule) -> None:
    left, right = sides(rule)
    assert lower(left) is rule.lhs
    assert lower(right) is rule.rhs
    assert size(right) <= size(left) or rule.name == "log-of-sigmoid"


@RULES
def test_holds_at_random_points(rule: Rule) -> None:
    left, right = sides(rule)
    variables = elaborate("u + v", SCALARS).variables
    for seed in range(5):
        point = draw_point(variables, {}, np.random.default_rng(seed), positive="> 0" in rule.where, scale=0.1 if "< 1" in rule.where else 1.0)
        assert np.allclose(evaluate(left, point, {}), evaluate(right, point, {}), rtol=1e-12)


@RULES
def test_engine_applies_it_along_any_axes(rule: Rule) -> None:
    for axes in ((), (N,), (M, N)):
        found = {name: b.var(name, axes) for name in SCALARS}
        left, right = (instantiated(side, found, axes) for side in (rule.lhs, rule.rhs))
        assert recognise(left) is recognise(right)


def test_a_rule_leaves_what_it_does_not_fit() -> None:
    by_name = {rule.name: rule for rule in ELEMENTWISE}
    for text, name in (("2 + exp(u)", "softplus"), ("cos(u)^2 + sin(v)^2", "pythagoras"), ("u sign(v)", "abs-from-sign")):
        tensor = lower(elaborate(text, SCALARS).expr)
        assert rewritten(tensor, by_name[name]) is None


def test_rules_of_negatives_tell_where_they_hold() -> None:
    rules = {rule.name: rule.where for rule in ELEMENTWISE}
    assert rules["asin-of-negative"] == _mirrored("asin", even=False).where == "-1 < u < 1"
    for name in ("sin", "tanh"):
        assert rules[f"{name}-of-negative"] == "" == _mirrored(name, even=False).where
