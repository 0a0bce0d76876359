"""Verdicts on curvature against numbers: second derivatives at random points, and chords of the graph.

The chords are taken with the interpreter alone; second derivatives that decide something are confirmed by its differences.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from matcalc.check.conditioning import is_singular
from matcalc.check.differences import Block
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes, properties_of
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr

FAMILIES = ((False, 1.0), (True, 1.0), (False, 0.1), (True, 0.1), (False, 5.0), (True, 10.0), (False, 1e-3), (True, 1e-2))
"""Kinds of points: (positive, scale)."""
ROUNDS = 4
PARTIAL = ("log", "sqrt", "asin", "acos", "tan")
"""Functions that are not defined everywhere."""
SLACK = 1e-8
"""How far a second derivative may be on the wrong side, relative to the largest."""
CHORD_SLACK = 1e-9
FLOOR = 1e-12
"""The absolute error of a value that sums and logarithms of numbers near 1 may leave."""
MARGIN = 1e-4
"""How far a second derivative must be on one side to count as a witness, relative to the largest."""

Point = dict[str, Array]


@dataclass
class Subject:
    """A function and what it is a function of.

    Attributes:
        expr: the function.
        variables: all variables by name.
        names: the names of what it is a function of.
        hessian: the second derivative at a point, axes of the variables twice; None where there is none.
        seed: of the random sizes and points.
    """

    expr: Expr
    variables: Mapping[str, Expr]
    block: Block
    hessian: Callable[..., object] | None = None
    seed: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    partial: list[Expr] = field(init=False)

    def __post_init__(self) -> None:
        nodes = [n for n in postorder(self.expr) if n.head == "power" or (n.head == "map" and n.name in PARTIAL)]
        self.partial = [n for n in nodes if not any(below.head == "item" for below in postorder(n))]

    @property
    def names(self) -> tuple[str, ...]:
        """What it is a function of."""
        return (self.block,) if isinstance(self.block, str) else self.block

    def value(self, point: Mapping[str, Array]) -> float:
        """The value at a point, not a number outside of the domain."""
        try:
            if is_singular(self.expr, point, self.sizes) or self.is_outside(point):
                return float("nan")
            return float(evaluate(self.expr, point, self.sizes))
        except np.linalg.LinAlgError:
            return float("nan")

    def rounding(self, point: Mapping[str, Array], value: float) -> float:
        """By how much a value changes in arithmetic of more digits, where there is one."""
        longer = {name: np.asarray(array, dtype=np.longdouble) for name, array in point.items()}
        try:
            return abs(float(evaluate(self.expr, longer, self.sizes)) - value)
        except (TypeError, np.linalg.LinAlgError):
            return 0.0

    def is_outside(self, point: Mapping[str, Array]) -> bool:
        """Whether a part is undefined, which what it stands in may hide: max(log(-1), 0)."""
        return any(not np.isfinite(evaluate(node, point, self.sizes)).all() for node in self.partial)

    def flat(self, point: Mapping[str, Array]) -> Array:
        """The variables as one vector."""
        return np.concatenate([np.ravel(point[n]) for n in self.names])

    def moved(self, point: Point, direction: Array) -> Point:
        """The point a step further."""
        moved, at = dict(point), 0
        for n in self.names:
            size = np.size(point[n])
            moved[n] = np.asarray(point[n] + direction[at : at + size].reshape(np.shape(point[n])))
            at += size
        return moved


def points(subject: Subject, rounds: int = ROUNDS) -> Iterator[Point]:
    """Random points of the domain, of several sizes and scales."""
    rng = np.random.default_rng(subject.seed)
    everything = (subject.expr, *subject.variables.values())
    for turn in range(rounds):
        sizes = draw_sizes(everything, rng)
        subject.sizes = dict.fromkeys(sizes, 1) if turn == rounds - 1 else sizes
        for positive, scale in FAMILIES:
            point = draw_point(subject.variables, subject.sizes, rng, positive, scale)
            if turn % 2:
                calm = draw_point(subject.variables, subject.sizes, rng, positive)
                point = {n: point[n] if n in subject.names else calm[n] for n in point}
            if np.isfinite(subject.value(point)):
                yield point


def directions(subject: Subject, point: Mapping[str, Array]) -> Array:
    """An orthonormal basis of the directions in which the variables can move, as columns."""
    columns: list[Array] = []
    total = subject.flat(point).size
    at = 0
    for n in subject.names:
        shape, found = np.shape(point[n]), properties_of(subject.variables[n])
        for k in range(int(np.prod(shape))):
            unit = np.zeros(shape)
            unit.flat[k] = 1.0
            unit = _along(unit, found)
            if unit.any():
                column = np.zeros(total)
                column[at : at + unit.size] = unit.ravel() / np.linalg.norm(unit)
                columns.append(column)
        at += int(np.prod(shape))
    return np.unique(np.round(np.array(columns), 15), axis=0).T


def _along(unit: Array, found: frozenset[str]) -> Array:
    if unit.ndim < 2 or unit.shape[-1] != unit.shape[-2]:
        return unit
    turned = np.swapaxes(unit, -1, -2)
    if "diagonal" in found:
        return unit * np.eye(unit.shape[-1])
    if found & {"symmetric", "posdef", "psd"}:
        return np.asarray(unit + turned)
    if "skew" in found:
        return np.asarray(unit - turned) * (1.0 if np.tril(unit).any() else 0.0)
    if "lower" in found or "upper" in found:
        return np.asarray((np.tril if "lower" in found else np.triu)(unit))
    return unit


def spectrum(subject: Subject, point: Point) -> tuple[Array, Array] | None:
    """Eigenvalues of the second derivative and their directions, None where it is not finite."""
    if subject.hessian is None:
        return None
    with np.errstate(all="ignore"):
        try:
            matrix = np.asarray(subject.hessian(**point), dtype=float)
        except (np.linalg.LinAlgError, ValueError):
            return None
    count = subject.flat(point).size
    matrix = matrix.reshape(count, count)
    if not np.isfinite(matrix).all() or not count:
        return None
    basis = directions(subject, point)
    if not basis.size:
        return None
    inner = basis.T @ ((matrix + matrix.T) / 2) @ basis
    values, vectors = np.linalg.eigh(inner)
    return values, basis @ vectors


def contradiction(subject: Subject, sign: int, by_hessian: bool, by_chords: bool) -> str | None:
    """Words on a point at which a claim fails, None where none was found.

    Args:
        subject: the function.
        sign: 1 where it is claimed to be convex, -1 where concave, 0 where both.
        by_hessian: whether the claim is on the second derivative.
        by_chords: whether it is on the function.
    """
    rng = np.random.default_rng(subject.seed + 1)
    for point in points(subject):
        found = spectrum(subject, point) if by_hessian else None
        if found is not None:
            values = found[0]
            slack = SLACK * max(float(np.abs(values).max(initial=0.0)), _natural(subject, point))
            for k, side in ((0, -1), (-1, 1)):
                if side != sign and values[k] * side > slack and _agrees(subject, point, found[1][:, k], values[k]):
                    return f"an eigenvalue of the second derivative is {values[k]:.3g} at {_shown(subject, point)}"
        if by_chords:
            for gap in _gaps(subject, point, rng, {-sign} if sign else {-1, 1}):
                return f"a chord is on the wrong side of the graph by {abs(gap):.3g}, near {_shown(subject, point)}"
    return None


def _natural(subject: Subject, point: Mapping[str, Array]) -> float:
    """The size of a second derivative that a function of such values has at such a distance from zero."""
    distance = float(np.abs(subject.flat(point)).max(initial=0.0))
    return abs(subject.value(point)) / max(distance, 1e-6) ** 2 + 1e-300


def _gaps(subject: Subject, point: Point, rng: np.random.Generator, sides: Container[int], count: int = 4) -> Iterator[float]:
    """By how much chords lie above the graph at their middles, where that is more than rounding can be; of these signs alone."""
    start = subject.flat(point)
    for n in range(count):
        other = draw_point({n: subject.variables[n] for n in subject.names}, subject.sizes, rng, bool((start > 0).all()))
        step = subject.flat(other) * (1.0 if n % 2 else float(np.abs(start).max(initial=1e-3))) - start
        step = step * (1.0, 0.1)[n % 2]
        ends = [subject.moved(point, step * t) for t in (0.0, 0.5, 1.0)]
        values = [subject.value(p) for p in ends]
        low, middle, high = values
        gap = (low + high) / 2 - middle
        slack = CHORD_SLACK * (abs(low) + abs(middle) + abs(high)) + FLOOR
        if not np.isfinite(gap) or abs(gap) <= slack or int(np.sign(gap)) not in sides:
            continue
        if abs(gap) > slack + 4 * sum(map(subject.rounding, ends, values)):
            yield gap


def witness(subject: Subject) -> str | None:
    """Words on two directions in which the second derivative has two signs, None where none was found."""
    best: dict[int, tuple[float, str]] = {}
    for point in points(subject):
        found = spectrum(subject, point)
        if found is None:
            continue
        values, vectors = found
        scale = float(np.abs(values).max(initial=0.0))
        for k, sign in ((-1, 1), (0, -1)):
            if sign in best or scale < 1e-8 or sign * values[k] < MARGIN * scale:
                continue
            if _agrees(subject, point, vectors[:, k], values[k]):
                best[sign] = values[k], f"{values[k]:.3g} along {_short(vectors[:, k])} at {_shown(subject, point)}"
        if len(best) == 2:
            return f"the second derivative is {best[1][1]}, and {best[-1][1]}"
    return None


def chord_witness(subject: Subject) -> str | None:
    """Words on a chord above the graph and one below it, None where they were not found."""
    rng = np.random.default_rng(subject.seed + 2)
    best: dict[int, str] = {}
    for point in points(subject):
        for gap in _gaps(subject, point, rng, {-1, 1} - best.keys()):
            if abs(gap) > 1e-6:
                best.setdefault(int(np.sign(gap)), f"{abs(gap):.3g}, near {_shown(subject, point)}")
        if len(best) == 2:
            return f"a chord runs above the graph by {best[1]}, another one below it by {best[-1]}"
    return None


def _agrees(subject: Subject, point: Point, direction: Array, value: float) -> bool:
    """Whether a second derivative is what differences of the function give, to one part in twenty."""
    return abs(_second_difference(subject, point, direction) - value) < 0.05 * abs(value)


def _second_difference(subject: Subject, point: Point, direction: Array) -> float:
    """The second derivative along a direction, from values of the function alone."""
    step = 1e-3 * max(float(np.abs(subject.flat(point)).max(initial=0.0)), 1e-3)

    def bend(h: float) -> float:
        ends = [subject.value(subject.moved(point, direction * t)) for t in (-h, 0.0, h)]
        return (ends[0] - 2 * ends[1] + ends[2]) / h**2

    return (4 * bend(step) - bend(2 * step)) / 3


def _shown(subject: Subject, point: Mapping[str, Array]) -> str:
    return ", ".join(f"{n} = {_short(np.asarray(point[n]))}" for n in subject.names)


def _short(array: Array) -> str:
    return np.array2string(np.round(array, 3), separator=", ", threshold=12).replace("\n", "")
