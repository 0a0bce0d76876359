"""A derivative: its formula, its code, its value and its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Never

from matcalc.core.arguments import (
    check_choice,
    check_flag,
    check_known,
    check_named,
    check_seed,
    check_text,
    check_whole,
)
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.limits import limits, timed_methods
from matcalc.core.style import FORMS, style_of
from matcalc.core.traversal import postorder
from matcalc.expr.naming import Named, abbreviate, varies
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower_parts
from matcalc.pipeline import Block, derivative_tensor, is_vector, matrix_form, names_of_tensors, raiser_of, turns
from matcalc.raising.naming import name_parts

if TYPE_CHECKING:
    from matcalc.check.report import Report
    from matcalc.chunked import Chunked
    from matcalc.convexity.verdict import Curvature
    from matcalc.derivation.steps import Derivation
    from matcalc.directional import Directional
    from matcalc.flattening import Flattened
    from matcalc.structured import Factored

LAYOUTS = ("numerator", "denominator")
METHODS = ("components", "differentials")
"""The ways in which `steps` derives."""


def evaluation() -> ModuleType:
    """The module that evaluates; it brings in NumPy, which deriving does not need."""
    return import_module("matcalc.evaluation")


@timed_methods("numpy", "check", "index", "named_parts", "latex", "named", "to_sympy", "vec", "flat", "unvec",
               "derive", "hessian", "hvp", "jvp", "vjp", "steps", "curvature", "__str__")
@dataclass(frozen=True, repr=False)
class Derivative(Displayed):
    """A derivative in index form and, where it has one, in matrix form.

    Attributes:
        expr: the function, elaborated.
        wrt: what it was differentiated by, once per order: a name, or the names of scalars that form one vector.
        tensor: the result; axes of the output, then those of each `wrt` in turn.
        matrix: its matrix form in the layout, None where it has none.
        variables: every variable by name, with its shape as declared or inferred.
        definitions: the user's names for parts of the function.
        names: the same by index form.
        layout: "numerator" or "denominator".
        structured: "entries", "projection", or None where the entries of a matrix count as independent.
    """

    expr: Expr
    wrt: tuple[Block, ...]
    tensor: Tensor
    matrix: Expr | None
    variables: Mapping[str, Expr]
    definitions: Mapping[str, Expr] = field(default_factory=dict, repr=False)
    names: Mapping[Tensor, str] = field(default_factory=dict, repr=False)
    layout: str = "numerator"
    structured: str | None = None
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def order(self) -> int:
        """How often the function was differentiated."""
        return len(self.wrt)

    @property
    def is_turned(self) -> bool:
        """Whether the matrix form is the transpose of the array: a Jacobian by a vector in denominator layout."""
        return self.layout == "denominator" and turns(self.tensor, self.variables, self.wrt)

    @property
    def title(self) -> str:
        """What it is, in words."""
        by = ", then ".join(block if isinstance(block, str) else f"[{', '.join(block)}]" for block in self.wrt)
        return f"Derivative of {to_text(self.expr)} by {by}"

    @property
    def extra(self) -> tuple[Tensor, ...]:
        """What the code returns before the derivative."""
        return ()

    def space(self, name: str) -> str:
        """The space of a variable with its properties, as a declaration states it."""
        variable = self.variables[check_known(name, self.variables, "a variable of the formula")]
        properties = variable.data[1]
        assert isinstance(properties, tuple)
        return " ".join((str(variable.shape), *properties))

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

    def numpy(self, name: str = "derivative", checks: bool = True, form: str = "dense",
              chunked: bool | str = False, workspace: bool = False, linalg: str = "numpy", target: str = "numpy") -> str:
        """Source of one function of the variables, in the order of first appearance, for NumPy or another target.

        Args:
            name: of the function.
            form: "dense" for the array, "factored" for a tuple of arrays whose products with Kronecker deltas add up
                to it; the docstring of the function says how.
            chunked: True for two functions, `partial` of a block of data and `combine` of what the blocks gave; the name
                of a dimension to cut the arrays that have it.
            workspace: True for a class with buffers for repeated calls, whose sizes are fixed at construction.
            checks: whether it converts its arguments to arrays of floats and compares their shapes. Without, it is
                for callers who pass float64 arrays of the right shapes.
            linalg: "scipy" for products, solves and factorisations by the BLAS and LAPACK routines that SciPy gives,
                and none by NumPy.
            target: the library of its arrays: "numpy", "jax", "torch", or "array-api" for any that follows the standard.

        Raises:
            DeclarationError: where `name` is not an identifier, there is no such form or library, or two choices
                exclude each other.
        """
        style = style_of(name, checks, linalg, target, workspace)
        if (check_choice(form, "form", FORMS) != "dense") + (chunked is not False and chunked is not None) + workspace > 1:
            raise DeclarationError("of `form`, `chunked` and `workspace` one can be chosen",
                                   hint='form="factored", or chunked=True, or workspace=True')
        if chunked is not False and chunked is not None:
            return self.chunked(None if chunked is True else chunked).numpy(linalg, target)
        source: str = import_module("matcalc.source").SOURCES["workspace" if workspace else form](self, style)
        return source

    def __call__(self, /, *unnamed: Never, **values: object) -> object:
        """The value at given arrays by name, with `form="factored"` as `factored` gives it; compiled once."""
        check_named(unnamed, self.array_names)
        if "form" in values and "form" not in self.variables and check_choice(values.pop("form"), "form", FORMS) == "factored":
            return self.factored(**values)
        if "call" not in self.cache:
            self.cache["call"] = partial(evaluation().call_by_name, self._function(), self.array_names)
        return self.cache["call"](values)

    def factored(self, /, **values: object) -> Factored:
        """The value at given arrays as its factors: small arrays and Kronecker deltas, with `dense()` and `@`."""
        if "factored" not in self.cache:
            function = evaluation().compiled(self.numpy("derivative", form="factored"), "derivative")
            self.cache["factored"] = evaluation().factoring(function, self.tensor, self.variables)
        found: Factored = self.cache["factored"](**values)  # type: ignore[assignment]
        return found

    def _function(self) -> Callable[..., object]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "derivative")
        return self.cache["function"]

    def check(self, seed: int = 0) -> Report:
        """Compares code and formula with finite differences of the interpreter at random points."""
        seed = check_seed(seed)
        function = self._function()
        report: Report = evaluation().check(
            self.expr, self.variables, self.wrt, lambda point: function(*(point[n] for n in self.array_names)), seed,
            self.structured, self.matrix, self.is_turned,
        )
        return report

    def index(self) -> str:
        """The result in index notation, free indices i, j, k, ... in the order of the axes."""
        tensor, definitions = self.named_parts()
        clause = ", ".join(f"{name} = {to_text(value)}" for name, value in definitions)
        text = to_index(tensor, {name: n for n, name in enumerate(self.variables)})
        return f"{text} where {clause}" if clause else text

    def named_parts(self) -> tuple[Tensor, list[tuple[str, Expr]]]:
        """The result in index form with names for its matrix-valued parts, and what they stand for."""
        raiser = raiser_of(self.expr, self.variables)
        return name_parts(self.tensor, raiser.form, self.names.get, self._taken())

    def latex(self, equation: bool = False) -> str:
        r"""LaTeX of the closed form, or of index notation where there is none, for math mode.

        Args:
            equation: whether the left-hand side and the space of the result are written too.

        Example:
            >>> from matcalc.api import derive
            >>> print(derive("x^T A x", wrt="x").latex())
            x^{\top} (A + A^{\top})
        """
        text: str = import_module("matcalc.typeset").latex(self, check_flag(equation, "equation"))
        return text

    def _taken(self) -> set[str]:
        """The names that occur: of variables, sizes, data indices and definitions."""
        taken = {*self.variables, *self.names.values()}
        for node in postorder(self.expr):
            taken.update(name for dim in node.shape.dims for name in dim.names)
            taken.update(str(d) for d in node.data if node.head == "datasum")
        return taken

    def named(self) -> Named:
        """The matrix form with short names for what repeats, the user's own where they stand for it.

        Raises:
            ShapeError: where there is no matrix form.
        """
        if self.matrix is None:
            raise ShapeError("the result has no matrix form", hint="index() has its entries")
        return self.abbreviated(self.matrix)

    def abbreviated(self, form: Expr) -> Named:
        """A form in the variables with short names for what repeats."""
        parts = lower_parts(form) if self.names else {}
        known = {e: self.names[t] for e, t in parts.items() if t in self.names}
        inside = {value: name for name, value in self.definitions.items() if varies(value)}
        return abbreviate(form, {**inside, **known}, self._taken())

    def to_sympy(self) -> object:
        """The matrix form in SymPy; a scalar with real symbols, an array as a matrix expression.

        Raises:
            ShapeError: where there is no matrix form.
            UnknownFunctionError: for a part that SymPy cannot hold.
        """
        if self.matrix is None:
            raise ShapeError("the result has no matrix form, and SymPy holds no tensor of its kind", hint="index() has its entries")
        value: object = import_module("matcalc.interop.sympy").to_sympy(self.matrix)
        return value

    def vec(self, order: str = "columns") -> str:
        """The Jacobian of the stacked output by the stacked variable, with Kronecker products.

        Args:
            order: "columns" or "rows", the way in which matrices are stacked.

        Raises:
            DeclarationError: for another order.
            ShapeError: for a family of matrices.

        Example:
            >>> from matcalc.api import derive
            >>> derive("A X B", wrt="X").vec()
            'kron(B^T, A)'
        """
        return str(self.flat(order))

    def flat(self, order: str = "columns") -> Flattened:
        """The derivative as a matrix of stacked outputs by stacked variables: its formula, code and value.

        Args:
            order: "columns" or "rows", the way in which matrices are stacked.

        Raises:
            DeclarationError: for another order.
            ShapeError: for a family of matrices.
        """
        found: Flattened = import_module("matcalc.flattening").flat_of(self, order)
        return found

    def unvec(self, flat: object, order: str = "columns", sizes: Mapping[str, int] | None = None) -> object:
        """The array of this derivative, output axes first, from its flattened form.

        Args:
            flat: an array as `flat(order)` gives it.
            order: "columns" or "rows", the way in which matrices are stacked.
            sizes: the dimensions that the shape of the array does not tell, by name.

        Raises:
            DeclarationError: for another order, or where a size is not known.
            ShapeError: where the array does not have the shape of the flattened form.
        """
        return self.flat(order).unflatten(flat, sizes)

    def derive(self, wrt: str) -> Derivative:
        """The derivative of this derivative by a variable; its axes come last."""
        by = check_text(wrt, "wrt", "the name of a variable", "x").strip()
        check_whole(self.order + 1, "order", "the order of a derivative", 1, limits().order)
        return derive_expr(self.expr, self.variables, [*self.wrt, by], self.definitions, self.layout, self.structured)

    def hessian(self) -> Derivative:
        """The Hessian of the function by the variable of this derivative, in a form that reads symmetric.

        Raises:
            ShapeError: where the function is no scalar.
        """
        found: Derivative = import_module("matcalc.second_order").hessian_of(
            self.expr, self.variables, self.wrt[0], self.definitions, self.structured)
        return found

    def chunked(self, over: str | None = None) -> Chunked:
        """The derivative from blocks of data, cut along the dimension `over`, or along that of the families."""
        found: Chunked = import_module("matcalc.chunked").chunked_of(self, over)
        return found

    def hvp(self, direction: str | None = None) -> Directional:
        """The Hessian of a scalar function times a direction, `v` where that name is free, without the Hessian."""
        return self._along("hvp", direction)

    def jvp(self, direction: str | None = None) -> Directional:
        """The Jacobian of the function times a direction of the variable, without the Jacobian."""
        return self._along("jvp", direction)

    def vjp(self, direction: str | None = None) -> Directional:
        """A direction of the output times the Jacobian of the function, without the Jacobian."""
        return self._along("vjp", direction)

    def _along(self, kind: str, direction: str | None) -> Directional:
        found: Directional = import_module("matcalc.directional").directional(
            kind, self.expr, self.variables, self.wrt[0], self.definitions, direction)
        return found

    def steps(self, method: str | None = None) -> Derivation:
        """The work that leads to the result: a list of steps, each with rule, formula, source, before and after.

        Args:
            method: "components" with Kronecker deltas, "differentials" for a scalar by one vector or matrix, or None
                for what a lecturer would choose.

        Raises:
            DeclarationError: for a method that there is not, or that does not apply.

        Example:
            >>> from matcalc.api import derive
            >>> [step.title for step in derive("A x", wrt="x").steps()][-2:]
            ['Read off the shape', 'Return to matrix form']
        """
        found: Derivation = import_module("matcalc.derivation.routes").derivation(self, method)
        return found

    def curvature(self) -> Curvature:
        """How the function bends in the variable of this derivative.

        Raises:
            ShapeError: where the function is no scalar.
        """
        found: Curvature = import_module("matcalc.convexity.verdict").curvature_of(
            self.expr, self.variables, self.wrt[0], self.definitions)
        return found

    def __str__(self) -> str:
        return str(self.named()) if self.matrix is not None else f"{self.index()}  (index notation)"


def derive_expr(
    expr: Expr,
    variables: Mapping[str, Expr],
    wrt: Sequence[Block],
    definitions: Mapping[str, Expr] | None = None,
    layout: str = "numerator",
    structured: str | None = None,
) -> Derivative:
    """The derivative of an elaborated expression.

    Args:
        expr: the function.
        variables: all variables by name, in the order of first appearance.
        wrt: what to differentiate by, once per order.
        definitions: the user's names for parts of the function.
        layout: "numerator", or "denominator" for the transpose of what has at most two axes by a vector.
        structured: "entries" or "projection" for a matrix that is declared symmetric, skew or diagonal.

    Raises:
        DeclarationError: for a name that is no variable, a list of names that are not scalars, a layout or a structure
            that there is not.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    check_choice(layout, "layout", LAYOUTS)
    tensor = derivative_tensor(expr, variables, wrt, structured)
    as_row = tensor.rank == 1 and expr.shape.is_scalar and is_vector(variables, wrt[-1])
    turned = layout == "denominator" and turns(tensor, variables, wrt)
    matrix = matrix_form(tensor, expr, variables, as_row != turned)
    named = names_of_tensors(definitions or {})
    return Derivative(expr, tuple(wrt), tensor, matrix, dict(variables), dict(definitions or {}), named, layout, structured)
