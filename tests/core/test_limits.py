"""The bounds on a call: numbers never grow, towers are refused, time is shared by inner calls, a caller may raise them."""

from __future__ import annotations

import re
import time
from fractions import Fraction
from pathlib import Path

import pytest

from matcalc import derive
from matcalc.core.errors import DeclarationError, LimitError
from matcalc.core.limits import Limits, check_number, check_power, limited, limits


@pytest.mark.parametrize("value", [0, 1, -3, Fraction(1, 3), 10**300, Fraction(1, 10**300), 2**1021, Fraction(3**600, 7**300)], ids=lambda value: str(value.bit_length()) if isinstance(value, int) else "fraction")
def test_numbers_in_range(value: int | Fraction) -> None:
    assert check_number(Fraction(value)) == value


@pytest.mark.parametrize("value", [10**400, Fraction(1, 10**400), 2**5000, Fraction(3**3000, 5**2000), -(10**400)], ids=lambda value: str(value.bit_length()) if isinstance(value, int) else "fraction")
def test_numbers_out_of_range(value: int | Fraction) -> None:
    with pytest.raises(LimitError, match="float"):
        check_number(Fraction(value))


def test_powers_are_refused_before_they_are_worked_out() -> None:
    check_power(Fraction(9), 64)
    check_power(Fraction(1), 10**12)
    start = time.process_time()
    with pytest.raises(LimitError):
        check_power(Fraction(9), 10**12)
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize("text", [
    "(((9^64)^64)^64)^64 x", "((((1/9)^64)^64)^64)^64 x", "(((2 x)^64)^64)^64", "((2^64 A)^64)^-64", "det((9^64 A)^64)^64",
    " * ".join(["9" * 250] * 40) + " x", " + ".join(f"1/{10**50 + 2 * n + 1}" for n in range(400)) + " + x",
    "kron(9^64 A, 9^64 A)^64", "y where y = z^64, z = w^64, w = u^64, u = 7^64 + x", "f(f(f(9))) x where f(z) = z^64",
])
def test_constants_never_grow_into_huge_integers(text: str) -> None:
    start = time.process_time()
    try:
        d = derive(text, "A" if "A" in text else "x", declare=None if "A" in text else {"x": "R"})
        str(d), d.latex(), d.numpy(), d.index()
    except LimitError as error:
        assert len(error.message) < 200
    assert time.process_time() - start < 5


def test_a_caller_may_change_them() -> None:
    assert limits() == Limits()
    with limited(order=2):
        with pytest.raises(LimitError, match="at most 2"):
            derive("x^T x", "x", order=3)
        with limited(order=3, characters=5):
            assert limits().order == 3
            with pytest.raises(LimitError, match="more than 5"):
                derive("x^T x + x^T x", "x")
    assert limits() == Limits()


@pytest.mark.parametrize("changes", [{"speed": 3}, {"order": 0}, {"order": 1.5}, {"seconds": -1}, {"parts": True}])
def test_wrong_bounds(changes: dict[str, float]) -> None:
    with pytest.raises(DeclarationError), limited(**changes):
        pass


def test_a_call_gives_up_in_time() -> None:
    text = " ".join(f"(a{n}^T x)" for n in range(300))
    start = time.thread_time()
    with limited(seconds=0.5), pytest.raises(LimitError, match="more than 0.5 seconds"):
        derive(text, "x")
    assert time.thread_time() - start < 2


def test_the_time_is_gone_only_for_that_call() -> None:
    with limited(seconds=0.3), pytest.raises(LimitError):
        derive(" ".join(f"(a{n}^T x)" for n in range(300)), "x")
    assert str(derive("x^T A x", "x")) == "x^T (A + A^T)"


def test_the_page_states_them() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `(\w+)` \| ([\d,.]+) \|", page, re.MULTILINE))
    assert {name: f"{getattr(Limits(), name):,g}" if name == "seconds" else f"{getattr(Limits(), name):,}" for name in Limits.__slots__} == stated
