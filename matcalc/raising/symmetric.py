"""Whether a matrix is its own transpose as it is read: `A + A^T`, `A^T M A`, without an identity that must be known."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.raising.orient import scalars_and_chain

Reading = tuple[int, int]
"""How a part reads, and how its transpose does: equal numbers, equal readings."""

_SYMMETRIC = ("identity", "diag")
_PROPERTIES = {"symmetric", "posdef", "psd", "diagonal"}
_ALIKE = ("matpow", "map", "expm", "softmax", "power", "kron", "datasum")
"""Heads that commute with the transpose of their arguments."""


def reads_symmetric(node: Expr) -> bool:
    """Whether turning the matrix inside out, down to its variables, gives the same up to the order of sums.

    Example:
        >>> from matcalc.api import parse
        >>> reads_symmetric(parse("A + A^T").expr), reads_symmetric(parse("A^T A B").expr)
        (True, False)
    """
    if not node.shape.is_square:
        return node.shape.is_scalar
    readings: dict[Hashable, int] = {}

    def number(reading: Hashable) -> int:
        return readings.setdefault(reading, len(readings))

    def visit(part: Expr, args: tuple[Reading, ...]) -> Reading:
        if part.head == "transpose":
            return args[0][1], args[0][0]
        own, turned = _both(part, args)
        return number(own), number(turned)

    own, turned = fold(node, visit)
    return own == turned


def _both(node: Expr, args: Sequence[Reading]) -> tuple[Hashable, Hashable]:
    """The readings of a node and of its transpose, from those of its arguments."""
    if node.shape.is_scalar or _is_symmetric_leaf(node):
        return ("as is", node.key), ("as is", node.key)
    plain, turned = [a for a, _ in args], [t for _, t in args]
    if node.head in ("add", "hadamard"):
        return (node.head, tuple(sorted(plain))), (node.head, tuple(sorted(turned)))
    if node.head == "product":
        return _product(node, dict(zip(node.args, args, strict=True)))
    if node.head in _ALIKE:
        return (node.head, node.data, *plain), (node.head, node.data, *turned)
    if node.head == "block":
        height, width = (int(str(n)) for n in node.data)
        swapped = tuple(turned[i * width + j] for j in range(width) for i in range(height))
        return ("block", height, width, *plain), ("block", width, height, *swapped)
    return ("leaf", node.key), ("turned leaf", node.key)


def _is_symmetric_leaf(node: Expr) -> bool:
    if node.head in _SYMMETRIC or (node.head in ("ones", "zeros") and node.shape.is_square):
        return True
    properties = node.data[1] if node.head in ("var", "item") else ()
    assert isinstance(properties, tuple)
    return bool(_PROPERTIES & set(properties)) and node.shape.is_square


def _product(node: Expr, known: dict[Expr, Reading]) -> tuple[Hashable, Hashable]:
    """Scalars in any order, then the chain; of the transpose, the chain backwards."""
    scalars, chain = scalars_and_chain(node)
    front = tuple(sorted(s.key for s in scalars))
    forward = tuple(known[a][0] for a in chain)
    backward = tuple(known[a][1] for a in reversed(chain))
    return ("product", front, forward), ("product", front, backward)
