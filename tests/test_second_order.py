"""Hessians: symmetric as they read and in index form, right by finite differences, refused where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from matcalc.api import derive, hessian, parse
from matcalc.core.dims import SCALAR
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.derivative import is_vector
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.canonical import is_symmetric
from matcalc.raising.symmetric import reads_symmetric
from matcalc.second_order import hessian_of
from matcalc.simplify.congruence import congruence, spread
from matcalc.simplify.expand import expand
from tests.strategies import expressions, variables_of

SQUARE = {"A": "R^{n x n}"}
PRINTED = [
    ("||X beta - Y||^2", "beta", {"X": "R^{N x d}", "Y": "R^N"}, "2 X^T X"),
    ("x^T A x", "x", None, "A + A^T"),
    ("logsumexp(A x)", "x", None, "A^T (diag(z) - z z^T) A where z = softmax(A x)"),
    ("||A x - b||", "x", None, "A^T (I/||z|| - z z^T/||z||^3) A where z = A x - b"),
    ("1/2 x^T P x - b^T x", "x", {"P": "R^{n x n} posdef"}, "P"),
    ("(a^T x) (b^T x)", "x", None, "a b^T + b a^T"),
    ("x1^2 x2 + x1 x2^3", ["x1", "x2"], None, "[2 x2, s; s, 6 x1 x2] where s = 2 x1 + 3 x2^2"),
    ("t^3", "t", {"t": "R"}, "6 t"),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta", None, "2 sum_{n=1}^{N} x_n x_n^T"),
    ("-logdet(X)", "X", None, "Z_jk Z_li where Z = X^-1  (index notation)"),
]
MORE = [
    ("||A x - b||^2 + lambda ||x||^2", None), ("exp(-x^T A x)", SQUARE), ("sum(exp(A x + b))", None), ("(x^T A x)^2", SQUARE),
    ("||a - x||^2 ||b - x||^2", None), ("x^T A x x^T B x", SQUARE), ("log(1 + x^T A x)", SQUARE), ("sqrt(1 + ||x||^2)", None),
    ("||x - x^T x a||^2", None), ("softmax(x)^T c", None), ("sum(sin(A x) .* cos(B x))", None), ("||A^T (B x - c)||", None),
    ("1/2 ||y - W2 tanh(W1 x)||^2", None), ("||A x .* x||^2", None), ("u^T x x^T v + x^T M x", {"M": "R^{n x n}"}),
    ("sum_{i=1}^k w_i log(1 + exp(-a_i^T x))", {"w_i": "R", "a_i": "R^n", "x": "R^n"}), ("tanh(a^T x) x^T x", None),
    ("x^T (A + x x^T) x", None), ("logdet(I + A diag(x) A^T)", None), ("||x||^3", None), ("x^T expm(t A) x", None),
]


@pytest.mark.parametrize(("text", "wrt", "declare", "printed"), PRINTED)
def test_printed_form(text: str, wrt: str | list[str], declare: dict[str, str] | None, printed: str) -> None:
    d = hessian(text, wrt, declare)
    assert str(d) == printed
    assert d.check().passed
    assert derive(text, wrt, declare=declare).hessian().tensor is d.tensor


@pytest.mark.parametrize(("text", "declare"), MORE)
def test_by_a_vector_reads_symmetric(text: str, declare: dict[str, str] | None) -> None:
    d = hessian(text, "x", declare)
    assert d.matrix is not None and reads_symmetric(d.matrix), str(d)
    assert d.check().passed
    assert is_symmetric(expand(d.tensor))


@pytest.mark.parametrize(("text", "expected"), [
    ("A + A^T", True), ("A^T A", True), ("A^T diag(v) A", True), ("A^T B A", False), ("a b^T", False), ("a b^T + b a^T", True),
    ("A A^T .* B B^T", True), ("A .* (A + A^T)", False), ("kron(A + A^T, I_3)", True), ("expm(A + A^T)", True),
    ("[A + A^T, B; B^T, I]", True), ("[A, B; B, A]", False), ("(A^T A + t I)^-1", True), ("A^T (I + B A^T)^-1", False),
])
def test_reading(text: str, expected: bool) -> None:
    program = parse(text, {"A": "R^{n x n}", "B": "R^{n x n}"} if "A" in text and "b" not in text else None)
    assert reads_symmetric(program.expr) is expected


@settings(max_examples=30)
@given(expressions(depth=3, shapes=[SCALAR]))
def test_transpose_is_equal_in_index_form(expr: Expr) -> None:
    variables = variables_of(expr)
    for name in variables:
        if is_vector(variables, name):
            d = hessian_of(expr, variables, name)
            assert is_symmetric(expand(d.tensor)) and expand(d.tensor) is expand(b.transpose(d.tensor))


@pytest.mark.parametrize("text", [
    "x^T A^T (B + u u^T) A x + x^T D x", "x^T A^T B A x + ||A x||^4", "||tanh(A x)||^2 + u^T A x x^T A^T u",
])
def test_passes_keep_the_value(text: str) -> None:
    tensor = expand(derive(text, "x", order=2, declare={"B": "R^{m x m} symmetric", "A": "R^{m x n}"} if "B" in text else None).tensor)
    for changed in (spread(tensor), congruence(tensor)):
        assert expand(changed) is tensor


def test_of_a_vector_there_is_none() -> None:
    with pytest.raises(ShapeError, match="scalar function") as caught:
        hessian("A x", "x")
    assert "order=2" in str(caught.value)


def test_by_what_does_not_occur() -> None:
    with pytest.raises(DeclarationError, match="does not occur"):
        hessian("x^T x", "y")
