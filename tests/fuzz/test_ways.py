"""A few fresh cases of `python -m tests.fuzz`, without JAX; fixed seeds, so that a failure repeats."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import describe
from tests.fuzz.case import make
from tests.fuzz.laws import broken_laws
from tests.fuzz.ways import compare

WAYS = range(9_000_000, 9_000_060)
LAWS = range(9_100_000, 9_100_024)


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.slow if seed % 3 else ()) for seed in WAYS])
def test_ways_agree(seed: int) -> None:
    case = make(seed)
    outcome, _ = compare(case, None)
    assert not outcome.problems, describe(case, outcome)


@pytest.mark.parametrize("seed", LAWS)
def test_laws_hold(seed: int) -> None:
    case = make(seed, depth=3)
    outcome, d = compare(case, None)
    if d is not None:
        outcome.problems += broken_laws(case, d)
    assert not outcome.problems, describe(case, outcome)


@pytest.mark.parametrize("seed", [0, 7, 9_000_003])
def test_a_seed_makes_one_case(seed: int) -> None:
    assert make(seed).text == make(seed).text
    assert make(seed).expr is make(seed).expr
