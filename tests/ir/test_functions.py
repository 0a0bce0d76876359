"""Powers, inverses, determinants and functions in normal form: their values by NumPy, and the nodes that they become."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import expm

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError, NotDifferentiableError
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor

M, N = Dim.of("m"), Dim.of("n")
SIZES = {"m": 2, "n": 3}
x, y, s, t = b.var("x", (N,)), b.var("y", (N,)), b.var("s", ()), b.var("t", ())
A, S, C = b.var("A", (M, N)), b.var("S", (N, N)), b.var("C", (N, N))
LEAVES = {"x": x, "y": y, "s": s, "t": t, "A": A, "S": S, "C": C}
Arrays = dict[str, np.ndarray]
Value = Callable[[Arrays], object]


def point() -> Arrays:
    """Random arrays, positive ones; the square ones far from singular."""
    rng = np.random.default_rng(31)
    found = {name: rng.uniform(0.5, 1.5, [d.evaluate(SIZES) for d in leaf.axes]) for name, leaf in LEAVES.items()}
    return found | {"S": found["S"] + 3 * np.eye(3), "C": found["C"] - 4 * np.diag([1, -1, 2])}


def scaled(text: str, node: Tensor) -> Tensor:
    """A number times a tensor."""
    return b.scale(Fraction(text), node)


def times(*nodes: Tensor) -> Tensor:
    """The product of matrices."""
    return b.contract([(t, (n, n + 1)) for n, t in enumerate(nodes)], (0, len(nodes)))


def diag(v: Tensor) -> Tensor:
    """The diagonal matrix of a vector."""
    return b.contract([(v, (0,)), (b.delta(N), (0, 1))], (0, 1))


def column(v: Tensor) -> Tensor:
    """A vector u as the entries u_i of a matrix."""
    return b.contract([(v, (0,)), (b.ones((N,)), (1,))], (0, 1))


def row(v: Tensor) -> Tensor:
    """A vector u as the entries u_j of a matrix."""
    return b.contract([(v, (1,)), (b.ones((N,)), (0,))], (0, 1))


T, ONE = b.transpose, Fraction(1)
DIFFERENCE = b.add(scaled("-2", S), scaled("4", C))
REVERSED = b.add(scaled("2", S), scaled("-4", C))
THIRD, TWO = b.const(Fraction(1, 3)), b.const(2)

MATRICES: list[tuple[Tensor, Value]] = [
    (S, lambda p: p["S"]), (scaled("2", S), lambda p: 2 * p["S"]), (scaled("-3", S), lambda p: -3 * p["S"]), (T(S), lambda p: p["S"].T),
    (b.contract([(S, (0, 1)), (s, ()), (t, ())], (0, 1)), lambda p: p["s"] * p["t"] * p["S"]), (times(S, C), lambda p: p["S"] @ p["C"]),
    (scaled("-1/2", b.contract([(S, (0, 2)), (s, ()), (C, (2, 1))], (0, 1))), lambda p: -0.5 * p["s"] * p["S"] @ p["C"]),
    (times(S, T(C)), lambda p: p["S"] @ p["C"].T), (times(T(S), C, S), lambda p: p["S"].T @ p["C"] @ p["S"]), (b.add(S, C), lambda p: p["S"] + p["C"]),
    (DIFFERENCE, lambda p: 4 * p["C"] - 2 * p["S"]), (REVERSED, lambda p: 2 * p["S"] - 4 * p["C"]), (b.add(T(S), C), lambda p: p["S"].T + p["C"]),
    (b.contract([(DIFFERENCE, (0, 1)), (s, ())], (0, 1)), lambda p: p["s"] * (4 * p["C"] - 2 * p["S"])),
    (b.contract([(REVERSED, (0, 1)), (s, ())], (0, 1)), lambda p: p["s"] * (2 * p["S"] - 4 * p["C"])),
    (diag(x), lambda p: np.diag(p["x"])), (diag(b.multiply(x, y)), lambda p: np.diag(p["x"] * p["y"])), (b.delta(N), lambda p: np.eye(3)),
    (scaled("-2", diag(x)), lambda p: -2 * np.diag(p["x"])), (scaled("5", b.delta(N)), lambda p: 5 * np.eye(3)), (b.matpow(S, -1), lambda p: np.linalg.inv(p["S"])),
    (b.matpow(S, 3), lambda p: np.linalg.matrix_power(p["S"], 3)), (times(b.matpow(S, -1), C), lambda p: np.linalg.solve(p["S"], p["C"])),
    (b.multiply(S, C), lambda p: p["S"] * p["C"]), (b.add(times(S, C), T(times(S, C))), lambda p: p["S"] @ p["C"] + (p["S"] @ p["C"]).T),
    (times(T(A), A), lambda p: p["A"].T @ p["A"]), (b.add(b.contract([(x, (0,)), (y, (1,))], (0, 1)), S), lambda p: np.outer(p["x"], p["y"]) + p["S"]),
]
FUNCTIONS: list[tuple[Callable[[Tensor], Tensor], Callable[[np.ndarray], object]]] = [
    (b.transpose, np.transpose), (lambda u: b.matpow(u, 2), lambda v: v @ v), (lambda u: b.matpow(u, -1), np.linalg.inv),
    (lambda u: b.matpow(u, -3), lambda v: np.linalg.matrix_power(v, -3)), (lambda u: b.matpow(u, 0), lambda v: np.eye(3)), (b.det, np.linalg.det),
    (b.logdet, lambda v: np.linalg.slogdet(v)[1]), (lambda u: b.of_matrix("expm", u), expm), (lambda u: b.apply("tanh", u), np.tanh),
    (lambda u: b.power(u, TWO), np.square), (lambda u: b.power(u, b.const(3)), lambda v: v**3), (lambda u: b.matpow(b.matpow(u, 2), -1), lambda v: np.linalg.inv(v @ v)),
    (lambda u: b.det(b.matpow(u, 2)), lambda v: np.linalg.det(v) ** 2), (lambda u: b.logdet(b.matpow(u, -3)), lambda v: -3 * np.linalg.slogdet(v)[1]),
    (lambda u: b.contract([(u, (0, 1)), (b.matpow(u, -1), (1, 2))], (0, 2)), lambda v: np.eye(3)), (lambda u: b.normalised("softmax", u, 1), lambda v: np.exp(v) / np.exp(v).sum(1, keepdims=True)),
    (lambda u: b.normalised("logsumexp", u), lambda v: np.log(np.exp(v).sum())), (lambda u: b.multiply(u, u), np.square), (lambda u: times(u, T(u)), lambda v: v @ v.T),
]


@pytest.mark.parametrize("matrix", range(len(MATRICES)))
def test_functions_of_matrices(matrix: int) -> None:
    node, value = MATRICES[matrix]
    array = np.asarray(value(point()))
    np.testing.assert_allclose(evaluate_tensor(node, point(), SIZES), array, rtol=1e-12)
    singular = np.linalg.matrix_rank(array) < 3
    for build, reference in FUNCTIONS:
        try:
            expected = reference(array)
        except np.linalg.LinAlgError:
            continue
        if not singular:
            np.testing.assert_allclose(evaluate_tensor(build(node), point(), SIZES), np.asarray(expected), rtol=1e-7, atol=1e-9, err_msg=str(build(node)))


ELEMENTWISE: list[tuple[Tensor, Value]] = [
    (x, lambda p: p["x"]), (scaled("2", x), lambda p: 2 * p["x"]), (b.multiply(x, y), lambda p: p["x"] * p["y"]), (b.multiply(s, x), lambda p: p["s"] * p["x"]),
    (b.add(x, y), lambda p: p["x"] + p["y"]), (b.power(x, TWO), lambda p: p["x"] ** 2), (b.power(x, s), lambda p: p["x"] ** p["s"]), (b.ones((N,)), lambda p: np.ones(3)),
    (column(x), lambda p: np.outer(p["x"], np.ones(3))), (row(x), lambda p: np.outer(np.ones(3), p["x"])), (b.add(column(x), row(y)), lambda p: p["x"][:, None] + p["y"]),
    (b.contract([(A, (0, 1)), (x, (1,))], (0,)), lambda p: p["A"] @ p["x"]), (S, lambda p: p["S"]), (T(b.add(S, T(C))), lambda p: p["S"].T + p["C"]), (diag(x), lambda p: np.diag(p["x"])),
    (b.multiply(S, column(x)), lambda p: p["S"] * p["x"][:, None]), (times(T(S), T(C)), lambda p: p["S"].T @ p["C"].T), (b.apply("exp", b.add(column(x), row(y))), lambda p: np.exp(p["x"][:, None] + p["y"])),
]
EXPONENTS: list[tuple[Tensor, Value]] = [
    (b.const(k), lambda p, k=k: float(k)) for k in (0, 1, 2, 3, -1, -2, Fraction(1, 2), Fraction(-2, 3))
] + [(s, lambda p: p["s"]), (b.multiply(s, t), lambda p: p["s"] * p["t"])]


@pytest.mark.parametrize("base", range(len(ELEMENTWISE)))
def test_powers(base: int) -> None:
    node, value = ELEMENTWISE[base]
    array = np.asarray(value(point()))
    for exponent, number in EXPONENTS:
        power = np.asarray(number(point()))
        if (array <= 0).any() and (power <= 0 or power % 1):
            continue
        np.testing.assert_allclose(evaluate_tensor(b.power(node, exponent), point(), SIZES), array**power, rtol=1e-9, err_msg=f"{node} {exponent}")
    for other, exponents in ELEMENTWISE:
        if other.axes == node.axes and (array > 0).all():
            np.testing.assert_allclose(evaluate_tensor(b.power(node, other), point(), SIZES), array ** np.asarray(exponents(point())), rtol=1e-9)
            np.testing.assert_allclose(evaluate_tensor(b.apply("max", node, other), point(), SIZES), np.maximum(array, np.asarray(exponents(point()))), rtol=1e-9)


@pytest.mark.parametrize(("found", "expected"), [
    (b.matpow(scaled("2", S), -1), scaled("1/2", b.matpow(S, -1))), (b.matpow(diag(b.multiply(x, y)), -1), diag(b.multiply(b.power(x, b.const(-1)), b.power(y, b.const(-1))))),
    (b.matpow(times(S, T(C)), -1), times(T(b.matpow(C, -1)), b.matpow(S, -1))), (b.matpow(T(b.add(S, C)), 2), T(b.matpow(b.add(S, C), 2))),
    (b.det(times(S, T(C))), b.multiply(b.det(S), b.det(C))), (b.det(T(S)), b.det(S)), (b.det(scaled("2", S)), b.multiply(b.power(TWO, b.size(N)), b.det(S))),
    (b.det(b.delta(N)), b.UNIT), (b.logdet(b.delta(N)), b.zero(())), (b.logdet(times(S, C)), b.add(b.logdet(S), b.logdet(C))), (b.det(b.matpow(S, -2)), b.power(b.det(S), b.const(-2))),
    (b.power(T(b.add(S, times(S, C))), THIRD), T(b.power(b.add(S, times(S, C)), THIRD))), (b.power(scaled("-1", x), b.const(100)), b.power(x, b.const(100))),
    (b.power(b.multiply(x, y), b.const(100)), b.multiply(b.power(x, b.const(100)), b.power(y, b.const(100)))), (b.power(b.power(x, s), TWO), b.power(x, scaled("2", s))),
    (b.power(column(x), s), column(b.power(x, s))), (b.power(column(x), column(y)), column(b.power(x, y))), (b.apply("tanh", row(x)), row(b.apply("tanh", x))),
    (b.power(x, b.const(0)), b.ones((N,))), (b.power(x, b.UNIT), x), (b.power(b.ones((N,)), s), b.ones((N,))), (b.normalised("logsumexp", x, 1), x),
    (b.of_matrix("expm", T(b.add(S, times(S, C)))), T(b.of_matrix("expm", b.add(S, times(S, C))))), (T(diag(x)), diag(x)), (T(b.delta(N)), b.delta(N)),
    (b.apply("exp", T(b.add(S, times(S, C)))), T(b.apply("exp", b.add(S, times(S, C))))),
])
def test_normal_form(found: Tensor, expected: Tensor) -> None:
    assert found is expected


def test_large_powers_of_numbers_stay_as_they_are() -> None:
    node = b.power(scaled("2", x), b.const(b.MAX_INTEGER_EXPONENT + 1))
    assert node.head == "pow" and node.args[0] is scaled("2", x)
    assert b.power(scaled("2", x), b.const(b.MAX_INTEGER_EXPONENT)) is scaled(str(2**b.MAX_INTEGER_EXPONENT), b.power(x, b.const(b.MAX_INTEGER_EXPONENT)))


def test_powers_of_sums_over_indices_stay_whole() -> None:
    inner = b.contract([(x, ("i",)), (y, ("i",))], ())
    assert b.power(inner, TWO).head == "pow"
    assert b.power(scaled("3", inner), TWO) is scaled("9", b.power(inner, TWO))


def test_zero_has_no_reciprocal() -> None:
    for exponent in ("-1", "-1/2", "-3"):
        with pytest.raises(NotDifferentiableError, match="divides by what is zero"):
            b.power(b.zero((N,)), b.const(Fraction(exponent)))
    assert b.power(b.zero((N,)), TWO) is b.zero((N,))


def test_numbers_have_a_limit() -> None:
    large = 10**307
    assert b.scale(Fraction(large), x).head == "lin"
    with pytest.raises(LimitError):
        b.scale(Fraction(100 * large), x)
    with pytest.raises(LimitError):
        b.add(*[b.scale(Fraction(large), x)] * 90)
    with pytest.raises(LimitError):
        b.add(b.scale(Fraction(100 * large), x), y)
