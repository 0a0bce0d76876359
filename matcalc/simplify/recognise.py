"""Stable functions recognised in formulas that spell them out.

log(1 + exp(u)) is softplus(u); 1/(1 + exp(-u)) is sigmoid(u); log(sum exp(u)) is logsumexp(u); exp(u)/sum(exp(u)) is
softmax(u). Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 3.10 and 4.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

from matcalc.core.tracing import record
from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, content_of, factors_of, terms_of
from matcalc.ir.substitute import rebuild
from matcalc.simplify.elementwise_rules import ELEMENTWISE
from matcalc.simplify.matching import rewritings
from matcalc.simplify.matrix_functions import of_structured, root_of_multiple

MINUS = Fraction(-1)


RULES = {head: [rule for rule in ELEMENTWISE if rule.lhs.head == head] for head in {r.lhs.head for r in ELEMENTWISE}}


def recognise(node: Tensor, memo: dict[Tensor, Tensor] | None = None) -> Tensor:
    """The tensor with the functions above under their names. One pass from the leaves up, so it ends.

    Args:
        node: any tensor.
        memo: what is known of parts; filled on the way.
    """
    return fold(node, lambda t, args: _named(rebuild(t, args)), memo)


def _named(node: Tensor) -> Tensor:
    """The node after the rules that fit at its top, until none does. Ends: every rule makes it smaller."""
    for rule, found in rewritings(node, RULES.get(node.head, ())):
        if found is not node:
            record(rule.name, node, found)
            return recognise(found)
    structured = root_of_multiple(node) if node.head == "pow" else of_structured(node)
    if structured is not None:
        record("function-of-structured", node, structured)
        return recognise(structured)
    for name, reduction in REDUCTIONS.get(node.head, ()):
        other = reduction(node)
        if other is not node:
            record(name, node, other)
            return recognise(other)
    return node


def _logsumexp(node: Tensor) -> Tensor:
    """log(sum_i exp(u_i)) becomes logsumexp(u), one by one along the axes that the sum leaves."""
    total = _sum_of_exp(node.args[0]) if node.data == ("log",) else None
    return node if total is None else b.normalised("logsumexp", b.permute(*total), node.rank)


def _sum_of_exp(node: Tensor) -> tuple[Tensor, tuple[int, ...]] | None:
    """u and the order of its axes, those of the node first, where the node is the sum of exp(u) over the others."""
    if node.head != "contract" or len(node.args) != 1:
        return None
    (inner,), (idx,) = node.args, node.indices
    if inner.head != "map" or inner.data != ("exp",) or len(set(idx)) != len(idx) or len(idx) == node.rank:
        return None
    return inner.args[0], tuple(sorted(range(len(idx)), key=lambda slot: (min(idx[slot], node.rank), slot)))


def _softmax(node: Tensor) -> Tensor:
    """exp(u)_i / sum_j exp(u)_j becomes softmax(u)_i, one by one along the axes that the sum leaves."""
    factors = factors_of(node)
    for n, (below, slots) in enumerate(factors):
        total = _sum_of_exp(below.args[0]) if below.head == "pow" and b.number_of(below.args[1]) == -1 else None
        for m, (above, idx) in enumerate(factors if total is not None else ()):
            if total is None or above.head != "map" or above.data != ("exp",) or above.args[0] is not total[0]:
                continue
            u, order = total
            own = tuple(idx[slot] for slot in order)
            if own[: len(slots)] == slots:
                rest = [f for k, f in enumerate(factors) if k not in (n, m)]
                named = b.normalised("softmax", b.permute(u, order), len(slots))
                return b.contract([*rest, (named, own)], tuple(range(node.rank)))
    return node


def _sum_of_softmax(node: Tensor) -> Tensor:
    """sum_i softmax(u)_i becomes 1, along the first axes of u that it is not taken over. Ends: a factor goes."""
    factors = factors_of(node)
    held = Counter(i for _, idx in factors for i in idx)
    for n, (s, idx) in enumerate(factors):
        lead = int(str(s.data[0])) if s.head == "softmax" else s.rank
        if lead < s.rank and all(i >= node.rank and held[i] == 1 for i in idx[lead:]):
            ones = [(b.ones((dim,)), (i,)) for dim, i in zip(s.axes, idx[:lead], strict=False)]
            return b.contract([*_without(factors, {n}), *ones], tuple(range(node.rank)))
    return node


def _sum_of_averages(node: Tensor) -> Tensor:
    """The same where softmax(u) stands in the terms of a sum: sum_i (p_i y_j - p_i z_j) is y_j - z_j. Ends: a summed index goes."""
    factors = factors_of(node)
    if all(t.head != "lin" for t, _ in factors):
        return node
    held = Counter(i for _, idx in factors for i in idx)
    for n, (total, idx) in enumerate(factors):
        alone = {i for i in idx if i >= node.rank and held[i] == 1}
        if total.head == "lin" and alone and any(t.head == "softmax" for _, term in terms_of(total) for t, _ in factors_of(term)):
            kept = {i: dim for dim, i in zip(total.axes, idx, strict=True) if i not in alone}
            sums = [(c, b.contract([(term, idx)], tuple(kept))) for c, term in terms_of(total)]
            less = [(c, recognise(term)) for c, term in sums]
            if less != sums:
                together = b.lin(less, tuple(kept.values()))
                return b.contract([*_without(factors, {n}), (together, tuple(kept))], tuple(range(node.rank)))
    return node


def _without(factors: list[Factor], gone: Collection[int]) -> list[Factor]:
    return [f for n, f in enumerate(factors) if n not in gone]


def _sign_of_product(node: Tensor) -> Tensor:
    """sign(c u) u becomes abs(c u)/c for a number c and a product u whose factors stand apart. Ends: a factor goes."""
    factors = factors_of(node)
    for n, (sign, idx) in enumerate(factors):
        if sign.head != "map" or sign.data != ("sign",) or len(set(idx)) != len(idx):
            continue
        c, u = content_of(sign.args[0])
        place = dict(enumerate(idx))
        wanted = [(t, tuple(place.get(i, -1) for i in slots)) for t, slots in factors_of(u)]
        found = [m for m, f in enumerate(factors) if f in wanted]
        if wanted and len(found) == len(wanted):
            rest = _without(factors, {n, *found})
            return b.scale(1 / c, b.contract([*rest, (b.apply("abs", sign.args[0]), idx)], tuple(range(node.rank))))
    return node


def _mirrored_sigmoid(node: Tensor) -> Tensor:
    """sigmoid(-u) (1 - sigmoid(-u)) becomes sigmoid(u) (1 - sigmoid(u)). Ends: signs in front of arguments go."""
    factors = factors_of(node)
    for n, (s, idx) in enumerate(factors):
        if s.head != "map" or s.data != ("sigmoid",) or s.args[0].head != "lin":
            continue
        (u,) = s.args
        if not all(c < 0 for c in u.coefficients):
            continue
        axes = s.axes
        other = (b.lin([(Fraction(1), b.ones(axes)), (MINUS, s)], axes), idx)
        if other in factors:
            mirrored = b.apply("sigmoid", b.scale(MINUS, u))
            new = [(mirrored, idx), (b.lin([(Fraction(1), b.ones(axes)), (MINUS, mirrored)], axes), idx)]
            return b.contract([*_without(factors, {n, factors.index(other)}), *new], tuple(range(node.rank)))
    return node


REDUCTIONS: dict[str, Sequence[tuple[str, Callable[[Tensor], Tensor]]]] = {
    "map": [("logsumexp-spelled-out", _logsumexp)],
    "contract": [("softmax-spelled-out", _softmax), ("sum-of-softmax", _sum_of_softmax), ("sum-of-softmax", _sum_of_averages),
                 ("sigmoid-mirrored", _mirrored_sigmoid), ("abs-from-sign", _sign_of_product)],
}
"""Rewrites of sums and products at the top of a node, under the names of their identities."""
