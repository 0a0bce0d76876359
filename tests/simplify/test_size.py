"""Sizes of tensors: leaves, and one for each product, sum, function, number in front and bracket that printing needs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.selection import basis
from matcalc.lowering.lower import lower
from matcalc.simplify.size import measure
from matcalc.syntax.elaborate import elaborate

SIZES = [
    ("x", (1, 1)),
    ("2", (1, 1)),
    ("A x", (3, 2)),
    ("A^T", (2, 1)),
    ("(A B)^T", (3, 2)),
    ("x y^T", (4, 2)),
    ("A x y^T B", (5, 4)),
    ("diag(x)", (2, 2)),
    ("diag(x) A", (3, 2)),
    ("diag(x) A + A", (7, 3)),
    ("A + 2 B", (5, 2)),
    ("2 x + 3 A y", (8, 3)),
    ("x^T y", (4, 2)),
    ("sum(x)", (2, 1)),
    ("sum(x .* y)", (4, 2)),
    ("tr(A)", (2, 1)),
    ("tr(A B)", (3, 2)),
    ("t (x + y)", (5, 3)),
    ("exp(A x)", (4, 2)),
    ("x .* y", (3, 2)),
    ("2 diag(x) + y z^T", (9, 4)),
    ("A^-1 b", (4, 2)),
    ("det(A) A^-T", (5, 2)),
    ("-x", (1, 1)),
    ("1/2 x^T A x", (5, 3)),
    ("x ones(n)^T", (4, 2)),
    ("[x1; 2 x2; x1 x2]", (8, 7)),
    ("[x1, 2 x1; x2 + x1, 0]", (9, 10)),
    ("3 [x1; x2]", (7, 4)),
    ("[a x1; -x2]", (5, 5)),
    ("softmax(x) - softmax(x).^2", (7, 3)),
    ("||A x - b||", (10, 5)),
    ("I + x x^T", (6, 3)),
    ("A .* B + C", (5, 3)),
    ("kron(A, B)", (5, 4)),
    ("vec(A)", (3, 2)),
    ("diag(x) + 2 diag(y)", (7, 4)),
    ("diag(A)", (2, 1)),
    ("2 exp(x) + x^3", (8, 3)),
    ("sum_{n=1}^N (x_n + 2 A y_n)", (7, 3)),
    ("sum_{n=1}^N (x_n - m)", (4, 3)),
]


@pytest.mark.parametrize(("text", "expected"), SIZES)
def test_size_and_number_of_leaves(text: str, expected: tuple[int, int]) -> None:
    declare = {"x": "R^n"} if text in ("x", "-x", "x ones(n)^T") else {}
    expr = elaborate(text, declare, ["x1", "x2"] if "x1" in text else ()).expr
    assert measure(lower(expr)) == expected


def test_a_unit_vector_has_the_size_of_its_entries() -> None:
    three, n = Dim.of(3), Dim.of("n")
    assert measure(basis(Dim.of(1), three)) == (4, 1)
    assert measure(basis(Dim.of(0), n)) == (2, 1)


def test_a_number_in_front_of_a_unit_vector_beside_others_counts_like_any() -> None:
    n = Dim.of("n")
    unit, vector = basis(Dim.of(0), n), b.var("x", (n,))
    assert measure(b.lin([(Fraction(2), unit), (Fraction(1), vector)], (n,))) == (6, 2)
    assert measure(b.lin([(Fraction(2), vector), (Fraction(1), unit)], (n,))) == (6, 2)


def test_a_cube_costs_the_same_whichever_way_it_is_turned() -> None:
    cube = b.var("T", (Dim.of("m"), Dim.of("n"), Dim.of("p")))
    assert measure(b.contract([(cube, (1, 2, 0))], (0, 1, 2))) == measure(cube) == (1, 1)


def test_entries_that_select_from_a_vector_are_products() -> None:
    three = Dim.of(3)
    chosen = b.contract([(basis(Dim.of(0), three), (0,)), (basis(Dim.of(1), three), ("i",)), (b.var("x", (three,)), ("i",))], (0,))
    number = b.contract([(basis(Dim.of(1), three), (0,)), (b.var("s", ()), ())], (0,))
    assert measure(b.lin([(Fraction(1), chosen), (Fraction(1), number)], (three,))) == (10, 5)
