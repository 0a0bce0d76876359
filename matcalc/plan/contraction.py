"""Products of values with named indices, two at a time: matrix products, solves, broadcasting, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from matcalc.core.dims import Dim
from matcalc.ir.nodes import Tensor
from matcalc.plan.order import Network, contraction_order, typical
from matcalc.plan.reuse import Products
from matcalc.plan.steps import Axes, Indices, Program


@dataclass(frozen=True)
class Operand:
    """A factor on its way through a product.

    Attributes:
        value: its number; that of the matrix for an inverse, of the divisor for a divisor, -1 for a sum not formed.
        idx: its indices.
        kind: "value", "inverse" (a solve may spare it), "divisor", or "sum" (distributing may spare it).
        tensor: the sum that is not formed.
    """

    value: int
    idx: Indices
    kind: str = "value"
    tensor: Tensor | None = None


Distribute = Callable[[Tensor, Indices, Operand | None, Indices], int | None]


class Contraction:
    """One product.

    Args:
        program: where steps go.
        dims: the dimension of each index.
        data: the names of dimensions that count data.
        dense: the value of a tensor.
        distribute: the product of a sum with a value, or a sum along axes, term by term, where that is better.
        products: those of the whole program.
    """

    def __init__(self, program: Program, dims: dict[int, Dim], data: frozenset[str],
                 dense: Callable[[Tensor], int], distribute: Distribute, products: Products) -> None:
        self.program, self.dims, self.data, self.products = program, dims, data, products
        self.dense, self.distribute = dense, distribute

    def emit(self, op: str, operands: Sequence[Operand], data: tuple[object, ...], idx: Indices) -> Operand:
        """A step and its indices."""
        values = tuple(o.value for o in operands)
        return Operand(self.program.emit(op, values, data, self.axes(idx)), idx)

    def axes(self, idx: Indices) -> Axes:
        """The dimensions of some indices."""
        return tuple(self.dims[i] for i in idx)

    def run(self, operands: Sequence[Operand], out: Indices) -> Operand:
        """The product, its indices those of `out` that an operand holds, in that order."""
        operands = [self.prepared(o, n, operands, set(out)) for n, o in enumerate(operands)]
        operands = self.reused(operands, set(out))
        if len(operands) == 1:
            return self.finished(operands[0], out)
        factors = [frozenset(o.idx) for o in operands]
        sizes = {i: typical(self.dims[i], self.data) for idx in factors for i in idx}
        inverses = frozenset(n for n, o in enumerate(operands) if o.kind == "inverse")
        network = Network(factors, frozenset(out), sizes, inverses, tuple(o.value for o in operands))
        for a, b in contraction_order(network):
            rest = {i for n, o in enumerate(operands) if n not in (a, b) and o is not _USED for i in o.idx}
            merged = self.pair(operands[a], operands[b], set(out) | rest, out)
            operands[a] = operands[b] = _USED
            operands.append(merged)
        return self.finished(operands[-1], out)

    def reused(self, operands: list[Operand], out: set[int]) -> list[Operand]:
        """The operands with pairs put together whose product is known from elsewhere."""
        while True:
            found = next((f for f in self.known_pairs(operands, out)), None)
            if found is None:
                return operands
            first, second, product = found
            operands = [o for n, o in enumerate(operands) if n not in (first, second)] + [product]

    def known_pairs(self, operands: list[Operand], out: set[int]) -> Iterator[tuple[int, int, Operand]]:
        """Pairs of values with a product that was made before and is no larger than they are."""
        for (n, a), (m, b) in combinations(enumerate(operands), 2):
            if a.kind == b.kind == "value" and set(a.idx) & set(b.idx):
                needed = out | {i for k, o in enumerate(operands) if k not in (n, m) for i in o.idx}
                gone = set(a.idx) & set(b.idx) - needed
                for summed in (gone, set[int]()) if len(a.idx) == len(b.idx) else (gone,):
                    found = self.products.find((a.value, a.idx), (b.value, b.idx), summed)
                    if found is not None and len(found[1]) <= max(len(a.idx), len(b.idx)):
                        yield n, m, self.summed(Operand(*found), needed)
                        break

    def finished(self, o: Operand, out: Indices) -> Operand:
        """The product of all operands with its axes in order."""
        last = self.formed(o)
        return self.ordered(self.summed(last, set(out)), tuple(i for i in out if i in last.idx))

    def prepared(self, o: Operand, position: int, operands: Sequence[Operand], out: set[int]) -> Operand:
        """An operand with diagonals taken, and summed along the indices that nothing else holds."""
        needed = out | {i for n, other in enumerate(operands) if n != position for i in other.idx}
        kept = tuple(i for i in dict.fromkeys(o.idx) if i in needed)
        if o.tensor is not None and len(kept) < len(o.idx) and (value := self.distribute(o.tensor, o.idx, None, kept)) is not None:
            return Operand(value, kept)
        if len(set(o.idx)) < len(o.idx):
            o = self.diagonal(self.formed(o), needed)
        if o.kind == "inverse" and len(needed & set(o.idx)) == 1 and len(o.idx) == 2:
            lonely = next(i for i in o.idx if i not in needed)
            ones = self.emit("full", (), (Fraction(1),), (lonely,))
            return self.solve(o, ones, lonely)
        return o if set(o.idx) <= needed else self.summed(self.formed(o), needed)

    def formed(self, o: Operand) -> Operand:
        """The operand as a plain value."""
        if o.kind == "inverse":
            return self.emit("inv", (o,), (), o.idx)
        if o.kind == "sum":
            assert o.tensor is not None
            return Operand(self.dense(o.tensor), o.idx)
        if o.kind == "divisor":
            one = Operand(self.program.emit("number", (), (Fraction(1),), ()), ())
            return self.emit("divide", (one, o), ((), o.idx, o.idx), o.idx)
        return o

    def ordered(self, o: Operand, idx: Indices) -> Operand:
        """The operand with its axes in the given order."""
        if o.idx == idx or (len(idx) == 2 and self.program.is_symmetric(o.value)):
            return replace(o, idx=idx)
        return self.emit("permute", (o,), tuple(o.idx.index(i) for i in idx), idx)

    def summed(self, o: Operand, needed: set[int]) -> Operand:
        """The operand with the axes summed that nothing else holds."""
        gone = tuple(n for n, i in enumerate(o.idx) if i not in needed)
        return self.emit("sum", (o,), (gone,), tuple(i for i in o.idx if i in needed)) if gone else o

    def diagonal(self, o: Operand, needed: set[int]) -> Operand:
        """The operand with each repeated index once; a trace where it is summed at once."""
        while len(set(o.idx)) < len(o.idx):
            i = next(i for i in o.idx if o.idx.count(i) > 1)
            first = o.idx.index(i)
            second = o.idx.index(i, first + 1)
            rest = tuple(j for n, j in enumerate(o.idx) if n not in (first, second))
            if not rest and i not in needed:
                return self.emit("trace", (o,), (), ())
            o = self.emit("diagonal", (o,), (first, second), (*rest, i))
        return o

    # ------------------------------------------------------------ pairs
    def pair(self, a: Operand, b: Operand, needed: set[int], out: Indices) -> Operand:
        """Two operands in one step, remembered for later products."""
        result = self.product(a, b, needed, out)
        if a.kind == b.kind == result.kind == "value":
            gone = set(a.idx) & set(b.idx) - needed
            self.products.note((a.value, a.idx), (b.value, b.idx), gone, (result.value, result.idx))
        return result

    def product(self, a: Operand, b: Operand, needed: set[int], out: Indices) -> Operand:
        """Two operands in one step, summed along the shared indices that nothing else holds."""
        shared = set(a.idx) & set(b.idx)
        gone = tuple(i for i in a.idx if i in shared - needed)
        special = self.spared(a, b, gone, shared) or self.spared(b, a, gone, shared)
        if special is not None:
            return special
        if "divisor" in (a.kind, b.kind) and not gone:
            return self.quotient(a, b, out)
        a, b = self.formed(a), self.formed(b)
        if not gone:
            return self.elementwise("multiply", a, b, out)
        if len(gone) == len(shared) == 1 and max(len(a.idx), len(b.idx)) <= 2:
            return self.matmul(a, b, gone[0], out)
        if len(gone) == len(shared) == 1 and (len(a.idx) == 1 or len(b.idx) == 1):
            first, second = (a, b) if len(b.idx) == 1 else (b, a)
            if first.idx[-1] == gone[0]:
                return self.emit("matmul", (first, second), (False, False), first.idx[:-1])
        if set(a.idx) == set(b.idx):
            return self.summed_product(a, b, gone, out)
        if len(gone) == len(shared):
            kept = tuple(i for i in (*a.idx, *b.idx) if i not in shared)
            data = (tuple(a.idx.index(i) for i in gone), tuple(b.idx.index(i) for i in gone))
            return self.emit("tensordot", (a, b), data, kept)
        kept = tuple(sorted((set(a.idx) | set(b.idx)) - set(gone)))
        return self.emit("einsum", (a, b), (a.idx, b.idx, kept), kept)

    def spared(self, a: Operand, b: Operand, gone: Indices, shared: set[int]) -> Operand | None:
        """The product without forming `a`, an inverse or a sum, where that can be."""
        if len(gone) != 1 or len(shared) != 1 or len(b.idx) > 2:
            return None
        if a.kind == "inverse":
            spread = self.distributed(b, a, gone[0]) if b.kind == "sum" else None
            return spread or self.solve(a, self.formed(b), gone[0])
        return self.distributed(a, b, gone[0]) if a.kind == "sum" and b.kind in ("value", "divisor") else None

    def distributed(self, a: Operand, b: Operand, k: int) -> Operand | None:
        """A sum times a value or an inverse, term by term, where that is better."""
        assert a.tensor is not None
        idx = (*(i for i in a.idx if i != k), *(i for i in b.idx if i != k))
        value = self.distribute(a.tensor, a.idx, b if b.kind == "inverse" else self.formed(b), idx)
        return None if value is None else Operand(value, idx)

    def solve(self, inv: Operand, other: Operand, k: int) -> Operand:
        """A^-1 b without the inverse; the right-hand side has the contracted index first."""
        i = inv.idx[0] if inv.idx[1] == k else inv.idx[1]
        turned = inv.idx[0] == k and not self.program.is_symmetric(inv.value)
        idx = (i, *(j for j in other.idx if j != k))
        return self.emit("solve", (inv, other), (turned, other.idx[0] != k), idx)

    def quotient(self, a: Operand, b: Operand, out: Indices) -> Operand:
        """A value over a divisor, or the divisor that two make."""
        if a.kind == b.kind:
            return replace(self.elementwise("multiply", a, b, out), kind="divisor")
        a, b = (b, a) if a.kind == "divisor" else (a, b)
        return self.elementwise("divide", self.formed(a), b, out)

    def elementwise(self, op: str, a: Operand, b: Operand, out: Indices) -> Operand:
        """A product or quotient by broadcasting."""
        joint = set(a.idx) | set(b.idx)
        union = next((o.idx for o in (a, b) if set(o.idx) == joint), tuple(sorted(joint)))
        if joint <= set(out):
            union = tuple(i for i in out if i in joint)
        if op == "multiply" and len(b.idx) < len(a.idx):
            a, b = b, a
        place = {i: n for n, i in enumerate(union)}
        return self.emit(op, (a, b), tuple(tuple(place[i] for i in idx) for idx in (a.idx, b.idx, union)), union)

    def summed_product(self, a: Operand, b: Operand, gone: Indices, out: Indices) -> Operand:
        """The sum of an elementwise product along some or all axes."""
        if len(gone) == len(a.idx):
            return self.emit("inner", (a, self.ordered(b, a.idx)), (), ())
        whole = self.elementwise("multiply", a, b, out)
        self.products.note((a.value, a.idx), (b.value, b.idx), (), (whole.value, whole.idx))
        return self.summed(whole, set(a.idx) - set(gone))

    def matmul(self, a: Operand, b: Operand, k: int, out: Indices) -> Operand:
        """A product of matrices and vectors, in the order with the fewest transposes."""
        if len(a.idx) == len(b.idx) == 1:
            return self.emit("matmul", (a, b), (False, False), ())
        if 1 in (len(a.idx), len(b.idx)):
            first, second = (a, b) if len(b.idx) == 1 else (b, a)
        else:
            first, second = min(((a, b), (b, a)), key=lambda p: self.turns(p[0], p[1], k, out))
        turned = (self.turned(first, k, last=True), len(second.idx) == 2 and self.turned(second, k, last=False))
        idx = tuple(i for i in (*first.idx, *second.idx) if i != k)
        return self.emit("matmul", (first, second), turned, idx)

    def turned(self, o: Operand, k: int, last: bool) -> bool:
        """Whether a matrix must be transposed to have the index last, or first."""
        return o.idx[1 if last else 0] != k and not self.program.is_symmetric(o.value)

    def turns(self, first: Operand, second: Operand, k: int, out: Indices) -> tuple[int, int]:
        """How badly a matrix product fits: the order of its axes in the result, then transposes."""
        rest = tuple(i for i in (*first.idx, *second.idx) if i != k)
        wrong = set(rest) <= set(out) and out.index(rest[0]) > out.index(rest[1])
        return int(wrong), self.turned(first, k, last=True) + self.turned(second, k, last=False)


_USED = Operand(-1, (), "used")
