"""Symmetric factoring: terms that have one matrix on both sides are written as A^T K A.

Before: a tensor of two equal axes in normal form. After: equal; where K is a sum it stands between A^T and A.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of, terms_of

Side = tuple[Tensor, int]
"""A factor, and its slot on the outer axis."""

MAX_TERMS = 200


def congruence(node: Tensor) -> Tensor:
    """The tensor, of two equal axes and expanded, with matrices that stand on both sides of two terms or more taken out on both.

    Ends: what stands between the two has fewer factors.
    """
    terms = terms_of(node)
    places: dict[Side, list[int]] = {}
    for n, (_, term) in enumerate(terms):
        if (side := _side(term)) is not None:
            places.setdefault(side, []).append(n)
    shared = {side: held for side, held in places.items() if len(held) > 1}
    if not shared:
        return node
    wholes: list[tuple[Fraction, Tensor]] = []
    for (matrix, slot), held in shared.items():
        inner = congruence(b.add(*(b.scale(terms[n][0], _between(terms[n][1], (matrix, slot))) for n in held)))
        left, right = ("p", 0) if slot else (0, "p"), ("q", 1) if slot else (1, "q")
        wholes.append((Fraction(1), b.contract([(matrix, left), (inner, ("p", "q")), (matrix, right)], (0, 1))))
    taken = {n for held in shared.values() for n in held}
    return b.lin([*wholes, *(t for n, t in enumerate(terms) if n not in taken)], node.axes)


def spread(node: Tensor) -> Tensor:
    """The tensor with products distributed over sums of matrices; sums of vectors and of numbers stay.

    Ends: every round opens one sum, and what it holds has fewer.
    """
    done: list[tuple[Fraction, Tensor]] = []
    stack = terms_of(node)
    while stack:
        coefficient, term = stack.pop()
        factors = factors_of(term)
        opened = next((n for n, (t, _) in enumerate(factors) if t.head == "lin" and t.rank == 2 and t.args and not _is_data(t)), None)
        if opened is None or len(done) + len(stack) > MAX_TERMS:
            done.append((coefficient, term))
            continue
        matrix, idx = factors.pop(opened)
        parts = [(c, b.contract([*factors, (t, idx)], tuple(range(node.rank)))) for c, t in terms_of(matrix)]
        stack += [(coefficient * c * d, t) for c, part in parts for d, t in terms_of(part)]
    return b.lin(done, node.axes)


def _is_data(node: Tensor) -> bool:
    """Whether the first axis counts the members of a family."""
    return any(t.head == "var" and t.data[2] is True and t.axes[0] == node.axes[0] for t in postorder(node))


def _side(term: Tensor) -> Side | None:
    """The matrix that stands on both sides of a term, alone on either axis."""
    factors = factors_of(term)
    if any(sum(idx.count(axis) for _, idx in factors) > 1 for axis in (0, 1)):
        return None
    matrices = [(t, idx) for t, idx in factors if t.rank == 2 and t.head != "delta"]
    found = ((t, slot) for slot in (0, 1) for t, idx in matrices if idx[slot] == 0 and idx[1 - slot] > 1)
    return next(((t, slot) for t, slot in found if any(u is t and idx[slot] == 1 and idx[1 - slot] > 1 for u, idx in matrices)), None)


def _between(term: Tensor, side: Side) -> Tensor:
    """What stands between a matrix on the left and on the right of a term."""
    matrix, slot = side
    parts: list[tuple[Tensor, tuple[Hashable, ...]]] = []
    ends: dict[int, int] = {}
    for t, idx in factors_of(term):
        if t is matrix and idx[slot] in (0, 1) and idx[slot] not in ends and idx[1 - slot] > 1:
            ends[idx[slot]] = idx[1 - slot]
        else:
            parts.append((t, idx))
    left, right = ends[0], ends[1]
    size = matrix.axes[1 - slot]
    parts += [(b.delta(size), (left, "p")), (b.delta(size), (right, "q"))]
    return b.contract(parts, ("p", "q"))
