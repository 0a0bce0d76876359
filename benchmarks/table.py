"""One row for each problem and size: correctness, then the times of all candidates."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

import numpy as np

from benchmarks.clock import Call, Times, measured
from benchmarks.emitted import Emitted
from benchmarks.floor import FLOOR
from benchmarks.hand import HAND, Array
from benchmarks.naive import NAIVE
from benchmarks.peers import CALLS
from benchmarks.problems import Point, Problem

COLUMNS = ("emitted", "unchecked", "floor", "naive", "jax", "torch", "autograd")


@dataclass(frozen=True)
class Row:
    """What was measured of one problem at one size.

    Attributes:
        problem: the problem.
        size: "small", "medium" or "large".
        hand: the name of the fastest hand-written variant, and its time.
        times: of every other candidate, the better of two orders for a library that has two.
        emitted: the emitted code.
    """

    problem: Problem
    size: str
    hand: tuple[str, Times]
    times: dict[str, Times]
    emitted: Emitted

    def ratio(self, column: str) -> float | None:
        """The time of a candidate over that of the best hand-written code."""
        return self.times[column].ratio(self.hand[1]) if column in self.times else None

    def cell(self, column: str) -> str:
        """The ratio in print; `~` marks one that varied."""
        found = self.ratio(column)
        if found is None:
            return ""
        digits = 2 if found < 10 else 1 if found < 100 else 0
        return f"{found:.{digits}f}{'~' if self.times[column].is_noisy(self.hand[1]) else ''}"


def bound(function: Callable[..., object], point: Point) -> Call:
    """The call of a function with the arguments that its parameters name."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        values = [point[n] for n in ("X", *sorted(n for n in point if n[0] == "W"))]
    else:
        values = [point[p.name] for p in parameters]
    return lambda: function(*values)


def arrays(result: object) -> list[Array]:
    """The arrays of a result, those of nested tuples in order."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in arrays(part)]
    return [np.asarray(result)]


def check(problem: Problem, name: str, found: object, expected: Sequence[Array]) -> None:
    """Holds a result against that of the first hand-written variant.

    Raises:
        AssertionError: where they differ.
    """
    for one, other in zip(arrays(found), expected, strict=True):
        scale = np.abs(other).max(initial=1e-300)
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9 * scale, err_msg=f"{problem.key} {name}")


def candidates(problem: Problem, size: str, code: Emitted, peers: Sequence[str]) -> tuple[dict[str, Call], dict[str, Call]]:
    """The hand-written calls and all others, checked."""
    point = problem.point(size, code.parameters)
    hand = {name: bound(f, point) for name, f in HAND[problem.key].items()}
    expected = arrays(next(iter(hand.values()))())
    values = [point[n] for n in code.parameters]
    others: dict[str, Call] = {
        "emitted": lambda: code.function(*values), "unchecked": lambda: code.unchecked(*values),
    }
    if problem.key in NAIVE:
        others["naive"] = bound(NAIVE[problem.key], point)
    for name, call in {**hand, **others}.items():
        check(problem, name, call(), expected)
    others["floor"] = bound(FLOOR[problem.key], point)
    for peer in peers:
        if size != "large" or peer == "jax":
            others.update(CALLS[peer](problem, point))
    for name in [n for n in others if n.split()[0] in CALLS]:
        try:
            found = arrays(others[name]())
        except (MemoryError, RuntimeError):  # forward mode asks for 65 GB for the Jacobian by a 300 x 300 matrix
            del others[name]
        else:
            check(problem, name, tuple(found[-len(expected):]), expected)
    return hand, others


def row(problem: Problem, size: str, code: Emitted, peers: Sequence[str]) -> Row:
    """Measures one problem at one size."""
    hand, others = candidates(problem, size, code, peers)
    times = measured({**{f"hand {k}": v for k, v in hand.items()}, **others})
    best = min(hand, key=lambda name: times[f"hand {name}"].median)
    found: dict[str, Times] = {}
    for name in others:
        column = name.split()[0]
        if column not in found or times[name].median < found[column].median:
            found[column] = times[name]
    return Row(problem, size, (best, times[f"hand {best}"]), found, code)


def mean(rows: Sequence[Row], column: str, over: str | None = None) -> float | None:
    """The geometric mean of the ratios of one column to the hand-written code, or to another column."""
    ratios = []
    for r in rows:
        times = {**r.times, "hand": r.hand[1]}
        if column in times and (over or "hand") in times:
            ratios.append(times[column].ratio(times[over or "hand"]))
    return geometric_mean(ratios) if ratios else None
