r"""A stationary point for readers: LaTeX, and everything about it line by line."""

from __future__ import annotations

from matcalc.emit.latex import to_latex
from matcalc.emit.latex_names import symbol
from matcalc.expr import build as e
from matcalc.stationary.point import StationaryPoint

OR = r" \text{ or } "


def latex(point: StationaryPoint) -> str:
    """The unknown and its solution; several solutions with `or` between them."""
    if isinstance(point.wrt, str):
        unknown = to_latex(point.variables[point.wrt]) if point.variables[point.wrt].head == "var" else symbol(point.wrt)
    else:
        unknown = to_latex(e.block([[point.variables[name]] for name in point.wrt]))
    return f"{unknown} = {OR.join(to_latex(value) for value in point.values)}"


def report(point: StationaryPoint) -> str:
    """Equation, solution, conditions, Hessian and curvature."""
    unknown = point.wrt if isinstance(point.wrt, str) else f"[{'; '.join(point.wrt)}]"
    lines = [f"equation: {point.equation}", *(f"solution: {unknown} = {value}" for value in point.solutions)]
    lines += [f"provided that {condition}" for condition in point.conditions]
    lines += [f"Hessian: {point.hessian}"] if point.hessian is not None else []
    return "\n".join([*lines, f"curvature: {point.curvature}", *point.certificate.remarks])
