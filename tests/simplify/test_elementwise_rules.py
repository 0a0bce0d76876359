"""Every elementwise rule: its record says what it does, it holds at random points, and the engine applies it."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point
from matcalc.expr.size import size
from matcalc.lowering.lower import lower
from matcalc.pipeline import tensor_of
from matcalc.simplify.elementwise_rules import ELEMENTWISE
from matcalc.simplify.matching import Rule, rewritten
from matcalc.syntax.elaborate import elaborate

RULES = pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
SCALARS = {"u": "R", "v": "R"}


def sides(rule: Rule, space: str = "R") -> tuple:
    return tuple(
        elaborate(side.strip(), {"u": space, "v": space}).expr for side in rule.math.split(" = ", 1)
    )


def test_names_are_unique_and_every_rule_is_sourced() -> None:
    assert len({rule.name for rule in ELEMENTWISE}) == len(ELEMENTWISE)
    assert all(rule.source and rule.math for rule in ELEMENTWISE)


@RULES
def test_record_matches_its_formula(rule: Rule) -> None:
    left, right = sides(rule)
    assert lower(left) is rule.lhs
    assert lower(right) is rule.rhs
    assert size(right) < size(left) or rule.name == "log-of-sigmoid"


@RULES
@pytest.mark.parametrize("seed", range(5))
def test_holds_at_random_points(rule: Rule, seed: int) -> None:
    left, right = sides(rule)
    point = draw_point({n: v for n, v in elaborate("u + v", SCALARS).variables.items()}, {}, np.random.default_rng(seed),
                       positive="> 0" in rule.where)
    assert np.allclose(evaluate(left, point, {}), evaluate(right, point, {}), rtol=1e-12)


@RULES
@pytest.mark.parametrize("space", ["R", "R^n", "R^{m x n}"])
def test_engine_applies_it_along_any_axes(rule: Rule, space: str) -> None:
    left, right = (elaborate(text, {"u": space, "v": space}).expr for text in spelled(rule, space))
    if left.shape == right.shape:
        assert tensor_of(left) is tensor_of(right)


def spelled(rule: Rule, space: str) -> list[str]:
    """The sides with elementwise powers and products where the variables have axes."""
    math = rule.math if space == "R" else rule.math.replace("^", ".^").replace(") cos", ") .* cos").replace("/cosh", "./cosh")
    if space != "R":
        math = math.replace("/cos", "./cos").replace("../", "./").replace("1/(", "1 ./ (")
        for first in ("u", "exp(u)", "step(u)"):
            for second in ("sign(", "step(", "sigmoid(-", "exp(v", "relu("):
                math = math.replace(f"{first} {second}", f"{first} .* {second}")
    return [side.strip() for side in math.split(" = ", 1)]


def test_a_rule_leaves_what_it_does_not_fit() -> None:
    by_name = {rule.name: rule for rule in ELEMENTWISE}
    for text, name in (("2 + exp(u)", "softplus"), ("cos(u)^2 + sin(v)^2", "pythagoras"), ("u sign(v)", "abs-from-sign")):
        tensor = lower(elaborate(text, SCALARS).expr)
        assert rewritten(tensor, by_name[name]) is None
