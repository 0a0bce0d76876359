"""Functions of one flat vector: against finite differences, and under the optimisers that they are for."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pytest
from scipy.optimize import NonlinearConstraint, check_grad, least_squares, minimize, root

from matcalc import DeclarationError, MatcalcError, ShapeError, gradients
from matcalc.adapters.packed import Packed
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes

pytestmark = pytest.mark.slow

Array = np.ndarray
STEP = 1e-5
SCALARS: list[tuple[str, list[str], dict[str, str]]] = [
    ("||X b - y||^2 + lambda ||b||^2", ["b"], {}), ("||X b - y||^2 + lambda ||b||^2", ["b", "lambda"], {}),
    ("||A tanh(X b)||^2", ["X", "b"], {"X": "R^{m x n}", "A": "R^{k x m}"}),
    ("||A tanh(X b)||^2", ["b", "A", "X"], {"X": "R^{m x n}", "A": "R^{k x m}"}),
    ("1/N sum_{n=1}^N (v^T tanh(W x_n + c) - y_n)^2", ["W", "v", "c"], {}),
    ("tr(X^-1 A) + logdet(X X^T) + v^T S^-1 v", ["X", "v"], {"X": "R^{n x n}", "S": "R^{n x n} posdef"}), ("sum(f(A x)) where f(z) = z^3 sin(z)", ["x", "A"], {}),
    ("logsumexp(A x) + a * exp(b)", ["a", "b", "x"], {"a": "R", "b": "R"}),
    ("sum_{n=1}^N exp(w^T x_n)", ["x_n", "w"], {}), ("a^T x", ["x"], {}),
]
VECTORS: list[tuple[str, list[str], dict[str, str]]] = [
    ("y - a * exp(-k * t)", ["a", "k"], {"a": "R", "k": "R", "t": "R^n", "y": "R^n"}),
    ("tanh(A X) B", ["A", "X"], {"A": "R^{m x n}", "X": "R^{n x p}", "B": "R^{p x q}"}),
    ("x^T A", ["x", "A"], {"A": "R^{m x n}"}), ("A x + b", ["b", "x"], {}), ("X^-1 b", ["X"], {}),
]


def made(text: str, wrt: list[str], declare: dict[str, str]) -> tuple[Packed, dict[str, Array], Array]:
    """The flat function, the point at which it starts, and its value there by the interpreter."""
    g, rng = gradients(text, wrt, declare=declare), np.random.default_rng(0)
    sizes = draw_sizes((g.expr, *g.variables.values()), rng)
    point = draw_point(g.variables, sizes, rng)
    return g.packed(**point), point, evaluate(g.expr, point, sizes)


def differences(f: Any, x: Array) -> Array:
    """The derivative of a flat function by central differences, its axes first."""
    return np.stack([(f(x + d) - f(x - d)) / (2 * STEP) for d in STEP * np.eye(len(x))], axis=-1)


@pytest.mark.parametrize(("text", "wrt", "declare"), SCALARS)
def test_scalars(text: str, wrt: list[str], declare: dict[str, str]) -> None:
    f, _, expected = made(text, wrt, declare)
    x, p = f.x0, np.random.default_rng(1).normal(size=len(f.x0))
    assert isinstance(f.value(x), float) and np.isclose(f.value(x), expected)
    value, slope = f.value_and_jac(x)
    assert value == f.value(x) and slope.shape == x.shape and np.array_equal(f.jac(x), slope)
    assert np.allclose(slope, differences(f.value, x), rtol=1e-6, atol=1e-6)
    hessian = f.hess(x)
    assert np.allclose(hessian, differences(f.jac, x), rtol=1e-5, atol=1e-5)
    assert np.allclose(f.hessp(x, p), hessian @ p, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("text", "wrt", "declare"), VECTORS)
def test_vectors(text: str, wrt: list[str], declare: dict[str, str]) -> None:
    f, _, expected = made(text, wrt, declare)
    x = f.x0
    value = f.value(x)
    assert np.allclose(value, np.ravel(expected))
    both = f.value_and_jac(x)
    assert np.allclose(both[0], value, rtol=1e-12) and np.allclose(both[1], differences(f.value, x), rtol=1e-6, atol=1e-6)
    v = np.random.default_rng(1).normal(size=np.size(value))
    assert np.allclose(f.hess(x, v), differences(lambda z: v @ f.jac(z), x), rtol=1e-5, atol=1e-5)


def test_packing_goes_both_ways() -> None:
    f, point, _ = made("||A tanh(X b)||^2", ["b", "A", "X"], {"X": "R^{m x n}", "A": "R^{k x m}"})
    assert list(f.shapes) == ["b", "A", "X"] and len(f.x0) == sum(map(prod, f.shapes.values()))
    for name, array in f.unpack(f.x0).items():
        assert np.array_equal(array, point[name])
    assert np.array_equal(f.pack(**{name: point[name] for name in f.shapes}), f.x0)


@pytest.mark.parametrize("options", [
    {"method": "BFGS"}, {"method": "L-BFGS-B"}, {"method": "Newton-CG", "hessp": True}, {"method": "trust-exact", "hess": True},
    {"method": "trust-ncg", "hessp": True}, {"method": "trust-krylov", "hessp": True}, {"method": "dogleg", "hess": True},
])
def test_optimisers_find_a_matrix(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    f = gradients("||Y - X W - ones(m) c^T||^2 + ||W||^2", ["W", "c"], declare={"X": "R^{m x n}"}).packed(X=X, Y=Y, W=np.zeros((3, 2)), c=np.zeros(2))
    own = {name: getattr(f, name) if found is True else found for name, found in options.items()}
    found = f.unpack(minimize(f.value_and_jac, f.x0, jac=True, **own).x)
    centred = X - X.mean(0)
    W = np.linalg.solve(centred.T @ centred + np.eye(3), centred.T @ (Y - Y.mean(0)))
    assert np.allclose(found["W"], W, atol=1e-4) and np.allclose(found["c"], Y.mean(0) - X.mean(0) @ W, atol=1e-4)


def test_least_squares_and_roots() -> None:
    t = np.linspace(0, 2, 20)
    f = gradients("y - a * exp(-k * t)", ["a", "k"], declare={"a": "R", "k": "R", "t": "R^n", "y": "R^n"}).packed(
        t=t, y=3 * np.exp(-1.5 * t), a=1.0, k=1.0)
    assert np.allclose(least_squares(f.value, f.x0, jac=f.jac).x, [3, 1.5])
    g = gradients("X X - A", ["X"], declare={"A": "R^{n x n}"}).packed(A=np.array([[5.0, 2], [2, 3]]), X=np.eye(2) * 2)
    X = g.unpack(root(g.value_and_jac, g.x0, jac=True).x)["X"]
    assert np.allclose(X @ X, [[5, 2], [2, 3]])


def test_constraints() -> None:
    f = gradients("||x - a||^2", ["x"]).packed(x=np.ones(3), a=np.array([3.0, 0, 4]))
    c = gradients("x^T x", ["x"]).packed(x=np.ones(3))
    ball = NonlinearConstraint(c.value, -np.inf, 1, jac=c.jac, hess=lambda x, v: v[0] * c.hess(x))
    assert np.allclose(minimize(f.value_and_jac, f.x0, jac=True, hess=f.hess, constraints=ball, method="trust-constr").x,
                       [0.6, 0, 0.8], atol=1e-3)
    assert check_grad(f.value, f.jac, f.x0) < 1e-5


def test_no_hessian_is_formed_by_products() -> None:
    """The product with the Hessian by 40,000 entries, which would have 12.8 GB."""
    f = gradients("||Y - X W||^2", ["W"]).packed(X=np.ones((5, 200)), Y=np.ones((5, 200)), W=np.zeros((200, 200)))
    assert np.allclose(f.hessp(f.x0, np.ones(40_000)), 2 * 5 * 200)


@pytest.mark.parametrize("kind", ["dask", "numpy"])
def test_blocks_of_data(kind: str) -> None:
    """Dask arrays, and blocks of arrays in memory: all methods as for the whole."""
    g = gradients("1/m ||tanh(X W) c - y||^2", ["W", "c"], declare={"X": "R^{m x n}"})
    rng = np.random.default_rng(0)
    point = {"X": rng.normal(size=(5000, 3)), "W": rng.normal(size=(3, 2)), "c": rng.normal(size=2), "y": rng.normal(size=5000)}
    cut = point
    if kind == "dask":
        da = pytest.importorskip("dask.array")
        cut = {**point, "X": da.from_array(point["X"], chunks=(900, 2)), "y": da.from_array(point["y"], chunks=700)}
    f, blocks = g.packed(**point), g.packed("m", **cut)
    x, p = f.x0, rng.normal(size=8)
    assert np.isclose(blocks.value(x), f.value(x)) and np.allclose(blocks.jac(x), f.jac(x))
    assert np.allclose(blocks.hess(x), f.hess(x)) and np.allclose(blocks.hessp(x, p), f.hessp(x, p))
    assert minimize(blocks.value_and_jac, x, jac=True, options={"maxiter": 3}).fun < f.value(x)


def test_what_does_not_go_in_blocks_is_refused() -> None:
    da = pytest.importorskip("dask.array")
    X, y, b = np.ones((3, 2)), np.ones(3), np.ones(2)
    g = gradients("||X b - y||^2", ["b"])
    for call in (lambda: g.packed(X=da.ones((3, 2)), y=y, b=b), lambda: g.packed("k", X=X, y=y, b=b), lambda: g.packed("m", X=X, y=y, b=da.ones(2)),
                 lambda: g.packed(1, X=X, y=y, b=b), lambda: gradients("logdet(X^T X)", ["X"]).packed("m", X=X).jac(X.ravel())):
        with pytest.raises(MatcalcError) as caught:
            call()
        assert caught.value.hint


def test_integers_and_single_precision_are_taken() -> None:
    f = gradients("||X b - y||^2", ["b"]).packed(X=np.eye(3, dtype="f"), y=[1, 2, 3], b=[0, 0, 0])
    assert np.allclose(minimize(f.value_and_jac, f.x0, jac=True).x, [1, 2, 3], atol=1e-5)


@pytest.mark.parametrize(("values", "said"), [
    ({"X": np.ones((3, 2)), "y": np.ones(3)}, "missing: b"), ({"X": np.ones((3, 2)), "y": np.ones(3), "b": np.ones(3)}, "as in `b`|its shape"),
    ({"X": np.ones((3, 2)), "y": np.ones(3), "b": "no"}, "real numbers"), ({"X": np.ones(3), "y": np.ones(3), "b": np.ones(3)}, "must be in"),
    ({"X": np.ones((3, 2)), "y": np.ones(3), "b": np.ones(2), "z": 1}, "not in the formula: z"),
])
def test_bad_arrays(values: dict[str, Any], said: str) -> None:
    with pytest.raises(MatcalcError, match=said) as caught:
        gradients("||X b - y||^2", ["b"]).packed(**values)
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["symmetric", "posdef", "skew", "diagonal", "orthogonal"])
def test_a_matrix_with_structure_has_no_free_entries(kind: str) -> None:
    with pytest.raises(DeclarationError, match="entries of `X` are not free") as caught:
        gradients("tr(A X)", ["X"], declare={"X": f"R^{{n x n}} {kind}"}).packed(A=np.eye(2), X=np.eye(2))
    assert caught.value.hint


def test_bad_calls() -> None:
    f = gradients("||X b - y||^2", ["b"]).packed(X=np.ones((3, 2)), y=np.ones(3), b=np.ones(2))
    g = gradients("X b", ["b"]).packed(X=np.ones((3, 2)), b=np.ones(2))
    calls = [lambda: f.value(np.ones(3)), lambda: f.value("x"), lambda: f.hessp(f.x0, np.ones(3)), lambda: f.hess(f.x0, np.ones(3)),
             lambda: g.hess(g.x0), lambda: g.hess(g.x0, np.ones(2)), lambda: g.hessp(g.x0, np.ones(2)), lambda: f.pack(),
             lambda: f.pack(b=np.ones(3)), lambda: f.pack(c=np.ones(3)), lambda: f.unpack(np.ones((1, 2))), lambda: f.pack(np.ones(2)),
             lambda: gradients("||b||^2", ["b"]).packed(np.ones(2))]
    for call in calls:
        with pytest.raises((ShapeError, DeclarationError)) as caught:
            call()
        assert caught.value.hint


def test_names_of_directions_are_free() -> None:
    """Variables may be called as the directions would be, or as Python's own words are."""
    f, _, _ = made("u^T A p_x + ||x||^2 exp(lambda)", ["x", "p_x", "lambda"], {"A": "R^{m x n}", "x": "R^k", "u": "R^m", "p_x": "R^n"})
    p = np.arange(1.0, len(f.x0) + 1)
    assert np.allclose(f.hessp(f.x0, p), f.hess(f.x0) @ p)
    starts = [0, *np.cumsum([prod(s) for s in f.shapes.values()])]
    assert all(np.any(f.jac(f.x0)[a:b]) for a, b in pairwise(starts))
