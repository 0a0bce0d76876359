"""Numerical derivatives: the complex step where it applies, else Richardson extrapolation of central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.core.functions import FUNCTIONS
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr

COMPLEX_STEP = 1e-30
RICHARDSON_STEP = float(np.finfo(float).eps) ** 0.2
Point = Mapping[str, Array]
Function = Callable[[Point], Array]
Block = str | tuple[str, ...]
"""A variable, or scalars that form one vector."""


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative, and by how much its two estimates disagree (zero for the complex step)."""

    value: Array
    disagreement: Array


def is_analytic(expr: Expr) -> bool:
    """Whether every head and function in the expression is smooth."""
    return all(
        node.head != "norm1"
        and (node.head != "map" or (node.name in FUNCTIONS and FUNCTIONS[node.name].smooth))
        for node in postorder(expr)
    )


def directional(f: Function, point: Point, wrt: str, direction: Array, analytic: bool) -> Estimate:
    """The derivative of `f` along a direction of one variable.

    Args:
        f: a function of a point.
        point: where.
        wrt: the variable that moves.
        direction: how it moves; the result is linear in it.
        analytic: whether `f` takes complex points, so that the complex step applies.
    """
    base = np.asarray(point[wrt], dtype=float)
    if analytic:
        value = np.asarray(f({**point, wrt: base + 1j * COMPLEX_STEP * direction}))
        derivative = np.asarray(value.imag / COMPLEX_STEP)
        return Estimate(derivative, np.where(np.isfinite(value.real), 0.0, np.nan))
    return _richardson(lambda t: np.asarray(f({**point, wrt: base + t * direction})), base, direction)


def _richardson(along: Callable[[float], Array], base: Array, direction: Array) -> Estimate:
    size = float(np.abs(direction).max(initial=0.0))
    if size == 0.0:
        zero = np.zeros_like(along(0.0))
        return Estimate(zero, zero)
    step = RICHARDSON_STEP * (float(np.abs(base).max(initial=0.0)) or 1.0) / size
    middle = along(0.0)
    above, below = along(step), along(-step)
    above_half, below_half = along(step / 2), along(-step / 2)
    wide, narrow = (above - below) / (2 * step), (above_half - below_half) / step
    # Smooth functions have bends (differences of one-sided slopes) proportional to the step; a kink has not.
    bend, bend_half = (above - 2 * middle + below) / step, 2 * (above_half - 2 * middle + below_half) / step
    kink = np.abs(2 * bend_half - bend)
    return Estimate(np.asarray((4 * narrow - wide) / 3), np.asarray(np.maximum(np.abs(wide - narrow), kink)))


def jacobian(f: Function, point: Point, wrt: Block, analytic: bool) -> Estimate:
    """All partial derivatives by the entries of a variable: axes of the output, then axes of the variable.

    By the names of scalars there is one last axis.
    """
    if not isinstance(wrt, str):
        parts = [jacobian(f, point, name, analytic) for name in wrt]
        return Estimate(
            np.stack([p.value for p in parts], axis=-1), np.stack([p.disagreement for p in parts], axis=-1)
        )
    base = np.asarray(point[wrt], dtype=float)
    columns = []
    for position in range(base.size):
        direction = np.zeros(base.size)
        direction[position] = 1.0
        columns.append(directional(f, point, wrt, direction.reshape(base.shape), analytic))
    if not columns:
        empty = np.zeros((*np.shape(f(point)), *base.shape))
        return Estimate(empty, empty)
    shape = (*columns[0].value.shape, *base.shape)
    return Estimate(
        np.stack([c.value for c in columns], axis=-1).reshape(shape),
        np.stack([c.disagreement for c in columns], axis=-1).reshape(shape),
    )


def numerical_jacobian(expr: Expr, wrt_name: str, values: Point, sizes: Mapping[str, int]) -> Array:
    """The derivative of an expression by one variable, entry by entry.

    Returns:
        An array whose axes are those of the value, then those of the variable.
    """
    return jacobian(lambda point: evaluate(expr, point, sizes), values, wrt_name, is_analytic(expr)).value
