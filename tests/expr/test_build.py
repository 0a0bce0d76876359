import pytest

from matcalc.core.dims import Dim, matrix, vector
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.expr import build as b
from matcalc.expr.nodes import HEADS, UNEVALUATED
from matcalc.expr.text import TEXT_HEADS, to_text

M, N = Dim.of("m"), Dim.of("n")
A, S = b.variable("A", matrix(M, N)), b.variable("S", matrix(N, N))
X, Y = b.variable("x", vector(N)), b.variable("y", vector(M))


def test_every_head_has_text() -> None:
    assert set(HEADS) | set(UNEVALUATED) == TEXT_HEADS


def test_equal_expressions_are_one_node() -> None:
    assert b.product([A, X]) is b.product([A, X])
    assert b.product([A, X]).key != b.product([S, X]).key


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (b.add([Y, b.negate(b.product([A, X]))]), "y - A x"),
        (b.product([b.transpose(X), b.add([S, b.transpose(S)])]), "x^T (S + S^T)"),
        (b.transpose(b.matpow(S, -1)), "S^-T"),
        (b.hadamard([Y, b.power(Y, b.number(2))]), "y .* y.^2"),
        (b.divide(b.product([A, X]), b.APPLY["norm"](X)), "A x/||x||"),
    ],
)
def test_text(node: object, text: str) -> None:
    assert to_text(node) == text  # type: ignore[arg-type]


def test_misfits_name_both_operands_and_shapes() -> None:
    with pytest.raises(ShapeError, match="`A` is a m x n matrix and `y` is a vector of length m"):
        b.product([A, Y])
    with pytest.raises(ShapeError, match="inner product"):
        b.product([X, X])
    with pytest.raises(ShapeError, match="cannot add"):
        b.add([X, Y])


def test_names_and_properties_are_checked() -> None:
    with pytest.raises(DeclarationError):
        b.variable("x; import os", vector(N))
    with pytest.raises(DeclarationError, match="square"):
        b.variable("B", matrix(M, N), ["symmetric"])
