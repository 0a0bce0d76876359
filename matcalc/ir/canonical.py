"""The normal form of a product, up to the names of bound indices and the order of factors.

Colour refinement over the graph of factors and indices; where indices stay alike, each of them is singled out in turn
and the smallest outcome is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from weakref import WeakKeyDictionary

from matcalc.ir.nodes import Factor, Tensor, factors_of, has_property, terms_of

MAX_LEAVES = 64
"""Outcomes compared for one product. Beyond it two equal products may keep two forms: never wrong, only longer."""

Certificate = tuple[tuple[bytes, tuple[int, ...]], ...]

_symmetric: WeakKeyDictionary[Tensor, bool] = WeakKeyDictionary()


def is_symmetric(node: Tensor) -> bool:
    """Whether the tensor has two axes and equals its transpose for every value of its variables."""
    if node.rank != 2 or node.axes[0] != node.axes[1]:
        return False
    known = _symmetric.get(node)
    if known is None:
        known = _symmetric[node] = _is_symmetric(node)
    return known


def _is_symmetric(node: Tensor) -> bool:
    if node.head == "delta":
        return True
    if node.head == "var":
        return any(has_property(node, prop) for prop in ("symmetric", "diagonal", "posdef", "psd"))
    if node.head == "matpow" and is_skew(node.args[0]):
        return not _is_odd(node)
    if node.head in ("matpow", "expm", "softmax", "pow", "map"):
        return all(arg.rank == 0 or is_symmetric(arg) for arg in node.args)
    if node.head not in ("lin", "contract"):
        return False
    terms = sorted(_certificate(c, factors_of(t)) for c, t in terms_of(node))
    turned = sorted(_certificate(c, transposed_factors(t)) for c, t in terms_of(node))
    return terms == turned


def is_skew(node: Tensor) -> bool:
    """Whether a matrix, or what it is an odd power of, is declared to be the negative of its transpose."""
    if node.head == "matpow":
        return _is_odd(node) and is_skew(node.args[0])
    return node.rank == 2 and has_property(node, "skew")


def _is_odd(node: Tensor) -> bool:
    return int(str(node.data[0])) % 2 == 1


def is_diagonal(node: Tensor) -> bool:
    """Whether a matrix is declared or known to have no entry off the diagonal."""
    if node.head == "matpow":
        return is_diagonal(node.args[0])
    return node.rank == 2 and has_property(node, "diagonal")


def transposed_factors(node: Tensor) -> list[Factor]:
    """The factors of the transpose; a diagonal, whose factors all stand on axis 0, is its own."""
    if any(t.head == "delta" and set(idx) == {0, 1} for t, idx in factors_of(node)):
        return factors_of(node)
    swap = {0: 1, 1: 0}
    return [(t, tuple(swap.get(i, i) for i in idx)) for t, idx in factors_of(node)]


def _certificate(coefficient: Fraction, factors: Sequence[Factor]) -> tuple[Fraction, Certificate]:
    sign, ordered = canonical_factors(factors, 2)
    return coefficient * sign, tuple((t.key, idx) for t, idx in ordered)


def canonical_factors(factors: Sequence[Factor], rank: int) -> tuple[int, list[Factor]]:
    """A sign, and the factors sorted, with bound indices numbered from `rank` on.

    Before: indices 0..rank-1 are axes of the result, all others are bound.
    After: equal for any two products that differ in bound names, factor order and transposes of symmetric and skew
    factors alone. The sign is that of the transposes of skew factors, 0 where a product is its own negative.
    Ends: every round splits a colour class or is the last; every branch singles out one index.
    """
    bound = sorted({i for _, idx in factors for i in idx if i >= rank})
    start = {i: i for i in range(rank)} | dict.fromkeys(bound, rank)
    best: list[tuple[Certificate, int, list[Factor]]] = []
    stack, leaves = [start], 0
    while stack and leaves < MAX_LEAVES:
        colours = stack.pop() if len(bound) < 2 else _refine(factors, stack.pop())
        cell = _tied(colours, bound)
        if cell:
            top = max(colours.values()) + 1
            stack.extend({**colours, i: top} for i in cell)
            continue
        leaves += 1
        names = {i: i for i in range(rank)}
        names |= {i: rank + n for n, i in enumerate(sorted(bound, key=colours.__getitem__))}
        placed = [(t, tuple(names[i] for i in idx)) for t, idx in factors]
        sign = prod((idx[0] < idx[1]) - (idx[0] > idx[1]) for t, idx in placed if is_skew(t))
        ordered = sorted(((t, tuple(sorted(idx)) if _swaps(t) else idx) for t, idx in placed), key=lambda f: (f[0].key, f[1]))
        best.append((tuple((t.key, idx) for t, idx in ordered), sign, ordered))
    certificate, sign, ordered = min(best, key=lambda leaf: leaf[0])
    return (sign if {s for c, s, _ in best if c == certificate} == {sign} else 0), ordered


def _swaps(node: Tensor) -> bool:
    """Whether the two slots may be swapped, up to a sign."""
    return is_skew(node) or is_symmetric(node)


def _tied(colours: dict[int, int], bound: Sequence[int]) -> list[int]:
    """The first class of bound indices that refinement leaves together."""
    cells: dict[int, list[int]] = {}
    for i in bound:
        cells.setdefault(colours[i], []).append(i)
    return next((cells[c] for c in sorted(cells) if len(cells[c]) > 1), [])


def _refine(factors: Sequence[Factor], colours: dict[int, int]) -> dict[int, int]:
    """The coarsest stable colouring below the given one."""
    count = len(set(colours.values()))
    while True:
        seen: dict[int, list[tuple[bytes, tuple[int, ...], int]]] = {i: [] for i in colours}
        for node, idx in factors:
            view = tuple(colours[i] for i in idx)
            symmetric = _swaps(node)
            for slot, i in enumerate(idx):
                signature = tuple(sorted(view)) if symmetric else view
                seen[i].append((node.key, signature, 0 if symmetric else slot))
        signatures = {i: (colours[i], tuple(sorted(seen[i]))) for i in colours}
        rank = {s: n for n, s in enumerate(sorted(set(signatures.values())))}
        colours = {i: rank[s] for i, s in signatures.items()}
        if len(rank) == count:
            return colours
        count = len(rank)
