"""Taylor polynomials: linearisation, the second order with the Hessian, and beyond, as formulas and as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Never

from matcalc.api import block_of, gathered_names
from matcalc.core.arguments import check_known, check_named, check_whole
from matcalc.core.display import Displayed
from matcalc.core.limits import limits, timed
from matcalc.core.style import style_of
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative, derive_expr, evaluation
from matcalc.expr import build as e
from matcalc.expr.naming import Named, abbreviate
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import ONE, Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower
from matcalc.pipeline import Block, check_wrt, tensor_of
from matcalc.reading import Formula, Functions, Wrt, names_of, read_program
from matcalc.series.points import Place, Point, points_of
from matcalc.series.steps import with_step
from matcalc.series.terms import Setting, by_array, by_scalars, check_point, is_zero, moved, setting_of
from matcalc.syntax.elaborate import variables_of

if TYPE_CHECKING:
    from matcalc.check.remainder import Remainder


@dataclass(frozen=True)
class Term:
    """All of one degree in a Taylor polynomial.

    Attributes:
        degree: how often x - x0 stands in it.
        tensor: the index form.
        expr: the matrix form, None where it has none.
        over_steps: the matrix form with variables in the place of x - x0.
    """

    degree: int
    tensor: Tensor
    expr: Expr | None
    over_steps: Expr | None = None

    def __str__(self) -> str:
        return f"{to_index(self.tensor)}  (index notation)" if self.expr is None else str(Named(self.expr))


@dataclass(frozen=True, repr=False)
class Taylor(Displayed):
    """A Taylor polynomial of a formula.

    Attributes:
        expr: the function, elaborated.
        wrt: the variable, or the scalars that form one vector.
        points: the point of each variable.
        degree: of the polynomial.
        terms: what stands in it of each degree from 0 on.
        variables: the variables of the expansion, those of the points, and all others of the function, by name.
        definitions: the user's names for parts of the function.
        steps: the variables in the place of x - x0, by the name of x.
    """

    expr: Expr
    wrt: Block
    points: tuple[Point, ...]
    degree: int
    terms: tuple[Term, ...]
    variables: Mapping[str, Expr]
    definitions: Mapping[str, Expr] = field(default_factory=dict, repr=False)
    steps: Mapping[str, Expr] = field(default_factory=dict, repr=False)
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def matrix(self) -> Expr | None:
        """The polynomial in matrix form, None where one of its terms has none."""
        return None if any(term.expr is None for term in self.terms) else self._sum([term.expr for term in self.terms])

    def _sum(self, forms: Sequence[Expr | None]) -> Expr:
        shown = [form for form in forms if form is not None and not is_zero(form)]
        return e.add(shown) if shown else e.zeros(self.expr.shape)

    @cached_property
    def tensor(self) -> Tensor:
        """The polynomial in index form."""
        if self.matrix is not None:
            return tensor_of(self.matrix)
        return b.lin([(ONE, term.tensor) for term in self.terms], self.terms[0].tensor.axes)

    @cached_property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The derivatives of order 1 to the degree, in the variable itself."""
        own = variables_of(self.expr)
        return tuple(derive_expr(self.expr, own, [self.wrt] * k, self.definitions) for k in range(1, self.degree + 1))

    @property
    def shapes(self) -> dict[str, str]:
        """The space of every variable, as declared or inferred."""
        return {n: str(v.shape) for n, v in self.variables.items()}

    def space(self, name: str) -> str:
        """The space of a variable with its properties, as a declaration states it."""
        variable = self.variables[check_known(name, self.variables, "a variable of the expansion")]
        properties = variable.data[1]
        assert isinstance(properties, tuple)
        return " ".join((str(variable.shape), *properties))

    def named(self) -> Named:
        """The matrix form with short names for what repeats: the user's definitions, fresh ones, and the step."""
        moving = {p.name for p in self.points}
        names = {v: n for n, v in self.definitions.items() if not moving & set(variables_of(v))}
        total = self._sum([term.over_steps for term in self.terms])
        named = abbreviate(total, names, {*self._taken(), *(step.name for step in self.steps.values())})
        for point in self.points:
            if not point.is_zero:
                named = with_step(named, self.steps[point.name], point.step)
        return named

    def _taken(self) -> set[str]:
        taken = set(self.variables)
        for node in postorder(self.expr):
            taken.update(name for dim in node.shape.dims for name in dim.names)
            taken.update(str(d) for d in node.data if node.head == "datasum")
        return taken

    def __str__(self) -> str:
        return f"{to_index(self.tensor)}  (index notation)" if self.matrix is None else str(self.named())

    def latex(self) -> str:
        """LaTeX of the polynomial, for math mode."""
        text: str = import_module("matcalc.typeset").formula(None if self.matrix is None else self.named(), self.tensor)
        return text

    def numpy(self, name: str = "polynomial", target: str = "numpy") -> str:
        """Source of one function of the variables: those of the expansion, of the points, then all others.

        Raises:
            DeclarationError: where `name` is not an identifier.
        """
        lines = [f"Taylor polynomial of degree {self.degree}.", "", f"Formula: {self}"]
        source: str = import_module("matcalc.source").formula_source(self.tensor, self.variables, style_of(name, target=target), lines)
        return source

    def __call__(self, /, *unnamed: Never, **values: object) -> object:
        """The value at given arrays, by the names of the variables; compiled once."""
        check_named(unnamed, tuple(self.variables))
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "polynomial")
        return evaluation().call_by_name(self.cache["function"], tuple(self.variables), values)

    def check(self, seed: int = 0) -> Remainder:
        """How fast the remainder falls as the variable comes to the point, by the interpreter; the code has the same value."""
        names = {p.name: p.value for p in self.points}
        found: Remainder = import_module("matcalc.check.remainder").check_remainder(
            self.expr, self.matrix, names, self.variables, self.degree, lambda point: self(**point), seed)
        return found


@timed
def taylor(
    formula: Formula,
    wrt: Wrt,
    at: Place | Sequence[Place] = "x0",
    degree: int = 1,
    declare: Mapping[str, str] | None = None,
    functions: Functions | None = None,
) -> Taylor:
    """The Taylor polynomial of a formula by a variable, or by scalars that form one vector.

    The term of degree k is D^k f(x0) contracted k times with x - x0, over k!.
    Source: Deisenroth, Faisal and Ong, Mathematics for Machine Learning (2020), section 5.8.

    Args:
        formula: the function, of any shape, in text or of SymPy.
        wrt: a variable of any shape, or a list of scalars.
        at: the point: a new name, a number for all entries, or a formula; for a list of variables a list of such.
        degree: 0 for the value at the point, 1 for the linearisation, at most 6.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        functions: elementwise functions beside those of the `where` clause, each a SymPy `Lambda`.

    Raises:
        MatcalcError: for what is not understood, a point without derivative, a degree beyond the limit.

    Example:
        >>> print(taylor("log(sum(exp(x)))", wrt="x", at="x0", degree=1))
        log(sum(exp(x0))) + softmax(x0)^T (x - x0)
        >>> print(taylor("sin(x) + cos(x)", wrt="x", at=0, degree=4, declare={"x": "R"}))
        1 + x - x^2/2 - x^3/6 + x^4/24
    """
    degree = check_whole(degree, "degree", "the degree of a Taylor polynomial", 0, limits().order)
    wrt = names_of(wrt)
    program = read_program(formula, declare, gathered_names(wrt), functions)
    block = block_of(program, wrt)
    points = tuple(points_of(check_wrt(program.variables, [block]), program.variables, at))
    setting = setting_of(program.expr, program.variables, points)
    if degree:
        check_point(setting)
    terms = tuple(_terms(setting, degree))
    return Taylor(program.expr, block, points, degree, terms, _ordered(setting), program.definitions, setting.step)


def _ordered(setting: Setting) -> dict[str, Expr]:
    """The variables of the expansion, those of the points, then all others."""
    first = {p.name: p.variable for p in setting.points}
    for point in setting.points:
        first |= {n: v for n, v in variables_of(point.value).items() if n not in first}
    return first | {n: v for n, v in setting.variables.items() if n not in first}


def _terms(setting: Setting, degree: int) -> list[Term]:
    """The terms, over steps and with x - x0 in their place."""
    steps = {setting.step[p.name].name: p.step for p in setting.points}
    origin = {setting.step[p.name].name: p.variable for p in setting.points if p.is_zero}
    if all(p.variable.shape.is_scalar and p.variable.head == "var" for p in setting.points):
        sums = [by_scalars(setting, k) for k in range(degree + 1)]
        pairs: list[tuple[Tensor | None, Expr | None]] = [(None, e.add(s) if s else e.zeros(setting.expr.shape)) for s in sums]
    else:
        pairs = list(by_array(setting, degree))
    terms: list[Term] = []
    for k, (tensor, form) in enumerate(pairs):
        if form is not None:
            expr = moved(form, steps)
            terms.append(Term(k, lower(expr), expr, moved(form, origin)))
            continue
        assert tensor is not None
        (point,) = setting.points
        tensor = substitute(tensor, lower(point.variable), lower(point.value))
        terms.append(Term(k, substitute(tensor, lower(setting.step[point.name]), lower(point.step)), None))
    return terms
