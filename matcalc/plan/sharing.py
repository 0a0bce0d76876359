"""What sums have in common beyond being equal: sums of the entries of another sum, and differences better taken the other
way round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of, factors_of, terms_of

Marginal = tuple[Fraction, Tensor, int]
"""A factor, a sum, and the axis that it is summed along."""


def marginals(nodes: Sequence[Tensor], uses: Mapping[Tensor, int]) -> dict[Tensor, Marginal]:
    """Sums that are another sum of the program, summed along an axis term by term."""
    sums = [t for t in nodes if t.head == "lin" and len(t.args) > 1]
    wanted = {content_of(t)[1]: content_of(t)[0] for t in sums if t.rank}
    found: dict[Tensor, Marginal] = {}
    for node in sums:
        if node.rank < 2 or uses[node] < 2:
            continue
        for axis in range(node.rank):
            out = tuple(i for i in range(node.rank) if i != axis)
            everywhere = tuple(range(node.rank))
            terms = [(c, b.contract([(t, everywhere)], out)) for c, t in terms_of(node)]
            factor, summed = content_of(b.lin(terms, tuple(node.axes[i] for i in out)))
            if summed in wanted:
                found.setdefault(summed, (1 / factor, node, axis))
    return found


def reversals(nodes: Sequence[Tensor], roots: Sequence[Tensor], uses: Mapping[Tensor, int],
              sums: Mapping[Tensor, Marginal]) -> dict[Tensor, Tensor]:
    """Shared differences that stand more often under a minus than not, with the same the other way round."""
    balance: Counter[Tensor] = Counter()
    for node in nodes:
        factor, rest = content_of(node)
        if rest in sums:
            balance[sums[rest][1]] += 1 if factor * sums[rest][0] > 0 else -1
            continue
        for c, term in terms_of(node) if node.head == "lin" else [(Fraction(1), node)] if node in roots else []:
            for t, _ in factors_of(term) if term.head == "contract" else []:
                if t.head == "lin" and uses[t] > 1:
                    balance[t] += 1 if c > 0 else -1
    return {t: b.scale(Fraction(-1), t) for t, count in balance.items() if count < 0 and _is_difference(t)}


def _is_difference(node: Tensor) -> bool:
    """Whether a sum has as many minus signs as others, and no number in front."""
    signs = [(c < 0, t.head == "ones" or not t.rank) for c, t in terms_of(node)]
    return 2 * sum(negative for negative, _ in signs) >= len(signs) and (False, True) not in signs
