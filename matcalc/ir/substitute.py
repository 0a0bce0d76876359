"""Substitution of one tensor for another of equal axes, in normal form again."""

from __future__ import annotations

from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import UNEVALUATED, Tensor, factors_of


def substitute(node: Tensor, old: Tensor, new: Tensor) -> Tensor:
    """The tensor with every `old` replaced by `new`."""
    return fold(node, lambda t, args: new if t is old else rebuild(t, args))


def rebuild(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
    """The node on other arguments of equal axes, through its builder."""
    if args == node.args:
        return node
    if node.head == "lin":
        return b.lin(zip(node.coefficients, args, strict=True), node.axes)
    if node.head == "contract":
        return b.contract([(a, idx) for a, (_, idx) in zip(args, factors_of(node), strict=True)], tuple(range(node.rank)))
    if node.head == "map":
        return b.apply(str(node.data[0]), *args)
    if node.head == "pow":
        return b.power(*args)
    if node.head == "matpow":
        return b.matpow(args[0], int(str(node.data[0])))
    if node.head in UNEVALUATED:
        return Tensor.make(node.head, args, node.data, node.axes)
    if node.head in ("softmax", "logsumexp"):
        return b.normalised(node.head, args[0], int(str(node.data[0])))
    return b.of_matrix(node.head, *args)
