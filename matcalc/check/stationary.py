"""The check of a stationary point: the gradient there, by differences of the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcalc.check.conditioning import is_singular
from matcalc.check.convexity import Subject, spectrum
from matcalc.check.differences import Block, is_analytic, jacobian
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.structure import follow_structure
from matcalc.core.display import Displayed
from matcalc.expr.nodes import Expr

TOLERANCE = 1e-6
POINTS = 3
ATTEMPTS = 40
FAMILIES = (False, False, True)
"""Which points have positive entries alone."""


@dataclass(frozen=True, repr=False)
class Report(Displayed):
    """What a check found.

    Attributes:
        passed: whether the gradient was zero at every solution that was tried, and one was.
        worst_error: the largest entry of a gradient at a solution, relative to gradients beside it.
        tolerance: what the error was held against.
        seed: of the random sizes and values.
        sizes: the number drawn for each named dimension.
        failures: what was wrong.
    """

    passed: bool
    worst_error: float
    tolerance: float
    seed: int
    sizes: dict[str, int]
    failures: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        sizes = " ".join(f"{name}={size}" for name, size in self.sizes.items()) or "fixed"
        head = f"{verdict}: gradient {self.worst_error:.1e} at the solution, tolerance {self.tolerance:.0e}, seed {self.seed}, sizes {sizes}"
        return "\n".join([head, *(f"  {line}" for line in self.failures)])


def check_stationary(expr: Expr, variables: Mapping[str, Expr], block: Block, solve: Callable[[dict[str, Array]], object],
                     values: Sequence[Expr], seed: int = 0) -> Report:
    """Solves at random values of the known variables and differentiates the function there.

    Args:
        expr: the function.
        variables: the `var` or `item` node of every name.
        block: the unknown, or the names of scalars that are unknown together.
        solve: the solution that code computes at a point.
        values: formulas of solutions; each must be one, and the first the one that `solve` computes.
        seed: of the random sizes and values.
    """
    rng = np.random.default_rng(seed)
    worst, failures, tried, sizes = 0.0, list[str](), 0, dict[str, int]()
    for attempt in range(ATTEMPTS):
        sizes = _tall(draw_sizes((expr, *variables.values()), rng), block, variables)
        point = draw_point(variables, sizes, rng, positive=FAMILIES[attempt % len(FAMILIES)])
        try:
            found = _solutions(point, sizes, solve, values)
        except (np.linalg.LinAlgError, ZeroDivisionError, FloatingPointError):
            continue
        errors = [_error(expr, variables, {**point, **_placed(block, value)}, point, sizes, block) for _, value in found]
        if any(error is None for error in errors):
            continue
        tried += 1
        for (label, _), error in zip(found, errors, strict=True):
            worst = max(worst, error or 0.0)
            if error is not None and error > TOLERANCE:
                failures.append(f"{label}: the gradient is {error:.2g} of that beside it")
        if tried == POINTS:
            break
    if not tried:
        return Report(False, float("inf"), TOLERANCE, seed, sizes, ("nothing was compared: no values with a solution were found",))
    return Report(not failures, worst, TOLERANCE, seed, sizes, tuple(failures))


def kind_at(expr: Expr, variables: Mapping[str, Expr], block: Block, solve: Callable[[dict[str, Array]], object],
            hessian: Callable[..., object] | None, seed: int = 0) -> str:
    """What the solutions are at random values of the known variables: a minimum, a maximum or a saddle; empty if not always one."""
    rng = np.random.default_rng(seed)
    subject = Subject(expr, variables, block, hessian, seed)
    kinds: list[str] = []
    for attempt in range(ATTEMPTS):
        subject.sizes = _tall(draw_sizes((expr, *variables.values()), rng), block, variables)
        point = draw_point(variables, subject.sizes, rng, positive=FAMILIES[attempt % len(FAMILIES)])
        try:
            with np.errstate(all="ignore"):
                at = {**point, **_placed(block, np.asarray(solve(point)))}
        except (np.linalg.LinAlgError, ZeroDivisionError, FloatingPointError):
            continue
        found = spectrum(subject, at) if np.isfinite(subject.value(at)) else None
        if found is None:
            continue
        low, high = found[0][0], found[0][-1]
        slack = 1e-9 * max(abs(low), abs(high))
        kinds.append("a minimum" if low > slack else "a maximum" if high < -slack else "a saddle" if low < -slack < slack < high else "")
        if len(kinds) == POINTS:
            break
    return kinds[0] if len(kinds) == POINTS and len(set(kinds)) == 1 else ""


def _tall(sizes: dict[str, int], block: Block, variables: Mapping[str, Expr]) -> dict[str, int]:
    """Sizes with those of the unknown the smallest, so that there are as many data as unknowns."""
    names = [block] if isinstance(block, str) else list(block)
    own = [n for name in names for d in variables[name].shape.dims for n in d.names]
    order = sorted(sizes, key=lambda n: (n not in own, sizes[n]))
    return dict(zip(order, sorted(sizes.values()), strict=True))


def _solutions(point: dict[str, Array], sizes: Mapping[str, int], solve: Callable[[dict[str, Array]], object],
               values: Sequence[Expr]) -> list[tuple[str, Array]]:
    with np.errstate(all="ignore"):
        found = [("code", np.asarray(solve({name: array.copy() for name, array in point.items()})))]
        if any(is_singular(value, point, sizes) for value in values):
            raise np.linalg.LinAlgError("the condition of the solution does not hold")
        found += [("formula", evaluate(value, point, sizes)) for value in values]
    return found


def _placed(block: Block, value: Array) -> dict[str, Array]:
    if isinstance(block, str):
        return {block: value}
    return {name: np.asarray(v) for name, v in zip(block, value, strict=True)}


def _error(expr: Expr, variables: Mapping[str, Expr], at: dict[str, Array], beside: dict[str, Array], sizes: Mapping[str, int],
           block: Block) -> float | None:
    """The gradient at the solution, relative to the one beside it; None where the function is not defined there."""
    analytic = is_analytic(expr)
    with np.errstate(all="ignore"):
        try:
            if not np.isfinite(evaluate(expr, at, sizes)).all() or is_singular(expr, at, sizes):
                return None
            here = jacobian(lambda p: evaluate(expr, p, sizes), at, block, analytic).value
            here = follow_structure(here, [block], variables, "projection")
            there = jacobian(lambda p: evaluate(expr, p, sizes), _half_way(at, beside, block), block, analytic).value
        except np.linalg.LinAlgError:
            return None
    if not np.isfinite(here).all():
        return None
    scale = float(np.abs(there).max(initial=0.0)) if np.isfinite(there).all() else 1.0
    return float(np.abs(here).max(initial=0.0)) / max(scale, 1e-3)


def _half_way(at: dict[str, Array], beside: dict[str, Array], block: Block) -> dict[str, Array]:
    names = [block] if isinstance(block, str) else list(block)
    return {**at, **{n: np.asarray((at[n] + beside[n]) / 2) for n in names}}
