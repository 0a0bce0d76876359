"""Unit vectors, embeddings and fusions: products with them by their value, and how much of them is left."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

import numpy as np
import pytest

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor

M, N, P, ZERO, ONE = Dim.of("m"), Dim.of("n"), Dim.of("p"), Dim.of(0), Dim.of(1)
SIZES = {"m": 2, "n": 3, "p": 5}
LONG, PAIR = M + N, M * N
x, z, u = b.var("x", (N,)), b.var("z", (M,)), b.var("u", (P,))
LEAVES = {
    "x": x, "z": z, "u": u, "A": b.var("A", (M, N)), "S": b.var("S", (N, N)), "K": b.var("K", (LONG, LONG)), "V": b.var("V", (PAIR, PAIR)),
    "L": b.var("L", (LONG,)), "Q": b.var("Q", (LONG, P)), "F": b.var("F", (PAIR, P)),
}
Factors = Sequence[tuple[Tensor, tuple[Hashable, ...]]]


def point() -> dict[str, np.ndarray]:
    """Random arrays, positive ones."""
    rng = np.random.default_rng(19)
    return {name: rng.uniform(0.5, 1.5, [d.evaluate(SIZES) for d in leaf.axes]) for name, leaf in LEAVES.items()}


def by_arrays(factors: Factors, out: tuple[Hashable, ...]) -> np.ndarray:
    """The product of the arrays of the factors."""
    names = {i: n for n, i in enumerate(dict.fromkeys(i for _, idx in factors for i in idx))}
    operands: list[object] = []
    for node, idx in factors:
        operands += [np.asarray(evaluate_tensor(node, point(), SIZES), dtype=float), [names[i] for i in idx]]
    return np.asarray(np.einsum(*operands, [names[i] for i in out]))  # type: ignore[call-overload]


def holds(factors: Factors, out: tuple[Hashable, ...]) -> Tensor:
    """The product in normal form, which has the value of the arrays."""
    node = b.contract(factors, out)
    np.testing.assert_allclose(evaluate_tensor(node, point(), SIZES), by_arrays(factors, out), rtol=1e-12, atol=1e-12)
    return node


def placed(node: Tensor, offset: Dim, index: str = "i") -> Tensor:
    """A vector as a part of a long one."""
    return b.contract([(b.embed(offset, node.axes[0], LONG), (index, "k")), (node, (index,))], ("k",))


STACKED = b.add(placed(z, ZERO), placed(x, M))
WIDE = b.contract([(STACKED, ("k",)), (u, ("p",))], ("k", "p"))
LONG_POOL = [
    (b.basis(ZERO, LONG), ()), (b.basis(ONE, LONG), ()), (b.basis(M, LONG), ()), (b.basis(M + ONE, LONG), ()), (b.embed(ZERO, M, LONG), ("m",)),
    (b.embed(M, N, LONG), ("n",)), (b.embed(ONE, N, LONG), ("n",)), (b.embed(N, M, LONG), ("m",)), (b.embed(ZERO, N, LONG), ("n",)),
]


@pytest.mark.parametrize("first", range(len(LONG_POOL)))
@pytest.mark.parametrize("second", range(len(LONG_POOL)))
def test_two_selections_of_one_axis(first: int, second: int) -> None:
    (left, a), (right, c) = LONG_POOL[first], LONG_POOL[second]
    own, other = tuple(f"{i}0" for i in a), tuple(f"{i}1" for i in c)
    factors = [(left, (*own, "k")), (right, (*other, "k"))]
    for out in ((*own, *other), (*own, *other, "k"), own, other, ("k",), ()):
        holds(factors, out)
        holds([*factors, (LEAVES["L"], ("k",))], out)
        holds([*factors, (LEAVES["Q"], ("k", "p"))], (*out, "p"))


FIVE, THREE, TWO = Dim.of(5), Dim.of(3), Dim.of(2)
COUNTED = [b.basis(Dim.of(n), FIVE) for n in range(5)] + [b.embed(Dim.of(n), length, FIVE) for length in (TWO, THREE) for n in range(6 - (length.value or 0))]


@pytest.mark.parametrize("first", range(len(COUNTED)))
def test_selections_at_positions_that_are_numbers(first: int) -> None:
    left = COUNTED[first]
    for right in COUNTED:
        own, other = ("i",) * (left.rank - 1), ("j",) * (right.rank - 1)
        factors = [(left, (*own, "k")), (right, (*other, "k"))]
        for out in ((*own, *other), (*own, *other, "k"), own, other, ("k",)):
            found = holds(factors, out)
            if left.head == "basis" and "k" not in out:
                assert found.head in ("basis", "lin", "contract") and all(t.head != "embed" for t, _ in b.factors_of(found)), found


@pytest.mark.parametrize("inner", [b.basis(ONE, N), b.embed(ZERO, M, N), b.embed(ONE, M, N), b.fuse(M, N)])
def test_selections_of_a_short_axis(inner: Tensor) -> None:
    own = tuple(f"s{n}" for n in range(inner.rank - 1))
    idx = (*own, "i") if inner.head != "fuse" else ("i", *own)
    part = inner.axes[idx.index("i")]
    outer = b.embed(P, part, part + P + ONE)
    for out in ((*own, "k"), ("k",), own, ("i", "k"), (*own, "i", "k")):
        found = holds([(inner, idx), (outer, ("i", "k"))], out)
        if inner.head != "fuse" and out == (*own, "k"):
            assert found.head == inner.head and found.data == (found.data[0],), found
    assert inner.head == "fuse" or b.contract([(inner, idx), (outer, ("i", "k"))], (*own, "k")).data[0] == inner.data[0] + P  # type: ignore[operator]


@pytest.mark.parametrize("out", [("k", "q"), ("k",), ("j", "i"), ("k", "j", "i"), ("q", "j"), ("j", "j1", "i", "i1"), ("k", "q", "i"), ()])
@pytest.mark.parametrize("second", [("q", "j", "i"), ("k", "j1", "i1"), ("q", "j1", "i"), ("k", "j", "i1"), ("q", "j", "i1"), ("k", "j", "i")])
def test_two_fusions(second: tuple[str, ...], out: tuple[str, ...]) -> None:
    fuse = b.fuse(M, N)
    factors = [(fuse, ("k", "j", "i")), (fuse, second)]
    held = {i for _, idx in factors for i in idx}
    holds(factors, tuple(i for i in out if i in held))
    holds([*factors, (LEAVES["A"], ("i", "j")), (LEAVES["F"], ("k", "p"))], (*(i for i in out if i in held), "p"))


def test_fusions_of_other_lengths_stay_apart() -> None:
    holds([(b.fuse(M, N), ("k", "j", "i")), (b.fuse(N, M), ("k", "i1", "j1"))], ("j", "i", "i1", "j1"))
    holds([(b.fuse(M, N), ("k", "j", "i")), (b.fuse(N, M), ("q", "i", "j"))], ("k", "q"))
    holds([(b.fuse(M, N), ("k", "j", "i")), (b.basis(ONE, PAIR), ("k",))], ("j", "i"))
    holds([(b.fuse(M, N), ("k", "j", "i")), (b.basis(ONE, N), ("j",))], ("k", "i"))


@pytest.mark.parametrize("selector", [node for node, _ in LONG_POOL] + [b.fuse(M, N)])
def test_parts_of_what_is_made_of_parts(selector: Tensor) -> None:
    fused = selector.head == "fuse"
    whole = b.contract([(b.fuse(M, N), ("k", "j", "i")), (z, ("i",)), (x, ("j",))], ("k",)) if fused else STACKED
    wide = b.contract([(whole, ("k",)), (u, ("p",))], ("k", "p"))
    turned = b.permute(wide, (1, 0))
    own = tuple(f"s{n}" for n in range(selector.rank - 1))
    idx = ("k", *own) if fused else (*own, "k")
    square = b.add(wide, b.contract([(whole, ("k",)), (b.ones((P,)), ("p",))], ("k", "p")))
    nodes = [whole, b.apply("exp", whole), b.power(b.add(whole, b.ones(whole.axes)), b.const(Fraction(1, 3))), wide, b.apply("exp", wide), square, b.apply("tanh", square)]
    for node in nodes:
        names = ("k", "p")[: node.rank]
        found = holds([(node, names), (selector, idx)], (*own, *names[1:]))
        if fused or selector in (b.embed(ZERO, M, LONG), b.embed(M, N, LONG)):
            assert not b.selects(found) or node.head == "contract", found
    for node in (turned, b.apply("exp", turned), b.permute(square, (1, 0)), b.apply("max", turned, b.permute(square, (1, 0)))):
        holds([(node, ("p", "k")), (selector, idx)], ("p", *own))
        if node.head in ("lin", "map", "pow"):
            part = b.part_of(node, 1, selector)
            np.testing.assert_allclose(evaluate_tensor(part, point(), SIZES), by_arrays([(node, ("p", "k")), (selector, idx)], ("p", *own)), rtol=1e-12)
    for node in (square, b.apply("max", square, b.apply("exp", wide)), b.power(square, wide)):
        part = b.part_of(node, 0, selector)
        np.testing.assert_allclose(evaluate_tensor(part, point(), SIZES), by_arrays([(node, ("k", "p")), (selector, idx)], (*own, "p")), rtol=1e-12)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1)])
def test_parts_of_what_has_three_axes(order: tuple[int, ...]) -> None:
    names = ("k", "p", "j")
    whole = b.permute(b.contract([(STACKED, ("k",)), (u, ("p",)), (x, ("j",))], names), order)
    here = tuple(names[n] for n in order)
    for node in (b.apply("exp", whole), b.add(whole, b.contract([(STACKED, ("k",)), (b.ones((P,)), ("p",)), (b.ones((N,)), ("j",))], here)), b.power(whole, whole)):
        for selector, own in LONG_POOL:
            short = tuple(f"s{i}" for i in own)
            for out in ((*short, "p", "j"), ("j", *short), ("p",), ()):
                holds([(node, here), (selector, (*short, "k"))], out)


def test_several_selections_in_one_product() -> None:
    first, second = (b.basis(M, LONG), b.embed(M, N, LONG)), (b.fuse(M, N), b.fuse(M, N))
    factors = [(first[0], ("k",)), (first[1], ("n", "k")), (first[0], ("l",)), (first[1], ("o", "l")), (second[0], ("a", "j", "i")), (second[1], ("c", "j", "i"))]
    for count in range(1, 7):
        used = {i for _, idx in factors[:count] for i in idx}
        found = holds(factors[:count], tuple(i for i in ("n", "o", "a", "c") if i in used))
    assert not any(t.head == "fuse" for t in found.args), str(found)
    pairs = [(b.fuse(M, N), (f"{k}{n}", f"j{n}", f"i{n}")) for n in range(3) for k in "ac"]
    assert {t for t, _ in b.factors_of(holds(pairs, ("a0", "c0", "a1", "c1", "a2", "c2")))} == {b.delta(PAIR)}
    for count in (1, 2, 3):
        sums = b.contract([(v, (n,)) for n in range(count) for v in (STACKED, b.apply("exp", STACKED))], ())
        assert not b.selects(sums) and not b.selects(b.contract([(STACKED, (n,)) for n in range(count)], ()))
    lone = holds([(first[1], ("n", "k")), (first[0], ("l",)), (b.embed(ZERO, M, LONG), ("m", "q"))], ("n", "m"))
    assert lone is b.ones((N, M))


def test_a_power_of_parts_with_a_scalar_exponent() -> None:
    node = b.power(b.add(STACKED, b.ones((LONG,))), b.contract([(u, ("p",)), (u, ("p",))], ()))
    for selector, own in LONG_POOL:
        found = holds([(node, ("k",)), (selector, (*own, "k"))], own)
        assert found.axes == selector.axes[:-1]


def test_sums_over_parts() -> None:
    others = b.add(placed(x, ZERO), placed(b.multiply(z, z), N))
    for first in (STACKED, b.apply("exp", STACKED), WIDE):
        names = ("k", "p")[: first.rank]
        for out in (names[1:], ()):
            holds([(first, names)], out)
            holds([(first, names), (STACKED, ("k",))], out)
            holds([(first, names), (others, ("k",))], out)
            holds([(first, names), (LEAVES["K"], ("k", "l")), (STACKED, ("l",))], out)
    assert not b.selects(b.contract([(STACKED, ("k",)), (STACKED, ("k",))], ()))
    assert not b.selects(b.contract([(STACKED, ("k",))], ()))


def test_random_networks() -> None:
    rng = np.random.default_rng(23)
    pool = [node for node, _ in LONG_POOL] + [b.fuse(M, N), b.basis(ONE, N), b.embed(ONE, M, N), b.basis(ONE, PAIR), b.delta(N), b.delta(LONG), STACKED, WIDE,
                                             *LEAVES.values()]
    for _ in range(300):
        factors = []
        for pick in rng.integers(len(pool), size=rng.integers(2, 5)):
            node = pool[pick]
            factors.append((node, tuple((str(d), int(rng.integers(2))) for d in node.axes)))
        names = sorted({i for _, idx in factors for i in idx})
        holds(factors, tuple(i for i in names if rng.random() < 0.4)[:4])
