import numpy as np
import pytest

from matcalc.api import derive
from matcalc.core.dims import Dim, vector
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.lowering.lower import lower
from matcalc.simplify.recognise import recognise

x = e.variable("x", vector(Dim.of("n")))
ONE = e.number(1)
EXP = e.elementwise("exp", [x])
TOTAL = e.APPLY["sum"](EXP)


def test_spelled_out_functions_are_named() -> None:
    pairs: list[tuple[Expr, Expr]] = [
        (e.elementwise("log", [e.add([ONE, EXP])]), e.elementwise("softplus", [x])),
        (e.power(e.add([ONE, e.elementwise("exp", [e.negate(x)])]), e.number(-1)), e.elementwise("sigmoid", [x])),
        (e.elementwise("log", [TOTAL]), e.APPLY["logsumexp"](x)),
        (e.divide(EXP, TOTAL), e.softmax(x)),
    ]
    for spelled, named in pairs:
        assert recognise(lower(spelled)) is lower(named)


def test_neighbours_are_left_alone() -> None:
    two = e.elementwise("log", [e.add([e.number(2), EXP])])
    assert recognise(lower(two)) is lower(two)


@pytest.mark.parametrize(("text", "wrt", "closed"), [
    ("sum(log(exp(X W) ones(k))) - sum(Y .* (X W))", "W", "X^T (diag(1 ./ exp(X W) ones(k)) exp(X W) - Y)"),
    ("sum_{n=1}^N log(sum(exp(W x_n)))", "W", "sum_{n=1}^{N} softmax(W x_n) x_n^T"),
    ("sum(log(exp(A)^T ones(m)))", "A", "exp(A^T)^T diag(1 ./ exp(A^T) ones(m))"),
])
def test_softmax_of_rows(text: str, wrt: str, closed: str) -> None:
    d = derive(text, wrt)
    assert str(d) == closed
    assert d.check().passed
    assert "softmax" in d.numpy()


def test_softmax_of_rows_does_not_overflow() -> None:
    d = derive("sum(log(exp(X W) ones(k)))", "W")
    assert np.isfinite(np.asarray(d(X=np.full((5, 3), 1000.0), W=np.ones((3, 4))))).all()
