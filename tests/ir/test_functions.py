"""Powers, inverses, determinants and functions in normal form: their values by NumPy, and the nodes that they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import expm

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError, NotDifferentiableError
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.products import MAX_FACTORS

M, N = Dim.of("m"), Dim.of("n")
SIZES = {"m": 2, "n": 3}
x, y, s, t = b.var("x", (N,)), b.var("y", (N,)), b.var("s", ()), b.var("t", ())
A, S, C = b.var("A", (M, N)), b.var("S", (N, N)), b.var("C", (N, N))
Q, H, D = b.var("Q", (N, N), ("orthogonal",)), b.var("H", (N, N), ("symmetric",)), b.var("D", (N, N), ("diagonal",))
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
SUM = b.add(S, times(S, C))
w, THIRD, TWO = b.var("w", (N,)), b.const(Fraction(1, 3)), b.const(2)

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


def normal_forms() -> Iterator[tuple[Tensor, Tensor]]:
    """What is built, and the node that it is."""
    yield from [
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
        (b.matpow(times(S, T(C), S), -1), times(b.matpow(S, -1), T(b.matpow(C, -1)), b.matpow(S, -1))), (b.det(times(T(S), C, T(S))), b.multiply(b.power(b.det(S), TWO), b.det(C))),
        (b.matpow(b.matpow(S, 2), -3), b.matpow(S, -6)), (b.matpow(Q, -1), T(Q)), (times(T(Q), Q), b.delta(N)), (times(Q, T(Q)), b.delta(N)), (b.matpow(b.delta(N), 5), b.delta(N)),
        (b.matpow(b.contract([(S, (0, 1)), (s, ())], (0, 1)), -2), b.contract([(b.matpow(S, -2), (0, 1)), (b.power(s, b.const(-2)), ())], (0, 1))),
        (b.matpow(diag(x), 3), diag(b.power(x, b.const(3)))), (b.matpow(scaled("-2", diag(x)), 2), scaled("4", diag(b.power(x, TWO)))),
        (b.det(scaled("-2", DIFFERENCE)), b.det(scaled("2", REVERSED))), (b.logdet(scaled("-2", S)), b.add(b.logdet(S), b.multiply(b.size(N), b.apply("log", TWO)))),
        (b.logdet(scaled("-1", S)), b.logdet(S)), (b.logdet(b.contract([(S, (0, 1)), (s, ())], (0, 1))), b.add(b.logdet(S), b.multiply(b.size(N), b.apply("log", b.apply("abs", s))))),
        (b.logdet(b.matpow(S, -2)), scaled("-2", b.logdet(S))), (b.add(scaled("1/3", x), scaled("2/3", x)), x), (b.transpose(b.add(scaled("2", S), C)), b.add(scaled("2", T(S)), T(C))),
        (b.contract([(scaled("2", b.add(S, C)), (1, 0))], (0, 1)), b.add(scaled("2", T(S)), scaled("2", T(C)))), (T(T(b.multiply(S, C))), b.multiply(S, C)),
        (b.contract([(b.power(x, s), (0,)), (b.power(x, t), (0,))], (0,)), b.power(x, b.add(s, t))), (b.multiply(x, x, b.power(x, b.const(-2))), b.ones((N,))),
        (times(b.matpow(S, 2), b.matpow(S, -5)), b.matpow(S, -3)), (times(T(S), b.matpow(T(S), 2)), T(b.matpow(S, 3))), (times(H, T(H)), b.matpow(H, 2)), (times(T(H), b.matpow(H, -1)), b.delta(N)),
        (b.contract([(diag(x), ("i", "j")), (y, ("j",))], ("i",)), b.multiply(x, y)), (times(diag(x), diag(y)), diag(b.multiply(x, y))), (b.contract([(D, ("i", "j")), (b.delta(N), ("i", "j"))], ("i", "j")), D),
        (b.contract([(D, ("i", "i")), (b.delta(N), ("i", "j"))], ("i", "j")), D), (b.contract([(b.ones((N,)), ("i",)), (b.ones((M,)), ("j",))], ()), b.multiply(b.size(M), b.size(N))),
        (b.contract([(x, ("i",)), (y, ("i",)), (S, ("j", "k"))], ("j", "k")), b.contract([(b.contract([(x, ("i",)), (y, ("i",))], ()), ()), (S, ("j", "k"))], ("j", "k"))),
        (b.contract([(T(SUM), ("i", "j")), (x, ("j",))], ("i",)), b.contract([(SUM, ("j", "i")), (x, ("j",))], ("i",))),
        (b.contract([(T(SUM), ("i", "j")), (b.apply("exp", T(SUM)), ("i", "j"))], ()), b.contract([(SUM, ("i", "j")), (b.apply("exp", SUM), ("i", "j"))], ())),
        (b.contract([(b.delta(N), ("i", "i")), (b.delta(M), ("j", "j"))], ()), b.multiply(b.size(M), b.size(N))),
        (b.contract([(D, ("i", "i")), (b.delta(N), ("i", "j")), (D, ("k", "k")), (b.delta(N), ("k", "l"))], ("i", "j", "k", "l")), b.contract([(D, ("i", "j")), (D, ("k", "l"))], ("i", "j", "k", "l"))),
        (b.contract([(S, "ij"), (S, "jk"), (C, "lm"), (C, "mn")], tuple("ikln")), b.contract([(b.matpow(S, 2), "ik"), (b.matpow(C, 2), "ln")], tuple("ikln"))),
        (b.multiply(b.power(x, s), b.power(x, t), b.power(y, s), b.power(y, t)), b.multiply(b.power(x, b.add(s, t)), b.power(y, b.add(s, t)))),
        (b.multiply(*(b.power(base, e) for base in (x, y, w) for e in (s, t))), b.multiply(*(b.power(base, b.add(s, t)) for base in (x, y, w)))),
        (b.contract([(b.delta(N), "ij"), (x, "i"), (b.delta(N), "kl"), (y, "k")], tuple("ijkl")), b.contract([(b.delta(N), "ij"), (x, "j"), (b.delta(N), "kl"), (y, "l")], tuple("ijkl"))),
        (b.contract([(b.ones((N,)), "i"), (x, "j"), (b.ones((N,)), "k"), (y, "j")], ()), b.multiply(b.size(N), b.size(N), b.contract([(x, "j"), (y, "j")], ()))),
    ]


def test_products_are_opened_up_to_a_number_of_factors() -> None:
    factors = [b.var(f"x{n}", (N,)) for n in range(MAX_FACTORS + 1)]
    whole = b.multiply(*factors[:MAX_FACTORS])
    assert len(whole.args) == MAX_FACTORS
    assert len(b.multiply(factors[-1], whole).args) == 2
    half = b.multiply(*factors[: MAX_FACTORS // 2])
    assert len(b.multiply(half, b.multiply(*factors[MAX_FACTORS // 2 : MAX_FACTORS])).args) == MAX_FACTORS


def test_normal_forms() -> None:
    for n, (found, expected) in enumerate(normal_forms()):
        assert found is expected, (n, str(found), str(expected))


def test_sums_and_products_are_held_with_the_fewest_transposes() -> None:
    for node, turned in ((b.add(T(S), T(C)), True), (b.add(S, C), False), (b.add(b.apply("exp", S), T(S), T(C)), True), (b.add(T(b.apply("exp", S)), S, C), False)):
        found, is_turned = b.oriented(node)
        assert is_turned is turned and found is (T(node) if turned else node)
        assert b.oriented(T(node)) == (found, not turned)
    assert b.oriented(x) == (x, False) and b.oriented(T(S)) == (S, True)


def test_what_is_no_chain_of_square_matrices_stays_whole() -> None:
    gram = times(T(A), A)
    for node in (gram, b.add(S, C), b.multiply(S, C), b.contract([(S, (0, 2)), (C, (2, 1)), (x, (2,))], (0, 1)), b.contract([(x, (0,)), (y, (1,))], (0, 1)),
                 b.contract([(S, (0, 2)), (C, (1, 3)), (S, (2, 3)), (x, (3,))], (0, 1)), b.contract([(S, (0, 0)), (C, (0, 1))], (0, 1))):
        assert b.chain_of(node) is None
        assert b.det(node).head == "det" and b.matpow(node, -1).head == "matpow" or node.head == "contract", node
    assert b.det(gram).args == (gram,) and b.matpow(gram, -1).args == (gram,)
    assert b.chain_of(times(S, T(C), S)) == [S, T(C), S] and b.chain_of(times(T(S), C)) == [T(S), C]


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


def test_what_is_zero_is_not_inverted() -> None:
    nothing = b.zero((N, N))
    for refused, word in ((lambda: b.matpow(nothing, -1), "inverts a matrix that is zero"), (lambda: b.matpow(nothing, -3), "inverts a matrix that is zero"),
                          (lambda: b.logdet(nothing), "logarithm of a determinant"), (lambda: b.apply("log", b.zero((N,))), "logarithm of zero")):
        with pytest.raises(NotDifferentiableError, match=word):
            refused()
    assert b.matpow(nothing, 2) is nothing and b.det(nothing) is b.zero(()) and b.matpow(nothing, 0) is b.delta(N)
    assert b.apply("exp", b.zero((N,))) is not None
