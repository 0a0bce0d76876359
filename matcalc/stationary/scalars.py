"""One scalar unknown, or several: linear equations exactly, others through SymPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import import_module

from matcalc.core.errors import LimitError, MatcalcError
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of, factors_of, terms_of
from matcalc.lowering.lower import lower
from matcalc.pipeline import matrix_form, tensor_of
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.stationary.linear import Linear, depends, linear_in, without_common
from matcalc.stationary.point import Recipe
from matcalc.stationary.setting import Found, Setting

Entries = Mapping[tuple[int, int], Tensor]


def scalar_point(setting: Setting, gradient: Derivative) -> Found | None:
    """m s = r, or the roots of the gradient."""
    linear = linear_in(gradient.tensor, setting.unknown)
    if linear is None:
        return _by_roots(setting, [gradient.tensor], [setting.node])
    linear = without_common(linear, setting.is_nonzero)
    solution = factor(recognise(b.multiply(linear.right, b.power(linear.hessian, b.const(-1)))))
    sides = (multiple(setting.written(linear.hessian), setting.node), setting.written(linear.right))
    needs = () if setting.is_nonzero(linear.hessian) else (f"{setting.say(content_of(linear.hessian)[1])} is not 0",)
    return Found((sides,), (setting.written(solution),), needs, Recipe("formula", (solution,)))


def multiple(scale: Expr, unknown: Expr) -> Expr:
    """A multiple of the unknown, sums over data last."""
    if scale.head == "num" and scale.data == (1,):
        return unknown
    return e.product([unknown, scale]) if scale.head == "datasum" else e.product([scale, unknown])


# ---------------------------------------------------------------- several
def joint_point(setting: Setting) -> Found | None:
    """M w = r for the vector of the unknowns, or the roots of all derivatives."""
    names = list(setting.block)
    nodes = [setting.variables[name] for name in names]
    gradients = [recognise(expand(derive_expr(setting.analysis.expr, setting.variables, [name]).tensor)) for name in names]
    system = _linear(gradients, [lower(node) for node in nodes], setting)
    if system is None:
        return _by_roots(setting, gradients, nodes)
    entries, right = system
    sides = tuple(_equation(setting, [entries[n, m] for m in range(len(nodes))], nodes, right[n]) for n in range(len(nodes)))
    numbers = _numbers(entries, right, len(nodes))
    if numbers is not None:
        exact = _eliminated(*numbers)
        if exact is None:
            raise LimitError("the equations have no solution or infinitely many: their matrix is singular",
                             hint="as many independent equations as unknowns; the gradient itself is that of `derive`")
        value = e.block([[e.number(v)] for v in exact])
        return Found(sides, (value,), (), Recipe("formula", (tensor_of(value),)))
    if all(b.is_zero(t) for (n, m), t in entries.items() if n != m):
        parts = [factor(recognise(b.multiply(right[n], b.power(entries[n, n], b.const(-1))))) for n in range(len(nodes))]
        value = e.block([[setting.written(p)] for p in parts])
        needs = tuple(f"{setting.say(entries[n, n])} is not 0" for n in range(len(nodes)) if not setting.is_nonzero(entries[n, n]))
        return Found(sides, (value,), needs, Recipe("formula", (tensor_of(value),)))
    matrix = e.block([[setting.written(entries[n, m]) for m in range(len(nodes))] for n in range(len(nodes))])
    value = e.product([e.matpow(matrix, -1), e.block([[setting.written(t)] for t in right])])
    return Found(sides, (value,), (f"{to_text(matrix)} is invertible",), Recipe("formula", (tensor_of(value),)))


def _linear(gradients: Sequence[Tensor], unknowns: Sequence[Tensor], setting: Setting) -> tuple[Entries, list[Tensor]] | None:
    """The matrix and the right side, without what all terms share; None where an equation is not linear in all unknowns."""
    entries: dict[tuple[int, int], Tensor] = {}
    right: list[Tensor] = []
    for n, gradient in enumerate(gradients):
        rest = gradient
        for m, unknown in enumerate(unknowns):
            linear = linear_in(rest, unknown)
            if linear is None or depends(linear.hessian, setting.names):
                return None
            entries[n, m], rest = linear.hessian, b.scale(Fraction(-1), linear.right)
        right.append(b.scale(Fraction(-1), rest))
    return _divided(entries, right, setting)


def _divided(entries: dict[tuple[int, int], Tensor], right: list[Tensor], setting: Setting) -> tuple[Entries, list[Tensor]]:
    """All equations divided by what all their terms share, so that a symmetric matrix stays one."""
    keys = sorted(entries)
    whole = b.lin([(c, _tagged(t, n)) for n, key in enumerate(keys) for c, t in terms_of(entries[key])], ())
    other = b.lin([(c, _tagged(t, len(keys) + n)) for n, r in enumerate(right) for c, t in terms_of(r)], ())
    if b.is_zero(whole):
        return entries, right
    divided = without_common(Linear(whole, other), setting.is_nonzero)
    parts = _untagged((divided.hessian, divided.right), len(keys) + len(right))
    return dict(zip(keys, parts, strict=False)), parts[len(keys):]


def _tagged(term: Tensor, n: int) -> Tensor:
    """The term times a mark that tells where it belongs."""
    return b.multiply(term, b.var(f"mark {n}", ()))


def _untagged(nodes: Sequence[Tensor], count: int) -> list[Tensor]:
    found: list[list[tuple[Fraction, Tensor]]] = [[] for _ in range(count)]
    for node in nodes:
        for c, term in terms_of(node):
            factors = factors_of(term)
            mark = next(t for t, _ in factors if t.head == "var" and str(t.data[0]).startswith("mark "))
            found[int(str(mark.data[0])[5:])].append((c, b.contract([f for f in factors if f[0] is not mark], ())))
    return [b.lin(terms, ()) for terms in found]


def _equation(setting: Setting, row: Sequence[Tensor], nodes: Sequence[Expr], right: Tensor) -> tuple[Expr, Expr]:
    terms = [multiple(setting.written(t), node) for t, node in zip(row, nodes, strict=True) if not b.is_zero(t)]
    return e.add(terms) if terms else e.number(0), setting.written(right)


def _numbers(entries: Entries, right: Sequence[Tensor], size: int) -> tuple[list[list[Fraction]], list[Fraction]] | None:
    """The system where it is made of numbers."""
    matrix = [[b.number_of(entries[n, m]) for m in range(size)] for n in range(size)]
    values = [b.number_of(t) for t in right]
    if any(v is None for v in values) or any(v is None for row in matrix for v in row):
        return None
    return [[v or Fraction(0) for v in row] for row in matrix], [v or Fraction(0) for v in values]


def _eliminated(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """The exact solution by elimination, None for a singular matrix."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for n in range(size):
        pivot = next((k for k in range(n, size) if rows[k][n]), None)
        if pivot is None:
            return None
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [v / rows[n][n] for v in rows[n]]
        for k in range(size):
            if k != n:
                rows[k] = [v - rows[k][n] * w for v, w in zip(rows[k], rows[n], strict=True)]
    return [row[-1] for row in rows]


# ---------------------------------------------------------------- roots
def _by_roots(setting: Setting, gradients: Sequence[Tensor], nodes: Sequence[Expr]) -> Found | None:
    """The roots of equations that are not linear, as far as SymPy finds formulas for them."""
    try:
        equations = [_expanded(setting, gradient) for gradient in gradients]
        roots = import_module("matcalc.interop.solve").solve(equations, nodes, lambda part: _sign(setting, part))
    except MatcalcError:
        return None
    values = [_tidied(setting, root) for root in roots]
    if not values:
        return None
    sides = tuple((equation, e.number(0)) for equation in equations)
    needs = dict.fromkeys(condition for value in values for condition in setting.defined(value))
    return Found(sides, tuple(values), tuple(needs), Recipe("formula", (tensor_of(values[0]),)))


def _expanded(setting: Setting, gradient: Tensor) -> Expr:
    """An equation written out, so that the unknowns stand outside of sums over data."""
    flat = content_of(recognise(expand(gradient)))[1]
    form = matrix_form(flat, setting.analysis.expr, setting.variables)
    return setting.written(gradient) if form is None else form


def _tidied(setting: Setting, root: Sequence[Expr]) -> Expr:
    """A root as a formula; of several unknowns a vector."""
    parts = []
    for value in root:
        form = matrix_form(factor(tensor_of(value)), setting.analysis.expr, setting.variables)
        parts.append(value if form is None or len(to_text(form)) > len(to_text(value)) else form)
    return parts[0] if len(parts) == 1 else e.block([[p] for p in parts])


def _sign(setting: Setting, part: Expr) -> str:
    tensor = lower(part)
    bounds = setting.judge.signs.bounds(tensor)
    for word in ("positive", "negative", "nonnegative", "nonpositive"):
        if getattr(bounds, f"is_{word}"):
            return word
    return "real"
