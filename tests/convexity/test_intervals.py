"""Interval arithmetic holds what it must, ends included."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from matcalc.convexity.intervals import NONNEGATIVE, POSITIVE, REAL, Interval, power

NUMBERS = st.fractions(min_value=-4, max_value=4, max_denominator=3)


@st.composite
def interval_and_member(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    value = draw(NUMBERS)
    ends = [draw(st.none() | st.tuples(st.fractions(min_value=0, max_value=3, max_denominator=3), st.booleans())) for _ in "ab"]
    low, high = (None if e is None else (value + sign * e[0], e[1] and e[0] > 0) for e, sign in zip(ends, (-1, 1), strict=True))
    return Interval(low, high), value


def holds(interval: Interval, value: Fraction) -> bool:
    low, high = interval.low, interval.high
    above = low is None or value > low[0] or (value == low[0] and not low[1])
    return above and (high is None or value < high[0] or (value == high[0] and not high[1]))


@given(interval_and_member(), interval_and_member())
def test_operations(one: tuple[Interval, Fraction], two: tuple[Interval, Fraction]) -> None:
    (a, x), (b, y) = one, two
    assert holds(a + b, x + y) and holds(a * b, x * y) and holds(-a, -x)
    assert holds(a.join(b), x) and holds(a.join(b), y)
    if holds(b, x):
        assert holds(a.meet(b), x)


@given(interval_and_member(), st.integers(min_value=-4, max_value=4))
def test_powers(one: tuple[Interval, Fraction], exponent: int) -> None:
    a, x = one
    assume(exponent > 0 or x != 0)
    assert holds(power(a, Fraction(exponent)), x**exponent)


@given(interval_and_member(), st.sampled_from((Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2))))
def test_roots(one: tuple[Interval, Fraction], exponent: Fraction) -> None:
    a, x = one
    assume(x > 0)
    square = a.meet(POSITIVE) * a.meet(POSITIVE)
    found = power(square, exponent)
    assert holds(found, x ** int(2 * exponent))


def test_zero_times_what_is_open() -> None:
    zero, below_one = Interval.of(0, 0), Interval((Fraction(0), False), (Fraction(1), True))
    assert zero * below_one == zero == below_one * zero


def test_signs() -> None:
    assert POSITIVE.is_positive and NONNEGATIVE.is_nonnegative and not NONNEGATIVE.is_positive
    assert REAL.sign is None and (-POSITIVE).sign == -1 and Interval.of(0, 0).is_zero
