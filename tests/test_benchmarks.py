"""The benchmark's candidates agree with each other; what they cost is not tested here."""

import pytest

from benchmarks.emitted import emitted
from benchmarks.page import page
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.table import candidates, row

SHORT = [p for p in PROBLEMS if p.key in ("P3.all", "P9.grad")]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.key)
def test_results_agree(problem: Problem) -> None:
    hand, others = candidates(problem, "small", emitted(problem), peers=[])
    assert hand and {"emitted", "unchecked", "floor"} <= set(others)


def test_page_has_a_row_for_each_problem() -> None:
    rows = [row(problem, "small", emitted(problem), peers=[]) for problem in SHORT]
    text = page(rows, peers=[])
    assert "## Small" in text and all(f"| {p.key} |" in text for p in SHORT)
