"""Tensors made of parts along an axis: explicit vectors and matrices, and derivatives by several scalars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise, product

from matcalc.core.dims import Dim
from matcalc.core.limits import keep_time
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of, terms_of
from matcalc.raising.graph import NoMatrixForm
from matcalc.raising.orient import Orientation
from matcalc.raising.writing import settled, unsigned

ONE = Dim.of(1)


@dataclass(frozen=True)
class Segment:
    """A stretch of an axis, and the constant that picks it."""

    start: Dim
    size: Dim
    selector: Tensor

    @property
    def end(self) -> Dim:
        """The position after the last."""
        return self.start + self.size

    @property
    def is_entry(self) -> bool:
        """Whether it is one position, without an axis of its own."""
        return self.selector.head == "basis"


@dataclass(frozen=True)
class Grid:
    """Entries row by row; `axes` says which of the axes of the whole each entry keeps."""

    entries: tuple[Tensor, ...]
    axes: tuple[tuple[int, ...], ...]
    width: int


def grid_of(node: Tensor) -> Grid | None:
    """The entries of a tensor of one or two axes that is made of parts, None for any other.

    Raises:
        NoMatrixForm: where the parts overlap.
    """
    if node.rank not in (1, 2) or node.head not in ("lin", "contract", "basis", "embed"):
        return None
    segments = [_segments(node, axis) for axis in range(node.rank)]
    if not any(segments):
        return None
    rows = segments[0] or [None]
    cols = (segments[1] or [None]) if node.rank == 2 else [None]
    terms = _by_place(node)
    places = [(r, c)[: node.rank] for r in rows for c in cols]
    cells = [_cell(_terms_at(node, terms, place), place) for place in places]
    return Grid(tuple(t for t, _ in cells), tuple(axes for _, axes in cells), len(cols))


def _by_place(node: Tensor) -> dict[tuple[Dim | None, ...], list[int]]:
    """The terms of a sum by where they stand on each axis, None where they are not confined to a part of it."""
    found: dict[tuple[Dim | None, ...], list[int]] = {}
    for n, (_, term) in enumerate(terms_of(node)):
        selectors = [(t.data[0], idx[-1]) for t, idx in factors_of(term) if t.head in ("basis", "embed")]
        starts = (next((s for s, i in selectors if i == axis and isinstance(s, Dim)), None) for axis in range(node.rank))
        found.setdefault(tuple(starts), []).append(n)
    return found


def _terms_at(node: Tensor, terms: Mapping[tuple[Dim | None, ...], list[int]], place: Sequence[Segment | None]) -> Tensor:
    """The sum without the terms that stand in other places."""
    if node.head != "lin":
        return node
    keys = product(*(dict.fromkeys((None, None if segment is None else segment.start)) for segment in place))
    kept = sorted(n for key in keys for n in terms.get(key, ()))
    return b.lin([(node.coefficients[n], node.args[n]) for n in kept], node.axes)


def _segments(node: Tensor, axis: int) -> list[Segment | None]:
    """The stretches of an axis from the first to the last, none where nothing selects on it."""
    found: dict[tuple[Dim, Dim], Segment] = {}
    for _, term in terms_of(node):
        for t, idx in factors_of(term):
            if t.head in ("basis", "embed") and idx[-1] == axis:
                start = t.data[0]
                assert isinstance(start, Dim)
                segment = Segment(start, ONE if t.head == "basis" else t.axes[0], t)
                known = found.setdefault((segment.start, segment.size), segment)
                if known.selector is not t:
                    raise NoMatrixForm
    if not found:
        return []
    return _filled(_sorted(list(found.values())), node.axes[axis])


def _sorted(segments: list[Segment]) -> list[Segment]:
    """The segments from the first to the last.

    Raises:
        NoMatrixForm: where two overlap, or could at some sizes.
    """
    done = sorted(segments, key=cmp_to_key(_order))
    if not all((after.start - before.end).is_nonnegative for before, after in pairwise(done)):
        raise NoMatrixForm
    return done


def _order(one: Segment, other: Segment) -> int:
    keep_time()
    if (other.start - one.end).is_nonnegative:
        return -1
    if (one.start - other.end).is_nonnegative:
        return 1
    raise NoMatrixForm


def _filled(segments: list[Segment], length: Dim) -> list[Segment | None]:
    """The segments, and others for the gaps between them."""
    result: list[Segment | None] = []
    position = Dim.of(0)
    for segment in segments:
        result += _gap(position, segment.start, length)
        result.append(segment)
        position = segment.end
    return [*result, *_gap(position, length, length)]


def _gap(start: Dim, end: Dim, length: Dim) -> list[Segment | None]:
    if start == end:
        return []
    size = end - start
    selector = b.basis(start, length) if size == ONE else b.embed(start, size, length)
    return [Segment(start, size, selector)]


def _cell(node: Tensor, segments: tuple[Segment | None, ...]) -> tuple[Tensor, tuple[int, ...]]:
    """The part of the tensor in one stretch of each axis, and which axes it keeps."""
    kept = tuple(a for a, s in enumerate(segments) if s is None or not s.is_entry)
    parts: list[tuple[Tensor, tuple[object, ...]]] = [(node, tuple(range(node.rank)))]
    out: list[object] = list(range(node.rank))
    for axis, segment in enumerate(segments):
        if segment is None:
            continue
        short = () if segment.is_entry else (("part", axis),)
        parts.append((segment.selector, (*short, axis)))
        out[axis] = short[0] if short else None
    return b.contract(parts, tuple(name for name in out if name is not None)), kept


def raise_grid(grid: Grid, entries: tuple[Expr, ...], orientation: Orientation) -> Expr:
    """The explicit vector or matrix."""
    cells = [
        orientation.turn(entry) if axes == (1,) else unsigned(settled(entry))
        for entry, axes in zip(entries, grid.axes, strict=True)
    ]
    return e.block([cells[i : i + grid.width] for i in range(0, len(cells), grid.width)])
