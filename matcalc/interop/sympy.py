"""Exchange with SymPy: what other modules use of it, brought in where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from matcalc.core.errors import DeclarationError
from matcalc.core.limits import interrupted
from matcalc.core.traversal import postorder
from matcalc.expr.functions import Elementwise
from matcalc.expr.nodes import Expr
from matcalc.interop.from_sympy import Reader
from matcalc.interop.names import clip, plain_name
from matcalc.interop.to_sympy import to_sympy

__all__ = ["from_sympy", "function", "names", "simplified", "to_sympy"]


def from_sympy(value: object, properties: Mapping[str, tuple[str, ...]] | None = None,
               known: Mapping[str, Expr] | None = None) -> Expr:
    """A SymPy expression in the matrix language.

    Args:
        value: a scalar, a matrix expression or an explicit matrix.
        properties: properties of variables beside those that their assumptions state.
        known: variables that are taken as they are.

    Raises:
        MatcalcError: for a name or a part that the language does not have.
    """
    if isinstance(value, sympy.MatrixBase):
        value = value.as_immutable()
    if not isinstance(value, sympy.Basic):
        raise DeclarationError(f"`{clip(value)}` is no expression of SymPy",
                               hint="an expression of real symbols and matrix symbols")
    return Reader(known or {}, properties or {}).read(value)


def function(name: str, value: object) -> Elementwise:
    """An elementwise function from a `Lambda`, or from a function of SymPy such as `sin`."""
    return Reader().function(name, value)


def names(wrt: object) -> str | list[str]:
    """The name of a symbol or a matrix symbol, or the names in an explicit vector of symbols.

    Raises:
        DeclarationError: for anything else.
    """
    if isinstance(wrt, sympy.MatrixBase | sympy.Tuple):
        return [_name(part) for part in wrt]
    return _name(wrt)


def _name(symbol: object) -> str:
    if not isinstance(symbol, sympy.Symbol | sympy.MatrixSymbol):
        raise DeclarationError(f"`{clip(symbol)}` is no symbol to differentiate by",
                               hint="a symbol or a matrix symbol of the formula")
    return plain_name(symbol)


def simplified(node: Expr) -> Expr:
    """A scalar as `sympy.simplify` writes it; scalars that are made of arrays count as symbols.

    Raises:
        LimitError: where SymPy takes longer than the call has.
    """
    parts = [n for n in postorder(node) if n.shape.is_scalar and any(not a.shape.is_scalar for a in n.args)]
    dummies = {part: sympy.Dummy(f"s{n}", real=True) for n, part in enumerate(parts)}
    with interrupted():
        value = sympy.simplify(to_sympy(node, dummies))
    known = {n.name: n for n in postorder(node) if n.head == "var"}
    return Reader(known, leaves={d: part for part, d in dummies.items()}).read(value)
