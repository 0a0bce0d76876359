"""Laws that hold between derivatives, whatever the formula: no reference is needed for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from matcalc.api import parse
from matcalc.check.evaluate import Array
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import matrix
from matcalc.core.errors import DeclarationError, NotDifferentiableError
from matcalc.core.traversal import fold
from matcalc.derivative import Derivative, derive_expr
from matcalc.diff.differentiate import differentiate, gather
from matcalc.emit.latex import to_latex
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.substitute import rebuild
from matcalc.lowering.lower import lower
from matcalc.pipeline import hidden, ranks, without_properties
from matcalc.simplify.cancel import flat
from matcalc.simplify.factor import factor, size
from matcalc.simplify.recognise import recognise
from tests.fuzz.case import MAX_ENTRIES, Case, declared, length, variables_of
from tests.fuzz.pool import point_of
from tests.fuzz.ways import UNREADABLE, difference, tolerance_of

MAX_DEPTH_OF_PARTNER = 3
STEPS_EVERY = 5
"""The derivation of one case in so many is checked."""

Law = Callable[[Case, Derivative], "str | None"]


def broken_laws(case: Case, d: Derivative) -> list[str]:
    """What of the laws does not hold for a case."""
    problems = []
    for name, law in LAWS.items():
        try:
            problem = law(case, d)
        except TimeoutError:
            raise
        except NotDifferentiableError:
            problem = None  # of the partner that the law adds
        except DeclarationError as error:
            problem = None if UNREADABLE in error.message else str(error)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            problems.append(f"law, {name}: {problem}")
    return problems


# ---------------------------------------------------------------- of what is differentiated
def _derivative(case: Case, expr: Expr) -> Array:
    """The derivative of another expression by the variable of a case, at its point."""
    variables = {**case.variables, **variables_of(expr)}
    d = derive_expr(expr, variables, [case.wrt] * case.order)
    return evaluate_tensor(d.tensor, point_of(list(variables.values()), case.sizes, case.seed), case.sizes)


def _own(case: Case, d: Derivative) -> Array:
    return evaluate_tensor(d.tensor, case.point, case.sizes)


def _partner(case: Case) -> Expr:
    """Another expression of the same shape in the same variables and others."""
    pick = Random(f"partner {case.seed}")
    case.grower.pick = case.grower.pool.pick = pick
    return case.grower.grow(case.expr.shape, pick.randint(1, MAX_DEPTH_OF_PARTNER))


def _sums(case: Case, d: Derivative) -> str | None:
    other = _partner(case)
    both = _derivative(case, b.add([case.expr, other]))
    return difference(both, _own(case, d) + _derivative(case, other), tolerance_of(case))


def _multiples(case: Case, d: Derivative) -> str | None:
    c = Random(f"multiple {case.seed}").choice((2, -3, 7))
    return difference(_derivative(case, b.product([b.number(c), case.expr])), c * _own(case, d), tolerance_of(case))


def _transposes(case: Case, d: Derivative) -> str | None:
    axes = list(range(d.tensor.rank))
    if case.expr.shape.kind == "matrix":
        axes[:2] = [1, 0]
    return difference(_derivative(case, b.transpose(case.expr)), _own(case, d).transpose(axes), tolerance_of(case))


def _traces(case: Case, d: Derivative) -> str | None:
    """tr(A B) = tr(B A), with the function of the case as a factor where it is a matrix."""
    if case.expr.shape.kind != "matrix":
        return None
    pick = Random(f"trace {case.seed}")
    case.grower.pick = case.grower.pool.pick = pick
    rows, cols = case.expr.shape.dims
    other = case.grower.grow(matrix(cols, rows), 1)
    one, two = (b.APPLY["tr"](b.product(pair)) for pair in ([case.expr, other], [other, case.expr]))
    return difference(_derivative(case, one), _derivative(case, two), tolerance_of(case))


# ---------------------------------------------------------------- of names and order
def _renamed(case: Case, d: Derivative) -> str | None:
    """Names of the same sort in their place change names alone."""
    new = {name: f"{name[0]}{90 + n}" for n, name in enumerate(case.variables)}

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.head in ("var", "item"):
            return Expr.make(node.head, (), (new[node.name], *node.data[1:]), node.shape)
        return node.with_args(args) if args else node

    variables = {new[name]: fold(v, visit) for name, v in d.variables.items()}
    wrt = new[case.wrt] if isinstance(case.wrt, str) else tuple(new[name] for name in case.wrt)
    other = derive_expr(fold(d.expr, visit), variables, [wrt] * case.order)
    point = {new[name]: value for name, value in case.point.items()}
    return difference(evaluate_tensor(other.tensor, point, case.sizes), _own(case, d), tolerance_of(case))


def _reordered(case: Case, d: Derivative) -> str | None:
    """The terms of the function in another order: the same bytes of text, LaTeX and source."""
    other = _partner(case)
    terms = [case.expr, b.product([b.number(3), other])]
    variables = {**case.variables, **variables_of(other)}
    one, two = (derive_expr(b.add(ts), variables, [case.wrt] * case.order) for ts in (terms, terms[::-1]))
    if one.tensor is not two.tensor:
        return f"{one.index()} but {two.index()}"
    if str(one) != str(two) or one.latex() != two.latex():
        return f"{one} but {two}"
    sources = [re.sub(r'""".*?"""', "", d.numpy(), flags=re.DOTALL) for d in (one, two)]
    return None if sources[0] == sources[1] else f"{sources[0]}\nbut\n{sources[1]}"


# ---------------------------------------------------------------- of passes
def _simplified(case: Case, d: Derivative) -> str | None:
    """The derivative before anything is simplified has the value of the result."""
    names = {case.wrt} if isinstance(case.wrt, str) else set(case.wrt)
    tensor = lower(hidden(d.expr, names))
    for _ in range(case.order):
        plain = [lower(without_properties(case.variables[name])) for name in ((case.wrt,) if isinstance(case.wrt, str) else case.wrt)]
        parts = [differentiate(tensor, p) for p in plain]
        tensor = parts[0] if isinstance(case.wrt, str) else gather(parts)
    return difference(evaluate_tensor(tensor, case.point, case.sizes), _own(case, d), tolerance_of(case))


def _idempotent(case: Case, d: Derivative) -> str | None:
    """Simplifying a result again changes nothing; simplifying never makes larger.

    A sum of three axes or more is written out where the whole has a matrix form, at any size: that comes first.
    """
    tensor = fold(recognise(lower(d.expr)), lambda t, args: flat(rebuild(t, args)))
    once = factor(tensor)
    if size(once) > size(tensor):
        return f"size {size(once)} after {size(tensor)}"
    if factor(once) is not once:
        return "factoring twice differs from factoring once"
    return None if factor(d.tensor) is d.tensor else "factoring the derivative again changes it"


def _printed(case: Case, d: Derivative) -> str | None:
    """Print, parse, print is a fixed point, in text and in LaTeX."""
    for form in (d.expr, *([d.matrix] if d.matrix is not None else [])):
        text, declare = to_text(form), declared(variables_of(form))
        declare |= {name: "R" for name in case.sizes if name in parse(text, declare).variables}  # sizes of which no array tells
        again = to_text(parse(text, declare).expr)
        if again != text:
            return f"{text} reads as {again}"
        latex = to_latex(parse(to_latex(form), declare).expr)
        again = to_latex(parse(latex, declare).expr)
        if again != latex:
            return f"{latex} reads as {again}"
    return None


def _symmetric(case: Case, d: Derivative) -> str | None:
    """Second derivatives do not depend on the order of differentiation."""
    if case.order != 2:
        return None
    value = _own(case, d)
    own, one, _ = ranks(d.expr, case.variables, [case.wrt, case.wrt])
    axes = [*range(own), *range(own + one, own + 2 * one), *range(own, own + one)]
    return difference(value.transpose(axes), value, tolerance_of(case))


def _mixed(case: Case, d: Derivative) -> str | None:
    """By two variables, one after the other: the order of both does not matter."""
    others = [n for n in case.variables if n != case.wrt]
    if case.order != 1 or not isinstance(case.wrt, str) or not others or case.seed % 3:
        return None
    other = Random(f"mixed {case.seed}").choice(others)
    entries = length(case.expr, case.sizes)
    for name in (case.wrt, other):
        entries *= length(case.variables[name], case.sizes)
    if entries > MAX_ENTRIES:
        return None
    one, two = (derive_expr(d.expr, d.variables, pair) for pair in ([case.wrt, other], [other, case.wrt]))
    own, first, second = ranks(d.expr, d.variables, [case.wrt, other])
    axes = [*range(own), *range(own + second, own + second + first), *range(own, own + second)]
    values = [evaluate_tensor(t.tensor, case.point, case.sizes) for t in (one, two)]
    return difference(values[1].transpose(axes), values[0], tolerance_of(case))


def _steps(case: Case, d: Derivative) -> str | None:
    """The derivation passes its own check and ends at the result."""
    if case.seed % STEPS_EVERY or case.order != 1 or not isinstance(case.wrt, str):
        return None
    work = d.steps()
    report = work.check()
    if not report.passed and "nothing was compared" not in str(report):
        return str(report)
    return None


LAWS: dict[str, Law] = {
    "sums": _sums,
    "multiples": _multiples,
    "transposes": _transposes,
    "traces": _traces,
    "renaming": _renamed,
    "order of terms": _reordered,
    "unsimplified": _simplified,
    "simplify again": _idempotent,
    "print, parse, print": _printed,
    "Hessians": _symmetric,
    "mixed derivatives": _mixed,
    "steps": _steps,
}
"""What is tried on a case."""
