"""Matrices taken out on both sides of sums, and products distributed over sums of matrices."""

from fractions import Fraction

import numpy as np

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, terms_of
from matcalc.simplify.congruence import MAX_TERMS, congruence, spread

M, N, P = Dim.of("m"), Dim.of("n"), Dim.of("p")
SIZES = {"m": 2, "n": 3, "p": 5}
A, B, K, C, H, S = (b.var(name, axes) for name, axes in (("A", (M, N)), ("B", (P, M)), ("K", (M, M)), ("C", (M, M)), ("H", (P, P)), ("S", (N, N))))
x, y = b.var("x", (N,)), b.var("y", (M,))
LEAVES = {"A": A, "B": B, "K": K, "C": C, "H": H, "S": S, "x": x, "y": y}
T = b.transpose


def value(node: Tensor) -> np.ndarray:
    """Its entries at a random point."""
    rng = np.random.default_rng(43)
    return evaluate_tensor(node, {name: rng.standard_normal([d.evaluate(SIZES) for d in leaf.axes]) for name, leaf in LEAVES.items()}, SIZES)


def times(*nodes: Tensor) -> Tensor:
    """The product of matrices."""
    return b.contract([(t, (n, n + 1)) for n, t in enumerate(nodes)], (0, len(nodes)))


def diag(v: Tensor) -> Tensor:
    """A diagonal matrix."""
    return b.contract([(v, (0,)), (b.delta(v.axes[0]), (0, 1))], (0, 1))


def test_matrices_are_taken_out() -> None:
    inner = times(T(B), H, B)
    for node, expected in (
        (b.add(times(T(A), K, A), times(T(A), C, A)), times(T(A), b.add(K, C), A)), (b.add(times(A, S, T(A)), b.scale(Fraction(-3), times(A, T(S), T(A)))), times(A, b.add(S, b.scale(Fraction(-3), T(S))), T(A))),
        (b.add(times(T(A), K, A), times(T(A), A)), times(T(A), b.add(K, b.delta(M)), A)), (b.add(times(T(A), K, A), times(T(A), C, A), S), b.add(times(T(A), b.add(K, C), A), S)),
        (b.add(times(T(A), diag(y), A), times(T(A), C, A)), times(T(A), b.add(diag(y), C), A)), (b.add(times(T(A), K, A), times(T(A), inner, A)), times(T(A), b.add(K, inner), A)),
        (b.add(times(T(A), inner, A), times(T(A), T(B), B, A), times(T(A), K, A)), times(T(A), b.add(times(T(B), b.add(H, b.delta(P)), B), K), A)),
        (b.add(times(T(A), K, A), times(T(A), C, A), times(S, b.multiply(S, S), T(S)), times(S, T(S))), b.add(times(T(A), b.add(K, C), A), times(S, b.add(b.multiply(S, S), b.delta(N)), T(S)))),
    ):
        found = congruence(node)
        np.testing.assert_allclose(value(found), value(node), rtol=1e-10, atol=1e-12)
        assert found is expected, (str(found), str(expected))


def test_what_has_nothing_on_both_sides_stays() -> None:
    scaled = b.contract([(times(T(A), C, A), (0, 1)), (x, (1,))], (0, 1))
    for node in (S, times(T(A), K, A), b.add(S, times(T(A), A)), b.add(times(T(A), K, A), scaled), b.add(times(T(A), K, A), T(scaled)), b.add(times(S, T(S), S), times(T(S), S, S)), b.add(times(T(A), K, A), b.multiply(times(T(A), C, A), S))):
        assert congruence(node) is node


def test_any_number_of_matrices_is_taken_out() -> None:
    nested = b.add(K, C)
    outer = [b.var(f"M{n}", (M, M)) for n in range(12)]
    for matrix in outer:
        nested = times(T(matrix), nested, matrix)
    assert congruence(spread(nested)) is nested
    pairs = b.add(*(times(T(matrix), b.add(K, C), matrix) for matrix in outer))
    assert congruence(spread(pairs)) is pairs


def test_many_pairs_take_no_recursion() -> None:
    matrices = [b.var(f"M{n}", (M, M)) for n in range(1200)]
    node = b.add(*(times(T(matrix), middle, matrix) for matrix in matrices for middle in (K, C)))
    assert len(terms_of(congruence(node))) == len(matrices)


def test_sums_of_data_stay() -> None:
    """Their first axis counts: X^T X, or a diagonal matrix over the members, is what a Hessian over data should have."""
    data, d = Dim.of("N"), Dim.of("d")
    u, v = (b.var(name, (data, d), family=True) for name in ("u", "v"))
    apart = b.add(u, b.scale(Fraction(-1), v))
    assert spread(times(T(apart), apart)) is times(T(apart), apart)
    other = b.add(b.var("L", (d, d)), b.var("R", (d, d)))
    assert len(terms_of(spread(times(T(other), T(apart), apart, other)))) == 4
    turned = b.add(b.var("u", (d, data), family=False), b.var("v", (d, data), family=False))
    assert len(terms_of(spread(times(turned, T(turned))))) == 4


def test_products_are_spread_over_sums_of_matrices() -> None:
    for node, count in ((times(T(A), b.add(K, C), A), 2), (times(b.add(S, b.scale(Fraction(2), T(S))), b.add(S, diag(x))), 4), (b.scale(Fraction(-3), times(b.add(S, diag(x)), S)), 2), (b.scale(Fraction(3, 2), times(b.add(S, diag(x)), S)), 2), (S, 1),
                        (b.contract([(b.add(S, T(S)), (0, 1)), (b.contract([(x, ("i",)), (x, ("i",))], ()), ())], (0, 1)), 2)):
        found = spread(node)
        np.testing.assert_allclose(value(found), value(node), rtol=1e-10, atol=1e-12)
        assert len(terms_of(found)) == count


def test_sums_that_are_too_long_stay() -> None:
    wide = b.add(*(b.var(f"M{n}", (N, N)) for n in range(20)))
    node = times(wide, wide, wide)
    assert len(terms_of(spread(node))) <= MAX_TERMS + 20
