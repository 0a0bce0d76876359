"""The code that solves: least squares as least squares, nothing inverted, the same numbers as the formula."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.api import solve_stationary

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(3)


def line(text: str, wrt: str | list[str], declare: dict[str, str] | None = None) -> str:
    """The last line of the emitted function, and what it needs."""
    source = solve_stationary(text, wrt, declare).numpy()
    assert "linalg.inv" not in source
    return source.rstrip().splitlines()[-1].strip()


@pytest.mark.parametrize(("text", "wrt", "declare", "expected"), [
    ("||X b - y||^2", "b", None, "return np.linalg.lstsq(X, y, rcond=None)[0]"),
    ("mean((X b - y).^2)", "b", None, "return np.linalg.lstsq(X, y, rcond=None)[0]"),
    ("||Y - X W||^2", "W", {"W": "R^{d x k}"}, "return np.linalg.lstsq(X, Y, rcond=None)[0]"),
    ("||A - U V^T||^2", "U", None, "return np.linalg.lstsq(V, A.T, rcond=None)[0].T"),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta", None, "return np.linalg.lstsq(x, y, rcond=None)[0]"),
    ("||A X B - C||^2", "X", None, "return np.linalg.lstsq(A, t, rcond=None)[0]"),
    ("||A x - b||^2 + ||C x - d||^2", "x", None, "return np.linalg.lstsq(np.vstack([A, C]), np.concatenate([b, d]), rcond=None)[0]"),
    ("1/2 x^T P x - b^T x", "x", {"P": "R^{n x n} posdef"}, "return np.linalg.solve(P, b)"),
])
def test_last_line(text: str, wrt: str, declare: dict[str, str] | None, expected: str) -> None:
    assert line(text, wrt, declare) == expected


def test_products_and_means() -> None:
    assert "lstsq" in line("||A B x - y||^2", "x") and "solve" not in line("||A B x - y||^2", "x")
    assert "sum" in line("sum_{i=1}^n ||x_i - c||^2", "c", {"x_i": "R^d"})


@pytest.mark.parametrize("text", [
    "||X b - y||^2 + lambda ||b||^2", "||X b - y||^2 + lambda ||b - c||^2", "||X b - y||^2 + lambda ||L b||^2",
    "(y - X b)^T diag(w) (y - X b)", "(y - X b)^T diag(w) (y - X b) + lambda b^T b",
])
def test_stacked_systems(text: str) -> None:
    point = solve_stationary(text, "b", {k: s for k, s in {"lambda": "R positive", "w": "R^n positive"}.items() if k in text})
    assert "lstsq" in point.numpy()
    assert point.check().passed


def test_least_squares_does_not_square_the_condition() -> None:
    solve = solve_stationary("||X b - y||^2", "b")
    X = np.vander(np.linspace(0, 1, 30), 12)
    b = np.ones(12)
    wrong = np.linalg.solve(X.T @ X, X.T @ (X @ b))
    assert np.abs(solve(X=X, y=X @ b) - b).max() < 1e-5 < np.abs(wrong - b).max()


def test_inputs_are_not_modified_and_names_are_safe() -> None:
    point = solve_stationary("||X lambda - y||^2", "lambda", {"lambda": "R^d", "X": "R^{n x d}", "y": "R^n"})
    X, y = RNG.normal(size=(5, 2)), RNG.normal(size=5)
    before = X.copy(), y.copy()
    point(X=X, y=y)
    assert (X == before[0]).all() and (y == before[1]).all()
    assert "def least(" in point.numpy("least")


def test_sylvester() -> None:
    declare = {"A": "R^{n x n} posdef", "B": "R^{m x m} posdef"}
    point = solve_stationary("1/2 tr(X^T A X) + 1/2 tr(X B X^T) - tr(C^T X)", "X", declare)
    A, B, C = np.diag([1.0, 2.0, 3.0]), np.array([[2.0, 1.0], [1.0, 2.0]]), RNG.normal(size=(3, 2))
    X = point(A=A, B=B, C=C)
    assert np.allclose(A @ X + X @ B, C)


def test_source_states_formula_and_condition() -> None:
    source = solve_stationary("||X b - y||^2", "b").numpy()
    assert "Equation: X^T X b = X^T y" in source and "Provided that X^T X is invertible" in source
