"""The check of a Taylor polynomial: the order at which its error falls as the variable comes to the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.arguments import check_seed
from matcalc.core.display import Displayed
from matcalc.expr.nodes import Expr

STEPS = tuple(0.5 / 2**k for k in range(9))
"""Distances from the point, relative to a step of entries of order one."""
SLACK = 0.4
"""By how much the order that is read off two steps may fall short."""
NOISE = 1e-12
"""Errors below this, relative to the value, are those of rounding."""
CODE = 1e-9
"""The relative tolerance between the code and the formula."""
ENOUGH = 5
"""Steps at which everything must be finite for a point to count."""
POINTS = 3
ATTEMPTS = 24


@dataclass(frozen=True, repr=False)
class Remainder(Displayed):
    """What a check found.

    Attributes:
        passed: whether the error falls like h^(degree + 1) or faster, and the code has the value of the formula.
        order: the power of h at which the error falls, the least over the points; infinite where it is that of rounding.
        wanted: the power that a polynomial of this degree has.
        worst_error: between the code and the formula, relative.
        seed: of the random sizes, points and directions.
        sizes: the number drawn for each named dimension.
        failures: what was wrong.
    """

    passed: bool
    order: float
    wanted: int
    worst_error: float
    seed: int
    sizes: dict[str, int]
    failures: tuple[str, ...] = ()

    def __str__(self) -> str:
        sizes = " ".join(f"{name}={size}" for name, size in self.sizes.items()) or "fixed"
        order = "exact" if np.isinf(self.order) else f"falls like h^{self.order:.2f}"
        text = f"{'passed' if self.passed else 'FAILED'}: the remainder {order}, wanted h^{self.wanted}, seed {self.seed}, sizes {sizes}"
        return f"{text}; {self.failures[0]}" if self.failures else text


def check_remainder(
    expr: Expr,
    polynomial: Expr | None,
    points: Mapping[str, Expr],
    variables: Mapping[str, Expr],
    degree: int,
    code: Callable[[dict[str, Array]], object],
    seed: int = 0,
) -> Remainder:
    """Compare a polynomial with its function at points that come closer.

    Args:
        expr: the function.
        polynomial: the formula of the polynomial; None where the code alone is compared.
        points: where each variable of the expansion is expanded.
        variables: the `var` or `item` node of every name.
        degree: of the polynomial.
        code: its emitted function, of arrays by name.
        seed: of the random sizes, points and directions.
    """
    rng = np.random.default_rng(check_seed(seed))
    orders: list[float] = []
    worst, sizes = 0.0, dict[str, int]()
    for attempt in range(ATTEMPTS):
        sizes = draw_sizes((expr, *points.values(), *variables.values()), rng)
        values = draw_point(variables, sizes, rng, positive=attempt % 2 == 1)
        centre = _centre(points, values, variables, sizes)
        directions = draw_point({name: variables[name] for name in points}, sizes, rng)
        errors, gap = _errors(expr, polynomial, values, centre, directions, sizes, code)
        if np.isnan(gap):
            continue
        orders.append(_order(errors))
        worst = max(worst, gap)
        if len(orders) == POINTS:
            break
    failures = tuple(_failures(orders, worst, degree))
    return Remainder(not failures, min(orders, default=0.0), degree + 1, worst, seed, sizes, failures)


def _failures(orders: list[float], worst: float, degree: int) -> Iterator[str]:
    if not orders:
        yield "nothing was compared: no point was found at which the function is finite"
    elif min(orders) < degree + 1 - SLACK:
        yield f"the error falls like h^{min(orders):.2f}"
    if worst > CODE:
        yield f"the code differs from the formula by {worst:.1e}"


def _centre(points: Mapping[str, Expr], values: Mapping[str, Array], variables: Mapping[str, Expr],
            sizes: Mapping[str, int]) -> dict[str, Array]:
    """The arrays of the points; a family is given member by member."""
    centre: dict[str, Array] = {}
    for name, value in points.items():
        centre[name] = values[value.name] if value.head == "item" else np.asarray(evaluate(value, values, sizes), dtype=float)
        if variables[name].head == "item" and value.head != "item":
            centre[name] = np.broadcast_to(centre[name], np.shape(values[name]))
    return centre


def _errors(expr: Expr, polynomial: Expr | None, values: dict[str, Array], centre: Mapping[str, Array],
            directions: Mapping[str, Array], sizes: Mapping[str, int],
            code: Callable[[dict[str, Array]], object]) -> tuple[list[tuple[float, float]], float]:
    """Pairs of step and error that are above rounding, and the largest difference between code and formula; not a
    number where too few values are finite."""
    errors: list[tuple[float, float]] = []
    gap, compared = 0.0, 0
    for h in STEPS:
        point = {**values, **{name: centre[name] + h * directions[name] for name in centre}}
        with np.errstate(all="ignore"):
            try:
                wanted = np.asarray(evaluate(expr, point, sizes))
                coded = np.asarray(code({name: np.array(v) for name, v in point.items()}))
                found = coded if polynomial is None else np.asarray(evaluate(polynomial, point, sizes))
            except np.linalg.LinAlgError:
                continue
        if not (np.isfinite(wanted).all() and np.isfinite(found).all()):
            continue
        scale = max(float(np.abs(wanted).max(initial=0.0)), float(np.abs(found).max(initial=0.0)), 1e-3)
        compared += 1
        gap = max(gap, float(np.abs(coded - found).max(initial=0.0)) / scale)
        error = float(np.abs(wanted - found).max(initial=0.0))
        if error > NOISE * scale:
            errors.append((h, error))
    return errors, gap if compared >= ENOUGH else np.nan


def _order(errors: list[tuple[float, float]]) -> float:
    """The power of h between the two smallest steps whose errors are above rounding."""
    if len(errors) < 2:
        return float("inf")
    (h, large), (half, small) = errors[-2:]
    return float(np.log(large / small) / np.log(h / half))
