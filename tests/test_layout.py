"""Both layouts against the tables that books print, and what each of them does to shape, LaTeX and flattened form."""

from __future__ import annotations

import re

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.syntax.elaborate import elaborate
from tests.flat import assert_flat_form

SPACES = {"A": "R^{m x n}", "B": "R^{n x n}", "C": "R^{m x m}", "D": "R^{m x n}", "X": "R^{m x n}", "Y": "R^{n x n}",
          "G": "R^{n x m}", "a": "R^n", "b": "R^m", "c": "R^n", "e": "R^m", "x": "R^n", "z": "R^n", "t": "R"}

# function, by, numerator layout, denominator layout
WIKIPEDIA = [
    # scalar by vector
    ("a^T x", "x", "a^T", "a"),
    ("b^T A x", "x", "b^T A", "A^T b"),
    ("x^T B x", "x", "x^T (B + B^T)", "(B + B^T) x"),
    ("x^T x", "x", "2 x^T", "2 x"),
    ("a^T x x^T c", "x", "x^T (a c^T + c a^T)", "(a c^T + c a^T) x"),
    ("(A x + b)^T C (D x + e)", "x", "(D x + e)^T C^T A + (A x + b)^T C D", "D^T C^T (A x + b) + A^T C (D x + e)"),
    ("||x - a||", "x", "(x - a)^T/||x - a||", "(x - a)/||x - a||"),
    # vector by vector
    ("x", "x", "I_n", "I_n"),
    ("A x", "x", "A", "A^T"),
    ("x^T B", "x", "B^T", "B"),
    ("(a^T x) A x", "x", "(a^T x) A + A x a^T", "(a^T x) A^T + a x^T A^T"),
    ("A tanh(x)", "x", "A diag(1 - tanh(x).^2)", "diag(1 - tanh(x).^2) A^T"),
    # vector and matrix by scalar: one layout
    ("a t^2", "t", "2 t a", "2 t a"),
    ("t A", "t", "A", "A"),
    ("(B + t I)^-1", "t", "-(B + t I)^-2", "-(B + t I)^-2"),
    # scalar by matrix: the shape of the matrix in both
    ("tr(A Y G)", "Y", "A^T G^T", "A^T G^T"),
    ("tr(X^T C X)", "X", "(C + C^T) X", "(C + C^T) X"),
    ("tr(Y^3)", "Y", "3 (Y^2)^T", "3 (Y^2)^T"),
    ("tr(Y^-1 B)", "Y", "-(Y^-1 B Y^-1)^T", "-(Y^-1 B Y^-1)^T"),
    ("b^T X a", "X", "b a^T", "b a^T"),
    ("a^T X^T b", "X", "b a^T", "b a^T"),
    ("(X a + b)^T C (X a + b)", "X", "(C + C^T) (X a + b) a^T", "(C + C^T) (X a + b) a^T"),
    ("det(Y)", "Y", "det(Y) Y^-T", "det(Y) Y^-T"),
    ("logdet(Y)", "Y", "Y^-T", "Y^-T"),
    ("||X||^2", "X", "2 X", "2 X"),
]


def declared(text: str) -> dict[str, str]:
    """The declarations of the names in a formula."""
    return {name: space for name, space in SPACES.items() if re.search(rf"\b{name}\b", text)}


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("case", WIKIPEDIA, ids=lambda case: f"{case[0]} by {case[1]}")
def test_table(case: tuple[str, str, str, str], layout: str) -> None:
    """The printed form has the kind, the sizes and the value of the table's."""
    text, wrt, numerator, denominator = case
    d = derive(text, wrt, declare=declared(text), layout=layout)
    known = denominator if layout == "denominator" else numerator
    expected = elaborate(known, declared(known)).expr
    assert d.matrix is not None and d.matrix.shape == expected.shape
    rng = np.random.default_rng(0)
    sizes = draw_sizes((d.expr, expected), rng)
    point = draw_point({**d.variables, **elaborate(known, declared(known)).variables}, sizes, rng)
    np.testing.assert_allclose(evaluate(d.matrix, point, sizes), evaluate(expected, point, sizes), rtol=1e-10, atol=1e-12)
    assert d.check().passed


OUTPUTS = {"scalar": ("b^T A x", "b^T X a", "t^2"), "vector": ("A x", "X a", "a t^2"), "matrix": ("x b^T", "C X", "t A")}


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("by", [0, 1, 2], ids=["vector", "matrix", "scalar"])
def test_array_does_not_depend_on_layout(output: str, by: int, layout: str) -> None:
    text = OUTPUTS[output][by]
    wrt = "xXt"[by]
    plain, d = derive(text, wrt, declare=declared(text)), derive(text, wrt, declare=declared(text), layout=layout)
    assert d.tensor is plain.tensor and d.shape == plain.shape
    rng = np.random.default_rng(1)
    point = draw_point(d.variables, draw_sizes((d.expr, *d.variables.values()), rng), rng)
    np.testing.assert_array_equal(d(**point), plain(**point))


@pytest.mark.parametrize("order", ["columns", "rows"])
@pytest.mark.parametrize("text, wrt", [(OUTPUTS[o][by], "xXt"[by]) for o in OUTPUTS for by in (0, 1, 2)])
def test_flattened_form_is_transposed(text: str, wrt: str, order: str) -> None:
    for layout in ("numerator", "denominator"):
        assert_flat_form(derive(text, wrt, declare=declared(text), layout=layout), order)


def test_layout_of_latex_and_of_what_follows() -> None:
    d = derive("x^T B x", "x", layout="denominator")
    assert d.latex(equation=True).endswith(r"(B + B^{\top}) x \in \mathbb{R}^{n}")
    again = d.derive("x")
    assert again.layout == "denominator" and str(again) == "B + B^T"
    assert derive("A x", "x", layout="denominator").latex(equation=True).endswith(r"A^{\top} \in \mathbb{R}^{n \times m}")
    assert derive("A x", "x", layout="denominator").flat().latex(equation=True) == (
        r"\frac{\partial}{\partial x} ((A x)^{\top}) = A^{\top} \in \mathbb{R}^{n \times m}")
    assert derive("A X", "X", layout="denominator").flat().latex(equation=True) == (
        r"\frac{\partial \operatorname{vec}(A X)^{\top}}{\partial \operatorname{vec}(X)} = I_{p} \otimes A^{\top}"
        r" \in \mathbb{R}^{n p \times m p}")


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_second_order_has_one_layout(layout: str) -> None:
    assert str(derive("x^T B x", "x", order=2, layout=layout)) == "B + B^T"
    assert derive("tr(X^T A X)", "X", order=2, layout=layout).vec() == "kron(I_n, A + A^T)"
    assert derive("A x (b^T x)", "x", order=2, layout=layout).vec() == "kron(A, b) + vec(A^T) b^T"
