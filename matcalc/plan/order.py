"""The order in which the factors of a product are contracted, by the number of multiplications at typical sizes.

Named dimensions count as 100, the members of a family as 1000, numbers as themselves: vectors meet matrices before
matrices meet matrices, and thin products come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from matcalc.core.dims import Dim
from matcalc.plan.costs import SYMMETRIC, TYPICAL, TYPICAL_DATA

MAX_EXACT = 6
"""Products of up to this many factors are ordered best, longer ones greedily."""

Set = frozenset[int]


def typical(dim: Dim, data: frozenset[str]) -> float:
    """A number for a dimension whose names are not known yet."""
    return sum(c * prod(TYPICAL_DATA if n in data else TYPICAL for n in names) for names, c in dim.terms)


@dataclass(frozen=True)
class Network:
    """The indices of the factors, what is left of them in the end, and which factors are inverses not yet formed."""

    factors: Sequence[Set]
    out: Set
    sizes: Mapping[int, float]
    inverses: Set
    values: Sequence[int] = ()
    """Which factors are the same array."""

    def held(self, mask: int) -> Set:
        """The indices of the product of some factors that are needed outside of it."""
        inside: set[int] = set()
        outside = set(self.out)
        for n, idx in enumerate(self.factors):
            (inside if mask >> n & 1 else outside).update(idx)
        return frozenset(inside & outside)

    def cost(self, left: int, right: int) -> float:
        """Multiplications for the product of two products; an inverse that cannot be solved with is formed."""
        a, b = self.held(left), self.held(right)
        total = prod(self.sizes[i] for i in a | b) + 0.5 * prod(self.sizes[i] for i in self.held(left | right))
        if self.is_gram(left, right):
            total *= SYMMETRIC
        for one, other, mask in ((a, b, left), (b, a, right)):
            if mask & mask - 1 == 0 and mask.bit_length() - 1 in self.inverses:
                gone = (one & other) - self.held(left | right)
                if len(gone) != 1 or len(one & other) != 1 or len(other) > 2:
                    total += max(self.sizes[i] for i in one) ** 3
        return total

    def is_gram(self, left: int, right: int) -> bool:
        """Whether two factors are one array, multiplied with its own transpose."""
        if not self.values or left & left - 1 or right & right - 1:
            return False
        a, b = left.bit_length() - 1, right.bit_length() - 1
        return self.values[a] == self.values[b] and len(self.factors[a]) == len(self.factors[a] | self.factors[b]) - 1 == 2


def contraction_order(network: Network) -> list[tuple[int, int]]:
    """Pairs to contract; factor n + k is the result of pair k."""
    count = len(network.factors)
    pairs: list[tuple[int, int]] = []
    numbers = {1 << n: n for n in range(count)}
    for left, right in _exact(network) if count <= MAX_EXACT else _greedy(network):
        pairs.append((numbers[left], numbers[right]))
        numbers[left | right] = count + len(pairs) - 1
    return pairs


def _exact(network: Network) -> list[tuple[int, int]]:
    """The cheapest order over all splits of all subsets."""
    count = len(network.factors)
    best: dict[int, tuple[float, int]] = {1 << n: (0.0, 0) for n in range(count)}
    for mask in sorted(range(1, 1 << count), key=lambda m: (m.bit_count(), m)):
        if mask not in best:
            best[mask] = min((network.cost(p, mask ^ p) + best[p][0] + best[mask ^ p][0], p) for p in _splits(mask))
    result: list[tuple[int, int]] = []
    stack = [(1 << count) - 1]
    while stack:
        mask = stack.pop()
        part = best[mask][1]
        if part:
            result.append((part, mask ^ part))
            stack += [part, mask ^ part]
    return result[::-1]


def _splits(mask: int) -> Iterator[int]:
    """One part of every split in two; the part holds the lowest factor."""
    low = mask & -mask
    part = (mask - 1) & mask
    while part:
        if part & low:
            yield part
        part = (part - 1) & mask


def _greedy(network: Network) -> list[tuple[int, int]]:
    """The cheapest pair at each step; costs are kept while both of a pair stay."""
    masks = [1 << n for n in range(len(network.factors))]
    costs: dict[tuple[int, int], float] = {}
    result: list[tuple[int, int]] = []
    while len(masks) > 1:
        pairs = [(p, q) for n, p in enumerate(masks) for q in masks[n + 1 :]]
        for pair in pairs:
            if pair not in costs:
                costs[pair] = network.cost(*pair)
        best = min(pairs, key=lambda pair: (costs[pair], pair))
        result.append(best)
        masks = [m for m in masks if m not in best] + [best[0] | best[1]]
    return result
