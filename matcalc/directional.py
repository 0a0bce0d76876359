r"""Derivatives times a direction, without the derivative: J v, u^T J, and H v; and the value with its gradient.

J v goes forward, u^T J in reverse; H v goes forward over the gradient, so that no array of more axes than the gradient is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

from matcalc.core.arguments import described
from matcalc.core.dims import Dim, vector
from matcalc.core.errors import DeclarationError, NotDifferentiableError, ShapeError
from matcalc.derivative import Derivative, derive_expr, evaluation
from matcalc.diff.differentiate import derivatives, gather
from matcalc.diff.forward import pushforward
from matcalc.expr import build as e
from matcalc.expr.build import clip
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.joint import occurring
from matcalc.lowering.lower import lower
from matcalc.pipeline import (
    Block,
    check_wrt,
    hidden,
    matrix_form,
    names_of_tensors,
    restored,
    tensor_of,
    without_properties,
)
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

if TYPE_CHECKING:
    from matcalc.check.report import Report

TITLES = {"jvp": "Jacobian of {f} by {x} times {v}", "vjp": "{v} times the Jacobian of {f} by {x}",
          "hvp": "Hessian of {f} by {x} times {v}"}
_LATEX = {"jvp": r"\frac{{\partial f}}{{\partial {x}}} {v}", "vjp": r"{v}^{{\top}} \frac{{\partial f}}{{\partial {x}}}",
          "hvp": r"\nabla_{{{x}}}^{{2}} f \, {v}"}


@dataclass(frozen=True, repr=False)
class Directional(Derivative):
    """A derivative times a direction, in index form and, where it has one, in matrix form.

    Attributes:
        kind: "jvp", "vjp" or "hvp".
        direction: the name of the direction, the last of the variables.
    """

    kind: str = "jvp"
    direction: str = "v"

    @property
    def title(self) -> str:
        """What it is, in words."""
        return TITLES[self.kind].format(f=to_text(self.expr), x=spelled(self.wrt[0]), v=self.direction)

    def check(self, seed: int = 0) -> Report:
        """Compares code and formula with finite differences of the interpreter along a random direction."""
        function = self._function()
        report: Report = evaluation().check_directional(
            self.expr, self.variables, self.wrt, self.direction, self.kind == "vjp",
            lambda point: function(*(point[n] for n in self.array_names)), seed, self.matrix)
        return report

    def latex(self, equation: bool = False) -> str:
        """LaTeX of the closed form, or of index notation where there is none, for math mode."""
        body: str = import_module("matcalc.typeset").latex(self, False)
        if not equation:
            return body
        names = import_module("matcalc.emit.latex_names")
        block = self.wrt[0]
        by = names.symbol(block) if isinstance(block, str) else f"({', '.join(map(names.symbol, block))})"
        return f"{_LATEX[self.kind].format(x=by, v=names.symbol(self.direction))} = {body}"

    def derive(self, wrt: str) -> Derivative:
        """Refused: the function that was differentiated is not this product."""
        raise _refused("differentiated again")

    def hessian(self) -> Derivative:
        """Refused: the function that was differentiated is not this product."""
        raise _refused("differentiated again")

    def flat(self, order: str = "columns") -> None:  # type: ignore[override]
        """Refused: the product has no axes of a variable."""
        raise _refused("flattened")

    def steps(self, method: str | None = None) -> None:  # type: ignore[override]
        """Refused: the derivation is that of the derivative."""
        raise _refused("derived line by line")


def _refused(what: str) -> DeclarationError:
    return DeclarationError(f"a derivative times a direction is not {what}", hint="derive() has the derivative itself")


def spelled(block: Block) -> str:
    """What one differentiates by, as text."""
    return block if isinstance(block, str) else f"[{', '.join(block)}]"


def directional(
    kind: str, expr: Expr, variables: Mapping[str, Expr], block: Block, definitions: Mapping[str, Expr] | None = None,
    direction: str | None = None,
) -> Directional:
    """The derivative of an elaborated expression times a direction.

    Args:
        kind: "jvp" for J v, "vjp" for u^T J, "hvp" for H v.
        expr: the function.
        variables: all variables by name.
        block: what to differentiate by.
        definitions: the user's names for parts of the function.
        direction: the name of the direction; None for `v`, or `v1`, `v2`, ... where that is taken.

    Raises:
        DeclarationError: for a name that is no variable, or a direction whose name is taken or is none.
        ShapeError: for the Hessian of what is no scalar.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    names = check_wrt(variables, [block])
    if kind == "hvp" and not expr.shape.is_scalar:
        raise ShapeError(f"hvp takes a scalar function, and {clip(to_text(expr))} is {expr.shape.describe()}",
                         hint="jvp() and vjp() are the products with its Jacobian")
    name = _free_name(direction, occurring(expr, variables, definitions or {}))
    leaf = _like(expr, name) if kind == "vjp" else _moved(variables, block, name)
    tensor = _product(kind, expr, variables, block, lower(leaf))
    tensor = factor(restored(recognise(tensor), variables, names))
    known = {**variables, name: leaf}
    is_row = kind == "vjp" and tensor.rank == 1 and (not isinstance(block, str) or variables[block].shape.kind == "vector")
    matrix = matrix_form(tensor, expr, known, is_row)
    return Directional(expr, (block,) * (2 if kind == "hvp" else 1), tensor, matrix, known, dict(definitions or {}),
                       names_of_tensors(definitions or {}), kind=kind, direction=name)


def _product(kind: str, expr: Expr, variables: Mapping[str, Expr], block: Block, along: Tensor) -> Tensor:
    names = [block] if isinstance(block, str) else list(block)
    leaves = [lower(without_properties(variables[name])) for name in names]
    function = tensor_of(hidden(expr, set(names)))
    if kind == "vjp":
        slots = tuple(range(function.rank))
        found = derivatives(b.contract([(along, slots), (function, slots)], ()), leaves)
        return found[0] if isinstance(block, str) else gather(found)
    length = Dim.of(len(leaves))
    tangents = [along] if isinstance(block, str) else [
        b.contract([(along, ("i",)), (b.basis(Dim.of(n), length), ("i",))], ()) for n in range(len(leaves))]
    moving = dict(zip(leaves, tangents, strict=True))
    if kind == "jvp":
        return derivative_along(function, moving)
    moved = [pushforward(recognise(g), moving) for g in derivatives(function, leaves)]
    return moved[0] if isinstance(block, str) else gather(moved)


def derivative_along(function: Tensor, moving: Mapping[Tensor, Tensor]) -> Tensor:
    """The derivative along a direction; in reverse where only the whole has a closed form, as tr(expm(X)) has."""
    try:
        return pushforward(function, moving)
    except NotDifferentiableError:
        out = tuple(range(function.rank))
        found = zip(derivatives(function, list(moving)), moving.values(), strict=True)
        parts = [b.contract([(d, (*out, *(f"s{i}" for i in range(v.rank)))), (v, tuple(f"s{i}" for i in range(v.rank)))], out)
                 for d, v in found]
        return b.add(*parts)


def _free_name(wanted: str | None, taken: set[str]) -> str:
    if wanted is None:
        return next(name for name in ("v", *(f"v{n}" for n in range(1, len(taken) + 2))) if name not in taken)
    if not isinstance(wanted, str) or not wanted.isidentifier() or not wanted.isascii() or iskeyword(wanted):
        raise DeclarationError(f"{described(wanted)} is not a name for the direction", hint='direction="v"')
    if wanted in taken:
        raise DeclarationError(f"the direction cannot be called `{wanted}`: the formula uses that name",
                               hint='direction="v1", or another name that is free')
    return wanted


def _like(expr: Expr, name: str) -> Expr:
    """A variable of the shape of a function; a row is taken as the column of its array."""
    return e.variable(name, vector(expr.shape.dims[0]) if expr.shape.kind == "row" else expr.shape)


def _moved(variables: Mapping[str, Expr], block: Block, name: str) -> Expr:
    """A variable, or a family, of the shape of what moves."""
    if not isinstance(block, str):
        return e.variable(name, vector(Dim.of(len(block))))
    own = variables[block]
    return Expr.make(own.head, (), (name, (), *own.data[2:]), own.shape)


@dataclass(frozen=True, repr=False)
class ValueAndGradient(Derivative):
    """The gradient of a scalar function as a formula; its code and its call give the value too."""

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"Value and gradient of {to_text(self.expr)} by {spelled(self.wrt[0])}"

    def numpy(self, name: str = "value_and_gradient", checks: bool = True, form: str = "dense",
              chunked: bool | str = False, workspace: bool = False, linalg: str = "numpy", target: str = "numpy") -> str:
        """Source of one function of the variables that returns the value, then the gradient.

        Raises:
            DeclarationError: where `name` is not an identifier, or there is no such form or library.
        """
        return super().numpy(name, checks, form, chunked, workspace, linalg, target)

    def _function(self) -> Callable[..., object]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "value_and_gradient")
        return self.cache["function"]

    def check(self, seed: int = 0) -> Report:
        """Compares value, gradient and formula with the interpreter and its finite differences."""
        function = self._function()
        report: Report = evaluation().check_gradients(
            self.expr, self.variables, self.wrt, lambda point: function(*(point[n] for n in self.array_names)), seed,
            [self.matrix])
        return report

    @property
    def extra(self) -> tuple[Tensor, ...]:
        """What the code returns before the gradient."""
        return (tensor_of(self.expr),)


def value_and_gradient_of(
    expr: Expr, variables: Mapping[str, Expr], block: Block, definitions: Mapping[str, Expr] | None = None
) -> ValueAndGradient:
    """The value and gradient of an elaborated scalar function.

    Raises:
        DeclarationError: for a name that is no variable.
        ShapeError: where the function is no scalar.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    if not expr.shape.is_scalar:
        raise ShapeError(f"a gradient is that of a scalar function, and {clip(to_text(expr))} is {expr.shape.describe()}",
                         hint="derive() has its Jacobian")
    d = derive_expr(expr, variables, [block], definitions)
    return ValueAndGradient(d.expr, d.wrt, d.tensor, d.matrix, d.variables, d.definitions, d.names)
