"""Reduction of one product to its normal form: delta elimination, merged powers, scalar components split off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from fractions import Fraction
from itertools import count

from matcalc.core.dims import Dim
from matcalc.core.limits import keep_time
from matcalc.ir.canonical import is_diagonal, is_symmetric
from matcalc.ir.nodes import ONE, UNIT, Axes, Factor, Tensor, components, content_of, factors_of, has_property, terms_of
from matcalc.ir.selection import SELECTORS, lone, meet, selects

MAX_FACTORS = 48
"""Products are opened into one another up to this many factors, so that chains of any depth stay linear."""

Open = tuple[Tensor, tuple[int, ...]]
Close = Callable[[Fraction, Sequence[Open], Axes], Tensor]


class Network:
    """The factors of one product while it is being reduced.

    Indices are numbers: 0..r-1 the axes of the result, then bound ones. Ends because every step removes a factor or
    an index, or turns a factor into one that no step applies to.
    """

    def __init__(
        self,
        out: tuple[Hashable, ...],
        *,
        add: Callable[..., Tensor],
        power: Callable[[Tensor, Tensor], Tensor],
        matpow: Callable[[Tensor, int], Tensor],
        ones: Callable[[Dim], Tensor],
        size: Callable[[Dim], Tensor],
        oriented: Callable[[Tensor], tuple[Tensor, bool]],
        part: Callable[[Tensor, int, Tensor], Tensor],
        over_terms: Callable[[Tensor, tuple[int, ...], Sequence[Open], tuple[int, ...]], Tensor],
        close: Close,
    ) -> None:
        self.rank = len(out)
        self.names: dict[Hashable, int] = {name: i for i, name in enumerate(out)}
        self.fresh = count(self.rank)
        self.dims: dict[int, Dim] = {}
        self.factors: list[Open] = []
        self.coefficient = ONE
        self.add, self.power, self.matpow, self.ones, self.size = add, power, matpow, ones, size
        self.oriented, self.part, self.over_terms, self.close = oriented, part, over_terms, close

    def insert(self, node: Tensor, names: tuple[Hashable, ...]) -> None:
        """Adds a factor, with the index names of the caller."""
        keep_time()
        idx = []
        for name, dim in zip(names, node.axes, strict=True):
            if name not in self.names:
                self.names[name] = next(self.fresh)
            i = self.names[name]
            assert self.dims.setdefault(i, dim) == dim, "one index has one dimension"
            idx.append(i)
        self.open(node, tuple(idx))

    def open(self, node: Tensor, idx: tuple[int, ...]) -> None:
        """Adds a factor, taking coefficients and inner products apart."""
        if not terms_of(node):
            self.coefficient = Fraction(0)
            return
        common, node = content_of(node)
        if common is not ONE:
            self.coefficient *= common
        if node.head == "lin" and node.rank == 2:
            node, swapped = self.oriented(node)
            idx = idx[::-1] if swapped else idx
            common, node = content_of(node)
            self.coefficient *= common
        if node.head != "contract" or len(self.factors) + len(node.args) > MAX_FACTORS:
            self.factors.append((node, idx))
            return
        local = dict(enumerate(idx))
        for factor, slots in factors_of(node):
            for slot, dim in zip(slots, factor.axes, strict=True):
                if slot not in local:
                    local[slot] = next(self.fresh)
                    self.dims[local[slot]] = dim
            self.open(factor, tuple(local[s] for s in slots))

    def result(self) -> Tensor:
        """The reduced product."""
        axes = tuple(self.dims[i] for i in range(self.rank))
        if self.coefficient == 0:
            return self.close(self.coefficient, [], axes)
        self.drop_ones()
        while self.remove_delta() or self.select() or self.merge_chain() or self.merge_powers():
            pass
        if self.coefficient == 0:
            return self.close(self.coefficient, [], axes)
        self.drop_ones()
        self.split_scalars()
        return self.close(self.coefficient, self.factors, axes)

    def uses(self, i: int) -> int:
        """How many slots hold the index."""
        return sum(idx.count(i) for _, idx in self.factors)

    def remove_delta(self) -> bool:
        """Contracts one delta that has a bound index or a repeated one; moves indices off the others."""
        for position, (node, idx) in enumerate(self.factors):
            if node.head != "delta":
                continue
            keep, gone = sorted(idx)
            diagonal = next((n for n, f in enumerate(self.factors) if f[1] == (keep, keep) and is_diagonal(f[0])), None)
            if diagonal is not None and keep != gone:
                self.replace({position, diagonal}, [(self.factors[diagonal][0], (keep, gone))])
                return True
            if keep == gone:
                self.factors[position] = (self.ones(self.dims[keep]), (keep,))
                return True
            if gone >= self.rank:
                del self.factors[position]
                self.rename(gone, keep)
                if not self.uses(keep):
                    self.factors.append((self.ones(self.dims[keep]), (keep,)))
                return True
            if self.uses(gone) > 1:
                del self.factors[position]
                self.rename(gone, keep)
                self.factors.append((node, (keep, gone)))
                return True
        return False

    def rename(self, old: int, new: int) -> None:
        """Replaces one index by another in every factor."""
        self.factors = [(t, tuple(new if i == old else i for i in idx)) for t, idx in self.factors]

    def select(self) -> bool:
        """One step of the constants that place, pick and pair axes, as `selection` states them."""
        for n, first in enumerate(self.factors):
            if first[0].head not in SELECTORS:
                if first[0].head == "lin" and self.join_blocks(n):
                    return True
                continue
            for m, second in enumerate(self.factors):
                if m == n or not set(first[1]) & set(second[1]):
                    continue
                done = meet(first, second, lambda i: i >= self.rank and self.uses(i) == 2)
                done = self.entry(first, second) if done is None else done
                if done is not None:
                    self.replace({n, m}, done)
                    return True
            alone = lone(first, lambda i: i >= self.rank and self.uses(i) == 1)
            if alone is not None:
                self.replace({n}, alone)
                return True
        return False

    def entry(self, selector: Open, factor: Open) -> list[Open] | None:
        """The selected part of a sum or an elementwise function that is made of parts."""
        fused = selector[0].head == "fuse"
        (node, idx), long = factor, selector[1][0 if fused else -1]
        if node.head not in ("lin", "map", "pow") or idx.count(long) != 1:
            return None
        if long < self.rank or self.uses(long) != 2 or not selects(node):
            return None
        slot = idx.index(long)
        short = selector[1][1:] if fused else selector[1][:-1]
        return [(self.part(node, slot, selector[0]), (*idx[:slot], *short, *idx[slot + 1 :]))]

    def join_blocks(self, n: int) -> bool:
        """A factor made of parts, summed alone or with another on one bound index: the sum over the parts."""
        first = self.factors[n]
        if not selects(first[0]):
            return False
        kept = tuple(i for i in first[1] if i < self.rank or self.uses(i) > 1)
        if len(set(kept)) == len(kept) < len(first[1]):
            self.replace({n}, [(self.over_terms(*first, [], kept), kept)])
            return True
        for m, second in enumerate(self.factors):
            shared = set(first[1]) & set(second[1])
            if m == n or second[0].head not in ("lin", "map", "pow") or not selects(second[0]):
                continue
            if len(shared) == 1 and all(i >= self.rank and self.uses(i) == 2 for i in shared):
                out = tuple(i for i in (*first[1], *second[1]) if i not in shared)
                if len(set(out)) == len(out):
                    self.replace({n, m}, [(self.over_terms(*first, [second], out), out)])
                    return True
        return False

    def replace(self, positions: set[int], parts: Sequence[Open] | None) -> None:
        """Puts other factors in the place of some; an empty reason for zero is None of them left."""
        self.factors = [f for k, f in enumerate(self.factors) if k not in positions]
        for node, idx in parts or ():
            for i, dim in zip(idx, node.axes, strict=True):
                self.dims.setdefault(i, dim)
            self.open(node, idx)

    def merge_chain(self) -> bool:
        """Merges two powers of one matrix that meet in a bound index; the two factors of Q^T Q = I vanish."""
        for a, (left, idx) in enumerate(self.factors):
            if left.rank != 2 or idx[0] == idx[1]:
                continue
            for b, (right, other) in enumerate(self.factors):
                if a == b or right.rank != 2 or other[0] == other[1]:
                    continue
                merged = self.merged(left, idx, right, other)
                if merged is not None:
                    self.replace({a, b}, [merged])
                    return True
        return False

    def merged(self, left: Tensor, idx: tuple[int, ...], right: Tensor, other: tuple[int, ...]) -> Open | None:
        """M^p M^q = M^(p + q), and Q^T Q = Q Q^T = I."""
        if left is right and has_property(left, "orthogonal"):
            for slot in (0, 1):
                if idx[slot] == other[slot] and self.only_here(idx[slot]):
                    return self.matpow(left, 0), (idx[1 - slot], other[1 - slot])
        p, q = _matrix_power(left), _matrix_power(right)
        if p is None or q is None or p[0] is not q[0]:
            return None
        turned = is_symmetric(p[0])
        for i, j in ((idx, other), (idx[::-1], other), (idx, other[::-1]), (idx[::-1], other[::-1]))[: 4 if turned else 1]:
            if i[1] == j[0] and self.only_here(i[1]):
                return self.matpow(p[0], p[1] + q[1]), (i[0], j[1])
        return None

    def only_here(self, i: int) -> bool:
        """Whether an index is bound and held by two slots."""
        return i >= self.rank and self.uses(i) == 2

    def merge_powers(self) -> bool:
        """Merges equal bases on equal indices into one power."""
        exponents: dict[tuple[Tensor, tuple[int, ...]], list[Tensor]] = {}
        kept: dict[tuple[Tensor, tuple[int, ...]] | int, Open] = {}
        for position, (node, idx) in enumerate(self.factors):
            base, exponent = _base(node)
            if node.head in ("delta", "ones") or (exponent is not None and exponent.rank):
                kept[position] = node, idx
            else:
                exponents.setdefault((base, idx), []).append(exponent or UNIT)
                kept.setdefault((base, idx), (node, idx))
        equal = {key: own for key, own in exponents.items() if len(own) > 1}
        if not equal:
            return False
        self.factors = [factor for key, factor in kept.items() if key not in equal]
        for (base, idx), own in equal.items():
            self.open(self.power(base, self.add(*own)), idx)
        return True

    def drop_ones(self) -> None:
        """Drops ones beside other factors; a bound index on ones alone is its dimension."""
        kept = [(t, idx) for t, idx in self.factors if t.head != "ones"]
        covered = {i for _, idx in kept for i in idx}
        for i in sorted({idx[0] for t, idx in self.factors if t.head == "ones"} - covered):
            kept.append((self.ones(self.dims[i]), (i,)) if i < self.rank else (self.size(self.dims[i]), ()))
        self.factors = []
        for node, idx in kept:
            self.open(node, idx)

    def split_scalars(self) -> None:
        """Turns every component without axes of the result into one scalar factor."""
        groups = [members for _, members in components(self.factors)]
        if self.rank == 0 and len(groups) == 1:
            return
        self.factors = []
        for group in groups:
            if any(i < self.rank for _, idx in group for i in idx) or all(not idx for _, idx in group):
                self.factors.extend(group)
            else:
                self.open_scalar(self.close(Fraction(1), group, ()))
        while self.merge_powers():
            pass

    def open_scalar(self, node: Tensor) -> None:
        """Adds a scalar component as one factor; one that is zero makes all zero."""
        if not terms_of(node):
            self.coefficient = Fraction(0)
        for coefficient, term in terms_of(node):
            self.coefficient *= coefficient
            self.factors.append((term, ()))


def _matrix_power(node: Tensor) -> tuple[Tensor, int] | None:
    if node.head == "matpow":
        k = node.data[0]
        assert isinstance(k, int)
        return node.args[0], k
    return None if node.head in ("delta", "fuse", "embed") else (node, 1)


def _base(node: Tensor) -> tuple[Tensor, Tensor | None]:
    return (node.args[0], node.args[1]) if node.head == "pow" else (node, None)


def reading_of(node: Tensor) -> tuple[int, bytes]:
    """How many matrices stand transposed, then the key; the same for all multiples of a tensor."""
    core = content_of(node)[1]
    return sum(idx == (1, 0) for _, t in terms_of(core) for _, idx in factors_of(t)), core.key


def constant_axes(args: Sequence[Tensor]) -> list[int]:
    """The axes along which every argument of a function is the product of ones and something else."""
    held: set[int] = set()
    rank = max(arg.rank for arg in args)
    for term in (term for arg in args for term in (arg.args if arg.head == "lin" else (arg,))):
        held.update(i for t, idx in factors_of(term) if t.head != "ones" for i in idx if i < rank)
        if len(held) == rank:
            return []
    return [i for i in range(rank) if i not in held]


def without_axes(node: Tensor, gone: Collection[int]) -> Iterator[tuple[Fraction, list[Factor]]]:
    """The terms of a tensor without axes along which it is constant: coefficients, and factors on the axes that stay."""
    for coefficient, term in terms_of(node):
        yield coefficient, [(t, idx) for t, idx in factors_of(term) if not (t.head == "ones" and idx[0] in gone)]
