"""The interface to derivatives times directions: formulas as text in, products out."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.api import block_of, gathered_names
from matcalc.core.limits import timed
from matcalc.directional import Directional, ValueAndGradient, directional, value_and_gradient_of
from matcalc.reading import Formula, Wrt, names_of, read_program


@timed
def value_and_gradient(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None) -> ValueAndGradient:
    """A scalar formula with its gradient, as one function.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.

    Raises:
        MatcalcError: for anything that is not understood, and where the formula is no scalar.

    Example:
        >>> import numpy as np
        >>> d = value_and_gradient("1/2 x^T x", wrt="x")
        >>> d(x=np.array([3.0, 4.0]))
        (np.float64(12.5), array([3., 4.]))
    """
    names = names_of(wrt)
    program = read_program(text, declare, gathered_names(names))
    return value_and_gradient_of(program.expr, program.variables, block_of(program, names), program.definitions)


@timed
def hvp(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None, direction: str | None = None) -> Directional:
    """The Hessian of a scalar formula times a direction, without the Hessian.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        direction: the name of the direction, which has the shape of the variable; `v` where that is free.

    Raises:
        MatcalcError: for anything that is not understood, and where the formula is no scalar.

    Example:
        >>> print(hvp("1/2 ||A x - b||^2", wrt="x"))
        A^T A v
    """
    return _directional("hvp", text, wrt, declare, direction)


@timed
def jvp(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None, direction: str | None = None) -> Directional:
    """The Jacobian of a formula times a direction, without the Jacobian.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        direction: the name of the direction, which has the shape of the variable; `v` where that is free.

    Raises:
        MatcalcError: for anything that is not understood.

    Example:
        >>> print(jvp("tanh(A x)", wrt="x"))
        (1 - tanh(A x).^2) .* A v
    """
    return _directional("jvp", text, wrt, declare, direction)


@timed
def vjp(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None, direction: str | None = None) -> Directional:
    """A direction times the Jacobian of a formula, without the Jacobian.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        direction: the name of the direction, which has the shape of the formula; `v` where that is free.

    Raises:
        MatcalcError: for anything that is not understood.

    Example:
        >>> print(vjp("tanh(A x)", wrt="x"))
        ((1 - tanh(A x).^2) .* v)^T A
    """
    return _directional("vjp", text, wrt, declare, direction)


def _directional(kind: str, text: Formula, wrt: Wrt, declare: Mapping[str, str] | None, direction: str | None) -> Directional:
    names = names_of(wrt)
    program = read_program(text, declare, gathered_names(names))
    return directional(kind, program.expr, program.variables, block_of(program, names), program.definitions, direction)
