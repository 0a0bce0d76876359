"""Results in index notation and in the matrix language, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Never

from matcalc.core.arguments import check_known, check_named
from matcalc.core.dims import Dim
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.style import style_of
from matcalc.core.traversal import postorder
from matcalc.derivative import evaluation
from matcalc.expr import build as e
from matcalc.expr.components import Array, Components, Slot
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import index_names, subscript
from matcalc.ir.text import to_index as write
from matcalc.lowering.lower import lower
from matcalc.pipeline import matrix_form, names_of_tensors
from matcalc.raising.naming import name_parts
from matcalc.syntax.index_elaborate import elaborate_index

if TYPE_CHECKING:
    from matcalc.check.report import Report

ZERO = e.number(0)


@dataclass(frozen=True)
class Definition:
    """A name for a part of a result: entries with their indices, or an expression of the matrix language."""

    name: str
    indices: tuple[str, ...]
    value: Tensor | Expr


@dataclass(frozen=True, repr=False)
class Formula(Displayed):
    """A value in index form: what results in both notations share.

    Attributes:
        tensor: the value.
        arrays: every variable by name, with its axes as declared or inferred.
        source: the formula that it came from, in index notation or as an expression.
        wrt: the components that it was differentiated by.
    """

    tensor: Tensor
    arrays: Mapping[str, Array]
    source: Components | Expr
    wrt: tuple[tuple[str, tuple[Slot, ...]], ...] = ()
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions of the array of the value."""
        return tuple(str(d) for d in self.tensor.axes)

    @property
    def shapes(self) -> dict[str, str]:
        """The space of every variable, as declared or inferred."""
        return {n: a.space for n, a in self.arrays.items()}

    def space(self, name: str) -> str:
        """The space of a variable with its properties, as a declaration states it."""
        array = self.arrays[check_known(name, self.arrays, "an array of the formula")]
        return " ".join((array.space, *array.properties))

    @property
    def array_names(self) -> tuple[str, ...]:
        """The parameters of the emitted function: the variables in the order of first appearance."""
        return tuple(self.arrays)

    def numpy(self, name: str = "value", target: str = "numpy") -> str:
        """Source of one function of the variables, in the order of first appearance.

        Raises:
            DeclarationError: where `name` is not an identifier, or a size cannot be read off the arrays.
        """
        source: str = import_module("matcalc.source").component_source(
            self.tensor, self.arrays, self._heading(), style_of(name, target=target))
        return source

    def _heading(self) -> list[str]:
        """The first lines of the docstring of the emitted function."""
        text = self.source.text if isinstance(self.source, Components) else to_text(self.source)
        by = ", then ".join(written(n, s) for n, s in self.wrt)
        return [f"Derivative of {text} by {by}." if by else f"The value of {text}.", "", f"Formula: {self}"]

    def __call__(self, /, *unnamed: Never, **values: object) -> object:
        """The value at given arrays, by the names of the variables; compiled once."""
        check_named(unnamed, self.array_names)
        return evaluation().call_by_name(self._function(), self.array_names, values)

    def _checked(self, printed: Components | Expr, indices: Sequence[str], seed: int) -> Report:
        """The report; without code where a size cannot be read off the arrays."""
        lengths = self.tensor.axes
        try:
            function = self._function()
        except DeclarationError:
            function = None
        report: Report = import_module("matcalc.check.component_report").check_formula(
            self.source, printed, (indices, lengths), function, self.arrays, seed)
        return report

    def _function(self) -> Callable[..., object]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "value")
        return self.cache["function"]


@dataclass(frozen=True, repr=False)
class IndexFormula(Formula):
    """A value in index notation: its entry at given indices.

    Attributes:
        indices: the names of the axes of the array, in order.
        letters: names that bound indices take first, those of the text.
        definitions: names for parts, in the order in which they are printed.
    """

    indices: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()

    def __str__(self) -> str:
        clause = ", ".join((*map(self._definition, self.definitions), *(f"{n} in N" for n in self._lone_sizes())))
        return f"{self._entry(self.tensor, self.indices)} where {clause}" if clause else self._entry(self.tensor, self.indices)

    def _lone_sizes(self) -> list[str]:
        """Sizes that stand as numbers and that no array has."""
        known = {n for a in self.arrays.values() for d in a.axes for n in d.names}
        parts = postorder(self.tensor)
        dims = [d for t in parts for d in (t.axes[2:] if t.head == "fuse" else t.data) if isinstance(d, Dim)]
        return sorted({n for d in dims for n in d.names} - known)

    def _definition(self, definition: Definition) -> str:
        if isinstance(definition.value, Expr):
            return f"{definition.name} = {to_text(definition.value)}"
        below = f"_{subscript(definition.indices)}" if definition.indices else ""
        return f"{definition.name}{below} = {self._entry(definition.value, definition.indices)}"

    def _entry(self, tensor: Tensor, names: Sequence[str]) -> str:
        return write(tensor, {n: k for k, n in enumerate(self.arrays)}, names, self.arrays, self.letters)

    @property
    def text(self) -> str:
        """The same as `str`."""
        return str(self)

    def latex(self) -> str:
        r"""LaTeX of the entry, for math mode.

        Example:
            >>> from matcalc.api import derive
            >>> print(derive("sum_j A_ij v_j", "A_kl", notation="index").latex())
            \delta_{ik} v_{l}
        """
        text: str = import_module("matcalc.typeset").index_latex(self)
        return text

    def to_index(self) -> IndexFormula:
        """This formula."""
        return self

    def to_matrix(self) -> MatrixFormula:
        """The same value in the matrix language; the derivative of a scalar by a vector as a row.

        Raises:
            ShapeError: where there is no matrix form.

        Example:
            >>> from matcalc.api import derive
            >>> print(derive("sum_{j,k} x_j A_jk x_k", "x_i", notation="index").to_matrix())
            x^T (A + A^T)
        """
        full = self.written_out()
        large = next((a for a in self.arrays.values() if len(a.axes) - a.family > 2), None)
        if large is not None and any(t.head == "var" and t.data[0] == large.name for t in postorder(full)):
            raise ShapeError(f"`{large.name}` has {len(large.axes)} axes: there is no matrix form",
                             hint="the index form and the code have no such limit")
        as_row = bool(self.wrt) and full.rank == 1 and isinstance(self.source, Components) and not self.source.free
        form = raised(full, self.arrays, as_row)
        if form is None:
            what = f"the result has {full.rank} axes" if full.rank > 2 else "the result has no matrix form"
            raise ShapeError(f"{what}: there is no matrix form" if full.rank > 2 else what, hint="its entries stand in index notation")
        return MatrixFormula(full, self.arrays, self.source, self.wrt, expr=form)

    def written_out(self) -> Tensor:
        """The value with its definitions in place of their names."""
        tensor = self.tensor
        for definition in reversed(self.definitions):
            value = definition.value if isinstance(definition.value, Tensor) else lower(definition.value)
            tensor = substitute(tensor, b.var(definition.name, value.axes), value)
        return tensor

    def numpy(self, name: str = "value", target: str = "numpy") -> str:
        """Source of one function of the variables; the axes of its array are the free indices in order.

        Raises:
            DeclarationError: where `name` is not an identifier, or a size cannot be read off the arrays.
        """
        return replace(self, tensor=self.written_out())._source(name, target) if self.definitions else self._source(name, target)

    def _source(self, name: str, target: str) -> str:
        return super().numpy(name, target)

    def check(self, seed: int = 0) -> Report:
        """Compares code and printed text with the formula, differentiated numerically, at random points."""
        printed = elaborate_index(str(self), {n: self.space(n) for n in self.arrays})
        return self._checked(printed, self.indices, seed)


@dataclass(frozen=True, repr=False)
class MatrixFormula(Formula):
    """A value in the matrix language.

    Attributes:
        expr: the expression.
    """

    expr: Expr = ZERO

    def __str__(self) -> str:
        return to_text(self.expr)

    def latex(self) -> str:
        """LaTeX of the expression, for math mode."""
        text: str = import_module("matcalc.emit.latex").to_latex(self.expr)
        return text

    def index(self) -> str:
        """The entry in index notation, free indices i, j, k, ... in the order of the axes."""
        return str(self.to_index())

    def to_matrix(self) -> MatrixFormula:
        """This formula."""
        return self

    def to_index(self) -> IndexFormula:
        """The same value in index notation, with names for parts that are matrix functions or hold sums."""
        return indexed(self.tensor, self.expr, self.arrays, {})

    def check(self, seed: int = 0) -> Report:
        """Compares code and expression with the formula that they came from, at random points."""
        return self._checked(self.expr, (), seed)


def indexed(tensor: Tensor, expr: Expr, arrays: Mapping[str, Array], definitions: Mapping[str, Expr]) -> IndexFormula:
    """A value of the matrix language in index notation, with names for parts that are matrix functions or hold sums.

    Args:
        tensor: the value.
        expr: the expression that it came from.
        arrays: the variables.
        definitions: the user's names for parts.
    """
    taken = {*arrays, *(n for t in postorder(tensor) for d in t.axes for n in d.names)}
    named, parts = name_parts(tensor, lambda t: raised(t, arrays), names_of_tensors(definitions).get, taken)
    names = index_names(taken | {name for name, _ in parts})
    return IndexFormula(named, arrays, expr, indices=tuple(next(names) for _ in tensor.axes),
                        definitions=tuple(Definition(name, (), value) for name, value in parts))


def raised(tensor: Tensor, arrays: Mapping[str, Array], as_row: bool = False) -> Expr | None:
    """The matrix form of a tensor, None where it has none."""
    if tensor.rank > 2:
        return None
    form = matrix_form(tensor, ZERO, {name: ZERO for name in arrays}, as_row)
    sized = form is not None and all(d.is_nonnegative for part in postorder(form) for d in part.shape.dims)
    return form if sized else None


def arrays_of(variables: Mapping[str, Expr]) -> dict[str, Array]:
    """The variables of the matrix language as arrays."""
    found: dict[str, Array] = {}
    for name, v in variables.items():
        properties = v.data[1]
        assert isinstance(properties, tuple)
        lead = (v.data[3],) if v.head == "item" else ()
        found[name] = Array(name, (*lead, *v.shape.dims), properties, v.head == "item")
    return found


def written(name: str, slots: Sequence[Slot]) -> str:
    """A component as text."""
    below = subscript([str(s) for s in slots])
    return f"{name}_{below}" if slots else name


