"""The one place that knows the order of passes: elaborate, lower, differentiate, factor, raise, print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.core.errors import DeclarationError
from matcalc.core.traversal import fold
from matcalc.diff.differentiate import differentiate
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower
from matcalc.raising.driver import Raiser
from matcalc.raising.graph import NoMatrixForm
from matcalc.simplify.factor import factor


@dataclass(frozen=True)
class Derivative:
    """A derivative in index form and, where it has one, in matrix form.

    Attributes:
        expr: the function, elaborated.
        wrt: the variable.
        order: how often it was differentiated.
        tensor: the result; axes of the output, then those of `wrt` once per order.
        matrix: its matrix form in numerator layout, None where it has none.
        shapes: kind and dimensions of every variable, as declared or inferred.
    """

    expr: Expr
    wrt: Expr
    order: int
    tensor: Tensor
    matrix: Expr | None
    shapes: Mapping[str, str]

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions of the array: output axes, then those of `wrt`."""
        return tuple(str(d) for d in self.tensor.axes)

    def index(self) -> str:
        """The result in index notation, free indices i, j, k, ... in the order of the axes."""
        return to_index(self.tensor)

    def __str__(self) -> str:
        return to_text(self.matrix) if self.matrix is not None else f"{self.index()}  (index notation)"


def derive_expr(expr: Expr, variables: Mapping[str, Expr], wrt: str, order: int = 1) -> Derivative:
    """The derivative of an elaborated expression.

    Args:
        expr: the function.
        variables: all variables by name, in the order of first appearance.
        wrt: the name of one of them.
        order: 1 for the gradient or Jacobian, 2 for the Hessian, and so on.

    Raises:
        DeclarationError: for an unknown variable or an order below 1.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    if wrt not in variables:
        raise DeclarationError(f"`{wrt}` does not occur in the expression", hint=f"one of {', '.join(variables)}")
    if order < 1:
        raise DeclarationError(f"the order of a derivative is at least 1, not {order}")
    variable = variables[wrt]
    plain = Expr.make("var", (), (wrt, ()), variable.shape)
    tensor = lower(_replaced(expr, variable, plain))
    for _ in range(order):
        tensor = differentiate(tensor, lower(plain))
    tensor = factor(_with_properties(tensor, lower(plain), lower(variable)))
    row = tensor.rank == 1 and expr.shape.is_scalar and variable.shape.kind == "vector"
    raiser = Raiser({name: n for n, name in enumerate(variables)})
    try:
        matrix: Expr | None = raiser.to_matrix(tensor, as_row=row)
    except NoMatrixForm:
        matrix = None
    return Derivative(expr, variable, order, tensor, matrix, {n: str(v.shape) for n, v in variables.items()})


def _replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    """The expression with the variable's declared properties hidden: they are not used before differentiating."""
    if old is new:
        return expr
    return fold(expr, lambda node, args: new if node is old else node.with_args(args) if args else node)


def _with_properties(tensor: Tensor, plain: Tensor, declared: Tensor) -> Tensor:
    """The tensor with the declared properties of the variable in force again."""
    return tensor if plain is declared else substitute(tensor, plain, declared)
