"""Kronecker deltas inside sums: a bound index that every term of a sum ties to another one goes."""

from __future__ import annotations

from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.ir.substitute import rebuild


def eliminate_deltas(node: Tensor) -> Tensor:
    """The tensor with products written out over those of their sums in which a delta holds a bound index in every term.

    Before: normal form. After: equal, and no such sum is left in a product.
    Ends: each step removes a delta from every term of a sum, and the product that bound its index.
    """
    return fold(node, lambda t, args: _contracted(rebuild(t, args)))


def _contracted(node: Tensor) -> Tensor:
    factors = factors_of(node)
    for n, (total, idx) in enumerate(factors):
        if any(i >= node.rank and _ties(total, slot) for slot, i in enumerate(idx)):
            others: list[Factor] = [f for m, f in enumerate(factors) if m != n]
            return eliminate_deltas(b.over_terms(total, idx, others, tuple(range(node.rank))))
    return node


def _ties(node: Tensor, axis: int) -> bool:
    """Whether every term of a sum of two or more holds the axis with a delta."""
    if node.head != "lin" or len(node.args) < 2:
        return False
    return all(any(t.head == "delta" and axis in idx for t, idx in factors_of(term)) for _, term in terms_of(node))
