"""Source of a function that solves for the unknown."""

from __future__ import annotations

from matcalc.core.dims import Dim
from matcalc.core.style import Style
from matcalc.emit.numpy_checks import parameter_of, stated_shapes
from matcalc.expr.text import to_text
from matcalc.plan.program import plan
from matcalc.plan.steps import Program
from matcalc.source import code
from matcalc.stationary.point import StationaryPoint


def source(point: StationaryPoint, style: Style) -> str:
    """Source of one function of the known variables, in the order of first appearance."""
    known = {n: point.variables[n] for n in point.array_names}
    unknown = point.wrt if isinstance(point.wrt, str) else f"[{', '.join(point.wrt)}]"
    lines = [f"Stationary point of {to_text(point.expr)} in {unknown}.", "", f"Equation: {point.equation}",
             f"Solution: {unknown} = {point.solutions[0]}"]
    lines += [f"Provided that {condition}." for condition in point.conditions]
    lines += [f"Curvature: {point.curvature}"]
    lines += [stated_shapes(known)] if known else []
    return code(program(point), {n: parameter_of(v) for n, v in known.items()}, style, lines)


def program(point: StationaryPoint) -> Program:
    """The program of the first solution."""
    recipe = point.recipe
    if recipe.kind == "formula":
        return plan(*recipe.tensors)
    if recipe.kind == "flat":
        return _flat(point)
    if recipe.kind == "two least squares":
        return _twice(point)
    parts = [tensor for block in recipe.rows for tensor in (block.rows, block.target)]
    found = plan(*parts)
    axes: tuple[Dim, ...] = (recipe.rows[0].rows.axes[1], *recipe.rows[0].target.axes[1:])
    value = found.emit("lstsq", found.results, (), axes)
    if recipe.is_turned:
        value = found.emit("permute", (value,), (1, 0), axes[::-1])
    found.results = (value,)
    return found


def _twice(point: StationaryPoint) -> Program:
    """B^T Y = C^T by least squares, then A W = Y^T."""
    second, first = point.recipe.rows
    found = plan(second.rows, second.target, first.rows)
    axes = (second.rows.axes[1], *second.target.axes[1:])
    inner = found.emit("permute", (found.emit("lstsq", found.results[:2], (), axes),), (1, 0), axes[::-1])
    found.results = (found.emit("lstsq", (found.results[2], inner), (), (first.rows.axes[1], axes[0])),)
    return found


def _flat(point: StationaryPoint) -> Program:
    """H W = R as one system for the entries of W, row by row."""
    hessian, right = point.recipe.tensors
    found = plan(hessian, right)
    rows, cols = right.axes
    count = rows * cols
    matrix = found.emit("reshape", (found.results[0],), (), (count, count))
    vector = found.emit("reshape", (found.results[1],), (), (count,))
    solved = found.emit("solve", (matrix, vector), (False, False), (count,))
    found.results = (found.emit("reshape", (solved,), (), (rows, cols)),)
    return found
