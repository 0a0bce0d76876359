"""Elementwise functions that a user defines: a scalar formula, applied to the entries of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.core.dims import SCALAR, Shape
from matcalc.core.errors import ParseError, ShapeError
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild


@dataclass(frozen=True)
class Elementwise:
    """A function of entries.

    Attributes:
        name: as it is called.
        parameters: variables that stand for an entry of each argument, made by `parameter`.
        body: a scalar in the parameters, and in variables of the formula around it.
    """

    name: str
    parameters: tuple[Expr, ...]
    body: Expr

    def __call__(self, args: Sequence[Expr]) -> Expr:
        """The function of each entry of the arguments; scalars go with every entry of the others.

        Raises:
            ParseError: for another number of arguments.
            ShapeError: where the arguments differ in shape.
        """
        if len(args) != len(self.parameters):
            wanted = f"{len(self.parameters)} argument{'s' * (len(self.parameters) > 1)}"
            raise ParseError(f"`{self.name}` takes {wanted}, not {len(args)}",
                             hint=f"{self.name}({', '.join(p.name for p in self.parameters)})")
        shape = b.common_shape(args, f"take {self.name} of")
        value = fold(self.body, _entry_by_entry, dict(zip(self.parameters, args, strict=True)))
        return repeated(value, shape)


    @property
    def outer(self) -> tuple[str, ...]:
        """The names of the variables that are no parameters."""
        leaves = [node for node in postorder(self.body) if node.head == "var" and node not in self.parameters]
        return tuple(dict.fromkeys(node.name for node in leaves))

    def with_outer(self, variables: Mapping[str, Expr]) -> Elementwise:
        """The same function in the variables of a formula around it.

        Raises:
            ShapeError: for a variable that is not a scalar.
        """
        for name in self.outer:
            if not variables[name].shape.is_scalar:
                raise ShapeError(f"`{name}` is {variables[name].shape.describe()} in the formula and a scalar in the function "
                                 f"`{self.name}`", hint="an argument of the function in its place")
        leaves = {n: variables[n.name] for n in postorder(self.body) if n.head == "var" and n not in self.parameters}
        return replace(self, body=fold(self.body, rebuild, leaves))


def parameter(function: str, name: str) -> Expr:
    """What stands for an entry of an argument in the body of a function; no variable of a formula is equal to it."""
    return Expr.make("var", (), (name, (), function), SCALAR)


def repeated(value: Expr, shape: Shape) -> Expr:
    """A scalar as an array of equal entries; an array as it is."""
    if shape.is_scalar or not value.shape.is_scalar:
        return value
    if value.head == "num" and value.data[0] in (0, 1):
        return b.ones(shape) if value.data[0] else b.zeros(shape)
    return b.product([value, b.ones(shape)])


def _exponential(base: Expr, exponent: Expr) -> Expr:
    """A scalar to the power of each entry; of a positive number c the power c^u is exp(log(c) u)."""
    value = base.data[0] if base.head == "num" else None
    if isinstance(value, Fraction) and value > 0:
        return b.elementwise("exp", [b.product([b.elementwise("log", [base]), exponent])])
    return b.power(repeated(base, exponent.shape), exponent)


def _entry_by_entry(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """The operation of scalars on each entry of arrays."""
    shape = next((a.shape for a in args if not a.shape.is_scalar), SCALAR)
    if shape.is_scalar:
        return rebuild(node, args) if args else node
    if node.head == "add":
        return b.add([a if b.is_number(a) else repeated(a, shape) for a in args])
    if node.head in ("product", "hadamard"):
        scalars = [a for a in args if a.shape.is_scalar]
        arrays = b.hadamard([a for a in args if not a.shape.is_scalar])
        return b.product([*scalars, arrays]) if scalars else arrays
    if node.head == "power" and args[0].shape.is_scalar:
        return _exponential(args[0], args[1])
    return rebuild(node, args)
