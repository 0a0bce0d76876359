"""What the solvers share: the unknown, what is known of the other variables, and how tensors are written."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from matcalc.convexity.analysis import Analysis
from matcalc.convexity.facts import Fact
from matcalc.core.errors import LimitError
from matcalc.core.traversal import contains, postorder
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of
from matcalc.lowering.lower import lower
from matcalc.pipeline import Block, matrix_form
from matcalc.simplify.factor import factor
from matcalc.stationary.point import Recipe


@dataclass(frozen=True)
class Found:
    """A solution before the rest is known of the point; the attributes are those of the point."""

    sides: tuple[tuple[Expr, Expr], ...]
    values: tuple[Expr, ...]
    conditions: tuple[str, ...]
    recipe: Recipe
    meaning: str = ""


class Setting:
    """One problem.

    Args:
        analysis: of the function, with facts on signs and domain.
        block: the unknown, or the names of scalars that are unknown together.
    """

    def __init__(self, analysis: Analysis, block: Block) -> None:
        self.analysis, self.block = analysis, block
        self.judge, self.variables = analysis.judge, analysis.variables
        self.names = frozenset((block,) if isinstance(block, str) else block)

    @property
    def unknown(self) -> Tensor:
        """The variable in index form."""
        assert isinstance(self.block, str)
        return lower(self.variables[self.block])

    @property
    def node(self) -> Expr:
        """The variable."""
        assert isinstance(self.block, str)
        return self.variables[self.block]

    @property
    def is_inverted(self) -> bool:
        """Whether the function is undefined where the unknown is singular."""
        tensors = postorder(*self.analysis.tensors.values())
        return any((t.head == "matpow" and str(t.data[0]).startswith("-")) or t.head == "logdet" for t in tensors
                   if contains(t, [self.unknown]))

    def say(self, tensor: Tensor) -> str:
        """A tensor as a reader writes it."""
        return self.analysis.say(tensor)

    def written(self, tensor: Tensor) -> Expr:
        """The matrix form, factored where that is shorter.

        Raises:
            LimitError: where there is none.
        """
        form = matrix_form(factor(tensor), self.analysis.expr, self.variables)
        if form is None:
            form = matrix_form(tensor, self.analysis.expr, self.variables)
        if form is None:
            raise LimitError(f"no closed form: {self.say(tensor)} has no matrix form",
                             hint="the derivative itself is that of `derive`")
        return form

    def is_nonzero(self, scalar: Tensor) -> bool:
        """Whether a scalar is zero nowhere that the function is defined."""
        exponent = b.number_of(scalar.args[1]) if scalar.head == "pow" else None
        if exponent is not None and exponent < 0:
            return True
        bounds = self.judge.signs.bounds(scalar)
        return bounds.is_positive or bounds.is_negative

    def is_signed(self, gradient: Tensor) -> bool:
        """Whether all entries of the gradient are positive, or all negative."""
        bounds = self.judge.signs.bounds(gradient)
        return bounds.is_positive or bounds.is_negative

    def defined(self, value: Expr) -> tuple[str, ...]:
        """The conditions under which a formula is a real number, as far as they are not known to hold."""
        found = []
        for node in postorder(value):
            if not node.shape.is_scalar or not node.args or not node.args[0].shape.is_scalar:
                continue
            bounds = self.judge.signs.bounds(lower(node.args[0]))
            exponent = Fraction(str(node.args[1].data[0])) if node.head == "power" and node.args[1].head == "num" else Fraction(1)
            if (node.head == "map" and node.name == "log") and not bounds.is_positive:
                found.append(f"{to_text(node.args[0])} > 0")
            elif (exponent.denominator > 1 or (node.head == "map" and node.name == "sqrt")) and not bounds.is_nonnegative:
                found.append(f"{to_text(node.args[0])} >= 0")
            elif exponent < 0 and not bounds.is_positive and not bounds.is_negative:
                found.append(f"{to_text(node.args[0])} is not 0")
        return tuple(dict.fromkeys(found))

    def is_invertible(self, matrix: Tensor) -> bool:
        """Whether a square matrix is known to be invertible."""
        return self.judge.is_invertible(matrix)

    def invertibility(self, matrix: Tensor) -> tuple[str, ...]:
        """The condition that a matrix is invertible, in words; none where it is known to be."""
        if self.is_invertible(matrix):
            return ()
        matrix = content_of(matrix)[1]
        fact: Fact | None = self.judge.matrix(matrix)
        if fact is not None and fact.rule == "outer-product":
            raise LimitError(f"no single solution: the matrix {to_text(self.written(matrix))} of the equations has rank one",
                             hint="a term such as a multiple of its square norm makes the unknown the only one")
        why = f", so where {fact.condition}" if fact is not None and fact.condition else ""
        return (f"{to_text(self.written(matrix))} is invertible{why}",)

    def inverse_times(self, matrix: Tensor, right: Tensor, solution: Tensor) -> Expr:
        """M^-1 r as a formula: as it stands there, or with what cancels gone where that is shorter."""
        short = self.written(solution)
        if not any(t.head == "matpow" for t in postorder(solution)):
            return short
        plain = e.product([e.matpow(self.written(matrix), -1), self.written(right)])
        spread = short.head == "datasum"  # the inverse stands inside of the sum
        return plain if size(plain) <= size(short) + spread and len(to_text(plain)) <= len(to_text(short)) else short

    def times(self, matrix: Tensor, unknown: Expr) -> Expr:
        """M w as it stands in an equation."""
        form = self.written(matrix)
        if form.head == "identity":
            return unknown
        if form.head == "product" and form.args[-1].head == "identity":
            return e.product([*form.args[:-1], unknown])
        return e.product([form, unknown])
