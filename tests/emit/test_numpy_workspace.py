"""Classes with buffers: the value of the plain function, no shared memory unless asked for, sizes fixed."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from matcalc import derive, gradients, hessian, hvp, value_and_gradient
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.evaluation import compiled

CASES: list[Any] = [
    derive("x^T A x", "x"), derive("A x", "A"), derive("1/2 ||y - tanh(A x + b)||^2", "A"), derive("A^-1", "A"), derive("x", "x"),
    derive("A", "A"), derive("A B", "B"), derive("softmax(A x)", "x"), derive("y^T x", "x"), derive("3 x", "x"), derive("s^2", "s", declare={"s": "R"}),
    derive("logdet(X) + v^T X^-1 v", "X", declare={"X": "R^{n x n} posdef", "v": "R^n"}), derive("||T - U V^T||^2", "U"), derive("x^T A^T", "x"),
    hessian("sum(log(1 + exp(-y .* (X w))))", "w"), hessian("logsumexp(A x)", "x"), hessian("x^T A x", "x"), hvp("logsumexp(A x)", "x"),
    derive("sum(1 ./ (1 + x.^2))", "x"), derive("sum_{n=1}^N (y_n - w^T x_n)^2", "w"), derive("self^T reuse", "self"), derive("sizes^T A sizes", "sizes"),
    value_and_gradient("||X b - y||^2", "b"), gradients("||y - W2 tanh(W1 x + b1) - b2||^2", ["W1", "b1", "W2", "b2"]),
    gradients("1/(2 N) sum_{n=1}^N (w2^T relu(W1 x_n + b1) + b2 - y_n)^2", ["W1", "b1", "w2", "b2"], {"b2": "R"}), gradients("A x", ["A", "x"]),
    derive("x^T x", "x", order=2), derive("x^T A y + y^T B x", "x"), derive("A x + A x", "x"),
]


def flat(found: Any) -> list[np.ndarray]:
    parts = found if isinstance(found, tuple) else (found,)
    return [np.asarray(a) for part in parts for a in (part.values() if isinstance(part, dict) else [part])]


def built(d: Any, seed: int, **options: bool) -> tuple[Any, list[dict[str, np.ndarray]]]:
    rng = np.random.default_rng(seed)
    sizes = draw_sizes((d.expr, *d.variables.values()), rng)
    points = [draw_point(d.variables, sizes, rng) for _ in range(2)]
    make = compiled(d.numpy("Function", workspace=True), "Function")
    names = make.__init__.__code__.co_varnames[1 : make.__init__.__code__.co_argcount - 1]  # type: ignore[misc]
    return make(*(sizes[name.removesuffix("_")] for name in names), **options), points


@pytest.mark.parametrize("d", CASES, ids=lambda d: str(d.expr.key[:3].hex()) + type(d).__name__)
@pytest.mark.parametrize("reuse", [False, True])
def test_values_are_those_of_the_plain_function(d: Any, reuse: bool) -> None:
    function, points = built(d, 0, reuse=reuse)
    for point in [*points, *points]:
        inputs = {name: array.copy() for name, array in point.items()}
        for own, plain in zip(flat(function(*point.values())), flat(d(**point)), strict=True):
            assert own.shape == plain.shape and np.allclose(own, plain, rtol=1e-13, atol=1e-13)
        assert all(np.array_equal(inputs[name], point[name]) for name in point)


@pytest.mark.parametrize("d", CASES, ids=lambda d: str(d.expr.key[:3].hex()) + type(d).__name__)
def test_results_share_no_memory(d: Any) -> None:
    function, (first, second) = built(d, 1)
    one = flat(function(*first.values()))
    copies = [a.copy() for a in one]
    two = flat(function(*second.values()))
    assert all(np.array_equal(a, c) for a, c in zip(one, copies, strict=True))
    everything = [*one, *two, *first.values(), *second.values(), *(a for a in vars(function).values() if isinstance(a, np.ndarray))]
    assert not any(np.shares_memory(a, b) for a in [*one, *two] for b in everything if a is not b and a.ndim)


def test_buffers_are_returned_on_request_and_nothing_is_allocated() -> None:
    d = derive("1/2 ||y - tanh(A x + b)||^2", "A")
    rng, n = np.random.default_rng(0), 300
    values = [rng.normal(size=n), rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)]
    function = compiled(d.numpy("Function", workspace=True), "Function")(n, n, reuse=True)
    assert function(*values) is function(*values)
    tracemalloc.start()
    function(*values)
    assert tracemalloc.get_traced_memory()[1] < values[1].nbytes / 4
    tracemalloc.stop()


def test_other_sizes_are_refused() -> None:
    function = compiled(derive("x^T A x", "x").numpy("Function", workspace=True), "Function")(3)
    with pytest.raises(ValueError, match="the buffers are for n = "):
        function(np.ones(4), np.ones((4, 4)))
    with pytest.raises(ValueError, match="A must be in"):
        function(np.ones(3), np.ones((3, 4)))
