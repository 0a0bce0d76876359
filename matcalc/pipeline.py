"""The one place that knows the order of passes: elaborate, lower, differentiate, factor, raise, print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from keyword import iskeyword
from types import ModuleType
from typing import TYPE_CHECKING

from matcalc.core.errors import DeclarationError
from matcalc.core.traversal import fold
from matcalc.diff.differentiate import differentiate
from matcalc.emit.numpy import to_numpy
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan
from matcalc.raising.driver import Raiser
from matcalc.raising.graph import NoMatrixForm
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

if TYPE_CHECKING:
    from matcalc.check.report import Report


def evaluation() -> ModuleType:
    """The module that evaluates; it brings in NumPy, which deriving does not need."""
    return import_module("matcalc.evaluation")


@dataclass(frozen=True)
class Derivative:
    """A derivative in index form and, where it has one, in matrix form.

    Attributes:
        expr: the function, elaborated.
        wrt: the variable.
        order: how often it was differentiated.
        tensor: the result; axes of the output, then those of `wrt` once per order.
        matrix: its matrix form in numerator layout, None where it has none.
        variables: every variable by name, with its shape as declared or inferred.
    """

    expr: Expr
    wrt: Expr
    order: int
    tensor: Tensor
    matrix: Expr | None
    variables: Mapping[str, Expr]
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shapes(self) -> dict[str, str]:
        """The space of every variable, as declared or inferred."""
        return {n: str(v.shape) for n, v in self.variables.items()}

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions of the array: output axes, then those of `wrt`."""
        return tuple(str(d) for d in self.tensor.axes)

    @property
    def array_names(self) -> tuple[str, ...]:
        """The parameters of the emitted function: the variables in the order of first appearance."""
        return tuple(self.variables)

    def numpy(self, name: str = "derivative") -> str:
        """NumPy source of one function of the variables, in the order of first appearance.

        Raises:
            DeclarationError: where `name` is not an identifier.
        """
        if not name.isidentifier() or not name.isascii() or iskeyword(name):
            raise DeclarationError(f"{name!r} is not a name for a function")
        shapes = {n: v.shape for n, v in self.variables.items()}
        lines = [f"Derivative of {to_text(self.expr)} by {self.wrt.name}" + (f", order {self.order}." if self.order > 1 else ".")]
        lines += ["", f"Formula: {self}", f"Shapes: {', '.join(f'{n} in {v}' for n, v in self.shapes.items())}"]
        lines += [f"Returns an array of shape ({', '.join(self.shape)})."]
        return to_numpy(plan(self.tensor), shapes, name, "\n".join(lines))

    def __call__(self, **values: object) -> object:
        """The value at given arrays, by the names of the variables; compiled once."""
        return evaluation().call_by_name(self._function(), self.array_names, values)

    def _function(self) -> Callable[..., object]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "derivative")
        return self.cache["function"]

    def check(self, seed: int = 0) -> Report:
        """Compares the emitted function with finite differences of the interpreter at random points."""
        function = self._function()
        report: Report = evaluation().check(
            self.expr, self.variables, self.wrt.name, lambda point: function(*(point[n] for n in self.array_names)),
            self.order, seed,
        )
        return report

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
    tensor = recognise(lower(_replaced(expr, variable, plain)))
    for _ in range(order):
        tensor = recognise(differentiate(tensor, lower(plain)))
    tensor = factor(_with_properties(tensor, lower(plain), lower(variable)))
    row = tensor.rank == 1 and expr.shape.is_scalar and variable.shape.kind == "vector"
    raiser = Raiser({name: n for n, name in enumerate(variables)})
    try:
        matrix: Expr | None = raiser.to_matrix(tensor, as_row=row)
    except NoMatrixForm:
        matrix = None
    return Derivative(expr, variable, order, tensor, matrix, dict(variables))


def _replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    """The expression with the variable's declared properties hidden: they are not used before differentiating."""
    if old is new:
        return expr
    return fold(expr, lambda node, args: new if node is old else node.with_args(args) if args else node)


def _with_properties(tensor: Tensor, plain: Tensor, declared: Tensor) -> Tensor:
    """The tensor with the declared properties of the variable in force again."""
    return tensor if plain is declared else substitute(tensor, plain, declared)
