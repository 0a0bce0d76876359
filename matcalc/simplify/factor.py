"""Factoring: what several terms of a sum share is taken out where that makes the sum smaller.

A factor can be taken out of a group of terms when it has the same attachments in each: a slot on the same axis of the
result, or on a bound index. What is left of each term has the other axes and one axis for each of those indices. A
power is not taken out of some terms only where it leaves a lower one: a polynomial keeps the form a + b x + c x^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from weakref import WeakKeyDictionary

from matcalc.core.dims import Dim
from matcalc.core.tracing import is_recording, record
from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.ir.selection import SELECTORS
from matcalc.ir.substitute import rebuild
from matcalc.simplify.cancel import centred, flat, written_out
from matcalc.simplify.expand import distributed, terms_written_out
from matcalc.simplify.size import leaves, measure, size

MAX_AXES = 2
"""What is left keeps a matrix form only with at most two axes."""

MAX_PASSES = 4
MAX_POWERS = 24
"""Powers are taken out of sums of at most so many terms; a longer polynomial stays as it is."""

MAX_FORESIGHT = 100
"""Sums larger than this are factored greedily."""

FORESEEN = 6
"""How many of the attempts that look best are followed further."""

Attachment = tuple[int, ...]
Candidate = tuple[Tensor, Attachment]
BOUND = -1


def factor(node: Tensor, memo: dict[Tensor, Tensor] | None = None) -> Tensor:
    """The tensor with common factors of its sums taken out, the inner sums first.

    Before: normal form. After: equal, and no candidate makes a sum smaller.
    Ends: the size falls in every round; what one pass leaves is passed over again, as inner sums may meet in outer ones.

    Args:
        node: any tensor.
        memo: what is known of parts; filled on the way.
    """
    for _ in range(MAX_PASSES):
        found = fold(node, lambda t, args: _recorded(rebuild(t, args)), memo)
        if found is node:
            break
        node, memo = found, None
    return node


def _recorded(node: Tensor) -> Tensor:
    """The smallest form of one node, noted under the way that leads to it."""
    found = _smallest(node)
    if found is not node and is_recording():
        record("common-factor" if size(_factored(flat(node))) == size(found) else "written-out-and-factored", node, found)
    return found


def _smallest(node: Tensor) -> Tensor:
    """The tensor factored, or written out and then factored, whichever is smaller."""
    node = flat(node)
    best = _factored(node)
    for other in (*written_out(node), *(centred(best) if best is not node else ())):
        found = _factored(other)
        if size(found) < size(best):
            best = found
    return best


_known: WeakKeyDictionary[Tensor, Tensor] = WeakKeyDictionary()
_known_greedy: WeakKeyDictionary[Tensor, Tensor] = WeakKeyDictionary()


def _factored(node: Tensor) -> Tensor:
    """A tensor whose outermost sum has no common factor left, nor what remains of it inside a product.

    What an attempt leaves is judged as the greedy choice would factor it on: one step of foresight, no more.
    """
    known = _known.get(node)
    if known is None:
        known = _known[node] = _rounds(node, _greedy, _factored)
    return known


def _greedy(node: Tensor) -> Tensor:
    """The same without foresight; of equal sizes the form with fewer leaves, from which more may follow."""
    known = _known_greedy.get(node)
    if known is None:
        known = _known_greedy[node] = _rounds(node, None, _greedy)
    return known


def _none(_: Tensor) -> int:
    return 0


def _rounds(node: Tensor, foresee: Callable[[Tensor], Tensor] | None, finish: Callable[[Tensor], Tensor]) -> Tensor:
    while True:
        foresee = foresee if len(node.args) <= MAX_POWERS and size(node) <= MAX_FORESIGHT else None
        best: Attempt | None = None
        ties = leaves if foresee is None or node.rank > 1 else _none
        least = (size(node), ties(node))
        tried = sorted(((measure(a.joined(a.left)), n, a) for n, a in enumerate(_attempts(node))), key=lambda t: t[:2])
        for measured, _, attempt in tried[: 1 if foresee is None else FORESEEN]:
            if foresee is not None:
                whole = attempt.joined(foresee(attempt.left))
                measured = (size(whole), ties(whole))
            if measured < least:
                best, least = attempt, measured
        found = node if best is None else best.joined(finish(best.left))
        if measure(found) >= measure(node):
            return node
        node = found


@dataclass(frozen=True)
class Attempt:
    """A way to write a sum: what is left of some terms, and how it is joined with what they share and with the rest."""

    left: Tensor
    joined: Callable[[Tensor], Tensor]


def _attempts(node: Tensor) -> Iterator[Attempt]:
    terms = terms_of(node)
    if len(terms) < 2:
        return
    in_parts = any(_selects_output(t, idx, node.rank) for _, term in terms for t, idx in factors_of(term))
    places: dict[Candidate, dict[int, Fraction]] = {}
    for n, (_, term) in enumerate(terms):
        for factor_ in dict.fromkeys([*factors_of(term), *opened(term)]):
            if factor_[0].head != "ones":
                base, exponent = _power_of(factor_, node.rank)
                places.setdefault(_candidate((base, factor_[1]), node.rank), {}).setdefault(n, exponent)
    if in_parts:
        places = {c: where for c, where in places.items() if BOUND in c[1] and c[0].rank > 1 and c[0].head not in SELECTORS}
    for candidate, where in places.items():
        for least in sorted(set(where.values())) if len(terms) <= MAX_POWERS else [Fraction(1)]:
            for held in _holders(where, least, node):
                result = _take_out(node, candidate, held, least)
                if result is not None:
                    yield result
                    yield from _numerator(result, least)
    if not in_parts:
        yield from _common_sums(node)


def _holders(where: dict[int, Fraction], least: Fraction, node: Tensor) -> Iterator[list[int]]:
    """The terms that a power is taken out of: those with a higher one; of divisors, where all is scalar, those with any."""
    held = [n for n, k in where.items() if (k >= least if least > 0 else k <= least)]
    if len(held) > 1 and (len(held) == len(node.args) or all(where[n] == least for n in held)):
        yield held
    below = [n for n, k in where.items() if k < 0]
    if least < 0 and least == min(where.values()) and len(below) > len(held) and not fold(node, _tallest, _ranks):
        yield below


_ranks: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()


def _tallest(node: Tensor, args: tuple[int, ...]) -> int:
    """The most axes of any part."""
    return max(node.rank, *args, 0)


def _numerator(attempt: Attempt, exponent: Fraction) -> Iterator[Attempt]:
    """What is left above a common divisor, written out."""
    left = attempt.left
    if exponent < 0 and not left.rank and left.head == "lin" and 1 < max(map(terms_written_out, left.args), default=0) <= MAX_POWERS:
        yield Attempt(b.lin([(c, distributed(t)) for c, t in terms_of(left)], ()), attempt.joined)


def opened(term: Tensor) -> list[Factor]:
    """The factors of a term, those of its scalar products among them."""
    factors: list[Factor] = []
    fresh = term.rank + sum(t.rank for t in term.args)
    for node, idx in factors_of(term):
        if node.head != "contract" or node.rank or node is term:
            factors.append((node, idx))
            continue
        factors += [(t, tuple(i + fresh for i in slots)) for t, slots in factors_of(node)]
        fresh += sum(t.rank for t in node.args)
    return factors


def _selects_output(node: Tensor, idx: tuple[int, ...], rank: int) -> bool:
    return node.head in SELECTORS and idx[0 if node.head == "fuse" else -1] < rank


def _power_of(factor_: Factor, rank: int) -> tuple[Tensor, Fraction]:
    """Base and exponent of a numeric power on axes of the result; anything else to the power 1."""
    node, idx = factor_
    exponent = b.number_of(node.args[1]) if node.head == "pow" and all(i < rank for i in idx) else None
    return (node, Fraction(1)) if exponent is None else (node.args[0], exponent)


def _as_base(factor_: Factor, rank: int) -> Factor:
    return _power_of(factor_, rank)[0], factor_[1]


def _candidate(factor_: Factor, rank: int) -> Candidate:
    tensor, idx = factor_
    return tensor, tuple(i if i < rank else BOUND for i in idx)


def _common_sums(node: Tensor) -> Iterator[Attempt]:
    """u + e u is (1 + e) u where u is a sum, whose terms stand among those of the node."""
    terms = {t: c for c, t in terms_of(node)}
    axes = tuple(range(node.rank))
    for coefficient, term in terms_of(node):
        for position, (u, idx) in enumerate(factors_of(term)):
            if u.head != "lin" or len(u.args) < 2 or idx != axes or not all(t in terms for t in u.args):
                continue
            ratios = {terms[t] / c for c, t in terms_of(u)}
            if len(ratios) != 1:
                continue
            e = [f for n, f in enumerate(factors_of(term)) if n != position]
            other = b.contract([*e, (b.ones(node.axes), axes)], axes)
            sides = b.lin([(coefficient, other), (ratios.pop(), b.ones(node.axes))], node.axes)
            rest = [(c, t) for t, c in terms.items() if t is not term and t not in u.args]
            yield Attempt(sides, partial(_joined, (u, axes), axes, rest, node.axes))


def _take_out(node: Tensor, candidate: Candidate, where: list[int], exponent: Fraction) -> Attempt | None:
    """The sum with a power of the candidate taken out of the terms at `where`."""
    tensor, attachment = candidate
    rank = node.rank
    bound = [("b", slot) for slot, i in enumerate(attachment) if i == BOUND]
    if len(set(attachment) - {BOUND}) + len(bound) != len(attachment):
        return None
    parts: list[tuple[Fraction, list[tuple[Tensor, tuple[object, ...]]]]] = []
    kept: set[int] = set()
    terms = terms_of(node)
    for n in where:
        coefficient, term = terms[n]
        rest = _residual(term, candidate, exponent, rank)
        if rest is None:
            return None
        kept |= {i for _, slots in rest for i in slots if isinstance(i, int) and i < rank}
        parts.append((coefficient, rest))
    axes = [*sorted(kept | (set(range(rank)) - set(attachment))), *bound]
    if len(axes) > max(MAX_AXES, rank):
        return None
    dims: dict[object, Dim] = {**dict(enumerate(node.axes)), **{("b", s): tensor.axes[s] for _, s in bound}}
    residuals = []
    for coefficient, rest in parts:
        held = {i for _, slots in rest for i in slots}
        if 0 < sum(a in held for a in axes) < len(axes):
            return None
        missing = [(b.ones((dims[a],)), (a,)) for a in axes if a not in held]
        residuals.append((coefficient, b.contract([*rest, *missing], tuple(axes))))
    left = b.lin(residuals, tuple(dims[a] for a in axes))
    slots = tuple(("b", s) if i == BOUND else i for s, i in enumerate(attachment))
    others = [term for n, term in enumerate(terms) if n not in where]
    power = b.power(tensor, b.const(exponent))
    return Attempt(left, partial(_joined, (power, slots), tuple(axes), others, node.axes))


def _joined(shared: tuple[Tensor, tuple[object, ...]], slots: tuple[object, ...], others: list[tuple[Fraction, Tensor]],
            axes: tuple[Dim, ...], left: Tensor) -> Tensor:
    """What is shared times what is left, and the other terms."""
    taken = b.contract([shared, (left, slots)], tuple(range(len(axes))))
    return b.lin([(Fraction(1), taken), *others], axes)


def _residual(term: Tensor, candidate: Candidate, exponent: Fraction,
              rank: int) -> list[tuple[Tensor, tuple[object, ...]]] | None:
    """What is left of a term: its factors without the candidate, or with a lower power of it."""
    whole = any(_candidate(_as_base(f, rank), rank) == candidate for f in factors_of(term))
    factors = factors_of(term) if whole else opened(term)
    for position, factor_ in enumerate(factors):
        base, own = _power_of(factor_, rank)
        idx = factor_[1]
        if _candidate((base, idx), rank) != candidate:
            continue
        inner = [i for i in idx if i >= rank]
        if len(set(inner)) != len(inner):
            return None
        names: dict[int, object] = {i: ("b", slot) for slot, i in enumerate(idx) if i >= rank}
        lowered = [(b.power(base, b.const(own - exponent)), idx)] if own != exponent else []
        rest = [*lowered, *(f for n, f in enumerate(factors) if n != position)]
        return [(t, tuple(names.get(i, i) for i in slots)) for t, slots in rest]
    return None
