"""Norms in denominators: v / ||v|| is 0 at v = 0, as the derivative of the norm is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.ir.build import number_of
from matcalc.ir.nodes import Factor, Tensor, factors_of
from matcalc.ir.selection import SELECTORS, selects

_ROOT = Fraction(-1, 2)


def squared(base: Tensor) -> Factor | None:
    """The tensor of which the base is the sum of squares, with its indices there; None where it is no such sum."""
    factors = factors_of(base)
    if base.head != "contract" or len(factors) != 1:
        return None
    (node, idx), = factors
    square = node.head == "pow" and number_of(node.args[1]) == 2
    return (node.args[0], idx) if square and len(set(idx)) == len(idx) else None


def _is_square(node: Tensor) -> bool:
    exponent = number_of(node.args[1]) if node.head == "pow" else None
    return exponent is not None and exponent.denominator == 1 and exponent % 2 == 0 and exponent > 0


def vanishing(base: Tensor) -> list[frozenset[Tensor]]:
    """For a sum of squares, sets of tensors: where the sum is zero, each set has a member that is; else nothing."""
    if base.head == "lin":
        parts = [vanishing(term) for term in base.args]
        return [s for part in parts for s in part] if all(parts) and min(base.coefficients) > 0 else []
    if base.head == "contract" or _is_square(base):
        factors = [t for t, _ in factors_of(base) if t.head != "size"]
        if factors and all(_is_square(t) for t in factors):
            return [frozenset(t.args[0] for t in factors)]
    return []


def is_guarded(base: Tensor, exponent: Fraction, factors: Sequence[Tensor]) -> bool:
    """Whether base^exponent is the inverse of a norm of something that the other factors hold."""
    if exponent != _ROOT:
        return False
    present = {t.args[0] if t.head == "pow" else t for t in factors} | set(factors)
    return any(all(_holds(present, v) for v in group) for group in vanishing(base))


def _holds(present: set[Tensor], v: Tensor) -> bool:
    """Whether a product with these factors is zero where v is: it has v, its factors, or one of the blocks of v."""
    if v in present:
        return True
    if v.head == "contract":
        return all(t in present for t, _ in factors_of(v) if t.head not in SELECTORS)
    blocks = v.args if v.head == "lin" and all(selects(t) for t in v.args) else ()
    return any(_holds(present, t) for t in blocks)
