"""The one place that knows the order of passes: elaborate, lower, differentiate, factor, raise, print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from keyword import iskeyword
from types import ModuleType
from typing import TYPE_CHECKING

from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError
from matcalc.core.traversal import fold, postorder
from matcalc.diff.differentiate import differentiate, gather
from matcalc.expr.naming import Named, abbreviate
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower
from matcalc.raising.driver import Raiser
from matcalc.raising.graph import NoMatrixForm
from matcalc.raising.naming import name_parts
from matcalc.raising.view import Setting
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

if TYPE_CHECKING:
    from matcalc.check.report import Report


def evaluation() -> ModuleType:
    """The module that evaluates; it brings in NumPy, which deriving does not need."""
    return import_module("matcalc.evaluation")


Block = str | tuple[str, ...]
"""A variable, or scalars that form one vector."""


@dataclass(frozen=True)
class Derivative:
    """A derivative in index form and, where it has one, in matrix form.

    Attributes:
        expr: the function, elaborated.
        wrt: what it was differentiated by, once per order: a name, or the names of scalars that form one vector.
        tensor: the result; axes of the output, then those of each `wrt` in turn.
        matrix: its matrix form in numerator layout, None where it has none.
        variables: every variable by name, with its shape as declared or inferred.
        names: what the user's definitions stand for, and their names.
    """

    expr: Expr
    wrt: tuple[Block, ...]
    tensor: Tensor
    matrix: Expr | None
    variables: Mapping[str, Expr]
    names: Mapping[Tensor, str] = field(default_factory=dict, repr=False)
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def order(self) -> int:
        """How often the function was differentiated."""
        return len(self.wrt)

    def space(self, name: str) -> str:
        """The space of a variable with its properties, as a declaration states it."""
        variable = self.variables[name]
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

    def numpy(self, name: str = "derivative") -> str:
        """NumPy source of one function of the variables, in the order of first appearance.

        Raises:
            DeclarationError: where `name` is not an identifier.
        """
        if not name.isidentifier() or not name.isascii() or iskeyword(name):
            raise DeclarationError(f"{name!r} is not a name for a function")
        source: str = import_module("matcalc.source").numpy_source(self, name)
        return source

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
            self.expr, self.variables, self.wrt, lambda point: function(*(point[n] for n in self.array_names)), seed,
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
        return name_parts(self.tensor, self._raised, self.names.get, self._taken())

    def latex(self, equation: bool = False) -> str:
        r"""LaTeX of the closed form, or of index notation where there is none, for math mode.

        Args:
            equation: whether the left-hand side and the space of the result are written too.

        Example:
            >>> from matcalc.api import derive
            >>> print(derive("x^T A x", wrt="x").latex())
            x^{\top} (A + A^{\top})
        """
        text: str = import_module("matcalc.typeset").latex(self, equation)
        return text

    def _raised(self, part: Tensor) -> Expr | None:
        return _matrix_form(part, self.expr, self.variables, as_row=False)

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
            NoMatrixForm: where there is none.
        """
        if self.matrix is None:
            raise NoMatrixForm
        return abbreviate(self.matrix, lambda part: self.names.get(recognise(lower(part))), self._taken())

    def __str__(self) -> str:
        return str(self.named()) if self.matrix is not None else f"{self.index()}  (index notation)"


def derive_expr(
    expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block], definitions: Mapping[str, Expr] | None = None
) -> Derivative:
    """The derivative of an elaborated expression.

    Args:
        expr: the function.
        variables: all variables by name, in the order of first appearance.
        wrt: what to differentiate by, once per order.
        definitions: the user's names for parts of the function.

    Raises:
        DeclarationError: for a name that is no variable, or a list of names that are not scalars.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    names = check_wrt(variables, wrt)
    plain = {name: _without_properties(variables[name]) for name in names}
    tensor = recognise(lower(_hidden(expr, set(names))))
    for block in wrt:
        tensor = recognise(_derivative(tensor, block, plain))
    for name, new in plain.items():
        tensor = _with_properties(tensor, lower(new), lower(variables[name]))
    tensor = factor(tensor)
    matrix = _raised(tensor, expr, variables, wrt)
    named = {recognise(lower(value)): name for name, value in (definitions or {}).items()}
    return Derivative(expr, tuple(wrt), tensor, matrix, dict(variables), named)


def check_wrt(variables: Mapping[str, Expr], wrt: Sequence[Block]) -> list[str]:
    """The names in `wrt`, each once.

    Raises:
        DeclarationError: for a name that is no variable, or a list of names that are not scalars.
    """
    if not wrt:
        raise DeclarationError("the order of a derivative is at least 1")
    names: list[str] = []
    for block in wrt:
        if not block:
            raise DeclarationError("there is no variable to differentiate by")
        for name in (block,) if isinstance(block, str) else block:
            if name not in variables:
                known = ", ".join(variables) or "nothing, it is constant"
                raise DeclarationError(f"`{name}` does not occur in the expression", hint=f"it depends on {known}")
            shape = variables[name].shape
            if not isinstance(block, str) and not shape.is_scalar:
                raise DeclarationError(f"a list of variables holds scalars, and `{name}` is {shape.describe()}")
            names.append(name)
        if not isinstance(block, str) and len(set(block)) < len(block):
            raise DeclarationError(f"a variable stands twice in {', '.join(block)}")
    return list(dict.fromkeys(names))


def _derivative(tensor: Tensor, block: Block, plain: Mapping[str, Expr]) -> Tensor:
    if isinstance(block, str):
        return differentiate(tensor, lower(plain[block]))
    return gather([differentiate(tensor, lower(plain[name])) for name in block])


def _raised(tensor: Tensor, expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block]) -> Expr | None:
    gathered = not isinstance(wrt[0], str) or variables[wrt[0]].shape.kind == "vector"
    as_row = tensor.rank == 1 and expr.shape.is_scalar and gathered
    return _matrix_form(tensor, expr, variables, as_row)


def _matrix_form(tensor: Tensor, expr: Expr, variables: Mapping[str, Expr], as_row: bool) -> Expr | None:
    indices: dict[Dim, str] = {}
    for node in postorder(expr):
        if node.head == "datasum" and isinstance(node.data[1], Dim):
            indices.setdefault(node.data[1], str(node.data[0]))
    raiser = Raiser({name: n for n, name in enumerate(variables)}, Setting(indices, factor, set(postorder(expr))))
    try:
        return raiser.to_matrix(tensor, as_row=as_row)
    except NoMatrixForm:
        return None


def _without_properties(variable: Expr) -> Expr:
    """The variable with its declared properties hidden: they are not used before differentiating."""
    return Expr.make(variable.head, (), (variable.data[0], (), *variable.data[2:]), variable.shape)


def _hidden(expr: Expr, names: set[str]) -> Expr:
    """The expression with the declared properties of some variables hidden."""

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.head in ("var", "item") and node.name in names:
            return _without_properties(node)
        return node.with_args(args) if args else node

    return fold(expr, visit)


def _with_properties(tensor: Tensor, plain: Tensor, declared: Tensor) -> Tensor:
    """The tensor with the declared properties of the variable in force again."""
    return tensor if plain is declared else substitute(tensor, plain, declared)
