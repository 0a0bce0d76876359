"""One product: its scalars, the places that it goes to, and the contraction of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.plan.contraction import Contraction, Operand
from matcalc.plan.guards import is_guarded, squared
from matcalc.plan.place import Place, Placement, Slot, indices_of, is_plain
from matcalc.plan.reuse import Products
from matcalc.plan.steps import Indices, Program

CONSTANTS = frozenset(("delta", "ones", "basis", "embed", "fuse"))
MAX_OPENED_POWER = 4
"""A power of a matrix is applied to a vector factor by factor up to this exponent."""


class Values(Protocol):
    """What a product asks of the planner."""

    program: Program
    uses: Mapping[Tensor, int]
    data: frozenset[str]
    products: Products
    reversed: Mapping[Tensor, Tensor]

    def value(self, node: Tensor) -> int:
        """The value of a tensor."""

    def formed(self, node: Tensor) -> int:
        """The value of a sum that is not distributed, after those of its products."""

    def root(self, base: Tensor, exponent: Fraction) -> int:
        """A rational power, elementwise."""

    def logistic_divisor(self, node: Tensor) -> int:
        """1 + exp(-z) for sigmoid(z)."""

    def is_open(self, node: Tensor) -> bool:
        """Whether the tensor is a sum of matrices that only one product needs."""

    def distribute(self, node: Tensor, idx: Indices, other: Operand | None, out: Indices) -> int | None:
        """The product of a sum with a value, or a sum along axes, term by term, where that is better."""


class Product:
    """The plan of one product.

    Args:
        values: the planner.
        node: a contraction, a constant, or any tensor as its own one factor.
        coefficient: the number that the product is to be multiplied with.
    """

    def __init__(self, values: Values, node: Tensor, coefficient: Fraction) -> None:
        self.values, self.program, self.node = values, values.program, node
        factors = opened(node)
        self.present = [t for t, _ in factors]
        self.factors = [(values.reversed.get(t, t), idx) for t, idx in factors]
        if sum(t in values.reversed for t in self.present) % 2:
            coefficient = -coefficient
        self.coefficient = coefficient
        self.turned = self.sign_taker() if coefficient < 0 else None
        if self.turned is not None:
            self.coefficient = -coefficient
        dims = {i: d for t, idx in self.factors for i, d in zip(idx, t.axes, strict=True)}
        self.contraction = Contraction(self.program, dims, values.data, values.formed, values.distribute, values.products)
        self.above: list[int] = []
        self.below: list[int] = []

    def planned(self) -> tuple[Fraction, Operand, Place]:
        """The coefficient that is left to multiply with, the value, and where it goes."""
        selectors = [f for f in self.factors if f[0].head in CONSTANTS and f[0].head != "ones"]
        others = [f for f in self.factors if f[0].head not in CONSTANTS]
        operands = [o for f in others for o in self.operands(f)]
        self.split_scalars([o for o in operands if not o.idx])
        core = [o for o in operands if o.idx]
        core, place = Placement(self.contraction, self.node.axes, core, selectors).resolve()
        self.split_scalars([o for o in core if not o.idx])
        core = [o for o in core if o.idx]
        out = indices_of(place)
        if len(out) > 2 and all(set(o.idx) <= set(out) for o in core):
            core = self.sign_folded(core, out)
        self.fold_coefficient(core, out)
        if len(out) > 1:
            core = self.scaled_early(core, out)
        result = self.scaled(self.contraction.run(core, out) if core else None)
        return self.coefficient, *self.reshaped(result, place, out)

    def operands(self, factor: Factor) -> list[Operand]:
        """What a factor brings: an inverse not formed, a sum not formed, a divisor, a square as two, or a value."""
        node, idx = factor
        value = self.values.value
        is_open = self.values.is_open(node)
        if node is self.turned:
            node = b.scale(Fraction(-1), node)
        if node.head == "matpow" and node.data == (-1,):
            return [Operand(value(node.args[0]), idx, "inverse")]
        if is_open:
            return [Operand(-1, idx, "sum", node)]
        if node.head == "map" and node.data == ("sigmoid",) and self.values.uses[node] <= 1 and node.rank:
            return [Operand(self.values.logistic_divisor(node), idx, "divisor")]
        exponent = b.number_of(node.args[1]) if node.head == "pow" else None
        if exponent is not None and exponent < 0:
            divisor = self.values.root(node.args[0], -exponent)
            if is_guarded(node.args[0], exponent, self.present):
                divisor = self.program.emit("nonzero", (divisor,), (), node.axes)
            return [Operand(divisor, idx, "divisor")]
        if exponent == 2 and idx and squared(Tensor.make("contract", (node,), (idx,), ())) and self.is_alone(factor):
            base = node.args[0]
            return [Operand(value(self.values.reversed.get(base, base)), idx)] * 2
        return [Operand(value(node), idx)]

    def sign_taker(self) -> Tensor | None:
        """A difference among the factors that takes a minus in by changing sides, where nothing else needs it."""
        found = [t for t, _ in self.factors if t.head == "lin" and self.values.uses[t] <= 1 and _is_reversible(t)]
        return next((t for t in found if found.count(t) == 1), None)

    def is_alone(self, factor: Factor) -> bool:
        """Whether all indices of a factor are summed, and no other factor has one."""
        held = {i for f in self.factors if f is not factor for i in f[1]}
        return all(i >= self.node.rank and i not in held for i in factor[1])

    # ------------------------------------------------------------ scalars
    def split_scalars(self, scalars: list[Operand]) -> None:
        """Notes the scalars above and below the fraction bar."""
        for o in scalars:
            (self.below if o.kind == "divisor" else self.above).append(o.value)

    def fold_coefficient(self, core: list[Operand], out: Indices) -> None:
        """Takes the coefficient among the scalars where there are some, or a vector that makes a matrix."""
        size = abs(self.coefficient)
        worth = self.above or self.below or (len(out) > 1 and self.lightest(core, out) is not None)
        if size != 1 and worth and self.values.uses[self.node] <= 1:
            self.above.insert(0, self.program.emit("number", (), (size,), ()))
            self.coefficient /= size

    def sign_folded(self, core: list[Operand], out: Indices) -> list[Operand]:
        """The coefficient multiplied into the smallest factor of a large product that nothing else needs."""
        plain = [n for n, o in enumerate(core) if o.kind in ("value", "inverse") and len(set(o.idx)) < len(out)]
        if self.coefficient == 1 or len(core) < 2 or not plain or self.values.uses[self.node] > 1:
            return core
        n = min(plain, key=lambda n: (len(core[n].idx), n))
        o = self.contraction.formed(core[n])
        everywhere = tuple(range(len(o.idx)))
        scaled = self.contraction.emit("combine", (o,), ((self.coefficient,), Fraction(0), (everywhere,), everywhere), o.idx)
        self.coefficient = Fraction(1)
        return [*core[:n], scaled, *core[n + 1 :]]

    def lightest(self, core: list[Operand], out: Indices) -> int | None:
        """The position of a vector that scalars are best multiplied into."""
        vectors = [n for n, o in enumerate(core) if len(set(o.idx)) == 1 and o.kind == "value"]
        return min(vectors, key=lambda n: (core[n].idx[0] not in out, n)) if len(core) > 1 and vectors else None

    def scaled_early(self, core: list[Operand], out: Indices) -> list[Operand]:
        """Scalars multiplied into a vector, before it makes a matrix."""
        position = self.lightest(core, out)
        if position is None or not (self.above or self.below):
            return core
        o = self.scaled(core[position])
        self.above, self.below = [], []
        return [*core[:position], o, *core[position + 1 :]]

    def scaled(self, o: Operand | None) -> Operand:
        """The value times the scalars above, over those below."""
        factor = self.joined(self.above)
        divisor = self.joined(self.below)
        if factor is not None and divisor is not None:
            factor, divisor = self.scalar("divide", factor, divisor), None
        if o is None:
            one = Operand(self.program.emit("number", (), (Fraction(1),), ()), ())
            return factor or (self.scalar("divide", one, divisor) if divisor is not None else one)
        if factor is not None:
            return self.contraction.emit("multiply", (factor, o), ((), o.idx, o.idx), o.idx)
        if divisor is not None:
            return self.contraction.emit("divide", (o, divisor), (o.idx, (), o.idx), o.idx)
        return o

    def joined(self, scalars: list[int]) -> Operand | None:
        """The product of some scalars."""
        result: Operand | None = None
        for value in scalars:
            o = Operand(value, ())
            result = o if result is None else self.scalar("multiply", result, o)
        return result

    def scalar(self, op: str, first: Operand, second: Operand) -> Operand:
        """A product or quotient of scalars."""
        return self.contraction.emit(op, (first, second), ((), (), ()), ())

    # ------------------------------------------------------------ places
    def reshaped(self, o: Operand, place: Place, out: Indices) -> tuple[Operand, Place]:
        """Axes that only fuse others need no writing: the value under other axes."""
        if not is_plain(place):
            return o, place
        if any(slot.kind == "split" for slot in place):
            if o.idx != out:
                axes = self.contraction.axes(out)
                where = tuple(out.index(i) for i in o.idx)
                o = Operand(self.program.emit("repeat", (o.value,), (where,), axes), out)
            o = Operand(self.program.emit("reshape", (o.value,), (), self.node.axes), tuple(range(self.node.rank)))
        else:
            o = replace(o, idx=tuple(out.index(i) for i in o.idx))
        return o, plain_place(self.node)


def _is_reversible(node: Tensor) -> bool:
    """Whether a difference has no more minus signs after changing sides; a number that leads it stays in front."""
    signs = [(c < 0, t.head == "ones" or not t.rank) for c, t in terms_of(node)]
    return 2 * sum(negative for negative, _ in signs) >= len(signs) and (False, True) not in signs


def undiagonal(factor: Factor) -> list[Factor]:
    """A sum whose terms all lie on one diagonal, as the sum along it and a delta."""
    node, idx = factor
    if node.head != "lin" or node.rank < 2 or not node.args:
        return [factor]
    diagonals = [{f for t, f in factors_of(term) if t.head == "delta" and max(f) < node.rank} for term in node.args]
    common = set.intersection(*diagonals)
    if not common:
        return [factor]
    kept, gone = min(common)
    out = tuple(i for i in range(node.rank) if i != gone)
    terms = [(c, _along(term, kept, gone, out)) for c, term in terms_of(node)]
    sum_along = b.lin(terms, tuple(node.axes[i] for i in out))
    return [(sum_along, tuple(idx[i] for i in out)), (b.delta(node.axes[kept]), (idx[kept], idx[gone]))]


def _along(term: Tensor, kept: int, gone: int, out: Indices) -> Tensor:
    """A term without its delta, as an array along the diagonal."""
    factors = factors_of(term)
    position = next(n for n, (t, f) in enumerate(factors) if t.head == "delta" and set(f) == {kept, gone})
    rest = [(t, tuple(kept if i == gone else i for i in f)) for n, (t, f) in enumerate(factors) if n != position]
    if all(kept not in f for _, f in rest):
        rest.append((b.ones((term.axes[kept],)), (kept,)))
    return b.contract(rest, out)


def plain_place(node: Tensor) -> Place:
    """The place of a tensor that fills its array."""
    return tuple(Slot("all", i, size=dim) for i, dim in enumerate(node.axes))


def opened(node: Tensor) -> list[Factor]:
    """The factors, small powers of matrices written out where there is a vector to meet."""
    factors = [part for factor in factors_of(node) for part in undiagonal(factor)]
    fresh = max((i for _, idx in factors for i in idx), default=0) + 1
    has_vector = any(t.rank == 1 and t.head not in CONSTANTS for t, _ in factors)
    result: list[Factor] = []
    for t, idx in factors:
        k = int(str(t.data[0])) if t.head == "matpow" else 1
        if abs(k) == 1 or abs(k) > MAX_OPENED_POWER or not has_vector or node.rank > 1:
            result.append((t, idx))
            continue
        one = t.args[0] if k > 0 else b.matpow(t.args[0], -1)
        path = [idx[0], *range(fresh, fresh + abs(k) - 1), idx[1]]
        fresh += abs(k)
        result += [(one, (i, j)) for i, j in pairwise(path)]
    return result
