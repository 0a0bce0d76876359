"""Tensors with a pair of axes fused into one: vec, and Kronecker products.

An axis k = (j, i), columns stacked, splits into a column slot j and a row slot i. What connects column slots alone and
row slots alone is a Kronecker product; a factor on both slots of one axis is a diagonal in front of it or behind it.
Source: Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 2.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from matcalc.core.dims import Dim
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, components, factors_of
from matcalc.raising.graph import NoMatrixForm
from matcalc.raising.orient import Orientation, scalars_and_chain

Part = tuple[Tensor, tuple[Hashable, ...]]
Slots = tuple[Hashable, ...]


@dataclass(frozen=True)
class Fused:
    """How the parts make the whole.

    Attributes:
        kind: vec, kron, outer, or a kron with a diagonal on the left or on the right of it.
        parts: what is raised; the diagonal comes first as the matrix whose vec it holds.
        rows: for each part, whether it stands as a row.
    """

    kind: str
    parts: tuple[Tensor, ...]
    rows: tuple[bool, ...]


class Network:
    """The factors of a fused tensor, its axes split into column and row slots; slots on one index are tied by deltas."""

    def __init__(self, node: Tensor) -> None:
        fuses = {idx[0]: (t, idx) for t, idx in factors_of(node) if t.head == "fuse"}
        self.dims: dict[Hashable, Dim] = {}
        self.axes: list[Slots] = []
        self.names: dict[int, Hashable] = {}
        self.factors: list[Part] = []
        for axis, dim in enumerate(node.axes):
            if axis in fuses:
                t, (_, j, i) = fuses[axis]
                self.axes.append((self.slot(j, ("col", axis), t.axes[1]), self.slot(i, ("row", axis), t.axes[2])))
            else:
                self.axes.append((self.slot(axis, ("axis", axis), dim),))
        for t, idx in factors_of(node):
            if t.head != "fuse":
                self.factors.append((t, tuple(self.names.get(i, i) for i in idx)))

    def slot(self, index: int, name: Hashable, dim: Dim) -> Hashable:
        """Names the slot of an index; a second slot on the same index is tied to the first."""
        self.dims[name] = dim
        first = self.names.setdefault(index, name)
        if first is not name:
            self.factors.append((b.delta(dim), (first, name)))
        return name

    def groups(self, factors: Sequence[Part]) -> list[tuple[set[Hashable], list[Part]]]:
        """The factors in groups that share no index, with the slots that each group holds."""
        return [({i for i in indices if i in self.dims}, members) for indices, members in components(factors)]

    def split(self, factors: Sequence[Part], left: set[Hashable]) -> tuple[list[Part], list[Part]] | None:
        """The factors on the slots `left` alone, scalars among them, and those on the others alone."""
        sides: tuple[list[Part], list[Part]] = ([], [])
        for slots, members in self.groups(factors):
            if slots <= left:
                sides[0].extend(members)
            elif not slots & left:
                sides[1].extend(members)
            else:
                return None
        return sides

    def tensor(self, factors: Sequence[Part], out: Slots) -> Tensor:
        """The product of some factors on some slots."""
        held = {i for _, idx in factors for i in idx}
        missing = [(b.ones((self.dims[s],)), (s,)) for s in out if s not in held]
        return b.contract([*factors, *missing], out)


def fused_of(node: Tensor) -> Fused | None:
    """The parts of a tensor whose axes, or some of them, are fused; None for any other."""
    if node.head != "contract" or node.rank not in (1, 2):
        return None
    fuses = [idx for t, idx in factors_of(node) if t.head == "fuse"]
    if not fuses or any(idx[0] >= node.rank for idx in fuses):
        return None
    long = {idx[0] for idx in fuses}
    if any(long & set(idx) for t, idx in factors_of(node) if t.head != "fuse"):
        return None
    net = Network(node)
    if node.rank == 1:
        return _column(net)
    return _kron(net, net.factors, "kron") or _scaled(net) or _outer(net)


def _column(net: Network) -> Fused:
    ((col, row),) = net.axes
    sides = net.split(net.factors, {col})
    if sides is not None:
        return Fused("kron", (net.tensor(sides[0], (col,)), net.tensor(sides[1], (row,))), (False, False))
    return Fused("vec", (net.tensor(net.factors, (row, col)),), (False,))


def _kron(net: Network, factors: Sequence[Part], kind: str) -> Fused | None:
    fused = [axis for axis in net.axes if len(axis) == 2]
    plain = [(n, axis[0]) for n, axis in enumerate(net.axes) if len(axis) == 1]
    left, right = [axis[0] for axis in fused], [axis[1] for axis in fused]
    for here, there in ((right, left), (left, right)):
        slots = [*here, *(s for _, s in plain)]
        on_left = left if here is right else slots
        sides = net.split(factors, set(on_left))
        if sides is None:
            continue
        order = {s: n for n, axis in enumerate(net.axes) for s in axis}
        outs = [tuple(sorted(s, key=order.__getitem__)) for s in (on_left, slots if here is right else there)]
        parts = tuple(net.tensor(side, out) for side, out in zip(sides, outs, strict=True))
        return Fused(kind, parts, tuple(len(out) == 1 and order[out[0]] == 1 for out in outs))
    return None


def _scaled(net: Network) -> Fused | None:
    """A diagonal beside a Kronecker product: factors on both slots of one axis and nothing else."""
    for number, axis in enumerate(net.axes):
        own = [(t, idx) for t, idx in net.factors if len(axis) == 2 and set(idx) == set(axis)]
        rest = [f for f in net.factors if f not in own]
        inner = _kron(net, rest, "right" if number else "left") if own else None
        if inner is not None:
            return Fused(inner.kind, (net.tensor(own, axis[::-1]), *inner.parts), (False, *inner.rows))
    return None


def _outer(net: Network) -> Fused | None:
    sides = net.split(net.factors, set(net.axes[0]))
    if sides is None:
        return None
    parts = tuple(net.tensor(side, axis[::-1]) for side, axis in zip(sides, net.axes, strict=True))
    return Fused("outer", parts, (False, False))


def raise_fused(fused: Fused, args: tuple[Expr, ...], orientation: Orientation) -> Expr:
    """The matrix form."""
    args = tuple(orientation.turn(a) if row else a for a, row in zip(args, fused.rows, strict=True))
    if fused.kind == "vec":
        return e.vec(args[0])
    if fused.kind == "outer":
        left, right = (e.vec(a) if a.shape.kind == "matrix" else a for a in args)
        return e.product([left, orientation.turn(right)])
    if fused.kind == "kron":
        return kron(*args)
    diagonal, product = e.diag(e.vec(args[0])), kron(*args[1:])
    return e.product([diagonal, product] if fused.kind == "left" else [product, diagonal])


def kron(left: Expr, right: Expr) -> Expr:
    """The Kronecker product, scalars in front of both."""
    (scalars, first), (others, second) = scalars_and_chain(left), scalars_and_chain(right)
    return e.product([*scalars, *others, e.kron(e.product(first), e.product(second))])


def grouped(node: Tensor) -> list[Factor]:
    """The factors of a product; those around a fused axis are one factor on their outer indices.

    Raises:
        NoMatrixForm: where all of the product is around one fused axis.
    """
    factors = factors_of(node)
    cuts = {idx[0] for t, idx in factors if t.head == "fuse"}
    if not cuts:
        return factors
    outer = cuts | set(range(node.rank))
    groups = components(factors, outer)
    result: list[Factor] = []
    for inner, members in groups:
        if not any(t.head == "fuse" for t, _ in members):
            result.extend(members)
            continue
        out = tuple(sorted({i for _, idx in members for i in idx} - inner))
        part = b.contract(members, out)
        if part is node or len(groups) == 1:
            raise NoMatrixForm
        result.append((part, out))
    return result
