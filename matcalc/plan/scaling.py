"""Sums of matrices with their rows, or their columns, scaled by one vector: scaled once, after they are summed.

p_i A_ij - p_i u_j is p_i (A_ij - u_j): one pass less over the matrix, and no outer product.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of
from matcalc.plan.products import CONSTANTS
from matcalc.plan.steps import Axes


def scaled_sum(terms: Sequence[tuple[Fraction, Tensor]], axes: Axes) -> Tensor | None:
    """The vector that all terms have along one axis, times the sum of the rest; None where they have none in common."""
    split = [factors_of(term) for _, term in terms]
    if len(split) < 2 or any(t.head in CONSTANTS for factors in split for t, _ in factors):
        return None
    for shared in split[0]:
        if shared[0].rank == 1 and shared[1][0] < 2 and all(factors.count(shared) == 1 for factors in split):
            rests = [(c, _without(factors, shared, axes)) for (c, _), factors in zip(terms, split, strict=True)]
            return b.contract([shared, (b.lin(rests, axes), (0, 1))], (0, 1))
    return None


def _without(factors: Sequence[Factor], shared: Factor, axes: Axes) -> Tensor:
    """A product without one factor, constant along the axes that no other factor has."""
    rest = [factor for factor in factors if factor != shared]
    held = {i for _, idx in rest for i in idx}
    return b.contract([*rest, *((b.ones((axes[i],)), (i,)) for i in (0, 1) if i not in held)], (0, 1))
