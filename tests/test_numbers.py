"""Arrays as callers have them: any layout, any precision, empty or of size 1; never changed, never returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

import matcalc
from matcalc import derive, gradients, hvp, jvp, taylor, value_and_gradient, vjp

Array = np.ndarray
SPACES = {"A": "R^{m x n}", "B": "R^{n x n}", "x": "R^n", "y": "R^n", "b": "R^m", "t": "R", "P": "R^{n x n} posdef"}
FORMULAS = [
    ("x^T y", "x"), ("x^T B x", "x"), ("A x", "x"), ("A x", "A"), ("x", "x"), ("A", "A"), ("t x", "x"), ("x y^T", "x"), ("vec(B)", "B"),
    ("||A x - b||^2", "x"), ("||A x - b||^2", "A"), ("tanh(A x + b)", "x"), ("x .* y", "x"), ("sum(A)", "A"), ("tr(B)", "B"),
    ("softmax(A x)", "x"), ("logsumexp(A x)", "x"), ("relu(A x)", "x"), ("tr(A^T A)", "A"), ("B x + y", "y"), ("3 x^T x", "x"),
    ("x^T P^-1 x", "x"), ("A^T b", "b"), ("exp(t) x", "t"), ("sum(x)", "t"), ("A .* A", "A"), ("diag(x)", "x"), ("B^T", "B"),
]
SIZES = {"m": 3, "n": 4}


def point_of(variables: Mapping[str, object], sizes: Mapping[str, int], seed: int = 0) -> dict[str, Array]:
    """Random arrays for the variables; P is positive definite."""
    rng = np.random.default_rng(seed)
    m, n = sizes["m"], sizes["n"]
    shapes = {"A": (m, n), "B": (n, n), "x": (n,), "y": (n,), "b": (m,), "t": (), "P": (n, n), "v": (n,), "x0": (n,)}
    point = {name: rng.standard_normal(shapes[name]) for name in variables}
    if "P" in point:
        point["P"] = point["P"] @ point["P"].T + n * np.eye(n)
    return {name: np.asarray(value) for name, value in point.items()}


def results(value: object) -> list[Array]:
    """All arrays in what a call returns."""
    if isinstance(value, tuple | list):
        return [part for inner in value for part in results(inner)]
    if isinstance(value, dict):
        return results(list(value.values()))
    return [np.asarray(value)]


def derivative(text: str, wrt: str) -> matcalc.Derivative:
    return derive(text, wrt, declare={n: s for n, s in SPACES.items() if n in text or n == wrt})


def strided(array: Array) -> Array:
    """A view of every second element."""
    view = np.zeros(tuple(2 * s for s in array.shape))[(*(slice(None, None, 2) for _ in array.shape), ...)]
    view[...] = array
    return view


def reversed_(array: Array) -> Array:
    """A view with negative strides."""
    flipped = array[tuple(slice(None, None, -1) for _ in array.shape)].copy()
    return flipped[tuple(slice(None, None, -1) for _ in array.shape)] if array.ndim else array


def read_only(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


LAYOUTS: dict[str, Callable[[Array], object]] = {
    "Fortran": lambda a: np.asarray(a, order="F"), "strided": strided, "reversed": reversed_, "read-only": read_only, "list": lambda a: a.tolist(),
    "big-endian": lambda a: a.astype(">f8"), "broadcast": lambda a: np.broadcast_to(a, a.shape), "longdouble": lambda a: a.astype(np.longdouble),
    "subclass": lambda a: a.view(type("Own", (np.ndarray,), {})), "masked": np.ma.asarray,
}


@pytest.mark.parametrize(("text", "wrt"), FORMULAS, ids=[f"{t} by {w}" for t, w in FORMULAS])
def test_layouts_change_nothing(text: str, wrt: str) -> None:
    d = derivative(text, wrt)
    point = point_of(d.variables, SIZES)
    expected = np.asarray(d(**point))
    for layout, laid_out in LAYOUTS.items():
        given = {name: laid_out(array) for name, array in point.items()}
        before = {name: np.asarray(value).tobytes() for name, value in given.items()}
        found = np.asarray(d(**given))
        assert found.dtype == np.float64 and found.shape == expected.shape, layout
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13, err_msg=layout)
        assert {name: np.asarray(value).tobytes() for name, value in given.items()} == before, layout


CALLS: dict[str, Callable[[], object]] = {
    **{f"{t} by {w}": (lambda t=t, w=w: derivative(t, w)) for t, w in FORMULAS},  # type: ignore[misc]
    "gradients": lambda: gradients("x^T y + ||A x - b||^2", ["x", "y", "A", "b"]),
    "gradients of a product": lambda: gradients("x^T y", ["x", "y"]),
    "value and gradient": lambda: value_and_gradient("x^T y", "x"),
    "hvp": lambda: hvp("x^T x", "x"), "jvp": lambda: jvp("x", "x"), "vjp": lambda: vjp("B x", "x"), "vjp of itself": lambda: vjp("x", "x"),
    "taylor": lambda: taylor("x", "x"), "flat": lambda: derivative("B^T", "B").flat(),
}


@pytest.mark.parametrize("name", CALLS)
def test_results_are_new_arrays(name: str) -> None:
    """They share no memory with an argument or with each other, and may be written to; a second call gives the same."""
    call = CALLS[name]()
    variables = call.variables if hasattr(call, "variables") else call.derivative.variables  # type: ignore[attr-defined]
    point = point_of(variables, SIZES)
    before = {n: a.tobytes() for n, a in point.items()}
    found = results(call(**point))  # type: ignore[operator]
    assert {n: a.tobytes() for n, a in point.items()} == before
    for k, array in enumerate(found):
        assert not any(np.shares_memory(array, given) for given in point.values())
        assert not any(np.shares_memory(array, other) for other in found[k + 1 :])
        assert array.flags.writeable or not array.ndim
    again = results(call(**point))  # type: ignore[operator]
    assert [a.tobytes() for a in found] == [a.tobytes() for a in again]
    for array in found:
        array[...] = np.nan
    assert {n: a.tobytes() for n, a in point.items()} == before
    assert not any(np.isnan(a).any() for a in results(call(**point)))  # type: ignore[operator]


@pytest.mark.parametrize(("text", "wrt"), FORMULAS, ids=[f"{t} by {w}" for t, w in FORMULAS])
def test_precision_is_kept(text: str, wrt: str) -> None:
    d = derivative(text, wrt)
    point = point_of(d.variables, SIZES)
    expected = np.asarray(d(**point))
    single = np.asarray(d(**{n: a.astype(np.float32) for n, a in point.items()}))
    assert single.dtype == np.float32 and single.shape == expected.shape
    np.testing.assert_allclose(single, expected, rtol=1e-4, atol=1e-5)
    if len(point) > 1:
        mixed = {n: a.astype(np.float32) if k else a for k, (n, a) in enumerate(point.items())}
        assert np.asarray(d(**mixed)).dtype == np.float64


def test_python_numbers_do_not_widen() -> None:
    d = derive("t x", "x", declare={"t": "R", "x": "R^n"})
    assert np.asarray(d(t=2.0, x=np.ones(2, np.float32))).dtype == np.float32
    assert np.asarray(d(t=2, x=np.ones(2, np.float16))).dtype == np.float16
    assert np.asarray(d(t=np.float64(2), x=np.ones(2, np.float32))).dtype == np.float64


@pytest.mark.parametrize("kind", ["int64", "int8", "uint8", "bool"])
def test_integers_are_promoted(kind: str) -> None:
    for text, wrt, given, expected in (
        ("x.^-1", "x", {"x": [1, 1, 1]}, -np.eye(3)), ("x^T x", "x", {"x": [100, 1, 1]}, [200, 2, 2]),
        ("sum(x ./ y)", "x", {"x": [1, 1], "y": [1, 1]}, [1, 1]), ("x^T y", "x", {"x": [1, 0], "y": [1, 1]}, [1, 1]),
    ):
        arrays = {n: np.array(v).astype(kind) for n, v in given.items()}
        found = np.asarray(derive(text, wrt, declare=dict.fromkeys(given, "R^n"))(**arrays))
        assert found.dtype == np.float64
        if kind != "bool" or 100 not in given["x"]:
            np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(("text", "wrt"), [f for f in FORMULAS if "logsumexp" not in f[0] and "softmax" not in f[0]],
                         ids=[f"{t} by {w}" for t, w in FORMULAS if "logsumexp" not in t and "softmax" not in t])
def test_empty_and_single(text: str, wrt: str) -> None:
    d = derivative(text, wrt)
    for m, n in ((0, 0), (0, 3), (3, 0), (1, 1), (1, 3), (3, 1)):
        sizes = {"m": m, "n": n}
        found = np.asarray(d(**point_of(d.variables, sizes)))
        assert found.shape == tuple(axis.evaluate(sizes) for axis in d.tensor.axes), sizes
        assert np.isfinite(found).all(), sizes


@pytest.mark.parametrize("sizes", [{"m": 1, "n": 1}, {"m": 1, "n": 3}, {"m": 3, "n": 1}])
@pytest.mark.parametrize("text", ["softmax(A x)", "logsumexp(A x)"])
def test_reductions_of_one(text: str, sizes: dict[str, int]) -> None:
    d = derivative(text, "x")
    assert np.isfinite(np.asarray(d(**point_of(d.variables, sizes)))).all()


@pytest.mark.parametrize(("text", "at", "value"), [
    ("relu(x)", 0.0, 0.0), ("abs(x)", 0.0, 0.0), ("|x|", 0.0, 0.0), ("step(x)", 0.0, 0.0), ("sign(x)", 0.0, 0.0), ("max(x, 0)", 0.0, None),
    ("sqrt(x^2)", 0.0, None),
])
def test_scalars_at_kinks(text: str, at: float, value: float | None) -> None:
    """Source: docs/conventions.md, "At a kink"."""
    found = float(np.asarray(derive(text, "x", declare={"x": "R"})(x=at)))
    assert value is None or found == value


@pytest.mark.parametrize("text", ["||x||", "||x||_1", "||x - y||", "||B x||", "norm(x)", "sum(relu(x))"])
def test_norms_at_zero_have_gradient_zero(text: str) -> None:
    d = derivative(text, "x")
    point = {n: np.zeros_like(a) for n, a in point_of(d.variables, SIZES).items()}
    assert np.array_equal(np.asarray(d(**point)), np.zeros(4))
