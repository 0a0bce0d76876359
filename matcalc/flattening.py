"""The flattened view of a derivative: the Jacobian of the stacked output by the stacked variable, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Never

from matcalc.core.arguments import check_named
from matcalc.core.display import Displayed
from matcalc.core.errors import LimitError
from matcalc.core.style import style_of
from matcalc.derivative import Derivative, evaluation
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.text import to_index
from matcalc.pipeline import flattened, matrix_form, ranks
from matcalc.simplify.expand import expand


@dataclass(frozen=True, repr=False)
class Flattened(Displayed):
    """A derivative as a matrix; in denominator layout, of a first derivative, its transpose.

    Attributes:
        derivative: what is flattened.
        order: "columns" or "rows", the way in which matrices are stacked.
        groups: the number of axes of the output and of each variable.
        is_turned: whether it is transposed.
        tensor: the flattened form in index form.
        matrix: its matrix form, None where it has none.
    """

    derivative: Derivative
    order: str
    groups: tuple[int, ...]
    is_turned: bool
    tensor: Tensor
    matrix: Expr | None
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        if self.matrix is not None:
            return str(self.derivative.abbreviated(self.matrix))
        return f"{to_index(self.tensor)}  (index notation)"

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions of the array."""
        return tuple(str(d) for d in self.tensor.axes)

    def latex(self, equation: bool = False) -> str:
        r"""LaTeX of the closed form, or of index notation where there is none, for math mode.

        Args:
            equation: whether the left-hand side and the space of the result are written too.

        Example:
            >>> from matcalc.api import derive
            >>> print(derive("A X^T B", wrt="X").flat().latex())
            (B^{\top} \otimes A) \mathbf{K}_{p, n}
        """
        text: str = import_module("matcalc.typeset").flat_latex(self, equation)
        return text

    def numpy(self, name: str = "jacobian", linalg: str = "numpy", target: str = "numpy") -> str:
        """Source of one function of the variables that returns the flattened array.

        Raises:
            DeclarationError: where `name` is not an identifier, or there is no such library for linear algebra.
        """
        source: str = import_module("matcalc.source").flat_source(self, style_of(name, True, linalg, target))
        return source

    def __call__(self, /, *unnamed: Never, **values: object) -> object:
        """The flattened array at given arrays, by the names of the variables; compiled once."""
        check_named(unnamed, self.derivative.array_names)
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "jacobian")
        return evaluation().call_by_name(self.cache["function"], self.derivative.array_names, values)

    def unflatten(self, flat: object, sizes: Mapping[str, int] | None = None) -> object:
        """The array of the derivative, output axes first, from a flattened one.

        Args:
            flat: an array of the shape of this form.
            sizes: the dimensions that the shape of the array does not tell, by name.

        Raises:
            DeclarationError: where a size is not known, or is no whole number.
            ShapeError: where the array does not have the shape of the flattened form.
        """
        axes = self.derivative.tensor.axes
        return evaluation().unflattened(flat, self.tensor.axes, axes, self.groups, self.order, self.is_turned, sizes)


def flat_of(d: Derivative, order: str) -> Flattened:
    """The flattened view of a derivative.

    Args:
        d: the derivative.
        order: "columns" or "rows", the way in which matrices are stacked.

    Raises:
        DeclarationError: for another order.
        ShapeError: for a family of matrices.
    """
    groups = tuple(ranks(d.expr, d.variables, d.wrt))
    is_turned = d.layout == "denominator" and len(d.wrt) == 1 and groups[1] > 0
    as_row = not groups[0] and groups[-1] > 0 and not is_turned

    def form_of(tensor: Tensor) -> tuple[Tensor, Expr | None]:
        flat = flattened(tensor, groups, order)
        flat = b.permute(flat, (1, 0)) if is_turned and flat.rank == 2 else flat
        return flat, matrix_form(flat, d.expr, d.variables, as_row and flat.rank == 1)

    flat, form = form_of(d.tensor)
    if form is None:
        try:
            _, form = form_of(expand(d.tensor))
        except LimitError:
            form = None
    return Flattened(d, order, groups, is_turned, flat, form)
