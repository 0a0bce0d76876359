"""Small builders of Python syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction

MAX_EXACT_INTEGER = 2**53


def name(text: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(text, ast.Load())


def constant(value: float | str) -> ast.expr:
    """A literal; a negative number as a minus in front."""
    if isinstance(value, str) or value >= 0:
        return ast.Constant(value)
    return ast.UnaryOp(ast.USub(), ast.Constant(-value))


def number(value: Fraction) -> ast.expr:
    """A rational number: an integer, a short decimal or a quotient."""
    if value.denominator == 1:
        return constant(int(value) if abs(value) <= MAX_EXACT_INTEGER else float(value))
    if len(str(float(value))) <= 6 and Fraction(str(float(value))) == value:
        return constant(float(value))
    if max(abs(value.numerator), value.denominator) > MAX_EXACT_INTEGER:
        return constant(float(value))
    return binary(constant(value.numerator), ast.Div(), constant(value.denominator))


def real(value: Fraction) -> ast.expr:
    """A rational number that meets arrays: floats are taken in faster than integers."""
    return constant(float(value)) if value.denominator == 1 else number(value)


def attribute(value: ast.expr, *path: str) -> ast.expr:
    """value.a.b"""
    for part in path:
        value = ast.Attribute(value, part, ast.Load())
    return value


def invoke(function: ast.expr, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
    """function(...)"""
    return ast.Call(function, list(args), [ast.keyword(k, v) for k, v in keywords.items()])


def method(value: ast.expr, which: str, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
    """value.which(...)"""
    return invoke(attribute(value, which), *args, **keywords)


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """left op right"""
    return ast.BinOp(left, op, right)


def minus(value: ast.expr) -> ast.expr:
    """-value, the sign taken into a number that leads a product."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return value.operand
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
        left = value.left
        if isinstance(left, ast.Constant) or (isinstance(left, ast.BinOp) and isinstance(minus(left), ast.BinOp)):
            return binary(minus(left), value.op, value.right)
    return ast.UnaryOp(ast.USub(), value)


def sequence(parts: Sequence[ast.expr]) -> ast.expr:
    """(a, b)"""
    return ast.Tuple(list(parts), ast.Load())


def listing(parts: Sequence[ast.expr]) -> ast.expr:
    """[a, b]"""
    return ast.List(list(parts), ast.Load())


def integers(values: Sequence[int]) -> ast.expr:
    """(1, 2), or the number alone where there is one."""
    return ast.Constant(values[0]) if len(values) == 1 else sequence([ast.Constant(v) for v in values])


def item(value: ast.expr, entries: Sequence[ast.expr], store: bool = False) -> ast.expr:
    """value[entries]"""
    index = entries[0] if len(entries) == 1 else sequence(entries)
    return ast.Subscript(value, index, ast.Store() if store else ast.Load())


def times(factor: ast.expr, value: ast.expr) -> ast.expr:
    """A number times a product or a quotient, without brackets."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
        one = isinstance(value.left, ast.Constant) and value.left.value == 1.0
        return binary(factor if one else times(factor, value.left), value.op, value.right)
    return binary(factor, ast.Mult(), value)


def assign(target: str, value: ast.expr) -> ast.stmt:
    """target = value"""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def definition(which: str, parameters: Sequence[str], lines: list[ast.stmt], defaults: list[ast.expr] | None = None) -> ast.FunctionDef:
    """def which(parameters): lines"""
    arguments = ast.arguments([], [ast.arg(p) for p in parameters], None, [], [], None, defaults or [])
    function = ast.FunctionDef(which, arguments, lines, [], None)
    setattr(function, "type_params", [])  # noqa: B010 (a field that Python has from 3.12 on)
    return function


def names_in(node: ast.AST) -> set[str]:
    """The names that an expression reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def text(node: ast.AST) -> str:
    """The source."""
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.stmt | ast.Module):
            setattr(part, "lineno", 0)  # noqa: B010 (of statements alone it is asked for)
            todo += [*getattr(part, "body", ()), *getattr(part, "orelse", ())]
    return ast.unparse(node)
