"""Points at which a matrix that is inverted is singular, or so close to it that differences mean nothing, or a divisor is zero."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.core.traversal import fold, postorder
from matcalc.expr.nodes import Expr

MAX_CONDITION = 1e7
FLAT = frozenset(("relu", "step", "sign", "abs", "max", "min", "gt", "ge", "lt", "le"))
"""Functions that make a divisor zero at more than single points; random points meet no others."""


def is_singular(expr: Expr, point: Mapping[str, Array], sizes: Mapping[str, int]) -> bool:
    """Whether the argument of an inverse, of a determinant or of its logarithm is badly conditioned, or a divisor is zero.

    A function may have a value beside a division by zero, as sigmoid(1/relu(x)) has; its formulas do not.
    """
    members: dict[Expr, frozenset[str]] = {}
    fold(expr, _members, members)
    for node in postorder(expr):
        is_divisor = node.head == "power" and node.args[1].head == "num" and Fraction(str(node.args[1].data[0])) < 0
        is_inverted = node.head in ("det", "logdet") or (node.head == "matpow" and str(node.data[0]).startswith("-"))
        if not (is_divisor or is_inverted) or members[node.args[0]]:
            continue
        if is_divisor and not any(part.head == "map" and part.name in FLAT for part in postorder(node.args[0])):
            continue
        value = np.asarray(evaluate(node.args[0], point, sizes))
        if is_divisor and not value.all():
            return True
        if is_inverted and (not np.isfinite(value).all() or (value.size and np.linalg.cond(value) > MAX_CONDITION)):
            return True
    return False


def _members(node: Expr, args: tuple[frozenset[str], ...]) -> frozenset[str]:
    """The indices of sums over data around a part, on which it depends."""
    inside = frozenset[str]().union(*args)
    if node.head == "datasum":
        return inside - {str(node.data[0])}
    return inside | {str(node.data[2])} if node.head == "item" else inside
