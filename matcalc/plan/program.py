"""A straight-line program from tensors: each shared part once, products in a good order, vectors first.

What is not made is decided here: inverses that a solve spares, sums of matrices that meet a vector, identities, unit
vectors and other constants, whose places are written to instead. `emit` prints the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold, postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, content_of, factors_of, terms_of
from matcalc.plan.contraction import Operand
from matcalc.plan.guards import squared
from matcalc.plan.kernels import with_kernels
from matcalc.plan.layout import oriented
from matcalc.plan.logistic import one_sided
from matcalc.plan.place import Place, Slot, constant, indices_of
from matcalc.plan.products import CONSTANTS, Product, plain_place
from matcalc.plan.reuse import Products
from matcalc.plan.scaling import scaled_sum
from matcalc.plan.sharing import marginals, reversals
from matcalc.plan.signs import with_free_signs, with_one_scaling
from matcalc.plan.solves import shared_factorisations
from matcalc.plan.steps import Axes, Comparison, Indices, Program, pruned
from matcalc.plan.thin import thin_residuals

MAX_DISTRIBUTED = 20
"""Sums inside sums are distributed over a vector to this depth."""

HALF = Fraction(1, 2)
Term = tuple[Fraction, int, Indices]


def plan(*nodes: Tensor, named: Mapping[Tensor, Tensor] | None = None) -> Program:
    """The program that computes the tensors, shared parts once.

    Args:
        nodes: what is returned.
        named: what variables stand for that are no parameters, each after those that it uses. A result is computed as
            soon as all that it uses is known, so that its parts are not needed any longer.
    """
    named = dict(named or {})
    sided = one_sided((*named.values(), *nodes))
    named, nodes = dict(zip(named, sided, strict=False)), sided[len(named) :]
    program, comparison = _planned(nodes, named, False)
    if comparison is not None:
        program.instead = comparison, _planned(nodes, named, True)[0]
    return program


def _planned(nodes: Sequence[Tensor], named: Mapping[Tensor, Tensor], spread: bool) -> tuple[Program, Comparison | None]:
    """The program, and when one with thin products spread is better; `spread` asks for that one."""
    planner = Planner((*named.values(), *nodes), spread)
    ready: dict[int, list[Tensor]] = {}
    for node, last in zip(nodes, _last_used(nodes, named), strict=True):
        ready.setdefault(last, []).append(node)
    values = {node: planner.planned(node) for node in ready.get(-1, [])}
    for n, (leaf, node) in enumerate(named.items()):
        planner.values[leaf] = planner.planned(node)
        values |= {node: planner.planned(node) for node in ready.get(n, [])}
    planner.program.results = tuple(values[node] for node in nodes)
    program = with_free_signs(with_kernels(oriented(shared_factorisations(pruned(planner.program)), planner.data)))
    comparison = next(iter(planner.thin.values()), None)
    return program if comparison is None or spread else with_one_scaling(program), comparison


def _last_used(nodes: Sequence[Tensor], named: Mapping[Tensor, Tensor]) -> list[int]:
    """For each tensor the position of the last named part in it, -1 where there is none."""
    position = {leaf: n for n, leaf in enumerate(named)}
    memo: dict[Tensor, int] = {}
    return [fold(node, lambda t, args: max((position.get(t, -1), *args)), memo) for node in nodes]


class Planner:
    """Values of tensors, as numbers of steps."""

    def __init__(self, roots: tuple[Tensor, ...], spread: bool = False) -> None:
        self.program = Program()
        self.spread = spread
        self.products = Products()
        self.values: dict[Tensor, int] = {}
        self.depth = 0
        nodes = postorder(*roots)
        self.uses: Mapping[Tensor, int] = Counter(arg for node in nodes for arg in node.args) + Counter(roots)
        self.multiplied = {arg for node in nodes if node.head == "contract" for arg in node.args}
        self.thin = thin_residuals(nodes, self.uses)
        within = {t for total in self.thin for t in total.args if self.uses[t] <= 1}
        self.avoided = within | set(self.thin) if spread else set[Tensor]()
        self.delayed = self.held(nodes)
        self.marginals = marginals(nodes, self.uses)
        self.reversed: Mapping[Tensor, Tensor] = reversals(nodes, roots, self.uses, self.marginals)
        self.data = frozenset(n for t in nodes if t.head == "var" and t.data[2] is True for n in t.axes[0].names)

    def planned(self, node: Tensor) -> int:
        """The value of a tensor, after those of all its parts."""
        for t in postorder(node):
            if t not in self.values and not self.is_late(t):
                self.value(t)
        return self.value(node)

    def is_late(self, node: Tensor) -> bool:
        """Whether it may be that the value is never needed."""
        return node.head in CONSTANTS or node.head == "matpow" or self.is_open(node) or node in self.avoided or node in self.delayed

    def is_open(self, node: Tensor) -> bool:
        """Whether the tensor is a sum of matrices that only one product needs."""
        return node.head == "lin" and node.rank == 2 and self.uses[node] <= 1 and node in self.multiplied

    def held(self, nodes: Sequence[Tensor]) -> set[Tensor]:
        """Products that only a sum needs which may never be formed, a few inside of each other."""
        found: set[Tensor] = set()
        depth: dict[Tensor, int] = {}
        for node in nodes:
            depth[node] = max((depth[t] for t in node.args), default=0)
            if self.is_open(node) and depth[node] == MAX_DISTRIBUTED:
                depth[node] = 0
            elif self.is_open(node):
                found |= {t for t in node.args if t.head == "contract" and self.uses[t] <= 1 < len(t.args)}
                depth[node] += 1
        return found

    def formed(self, node: Tensor) -> int:
        """The value of a sum that is not distributed, after those of its products."""
        for t in node.args:
            if t in self.delayed and t not in self.avoided:
                self.value(t)
        return self.value(node)

    def value(self, node: Tensor) -> int:
        """The value of a tensor whose parts are known or are constants."""
        if node not in self.values:
            self.values[node] = self.compute(node)
        return self.values[node]

    def compute(self, node: Tensor) -> int:
        """Plans one tensor."""
        if node.head == "lin" and (shared := self.shared(node)) is not None:
            return shared
        if node.head in ("lin", "contract", "delta", "ones"):
            return self.total(terms_of(node), node.axes)
        if node.head in ("basis", "embed", "fuse"):
            return constant(self.program, node)
        if node.head == "pow":
            return self.power(node)
        if node.head == "map" and node.data == ("sigmoid",):
            one = self.program.emit("number", (), (Fraction(1),), ())
            everywhere = tuple(range(node.rank))
            return self.program.emit("divide", (one, self.logistic_divisor(node)), ((), everywhere, everywhere), node.axes)
        args = tuple(self.value(a) for a in node.args)
        if node.head == "matpow":
            op = "inv" if node.data == (-1,) else "matpow"
            return self.program.emit(op, args, () if op == "inv" else node.data, node.axes)
        return self.program.emit(node.head, args, self.data_of(node, args), node.axes)

    def logistic_divisor(self, node: Tensor) -> int:
        """1 + exp(-z) for sigmoid(z), the exponential kept from overflow."""
        negative = b.scale(Fraction(-1), node.args[0])
        self.prepare(negative)
        exponential = self.program.emit("bounded_exp", (self.value(negative),), (), node.axes)
        return self.combined([(Fraction(1), exponential, tuple(range(node.rank)))], Fraction(1), node.axes)

    def data_of(self, node: Tensor, args: tuple[int, ...]) -> tuple[object, ...]:
        """What a step of the same name needs to know."""
        if node.head == "var":
            return node.data[:2]
        if node.head in ("softmax", "logsumexp"):
            return (*node.data, node.args[0].rank)
        if node.head == "logdet" and self.program.has(args[0], "posdef"):
            return ("posdef",)
        return node.data

    def power(self, node: Tensor) -> int:
        """A power; the root of a sum of squares is a norm."""
        base, exponent = node.args
        number = b.number_of(exponent)
        if number is None:
            return self.program.emit("pow", (self.value(base), self.value(exponent)), (), node.axes)
        return self.root(base, number)

    def root(self, base: Tensor, exponent: Fraction) -> int:
        """base^exponent, elementwise; the root of a sum of squares that nothing else needs is a norm."""
        found = squared(base)
        if exponent == HALF and found is not None and self.uses[base] <= 1:
            node, idx = found
            axes = tuple(n for n, i in enumerate(idx) if i >= base.rank)
            if len(axes) <= 2 and tuple(i for i in idx if i < base.rank) == tuple(range(base.rank)):
                node = self.reversed.get(node, node)
                return self.program.emit("norm", (self.value(node),), (axes if base.rank else None,), base.axes)
        value = self.value(base)
        return value if exponent == 1 else self.program.emit("power", (value,), (exponent,), base.axes)

    # ------------------------------------------------------------ sums
    def shared(self, node: Tensor) -> int | None:
        """A sum by way of another one: reversed, summed along an axis, or without the common factor of its terms."""
        factor, rest = content_of(node)
        if node in self.reversed:
            return self.multiple(Fraction(-1), self.reversed[node])
        if rest in self.marginals:
            inverse, whole, axis = self.marginals[rest]
            if whole in self.reversed:
                inverse, whole = -inverse, self.reversed[whole]
            self.prepare(whole)
            value = self.program.emit("sum", (self.value(whole),), ((axis,),), node.axes)
            return self.combined([(factor * inverse, value, tuple(range(node.rank)))], Fraction(0), node.axes)
        return self.primitive(node, factor, rest)

    def multiple(self, factor: Fraction, node: Tensor) -> int:
        """A number times a tensor."""
        self.prepare(node)
        return self.combined([(factor, self.value(node), tuple(range(node.rank)))], Fraction(0), node.axes)

    def primitive(self, node: Tensor, factor: Fraction, rest: Tensor) -> int | None:
        """A sum with a common factor, as the factor times the sum without; None where that saves nothing."""
        if factor == 1 or len(node.args) < 2 or any(t.head in CONSTANTS for term in node.args for t, _ in factors_of(term)):
            return None
        if rest in self.reversed or (factor < 0 and self.uses.get(rest, 0) <= 1):
            factor, rest = -factor, b.scale(Fraction(-1), rest)
        is_better = all(abs(c) == 1 for c in rest.coefficients) or rest in self.uses
        return self.multiple(factor, rest) if factor != 1 and is_better else None

    def total(self, terms: list[tuple[Fraction, Tensor]], axes: Axes) -> int:
        """A sum: terms that fill the array, a number, then terms that fill places in it."""
        plain: list[Term] = []
        placed: dict[Place, list[Term]] = {}
        number = Fraction(0)
        parts = [part for whole in terms for part in self.expanded(*whole)]
        scaled = scaled_sum(parts, axes) if len(axes) == 2 else None
        if scaled is not None and all(self.spread_out(term) is None for _, term in terms_of(scaled)):  # or it would come apart again
            return self.planned(scaled)
        for c, term in parts:
            if all(t.head == "ones" for t, _ in factors_of(term)) and (term.head == "ones" or term.args or not axes):
                number += c
                continue
            c, core, place = Product(self, term, c).planned()
            if place == plain_place(term):
                plain.append((c, core.value, core.idx))
            else:
                placed.setdefault(place, []).append((c, core.value, core.idx))
        if not placed:
            return self.combined(plain, number, axes)
        base = (self.combined(plain, number, axes),) if plain or number else ()
        return self.assembled(base, placed, axes)

    def expanded(self, coefficient: Fraction, node: Tensor) -> list[tuple[Fraction, Tensor]]:
        """A product with a sum of outer products, term by term: vectors meet the other factors on both sides."""
        n = self.spread_out(node)
        if n is not None:
            factors = factors_of(node)
            t, idx = factors[n]
            others = factors[:n] + factors[n + 1 :]
            out = tuple(range(node.rank))
            parts = [(coefficient * c, b.contract([*others, (term, idx)], out)) for c, term in terms_of(t)]
            for _, part in parts:
                self.prepare(part)
            return [(c * d, term) for c, part in parts for d, term in terms_of(part)]
        return [(coefficient, node)]

    def spread_out(self, node: Tensor) -> int | None:
        """Which factor of a product is a sum that it is multiplied out over; None where none is."""
        if node.head != "contract" or len(node.args) < 2:
            return None
        for n, (t, _) in enumerate(factors_of(node)):
            is_outer = self.is_open(t) and t not in self.values and all(_is_outer(term) for term in t.args)
            if is_outer or (self.spread and t in self.thin):
                return n
        return None

    def prepare(self, node: Tensor) -> None:
        """Values of the parts of a tensor that was not among the first ones."""
        for part in [t for arg in node.args for t in postorder(arg)]:
            if part not in self.values and not self.is_late(part):
                self.value(part)

    def combined(self, terms: list[Term], number: Fraction, axes: Axes) -> int:
        """A sum of arrays, which broadcast, and a number."""
        if not terms:
            return self.program.emit("full" if axes else "number", (), (number,), axes)
        terms = sorted(terms, key=lambda term: term[1])
        everywhere = tuple(range(len(axes)))
        covered = set().union(*(idx for _, _, idx in terms))
        if covered != set(everywhere):
            c, value, idx = terms[0]
            terms = [(c, self.program.emit("repeat", (value,), (idx,), axes), everywhere), *terms[1:]]
        if len(terms) == 1 and terms[0][0] == 1 and not number:
            return terms[0][1]
        if len(terms) == 1 and not number and terms[0][1] == self.program.emit("number", (), (Fraction(1),), ()):
            return self.program.emit("number", (), (terms[0][0],), ())
        size = abs(terms[0][0])
        if len(terms) > 1 and axes and size != 1 and not number and all(abs(c) == size for c, _, _ in terms):
            inner = self.combined([(c / size, value, idx) for c, value, idx in terms], number, axes)
            return self.combined([(size, inner, everywhere)], number, axes)
        data = (tuple(c for c, _, _ in terms), number, tuple(i for _, _, i in terms), everywhere)
        return self.program.emit("combine", tuple(v for _, v, _ in terms), data, axes)

    def assembled(self, base: tuple[int, ...], placed: dict[Place, list[Term]], axes: Axes) -> int:
        """Values written into places of an array."""
        values: list[int] = []
        places: list[tuple[Place, Indices]] = []
        for place, terms in placed.items():
            idx = tuple(i for i in indices_of(place) if any(i in own for _, _, own in terms))
            sizes = {leaf.index: leaf.size for slot in place for leaf in slot.leaves}
            local = [(c, v, tuple(idx.index(i) for i in own)) for c, v, own in terms]
            dims = tuple(d for i in idx if (d := sizes[i]) is not None)
            values.append(self.combined(local, Fraction(0), dims))
            places.append((place, idx))
        modes = tuple(
            "set" if not base and all(_are_apart(place, p) for p, _ in places[:n]) else "add"
            for n, (place, _) in enumerate(places)
        )
        return self.program.emit("assemble", (*base, *values), (bool(base), tuple(places), modes), axes)

    def distribute(self, node: Tensor, idx: Indices, other: Operand | None, out: Indices) -> int | None:
        """The product of a sum with a value, or an inverse not formed, term by term, where that is better.

        With a vector it is: no sum of matrices is formed. With a matrix it is where the terms are deltas or outer
        products, all but one. Where nothing is multiplied, axes are summed or a diagonal is taken: it is where a product
        of matrices is spared.
        """
        if other is None:
            is_better = any(t in self.delayed for t in node.args)
        else:
            full = [t for t in node.args if not _is_thin(t)]
            is_better = len(full) <= {1: len(node.args), 2: 0 if other.kind == "inverse" else 1}[len(other.idx)]
        if self.depth >= MAX_DISTRIBUTED or not is_better:
            return None
        factors: list[Factor] = []
        if other is not None:
            known = Tensor.make("value", (), (other.value,), self.program.steps[other.value].axes)
            self.values[known] = other.value
            factors = [(b.matpow(known, -1) if other.kind == "inverse" else known, other.idx)]
        dims = {i: d for t, slots in ((node, idx), *factors) for i, d in zip(slots, t.axes, strict=True)}
        terms = [(c, b.contract([(t, idx), *factors], out)) for c, t in terms_of(node)]
        self.depth += 1
        value = self.planned(b.lin(terms, tuple(dims[i] for i in out)))
        self.depth -= 1
        return value


def _is_thin(node: Tensor) -> bool:
    """Whether a matrix is a delta or an outer product."""
    return any(t.head == "delta" for t, _ in factors_of(node)) or _is_outer(node)


def _is_outer(node: Tensor) -> bool:
    """Whether a matrix is a column times a row."""
    factors = [(t, idx) for t, idx in factors_of(node) if idx]
    return node.head == "contract" and not any(t.head in CONSTANTS for t, _ in factors) and _is_split(factors)


def _is_split(factors: list[Factor]) -> bool:
    """Whether no path of shared indices joins the two axes."""
    reached = {0}
    while True:
        more = {i for _, idx in factors if reached & set(idx) for i in idx} | reached
        if more == reached:
            return 1 not in reached
        reached = more


def _are_apart(first: Place, second: Place) -> bool:
    """Whether no entry lies in both places, as one axis shows."""
    return any(_are_disjoint(a, b) for a, b in zip(first, second, strict=True))


def _are_disjoint(a: Slot, b: Slot) -> bool:
    if a.kind == b.kind == "split":
        return any(_are_disjoint(p, q) for p, q in zip(a.parts, b.parts, strict=True))
    if a.start is None or b.start is None:
        return False
    ends = [s.start + (Dim.of(1) if s.kind == "at" or s.size is None else s.size) for s in (a, b) if s.start is not None]
    return (b.start - ends[0]).is_nonnegative or (a.start - ends[1]).is_nonnegative
