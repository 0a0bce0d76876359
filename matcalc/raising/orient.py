"""Transposes as a reader writes them: of a form and its transpose, the one with fewer marks."""

from __future__ import annotations

from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size


class Orientation:
    """Knows which raised expressions are symmetric, and turns expressions accordingly."""

    def __init__(self) -> None:
        self.symmetric: set[Expr] = set()

    def turn(self, node: Expr) -> Expr:
        """The transpose, pushed inwards where that is no larger."""
        if node.shape.is_scalar or node in self.symmetric or node.head in ("identity", "diag"):
            return node
        if node.head == "transpose":
            return node.args[0]
        outside = e.transpose(node)
        inside = self._turned_inside(node)
        if inside is None:
            return outside
        return inside if size(inside) < size(outside) + (node.head == "product") else outside

    def _turned_inside(self, node: Expr) -> Expr | None:
        if node.head == "product":
            scalars = [a for a in node.args if a.shape.is_scalar and not is_denominator(a)]
            below = [a for a in node.args if is_denominator(a)]
            chain = [self.turn(a) for a in reversed(node.args) if not a.shape.is_scalar]
            return e.product([*scalars, *chain, *below])
        if node.head in ("add", "hadamard"):
            parts = [a if e.is_number(a) else self.turn(a) for a in node.args]
            return e.add(parts) if node.head == "add" else e.hadamard(parts)
        return None

    def best(self, node: Expr) -> Expr:
        """The matrix itself, or the transpose of its turned form where that is smaller."""
        if node.shape.kind != "matrix":
            return node
        scalars = [a for a in node.args if a.shape.is_scalar] if node.head == "product" else []
        core = e.product([a for a in node.args if not a.shape.is_scalar]) if scalars else node
        turned = self.turn(core)
        if turned.head == "transpose" or size(turned) + 1 >= size(core):
            return node
        above = [a for a in scalars if not is_denominator(a)]
        return e.product([*above, e.transpose(turned), *(a for a in scalars if is_denominator(a))])


def is_denominator(node: Expr) -> bool:
    """Whether the scalar is a power with a negative exponent."""
    if node.head != "power" or not node.shape.is_scalar or node.args[1].head != "num":
        return False
    return str(node.args[1].data[0]).startswith("-")

