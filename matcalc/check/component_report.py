"""The check of a result in index notation: code, printed text and matrix form against the formula, at random points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from matcalc.check.components import evaluate_along, evaluate_components, is_analytic, terms
from matcalc.check.differences import Estimate, Function, jacobian
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.report import (
    FAMILIES,
    KINK,
    POINTS,
    SMALLEST_SCALE,
    SMALLEST_SCALE_HIGHER,
    TOLERANCE_COMPLEX,
    TOLERANCE_RICHARDSON,
    TOLERANCE_THIRD,
    Report,
    Sample,
    compare,
)
from matcalc.check.sample import Rng, draw_point
from matcalc.check.sample import draw_sizes as draw_expr_sizes
from matcalc.core.arguments import check_seed
from matcalc.core.dims import Dim, Shape
from matcalc.core.traversal import postorder
from matcalc.expr.build import variable
from matcalc.expr.components import Array as Declared
from matcalc.expr.components import Components, Index, Slot
from matcalc.expr.nodes import Expr

_FIRST = (2, 3, 5, 4, 7, 6)
Claim = Callable[[Mapping[str, Array], Mapping[str, int]], Array]


@dataclass(frozen=True)
class Reference:
    """What a result in index notation claims to be.

    Attributes:
        program: the formula.
        wrt: the components that it was differentiated by, none for a formula that was rewritten.
        indices: the indices of the axes of the result.
    """

    program: Components
    wrt: Sequence[tuple[str, tuple[Slot, ...]]]
    indices: Sequence[Index]

    @property
    def arrays(self) -> Mapping[str, Declared]:
        """The variables."""
        return self.program.arrays

    def sizes(self, rng: Rng) -> dict[str, int]:
        """Random sizes."""
        return draw_sizes(self.program, self.wrt, rng)

    def estimate(self, point: Mapping[str, Array], sizes: Mapping[str, int]) -> Estimate:
        """The numerical value at a point, and how uncertain it is."""
        function: Function = partial(self.value, sizes=sizes)
        analytic = is_analytic(self.program)
        if not self.wrt:
            value = self.along(function(point), sizes)
            return Estimate(value, np.zeros_like(value))
        for name, _ in self.wrt[:-1]:
            function, analytic = _differentiated(function, name, analytic), False
        found = jacobian(function, point, self.wrt[-1][0], analytic)
        return Estimate(self.along(found.value, sizes), self.along(found.disagreement, sizes))

    def value(self, point: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        """The formula at a point."""
        return evaluate_components(self.program, point, sizes)

    def along(self, array: Array, sizes: Mapping[str, int]) -> Array:
        """The entries of all derivatives that the indices and positions pick, one axis an index of the result."""
        slots = [*self.program.free, *(s for _, own in self.wrt for s in own)]
        lengths = [i.extent.evaluate(sizes) for i in self.indices]
        found = np.zeros(lengths)
        for at in np.ndindex(*lengths):
            env = dict(zip(self.indices, at, strict=True))
            found[at] = array[tuple(s - 1 if isinstance(s, int) else env[s] for s in slots)]
        return found

    @property
    def method(self) -> tuple[str, float, float]:
        """How the reference is formed, the tolerance that goes with it, and the smallest scale of errors."""
        order = len(self.wrt)
        if not order:
            return "values", TOLERANCE_COMPLEX, SMALLEST_SCALE
        if order == 1 and is_analytic(self.program):
            return "complex step", TOLERANCE_COMPLEX, SMALLEST_SCALE
        tolerance = TOLERANCE_RICHARDSON if order < 3 else TOLERANCE_THIRD
        return "Richardson", tolerance, SMALLEST_SCALE if order == 1 else SMALLEST_SCALE_HIGHER


@dataclass(frozen=True)
class Value:
    """An expression of the matrix language that a formula claims to equal."""

    expr: Expr
    arrays: Mapping[str, Declared]
    method: tuple[str, float, float] = ("values", TOLERANCE_COMPLEX, SMALLEST_SCALE)

    def sizes(self, rng: Rng) -> dict[str, int]:
        """Random sizes."""
        return draw_expr_sizes([self.expr], rng)

    def estimate(self, point: Mapping[str, Array], sizes: Mapping[str, int]) -> Estimate:
        """The value at a point."""
        value = np.asarray(evaluate(self.expr, point, sizes))
        return Estimate(value, np.zeros(value.shape))


def _differentiated(function: Function, name: str, analytic: bool) -> Function:
    return lambda point: jacobian(function, point, name, analytic).value


def check_components(reference: Reference | Value, claims: Mapping[str, Claim], seed: int = 0) -> Report:
    """Compares claims with the formula, differentiated numerically, at random points.

    Args:
        reference: the formula and what was done with it.
        claims: functions of a point and of sizes by what messages call them.
        seed: of the random sizes and points.
    """
    method, tolerance, floor = reference.method
    rng = np.random.default_rng(check_seed(seed))
    sizes = reference.sizes(rng)
    worst, failures, compared = 0.0, list[str](), 0
    for point, found in _samples(reference, sizes, rng):
        scale = max(float(np.abs(found.value).max(initial=0.0)), SMALLEST_SCALE)
        sample = Sample(point, found.value, found.disagreement > KINK * scale)
        compared += int((~sample.skipped).any() or not sample.skipped.size)
        for label, claim in claims.items():
            array = np.asarray(claim({n: a.copy() for n, a in point.items()}, sizes))
            error, lines = compare(sample, array, tolerance, floor)
            worst, failures = max(worst, error), [*failures, *(f"{label}: {line}" if label else line for line in lines)]
    if not compared:
        worst, failures = float("inf"), ["nothing was compared: no point was found at which the derivative exists"]
    return Report(not failures, worst, tolerance, method, seed, sizes, tuple(failures))


def _samples(reference: Reference | Value, sizes: Mapping[str, int], rng: Rng) -> Iterator[tuple[dict[str, Array], Estimate]]:
    """Points at which the reference is finite."""
    found = 0
    for positive, scale in FAMILIES:
        point = draw_arrays(reference.arrays, sizes, rng, positive, scale)
        with np.errstate(all="ignore"):
            try:
                estimate = reference.estimate(point, sizes)
            except np.linalg.LinAlgError:
                continue
        if np.isfinite(estimate.value).all() and np.isfinite(estimate.disagreement).all():
            yield point, estimate
            found += 1
        if found == POINTS:
            return


def draw_sizes(program: Components, wrt: Sequence[tuple[str, tuple[Slot, ...]]], rng: Rng) -> dict[str, int]:
    """Pairwise distinct sizes for the named dimensions, large enough for every position in the formula."""
    dims: dict[Dim, int] = {d: 1 for a in program.arrays.values() for d in a.axes}
    for term in terms(program):
        dims.update({i.extent: 1 for i in term.free if i.extent not in dims})
        dims.update({d: 1 for d in term.data if isinstance(d, Dim) and d not in dims})
        dims.update({i.extent: 1 for i in term.data if isinstance(i, Index) and i.extent not in dims})
    for expr in (*program.islands.values(), *(d.expr for d in program.definitions.values() if d.expr is not None)):
        dims.update({d: 1 for node in postorder(expr) for d in node.shape.dims if d not in dims})
    least = max((s for _, slots in (*wrt, *((t.op, t.slots) for t in terms(program))) for s in slots if isinstance(s, int)),
                default=1)
    names = sorted({name for dim in dims for name in dim.names})
    fixed = {dim.value for dim in dims}
    pool = [n for n in (*_FIRST, *range(8, 10 + least + len(names) + len(fixed))) if n not in fixed and n >= least]
    return dict(zip(names, (int(n) for n in rng.permutation(pool[: len(names)])), strict=True))


def draw_arrays(
    arrays: Mapping[str, Declared], sizes: Mapping[str, int], rng: Rng, positive: bool = False, scale: float = 1.0
) -> dict[str, Array]:
    """Random arrays that respect declared properties."""
    point: dict[str, Array] = {}
    for name, array in arrays.items():
        if len(array.axes) <= 2:
            kind = ("scalar", "vector", "matrix")[len(array.axes)]
            node = variable(name, Shape(kind, array.axes), array.properties)  # type: ignore[arg-type]
            point |= draw_point({name: node}, sizes, rng, positive, scale)
        else:
            shape = tuple(d.evaluate(sizes) for d in array.axes)
            signs = 1.0 if positive else rng.choice([-1.0, 1.0], shape)
            point[name] = np.asarray(scale * signs * rng.uniform(0.2, 1.5, shape))
    return point


def check_formula(
    source: Components | Expr, formula: Components | Expr, axes: tuple[Sequence[str], Sequence[Dim]],
    function: Callable[..., Array] | None, arrays: Mapping[str, Declared], seed: int,
) -> Report:
    """The report of a formula: of its code, and of what it prints, read again.

    Args:
        source: what it came from.
        formula: what it prints.
        axes: the names and the lengths of its axes, where that is in index notation.
        function: its code, if there is any.
        arrays: its variables.
        seed: of the random points.
    """
    def printed(point: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
        if isinstance(formula, Expr):
            return np.asarray(evaluate(formula, point, sizes))
        return evaluate_along(formula, point, sizes, axes[0], [d.evaluate(sizes) for d in axes[1]])

    claims: dict[str, Claim] = {"the formula": printed}
    if function is not None:
        claims[""] = lambda point, _: function(*(point[n] for n in arrays))
    if isinstance(source, Expr):
        return check_components(Value(source, arrays), claims, seed)
    slots = (s for _, own in source.wrt for s in own)
    indices = tuple(dict.fromkeys(i for i in (*source.free, *slots) if not isinstance(i, int)))
    return check_components(Reference(source, source.wrt, indices), claims, seed)
