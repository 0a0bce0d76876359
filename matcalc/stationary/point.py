"""A stationary point: its equation, its formula, what it is, its code and its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Never

from matcalc.convexity.verdict import Curvature
from matcalc.core.arguments import check_named, check_seed
from matcalc.core.display import Displayed
from matcalc.core.style import style_of
from matcalc.derivative import Derivative, evaluation
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.pipeline import Block
from matcalc.stationary.squares import Block as Rows

if TYPE_CHECKING:
    from matcalc.check.stationary import Report

MEANINGS = {
    "positive definite": "the stationary point is the minimum",
    "positive semidefinite": "every stationary point is a minimum",
    "negative definite": "the stationary point is the maximum",
    "negative semidefinite": "every stationary point is a maximum",
}
"""What a stationary point of a function with such a Hessian is, where the function is convex or concave."""


@dataclass(frozen=True)
class Recipe:
    """How a solution is computed.

    Attributes:
        kind: "formula" for the tensor of the solution, "least squares" for stacked rows, "two least squares" for one after the
            other, the result of the first transposed being what the second should give, "flat" for H W = R as one system.
        tensors: the solution; or H and R.
        rows: of least squares.
        is_turned: whether the transpose of the unknown is what least squares gives.
    """

    kind: str
    tensors: tuple[Tensor, ...] = ()
    rows: tuple[Rows, ...] = ()
    is_turned: bool = False


@dataclass(frozen=True, repr=False)
class StationaryPoint(Displayed):
    """Where the gradient of a function is zero.

    Attributes:
        expr: the function.
        variables: all variables by name.
        wrt: the unknown, or the names of scalars that are unknown together.
        gradient: the derivative that is set to zero.
        sides: the two sides of each equation.
        values: the solutions, usually one; by several scalars a vector.
        conditions: what must hold for them to be solutions, and the only ones.
        certificate: the curvature of the function.
        recipe: how the first solution is computed.
        meaning: what the solution is, where the curvature of the function as a whole does not say it.
    """

    expr: Expr
    variables: Mapping[str, Expr]
    wrt: Block
    gradient: Derivative
    sides: tuple[tuple[Expr, Expr], ...]
    values: tuple[Expr, ...]
    conditions: tuple[str, ...]
    certificate: Curvature
    recipe: Recipe
    meaning: str = ""
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def equation(self) -> str:
        """The gradient set to zero, common factors removed, the unknown on the left."""
        return ", ".join(f"{to_text(left)} = {'0' if right.head == 'zeros' else to_text(right)}" for left, right in self.sides)

    @property
    def solutions(self) -> tuple[str, ...]:
        """The solutions as formulas."""
        return tuple(map(to_text, self.values))

    @property
    def solution(self) -> str:
        """The solution as a formula; several with `or` between them."""
        return " or ".join(self.solutions)

    @property
    def hessian(self) -> Derivative | None:
        """The Hessian of the function, None where it has none."""
        return self.certificate.hessian

    @property
    def curvature(self) -> str:
        """The verdict on the Hessian, and what the stationary point is."""
        is_known = self.certificate.is_convex or self.certificate.is_concave
        meaning = MEANINGS.get(self.certificate.verdict, "") if is_known else self.meaning
        return f"{self.certificate.verdict}: {meaning}" if meaning else self.certificate.verdict

    @property
    def array_names(self) -> tuple[str, ...]:
        """The parameters of the emitted function: all variables but the unknown, in the order of first appearance."""
        unknown = {self.wrt} if isinstance(self.wrt, str) else set(self.wrt)
        return tuple(n for n in self.variables if n not in unknown)

    def __str__(self) -> str:
        return self.solution

    def latex(self) -> str:
        """LaTeX of the unknown and its solution, for math mode."""
        text: str = import_module("matcalc.stationary.writing").latex(self)
        return text

    def report(self) -> str:
        """Everything about the point, one thing a line."""
        text: str = import_module("matcalc.stationary.writing").report(self)
        return text

    def numpy(self, name: str = "solve", target: str = "numpy") -> str:
        """Source of one function of the known variables that solves for the unknown.

        Least squares problems go to `numpy.linalg.lstsq`, other systems to `numpy.linalg.solve`; nothing is inverted. With
        several solutions it is the first one that is computed.

        Raises:
            DeclarationError: where `name` is not an identifier.
        """
        source: str = import_module("matcalc.stationary.program").source(self, style_of(name, target=target))
        return source

    def __call__(self, /, *unnamed: Never, **values: object) -> object:
        """The solution at given arrays, by the names of the known variables; compiled once."""
        check_named(unnamed, self.array_names)
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "solve")
        return evaluation().call_by_name(self.cache["function"], self.array_names, values)

    def check(self, seed: int = 0) -> Report:
        """Whether the gradient is zero at the solution, by code and by formula, at random values of the known variables."""
        found: Report = import_module("matcalc.check.stationary").check_stationary(
            self.expr, self.variables, self.wrt, lambda point: self(**{n: point[n] for n in self.array_names}), self.values, check_seed(seed))
        return found
