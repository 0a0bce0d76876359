"""The interface: formulas as text in, derivatives out."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.pipeline import Derivative, derive_expr
from matcalc.syntax.elaborate import elaborate


def derive(text: str, wrt: str, order: int = 1, declare: Mapping[str, str] | None = None) -> Derivative:
    """The derivative of a formula.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable.
        order: 1 for the gradient or Jacobian, 2 for the Hessian.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variable that is not understood.

    Example:
        >>> str(derive("x^T A x", wrt="x"))
        'x^T (A^T + A)'
    """
    program = elaborate(text, declare)
    return derive_expr(program.expr, program.variables, wrt, order)
