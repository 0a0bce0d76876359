"""What optimisers and automatic differentiation ask of one function of several variables, each with a source of its own.

Products with directions move all variables at once: the pullback u^T J of a function, its pushforward J p, and H p.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcalc.chunked import Chunked, length_of
from matcalc.chunking import inlined, stages_of
from matcalc.core.dims import vector
from matcalc.core.style import Style
from matcalc.derivative import derive_expr
from matcalc.diff.differentiate import derivatives
from matcalc.diff.forward import pushforward
from matcalc.directional import derivative_along
from matcalc.emit.numpy_checks import parameter_of, stated_shapes
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.joint import Gradients, gradients_expr, occurring
from matcalc.lowering.lower import lower
from matcalc.pipeline import hidden, restored, tensor_of, without_properties
from matcalc.plan.program import plan
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.source import code


@dataclass(frozen=True)
class Routine:
    """A function that returns several arrays.

    Attributes:
        variables: its parameters by name.
        results: what it returns.
        title: what that is, in words.
        named: cotangents that the results are written over.
    """

    variables: Mapping[str, Expr]
    results: tuple[Tensor, ...]
    title: str
    named: Mapping[Tensor, Tensor] | None = None

    def source(self, name: str, target: str = "numpy") -> str:
        """Source of a function of that name; it returns a tuple, or the array where there is one result."""
        lines = [f"{self.title}.", "", stated_shapes(self.variables)]
        parameters = {n: parameter_of(v) for n, v in self.variables.items()}
        return code(plan(*self.results, named=self.named or {}), parameters, Style(name, target=target), lines)

    def chunked(self, over: str | None) -> Chunked:
        """The same from blocks of data, cut along the dimension `over`, or along that of the families.

        Raises:
            DeclarationError: where there is no such dimension, or several that count data.
            NotDifferentiableError: where one pass over the data is not enough.
        """
        length = length_of(self.variables, over)
        taken = {*self.variables, *(n for v in self.variables.values() for dim in parameter_of(v).axes for n in dim.names)}
        return Chunked(self.variables, stages_of(inlined(self.results, self.named or {}), length, taken), None, self.title)


def value(g: Gradients) -> Routine:
    """The function itself."""
    return Routine(g.variables, (g.swept.value,), to_text(g.expr))


def value_and_derivatives(g: Gradients) -> Routine:
    """The function and its derivatives by all variables."""
    return Routine(g.variables, (g.swept.value, *g.swept.results), f"{to_text(g.expr)}, then its derivatives by {', '.join(g.wrt)}",
                   g.swept.cotangents)


def pullback(g: Gradients) -> Routine:
    """The products u^T J with the derivatives by all variables; the direction u, of the shape of the function, comes last.

    One reverse sweep of the scalar <u, f>, so that no Jacobian is made.
    """
    scalar, name, variables = paired(g)
    found = gradients_expr(scalar, variables, g.wrt, g.definitions)
    return Routine(variables, found.swept.results, f"{name} times the derivatives of {to_text(g.expr)} by {', '.join(g.wrt)}",
                   found.swept.cotangents)


def along(g: Gradients) -> Routine:
    """The derivatives by all variables at once, times a direction of each; the directions come last."""
    function, _, moving, variables = _moving(g)
    title = f"Derivatives of {to_text(g.expr)} by {', '.join(g.wrt)}, each times a direction"
    return Routine(variables, (_finished(g, derivative_along(function, moving)),), title)


def paired(g: Gradients) -> tuple[Expr, str, dict[str, Expr]]:
    """The inner product of the function with a variable of its shape, that variable's name, and all variables."""
    name = _free("u", occurring(g.expr, g.variables, g.definitions))
    shape = vector(g.expr.shape.dims[0]) if g.expr.shape.kind == "row" else g.expr.shape
    u = e.variable(name, shape)
    if shape.kind == "matrix":
        scalar = e.APPLY["tr"](e.product([e.transpose(u), g.expr]))
    elif g.expr.shape.kind == "row":
        scalar = e.product([g.expr, u])
    else:
        scalar = e.product([e.transpose(u) if shape.kind == "vector" else u, g.expr])
    return scalar, name, {**g.variables, name: u}


def hessian_product(g: Gradients) -> Routine:
    """The Hessian of a scalar function by all variables at once, times a direction of each; the directions come last."""
    function, leaves, moving, variables = _moving(g)
    moved = tuple(_finished(g, pushforward(recognise(d), moving)) for d in derivatives(function, leaves))
    return Routine(variables, moved, f"The Hessian of {to_text(g.expr)} by {', '.join(g.wrt)}, times a direction of each")


def hessian_blocks(g: Gradients) -> Routine:
    """The second derivatives of a scalar function by each pair of variables, the second not before the first."""
    pairs = [(a, b) for n, a in enumerate(g.wrt) for b in g.wrt[n:]]
    results = tuple(derive_expr(g.expr, g.variables, [a, b], g.definitions).tensor for a, b in pairs)
    listed = ", ".join(f"{a} and {b}" for a, b in pairs)
    return Routine(g.variables, results, f"Second derivatives of {to_text(g.expr)} by {listed}")


def weighted_hessian_blocks(g: Gradients) -> Routine:
    """The same of the inner product of a function with a direction of its shape, which comes last."""
    scalar, _, variables = paired(g)
    return hessian_blocks(gradients_expr(scalar, variables, g.wrt, g.definitions))


def _moving(g: Gradients) -> tuple[Tensor, list[Tensor], dict[Tensor, Tensor], dict[str, Expr]]:
    """The function with its variables free of properties, these, a direction of each, and all variables."""
    taken = occurring(g.expr, g.variables, g.definitions)
    directions: dict[str, Expr] = {}
    for name in g.wrt:
        own = g.variables[name]
        fresh = _free(f"p_{name}", taken | directions.keys())
        directions[fresh] = Expr.make(own.head, (), (fresh, (), *own.data[2:]), own.shape)
    leaves = [lower(without_properties(g.variables[name])) for name in g.wrt]
    moving = dict(zip(leaves, map(lower, directions.values()), strict=True))
    return tensor_of(hidden(g.expr, set(g.wrt))), leaves, moving, {**g.variables, **directions}


def _finished(g: Gradients, tensor: Tensor) -> Tensor:
    return factor(restored(recognise(tensor), g.variables, g.wrt))


def _free(wanted: str, taken: set[str] | Sequence[str]) -> str:
    """The name, or with the first number that makes it free."""
    return next(name for name in (wanted, *(f"{wanted}{n}" for n in range(1, len(taken) + 2))) if name not in taken)
