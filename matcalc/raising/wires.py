"""Where the factors of a fused tensor go: a plan of Kronecker products, diagonals and commutation matrices.

An axis k = (j, i), columns stacked, is a pair of wires, the column index first; a fused axis of a fused axis is more of
them. What joins wires that lie at the same height on both sides is one side of a Kronecker product. Wires that cross
make a commutation matrix; a factor on two wires of one side is a diagonal beside the rest, and so a layer; a matrix at
the end of one wire is a layer of its own where nothing else helps.
Source: Magnus and Neudecker, Matrix Differential Calculus (2019), chapters 2 and 3.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from matcalc.core.dims import ONE, Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, components, factors_of

Part = tuple[Tensor, tuple[Hashable, ...]]
Wires = tuple[Hashable, ...]
Swap = tuple[Wires, Wires, Wires, Wires]
"""Wires of which the two groups in the middle change places."""

MAX_WIRES = 6
"""On each side; with more of them there is no plan."""


@dataclass(frozen=True)
class Plan:
    """How an expression is made of parts.

    Attributes:
        kind: "part" (the raised tensor of that number), "turned" (the transpose), "kron", "product", "vec", "diag",
            "commutation" and "identity" (of the given sizes), "least" (the smallest of several).
        inner: what it is made of.
        part: the number of a part.
        dims: sizes.
    """

    kind: str
    inner: tuple[Plan, ...] = ()
    part: int = -1
    dims: tuple[Dim, ...] = ()


def plan_of(node: Tensor) -> tuple[Plan, tuple[Tensor, ...]] | None:
    """The plan of a product one axis of which is fused, and its parts; None for any other tensor."""
    if node.head != "contract" or node.rank not in (1, 2):
        return None
    fuses = {idx[0]: (t, idx) for t, idx in factors_of(node) if t.head == "fuse"}
    if len(fuses) < sum(t.head == "fuse" for t in node.args) or not any(axis in fuses for axis in range(node.rank)):
        return None
    if any(fuses.keys() & set(idx) for t, idx in factors_of(node) if t.head != "fuse"):
        return None
    wiring = Wiring(node, fuses)
    if wiring.used < fuses.keys() or max(map(len, wiring.axes)) > MAX_WIRES:
        return None
    plan = wiring.arranged(wiring.axes[0], wiring.axes[1] if node.rank == 2 else (), wiring.factors)
    return None if plan is None else (plan, tuple(wiring.parts))


class Wiring:
    """The factors of a fused tensor on its wires; two wires on one index are tied by a delta.

    Attributes:
        axes: the wires of each axis, that of the slowest index first.
        factors: all factors but the fusions.
        parts: the tensors that the plan refers to.
        used: the long indices of the fusions that an axis of the result leads to.
    """

    def __init__(self, node: Tensor, fuses: dict[int, Factor]) -> None:
        self.dims: dict[Hashable, Dim] = {}
        self.names: dict[int, Hashable] = {}
        self.factors: list[Part] = []
        self.parts: list[Tensor] = []
        self.fresh = 0
        self.used: set[int] = set()
        self.axes = [tuple(self.wires(axis, dim, fuses)) for axis, dim in enumerate(node.axes)]
        for t, idx in factors_of(node):
            if t.head != "fuse":
                self.factors.append((t, tuple(self.names.get(i, i) for i in idx)))

    def wires(self, axis: int, dim: Dim, fuses: Mapping[int, Factor]) -> Iterator[Hashable]:
        """The wires that an axis consists of. One that ends where another does is tied to it, best on the same side."""
        pending, here = [(axis, dim)], dict[int, Hashable]()
        while pending:
            index, dim = pending.pop()
            if index in fuses:
                t, (_, j, i) = fuses[index]
                self.used.add(index)
                pending += [(i, t.axes[2]), (j, t.axes[1])]
                continue
            name = self.new(dim)
            other = here.setdefault(index, self.names.setdefault(index, name))
            if other is not name:
                self.factors.append((b.delta(dim), (other, name)))
                here[index] = name
            yield name

    def new(self, dim: Dim) -> Hashable:
        """The name of a new wire."""
        name = ("wire", self.fresh)
        self.fresh += 1
        self.dims[name] = dim
        return name

    # ------------------------------------------------------------ plans
    def arranged(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Plan | None:
        """The plan for some factors on the wires of both sides.

        Ends: every step takes a factor or a wire away, and wires that change places are then split.
        """
        if len(rows) <= 1 and len(cols) <= 1:
            return self.leaf(rows, cols, factors)
        if not rows:
            return _turned(self.arranged(cols, (), factors))
        outer = self.outer(rows, cols, factors) if cols else None
        beside = self.beside(rows, cols, factors)
        found = [p for p in (outer, beside) if p is not None]
        if not found:
            found = [*([] if cols else self.stacked(rows, factors)), *self.crossed(rows, cols, factors)]
        if found:
            return found[0] if len(found) == 1 else Plan("least", tuple(found))
        return self.layered(rows, cols, factors) if cols else None

    def leaf(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Plan:
        """The product of the factors, on one wire at most on each side."""
        held = {i for _, idx in factors for i in idx}
        missing = [(b.ones((self.dims[w],)), (w,)) for w in (*rows, *cols) if w not in held]
        plan = Plan("part", part=len(self.parts))
        self.parts.append(b.contract([*factors, *missing], (*rows, *cols)))
        return Plan("turned", (plan,)) if cols and not rows else plan

    def beside(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Plan | None:
        """A Kronecker product: what lies above a cut through both sides, and what lies below it."""
        cuts = [(i, j) for i in range(len(rows) + 1) for j in range(len(cols) + 1) if 0 < i + j < len(rows) + len(cols)]
        for i, j in sorted(cuts, key=lambda cut: (cut[0] in (0, len(rows))) + (cut[1] in (0, len(cols)))):
            sides = self.split(factors, {*rows[:i], *cols[:j]})
            if sides is not None:
                above, below = self.arranged(rows[:i], cols[:j], sides[0]), self.arranged(rows[i:], cols[j:], sides[1])
                if above is not None and below is not None:
                    return Plan("kron", (above, below))
        return None

    def outer(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Plan | None:
        """A column times a row, where nothing leads from one side to the other."""
        sides = self.split(factors, set(rows))
        if sides is None:
            return None
        return _product(self.arranged(rows, (), sides[0]), _turned(self.arranged(cols, (), sides[1])))

    def split(self, factors: Sequence[Part], first: set[Hashable]) -> tuple[list[Part], list[Part]] | None:
        """The factors on the wires `first` alone, scalars among them, and those on the others alone."""
        sides: tuple[list[Part], list[Part]] = ([], [])
        for indices, members in components(factors):
            held = {i for i in indices if i in self.dims}
            if held & first and held - first:
                return None
            sides[0 if held <= first else 1].extend(members)
        return sides

    def crossed(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Iterator[Plan]:
        """Kronecker products after two groups of neighbouring wires of one side have changed places."""
        for swap in _swaps(cols):
            plan = _product(self.beside(rows, _swapped(swap), factors), self.commutation(swap))
            if plan is not None:
                yield plan
        for swap in _swaps(rows):
            before, first, second, after = swap
            plan = _product(self.commutation((before, second, first, after)), self.beside(_swapped(swap), cols, factors))
            if plan is not None:
                yield plan

    def commutation(self, swap: Swap) -> Plan:
        """The matrix that takes the order of the wires before a swap to that after it."""
        before, first, second, after = map(self.size, swap)
        plan = Plan("commutation", dims=(second, first))
        if after != ONE:
            plan = Plan("kron", (plan, Plan("identity", dims=(after,))))
        return plan if before == ONE else Plan("kron", (Plan("identity", dims=(before,)), plan))

    def size(self, wires: Wires) -> Dim:
        """The number of values that the wires take together."""
        total = ONE
        for wire in wires:
            total = total * self.dims[wire]
        return total

    def stacked(self, wires: Wires, factors: Sequence[Part]) -> Iterator[Plan]:
        """The vec of a matrix: the first wires count its columns, the others its rows."""
        for n in range(1, len(wires)):
            plan = self.arranged(wires[n:], wires[:n], factors)
            if plan is not None:
                yield Plan("vec", (plan,))

    # ------------------------------------------------------------ layers
    def layered(self, rows: Wires, cols: Wires, factors: Sequence[Part]) -> Plan | None:
        """A matrix times the rest, from the left or from the right."""
        factors = self.merged(factors)
        for side in (rows, cols):
            own, rest = list[Part](), list[Part]()
            widest = 0
            for _, members in components(_named_on(side, factors), self.dims):
                held = {i for _, idx in members for i in idx if i in self.dims}
                inside = bool(held) and held <= set(side)
                (own if inside else rest).extend(members)
                widest = max(widest, len(held) if inside else 0)
            if widest > 1:
                diagonal = self.arranged(side, (), own)
                layer = None if diagonal is None else Plan("diag", (diagonal,))
                inner = self.arranged(rows, cols, rest)
                return _product(layer, inner) if side is rows else _product(inner, layer)
        return self.ends(rows, cols, factors, on_left=True) or self.ends(rows, cols, factors, on_left=False)

    def merged(self, factors: Sequence[Part]) -> list[Part]:
        """The factors, those as one that meet in an index of their own, or in two of any kind, and make a matrix."""
        done = list(factors)
        while True:
            pair = next(((f, g) for f, g in combinations(done, 2) if self.meet(f, g, done)), None)
            if pair is None:
                return done
            held = dict.fromkeys(i for _, idx in pair for i in idx)
            others = {i for f in done if f not in pair for i in f[1]}
            out = tuple(i for i in held if i in self.dims or i in others)
            done = [*(f for f in done if f not in pair), (b.contract(pair, out), out)]

    def meet(self, first: Part, second: Part, factors: Sequence[Part]) -> bool:
        """Whether two factors are a product of matrices, a matrix times a vector, or an elementwise product."""
        if "delta" in (first[0].head, second[0].head) or max(len(first[1]), len(second[1])) > 2:
            return False
        shared = set(first[1]) & set(second[1])
        if len(shared) == 2:
            return True
        return any(i not in self.dims and sum(i in idx for _, idx in factors) == 2 for i in shared)

    def ends(self, rows: Wires, cols: Wires, factors: Sequence[Part], on_left: bool) -> Plan | None:
        """The matrices at the ends of the wires of one side, and what is beyond them."""
        side = rows if on_left else cols
        rest, beyond, layers = list(factors), list(side), list[Plan]()
        for n, wire in enumerate(side):
            found = self.end(wire, rest, {*beyond[:n], *side[n:]})
            if found is None:
                layers.append(Plan("identity", dims=(self.dims[wire],)))
                continue
            own, beyond[n], rest = found
            ends = (wire, beyond[n]) if on_left else (beyond[n], wire)
            layers.append(self.leaf(ends[:1], ends[1:], own))
        if tuple(beyond) == side:
            return None
        layer = layers[0] if len(layers) == 1 else Plan("kron", tuple(layers))
        if on_left:
            return _product(layer, self.arranged(tuple(beyond), cols, rest))
        return _product(self.arranged(rows, tuple(beyond), rest), layer)

    def end(self, wire: Hashable, factors: Sequence[Part], side: set[Hashable]) -> tuple[list[Part], Hashable, list[Part]] | None:
        """The matrix that alone holds a wire, with vectors on it; the wire beyond it, and the other factors on that."""
        touching = [f for f in factors if wire in f[1]]
        matrices = [f for f in touching if len(f[1]) > 1]
        if len(matrices) != 1 or len(matrices[0][1]) != 2 or matrices[0][0].head == "delta":
            return None
        (_, idx), = matrices
        other = idx[1] if idx[0] == wire else idx[0]
        if other == wire or other in side:
            return None
        dim = matrices[0][0].axes[idx.index(other)]
        beyond = self.new(dim)
        own = [(t, tuple(beyond if i == other else i for i in i_)) for t, i_ in touching]
        rest = [(t, tuple(beyond if i == other else i for i in i_)) for t, i_ in factors if (t, i_) not in touching]
        if other in self.dims:
            rest.append((b.delta(dim), (beyond, other)))
        return own, beyond, rest


def _named_on(side: Wires, factors: Sequence[Part]) -> list[Part]:
    """The factors with wires that a delta ties to one of a side under the name that they have there."""
    names = {i: j for t, idx in factors if t.head == "delta" for i, j in (idx, idx[::-1]) if j in side and i not in side}
    return [(t, idx if t.head == "delta" else tuple(names.get(i, i) for i in idx)) for t, idx in factors]


def _swaps(wires: Wires) -> Iterator[Swap]:
    """Every choice of two neighbouring groups of wires."""
    n = len(wires)
    for i in range(n):
        for j in range(i + 1, n):
            for k in range(j + 1, n + 1):
                yield wires[:i], wires[i:j], wires[j:k], wires[k:]


def _swapped(swap: Swap) -> Wires:
    before, first, second, after = swap
    return (*before, *second, *first, *after)


def _turned(plan: Plan | None) -> Plan | None:
    return None if plan is None else Plan("turned", (plan,))


def _product(left: Plan | None, right: Plan | None) -> Plan | None:
    return None if left is None or right is None else Plan("product", (left, right))
