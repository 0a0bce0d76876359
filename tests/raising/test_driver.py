"""Derivatives come back in the form that a textbook prints, and lower to the tensor they were raised from."""

import pytest

from matcalc.core.dims import Dim, matrix, vector
from matcalc.diff.differentiate import differentiate
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.lowering.lower import lower
from matcalc.raising.driver import Raiser
from matcalc.raising.view import Setting
from matcalc.simplify.factor import factor

M, N = Dim.of("m"), Dim.of("n")
A, X, S = e.variable("A", matrix(M, N)), e.variable("X", matrix(N, N)), e.variable("S", matrix(N, N), ["symmetric"])
a, b, x, y = (e.variable(n, vector(d)) for n, d in (("a", N), ("b", N), ("x", N), ("y", M)))
T, P = e.transpose, e.product
RESIDUAL = e.add([y, e.negate(P([A, x]))])
LAYER = e.elementwise("tanh", [e.add([P([A, x]), y])])


@pytest.mark.parametrize(
    ("expr", "wrt", "text"),
    [
        (P([T(x), X, x]), x, "x^T (X + X^T)"),
        (P([T(x), S, x]), x, "2 x^T S"),
        (e.power(e.APPLY["norm"](RESIDUAL), e.number(2)), x, "2 (A x - y)^T A"),
        (P([T(a), X, b]), X, "a b^T"),
        (P([T(a), e.matpow(X, -1), b]), X, "-(X^-1 b a^T X^-1)^T"),
        (e.APPLY["logdet"](X), X, "X^-T"),
        (e.APPLY["tr"](e.matpow(X, 3)), X, "3 (X^2)^T"),
        (LAYER, x, "diag(1 - tanh(y + A x).^2) A"),
        (e.APPLY["norm"](x), x, "x^T/||x||"),
        (e.APPLY["sum"](e.elementwise("relu", [P([A, x])])), x, "1[A x > 0]^T A"),
    ],
)
def test_textbook_forms(expr: Expr, wrt: Expr, text: str) -> None:
    tensor = factor(differentiate(lower(expr), lower(wrt)))
    names = {v: n for n, v in enumerate("yAXSabx")}
    row = expr.shape.is_scalar and wrt.shape.kind == "vector"
    raised = Raiser(names, Setting({}, factor)).to_matrix(tensor, as_row=row)
    assert lower(raised) is tensor
    assert to_text(raised) == text
