"""Points at which a matrix that is inverted is singular, or so close to it that differences mean nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr

MAX_CONDITION = 1e7


def is_singular(expr: Expr, point: Mapping[str, Array], sizes: Mapping[str, int]) -> bool:
    """Whether the argument of an inverse, of a determinant or of its logarithm is badly conditioned."""
    for node in postorder(expr):
        if node.head in ("det", "logdet") or (node.head == "matpow" and str(node.data[0]).startswith("-")):
            (arg,) = node.args
            if any(part.head == "item" for part in postorder(arg)):
                continue
            value = np.asarray(evaluate(arg, point, sizes))
            if not np.isfinite(value).all() or (value.size and np.linalg.cond(value) > MAX_CONDITION):
                return True
    return False
