"""Transposes as a reader writes them: of a form and its transpose, the one with fewer marks."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.expr.size import size

_INSIDE = ("product", "block", "datasum", "kron")
"""Heads whose transpose is written inside where that is no larger."""
_OPEN = (*_INSIDE, "add", "hadamard")
"""Heads whose transpose can be written inside."""


class Orientation:
    """Knows which raised expressions are symmetric, and turns expressions accordingly.

    Args:
        source: the parts of the source; of two forms of one size the one that stands there is taken.
    """

    def __init__(self, source: Collection[Expr] = ()) -> None:
        self.symmetric: set[Expr] = set()
        self.source = source
        self.turned: dict[Expr, Expr] = {}

    def note_symmetric(self, node: Expr) -> None:
        """Notes that an expression is its own transpose."""
        self.symmetric.add(node)
        self.turned[node] = node

    def turn(self, node: Expr) -> Expr:
        """The transpose, pushed inwards where that is no larger."""
        stack = [node]
        while stack:
            part = stack[-1]
            below = [] if part in self.turned else [p for p in self._parts(part) if p not in self.turned]
            stack.extend(below)
            if not below:
                stack.pop()
                if part not in self.turned:
                    self.turned[part] = self._turn(part)
        return self.turned[node]

    def _parts(self, node: Expr) -> list[Expr]:
        """The parts that are turned when the expression is."""
        if node.shape.is_scalar or node in self.symmetric or node.head not in _OPEN:
            return []
        parts = scalars_and_chain(node)[1] if node.head == "product" else node.args
        return [p for p in parts if not e.is_number(p)]

    def _turn(self, node: Expr) -> Expr:
        if node.shape.is_scalar or node in self.symmetric or node.head in ("identity", "diag"):
            return node
        if node.head == "transpose":
            return node.args[0]
        if node.head == "commutation":
            return e.commutation(*reversed(sizes_of(node)))
        scalars, chain = scalars_and_chain(node)
        outside = arranged(scalars, [e.transpose(e.product(chain))])
        inside = self._turned_inside(node)
        if inside is None:
            return outside
        return inside if size(inside) < size(outside) + (node.head in _INSIDE) else outside

    def _turned_inside(self, node: Expr) -> Expr | None:
        if node.head == "product":
            scalars, chain = scalars_and_chain(node)
            return arranged(scalars, [self.turn(a) for a in reversed(chain)])
        if node.head == "block":
            height, width = (int(str(n)) for n in node.data)
            return e.block([[self.turn(node.args[i * width + j]) for i in range(height)] for j in range(width)])
        if node.head == "datasum":
            return rebuild(node, (self.turn(node.args[0]),))
        if node.head == "kron":
            return e.kron(*map(self.turn, node.args))
        if node.head in ("add", "hadamard"):
            parts = [a if e.is_number(a) else self.turn(a) for a in node.args]
            return e.add(_plain_first(parts)) if node.head == "add" else e.hadamard(parts)
        return None

    def inner(self, u: Expr, v: Expr) -> Expr:
        """u^T v or v^T u: the smaller, else the one of the source."""
        forward, backward = e.product([self.turn(u), v]), e.product([self.turn(v), u])
        if size(forward) == size(backward):
            return backward if backward in self.source and forward not in self.source else forward
        return min(forward, backward, key=size)

    def best(self, node: Expr) -> Expr:
        """The matrix itself, or the transpose of its turned form where that is smaller."""
        if node.shape.kind != "matrix" or node.head != "product":
            return self.smaller_turn(node) if node.shape.kind == "matrix" else node
        scalars, chain = scalars_and_chain(node)
        core = e.product(chain)
        turned = self.turn(core)
        if turned.head == "transpose" or size(turned) + 1 >= size(core):
            return node
        return arranged(scalars, [e.transpose(turned)])

    def shorter(self, node: Expr) -> Expr:
        """The matrix or its transpose, whichever is smaller; for a trace."""
        inside = self._turned_inside(node)
        return node if inside is None or size(inside) >= size(node) else inside

    def smaller_turn(self, node: Expr) -> Expr:
        """The expression, or the transpose of its turned form where that is smaller; a flattened form stays."""
        if node.head == "add" and any(map(is_stacked, node.args)):
            return node
        turned = self.turn(node)
        return node if turned.head == "transpose" or size(turned) + 1 >= size(node) else e.transpose(turned)


def _plain_first(parts: list[Expr]) -> list[Expr]:
    """Terms with X^T + X as X + X^T."""
    for n, (left, right) in enumerate(itertools.pairwise(parts)):
        if left.head == "transpose" and left.args[0] is right:
            parts[n : n + 2] = [right, left]
    return parts


def sizes_of(node: Expr) -> tuple[Dim, Dim]:
    """The sizes m and n of a commutation matrix."""
    rows, cols = node.data
    assert isinstance(rows, Dim) and isinstance(cols, Dim)
    return rows, cols


def is_stacked(node: Expr) -> bool:
    """Whether the expression is a product with what stands in flattened forms."""
    return any(link.head in ("kron", "commutation", "vec", "unvec") for link in scalars_and_chain(node)[1])


def scalars_and_chain(node: Expr) -> tuple[list[Expr], list[Expr]]:
    """The scalar factors of a product, and its other factors; any other expression is a chain of one."""
    if node.head != "product":
        return [], [node]
    scalars: list[Expr] = []
    chain: list[Expr] = []
    for arg in node.args:
        if arg.shape.is_scalar:
            scalars.append(arg)
            continue
        chain.append(arg)
        if e.product(chain).shape.is_scalar:
            scalars.append(e.product(chain))
            chain = []
    return scalars, chain


def arranged(scalars: Sequence[Expr], chain: Sequence[Expr]) -> Expr:
    """A product in the order of writing: numerators, matrices, then divisors; sums over data come last."""
    above, below = [s for s in scalars if not is_denominator(s)], _joined([s for s in scalars if is_denominator(s)])
    sums = [s for s in above if s.head == "datasum"]
    if sums or any(part.head == "datasum" for part in chain):
        numbers = [s for s in above if s.head == "num"]
        parts = [*numbers, *below, *(s for s in above if s.head not in ("num", "datasum")), *sums, *chain]
    else:
        parts = [*above, *chain, *below]
    return e.product(parts) if parts else e.number(1)


def _joined(divisors: list[Expr]) -> list[Expr]:
    """Several divisors as one: u/a/b^2 is u/(a b^2)."""
    if len(divisors) < 2:
        return divisors
    bases = []
    for divisor in divisors:
        exponent = -Fraction(str(divisor.args[1].data[0]))
        bases.append(divisor.args[0] if exponent == 1 else e.power(divisor.args[0], e.number(exponent)))
    return [e.power(e.product(bases), e.number(-1))]


def is_denominator(node: Expr) -> bool:
    """Whether the scalar is a power with a negative exponent."""
    if node.head != "power" or not node.shape.is_scalar or node.args[1].head != "num":
        return False
    return str(node.args[1].data[0]).startswith("-")

