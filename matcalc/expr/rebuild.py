"""A node on other arguments, through its constructor."""

from __future__ import annotations

from collections.abc import Callable

from matcalc.expr import build as b
from matcalc.expr.nodes import Expr

REBUILD: dict[str, Callable[[Expr, tuple[Expr, ...]], Expr]] = {
    "add": lambda _, args: b.add(args),
    "product": lambda _, args: b.product(args),
    "hadamard": lambda _, args: b.hadamard(args),
    "power": lambda _, args: b.power(*args),
    "matpow": lambda node, args: b.matpow(args[0], int(str(node.data[0]))),
    "transpose": lambda _, args: b.transpose(args[0]),
    "map": lambda node, args: b.elementwise(node.name, args),
    "kron": lambda _, args: b.kron(*args),
    "unvec": lambda node, args: b.unvec(args[0], node.shape.rows, node.shape.cols),
    "block": lambda node, args: b.block(_lines(args, int(str(node.data[1])))),
    "datasum": lambda node, args: Expr.make("datasum", args, node.data, args[0].shape),
}


def _lines(entries: tuple[Expr, ...], width: int) -> list[tuple[Expr, ...]]:
    return [entries[i : i + width] for i in range(0, len(entries), width)]


def rebuild(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """The node on other arguments, checked anew."""
    if args == node.args:
        return node
    if node.head in REBUILD:
        return REBUILD[node.head](node, args)
    return b.APPLY[node.head](args[0])
