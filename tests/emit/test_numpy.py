"""Emitted functions agree with the interpreter of the index language, and leave their inputs alone."""

import numpy as np
import pytest

from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import SCALAR, Dim, matrix, vector
from matcalc.core.functions import FUNCTIONS
from matcalc.diff.differentiate import differentiate
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan

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


@pytest.mark.parametrize("expr", CASES, ids=repr)
def test_emitted_derivatives(expr: Expr) -> None:
    rng = np.random.default_rng(7)
    variables = {v.name: v for v in (A, B, C, x, y, z, t)}
    sizes = draw_sizes([expr, *variables.values()], rng)
    point = draw_point(variables, sizes, rng, positive=True)
    point["z"] = point["z"] / (1 + np.abs(point["z"]).max())
    before = {k: v.copy() for k, v in point.items()}
    parameters = {k: parameter_of(v) for k, v in variables.items()}
    tensor = lower(expr)
    for result in (tensor, *(differentiate(tensor, lower(v)) for v in variables.values())):
        source = to_numpy(plan(result), parameters, "f", "A derivative.")
        scope: dict[str, object] = {}
        exec(compile(source, "<emitted>", "exec"), scope)  # noqa: S102
        value = scope["f"](*point.values())  # type: ignore[operator]
        expected = evaluate_tensor(result, point, sizes)
        assert np.shape(value) == expected.shape, source
        np.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-10, err_msg=source)
    assert all(np.array_equal(point[k], before[k]) for k in point)
