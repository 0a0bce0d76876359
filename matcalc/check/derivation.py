"""The check of a derivation: every line of it has the value of the line before, at random points.

What is not worked out yet on a line is differenced numerically, so that no rule of differentiation is shared with what
is checked. Matrix forms are read by the interpreter of the matrix language, index forms by that of the index language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcalc.check.conditioning import is_singular
from matcalc.check.differences import Estimate, Point, directional, jacobian
from matcalc.check.evaluate import Array, direction_of, evaluate
from matcalc.check.report import Form, Report
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.arguments import check_seed
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr
from matcalc.ir.nodes import UNEVALUATED, Tensor

TOLERANCE = 1e-6
"""Relative to the largest entry of the line."""
ATTEMPTS = 16
KINK = 1e-4
METHOD = "differences of every line"
Side = tuple[Tensor | None, Expr | None, bool]
"""The tensor of a line, its matrix form, and whether that is the transpose."""


@dataclass(frozen=True)
class Move:
    """What one step claims: two sides of equal value.

    Attributes:
        label: what the step is called, for the report.
        before: the side that it starts from.
        after: the side that it leads to.
    """

    label: str
    before: Side
    after: Side


def check_moves(expr: Expr, moves: Sequence[Move], variables: Mapping[str, Expr], wrt: Sequence[str], seed: int = 0) -> Report:
    """Compares both sides of every step at a random point where all derivatives exist.

    Args:
        expr: the function.
        moves: the steps.
        variables: the `var` or `item` node of every name.
        wrt: the variables that one differentiates by.
        seed: of the random sizes and points.
    """
    rng = np.random.default_rng(check_seed(seed))
    forms = [form for move in moves for _, form, _ in (move.before, move.after) if form is not None]
    for attempt in range(ATTEMPTS):
        if attempt % 4 == 0:
            sizes = draw_sizes((expr, *variables.values(), *forms), rng)
        point = draw_point(variables, sizes, rng, positive=attempt % 2 == 1)
        for name in wrt:
            point[direction_of(name)] = rng.normal(size=np.shape(point[name]))
        found = _at(expr, moves, point, sizes)
        if found is not None:
            worst, failures = found
            return Report(not failures, worst, TOLERANCE, METHOD, seed, sizes, tuple(failures))
    failure = "nothing was compared: no point was found at which every line has a value"
    return Report(False, float("inf"), TOLERANCE, METHOD, seed, sizes, (failure,))


def _at(expr: Expr, moves: Sequence[Move], point: Point, sizes: Mapping[str, int]) -> tuple[float, list[str]] | None:
    with np.errstate(all="ignore"):
        try:
            value = evaluate(expr, point, sizes)
            if not np.isfinite(value).all() or is_singular(expr, point, sizes):
                return None
            return _compared(moves, point, sizes)
        except np.linalg.LinAlgError:
            return None


def _compared(moves: Sequence[Move], point: Point, sizes: Mapping[str, int]) -> tuple[float, list[str]] | None:
    """The worst error and what is wrong; None at a point where a line has no value or a kink."""
    worst, failures = 0.0, list[str]()
    for move in moves:
        sides = [array for side in (move.before, move.after) for array in _values(side, point, sizes)]
        if any(a is None or not np.isfinite(a).all() for a in sides):
            return None
        arrays = [a for a in sides if a is not None]
        scale = max((float(np.abs(a).max(initial=0.0)) for a in arrays), default=0.0) or 1.0
        for array in arrays[1:]:
            if array.shape != arrays[0].shape:
                failures.append(f"{move.label}: a line of shape {array.shape} after one of shape {arrays[0].shape}")
                continue
            error = float(np.abs(array - arrays[0]).max(initial=0.0)) / max(scale, 1.0)
            worst = max(worst, error)
            if error > TOLERANCE:
                failures.append(f"{move.label}: the lines differ by {error:.1e}")
    return worst, failures


def _values(side: Side, point: Point, sizes: Mapping[str, int]) -> list[Array | None]:
    """The arrays of a side: of its tensor, and of its matrix form."""
    tensor, form, turned = side
    if tensor is None:
        return []
    array = _tensor_value(tensor, point, sizes)
    if form is None or array is None:
        return [array]
    return [array, Form("", form, turned).value(dict(point), sizes, array.shape)]


def _tensor_value(node: Tensor, point: Point, sizes: Mapping[str, int]) -> Array | None:
    """The array of an index form, what is not worked out by differences; None next to a kink."""
    known: dict[Tensor, Array] = {}
    for part in postorder(node):
        if part.head in UNEVALUATED:
            estimate = _difference(part, point, sizes)
            scale = max(float(np.abs(estimate.value).max(initial=0.0)), 1.0)
            if not (estimate.disagreement <= KINK * scale).all():
                return None
            known[part] = estimate.value
    return evaluate_tensor(node, point, sizes, known)


def _difference(node: Tensor, point: Point, sizes: Mapping[str, int]) -> Estimate:
    u, v = node.args
    name = str(v.data[0])

    def value(at: Point) -> Array:
        return evaluate_tensor(u, at, sizes)

    if node.head == "differential":
        return directional(value, point, name, point[direction_of(name)], analytic=False)
    return jacobian(value, point, name, analytic=False)
