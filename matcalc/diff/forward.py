"""Differentiation along a direction, forward over the DAG, by the same rules as in reverse."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import contains, postorder
from matcalc.diff.differentiate import RULES
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor


def pushforward(output: Tensor, tangents: Mapping[Tensor, Tensor]) -> Tensor:
    """The derivative of `output` when each variable moves along its tangent: axes of the output.

    The tangent of a node is the sum over its parts of their Jacobian, deltas not yet eliminated, times their tangent.

    Raises:
        NotDifferentiableError: where a node that depends on a variable has no rule.
    """
    found = dict(tangents)
    for node in postorder(output):
        if node in found or not any(arg in found for arg in node.args):
            continue
        if node.head not in RULES:
            raise NotDifferentiableError(f"no rule for the derivative of `{node.head}`",
                                         hint="this is a fault of the package: please report the formula")
        lead = tuple(f"o{i}" for i in range(node.rank))
        slots = tuple(f"s{i}" for i in range(node.rank))
        unit = b.contract([(b.delta(d), (o, s)) for o, s, d in zip(lead, slots, node.axes, strict=True)], (*lead, *slots))
        parts = []
        for child, jacobian in RULES[node.head](node, unit, lead, lambda t: t in found or contains(t, tangents)):
            if child in found:
                inner = tuple(f"c{i}" for i in range(child.rank))
                parts.append(b.contract([(jacobian, (*lead, *inner)), (found[child], inner)], lead))
        found[node] = b.add(*parts)
    return found.get(output, b.zero(output.axes))
