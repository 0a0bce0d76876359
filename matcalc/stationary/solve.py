"""From a function to its stationary points: linear systems in the unknown, and equations in a few scalars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from matcalc.convexity.analysis import Analysis
from matcalc.convexity.rules import UNKNOWN
from matcalc.convexity.verdict import curvature_of
from matcalc.core.errors import DeclarationError, LimitError, ShapeError
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr.build import clip
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of
from matcalc.pipeline import Block, check_wrt, derivative_tensor
from matcalc.simplify.congruence import spread
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.stationary.kinds import meaning
from matcalc.stationary.linear import Linear, as_given, depends, linear_in
from matcalc.stationary.matrices import matrix_point
from matcalc.stationary.point import StationaryPoint
from matcalc.stationary.scalars import joint_point, scalar_point
from matcalc.stationary.setting import Found, Setting
from matcalc.stationary.vectors import vector_point

TIED = ("diagonal", "skew", "lower", "upper", "orthogonal")
"""Properties whose matrices have stationary points that the gradient by independent entries does not show."""


def stationary_of(
    expr: Expr, variables: Mapping[str, Expr], block: Block, definitions: Mapping[str, Expr] | None = None, seed: int = 0
) -> StationaryPoint:
    """The stationary point of an elaborated scalar function.

    Args:
        expr: the function.
        variables: all variables by name.
        block: the unknown, or the names of scalars that are unknown together.
        definitions: the user's names for parts of the function.
        seed: of the random points at which the verdict on the curvature is tried.

    Raises:
        ShapeError: where the function is no scalar.
        DeclarationError: for a name that is no variable, an unknown whose entries are tied to each other, or a gradient that
            does not depend on the unknown.
        LimitError: where no formula for the solution is known.
    """
    _check_problem(expr, variables, block)
    certificate = curvature_of(expr, variables, block, definitions, seed)
    gradient = derive_expr(expr, variables, [block], definitions)
    setting = Setting(Analysis(expr, variables, block, certificate.hessian), block)
    if not depends(gradient.tensor, setting.names):
        zero = "is zero everywhere" if b.is_zero(expand(gradient.tensor)) else "does not depend on it, so it is zero nowhere"
        raise DeclarationError(f"there is no stationary point in {_shown(block)}: the gradient {zero}",
                               hint="a function that is not linear in the variable")
    if setting.is_signed(gradient.tensor):
        raise DeclarationError(f"there is no stationary point in {_shown(block)}: the gradient {clip(str(gradient), 60)} is zero nowhere",
                               hint="a function that is bounded on one side, such as a sum of squares")
    found = _found(setting, gradient)
    if not found.meaning and not certificate.is_convex and not certificate.is_concave:
        found = replace(found, meaning=meaning(setting, certificate, found))
    conditions = (*found.conditions, *_declared(setting))
    point = StationaryPoint(expr, dict(variables), block, gradient, found.sides, found.values, conditions, certificate,
                            found.recipe, found.meaning)
    return point if point.curvature != UNKNOWN else replace(point, meaning=_seen(point, seed))


def _check_problem(expr: Expr, variables: Mapping[str, Expr], block: Block) -> None:
    check_wrt(variables, [block])
    if not expr.shape.is_scalar:
        raise ShapeError(f"a stationary point is that of a scalar function, and {clip(to_text(expr))} is {expr.shape.describe()}",
                         hint="a sum, a norm or a square of it is a scalar")
    tied = [p for p in TIED if p in str(variables[block].data[1])] if isinstance(block, str) else []
    if tied:
        raise DeclarationError(f"the entries of `{block}` are tied: it is {tied[0]}, and the gradient by independent entries "
                               "is not zero where the function is stationary", hint="a variable without the property")


def _seen(point: StationaryPoint, seed: int) -> str:
    """What the first solution was at random values of the known variables; no proof, and it says so."""
    try:
        point.numpy()
    except DeclarationError:  # a size that no array has
        return ""
    kind: str = import_module("matcalc.check.stationary").kind_at(
        point.expr, point.variables, point.wrt, lambda values: point(**{n: values[n] for n in point.array_names}), point.hessian, seed)
    return f"{kind} at every solution tried" if kind else ""


def _shown(block: Block) -> str:
    return f"`{block}`" if isinstance(block, str) else ", ".join(f"`{n}`" for n in block)


def _found(setting: Setting, gradient: Derivative) -> Found:
    """The solution, by the shape of the unknown."""
    if not isinstance(setting.block, str):
        found = joint_point(setting)
    elif not setting.unknown.rank:
        found = scalar_point(setting, gradient)
    else:
        linear = _linear(setting, gradient.tensor)
        if linear is None:
            found = None
        elif setting.unknown.rank == 1:
            found = vector_point(setting, linear)
        else:
            found = matrix_point(setting, linear) or _projected(setting)
    if found is None:
        raise LimitError(f"no closed form: the gradient {clip(str(gradient), 60)} is not linear in {_shown(setting.block)}, and no "
                         "formula is known for where it is zero", hint="descend along it: derive(...).numpy() is its code")
    return found


def _projected(setting: Setting) -> Found | None:
    """The solution in the space of symmetric matrices, where the gradient by independent entries has another one."""
    assert isinstance(setting.block, str)
    gradient = derivative_tensor(setting.analysis.expr, setting.variables, [setting.block], "projection")
    linear = linear_in(gradient, setting.unknown)
    return None if linear is None else matrix_point(setting, linear, is_projected=True)


def _linear(setting: Setting, gradient: Tensor) -> Linear | None:
    """The gradient as a linear function, after factors that are never zero are taken away, or inverses of the unknown."""
    for tensor in (gradient, *_stripped(gradient, setting), *_cleared(gradient, setting)):
        linear = linear_in(tensor, setting.unknown)
        if linear is not None and not b.is_zero(linear.hessian):
            hessian = setting.analysis.hessian
            return linear if hessian is None or tensor is not gradient else as_given(linear, hessian.tensor)
    return None


def _stripped(gradient: Tensor, setting: Setting) -> list[Tensor]:
    """The gradient without scalar factors that are never zero: exp(-||x||^2) x is zero where x is."""
    found = []
    for tensor in (gradient, factor(gradient)):
        core = tensor.args[0] if tensor.head == "lin" and len(tensor.args) == 1 else tensor
        kept = [(t, idx) for t, idx in factors_of(core) if idx or not setting.is_nonzero(t)]
        if kept and len(kept) < len(factors_of(core)):
            found.append(b.contract(kept, tuple(range(core.rank))))
    return found


def _cleared(gradient: Tensor, setting: Setting) -> list[Tensor]:
    """The gradient times the unknown, which is invertible as its inverse occurs: S Z - n Z is zero where Z^-1 (S - n Z^-1) is."""
    unknown = setting.unknown
    if unknown.rank != 2 or unknown.axes[0] != unknown.axes[1]:
        return []
    if not setting.is_inverted:
        return []
    flat = spread(gradient)
    left, right, turned = (unknown, ("a", 0)), (unknown, (1, "c")), (unknown, (0, "a"))
    return [b.over_terms(flat, (0, 1), [left], ("a", 1)), b.over_terms(flat, (0, 1), [right], (0, "c")),
            b.over_terms(flat, (0, 1), [turned], ("a", 1)), b.over_terms(flat, (0, 1), [left, right], ("a", "c"))]


def _declared(setting: Setting) -> list[str]:
    """Conditions that the declaration of the unknown adds."""
    names = [setting.block] if isinstance(setting.block, str) else list(setting.block)
    found = []
    for name in names:
        variable = setting.variables[name]
        for prop in ("positive", "nonnegative"):
            if prop in str(variable.data[1]).replace("nonpositive", ""):
                found.append(f"{to_text(variable)} is {prop}")
                break
    return found
