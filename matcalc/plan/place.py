"""Where the entries of a product go: unit vectors, embeddings, fusions and deltas as slices, views and diagonals.

A constant on an axis of the result says where values are written. A constant on a summed index picks a part of a
factor. Neither becomes an array, unless two constants meet in a way that is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir.nodes import Factor, Tensor
from matcalc.plan.contraction import Contraction, Operand
from matcalc.plan.steps import Axes, Indices, Program


@dataclass(frozen=True)
class Slot:
    """How one axis of an array is filled.

    Attributes:
        kind: "all" (the whole axis), "at" (one position), "range" (a part) or "split" (the axis seen as two).
        index: the index of the value that runs along it, -1 where none or two do.
        start: the position, or where the part starts.
        size: the length of the part, or of the whole axis.
        parts: the two slots of a split axis.
        dims: the lengths of the two axes that a split axis is seen as.
    """

    kind: str
    index: int = -1
    start: Dim | None = None
    size: Dim | None = None
    parts: tuple[Slot, ...] = ()
    dims: tuple[Dim, ...] = ()

    @property
    def leaves(self) -> tuple[Slot, ...]:
        """The slots that are not split."""
        return self.parts if self.kind == "split" else (self,)


Place = tuple[Slot, ...]
Places = Sequence[tuple[Place, Indices]]
"""Where values lie, each with the indices of the value."""


def indices_of(place: Place) -> Indices:
    """The indices of a place in the order of its axes, one that lies on a diagonal once."""
    return tuple(dict.fromkeys(leaf.index for slot in place for leaf in slot.leaves if leaf.index >= 0))


def is_plain(place: Place) -> bool:
    """Whether every entry of the array is written, each by its own entry of the value."""
    leaves = [leaf for slot in place for leaf in slot.leaves]
    return all(leaf.kind == "all" for leaf in leaves) and len({leaf.index for leaf in leaves}) == len(leaves)


def end_to_end(places: Places, length: Dim) -> list[tuple[int, Slot]] | None:
    """Vectors and numbers that fill a vector one after the other: the number of each with its slot; None where they do not."""
    found = {place[0].start: (n, place[0], idx) for n, (place, idx) in enumerate(places)}
    order: list[tuple[int, Slot]] = []
    position = Dim.of(0)
    while position != length:
        if position not in found:
            return None
        n, slot, idx = found[position]
        if slot.kind not in ("at", "range") or (slot.kind == "range" and not idx) or slot.size is None:
            return None
        order.append((n, slot))
        position = position + (slot.size if slot.kind == "range" else Dim.of(1))
    return order


def constant(program: Program, node: Tensor) -> int:
    """The array of a constant that selects, for want of anything better."""
    start = node.data[0] if node.data else None
    assert start is None or isinstance(start, Dim)
    if node.head == "basis":
        place: Place = (Slot("at", start=start),)
    elif node.head == "embed":
        place = (Slot("all", 0, size=node.axes[0]), Slot("range", 0, start, node.axes[0]))
    else:
        j, i = Slot("all", 0, size=node.axes[1]), Slot("all", 1, size=node.axes[2])
        place = (Slot("split", size=node.axes[0], parts=(j, i), dims=node.axes[1:]), j, i)
    one = program.emit("number", (), (Fraction(1),), ())
    return program.emit("assemble", (one,), (False, ((place, ()),), ("set",)), node.axes)


def _long(factor: Factor) -> int:
    return factor[1][0] if factor[0].head == "fuse" else factor[1][-1]


class Placement:
    """The constants of one product, resolved one by one.

    Args:
        contraction: the product; it gains the dimensions of new indices.
        axes: those of the result, indices 0, 1, ...
        core: all other factors.
        selectors: deltas between axes of the result, unit vectors, embeddings, fusions.
    """

    def __init__(self, contraction: Contraction, axes: Axes, core: Sequence[Operand],
                 selectors: Sequence[Factor]) -> None:
        self.contraction, self.program, self.dims = contraction, contraction.program, contraction.dims
        self.core = list(core)
        self.rank = len(axes)
        self.leaf: dict[int, Slot] = {i: Slot("all", i, size=d) for i, d in enumerate(axes)}
        self.inner: set[int] = set()
        """Parts of a split axis and of a range: they are not split again."""
        self.ties: list[Indices] = []
        self.pending = [f for f in selectors if not self.is_delta(f)]
        for pair in [f[1] for f in selectors if self.is_delta(f)]:
            self.tie(*sorted(pair))

    @staticmethod
    def is_delta(factor: Factor) -> bool:
        """Whether the factor is a Kronecker delta, or an embedding that fills its axis."""
        return factor[0].head == "delta" or (factor[0].head == "embed" and factor[0].axes[0] == factor[0].axes[1])

    def tie(self, kept: int, gone: int) -> None:
        """Makes two indices one: at once where one is summed, in the end where both are axes of the result."""
        if gone in self.leaf:
            self.ties.append((kept, gone))
            return
        self.pending = [(t, tuple(kept if i == gone else i for i in idx)) for t, idx in self.pending]
        self.core = [replace(o, idx=tuple(kept if i == gone else i for i in o.idx)) for o in self.core]

    def fresh(self, dim: Dim) -> int:
        """A new index."""
        new = max((*self.dims, 0)) + 1
        self.dims[new] = dim
        return new

    def resolve(self) -> tuple[list[Operand], Place]:
        """The factors of the core, and where their product goes."""
        while self.pending:
            done = next((f for f in self.pending if self.step(f)), None)
            if done is None:
                done = min(self.pending, key=lambda f: len(f[1]))
                self.core.append(Operand(constant(self.program, done[0]), done[1]))
            self.pending = [f for f in self.pending if f is not done]
        return self.tied()

    # ------------------------------------------------------------ one constant
    def step(self, factor: Factor) -> bool:
        """Resolves one constant, if that can be done now."""
        long = _long(factor)
        if any(f is not factor and _long(f) == long for f in self.pending):
            return False
        if factor[0].head == "fuse":
            return self.fused(factor)
        if long in self.leaf:
            return self.leaf[long].kind == "all" and self.written(factor)
        holders = [n for n, o in enumerate(self.core) if long in o.idx]
        if not holders or any(self.core[n].idx.count(long) > 1 for n in holders):
            return False
        for n in holders:
            self.core[n] = self.part(self.core[n], factor)
        return True

    def part(self, o: Operand, factor: Factor) -> Operand:
        """The part of an operand that a unit vector or an embedding picks; a column of an inverse is a solution."""
        node, idx = factor
        if o.kind == "inverse" and node.head == "basis":
            return self.contraction.solve(o, Operand(constant(self.program, node), idx), idx[0])
        o = self.contraction.formed(o)
        axis = o.idx.index(idx[-1])
        kept = (*o.idx[:axis], *idx[:-1], *o.idx[axis + 1 :])
        if node.head == "basis":
            return self.contraction.emit("take", (o,), (axis, node.data[0]), kept)
        return self.contraction.emit("slice", (o,), (axis, node.data[0], node.axes[0]), kept)

    def written(self, factor: Factor) -> bool:
        """A unit vector or an embedding on an axis of the result: the part of it that is written."""
        (node, idx), long = factor, factor[1][-1]
        start, size = node.data[0], self.dims[long]
        assert isinstance(start, Dim)
        if any(o.idx.count(long) > 1 for o in self.core):
            return False
        if node.head == "basis":
            self.leaf[long] = Slot("at", start=start, size=size)
            self.core = [self.part(o, factor) if long in o.idx else o for o in self.core]
            return True
        child = self.child(idx[0], node.axes[0])
        self.inner.add(child)
        self.core = [self.part(o, (node, (child, long))) if long in o.idx else o for o in self.core]
        self.leaf[long] = Slot("range", child, start, node.axes[0])
        return True

    def child(self, index: int, dim: Dim) -> int:
        """The index itself where it is summed; a new one tied to it where it is an axis of the result."""
        if index not in self.leaf:
            self.leaf[index] = Slot("all", index, size=dim)
            return index
        new = self.fresh(dim)
        self.leaf[new] = Slot("all", new, size=dim)
        self.ties.append((new, index))
        return new

    def fused(self, factor: Factor) -> bool:
        """A fusion: a split axis of the result, a split axis of a factor, or two axes of a factor made one."""
        node, (k, j, i) = factor
        holders = [n for n, o in enumerate(self.core) if k in o.idx]
        if any(self.core[n].idx.count(k) > 1 for n in holders):
            return False
        if k in self.leaf and self.leaf[k].kind == "all" and k not in self.inner:
            pair = (self.child(j, node.axes[1]), self.child(i, node.axes[2]))
            parts = (self.leaf[pair[0]], self.leaf[pair[1]])
            self.leaf[k] = Slot("split", size=node.axes[0], parts=parts, dims=node.axes[1:])
            self.inner.update(pair)
        elif self.flattened(factor, bool(holders)):
            return True
        elif k in self.leaf or not holders:
            return False
        else:
            pair = (j, i)
        for n in holders:
            o = self.contraction.formed(self.core[n])
            axis = o.idx.index(k)
            self.core[n] = self.contraction.emit("reshape", (o,), (), (*o.idx[:axis], *pair, *o.idx[axis + 1 :]))
        return True

    def flattened(self, factor: Factor, held: bool) -> bool:
        """Makes two summed axes of the factors that hold them into one, where only they do."""
        k, j, i = factor[1]
        if j == i or {j, i} & set(self.leaf) or any({j, i} & set(f[1]) for f in self.pending if f is not factor):
            return False
        inside = [o for o in self.core if {j, i} & set(o.idx)]
        if not {j, i} <= {x for o in inside for x in o.idx} or (held and len(inside) > 1):
            return False
        outside = [o for o in self.core if o not in inside]
        used = {x for o in outside for x in o.idx} | set(self.leaf) | {x for f in self.pending for x in f[1]}
        rest = tuple(sorted({x for o in inside for x in o.idx} & used - {j, i, k}))
        whole = self.contraction.run(inside, (*rest, j, i))
        self.core = [*outside, self.contraction.emit("reshape", (whole,), (), (*rest, k))]
        return True

    # ------------------------------------------------------------ deltas
    def tied(self) -> tuple[list[Operand], Place]:
        """Deltas between axes of the result: axes that are tied are filled in the same way, so on a diagonal."""
        same: dict[int, int] = {}

        def root(i: int) -> int:
            while i in same:
                i = same[i]
            return i

        for pair in self.ties:
            a, b = sorted(map(root, pair))
            if a != b:
                a, b = (b, a) if self.leaf[b].kind != "all" else (a, b)
                assert self.leaf[b].kind == "all", "one of two tied axes is filled by the other alone"
                same[b] = a

        def final(slot: Slot) -> Slot:
            if slot.kind == "split":
                return replace(slot, parts=tuple(final(self.leaf[p.index]) for p in slot.parts))
            if slot.kind == "at":
                return slot
            found = self.leaf[root(slot.index)]
            inner = found if found.kind == "all" else final(found)
            if slot.kind == "all":
                return inner
            assert slot.start is not None and inner.kind != "split"
            start = slot.start if inner.start is None else slot.start + inner.start
            return Slot("range" if inner.kind == "all" else inner.kind, inner.index, start, inner.size)

        core = [replace(o, idx=tuple(map(root, o.idx))) for o in self.core]
        return core, tuple(final(self.leaf[i]) for i in range(self.rank))
