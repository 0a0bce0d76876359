"""Residuals of thin products: whether `(U V^T - T) V` is better as `U (V^T V) - T V` depends on sizes.

Spread over its terms, the product costs 4 m n k in the place of 6 m n k operations and no array of the size of T. Its error is
relative to T, no longer to what is left of T after U V^T is taken away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from matcalc.core.dims import Dim
from matcalc.ir.nodes import Tensor, factors_of
from matcalc.plan.costs import THIN
from matcalc.plan.steps import Comparison


def thin_residuals(nodes: Sequence[Tensor], uses: Mapping[Tensor, int]) -> dict[Tensor, Comparison]:
    """Sums of a product of two thin matrices and others that only products with matrices need, and when to spread them."""
    multiplied: Counter[Tensor] = Counter()
    for node in nodes:
        if node.head == "contract" and node.rank == 2:
            factors = [(t, idx) for t, idx in factors_of(node) if t.rank]
            if len(factors) == 2 and all(t.rank == 2 and t.head != "embed" for t, _ in factors) and len({*factors[0][1], *factors[1][1]}) == 3:
                multiplied.update(t for t, _ in factors)
    found: dict[Tensor, Comparison] = {}
    for node, count in multiplied.items():
        inner = [k for term in node.args if (k := _inner(term)) is not None] if node.head == "lin" else []
        if len(inner) == 1 and len(node.args) == 2 and uses[node] == count:
            m, n = node.axes
            found[node] = (m * n, (Dim.of(THIN), inner[0], m + n))
    return found


def _inner(node: Tensor) -> Dim | None:
    """The dimension that is summed in a product of two matrices, None for anything else."""
    factors = [(t, idx) for t, idx in factors_of(node) if t.rank]
    if node.head != "contract" or len(factors) != 2 or any(t.rank != 2 for t, _ in factors):
        return None
    (first, one), (_, other) = factors
    shared = set(one) & set(other)
    return first.axes[one.index(shared.pop())] if len(shared) == 1 and len({*one, *other}) == 3 else None
