"""Programs from what a caller gives: text with functions and their derivatives, or an expression of SymPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Protocol

from matcalc.core.arguments import check_declare, check_mapping, clipped, described
from matcalc.core.dims import SCALAR
from matcalc.core.errors import DeclarationError, LimitError, NotDifferentiableError, ParseError
from matcalc.core.limits import limits
from matcalc.core.names import check_name
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.functions import Elementwise
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.expr.text import to_text
from matcalc.pipeline import derivative_tensor, matrix_form
from matcalc.syntax.elaborate import Program, check_bound, elaborate, variables_of
from matcalc.syntax.names import ascii_name, function_name
from matcalc.syntax.spaces import parse_space


class Symbolic(Protocol):
    """An object of SymPy: an expression, a matrix expression, a symbol, a function."""

    @property
    def free_symbols(self) -> AbstractSet[object]:
        """The symbols in it."""


NOTATIONS = ("matrix", "index")
"""The languages of formulas."""

Formula = str | Symbolic
Functions = Mapping[str, Symbolic]
Wrt = str | Symbolic | Sequence[str | Symbolic]


def read_program(formula: Formula, declare: Mapping[str, str] | None = None, scalars: Sequence[str] = (),
                 functions: Functions | None = None) -> Program:
    """A program with shapes inferred; `f'` in it is the derivative of a function of the `where` clause.

    Args:
        formula: an expression, optionally with a `where` clause; or one of SymPy.
        declare: the space of names, such as `{"A": "R^{m x n} symmetric", "x_n": "R^d"}`.
        scalars: names that are scalars where nothing declares or defines them.
        functions: elementwise functions beside those of the `where` clause, each a SymPy `Lambda`.

    Raises:
        MatcalcError: with the place in the text, the cause and a hint.

    Example:
        >>> from matcalc.expr.text import to_text
        >>> to_text(read_program("f'(A x) where f(z) = z^3 + a z").expr)
        '3 (A x).^2 + a ones(m)'
    """
    if not isinstance(formula, str) and is_symbolic(formula):
        return _from_sympy(formula, check_declare(declare), functions)
    known = _functions(functions)
    return elaborate(formula, _with_outer(check_declare(declare), known), scalars, known, slope)  # type: ignore[arg-type]


def is_symbolic(value: object) -> bool:
    """Whether a value is one of SymPy; told by its type, so that SymPy is not brought in."""
    return any(str(kind.__module__).partition(".")[0] == "sympy" for kind in type(value).__mro__)


def names_of(wrt: Wrt) -> str | Sequence[str]:
    """What to differentiate by, symbols of SymPy as their names."""
    if isinstance(wrt, str):
        return _named(wrt)
    if is_symbolic(wrt):
        found: str | list[str] = _sympy().names(wrt)
        return found
    if not isinstance(wrt, list | tuple):
        raise DeclarationError(f"`wrt` is the name of a variable or a list of names, not {described(wrt)}", hint='wrt="x"')
    if len(wrt) > limits().scalars:
        raise LimitError(f"`wrt` has {len(wrt)} names, more than {limits().scalars}", hint="one vector x in the place of x1, x2, ...")
    if not wrt:
        raise DeclarationError("`wrt` is empty: there is no variable to differentiate by", hint='wrt="x"')
    return [_named(part) if not is_symbolic(part) else str(_sympy().names(part)) for part in wrt]


def _named(name: object) -> str:
    """A name of a variable as the caller spells it."""
    if not isinstance(name, str):
        raise DeclarationError(f"`wrt` names variables, and {described(name)} is not a name", hint='wrt="x", or wrt=["x1", "x2"]')
    if not name.strip():
        raise DeclarationError("`wrt` is empty: there is no variable to differentiate by", hint='wrt="x"')
    parts = [part.strip() for part in name.split(",")]
    if len(parts) > 1 and "{" not in name:
        listed = ", ".join(f'"{part}"' for part in parts if part)
        raise DeclarationError(f"`{clipped(name)}` is not one name", hint=f"wrt=[{clipped(listed)}]")
    return name


def _sympy() -> ModuleType:
    return import_module("matcalc.interop.sympy")


def _functions(functions: Functions | None) -> dict[str, Elementwise]:
    """The functions that come beside the text.

    Raises:
        DeclarationError: for a name that the language does not have or uses itself, or for what is no function.
    """
    found: dict[str, Elementwise] = {}
    for name, value in check_mapping(functions, "functions", "names to functions", '{"f": sympy.Lambda(z, z**2)}').items():
        if ascii_name(check_name(name)) != name or function_name(name) or name in ("pi", "I"):
            raise DeclarationError(f"{described(name)} is not a name for a function of your own",
                                   hint="a letter, then letters or digits, and none of the language's own functions")
        if not is_symbolic(value):
            raise DeclarationError(f"the function `{name}` is {described(value)}, not a Lambda of SymPy",
                                   hint="in text, functions are defined in the where clause: where f(z) = z^2")
        found[name] = _sympy().function(name, value)
    return found


def _with_outer(declare: Mapping[str, str], functions: Mapping[str, Elementwise]) -> Mapping[str, str]:
    """The declarations, with the assumptions on the symbols in functions."""
    if not functions or not isinstance(declare, Mapping):
        return declare
    spaces = dict(declare)
    for function in functions.values():
        for node in postorder(function.body):
            if node.head == "var" and node not in function.parameters:
                properties = node.data[1]
                assert isinstance(properties, tuple)
                spaces[node.name] = " ".join((spaces.get(node.name, "R"), *properties))
    return spaces


def _from_sympy(formula: Symbolic, declare: Mapping[str, str], functions: Functions | None) -> Program:
    if functions:
        raise DeclarationError("`functions` are for formulas in text; a formula of SymPy holds its functions",
                               hint="put them into the formula with SymPy, or pass the formula as text")
    spaces = {ascii_name(name): parse_space(name, space) for name, space in declare.items()}
    expr: Expr = _sympy().from_sympy(formula, {name: space.properties for name, space in spaces.items()})
    check_bound(expr, None)
    variables = variables_of(expr)
    for name, space in spaces.items():
        if name in variables and variables[name].shape != space.shape:
            raise DeclarationError(f"`{name}` is declared as {space.shape.describe()}, and in SymPy it is "
                                   f"{variables[name].shape.describe()}",
                                   hint="leave the declaration out: SymPy knows the shape")
    return Program(expr, variables, {}, to_text(expr))


def slope(function: Elementwise) -> Elementwise:
    """The derivative of a function of one argument.

    Raises:
        ParseError: for a function of two.
        NotDifferentiableError: where it has no scalar form.
    """
    if len(function.parameters) != 1:
        raise ParseError(f"`{function.name}'` is the derivative of a function of one argument, and `{function.name}` has "
                         f"{len(function.parameters)}",
                         hint="partial derivatives of a function of several arguments have no sign")
    names = {node.name for node in postorder(function.body) if node.head in ("var", "item")}
    z = e.variable(next(name for name in (f"z{n}" for n in range(len(names) + 1)) if name not in names), SCALAR)
    body = fold(function.body, rebuild, {function.parameters[0]: z})
    variables = {node.name: node for node in postorder(body) if node.head in ("var", "item")}
    if z.name not in variables:
        return replace(function, body=e.number(0))
    form = None if any(v.head == "item" for v in variables.values()) else matrix_form(
        derivative_tensor(body, variables, [z.name]), body, variables)
    if form is None or not _is_entrywise(form, z):
        raise NotDifferentiableError(f"`{function.name}'` has no closed form as a function of entries",
                                     hint=f"a function by a formula of scalars, as in {function.name}(z) = sin(z)")
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
