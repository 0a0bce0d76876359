"""Unit vectors, embeddings, fusions and deltas that stay in products: emitted code has their value, whatever meets them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

import numpy as np
import pytest

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import Parameter
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.plan.program import plan

M, N, P, ZERO, ONE = Dim.of("m"), Dim.of("n"), Dim.of("p"), Dim.of(0), Dim.of(1)
SIZES = {"m": 2, "n": 3, "p": 5}
LONG, PAIR = M + N, M * N
LEAVES = {
    name: b.var(name, axes) for name, axes in (
        ("x", (N,)), ("z", (M,)), ("u", (P,)), ("A", (M, N)), ("S", (N, N)), ("K", (LONG, LONG)), ("V", (PAIR, PAIR)), ("L", (LONG,)), ("Q", (LONG, P)), ("F", (PAIR, P)),
        ("R", (P, LONG, N)), ("E", (M, PAIR)), ("f", (PAIR,)), ("s", ()),
    )
}
EMBEDDED = [b.embed(ZERO, M, LONG), b.embed(M, N, LONG), b.embed(ONE, N, LONG), b.embed(N, M, LONG), b.embed(ZERO, N, LONG)]
UNITS = [b.basis(ZERO, LONG), b.basis(M, LONG), b.basis(ONE, N), b.basis(ONE, PAIR), b.basis(ZERO, M)]
FUSED = [b.fuse(M, N), b.fuse(N, M)]
DELTAS = [b.delta(N), b.delta(LONG), b.delta(PAIR), b.delta(M)]
POINT = {name: np.random.default_rng(n).uniform(0.5, 1.5, [d.evaluate(SIZES) for d in leaf.axes]) for n, (name, leaf) in enumerate(LEAVES.items())}
PARAMETERS = {name: Parameter(leaf.axes, str(leaf.axes)) for name, leaf in LEAVES.items()}
Factors = Sequence[tuple[Tensor, tuple[Hashable, ...]]]


def holds(*nodes: Tensor) -> str:
    """The code of some tensors, which has their values."""
    source = to_numpy(plan(*nodes), PARAMETERS, "f", "Tensors.", checks=False)
    scope: dict[str, object] = {}
    exec(source, scope)  # noqa: S102
    values = scope["f"](*POINT.values())  # type: ignore[operator]
    for node, value in zip(nodes, values if len(nodes) > 1 else (values,), strict=True):
        np.testing.assert_allclose(value, evaluate_tensor(node, POINT, SIZES), rtol=1e-9, atol=1e-11, err_msg=source)
    return source


def drawn(rng: np.random.Generator, pool: Sequence[Tensor], least: int, most: int) -> Tensor:
    """A product of some tensors of a pool, of up to four axes."""
    factors = []
    for pick in rng.integers(len(pool), size=rng.integers(least, most + 1)):
        factors.append((pool[pick], tuple((str(d), int(rng.integers(2))) for d in pool[pick].axes)))
    names = sorted({i for _, idx in factors for i in idx})
    chosen = [i for i in names if rng.random() < 0.5][:4]
    return b.contract(factors, tuple(chosen[n] for n in rng.permutation(len(chosen))))


@pytest.mark.parametrize("seed", range(12))
def test_random_products(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pools = [[*EMBEDDED, *UNITS, *DELTAS[:2], *LEAVES.values()], [*FUSED, *DELTAS, UNITS[3], *LEAVES.values()], [*EMBEDDED, *UNITS, *FUSED, *DELTAS, *LEAVES.values()],
             [*EMBEDDED, *UNITS, *FUSED, *DELTAS]]
    for pool in pools:
        for _ in range(8):
            holds(drawn(rng, pool, 2, 4))


@pytest.mark.parametrize("seed", range(4))
def test_random_sums(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    pool = [*EMBEDDED, *UNITS, *FUSED, *DELTAS, *LEAVES.values()]
    done = 0
    while done < 12:
        node = drawn(rng, pool, 1, 3)
        terms = [(Fraction(int(c)), other) for c, other in zip(rng.integers(-3, 4, size=12), [drawn(rng, pool, 1, 3) for _ in range(12)], strict=True) if other.axes == node.axes]
        done += 1
        holds(b.lin([(Fraction(2), node), *terms], node.axes))


def placed(node: Tensor, embedding: Tensor) -> Tensor:
    """A vector as a part of a long one."""
    return b.contract([(embedding, ("i", "k")), (node, ("i",))], ("k",))


STACKED = b.add(placed(LEAVES["z"], EMBEDDED[0]), placed(LEAVES["x"], EMBEDDED[1]))


@pytest.mark.parametrize("constant", [*EMBEDDED, *UNITS, *FUSED])
def test_one_constant_beside_others(constant: Tensor) -> None:
    """Each of its axes summed or kept, beside each tensor that fits an axis."""
    own = tuple(f"c{n}" for n in range(constant.rank))
    partners: list[Factors] = [[]]
    for n, dim in enumerate(constant.axes):
        for leaf in LEAVES.values():
            for slot, other in enumerate(leaf.axes):
                if dim == other:
                    partners.append([(leaf, (*(f"l{k}" for k in range(slot)), own[n], *(f"r{k}" for k in range(leaf.rank - slot - 1))))])
    for others in partners:
        free = tuple(dict.fromkeys(i for _, idx in others for i in idx if i not in own))
        for kept in range(2**constant.rank):
            out = tuple(i for n, i in enumerate(own) if kept >> n & 1)
            holds(b.contract([(constant, own), *others], (*out, *free)), b.contract([(constant, own), *others], (*free[::-1], *out[::-1])))


def test_diagonals_in_every_pair_of_axes() -> None:
    s, x, A = LEAVES["s"], LEAVES["x"], LEAVES["A"]
    for factors, out in (
        ([(DELTAS[0], "ij"), (x, "k")], "ijk"), ([(DELTAS[0], "ik"), (A, "jk")], "ijk"), ([(DELTAS[0], "ij"), (DELTAS[0], "jk"), (x, "k")], "ijk"),
        ([(DELTAS[0], "ij"), (DELTAS[3], "kl")], "ikjl"), ([(DELTAS[0], "ij"), (DELTAS[3], "kl"), (A, "ki")], "ljki"), ([(DELTAS[0], "ij"), (DELTAS[0], "kl"), (s, "")], "ijkl"),
        ([(DELTAS[0], "ij"), (DELTAS[0], "jk"), (DELTAS[0], "kl"), (x, "l")], "ijkl"), ([(DELTAS[0], "ij"), (DELTAS[0], "kl"), (LEAVES["S"], "ik")], "ijkl"),
    ):
        node = b.contract([(t, tuple(i)) for t, i in factors], tuple(out))
        for permuted in (tuple(range(node.rank)), tuple(range(node.rank))[::-1]):
            holds(b.permute(node, permuted))


FIVE, PARTS = Dim.of(5), [(name, b.var(name, (Dim.of(size),))) for name, size in (("two", 2), ("three", 3))]


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("second", range(4))
def test_places_that_meet_and_places_apart(first: int, second: int) -> None:
    values = {name: np.arange(1.0, 4.0)[: leaf.axes[0].value] * (n + 1) for n, (name, leaf) in enumerate(PARTS)}
    (_, two), (_, three) = PARTS
    parts = [b.contract([(b.embed(Dim.of(n), leaf.axes[0], FIVE), ("i", "k")), (leaf, ("i",))], ("k",)) for leaf, n in ((two, first), (three, min(second, 2)))]
    unit = b.basis(Dim.of(second), FIVE)
    for terms in (parts, parts[::-1], [parts[0], unit], [parts[1], unit], [*parts, unit]):
        for node in (b.add(*terms), b.contract([(b.add(*terms), ("k",)), (three, ("j",))], ("j", "k")), b.contract([(b.add(*terms), ("k",)), (b.add(*terms), ("l",))], ("k", "l"))):
            source = to_numpy(plan(node), {name: Parameter(leaf.axes, name) for name, leaf in PARTS}, "f", "A sum.", checks=False)
            scope: dict[str, object] = {}
            exec(source, scope)  # noqa: S102
            np.testing.assert_allclose(scope["f"](*values.values()), evaluate_tensor(node, values, {}), err_msg=source)  # type: ignore[operator]


def test_named_parts_are_computed_once_and_results_as_soon_as_they_can_be() -> None:
    A, x, z = LEAVES["A"], LEAVES["x"], LEAVES["z"]
    r, e = b.var("r", (M,)), b.var("e", (M,))
    residual = b.add(b.contract([(A, ("i", "j")), (x, ("j",))], ("i",)), b.scale(Fraction(-1), z))
    nodes = [b.contract([(r, ("i",)), (r, ("i",))], ()), b.contract([(r, ("i",)), (A, ("i", "j"))], ("j",)), b.multiply(r, e), b.contract([(e, ("i",))], ()), z]
    program = plan(*nodes, named={r: residual, e: b.apply("exp", r)})
    assert sum(step.op == "map" for step in program.steps) == 1
    source = to_numpy(program, PARAMETERS, "f", "Tensors.", checks=False)
    scope: dict[str, object] = {}
    exec(source, scope)  # noqa: S102
    point = {**POINT, "r": POINT["A"] @ POINT["x"] - POINT["z"]}
    point["e"] = np.exp(point["r"])
    for node, value in zip(nodes, scope["f"](*POINT.values()), strict=True):  # type: ignore[operator]
        np.testing.assert_allclose(value, evaluate_tensor(node, point, SIZES), rtol=1e-12, err_msg=source)


def test_explicit_vectors_and_what_is_made_of_them() -> None:
    K, Q = LEAVES["K"], LEAVES["Q"]
    for node in (
        STACKED, b.apply("exp", STACKED), b.scale(Fraction(-2), STACKED), b.multiply(LEAVES["s"], STACKED), b.contract([(K, ("k", "l")), (STACKED, ("l",))], ("k",)),
        b.contract([(STACKED, ("k",)), (K, ("k", "l")), (STACKED, ("l",))], ()), b.contract([(Q, ("k", "p")), (STACKED, ("k",))], ("p",)), b.contract([(STACKED, ("k",)), (LEAVES["u"], ("p",))], ("p", "k")),
        b.contract([(STACKED, ("k",)), (b.delta(LONG), ("k", "l"))], ("k", "l")), b.add(K, b.contract([(STACKED, ("k",)), (b.delta(LONG), ("k", "l"))], ("k", "l"))),
        b.power(b.contract([(b.power(STACKED, b.const(2)), ("k",))], ()), b.const(Fraction(1, 2))), b.add(STACKED, b.scale(Fraction(-1), LEAVES["L"])),
        b.contract([(STACKED, ("k",)), (b.embed(P, LONG, LONG + P), ("k", "q"))], ("q",)), b.normalised("softmax", STACKED),
    ):
        holds(node)
        holds(node, b.scale(Fraction(3), node))
