"""The test at the head of an emitted function: what passes it, what is converted, what is refused."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from matcalc import derive, gradients

A = np.arange(6.0).reshape(2, 3) / 7
X = np.array([0.5, -1.0, 2.0])
EXPECTED = A.T @ (2 * (A @ X))


def emitted(text: str, wrt: str, **declare: str) -> Callable[..., np.ndarray]:
    """The function that the source defines."""
    scope: dict[str, object] = {}
    exec(derive(text, wrt, declare=declare).numpy("f"), scope)  # noqa: S102
    return scope["f"]  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["f8", ">f8", "f4", ">f4", "f2", "g"])
def test_floats_of_every_kind(kind: str) -> None:
    f = emitted("||A x||^2", "x")
    value = f(A.astype(kind), X.astype(kind))
    wanted = np.dtype(kind).newbyteorder("=") if np.dtype(kind).itemsize < 8 else np.dtype("f8")
    assert value.dtype == wanted
    np.testing.assert_allclose(value, EXPECTED, rtol=4 * np.finfo(wanted).eps + 1e-15)


def test_mixed_and_other_arguments() -> None:
    f = emitted("||A x||^2", "x")
    marked = np.dtype("f8", metadata={"unit": "m"})
    for x in (X.tolist(), X.astype(marked), np.ma.array(X), np.asfortranarray(X), X[::-1][::-1]):
        np.testing.assert_allclose(f(A, x), EXPECTED, rtol=1e-15)
    assert f(A, X.astype("f4")).dtype == np.float64
    assert f(np.ones((2, 3), dtype=np.int8), np.array([True, False, True])).tolist() == [8, 8, 8]
    np.testing.assert_allclose(f(np.asmatrix(A), X), EXPECTED)


def test_a_matrix_class_multiplies_entries() -> None:
    f = emitted("sum(A .* B .* A)", "A")
    np.testing.assert_array_equal(f(np.asmatrix(A), np.asmatrix(A)), 2 * A * A)


@pytest.mark.parametrize("a", [2, 2.0, np.float64(2), np.float32(2), np.asarray(2), np.int8(2), True + True])
def test_scalars(a: object) -> None:
    f = emitted("a^3 sum(x)", "a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = f(a, X)
    assert type(value) is np.float64 and value == 18


def test_single_precision_of_several_results() -> None:
    scope: dict[str, object] = {}
    exec(gradients("a ||x||^2", wrt=["a", "x"], declare={"a": "R", "x": "R^n"}).numpy("f"), scope)  # noqa: S102
    value, by_a, by_x = scope["f"](2.0, X.astype("f4"))  # type: ignore[operator]
    assert (value.dtype, by_a.dtype, by_x.dtype) == (np.float32,) * 3 and by_x.shape == (3,)


@pytest.mark.parametrize(("arguments", "error", "words"), [
    ((A, X[:2]), ValueError, r"A must be in R\^\{m x n\}, n = 2 as in x, but its shape is \(2, 3\)"),
    ((A[0], X), ValueError, r"A must be in R\^\{m x n\}, not an array of shape \(3,\)"),
    ((A, X[None]), ValueError, r"x must be in R\^n, not an array of shape \(1, 3\)"),
    ((A, X + 0j), TypeError, "x must hold real numbers, not complex128"),
    ((A, X.astype(object)), TypeError, "x must hold real numbers, not object"),
    ((A, ["a", "b", "c"]), TypeError, "x must hold real numbers, not <U1"),
    ((A, None), TypeError, "x must hold real numbers, not object"),
    ((A, 3.0), ValueError, r"x must be in R\^n, not an array of shape \(\)"),
])
def test_refusals(arguments: tuple[object, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        emitted("||A x||^2", "x")(*arguments)


@pytest.mark.parametrize(("text", "wrt", "declare", "shapes", "wrong"), [
    ("x^T A x", "x", {}, {"x": (3,), "A": (3, 3)}, {"x": (3, 3), "A": (3, 3, 3, 3)}),
    ("||T - U V^T||^2", "U", {}, {"T": (4, 3), "U": (4, 2), "V": (3, 2)}, {"T": (4, 3), "U": (4, 2), "V": (3, 1)}),
    ("||[x; y]||^2 + z^T z", "x", {"x": "R^n", "y": "R^2", "z": "R^{n + 2}"}, {"x": (3,), "y": (2,), "z": (5,)},
     {"x": (3,), "y": (2,), "z": (4,)}),
    ("vec(A)^T b", "A", {"A": "R^{m x n}"}, {"A": (2, 3), "b": (6,)}, {"A": (2, 3), "b": (1,)}),
])
def test_shapes_are_held_against_each_other(text: str, wrt: str, declare: dict[str, str], shapes: dict[str, tuple[int, ...]],
                                            wrong: dict[str, tuple[int, ...]]) -> None:
    f = emitted(text, wrt, **declare)
    f(**{n: np.ones(shape) for n, shape in shapes.items()})
    with pytest.raises(ValueError, match="must be in"):
        f(**{n: np.ones(shape) for n, shape in wrong.items()})
