"""Stable forms at extreme arguments, held against many digits of mpmath: no overflow, no digits lost."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest

from matcalc import derive, value_and_gradient

EPS = 2.3e-16
"""s (1 - s), the slope of the sigmoid, is right to this absolute error."""

POINTS = [-1e308, -1e10, -800.0, -745.5, -100.0, -40.0, -20.0, -1.0, -1e-8, 0.0, 1e-300, 1e-8, 1.0, 20.0, 37.0, 40.0, 100.0, 710.0, 800.0, 1e10, 1e308]
SPELLINGS: dict[str, tuple[list[str], Callable[[object], object]]] = {
    "sigmoid": (["sigmoid(x)", "1/(1 + exp(-x))", "exp(x)/(1 + exp(x))"], lambda x: 1 / (1 + mp.exp(-x))),
    "softplus": (["softplus(x)", "log(1 + exp(x))"], lambda x: mp.log(1 + mp.exp(x))),
}
SLOPES: dict[str, Callable[[object], object]] = {
    "sigmoid": lambda x: mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2, "softplus": lambda x: 1 / (1 + mp.exp(-x)),
}


def close(found: object, expected: object, rtol: float = 4e-14, atol: float = 1e-300) -> bool:
    """Relative agreement, or both below what counts."""
    wanted = float(expected)  # type: ignore[arg-type]
    value = float(np.asarray(found))
    return np.isfinite(value) and (abs(value - wanted) <= rtol * abs(wanted) + atol)


@pytest.fixture(autouse=True)
def digits() -> object:
    with mp.workdps(400), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", "overflow encountered in subtract")  # the difference to the largest, which is at most 0
        yield


def exact(x: float) -> object:
    return mp.mpf(max(min(x, 1e6), -1e6)) if abs(x) > 1e6 else mp.mpf(x)


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, (texts, _) in SPELLINGS.items() for t in texts])
def test_functions_of_one_number(name: str, text: str) -> None:
    d = value_and_gradient(text, "x", declare={"x": "R"})
    for x in POINTS:
        value, slope = d(x=x)  # type: ignore[misc]
        expected = x if name == "softplus" and x > 1e6 else SPELLINGS[name][1](exact(x))
        assert close(value, expected), (x, value)
        assert close(slope, SLOPES[name](exact(x)), atol=EPS if name == "sigmoid" else 1e-300), (x, slope)


@pytest.mark.parametrize("text", ["logsumexp(x)", "log(sum(exp(x)))"])
@pytest.mark.parametrize("x", [[1e4, 1e4, 1e4], [-1e4, -1e4, -2e4], [1e308, -1e308, 0.0], [710.0, 709.0, 0.0], [-745.0, -746.0, -747.0],
                               [0.0, -800.0, -801.0], [5.0, 5.0, 5.0], [1e-8, 2e-8, 0.0]])
def test_logsumexp(text: str, x: list[float]) -> None:
    value, gradient = value_and_gradient(text, "x")(x=np.array(x))  # type: ignore[misc]
    top = mp.mpf(max(x))
    shifted = [mp.exp(max(mp.mpf(v) - top, mp.mpf(-10**6))) for v in x]
    assert close(value, mp.log(sum(shifted)) + top)
    alone = np.asarray(derive(text, "x")(x=np.array(x)))
    together = 4e-14 + 4 * EPS * min(max(map(abs, x)), 1e4)
    for shared, found, part in zip(gradient, alone, shifted, strict=True):
        assert close(found, part / sum(shifted))
        assert max(map(abs, x)) > 1e4 or close(shared, part / sum(shifted), together)


@pytest.mark.parametrize("text", ["softmax(x)^T c", "c^T softmax(x)"])
@pytest.mark.parametrize("x", [[1e4, 1e4, 9990.0], [-1e4, -1e4, -9990.0], [800.0, 0.0, -800.0], [1e308, -1e308, 0.0]])
def test_softmax(text: str, x: list[float]) -> None:
    value, gradient = value_and_gradient(text, "x")(x=np.array(x), c=np.array([1.0, 2.0, 4.0]))  # type: ignore[misc]
    top = mp.mpf(max(x))
    parts = [mp.exp(max(mp.mpf(v) - top, mp.mpf(-10**6))) for v in x]
    p = [part / sum(parts) for part in parts]
    mean = sum(a * b for a, b in zip(p, [1, 2, 4], strict=True))
    assert close(value, mean)
    for found, weight, c in zip(gradient, p, [1, 2, 4], strict=True):
        wanted = float(weight * (c - mean))
        assert np.isfinite(found) and abs(found - wanted) <= 4e-15 * 4 + 1e-13 * abs(wanted)


@pytest.mark.parametrize("scale", [1e-3, 1e-2, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("n", [3, 200])
def test_logdet(n: int, scale: float) -> None:
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    eigenvalues = scale * np.linspace(1.0, 2.0, n)
    matrix = (q * eigenvalues) @ q.T
    expected = sum(mp.log(mp.mpf(float(v))) for v in eigenvalues)
    for text in ("logdet(A)", "log(det(A))")[: 2 if n == 3 else 1]:
        value, gradient = value_and_gradient(text, "A", declare={"A": "R^{n x n}"})(A=matrix)  # type: ignore[misc]
        assert abs(float(value) - float(expected)) < 1e-10 * max(1.0, abs(float(expected)))
        np.testing.assert_allclose(gradient, ((q / eigenvalues) @ q.T).T, rtol=1e-9, atol=1e-12 / scale)


def test_second_derivatives_at_extremes() -> None:
    h = derive("softplus(x)", "x", order=2, declare={"x": "R"})
    for x in POINTS:
        assert close(h(x=x), SLOPES["sigmoid"](exact(x)), 1e-13, EPS), x
    hessian = np.asarray(derive("logsumexp(x)", "x", order=2)(x=np.array([1e4, 1e4, -1e4])))
    np.testing.assert_allclose(hessian, [[0.25, -0.25, 0], [-0.25, 0.25, 0], [0, 0, 0]], atol=1e-15)
