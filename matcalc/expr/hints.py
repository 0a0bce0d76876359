"""What may have been meant where shapes do not fit."""

from __future__ import annotations

from matcalc.core.dims import Shape
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text

_SHORT = 24
_OPEN = frozenset(("add", "product", "hadamard", "kron", "power", "matpow"))
"""Heads of what stands in brackets as a factor."""


def hint_for_sum(first: Expr, other: Expr) -> str:
    """What may have been meant by a sum of terms of two shapes."""
    kinds = {first.shape.kind, other.shape.kind}
    if "scalar" in kinds:
        scalar, array = (first, other) if first.shape.is_scalar else (other, first)
        if array.shape.kind == "matrix" and array.shape.is_square:
            return f"write {to_text(scalar)} I for a multiple of the identity, or multiply by ones(m, n)"
        return f"a scalar does not broadcast into a sum: write {to_text(scalar)} ones(...)"
    if kinds == {"vector", "row"} or first.shape.transposed() == other.shape:
        return "transpose one of them"
    if kinds == {"matrix", "vector"}:
        vector = first if first.shape.kind == "vector" else other
        text = _written(vector)
        return f"{text if len(text) <= _SHORT else 'x'} ones(n)^T is the matrix with this vector in every column"
    return "the terms of a sum have one shape: check the declared sizes, or what is transposed"


def hint_for_product(left: Expr, right: Expr) -> str:
    """Products of the two that there are: with one of them transposed, or in another place."""
    x, y = _written(left), _written(right)
    a, b = left.shape, right.shape
    unlike = f"{a.cols} columns on the left meet {b.rows} rows on the right: check the declared sizes, or what is transposed"
    if len(x) > _SHORT or len(y) > _SHORT:
        return unlike
    if a.kind == b.kind == "vector":
        fitting = f"{_transposed(left)} {y} is the inner product, {x} .* {y} elementwise, " if a == b else ""
        return f"{fitting}{x} {_transposed(right)} is the outer product"
    found = [text for text, fits in ((f"{_transposed(left)} {y}", _fits(a.transposed(), b)),
                                     (f"{x} {_transposed(right)}", _fits(a, b.transposed())), (f"{y} {x}", _fits(b, a))) if fits]
    return f"the sizes fit in {' and in '.join(found)}" if found else unlike


def _written(node: Expr) -> str:
    """The operand as a factor that can be transposed."""
    text = to_text(node)
    plain = node.args[0] if node.head == "transpose" else node
    return f"({text})" if plain.head in _OPEN else text


def _transposed(node: Expr) -> str:
    return _written(node.args[0]) if node.head == "transpose" else f"{_written(node)}^T"


def _fits(a: Shape, b: Shape) -> bool:
    return a.cols == b.rows and (a.kind, b.kind) not in (
        ("vector", "vector"), ("row", "row"), ("vector", "matrix"), ("matrix", "row"))


def hint_for_square(node: Expr, what: str) -> str:
    """What is square, or defined, in the place of an operand that is not."""
    text = _written(node)
    if len(text) > _SHORT:
        return "A^T A and A A^T are square"
    if node.shape.kind in ("vector", "row"):
        if "power" in what:
            return f"the squared norm is {text}^T {text}, the elementwise square {text}.^2"
        if "inverse" in what:
            return f"1 ./ {text} is the reciprocal of each entry"
        column = text if node.shape.kind == "vector" else _transposed(node)
        return f"sum({text}) adds the entries; diag({column}) and {column} {column}^T are square"
    if node.head == "var":
        return f'declare {node.name} in R^{{n x n}}, or take {text}^T {text}'
    return f"{_transposed(node)} {text} is square"


def hint_for_power(base: Expr, exponent: Expr) -> str:
    """What a power of a vector may have been meant to be."""
    text, raised = _written(base), to_text(exponent)
    text = f"({text})" if base.head == "transpose" else text
    if raised in ("t", "T"):
        return f"the transpose is {text}^T"
    if len(text) > _SHORT or len(raised) > _SHORT:
        return "v.^p is elementwise, v^T v the inner product"
    exponent_text = raised if exponent.head in ("var", "num") and not raised.startswith("-") else f"({raised})"
    squared = f"||{to_text(base)}||^2 and {_transposed(base)} {_written(base)} are scalars" if raised == "2" else f"{_transposed(base)} {_written(base)} is a scalar"
    return f"{text}.^{exponent_text} is elementwise, {squared}"
