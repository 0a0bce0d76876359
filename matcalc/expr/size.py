"""The size that simplification minimises: the number of nodes of the tree, as a reader meets them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr

_sizes: WeakKeyDictionary[Expr, int] = WeakKeyDictionary()


def size(node: Expr) -> int:
    """Leaves and operators counted as often as they are printed, the sizes of `unvec` too; a sign in front is free."""
    return fold(node, _visit, _sizes)


def _visit(node: Expr, args: tuple[int, ...]) -> int:
    if node.head == "product" and node.args[0].head == "num" and node.args[0].data == (-1,):
        return sum(args) - (1 if len(args) == 2 else 0)
    return 1 + sum(args) + (2 if node.head == "unvec" else 0)
