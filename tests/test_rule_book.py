"""The formulas by which the rule book proves the rules of primitives do call those rules."""

import pytest

from matcalc.core.traversal import postorder
from matcalc.diff.differentiate import RULES
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate
from tests.rule_book import DECLARE, PRIMITIVES


def test_every_primitive_has_a_formula() -> None:
    assert set(PRIMITIVES) == set(RULES)


@pytest.mark.parametrize("head", PRIMITIVES)
def test_derivative_calls_the_rule(head: str) -> None:
    formula, by = PRIMITIVES[head]
    names = elaborate(formula).variables
    read = elaborate(formula, {name: space for name, space in DECLARE.items() if name in names})
    variable = lower(read.variables[by])
    assert any(node.head == head and variable in postorder(node) for node in postorder(lower(read.expr)))
