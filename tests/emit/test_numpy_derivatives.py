"""Derivatives of formulas of all kinds: emitted code against the interpreter, and against finite differences."""

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.functions import FUNCTIONS
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan
from matcalc.syntax.elaborate import elaborate

VECTORS = {"x": "R^n", "y": "R^n", "b": "R^m", "A": "R^{m x n}", "B": "R^{n x p}", "S": "R^{n x n}", "P": "R^{n x n} posdef",
           "t": "R", "W": "R^{m x m}", "X": "R^{m x n}"}
FAMILIES = {"x_n": "R^D", "y_n": "R", "w": "R^D", "V": "R^{K x D}", "C": "R^{D x D} posdef", "t": "R"}

FORMULAS: list[tuple[str, str, int]] = [
    ("x^T S x", "x", 1), ("x^T S x", "x", 2), ("x^T S x", "S", 1), ("x^T P x", "P", 1), ("(x^T P x)^2", "x", 2),
    ("||A x - b||^2", "x", 1), ("||A x - b||^2", "A", 1), ("||A x - b||", "x", 1), ("||x - y||", "x", 2), ("1/||x||", "x", 1),
    ("A x", "A", 1), ("S S x", "S", 1), ("A B", "B", 1), ("A S B", "S", 1), ("x x^T", "x", 1), ("x^T x S", "x", 1),
    ("tanh(A x + b)", "x", 1), ("tanh(A x + b)", "A", 1), ("b^T sigmoid(A tanh(S x))", "S", 1), ("sum(exp(A x))", "x", 2),
    ("tr(S^-1)", "S", 1), ("y^T S^-1 x", "S", 1), ("S^-1 x", "S", 1), ("y^T S^-2 x", "S", 1), ("S^3", "S", 1), ("tr(S^4)", "S", 1),
    ("logdet(P)", "P", 1), ("logdet(S^T S)", "S", 1), ("det(S)", "S", 1), ("x^T P^-1 x + logdet(P)", "P", 1), ("log(det(P))", "P", 1),
    ("softmax(A x)", "x", 1), ("logsumexp(A x)", "x", 1), ("logsumexp(x)", "x", 2), ("b^T log(softmax(A x))", "A", 1),
    ("diag(x) S", "x", 1), ("S diag(x) y", "x", 1), ("tr(diag(x) S)", "x", 1), ("diag(S)", "S", 1), ("diag(S x)", "x", 1),
    ("vec(A S)", "S", 1), ("vec(A)^T vec(X)", "A", 1), ("kron(x, b)", "x", 1), ("(x ⊗ b)^T (y ⊗ b)", "b", 1), ("A ⊗ S", "S", 1),
    ("[x; b; t]^T [y; b; t]", "x", 1), ("[x .* x; t b]", "x", 1), ("[S, x; y^T, t]", "x", 1), ("det([S, x; y^T, t])", "S", 1),
    ("x .* y .* x", "x", 1), ("x.^t", "t", 1), ("sum(x.^y)", "y", 1), ("(x^T y) / (x^T x)", "x", 2), ("mean(A x)", "x", 1),
    ("norm1(A x)", "x", 1), ("sum(relu(A x - b))", "A", 1), ("||A S B||_F", "S", 1), ("max(x, y)", "x", 1), ("t^3 x", "t", 2),
    ("tr(S P) + tr(S) + sum(S)", "S", 1), ("(I - 2 x x^T/(x^T x)) y", "x", 1),
    ("||y - A^T W tanh(A x)||^2", "A", 1), ("expm(S) x", "x", 1), ("x^T (S + x y^T) (S - y x^T) x", "x", 1),
    ("sum_{n=1}^N (y_n - w^T x_n)^2", "w", 1), ("sum_{n=1}^N (y_n - w^T x_n)^2", "w", 2), ("sum_{n=1}^N ||V x_n||", "V", 1),
    ("1/N sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "w", 2), ("sum_{n=1}^N logsumexp(V x_n)", "V", 1),
    ("sum_{n=1}^N (x_n - w)^T C^-1 (x_n - w) + N logdet(C)", "C", 1), ("sum_{n=1}^N V x_n", "V", 1),
    ("sum_{n=1}^N softmax(V x_n)", "V", 1), ("sum_{n=1}^N tanh(t y_n) x_n", "t", 2), ("sum_{n=1}^N [x_n; y_n]", "x_n", 1),
]


@pytest.mark.parametrize(("text", "wrt", "order"), FORMULAS, ids=[f"{text} by {wrt} {order}" for text, wrt, order in FORMULAS])
def test_derivatives(text: str, wrt: str, order: int) -> None:
    declare = {n: s for n, s in (FAMILIES if "_{n=1}" in text else VECTORS).items() if n in text}
    d = derive(text, wrt, order, declare)
    for seed in range(2):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes([d.expr, *d.variables.values()], rng)
        point = draw_point(d.variables, sizes, rng, positive=".^" in text)
        before = {name: array.copy() for name, array in point.items()}
        value, expected = d(**point), evaluate_tensor(d.tensor, point, sizes)
        assert np.shape(value) == expected.shape and np.asarray(value).dtype == np.float64
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-9 * (1 + np.abs(expected).max(initial=0.0)))
        assert all(np.array_equal(point[name], before[name]) for name in point)
    report = d.check()
    assert report.passed, report


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("space", ["R", "R^n", "R^{m x n}"])
def test_functions(name: str, space: str) -> None:
    arguments = ", ".join("uv"[: FUNCTIONS[name].arity])
    program = elaborate(f"{name}({arguments})", {"u": space, "v": space})
    rng = np.random.default_rng(1)
    sizes = draw_sizes([program.expr], rng)
    positive = FUNCTIONS[name].domain == "positive"
    point = draw_point(program.variables, sizes, rng, positive=positive, scale=0.5)
    parameters = {n: parameter_of(v) for n, v in program.variables.items()}
    scope: dict[str, object] = {}
    exec(to_numpy(plan(lower(program.expr)), parameters, "f", "A function."), scope)  # noqa: S102
    value = scope["f"](*point.values())  # type: ignore[operator]
    np.testing.assert_allclose(value, evaluate(program.expr, point, sizes), rtol=1e-14)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh", "erf", "relu"])
def test_functions_far_out(name: str) -> None:
    program = elaborate(f"{name}(u)", {"u": "R^n"})
    point = {"u": np.array([-1000.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 1000.0])}
    scope: dict[str, object] = {}
    exec(to_numpy(plan(lower(program.expr)), {"u": parameter_of(program.variables["u"])}, "f", "doc"), scope)  # noqa: S102
    with np.errstate(all="raise", under="ignore"):
        value = scope["f"](point["u"])  # type: ignore[operator]
    np.testing.assert_allclose(value, evaluate(program.expr, point, {"n": 7}), rtol=1e-14, atol=1e-300)
