"""Formulas that several tests run over: every function and most heads, at pairwise distinct dimensions."""

from matcalc.core.dims import SCALAR, Dim, matrix, vector
from matcalc.core.functions import FUNCTIONS
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr

M, N = Dim.of("m"), Dim.of("n")
A, B, C = e.variable("A", matrix(M, N)), e.variable("B", matrix(N, N)), e.variable("C", matrix(N, N))
x, y, z, t = (
    e.variable("x", vector(N)), e.variable("y", vector(M)), e.variable("z", vector(N)), e.variable("t", SCALAR),
)
T, P, inv = e.transpose, e.product, e.APPLY["inv"]
TWO = e.number(2)


def f(name: str, *args: Expr) -> Expr:
    return e.elementwise(name, args)


LAYER = f("tanh", e.add([P([A, x]), y]))
CASES: list[Expr] = [
    P([T(x), B, x]),
    P([T(x), B, C, B, z]),
    LAYER,
    e.APPLY["norm"](e.add([y, e.negate(LAYER)])),
    e.APPLY["sum"](f("exp", P([A, x]))),
    e.APPLY["tr"](P([B, C, B])),
    e.APPLY["det"](B),
    e.APPLY["logdet"](e.add([P([T(A), A]), e.identity(N)])),
    inv(e.add([B, C])),
    P([e.matpow(B, -2), x]),
    e.matpow(B, 3),
    P([A, e.diag(x), T(A)]),
    P([T(x), e.diag(B)]),
    e.softmax(P([B, x])),
    e.APPLY["logsumexp"](x),
    e.hadamard([P([B, x]), e.power(x, TWO), z]),
    e.divide(P([B, x]), P([T(x), x])),
    P([e.power(t, t), x]),
    e.power(f("exp", x), t),
    e.APPLY["mean"](f("sigmoid", P([t, B]))),
    P([x, T(x), e.ones(vector(N)), T(z)]),
    f("max", x, P([B, z])),
    e.APPLY["norm1"](P([B, x])),
    *(f(name, z) for name in FUNCTIONS if FUNCTIONS[name].arity == 1),
]
