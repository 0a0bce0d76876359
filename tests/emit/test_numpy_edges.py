"""Emitted functions at the edges: kinks, large values, names, shapes and types of arguments."""

import warnings
from collections.abc import Mapping

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.core.errors import DeclarationError
from matcalc.evaluation import compiled

ZERO = np.zeros(3)


@pytest.mark.parametrize(("text", "wrt", "declare", "point", "expected"), [
    ("||x||", "x", {}, {"x": ZERO}, ZERO),
    ("||x - y||", "x", {}, {"x": ZERO, "y": ZERO}, ZERO),
    ("||A x||", "x", {"A": "R^{m x n}"}, {"A": np.ones((2, 3)), "x": ZERO}, ZERO),
    ("||A x - b||", "A", {}, {"A": np.ones((2, 3)), "x": ZERO, "b": np.zeros(2)}, np.zeros((2, 3))),
    ("||X||_F", "X", {"X": "R^{m x n}"}, {"X": np.zeros((2, 3))}, np.zeros((2, 3))),
    ("t ||x||", "x", {"t": "R"}, {"x": ZERO, "t": 2}, ZERO),
    ("||[x; y]||", "x", {"x": "R^n", "y": "R^m"}, {"x": ZERO, "y": np.zeros(2)}, ZERO),
    ("sum_{n=1}^N ||x_n - w||", "w", {"x_n": "R^D", "w": "R^D"},
     {"x": np.array([[0.0, 0.0], [3.0, 4.0]]), "w": np.zeros(2)}, [-0.6, -0.8]),
    ("sqrt(a^2 + b^2)", "a", {}, {"a": 0, "b": 0}, 0),
    ("norm1(x)", "x", {}, {"x": [0, 2, -3]}, [0, 1, -1]),
    ("sum(relu(x))", "x", {}, {"x": [0, 2, -3]}, [0, 1, 0]),
    ("x^3", "x", {}, {"x": -2}, 12),
    ("x^n", "x", {"x": "R", "n": "R"}, {"x": -2, "n": 3}, 12),
    ("t^u", "t", {"t": "R", "u": "R"}, {"t": 0, "u": 1}, 1),
    ("x^0 + x", "x", {"x": "R"}, {"x": 0}, 1),
    ("sigmoid(x)", "x", {"x": "R"}, {"x": -1000}, 0),
    ("sum(softplus(x))", "x", {}, {"x": [1000, -1000]}, [1, 0]),
    ("sum(log(1 + exp(x)))", "x", {}, {"x": [1000, -1000]}, [1, 0]),
    ("logsumexp(x)", "x", {}, {"x": [1000, 1000]}, [0.5, 0.5]),
    ("x^T x", "x", {}, {"x": np.zeros(0)}, np.zeros(0)),
])
def test_values(text: str, wrt: str, declare: dict[str, str], point: Mapping[str, object], expected: object) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = derive(text, wrt, 1, declare)(**point)
    assert isinstance(value, np.ndarray | np.generic) and value.dtype == np.float64
    np.testing.assert_allclose(value, expected, rtol=1e-15, atol=1e-300)


@pytest.mark.parametrize(("text", "wrt", "order"), [("n x", "x", 1), ("3 x + y", "x", 1), ("x^2", "x", 2), ("x y", "x", 1)])
def test_scalar_results(text: str, wrt: str, order: int) -> None:
    d = derive(text, wrt, order, {"x": "R", "y": "R", "n": "R"})
    point = {name: np.asarray(2) for name in d.array_names}
    value = d(**point)
    assert np.shape(value) == () and np.asarray(value).dtype == np.float64
    assert not any(np.shares_memory(value, array) for array in point.values())


@pytest.mark.parametrize("text", ["a^T x", "A .* B", "vec(A)^T b", "tr(A^T B)", "sum(A .* B)"])
def test_results_share_no_memory(text: str) -> None:
    d = derive(text, "A" if "A" in text else "a", 1, {"A": "R^{m x n}", "B": "R^{m x n}"})
    sizes = {"a": (3,), "x": (3,), "A": (2, 3), "B": (2, 3), "b": (6,)}
    point = {name: np.ones(sizes[name], order="F") for name in d.array_names}
    value = d(**point)
    assert isinstance(value, np.ndarray) and value.flags.writeable
    assert not any(np.shares_memory(value, array) for array in point.values())


@pytest.mark.parametrize(("point", "words"), [
    ({"x": np.ones(3), "A": np.ones((3, 4))}, ["A", "R^{n x n}", "(3, 4)", "n = 3 as in x"]),
    ({"x": np.ones((3, 1)), "A": np.ones((3, 3))}, ["x", "R^n", "(3, 1)"]),
    ({"x": 1.0, "A": np.ones((3, 3))}, ["x", "R^n", "()"]),
    ({"x": np.array([1j, 0, 0]), "A": np.ones((3, 3))}, ["x", "real", "complex128"]),
    ({"x": "abc", "A": np.ones((3, 3))}, ["x", "real"]),
])
def test_refusals(point: dict[str, object], words: list[str]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        derive("x^T A x", "x")(**point)
    assert all(word in str(caught.value) for word in words), caught.value


def test_literal_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"x must be in R\^3, but its shape is \(4,\)"):
        derive("a^T x", "x", 1, {"x": "R^3", "a": "R^3"})(a=np.ones(3), x=np.ones(4))


def test_sizes_solved_for() -> None:
    d = derive("n x^T x", "x", 1, {"x": "R^{2 n + 1}"})
    np.testing.assert_allclose(d(x=np.ones(7)), 6 * np.ones(7))


@pytest.mark.parametrize("name", ["lambda", "np", "t1", "size_n", "float", "sum", "print", "math", "h", "out"])
def test_names_of_variables(name: str) -> None:
    other = name.swapcase()
    declare = {name: "R", other: "R", "x": "R^size_n", "n": "R"}
    d = derive(f"({name} - 2 {other}) n tanh({name}) sum(tanh(x))", "x", 1, declare)
    value = d(**{name: 3, other: 1, "x": np.zeros(2), "n": 5})
    np.testing.assert_allclose(value, (3 - 2) * 5 * np.tanh(3) * np.ones(2))


@pytest.mark.parametrize("function", ["x", "A", "np", "abs", "sum", "n", "out"])
def test_names_of_functions(function: str) -> None:
    d = derive("x^T A x", "x")
    scope: dict[str, object] = {}
    exec(d.numpy(function), scope)  # noqa: S102
    value = scope[function](np.ones(2), np.eye(2))  # type: ignore[operator]
    np.testing.assert_allclose(value, [2, 2])


@pytest.mark.parametrize("function", ["ValueError", "float", "_ndarray", "_float64", "_array"])
def test_a_name_that_the_code_needs(function: str) -> None:
    with pytest.raises(DeclarationError):
        derive("x^T A x", "x").numpy(function)


def test_sizes_that_no_array_has() -> None:
    with pytest.raises(DeclarationError, match="`k`"):
        derive("t tr(I_k)", "t", 1, {"t": "R"}).numpy()


def test_lists_and_integers() -> None:
    np.testing.assert_allclose(derive("x^T A x", "x")(x=[1, 2], A=[[1, 2], [3, 4]]), [12, 21])


def test_the_name_of_a_function_is_that_of_no_variable() -> None:
    """A function calls itself with arguments that it has converted."""
    for text, wrt, point in (("sum(sinh(A x) .* sinh(A x))", "x", {"A": [[1, 2], [3, 4]], "x": [1, 2]}), ("f^T x", "x", {"f": [1, 2], "x": [3, 4]})):
        d = derive(text, wrt, declare={"f": "R^n", "x": "R^n"} if "f" in point else None)
        assert np.array_equal(compiled(d.numpy("f"), "f")(*point.values()), d(**point))
