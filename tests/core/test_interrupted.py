"""Code of other libraries, which never looks at the time, ends when the time of a call is used."""

from __future__ import annotations

import sys
from time import thread_time

import pytest

from matcalc import LimitError, solve_stationary
from matcalc.core.limits import interrupted, limited, timed


def forever() -> None:
    """What never asks how late it is, and keeps what other exceptions there are."""
    while True:
        try:
            abs(-1)
        except ValueError:  # as LimitError is one
            continue


@timed
def work(share: float = 1.0) -> str:
    start = thread_time()
    try:
        with interrupted(share):
            forever()
    except LimitError:
        if share == 1.0:
            raise
    return "part" if thread_time() - start < 0.9 else "whole"


def test_what_never_looks_at_the_time_is_ended() -> None:
    before = sys.getprofile()
    with limited(seconds=0.1), pytest.raises(LimitError, match=r"more than 0\.1 seconds"):
        work()
    assert sys.getprofile() is before


def test_a_share_leaves_time_for_the_rest() -> None:
    with limited(seconds=1.0):
        assert work(0.05) == "part"


def test_results_and_errors_pass_through() -> None:
    @timed
    def inside() -> int:
        with interrupted():
            return sum(abs(n) for n in range(5000))

    assert inside() == sum(range(5000))
    before = sys.getprofile()
    with interrupted():
        assert sys.getprofile() is before
    with pytest.raises(KeyError), interrupted():
        raise KeyError("n")


def test_equations_that_keep_sympy_busy_are_given_up() -> None:
    with limited(seconds=0.6), pytest.raises(LimitError, match="no closed form|more than"):
        solve_stationary("(s^2 T + t s) (s - t)/(1 + s t)", "s", dict.fromkeys(("s", "t", "T"), "R"))


def test_what_sympy_cannot_order_is_given_up() -> None:
    with pytest.raises(LimitError, match="no closed form"):
        solve_stationary("x^4 log(x)^2 (x^3 a + x^4)", "x", {"x": "R", "a": "R"})
