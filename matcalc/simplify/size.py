"""The size that factoring minimises: leaves and operators of a tensor, counted as it is printed."""

from __future__ import annotations

from collections import Counter
from math import prod
from weakref import WeakKeyDictionary

from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of, terms_of


def size(node: Tensor) -> int:
    """Leaves and operators, counted as they are printed; a sign in front is free."""
    return fold(node, _size, _sizes)


_sizes: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()
_leaves: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()


def measure(node: Tensor) -> tuple[int, int]:
    """The size, and the number of leaves."""
    return size(node), leaves(node)


def leaves(node: Tensor) -> int:
    """The number of leaves, counted as often as they are printed."""
    return fold(node, lambda _, args: sum(args) or 1, _leaves)


def _size(node: Tensor, args: tuple[int, ...]) -> int:
    if b.number_of(node) is not None:
        return 1
    if node.head == "contract":
        turned = len(args) == 1 and node.rank == 2
        outer = node.rank == 2 and _ends_in_vectors(node)
        inner = node.rank == 0 and len(args) > 1 and all(t.rank == 1 for t in node.args)
        return sum(args) + (len(args) > 1 or turned or node.rank < node.args[0].rank) + outer + inner - _is_diagonal(node)
    if node.head == "basis":
        return 1 + (node.axes[0].value or 1)
    if node.head == "lin":
        entries = _entries(node)
        if entries is not None:
            return entries
        numbers = sum(abs(c) != 1 and _visible(t) for c, t in terms_of(node))
        heads = sum(abs(c) != 1 and _visible(t) and (t.head != "contract" or _is_diagonal(t)) for c, t in terms_of(node))
        return sum(args) - _broadcast(node) + numbers + heads + (len(args) > 1) + len(args) * _repeats_matrix(node)
    return sum(args) + 1


def _is_diagonal(node: Tensor) -> bool:
    """Whether it is the diagonal matrix of one vector, which prints without a product."""
    return node.head == "contract" and node.rank == 2 == len(node.args) and any(t.head == "delta" for t in node.args)


def _repeats_matrix(node: Tensor) -> bool:
    """Whether every term of a sum is one matrix, its rows or its columns scaled: diag(v) A + A is diag(v + 1) A."""
    if node.rank != 2 or len(node.args) < 2:
        return False
    split = [factors_of(t) for t in node.args]
    for matrix in split[0]:
        if set(matrix[1]) == {0, 1} and matrix[0].head not in ("delta", "ones") and all(f.count(matrix) == 1 for f in split):
            others = {i for factors in split for factor in factors if factor != matrix for i in factor[1]}
            return len(others & {0, 1}) < 2
    return False


def _broadcast(node: Tensor) -> int:
    """What ones along the data add to the sizes of terms: below a sum over data they are not printed."""
    split = [factors_of(t) for t in node.args]
    data = {idx[0] for term in split for t, idx in term if t.head == "var" and t.data[2] and idx[0] < node.rank}
    hidden = [[f for f in term if f[0].head != "ones" or f[1][0] not in data] for term in split] if data else []
    return sum(
        size(term) - max(1, size(b.contract(kept, (*dict.fromkeys(i for _, idx in kept for i in idx if i < node.rank),))))
        for term, factors, kept in zip(node.args, split, hidden, strict=False) if 0 < len(kept) < len(factors)
    )


def _ends_in_vectors(node: Tensor) -> bool:
    """Whether a matrix is an outer product: vectors alone, or a vector at the end of a chain at both sides."""
    if all(t.rank < 2 for t in node.args):
        return True
    return any(idx in ((0,), (1,)) for _, idx in factors_of(node)) and not any(set(idx) == {0, 1} for _, idx in factors_of(node))


def _entries(node: Tensor) -> int | None:
    """The size of a sum that prints as an explicit vector or matrix of scalars, None for any other."""
    total, cells = 1, Counter[tuple[Tensor, ...]]()
    for c, term in terms_of(node):
        rest = [t for t, idx in factors_of(term) if t.head != "basis" or idx[0] >= node.rank]
        at = {idx[0]: t for t, idx in factors_of(term) if t.head == "basis" and idx[0] < node.rank}
        if not at or len(at) < node.rank or any(t.rank for t in rest):
            return None
        cells[tuple(at[axis] for axis in range(node.rank))] += 1
        numbered = bool(rest) and abs(c) != 1
        total += max(1, sum(size(t) for t in rest) + numbered + (len(rest) + numbered > 1))
    several = sum(count > 1 for count in cells.values())
    return total + several + prod(dim.value or 1 for dim in node.axes) - len(cells)


def _visible(node: Tensor) -> bool:
    """Whether a coefficient stands in front of the tensor, which a number swallows."""
    return any(t.head != "ones" for t, _ in factors_of(node))
