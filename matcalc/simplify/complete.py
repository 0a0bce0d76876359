"""Parts put together: A e_1 e_1^T + ... + A e_n e_n^T is A, and c (a e_1 + b e_2) is c a e_1 + c b e_2."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.ir.selection import selects
from matcalc.ir.substitute import rebuild
from matcalc.simplify.factor import opened

MAX_LENGTH = 64
"""Positions are put together along axes of at most so many entries."""

Whole = tuple[Tensor, Fraction, Dim]
"""What a term is a part of: the sum over all positions, its coefficient, and the length of the axis."""


def complete(node: Tensor) -> Tensor:
    """The tensor without unit vectors that run over all positions of an axis, each entry of parts with its own factors.

    Before: normal form. After: equal, and in normal form.
    Ends: one pass; every step removes unit vectors or a product with a sum.
    """
    return fold(node, lambda t, args: _completed(_spread(rebuild(t, args)))) if selects(node) else node


def _spread(node: Tensor) -> Tensor:
    """A sum of parts times scalars and unit vectors that stand apart from it, multiplied into the parts."""
    factors = factors_of(node)
    for n, (total, idx) in enumerate(factors):
        others = [f for m, f in enumerate(factors) if m != n]
        apart = all(t.rank == 0 or (t.head == "basis" and not {*slots} & {*idx}) for t, slots in others)
        if others and apart and total.head == "lin" and selects(total) and all(i < node.rank for i in idx):
            return b.over_terms(total, idx, others, tuple(range(node.rank)))
    return node


def _completed(node: Tensor) -> Tensor:
    """A sum with the terms that make a whole replaced by it, until none do."""
    if node.head != "lin" or not selects(node):
        return node
    found: dict[Whole, dict[Dim, Tensor]] = {}
    for coefficient, term in terms_of(node):
        for whole, position, length in _wholes(term):
            found.setdefault((whole, coefficient, length), {}).setdefault(position, term)
    for (whole, coefficient, length), terms in found.items():
        if length.value == len(terms) and len(set(terms.values())) == len(terms):
            gone = set(terms.values())
            rest = [(c, t) for c, t in terms_of(node) if t not in gone]
            return _completed(b.lin([(coefficient, whole), *rest], node.axes))
    return node


def _wholes(term: Tensor) -> Iterator[tuple[Tensor, Dim, Dim]]:
    """What the term is a part of, in each way in which unit vectors of one position can be tied together.

    At least one of them selects from another factor; explicit entries alone stay explicit.
    """
    factors = opened(term)
    groups: dict[tuple[Dim, Dim], list[int]] = {}
    for n, (t, _) in enumerate(factors):
        if t.head == "basis" and t.axes[0].value is not None and t.axes[0].value <= MAX_LENGTH:
            start = t.data[0]
            assert isinstance(start, Dim)
            groups.setdefault((start, t.axes[0]), []).append(n)
    for (position, length), members in groups.items():
        inner = [n for n in members if factors[n][1][0] >= term.rank]
        outer = [n for n in members if n not in inner]
        for picked in [*([n] for n in inner), *([inner] if len(inner) > 1 else [])]:
            for beside in [[], *([n] for n in outer)]:
                yield _tied(term, factors, [*picked, *beside], length), position, length


def _tied(term: Tensor, factors: list[Factor], chosen: list[int], length: Dim) -> Tensor:
    """The term with one index in the place of the chosen unit vectors, summed over."""
    slots = [factors[n][1][0] for n in chosen]
    shared = next((i for i in slots if i < term.rank), "all")
    names: dict[int, Hashable] = {i: shared for i in slots if i >= term.rank}
    rest = [(t, tuple(names.get(i, i) for i in idx)) for n, (t, idx) in enumerate(factors) if n not in chosen]
    return b.contract(rest, tuple(range(term.rank)))
