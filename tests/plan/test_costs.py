"""The rules of the planner against times that were measured: what they choose is never far from the faster way."""

import tomllib
from collections.abc import Callable
from math import prod
from pathlib import Path

import pytest

from matcalc.plan.costs import GRAM_COLUMNS, OUTER_ENTRIES, SOFTPLUS_ENTRIES, THIN
from matcalc.plan.order import Network, contraction_order

MEASURED = tomllib.loads((Path(__file__).parent / "measured.toml").read_text(encoding="utf-8"))["measured"]
TOLERANCE = 1.35
"""A way that is slower by less may be chosen: for accuracy, or because clocks are noisy."""


def of_chain(*sizes: int) -> str:
    """Which product of three factors comes first, by the cost model."""
    factors = [frozenset((n, n + 1)) for n in range(3)]
    network = Network(factors, frozenset((0, 3)), dict(enumerate(map(float, sizes))), frozenset(), (0, 1, 2))
    return "left" if set(contraction_order(network)[0]) == {0, 1} else "right"


CHOSEN: dict[str, Callable[..., str]] = {
    "gram": lambda n: "general" if n < GRAM_COLUMNS else "triangle",
    "outer": lambda n: "einsum" if n * n > OUTER_ENTRIES else "matmul",
    "softplus": lambda n: "one" if n < SOFTPLUS_ENTRIES else "several",
    "residual": lambda m, n, k: "apart" if m * n > THIN * k * (m + n) else "whole",
    "chain": of_chain,
}


@pytest.mark.parametrize("row", MEASURED, ids=lambda row: f"{row['choice']}{row['sizes']}")
def test_the_choice_is_the_faster_way(row: dict[str, object]) -> None:
    sizes, times = row["sizes"], row["microseconds"]
    assert isinstance(sizes, list) and isinstance(times, dict)
    chosen = CHOSEN[str(row["choice"])](*sizes)
    assert times[chosen] <= TOLERANCE * min(times.values()), f"{chosen}: {times}"


def test_every_choice_is_measured_on_both_sides() -> None:
    for choice, rule in CHOSEN.items():
        found = {rule(*row["sizes"]) for row in MEASURED if row["choice"] == choice}
        assert len(found) == 2, f"{choice} always chooses {found}"


@pytest.mark.parametrize("sizes", [(100, 100, 100, 1), (20, 300, 20, 300), (300, 20, 300, 20)])
def test_fewest_multiplications(sizes: tuple[int, ...]) -> None:
    m, n, p, q = sizes
    left, right = prod((m, n, p)) + prod((m, p, q)), prod((n, p, q)) + prod((m, n, q))
    assert of_chain(*sizes) == ("left" if left < right else "right")
