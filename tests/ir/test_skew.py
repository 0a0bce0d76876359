"""Skew matrices: S^T = -S, so a quadratic form and the diagonal vanish, beside scalars too."""

import pytest

from matcalc.ir.build import is_zero
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate

SPACES = {"S": "R^{n x n} skew", "x": "R^n", "y": "R^n", "s": "R"}


def tensor(text: str):
    return lower(elaborate(text, {name: space for name, space in SPACES.items() if name in text}).expr)


@pytest.mark.parametrize("text", ["x^T S x", "tr(S)", "tr(s S)", "s (x^T S x)", "S + S^T", "x^T S y + y^T S x", "diag(S)"])
def test_vanishes(text: str) -> None:
    assert is_zero(tensor(text))


@pytest.mark.parametrize(("one", "other"), [("S^T", "-S"), ("x^T S y", "-(y^T S x)"), ("S S^T", "-S^2")])
def test_same(one: str, other: str) -> None:
    assert tensor(one) is tensor(other)
