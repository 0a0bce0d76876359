"""Programs from what a caller gives: text, with the functions that it defines and their derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matcalc.core.dims import SCALAR
from matcalc.core.errors import NotDifferentiableError, ParseError
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.functions import Elementwise
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.pipeline import derivative_tensor, matrix_form
from matcalc.syntax.elaborate import Program, elaborate


def read_program(text: str, declare: Mapping[str, str] | None = None, scalars: Sequence[str] = ()) -> Program:
    """A program with shapes inferred; `f'` in it is the derivative of a function of the `where` clause.

    Args:
        text: an expression, optionally with a `where` clause.
        declare: the space of names, such as `{"A": "R^{m x n} symmetric", "x_n": "R^d"}`.
        scalars: names that are scalars where nothing declares or defines them.

    Raises:
        MatcalcError: with the place in the text, the cause and a hint.

    Example:
        >>> from matcalc.expr.text import to_text
        >>> to_text(read_program("f'(A x) where f(z) = z^3 + a z").expr)
        '3 (A x).^2 + a ones(m)'
    """
    return elaborate(text, declare, scalars, slope=slope)


def slope(function: Elementwise) -> Elementwise:
    """The derivative of a function of one argument.

    Raises:
        ParseError: for a function of two.
        NotDifferentiableError: where it has no scalar form.
    """
    if len(function.parameters) != 1:
        raise ParseError(f"`{function.name}'` is the derivative of a function of one argument, and `{function.name}` has "
                         f"{len(function.parameters)}")
    names = {node.name for node in postorder(function.body) if node.head in ("var", "item")}
    z = e.variable(next(name for name in (f"z{n}" for n in range(len(names) + 1)) if name not in names), SCALAR)
    body = fold(function.body, rebuild, {function.parameters[0]: z})
    variables = {node.name: node for node in postorder(body) if node.head in ("var", "item")}
    if z.name not in variables:
        return replace(function, body=e.number(0))
    form = None if any(v.head == "item" for v in variables.values()) else matrix_form(
        derivative_tensor(body, variables, [z.name]), body, variables)
    if form is None or not _is_entrywise(form, z):
        raise NotDifferentiableError(f"`{function.name}'` has no closed form as a function of entries")
    return replace(function, body=fold(form, rebuild, {z: function.parameters[0]}))


def _is_entrywise(form: Expr, z: Expr) -> bool:
    """Whether all that depends on z is a scalar made of scalars."""
    depends = {z}
    for node in postorder(form):
        if any(arg in depends for arg in node.args):
            depends.add(node)
            if not all(part.shape.is_scalar for part in (node, *node.args)):
                return False
    return form.shape.is_scalar
