"""The point of an expansion: a variable of its own, numbers, or a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from matcalc.core.arguments import described
from matcalc.core.dims import Dim, Shape
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.names import check_name
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.functions import repeated
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.reading import read_program
from matcalc.syntax.elaborate import variables_of
from matcalc.syntax.names import ascii_name

Number = int | float | Fraction
Place = str | Number

LINEAR = frozenset(("symmetric", "skew", "diagonal", "lower", "upper"))
"""Properties of matrices that sums and multiples of them have too."""


@dataclass(frozen=True)
class Point:
    """Where one variable of the expansion is expanded.

    Attributes:
        variable: the variable.
        value: the point: an expression in other variables, of the same shape; numbers broadcast.
    """

    variable: Expr
    value: Expr

    @property
    def name(self) -> str:
        """The name of the variable."""
        return self.variable.name

    @property
    def is_constant(self) -> bool:
        """Whether the point is made of numbers alone."""
        return not variables_of(self.value)

    @property
    def is_zero(self) -> bool:
        """Whether the point is the origin."""
        return self.value.head == "zeros" or (self.value.head == "num" and self.value.data[0] == 0)

    @property
    def step(self) -> Expr:
        """The way from the point to the variable: x - x0."""
        if self.is_zero:
            return self.variable
        if self.value.head == "num":
            return e.add([self.variable, e.negate(self.value)])
        return e.add([self.variable, _negative(self.value)])


def _negative(value: Expr) -> Expr:
    if value.head == "add":
        return e.add([_negative(term) for term in value.args])
    if value.head == "product" and value.args[0].head == "num":
        number = value.args[0].data[0]
        assert isinstance(number, Fraction)
        return e.product(value.args[1:] if number == -1 else [e.number(-number), *value.args[1:]])
    return e.negate(value)


def points_of(names: Sequence[str], variables: Mapping[str, Expr], at: Place | Sequence[Place]) -> list[Point]:
    """The point of each variable.

    Args:
        names: the variables that are expanded.
        variables: all variables by name.
        at: a number, a name, a formula; a list of such, one for each variable.

    Raises:
        MatcalcError: for what is no point, or has another shape than its variable.
    """
    if isinstance(at, Sequence) and not isinstance(at, str):
        places = list(at)
    else:
        places = [at] * len(names)
        if len(names) > 1 and isinstance(at, str) and variables_of(_parsed(at, variables)):
            raise DeclarationError(f"{described(at)} is one point for {len(names)} variables",
                                   hint=f"at={[f'{name}0' for name in names]}, or a number for all")
    if len(places) != len(names):
        raise DeclarationError(f"there are {len(places)} points for {len(names)} variables",
                               hint="one point for each variable, or a number for all")
    return [Point(variables[name], _value(variables[name], place, variables)) for name, place in zip(names, places, strict=True)]


def _value(variable: Expr, place: Place, variables: Mapping[str, Expr]) -> Expr:
    if isinstance(place, bool) or not isinstance(place, str | int | float | Fraction):
        raise DeclarationError(f"{described(place)} is not a point", hint='at="x0", at=0, at="pi/2"')
    if isinstance(place, str):
        value = _named(variable, place, variables) or _parsed(place, variables)
    else:
        try:
            value = e.number(Fraction(str(place)))
        except (ValueError, OverflowError):
            raise DeclarationError(f"{described(place)} is not a number at which to expand",
                                   hint="a finite number: at=0") from None
    if variable.name in variables_of(value):
        raise DeclarationError(f"the point `{place}` depends on `{variable.name}` itself", hint=f'at="{variable.name}0"')
    value = _sized(value, variable, variables)
    if value.shape.is_scalar and e.is_number(value):
        return repeated(value, variable.shape)
    if value.shape != variable.shape:
        raise ShapeError(f"the point `{place}` is {value.shape.describe()}, and `{variable.name}` is {variable.shape.describe()}",
                         hint=f'declare={{"{variable.name}": "{value.shape}"}}' if value.shape.kind == variable.shape.kind
                         else f"a point of `{variable.name}` is {variable.shape.describe()}")
    return value


def _sized(value: Expr, variable: Expr, known: Mapping[str, Expr]) -> Expr:
    """A point with the sizes that its variable has, where nothing in it says otherwise, as in I or mu + B c."""
    own = variables_of(value)
    fixed = {n for name, v in known.items() for dim in v.shape.dims for n in dim.names if name in own}
    sizes = {mine.name: its for mine, its in zip(value.shape.dims, variable.shape.dims, strict=False) if mine.name and mine != its}
    if value.shape.kind != variable.shape.kind or not sizes.keys() - fixed:
        return value
    sizes = {name: dim for name, dim in sizes.items() if name not in fixed}
    taken = {n for v in known.values() for dim in v.shape.dims for n in dim.names}
    names = {n for node in postorder(value) for dim in node.shape.dims for n in dim.names} - fixed
    fresh = (Dim.of(n) for n in (f"n{k}" for k in count(1)) if n not in taken | names)
    sizes |= {name: next(fresh) for name in sorted(names & taken - sizes.keys())}

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if args:
            return rebuild(node, args)
        dims = tuple(sizes.get(d.name or "", d) for d in node.shape.dims)
        return Expr.make(node.head, (), node.data, Shape(node.shape.kind, dims))

    return fold(value, visit)


def _named(variable: Expr, place: str, variables: Mapping[str, Expr]) -> Expr | None:
    """A point that is a single new name: a variable of the same space, or a family of such."""
    name = ascii_name(place.strip()) if place.strip() else ""
    if not name.replace("_", "").isalnum() or not name[0].isalpha() or name in variables or name in ("pi", "I"):
        return None
    if variable.head == "item":
        return Expr.make("item", (), (check_name(name), *variable.data[1:]), variable.shape)
    properties = variable.data[1]
    assert isinstance(properties, tuple)
    return e.variable(name, variable.shape, properties)


def _parsed(place: str, variables: Mapping[str, Expr]) -> Expr:
    """A point that is a formula, over the variables as they are."""
    spaces = {name: _space(v) for name, v in variables.items() if v.head == "var"}
    value = read_program(place, {name: space for name, space in spaces.items() if space is not None}).expr
    for node in postorder(value):
        if node.head == "var" and node.name in variables and variables[node.name] is not node:
            raise ShapeError(f"`{node.name}` is another variable in the point `{place}` than in the formula",
                             hint="a name of its own for the point")
    return value


def _space(variable: Expr) -> str | None:
    properties = variable.data[1]
    assert isinstance(properties, tuple)
    return " ".join((str(variable.shape), *properties))


def step_variable(variable: Expr, name: str) -> Expr:
    """A variable in the place of x - x0, with the properties that differences keep."""
    properties = variable.data[1]
    assert isinstance(properties, tuple)
    kept = tuple(p for p in properties if p in LINEAR) + ("symmetric",) * bool({"posdef", "psd"} & set(properties))
    if variable.head == "item":
        return Expr.make("item", (), (name, tuple(sorted(set(kept))), *variable.data[2:]), variable.shape)
    return e.variable(name, variable.shape, kept)
