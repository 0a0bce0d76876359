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

    A function may have a value beside a division by zero, as sigmoid(1/relu(x)) and sqrt(relu(x)) have; its formulas do not.
    """
    inverses = [node for node in postorder(expr) if _is_inverted(node) or _may_vanish(node)]
    members: dict[Expr, frozenset[str]] = {}
    for node in inverses:
        if fold(node.args[0], _members, members):
            continue
        value = np.asarray(evaluate(node.args[0], point, sizes))
        if node.head == "norm":
            if not value.any():
                return True
        elif node.head in ("power", "map"):
            if not value.all():
                return True
        elif not np.isfinite(value).all() or (value.size and np.linalg.cond(value) > MAX_CONDITION):
            return True
    return False


def _is_inverted(node: Expr) -> bool:
    return node.head in ("det", "logdet") or (node.head == "matpow" and str(node.data[0]).startswith("-"))


def _may_vanish(node: Expr) -> bool:
    """Whether it or one of its derivatives divides by what may be zero at random points."""
    if node.head == "power" and node.args[1].head == "num":
        exponent = Fraction(str(node.args[1].data[0]))
        divides = exponent < 0 or exponent.denominator > 1
    else:
        divides = node.head == "norm" or (node.head == "map" and node.name == "sqrt")
    return divides and any(part.head == "map" and part.name in FLAT for part in postorder(node.args[0]))


def _members(node: Expr, args: tuple[frozenset[str], ...]) -> frozenset[str]:
    """The indices of sums over data around a part, on which it depends."""
    inside = frozenset[str]().union(*args)
    if node.head == "datasum":
        return inside - {str(node.data[0])}
    return inside | {str(node.data[2])} if node.head == "item" else inside
