"""M w = r for a vector w."""

from __future__ import annotations

from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of
from matcalc.simplify.factor import factor
from matcalc.simplify.size import size
from matcalc.stationary.linear import Linear, solved, without_common, without_left
from matcalc.stationary.point import Recipe
from matcalc.stationary.setting import Found, Setting
from matcalc.stationary.squares import Block, least_squares


def _place(block: Block, order: list[str]) -> tuple[bool, int]:
    """Data before ridges, each in the order of the formula."""
    used = [order.index(str(t.data[0])) for t in postorder(block.rows) if t.head == "var"]
    return any(t.head == "delta" for t, _ in factors_of(block.rows)), min(used, default=0)


def vector_point(setting: Setting, linear: Linear) -> Found:
    """The solution M^-1 r."""
    linear = without_left(without_common(linear, setting.is_nonzero), setting.is_invertible, size)
    linear = without_common(linear, setting.is_nonzero)
    matrix, right = linear.hessian, linear.right
    solution = factor(solved(matrix, right))
    sides = (setting.times(matrix, setting.node), setting.written(right))
    return Found((sides,), (setting.inverse_times(matrix, right, solution),), conditions(setting, matrix, solution),
                 recipe(setting, matrix, right, solution))


def conditions(setting: Setting, matrix: Tensor, solution: Tensor) -> tuple[str, ...]:
    """What makes the solution the only one: M is invertible, or the number is not zero that M is a multiple of I by."""
    scale = multiple_of_identity(matrix)
    if scale is not None:
        return () if setting.is_nonzero(scale) else (f"{setting.say(scale)} is not 0",)
    return setting.invertibility(matrix)


def multiple_of_identity(matrix: Tensor) -> Tensor | None:
    """c, where the matrix is c I."""
    core = matrix.args[0] if matrix.head == "lin" and len(matrix.args) == 1 else matrix
    factors = factors_of(core)
    rest = [f for f in factors if f[0].head != "delta"]
    if len(rest) == len(factors) or any(idx for _, idx in rest):
        return None
    scale = b.contract(rest, ())
    return scale if core is matrix else b.scale(matrix.coefficients[0], scale)


def recipe(setting: Setting, matrix: Tensor, right: Tensor, solution: Tensor, is_turned: bool = False) -> Recipe:
    """Least squares where the system is that, else the formula, which is emitted as a solve."""
    if any(t.head == "matpow" and str(t.data[0]).startswith("-") for t in postorder(solution)):
        rows = least_squares(matrix, right, setting.judge.signs)
        if rows is not None:
            order = list(setting.variables)
            return Recipe("least squares", (), tuple(sorted(rows, key=lambda block: _place(block, order))), is_turned)
    return Recipe("formula", (solution,))
