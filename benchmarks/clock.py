"""Times of calls that take turns: process time on one core, every candidate once a round in shuffled order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Call = Callable[[], object]
SAMPLE = 0.0005
"""Seconds of one sample at least."""

BUDGET = 1.0
"""Seconds for all rounds of one problem at one size, as far as the fewest rounds allow."""

ROUNDS = (5, 41)


@dataclass(frozen=True)
class Times:
    """The samples of one candidate, in seconds a call, one a round."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle sample."""
        return median(self.samples)

    def ratio(self, other: Times) -> float:
        """The median over the rounds of this time over the other one."""
        return median(a / b for a, b in zip(self.samples, other.samples, strict=True))

    def is_noisy(self, other: Times) -> bool:
        """Whether the quartiles of the ratio lie more than 1.35 apart."""
        low, _, high = quantiles((a / b for a, b in zip(self.samples, other.samples, strict=True)), n=4)
        return high > 1.35 * low


def seconds(call: Call, repeats: int) -> float:
    """Process time of one call."""
    start = time.process_time_ns()
    for _ in range(repeats):
        call()
    return (time.process_time_ns() - start) / repeats / 1e9


def measured(calls: Mapping[str, Call], seed: int = 0) -> dict[str, Times]:
    """Samples of every call, in rounds."""
    first = {name: min(seconds(call, 1) for _ in range(3)) for name, call in calls.items()}
    repeats = {name: max(1, int(SAMPLE / max(t, 1e-7))) for name, t in first.items()}
    one_round = sum(max(t, SAMPLE) for t in first.values())
    rounds = min(max(int(BUDGET / one_round), ROUNDS[0]), ROUNDS[1])
    order = random.Random(seed)
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name in order.sample(list(calls), len(calls)):
            calls[name]()  # what the one before left in caches and in the allocator is not its cost
            samples[name].append(seconds(calls[name], repeats[name]))
    return {name: Times(tuple(found)) for name, found in samples.items()}
