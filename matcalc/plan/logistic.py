"""Logistic functions of both signs of one argument, as functions of the one: sigmoid(u) = 1 - sigmoid(-u).

Before: any tensors. After: the same values; sigmoid(u) written with sigmoid(-u) where that is there anyway, or where
sigmoid(u) stands only beside 1 - sigmoid(u), so that exp(u) needs no minus. It ends after one pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.core.traversal import fold, postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of
from matcalc.ir.substitute import rebuild

ONE = Fraction(1)


def one_sided(nodes: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The tensors with as few logistic functions as there are arguments up to sign."""
    every = postorder(*nodes)
    logistic = [t for t in every if t.head == "map" and t.data == ("sigmoid",)]
    uses = Counter(arg for node in every for arg in node.args) + Counter(nodes)
    swaps: dict[Tensor, Tensor] = {}
    for node in logistic:
        opposite = b.apply("sigmoid", b.scale(-ONE, node.args[0]))
        is_positive = content_of(node.args[0])[0] > 0
        if opposite not in swaps and is_positive and (opposite in uses or _is_paired(node, uses)):
            swaps[node] = _rest(opposite)
    if not swaps:
        return tuple(nodes)
    return tuple(fold(node, lambda t, args: swaps.get(t) or rebuild(t, args)) for node in nodes)


def _is_paired(node: Tensor, uses: Mapping[Tensor, int]) -> bool:
    """Whether sigmoid(u) is a factor only as often as 1 - sigmoid(u) is."""
    rests = [t for t in (_rest(node), b.scale(-ONE, _rest(node))) if uses.get(t, 0)]
    return bool(rests) and uses[node] - len(rests) == sum(uses[t] for t in rests)


def _rest(node: Tensor) -> Tensor:
    """One minus the tensor."""
    return b.add(b.ones(node.axes) if node.rank else b.const(1), b.scale(-ONE, node))
