"""Gradients as rows: transposes moved to where the chain rule, read from left to right, has the fewest of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matcalc.core.traversal import fold
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild


class _Both(NamedTuple):
    """An expression and its transpose, each with its number of transposes."""

    plain: Expr
    turned: Expr
    marks: int
    marks_turned: int


def oriented(expr: Expr, rows: frozenset[str]) -> Expr:
    """The expression with some vectors read as rows, transposed where columns stood.

    Args:
        expr: an expression in which variables stand for gradients.
        rows: the names of those.

    Ends: one visit of each node; the value stays the same.
    """
    return fold(expr, lambda node, args: _visit(node, args, rows)).plain


def _visit(node: Expr, args: tuple[_Both, ...], rows: frozenset[str]) -> _Both:
    if node.head == "var" and node.name in rows and node.shape.kind == "vector":
        row = Expr.make("var", (), node.data, node.shape.transposed())
        return _Both(b.transpose(row), row, 1, 0)
    if node.head == "transpose":
        (inner,) = args
        return _Both(inner.turned, inner.plain, inner.marks_turned, inner.marks)
    plain, marks = rebuild(node, tuple(a.plain for a in args)), sum(a.marks for a in args)
    if node.shape.is_scalar:
        return _Both(plain, plain, marks, marks)
    inside, marks_inside = None, sum(a.marks_turned for a in args)
    if node.head in _INSIDE and marks_inside <= marks + (marks > 0):
        inside = _INSIDE[node.head]([a.turned for a in args])
    if inside is None:
        return _Both(plain, b.transpose(plain), marks, marks + 1)
    return _Both(plain, inside, marks, marks_inside)


def _reversed(factors: Sequence[Expr]) -> Expr:
    """The transpose of a product, from the transposes of its factors."""
    scalars = [f for f in factors if f.shape.is_scalar]
    return b.product([*scalars, *(f for f in reversed(factors) if not f.shape.is_scalar)])


_INSIDE: dict[str, Callable[[Sequence[Expr]], Expr]] = {"add": b.add, "hadamard": b.hadamard, "product": _reversed}
"""The transpose by the transposes of the operands."""
