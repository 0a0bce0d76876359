"""Blocks of data: as the whole within rounding, memory bounded by the block, and no loop over data."""

from __future__ import annotations

import ast
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcalc import MatcalcError, derive, gradients, hessian, hvp, value_and_gradient
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.evaluation import compiled

CASES: list[tuple[Callable[..., Any], str, str | list[str], str | None, dict[str, str]]] = [
    (derive, "1/(2 N) sum_{n=1}^N (y_n - w^T x_n)^2", "w", None, {}),
    (hessian, "sum_{n=1}^N log(1 + exp(-y_n w^T x_n)) + 1/2 ||w||^2", "w", None, {}),
    (hvp, "sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "w", None, {"y_n": "R"}),
    (value_and_gradient, "1/N sum_{n=1}^N exp(-||x_n - c||^2)", "c", None, {}),
    (gradients, "1/(2 N) sum_{n=1}^N (w2^T relu(W1 x_n + b1) + b2 - y_n)^2", ["W1", "b1", "w2", "b2"], None, {"b2": "R"}),
    (gradients, "sum_{n=1}^N (logsumexp(z) - z^T y_n) where z = W tanh(V x_n)", ["V", "W"], None, {}),
    (derive, "||X w - y||^2 + lambda ||w||^2", "w", "m", {}), (hessian, "logsumexp(A x)", "A", None, {}),
    (derive, "1/2 logdet(S) where S = I_d + 1/N sum_{n=1}^N (x_n - mu) (x_n - mu)^T", "mu", None, {"x_n": "R^d"}),
    (gradients, "||tanh(X W) v - y||^2", ["W", "v"], "N", {"X": "R^{N x d}"}),
    (derive, "N^2 sum_{n=1}^N count^T x_n", "count", None, {}),
]


@pytest.mark.parametrize(("make", "text", "wrt", "over", "declare"), [c for c in CASES if c[0] is not hessian or "logsum" not in c[1]])
@pytest.mark.parametrize("block", [1, 4, 11, 50])
def test_blocks_give_the_whole(make: Callable[..., Any], text: str, wrt: str | list[str], over: str | None,
                               declare: dict[str, str], block: int) -> None:
    d = make(text, wrt, declare=declare)
    chunked, rng = d.chunked(over), np.random.default_rng(0)
    sizes = {**draw_sizes((d.expr, *d.variables.values()), rng), str(chunked.stages.length): 11}
    point = draw_point(d.variables, sizes, rng)
    for whole, found in zip(arrays(d(**point)), arrays(chunked(block, **point)), strict=True):
        assert np.allclose(found, whole, rtol=1e-12, atol=1e-12)


def arrays(found: Any) -> list[np.ndarray]:
    if not isinstance(found, tuple):
        return [found]
    return [a for part in found for a in (part.values() if isinstance(part, dict) else [part])]


@pytest.mark.parametrize(("make", "text", "wrt", "over", "declare"), CASES)
def test_no_code_has_a_loop_over_data(make: Callable[..., Any], text: str, wrt: str | list[str], over: str | None,
                                      declare: dict[str, str]) -> None:
    source = make(text, wrt, declare=declare).numpy()
    body = next(n for n in ast.parse(source).body[::-1] if isinstance(n, ast.FunctionDef))
    assert not any(isinstance(n, ast.For | ast.While | ast.comprehension) for n in ast.walk(body))


def test_source_is_a_module_of_two_functions() -> None:
    source = gradients("1/N sum_{n=1}^N (y_n - w^T x_n)^2", ["w"]).numpy(chunked=True)
    x, y, w = np.arange(12.0).reshape(6, 2), np.arange(6.0), np.array([0.5, -1])
    parts = [compiled(source, "partial")(y[i : i + 4], w, x[i : i + 4]) for i in (0, 4)]
    value, gradient = compiled(source, "combine")(parts)
    assert np.isclose(value, np.mean((y - x @ w) ** 2)) and np.allclose(gradient, -2 * x.T @ (y - x @ w) / 6)


def test_memory_is_bounded_by_the_block() -> None:
    g = gradients("1/N sum_{n=1}^N (v^T tanh(W x_n) - y_n)^2", ["W", "v"])
    rng, count = np.random.default_rng(0), 40_000
    values = {"v": rng.normal(size=30), "W": rng.normal(size=(30, 5)), "x": rng.normal(size=(count, 5)), "y": rng.normal(size=count)}
    peaks = []
    for call in (lambda: g(**values), lambda: g.chunked()(1000, **values)):
        call()
        tracemalloc.start()
        call()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 15


@pytest.mark.parametrize(("text", "wrt", "over"), [
    ("sum_{n=1}^N (y_n - w^T x_n)^2", "x_n", None), ("x^T x", "x", None), ("||X w||^2", "w", "k"), ("logdet(X X^T)", "X", "m"),
    ("sum_{n=1}^N ||x_n - m||^3 where m = 1/N sum_{k=1}^N (w .* x_k)", "w", None),
    ("log(sum_{n=1}^N exp(w^T x_n))", "w", None), ("sum_{n=1}^N sum_{m=1}^N exp(-(w^T x_n - w^T x_m)^2)", "w", None),
])
def test_what_needs_more_than_one_pass_is_refused(text: str, wrt: str, over: str | None) -> None:
    with pytest.raises(MatcalcError):
        derive(text, wrt).chunked(over)


def test_bad_calls() -> None:
    chunked = derive("sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    for call in (lambda: chunked(0, y=1), lambda: chunked.combine([]), lambda: chunked(3, w=np.ones(2)), lambda: chunked(2.5)):
        with pytest.raises(MatcalcError):
            call()
