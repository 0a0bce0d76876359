"""Products written out where that lets factors cancel: (y/z - (1 - y)/(1 - z)) z (1 - z) is y - z."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of, terms_of
from matcalc.ir.substitute import substitute
from matcalc.simplify.expand import distributed, terms_written_out
from matcalc.simplify.recognise import recognise

MAX_AXES = 2
MAX_TERMS = 32
"""A sum is written out only while it has at most so many terms."""


def written_out(node: Tensor) -> Iterator[Tensor]:
    """Equal tensors in which a product with a sum is written out, where factors may cancel."""
    if node.head == "contract":
        yield from _distributed(node)
        yield from _absorbed(node)
        yield from centred(node)
    elif node.head == "lin":
        yield from _of_sum(node)


def _of_sum(node: Tensor) -> Iterator[Tensor]:
    """A sum with the products of its terms written out, sigmoid(-u) as 1 - sigmoid(u) where both occur."""
    yield from _opened(node)
    mirrored = _one_sigmoid(node)
    if mirrored is not node:
        yield mirrored
        yield from _opened(mirrored)


def _opened(node: Tensor) -> Iterator[Tensor]:
    several = node.head == "lin" and sum(_holds_sum(t) for _, t in terms_of(node)) > 1
    if several and terms_written_out(node) <= MAX_TERMS:
        yield b.lin([(c, distributed(t)) for c, t in terms_of(node)], node.axes)


def _one_sigmoid(node: Tensor) -> Tensor:
    """The sum with sigmoid(-u) replaced by 1 - sigmoid(u) where sigmoid(u) stands in it too."""
    found = dict.fromkeys(t for _, term in terms_of(node) for t, _ in factors_of(term) if t.data == ("sigmoid",))
    for s in found:
        other = b.apply("sigmoid", b.scale(Fraction(-1), s.args[0]))
        if other in found and s.args[0].head == "lin":
            one_minus = b.lin([(Fraction(1), b.ones(s.axes)), (Fraction(-1), other)], s.axes)
            return substitute(node, s, one_minus)
    return node


def flat(node: Tensor) -> Tensor:
    """A matrix, vector or scalar written over the terms of every factor with more axes, none of which has a name.

    Ends: such a factor goes, and its terms are products.
    """
    if node.head == "lin":
        return b.lin([(c, flat(t)) for c, t in terms_of(node)], node.axes)
    factors = factors_of(node)
    tall = next((n for n, (t, _) in enumerate(factors) if t.head == "lin" and t.rank > MAX_AXES), None)
    if node.rank > MAX_AXES or tall is None or node.head != "contract":
        return node
    (total, idx), out = factors[tall], tuple(range(node.rank))
    others = [f for n, f in enumerate(factors) if n != tall]
    return flat(b.over_terms(total, idx, others, out))


def _distributed(node: Tensor) -> Iterator[Tensor]:
    """The product over the terms of each sum that holds inverse powers of the other factors."""
    factors = factors_of(node)
    out = tuple(range(node.rank))
    for position, (total, idx) in enumerate(factors):
        if total.head != "lin" or len(total.args) > MAX_TERMS:
            continue
        others = [f for n, f in enumerate(factors) if n != position]
        total = _with_reciprocals(total, {t for t, _ in others})
        bases = {_base(t) for t, _ in others}
        alone = any(i >= node.rank and not any(i in slots for _, slots in others) for i in idx)
        meets = any(_base(t) in bases for _, term in terms_of(total) for t, _ in factors_of(term) if _is_inverse(t))
        if not alone and not meets:
            continue
        first = b.over_terms(total, idx, others, out)
        yield first
        yield from written_out(first)


def _with_reciprocals(total: Tensor, beside: set[Tensor]) -> Tensor:
    """The sum with exp(-u) as 1/exp(u) in its terms, where exp(u) stands beside it."""
    axes = tuple(range(total.rank))
    terms = [
        (c, b.contract([(_reciprocal(t, beside), idx) for t, idx in factors_of(term)], axes)) for c, term in terms_of(total)
    ]
    return b.lin(terms, total.axes)


def _reciprocal(node: Tensor, beside: set[Tensor]) -> Tensor:
    if node.data != ("exp",):
        return node
    other = b.apply("exp", b.scale(Fraction(-1), node.args[0]))
    return b.power(other, b.const(-1)) if other in beside else node


def _absorbed(node: Tensor) -> Iterator[Tensor]:
    """1/c 1/(1 + u/c) as 1/(c + u): divisors that occur below a bar are multiplied into it."""
    factors = factors_of(node)
    for position, (below, idx) in enumerate(factors):
        if below.head != "pow" or below.args[0].head != "lin" or b.number_of(below.args[1]) != -1:
            continue
        total = below.args[0]
        inside = {t for _, term in terms_of(total) for t, _ in factors_of(term) if _is_inverse(t)}
        taken = [n for n, (t, slots) in enumerate(factors) if t in inside and (slots == idx or not slots)]
        if taken and position not in taken:
            axes = tuple(range(total.rank))
            up = [(b.power(factors[n][0], b.const(-1)), axes if factors[n][1] else ()) for n in taken]
            wider = b.lin([(c, b.contract([*up, (t, axes)], axes)) for c, t in terms_of(total)], total.axes)
            rest = [f for n, f in enumerate(factors) if n != position and n not in taken]
            yield b.contract([*rest, (b.power(wider, b.const(-1)), idx)], tuple(range(node.rank)))


def centred(node: Tensor) -> Iterator[Tensor]:
    """p_i (u_i + c - sum_j p_j (u_j + c)) with the inner sum written out, for p = softmax: what adds to 1 cancels."""
    if node.head == "lin" and len(node.args) == 1:
        yield from (b.scale(node.coefficients[0], other) for other in centred(node.args[0]))
    factors = factors_of(node)
    weights = {t for t, _ in factors if t.head == "softmax"}
    for position, (total, idx) in enumerate(factors if weights else ()):
        if total.head == "lin" and any(_averages(f, weights) for _, t in terms_of(total) for f, _ in factors_of(t)):
            wide = b.lin([(c, _with_averages_open(t, weights)) for c, t in terms_of(total)], total.axes)
            others = [f for n, f in enumerate(factors) if n != position]
            yield b.contract([*others, (wide, idx)], tuple(range(node.rank)))


def _averages(node: Tensor, weights: Collection[Tensor]) -> bool:
    """Whether it is the scalar product of weights and a sum."""
    held = [t for t, _ in factors_of(node)]
    return not node.rank and any(t in weights for t in held) and _holds_sum(node) and terms_written_out(node) <= MAX_TERMS


def _with_averages_open(term: Tensor, weights: Collection[Tensor]) -> Tensor:
    """A term with its averages written out."""
    if _averages(term, weights):
        return recognise(distributed(term))
    parts = [(recognise(distributed(f)) if _averages(f, weights) else f, idx) for f, idx in factors_of(term)]
    return distributed(b.contract(parts, tuple(range(term.rank))))


def _base(node: Tensor) -> Tensor:
    return node.args[0] if node.head == "pow" else node


def _is_inverse(node: Tensor) -> bool:
    exponent = b.number_of(node.args[1]) if node.head == "pow" else None
    return exponent is not None and exponent < Fraction(0)


def _holds_sum(node: Tensor) -> bool:
    return any(t.head == "lin" or (t.head == "pow" and t.args[0].head == "lin") for t, _ in factors_of(node))
