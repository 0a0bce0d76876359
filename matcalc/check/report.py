"""The check of a derivative: claimed arrays against numerical ones, at random points, with a stated tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from matcalc.check.conditioning import is_singular
from matcalc.check.differences import Block, Estimate, Function, Point, is_analytic, jacobian
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes, properties_of
from matcalc.check.structure import follow_structure
from matcalc.core.arguments import check_seed
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError
from matcalc.expr.nodes import Expr

TOLERANCE_COMPLEX = 1e-9
TOLERANCE_RICHARDSON = 1e-6
TOLERANCE_THIRD = 1e-4
KINK = 1e-3
SMALLEST_SCALE = 1e-3
SMALLEST_SCALE_HIGHER = 0.1
"""The scale of errors where the derivative itself is smaller; differences of differences are noisier."""

SMALLEST_SHARE = 1e-3
"""The same as a share of the function, for differences of differences: what rounding takes from them grows with it."""

HUGE = 1e15
"""Values beyond are not compared: a complex step into the logarithm of an exponential turns around the origin there."""

POINTS = 2
SIZE_ATTEMPTS = 16
SHOWN = 5
FAMILIES = 3 * tuple(family for family in ((False, 1.0), (True, 1.0), (False, 0.1), (True, 0.1)) for _ in range(2))
"""Kinds of points in the order in which they are tried: (positive, scale)."""

Claim = Callable[[dict[str, Array]], Array]


@dataclass(frozen=True, repr=False)
class Report(Displayed):
    """What a check found.

    Attributes:
        passed: whether everything that was compared agreed, and something was compared.
        worst_error: the largest error, relative to the largest entry of the derivative.
        tolerance: what the error was held against.
        method: how the numerical derivative was formed.
        seed: of the random sizes and points.
        sizes: the number drawn for each named dimension.
        failures: what was wrong, entry by entry.
    """

    passed: bool
    worst_error: float
    tolerance: float
    method: str
    seed: int
    sizes: dict[str, int]
    failures: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        sizes = " ".join(f"{name}={size}" for name, size in self.sizes.items()) or "fixed"
        text = (f"{verdict}: worst error {self.worst_error:.1e}, tolerance {self.tolerance:.0e}, "
                f"{self.method}, seed {self.seed}, sizes {sizes}")
        more = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
        return f"{text}; {self.failures[0]}{more}" if self.failures else text


@dataclass(frozen=True)
class Form:
    """A formula that claims the value of the derivative; `turned` says that it is the transpose."""

    label: str
    expr: Expr
    turned: bool = False

    def value(self, point: Point, sizes: Mapping[str, int], shape: tuple[int, ...]) -> Array:
        """The array of the derivative, as the formula has it; a column and a matrix of one column are alike."""
        array = called(lambda copied: evaluate(self.expr, copied, sizes), point, shape)
        array = array.T if self.turned else array
        return array.reshape(shape) if array.size == np.prod(shape) and 1 in shape else array


@dataclass(frozen=True)
class Sample:
    """A point with its reference derivative; `skipped` marks the entries next to a kink, `least` is held against errors at least."""

    point: dict[str, Array]
    value: Array
    skipped: Array
    least: float = 0.0


def check_derivative(
    expr: Expr,
    variables: Mapping[str, Expr],
    wrt: Sequence[Block],
    derivative: Claim,
    seed: int = 0,
    previous: Claim | None = None,
    structured: str | None = None,
    forms: Sequence[Form] = (),
) -> Report:
    """Compare a derivative with numerical differences of the interpreter.

    Args:
        expr: what was differentiated.
        variables: the `var` or `item` node of every name.
        wrt: for each differentiation, up to 3, a variable or names of scalars that form one vector.
        derivative: the array claimed at a point; axes of the value, then axes of each variable in turn.
        seed: of the random sizes and points.
        previous: the derivative of the order before, which is then differenced; not used with declared structure.
        structured: "entries", "projection", or None where all entries count as independent.
        forms: formulas that must have the same value.
    """
    _check_blocks(wrt, variables)
    order = len(wrt)
    chained = order > 1 and previous is not None and not _has_structure(wrt, variables)
    method, tolerance = reference_method(expr, order, chained)
    floor = SMALLEST_SCALE if order == 1 else SMALLEST_SCALE_HIGHER
    follow = partial(follow_structure, blocks=wrt, variables=variables, convention=structured)
    sizes, samples = drawn(expr, variables, wrt, seed, previous if chained else None)
    worst, failures = 0.0, list[str]()
    for sample in samples:
        reference = replace(sample, value=follow(sample.value))
        arrays = [("", called(derivative, sample.point, reference.value.shape))]
        arrays += [(f"{form.label}: ", form.value(sample.point, sizes, reference.value.shape)) for form in forms]
        for label, array in arrays:
            error, found = compare(reference, array, tolerance, floor)
            worst, failures = max(worst, error), [*failures, *(label + line for line in found)]
    if not any((~sample.skipped).any() or not sample.skipped.size for sample in samples):
        worst, failures = float("inf"), ["nothing was compared: no point was found at which the derivative exists"]
    return Report(not failures, worst, tolerance, method, seed, sizes, tuple(failures))


def called(claim: Claim, point: Point, shape: tuple[int, ...]) -> Array:
    """The array claimed at a point, which may be changed there; one without numbers where a matrix has no inverse."""
    try:
        return np.asarray(claim({name: np.array(array) for name, array in point.items()}))
    except np.linalg.LinAlgError:
        return np.full(shape, np.nan)


def check_value(expr: Expr, variables: Mapping[str, Expr], value: Claim, seed: int = 0) -> Report:
    """Compare a function with the interpreter at random points.

    Args:
        expr: what is evaluated.
        variables: the `var` or `item` node of every name.
        value: the array claimed at a point.
        seed: of the random sizes and points.
    """
    rng = np.random.default_rng(check_seed(seed))
    worst, failures, compared = 0.0, list[str](), False
    for _ in range(SIZE_ATTEMPTS):
        sizes = draw_sizes((expr, *variables.values()), rng)
        for sample in _values(expr, variables, sizes, rng):
            array = called(value, sample.point, sample.value.shape)
            if array.size == sample.value.size:
                array = array.reshape(sample.value.shape)
            error, lines = compare(sample, array, TOLERANCE_COMPLEX, SMALLEST_SCALE)
            worst, failures, compared = max(worst, error), [*failures, *(f"value: {line}" for line in lines)], True
        if compared:
            break
    if not compared:
        worst, failures = float("inf"), ["nothing was compared: no point was found at which the function is finite"]
    return Report(not failures, worst, TOLERANCE_COMPLEX, "interpreter", seed, sizes, tuple(failures))


def _values(expr: Expr, variables: Mapping[str, Expr], sizes: Mapping[str, int], rng: np.random.Generator) -> Iterator[Sample]:
    """Points at which the function is finite, with its values."""
    found = 0
    for positive, scale in FAMILIES:
        point = draw_point(variables, sizes, rng, positive, scale)
        value = _value(expr, point, sizes)
        if value is not None:
            yield Sample(point, value, np.zeros(value.shape, bool))
            found += 1
        if found == POINTS:
            return


def _value(expr: Expr, point: dict[str, Array], sizes: Mapping[str, int]) -> Array | None:
    """The function at a point, None where it is not finite or a matrix that it inverts is singular."""
    with np.errstate(all="ignore"):
        try:
            value = np.asarray(evaluate(expr, point, sizes))
            return value if (np.abs(value) < HUGE).all() and not is_singular(expr, point, sizes) else None
        except np.linalg.LinAlgError:
            return None


def drawn(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block], seed: int,
          previous: Claim | None) -> tuple[dict[str, int], list[Sample]]:
    """Sizes and points; other sizes where no point was found, for a tall matrix may have to be a wide one."""
    rng = np.random.default_rng(check_seed(seed))
    for _ in range(SIZE_ATTEMPTS):
        sizes = draw_sizes((expr, *variables.values()), rng)
        samples = list(_samples(expr, variables, wrt, sizes, rng, previous))
        if samples:
            break
    return sizes, samples


def _has_structure(wrt: Sequence[Block], variables: Mapping[str, Expr]) -> bool:
    names = [n for block in wrt for n in ((block,) if isinstance(block, str) else block)]
    return any(properties_of(variables[n]) - _SIGNS for n in names)


def reference_method(expr: Expr, order: int, chained: bool) -> tuple[str, float]:
    """How the reference is formed, and the tolerance that goes with it."""
    if order == 1 and is_analytic(expr):
        return "complex step", TOLERANCE_COMPLEX
    if chained:
        return "Richardson of the previous order", TOLERANCE_RICHARDSON
    return "Richardson", TOLERANCE_RICHARDSON if order < 3 else TOLERANCE_THIRD


_SIGNS = {"positive", "nonnegative"}


def _check_blocks(wrt: Sequence[Block], variables: Mapping[str, Expr]) -> None:
    if not 1 <= len(wrt) <= 3:
        raise DeclarationError(f"a check of order {len(wrt)}", hint="the order is 1, 2 or 3")
    for block in wrt:
        for name in (block,) if isinstance(block, str) else block:
            if name not in variables:
                raise DeclarationError(f"`{name}` is not a variable of the expression",
                                       hint="sizes, arrays and points are those of the variables of the formula")


def _reference(expr: Expr, blocks: Sequence[Block], sizes: Mapping[str, int], previous: Claim | None) -> Function:
    """The function whose last numerical derivative is the reference."""
    if previous is not None:
        known = previous
        return lambda point: np.asarray(known({name: array.copy() for name, array in point.items()}))
    function: Function = lambda point: evaluate(expr, point, sizes)
    analytic = is_analytic(expr)
    for block in blocks[:-1]:
        function, analytic = _differentiated(function, block, analytic), False
    return function


def _differentiated(function: Function, block: Block, analytic: bool) -> Function:
    return lambda point: jacobian(function, point, block, analytic).value


def _samples(
    expr: Expr,
    variables: Mapping[str, Expr],
    blocks: Sequence[Block],
    sizes: Mapping[str, int],
    rng: np.random.Generator,
    previous: Claim | None,
) -> Iterator[Sample]:
    """Points at which the derivative is finite, without kinks if there are such points."""
    function = _reference(expr, blocks, sizes, previous)
    analytic = is_analytic(expr) and len(blocks) == 1
    found, best = 0, None
    for positive, scale in FAMILIES:
        point = draw_point(variables, sizes, rng, positive, scale)
        sample = _sample(expr, point, sizes, lambda p: jacobian(function, p, blocks[-1], analytic),
                         SMALLEST_SHARE if len(blocks) > 1 else 0.0)
        if sample is None:
            continue
        if sample.skipped.any():
            best = sample if best is None or sample.skipped.sum() < best.skipped.sum() else best
            continue
        yield sample
        found += 1
        if found == POINTS:
            return
    if not found and best is not None:
        yield best


def _sample(
    expr: Expr, point: dict[str, Array], sizes: Mapping[str, int], differentiate: Callable[[Point], Estimate], share: float
) -> Sample | None:
    """The reference at a point, or nothing where it is not finite."""
    value = _value(expr, point, sizes)
    if value is None:
        return None
    with np.errstate(all="ignore"):
        try:
            estimate = differentiate(point)
        except np.linalg.LinAlgError:
            return None
    if not (np.isfinite(estimate.value).all() and np.isfinite(estimate.disagreement).all()):
        return None
    scale = max(float(np.abs(estimate.value).max(initial=0.0)), SMALLEST_SCALE)
    return Sample(point, estimate.value, estimate.disagreement > KINK * scale, share * float(np.abs(value).max(initial=0.0)))


def compare(sample: Sample, claimed: Array, tolerance: float, floor: float) -> tuple[float, list[str]]:
    """The worst relative error, and a line for each of the worst wrong entries."""
    if claimed.shape != sample.value.shape:
        return float("inf"), [f"the array has the shape {claimed.shape}, not {sample.value.shape}"]
    if not np.isfinite(claimed).all():
        return float("inf"), ["the array has entries that are not finite where the derivative is"]
    scale = max(float(np.abs(sample.value).max(initial=0.0)), floor, sample.least)
    errors = np.where(sample.skipped, 0.0, np.abs(claimed - sample.value) / scale)
    worst = [int(k) for k in np.argsort(-errors, axis=None)[:SHOWN] if errors.flat[k] > tolerance]
    lines = []
    for position in worst:
        index = tuple(int(k) for k in np.unravel_index(position, errors.shape))
        where = f"entry {list(index)}" if index else "the value"
        lines.append(f"{where} is {claimed[index]:.6g}, not {sample.value[index]:.6g}")
    return float(errors.max(initial=0.0)), lines
