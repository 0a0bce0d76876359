"""A program taken apart: its definitions stay variables of what uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.syntax.calls import Slope
from matcalc.syntax.elaborate import Builder, Program, elaborated, free_indices, variables_of


@dataclass(frozen=True, slots=True)
class Apart:
    """A program and its parts, in which the names of definitions are variables.

    Attributes:
        program: the program with its definitions substituted.
        body: the expression.
        parts: the definitions; without those that hold no variable or a member of a family, which are written out
            where they are used, since they have no value of their own.
    """

    program: Program
    body: Expr
    parts: dict[str, Expr]


def take_apart(text: str, declare: Mapping[str, str] | None = None, slope: Slope | None = None,
               scalars: Sequence[str] = ()) -> Apart:
    """Parse a program, infer its shapes and keep its definitions apart.

    Args:
        text: an expression, optionally with a `where` clause.
        declare: the space of names.
        slope: what f' is for a function f of the `where` clause; None where it may not occur.
        scalars: names that are scalars where nothing declares or defines them.

    Raises:
        MatcalcError: with the place in the text, the cause and a hint.

    Example:
        >>> apart = take_apart("d + c where d = sqrt(c), c = x^2")
        >>> str(apart.body.args[0].name), sorted(apart.parts)
        ('d', ['c', 'd'])
    """
    program, builder = elaborated(text, declare, scalars, slope=slope)
    free = free_indices(*program.definitions.values())
    leaves = {name: b.variable(name, value.shape) for name, value in program.definitions.items()
              if not free[value] and variables_of(value)}
    values = Builder(builder.scope, builder.inferred, slope, leaves).run()
    source = builder.scope.source
    return Apart(program, values[source.body], {d.name: values[d.body] for d in source.definitions if d.name in leaves})
