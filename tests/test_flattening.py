"""The flattened derivative: its code, its value, its LaTeX, and the way back to the array."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc import parse
from matcalc.api import derive
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.errors import DeclarationError, MatcalcError, ShapeError
from matcalc.derivative import Derivative
from matcalc.pipeline import ranks
from tests.flat import flat_array

CASES = [
    ("X^T", "X", 1), ("A X^T B", "X", 1), ("X^T X", "X", 1), ("W x", "W", 1), ("a^T X b", "X", 1), ("A x", "x", 1),
    ("x x^T", "x", 1), ("tr(X^T A X)", "X", 2), ("logdet(X)", "X", 2), ("A x (b^T x)", "x", 2), ("X^T X", "X", 2),
    ("sum(x.^3)", "x", 3), ("t A", "t", 1), ("sum_{n=1}^N (y_n - w^T x_n)^2", "x_n", 1), ("kron(X, A)", "X", 1),
    ("unvec(M vec(X), 2, 3)", "X", 1), ("A X B", "X", 2),
]


def at_random(d: Derivative) -> tuple[dict[str, Array], dict[str, int]]:
    rng = np.random.default_rng(7)
    sizes = draw_sizes((d.expr, *d.variables.values()), rng)
    return draw_point(d.variables, sizes, rng), sizes


@pytest.mark.parametrize("order", ["columns", "rows"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("text", "wrt", "times"), CASES)
def test_code_and_back(text: str, wrt: str, times: int, layout: str, order: str) -> None:
    d = derive(text, wrt, order=times, layout=layout)
    point, sizes = at_random(d)
    array = np.asarray(d(**point))
    expected = flat_array(array, ranks(d.expr, d.variables, d.wrt), order)
    flat = d.flat(order)
    expected = expected.T if flat.is_turned else expected
    value = np.asarray(flat(**point))
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(d.unvec(expected, order, sizes=sizes), array)


def test_the_lecture() -> None:
    """dJ/dz dz/dvec[W] by rows, unvectorized, is p x^T."""
    d = derive("W x", wrt="W")
    assert d.vec("rows") == "kron(I_m, x^T)"
    p, x, W = np.array([2.0, -1.0]), np.array([1.0, 3.0, 5.0]), np.ones((2, 3))
    row = p @ np.asarray(d.flat("rows")(W=W, x=x))
    np.testing.assert_array_equal(row, [2, 6, 10, -1, -3, -5])
    gradient = derive("p^T W x", wrt="W")
    assert str(gradient) == "p x^T"
    np.testing.assert_array_equal(gradient.unvec(row, "rows", sizes={"m": 2}), np.outer(p, x))
    chain = parse("unvec(p^T kron(I_m, x^T), n, m)^T", {"p": "R^m", "x": "R^n"}).expr
    np.testing.assert_array_equal(evaluate(chain, {"p": p, "x": x}, {"m": 2, "n": 3}), np.outer(p, x))


def test_sizes_are_read_off_the_array_where_they_can_be() -> None:
    d = derive("A x", wrt="A")
    flat = np.arange(12.0).reshape(2, 6)
    assert np.asarray(d.unvec(flat)).shape == (2, 2, 3)
    square = derive("tr(X^2)", wrt="X")
    assert np.asarray(square.unvec(np.arange(9.0))).shape == (3, 3)


@pytest.mark.parametrize(("flat", "sizes", "error", "words"), [
    (np.zeros(6), None, DeclarationError, "the size `m` is not known"),
    (np.zeros(6), {"m": 4}, ShapeError, "length 6"),
    (np.zeros(6), {"m": 0}, DeclarationError, "whole number at least 1"),
    (np.zeros(6), {"m": 2.0}, DeclarationError, "whole number at least 1"),
    (np.zeros((2, 3)), {"m": 2}, ShapeError, "2 axes"),
    (["a"], {"m": 1}, DeclarationError, "real numbers"),
])
def test_wrong_arrays(flat: object, sizes: dict[str, int] | None, error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error, match=words):
        derive("a^T X b", wrt="X").unvec(flat, sizes=sizes)


def test_wrong_order() -> None:
    with pytest.raises(DeclarationError, match='"columns" or "rows"'):
        derive("A x", wrt="A").vec("diagonals")
    with pytest.raises(ShapeError, match="family of matrices"):
        derive("sum_{n=1}^N A_n x", wrt="A_n", declare={"A_n": "R^{m x k}"}).vec()


def test_source_says_how_matrices_are_stacked() -> None:
    source = derive("A x", wrt="A").flat("rows").numpy("stacked")
    assert "def stacked(A, x):" in source and "stacked by rows" in source and "kron(I_m, x^T)" in source
    with pytest.raises(DeclarationError):
        derive("A x", wrt="A").flat().numpy("not a name")


@pytest.mark.parametrize(("text", "wrt", "times", "order", "latex"), [
    ("A X^T B", "X", 1, "columns", (r"\frac{\partial \operatorname{vec}(A X^{\top} B)}{\partial \operatorname{vec}(X)^{\top}}"
     r" = (B^{\top} \otimes A) \mathbf{K}_{p, n} \in \mathbb{R}^{m q \times n p}")),
    ("W x", "W", 1, "rows", (r"\frac{\partial}{\partial \operatorname{rvec}(W)^{\top}} (W x)"
     r" = I_{m} \otimes x^{\top} \in \mathbb{R}^{m \times m n}")),
    ("tr(X^2)", "X", 2, "columns", (r"\frac{\partial^{2}}{\partial \operatorname{vec}(X)\,\partial \operatorname{vec}(X)^{\top}}"
     r" (\operatorname{tr}(X^{2})) = 2 \mathbf{K}_{n, n} \in \mathbb{R}^{n^{2} \times n^{2}}")),
])
def test_equation(text: str, wrt: str, times: int, order: str, latex: str) -> None:
    assert derive(text, wrt, order=times).flat(order).latex(equation=True) == latex
