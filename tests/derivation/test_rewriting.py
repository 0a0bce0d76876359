"""Derivatives in derivations: worked out in normal form, with deltas as they are first written down."""

from matcalc.core.dims import Dim
from matcalc.derivation.rewriting import expanded, unevaluated, with_deltas
from matcalc.ir import build as b
from matcalc.ir.nodes import UNIT

N, P = Dim.of("n"), Dim.of("p")
X = b.var("X", (P, N))


def test_the_derivative_of_a_variable_by_itself() -> None:
    state = unevaluated("partial", X, X)
    deltas = [(b.delta(P), ("i", "k")), (b.delta(N), ("j", "l"))]
    assert expanded(state) is b.contract(deltas, ("i", "j", "k", "l"))
    written = with_deltas(state)
    assert written.args == (b.delta(P), b.delta(N)) and written.data == ((0, 2), (1, 3))
    assert written is not expanded(state)


def test_a_vector_by_itself() -> None:
    x, t = b.var("x", (N,)), b.var("t", ())
    state = unevaluated("partial", x, x)
    assert expanded(state) is with_deltas(state) is b.delta(N)
    assert unevaluated("partial", t, t) is UNIT


def test_a_differential_of_a_variable_stays() -> None:
    state = unevaluated("differential", X, X)
    assert expanded(state) is state
