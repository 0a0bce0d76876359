"""The terms of a Taylor polynomial: D^k f(x0) contracted with the step x - x0, k times.

Each contraction comes before the next differentiation, so no tensor of order k is formed:
g_0 = f, g_(k+1) = <dg_k/dx, delta>, with x and delta in the shape of affine inner functions z = A x + b and A delta, and the term of degree k is g_k(x0)/k!.
Source: Deisenroth, Faisal and Ong, Mathematics for Machine Learning (2020), section 5.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from itertools import chain, combinations_with_replacement, count, islice, pairwise
from math import factorial, prod

from matcalc.core.errors import LimitError, NotDifferentiableError
from matcalc.core.traversal import fold, postorder
from matcalc.derivative import derive_expr
from matcalc.diff.differentiate import differentiate
from matcalc.expr import build as e
from matcalc.expr.build import clip
from matcalc.expr.naming import abbreviate
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.expr.size import size
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import ONE, Tensor, terms_of
from matcalc.ir.substitute import substitute
from matcalc.lowering.lower import lower
from matcalc.pipeline import matrix_form, tensor_of
from matcalc.second_order import hessian_of
from matcalc.series.affine import Inner, inner_parts
from matcalc.series.points import Point, step_variable
from matcalc.simplify.constants import fold_constants, number_in
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.syntax.elaborate import variables_of

MAX_TERMS = 500


@dataclass(frozen=True)
class Setting:
    """What is expanded, and where.

    Attributes:
        expr: the function.
        variables: its variables by name, then those of the points.
        points: the point of each variable that is expanded.
        step: what stands for x - x0 while terms are worked out, by the name of the variable.
    """

    expr: Expr
    variables: Mapping[str, Expr]
    points: Sequence[Point]
    step: Mapping[str, Expr]

    @property
    def is_plain(self) -> bool:
        """Whether the points are new variables alone, so that nothing cancels at them."""
        own = variables_of(self.expr)
        return all(p.value.head in ("var", "item") and p.value.name not in own for p in self.points)

    def at_point(self, form: Expr) -> Expr:
        """A form in x and steps, at the point; what cancels there, and functions of numbers, worked out."""
        found = moved(form, {p.name: p.value for p in self.points})
        if self.is_plain:
            return found
        shown = self.reduced(found)
        if all(p.is_constant for p in self.points):
            return exact(shown)
        return min((found, shown), key=named_size)

    def reduced(self, form: Expr) -> Expr:
        """A form in normal form, or as it is where that has no matrix form."""
        return reduced(form, {**self.variables, **{s.name: s for s in self.step.values()}})


def reduced(form: Expr, variables: Mapping[str, Expr]) -> Expr:
    """A form in normal form with functions of numbers worked out, or as it is where that has no matrix form."""
    tensor = factor(recognise(fold_constants(lower(form))))
    if b.is_zero(tensor):
        return e.zeros(form.shape)
    found = matrix_form(tensor, form, variables, form.shape.kind == "row")
    return form if found is None else found


def moved(form: Expr, values: Mapping[str, Expr]) -> Expr:
    """The form with other expressions for some variables; for a member of a family, the member of another one."""

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.head in ("var", "item") and node.name in values:
            return _member(values[node.name], node)
        return rebuild(node, args) if args else node

    return fold(form, visit)


def _member(value: Expr, node: Expr) -> Expr:
    """What stands for a member under its own data index."""
    if node.head != "item":
        return value

    def visit(part: Expr, args: tuple[Expr, ...]) -> Expr:
        if part.head == "item":
            return Expr.make("item", (), (*part.data[:2], *node.data[2:]), part.shape)
        return rebuild(part, args) if args else part

    return fold(value, visit)


def exact(form: Expr) -> Expr:
    """Numbers with functions in them by SymPy, where it knows an exact value without them: sin(pi/6) = 1/2."""

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if not args:
            return node
        node = rebuild(node, args)
        if node.head == "map" and node.shape.is_scalar and e.is_number(node):
            interop = import_module("matcalc.interop.sympy")
            found: Expr = interop.from_sympy(interop.to_sympy(node))
            return found if size(found) <= size(node) else node
        return node

    if not any(node.head == "map" and node.shape.is_scalar and e.is_number(node) for node in postorder(form)):
        return form
    folded = fold(form, visit)
    return reduced(folded, variables_of(folded))


# ---------------------------------------------------------------- by scalars
def by_scalars(setting: Setting, degree: int) -> list[Expr]:
    """The term of one degree in each product of steps: D^a f(x0)/a! delta^a for each multi-index a."""
    names = [p.name for p in setting.points]
    if len(names) ** degree > MAX_TERMS * factorial(degree):
        raise LimitError(f"the terms of degree {degree} in {len(names)} variables are more than {MAX_TERMS}",
                         hint="a lower degree, or a vector in the place of many scalars")
    terms: list[Expr] = []
    for block in combinations_with_replacement(names, degree):
        coefficient = setting.expr
        if degree:
            found = derive_expr(setting.expr, setting.variables, list(block)).matrix
            assert found is not None, "a derivative by scalars has the shape of the function"
            coefficient = found
        powers = {name: block.count(name) for name in names if name in block}
        below = prod(map(factorial, powers.values()))
        terms.append(monomial(setting.at_point(coefficient), below, [(setting.step[n], k) for n, k in powers.items()]))
    return [t for t in terms if not is_zero(t)]


def is_zero(node: Expr) -> bool:
    """Whether the form is zero."""
    return node.head == "zeros" or (node.head == "num" and node.data[0] == 0)


def monomial(coefficient: Expr, below: int, powers: Sequence[tuple[Expr, int]]) -> Expr:
    """c delta^k/k!; where c is a rational number, as p delta^k/q."""
    steps = [s if k == 1 else e.power(s, e.number(k)) for s, k in powers]
    value, rest = _number(coefficient)
    value /= below
    if not steps or is_zero(coefficient):
        return coefficient
    if rest:
        return e.product([*[e.number(value)] * (value != 1), *rest, *steps])
    above, divisor = [e.number(value.numerator)] * (value.numerator != 1), [e.number(Fraction(1, value.denominator))]
    return e.product([*above, *steps, *divisor * (value.denominator != 1)])


def _number(node: Expr) -> tuple[Fraction, list[Expr]]:
    """The rational numbers among the factors as one, and the other factors as one."""
    factors = node.args if node.head == "product" else (node,)
    numbers = [f.data[0] for f in factors if f.head == "num"]
    rest = [f for f in factors if f.head != "num"]
    value = prod((n for n in numbers if isinstance(n, Fraction)), start=ONE)
    return value, [e.product(rest)] if rest else []


# ---------------------------------------------------------------- by arrays
def by_array(setting: Setting, degree: int) -> Iterator[tuple[Tensor, Expr | None]]:
    """The terms of degrees 0 to `degree`, as tensors at x and as matrix forms at the point where they have one."""
    (point,) = setting.points
    outer, inner = inner_parts(setting.expr, point.name, setting.step[point.name])
    tensor = tensor_of(outer)
    for k in range(degree + 1):
        if k:
            parts = [_contracted(differentiate(tensor, lower(i.leaf)), lower(i.step)) for i in inner]
            tensor = recognise(b.lin([(ONE, p) for p in parts], tensor.axes))
        term = b.scale(Fraction(1, factorial(k)), tensor)
        form = setting.expr if k == 0 else _form(setting, k, term, outer, inner)
        if form is not None:
            yield term, setting.at_point(form)
            continue
        for i in inner:
            for leaf, value in ((i.leaf, i.value), (i.step, i.change)):
                term = substitute(term, lower(leaf), _spread(lower(value), lower(leaf)))
        yield term, None


def _spread(value: Tensor, leaf: Tensor) -> Tensor:
    """A value that is the same for all members of a family, once for each."""
    missing = leaf.rank - value.rank
    axes = tuple(range(leaf.rank))
    return b.contract([(value, axes[missing:]), (b.ones(leaf.axes), axes)], axes) if missing else value


def _contracted(derivative: Tensor, step: Tensor) -> Tensor:
    """<dg/dx, delta>: the last axes summed with those of the step."""
    axes = tuple(range(derivative.rank))
    own = axes[: derivative.rank - step.rank]
    return b.contract([(derivative, axes), (step, axes[len(own) :])], own)


def _form(setting: Setting, degree: int, term: Tensor, outer: Expr, inner: Sequence[Inner]) -> Expr | None:
    """The smallest matrix form of a term; of equal ones that with the Jacobian or the Hessian in it."""
    as_row = setting.expr.shape.kind == "row"
    shown = {**setting.variables, **{i.leaf.name: i.leaf for i in inner}, **{i.step.name: i.step for i in inner}}
    values = {i.leaf.name: i.value for i in inner} | {i.step.name: i.change for i in inner}
    found = [_with_matrix(setting, degree)]
    flat = expand(term)
    apart = b.lin([(c, factor(t)) for c, t in terms_of(flat)], flat.axes)
    for tensor in dict.fromkeys((factor(term), factor(flat), apart)):
        form = matrix_form(tensor, outer, shown, as_row)
        if form is not None:
            own = moved(form, values)
            found += [own, setting.reduced(own)]
    return min((f for f in found if f is not None), key=named_size, default=None)


def named_size(form: Expr) -> int:
    """The size of a form with names for what repeats."""
    named = abbreviate(form, {}, variables_of(form))
    return size(named.body) + sum(size(value) for _, value in named.definitions)


def _with_matrix(setting: Setting, degree: int) -> Expr | None:
    """J delta, or 1/2 delta^T H delta for a scalar function, of a vector."""
    (point,) = setting.points
    step = setting.step[point.name]
    if point.variable.head == "item" or step.shape.kind != "vector" or setting.expr.shape.kind not in ("scalar", "vector"):
        return None
    if degree == 1:
        jacobian = derive_expr(setting.expr, setting.variables, [point.name]).matrix
        return None if jacobian is None or is_zero(jacobian) else _around([], jacobian, step)
    if degree == 2 and setting.expr.shape.is_scalar:
        hessian = hessian_of(setting.expr, setting.variables, point.name).matrix
        if hessian is None or is_zero(hessian):
            return None
        number, rest = _number(hessian)
        scaled = e.product([e.number(number / 2), *rest])
        return _around([e.transpose(step)], scaled if number != 2 else rest[0], step)
    return None


def _around(left: Sequence[Expr], middle: Expr, step: Expr) -> Expr:
    """The product of a matrix with steps, its scalar factors in front and its divisors at the end."""
    factors = middle.args if middle.head == "product" else (middle,)
    count = next((n for n, f in enumerate(factors) if not f.shape.is_scalar), 0)
    front, arrays = factors[:count], list(factors[count:])
    behind = [f for f in arrays if f.shape.is_scalar]
    arrays = [f for f in arrays if not f.shape.is_scalar and not (left and f.head == "identity")]
    if any(f.shape.is_scalar and not (f.head == "power" or f.head == "num") for f in behind) or _inner(factors[count:]):
        return e.product([*left, middle, step])
    return e.product([*front, *left, *arrays, step, *behind])


def _inner(factors: Sequence[Expr]) -> bool:
    """Whether a row meets a column, so that a scalar stands in the middle of the product."""
    kinds = [f.shape.kind for f in factors if not f.shape.is_scalar]
    return any(pair == ("row", "vector") for pair in pairwise(kinds))


def check_point(setting: Setting) -> None:
    """The function is smooth at a point that is no variable of its own, as far as its parts show.

    Raises:
        NotDifferentiableError: where the argument of a norm, of a logarithm or of a function with a kink is zero, or a divisor.
    """
    if setting.is_plain:
        return
    there = moved(setting.expr, {p.name: p.value for p in setting.points})
    bases = {node.args[0] for node in postorder(there) if _is_even_power(node)}
    others = {arg for node in postorder(there) if not _is_even_power(node) for arg in node.args} | {there}
    for node in postorder(there):
        part = _critical(node) if node in others or node not in bases else None
        if part is not None and number_in(fold_constants(lower(part))) == 0:
            raise NotDifferentiableError(f"the function has no derivative at this point: {clip(to_text(node))}",
                                         hint="expand at another point")


def _is_even_power(node: Expr) -> bool:
    """Whether the square of a norm is smooth where the norm is not."""
    exponent = node.args[1].data[0] if node.head == "power" and node.args[1].head == "num" else None
    return isinstance(exponent, Fraction) and exponent > 0 and exponent % 2 == 0 and node.args[0].head in ("norm", "map")


def _critical(node: Expr) -> Expr | None:
    """What must not be zero for the node to be smooth."""
    if node.head in ("norm", "norm1") or (node.head == "map" and node.name in _KINKS):
        return node.args[0]
    if node.head == "map" and len(node.args) == 2 and node.args[0].shape == node.args[1].shape:
        return e.add([node.args[0], e.negate(node.args[1])])
    exponent = node.args[1].data[0] if node.head == "power" and node.args[1].head == "num" else None
    return node.args[0] if isinstance(exponent, Fraction) and (exponent < 0 or exponent.denominator > 1) else None


_KINKS = frozenset(("relu", "abs", "sign", "step", "log", "sqrt"))


def setting_of(expr: Expr, variables: Mapping[str, Expr], points: Sequence[Point]) -> Setting:
    """The setting with a name for each step that nothing else has."""
    everything = dict(variables)
    for point in points:
        everything |= {n: v for n, v in variables_of(point.value).items() if n not in everything}
    taken = {*everything, *(d for node in postorder(expr) for dim in node.shape.dims for d in dim.names)}
    names = (n for n in ("delta", "d", "h") if n not in taken)
    numbered = (n for n in (f"delta{k}" for k in count(1)) if n not in taken)
    found = list(islice(chain(names, numbered) if len(points) == 1 else numbered, len(points)))
    return Setting(expr, everything, points, {p.name: step_variable(p.variable, n) for p, n in zip(points, found, strict=True)})
