"""Products of the constants that place, pick and pair axes: basis, embed and fuse.

`meet` and `lone` rewrite one or two factors of a product; every rewrite removes a constant or moves it off a bound
index, so they end.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.ir.nodes import Axes, Factor, Tensor

SELECTORS = frozenset(("basis", "embed", "fuse"))

_selecting: WeakKeyDictionary[Tensor, bool] = WeakKeyDictionary()

Free = Callable[[int], bool]


def basis(position: Dim, length: Dim) -> Tensor:
    """The unit vector of a position, counted from 0."""
    return Tensor.make("basis", (), (position,), (length,))


def embed(offset: Dim, part: Dim, whole: Dim) -> Tensor:
    """The map that places an axis in a longer one from an offset on: entry (i, k) is 1 where k = i + offset."""
    if part == whole:
        return Tensor.make("delta", (), (), (whole, whole))
    return Tensor.make("embed", (), (offset,), (part, whole))


def fuse(rows: Dim, cols: Dim) -> Tensor:
    """The map between a pair of axes and one: entry (k, j, i) is 1 where k = i + rows j."""
    return Tensor.make("fuse", (), (), (rows * cols, cols, rows))


def selects(node: Tensor) -> bool:
    """Whether a constant that selects occurs in the tensor."""
    return fold(node, lambda t, args: t.head in SELECTORS or any(args), _selecting)


def _leaf(head: str, data: tuple[Dim, ...], axes: Axes) -> Tensor:
    return Tensor.make(head, (), data, axes)


def _offset(node: Tensor) -> Dim:
    offset = node.data[0]
    assert isinstance(offset, Dim)
    return offset


def _whole(factor: Factor) -> int:
    """The index of the long axis."""
    return factor[1][-1]


def meet(first: Factor, second: Factor, free: Free) -> list[Factor] | None:
    """What two factors that share an index become, None where nothing is known.

    Args:
        first: a basis vector, an embedding or a fusion.
        second: any factor.
        free: whether an index is bound and held by these two alone.
    """
    heads = (first[0].head, second[0].head)
    if heads == ("fuse", "fuse"):
        return _fused(first, second, free)
    if heads[0] == "fuse" or heads[1] == "fuse":
        return None
    if heads[1] in SELECTORS:
        if _whole(first) == _whole(second):
            return _ranges(first, second, free)
        return _composed(first, second, free)
    return None


def _range(factor: Factor) -> tuple[Dim, Dim]:
    """The first position on the long axis, and the one after the last."""
    start = _offset(factor[0])
    return start, start + (Dim.of(1) if factor[0].head == "basis" else factor[0].axes[0])


def _ranges(first: Factor, second: Factor, free: Free) -> list[Factor] | None:
    """Two selections of one long axis: zero where they do not meet, one of them where one holds the other."""
    (start, end), (begin, stop) = _range(first), _range(second)
    if (begin - end).is_nonnegative or (start - stop).is_nonnegative:
        dims = {i: d for t, idx in (first, second) for i, d in zip(idx, t.axes, strict=True)}
        return [(Tensor.make("lin", (), (), tuple(dims.values())), tuple(dims))]
    kept = [] if free(_whole(first)) else [first]
    if (start, end) == (begin, stop):
        if first[0].head != second[0].head:
            return None
        if first[0].head == "basis":
            return kept
        part = first[0].axes[0]
        return [*kept, (_leaf("delta", (), (part, part)), (first[1][0], second[1][0]))]
    if first[0].head == "basis" and (start - begin).is_nonnegative and (stop - end).is_nonnegative:
        return [*kept, (_leaf("basis", (start - begin,), second[0].axes[:1]), second[1][:1])]
    return None


def _composed(first: Factor, second: Factor, free: Free) -> list[Factor] | None:
    """A selection of the short axis of an embedding is one of its long axis."""
    shared = _whole(first)
    if second[0].head != "embed" or second[1][0] != shared or not free(shared):
        return None
    start = _offset(first[0]) + _offset(second[0])
    axes, idx = (*first[0].axes[:-1], second[0].axes[1]), (*first[1][:-1], second[1][1])
    return [(_leaf(first[0].head, (start,), axes), idx)]


def _fused(first: Factor, second: Factor, free: Free) -> list[Factor] | None:
    """Two fusions of axes of equal lengths on one index, or on one pair of bound indices."""
    if first[0] is not second[0]:
        return None
    long, cols, rows = first[0].axes
    (k, j, i), (n, m, p) = first[1], second[1]
    if k == n:
        kept = [] if free(k) else [first]
        return [*kept, (_leaf("delta", (), (cols, cols)), (j, m)), (_leaf("delta", (), (rows, rows)), (i, p))]
    if (j, i) == (m, p) and free(j) and free(i):
        return [(_leaf("delta", (), (long, long)), (k, n))]
    return None


def lone(factor: Factor, free: Free) -> list[Factor] | None:
    """What a constant becomes whose long index is summed and held by nothing else."""
    node, idx = factor
    long = idx[0] if node.head == "fuse" else idx[-1]
    if not free(long):
        return None
    if node.head == "basis":
        return []
    kept = zip(node.axes, idx, strict=True)
    return [(_leaf("ones", (), (dim,)), (i,)) for dim, i in kept if i != long]
