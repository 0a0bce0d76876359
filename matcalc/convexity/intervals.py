"""Intervals of real numbers with rational ends, open or closed: what is known of the entries of a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

End = tuple[Fraction, bool] | None
"""A number, and whether it is left out; None for infinity."""

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers between two ends."""

    low: End = None
    high: End = None

    @staticmethod
    def of(low: int | Fraction | None, high: int | Fraction | None, is_open: bool = False) -> Interval:
        """From one number to another, both left out or both not; None for infinity."""
        ends = [None if v is None else (Fraction(v), is_open) for v in (low, high)]
        return Interval(ends[0], ends[1])

    @property
    def is_nonnegative(self) -> bool:
        """Whether no number in it is below zero."""
        return self.low is not None and self.low[0] >= 0

    @property
    def is_positive(self) -> bool:
        """Whether all numbers in it are above zero."""
        return self.low is not None and (self.low[0] > 0 or self.low == (ZERO, True))

    @property
    def is_nonpositive(self) -> bool:
        """Whether no number in it is above zero."""
        return (-self).is_nonnegative

    @property
    def is_negative(self) -> bool:
        """Whether all numbers in it are below zero."""
        return (-self).is_positive

    @property
    def is_zero(self) -> bool:
        """Whether it holds zero alone."""
        return self.is_nonnegative and self.is_nonpositive

    @property
    def sign(self) -> int | None:
        """1 where no number is negative, -1 where none is positive, None where nothing is known."""
        return 1 if self.is_nonnegative else -1 if self.is_nonpositive else None

    def __neg__(self) -> Interval:
        return Interval(_negated(self.high), _negated(self.low))

    def __add__(self, other: Interval) -> Interval:
        return Interval(_sum(self.low, other.low), _sum(self.high, other.high))

    def __mul__(self, other: Interval) -> Interval:
        if self.is_nonpositive and not self.is_zero:
            return -((-self) * other)
        if other.is_nonpositive and not other.is_zero:
            return -(self * (-other))
        if self.is_nonnegative and other.is_nonnegative:
            return Interval(_product(self.low, other.low), _product(self.high, other.high, high=True))
        one, two = (self, other) if self.is_nonnegative else (other, self)
        if one.is_nonnegative:  # times what has either sign: the ends are those of the other times the largest
            return Interval(_closed(_reach(one.high, two.low)), _closed(_reach(one.high, two.high)))
        bounds = [v for v in (self.low, self.high, other.low, other.high) if v is not None]
        if len(bounds) < 4:
            return REAL
        products = [a[0] * b[0] for a in (bounds[0], bounds[1]) for b in (bounds[2], bounds[3])]
        return Interval.of(min(products), max(products))

    def meet(self, other: Interval) -> Interval:
        """What is in both."""
        return Interval(_tighter(self.low, other.low, 1), _tighter(self.high, other.high, -1))

    def join(self, other: Interval) -> Interval:
        """The least interval that holds both."""
        return Interval(_looser(self.low, other.low, 1), _looser(self.high, other.high, -1))

    def scaled(self, factor: Fraction) -> Interval:
        """All numbers in it times one."""
        return self * Interval.of(factor, factor)

    def within(self, low: int | Fraction, high: int | Fraction) -> bool:
        """Whether all of it lies between two numbers."""
        return self.low is not None and self.high is not None and self.low[0] >= low and self.high[0] <= high


REAL = Interval()
POSITIVE = Interval((ZERO, True), None)
NONNEGATIVE = Interval((ZERO, False), None)
UNIT = Interval.of(1, 1)


def _negated(end: End) -> End:
    return None if end is None else (-end[0], end[1])


def _sum(a: End, b: End) -> End:
    return None if a is None or b is None else (a[0] + b[0], a[1] or b[1])


def _product(a: End, b: End, high: bool = False) -> End:
    """The product of ends that are not negative; a lower one is left out only where none of the two can be reached."""
    if a is None or b is None:
        zero = next((e for e in (a, b) if e is not None and e[0] == 0), None) if high else None
        return zero
    value = a[0] * b[0]
    if value == 0:
        closed = (a[0] == 0 and not a[1]) or (b[0] == 0 and not b[1])
        return ZERO, not closed
    return value, a[1] or b[1]


def _reach(size: End, end: End) -> End:
    """The largest of a nonnegative interval times an end of the other."""
    if end is not None and end[0] == 0:
        return end
    return None if size is None or end is None else (size[0] * end[0], size[1] or end[1])


def _closed(end: End) -> End:
    return None if end is None else (end[0], False)


def _tighter(a: End, b: End, sign: int) -> End:
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        return a[0], a[1] or b[1]
    return a if (a[0] - b[0]) * sign > 0 else b


def _looser(a: End, b: End, sign: int) -> End:
    if a is None or b is None:
        return None
    if a[0] == b[0]:
        return a[0], a[1] and b[1]
    return b if (a[0] - b[0]) * sign > 0 else a


def power(base: Interval, exponent: Fraction) -> Interval:
    """The range of a power, where it is defined: a fractional power takes what is not negative, 1/0 is left out."""
    if exponent == 0:
        return UNIT
    if exponent.denominator == 1 and not base.is_nonnegative:
        if exponent.numerator % 2 == 0:
            largest = None if base.low is None or base.high is None else max(abs(base.low[0]), abs(base.high[0]))
            whole = (-base) if base.is_nonpositive else Interval.of(0, largest)
            return power(whole, exponent)
        if base.is_nonpositive:
            return -power(-base, exponent)
        return REAL if exponent < 0 else Interval(_signed(base.low, exponent), _signed(base.high, exponent))
    base = base.meet(NONNEGATIVE)
    unknown: End = (ZERO, base.is_positive or exponent < 0)
    if exponent < 0:
        if base.high is not None and base.high[0] == 0:
            return REAL
        reached = base.low is not None and base.low[0] > 0
        return Interval(_raised(base.high, exponent) or unknown, _raised(base.low, exponent) if reached else None)
    return Interval(_raised(base.low, exponent) or unknown, _raised(base.high, exponent))


def _signed(end: End, exponent: Fraction) -> End:
    return None if end is None else (end[0] ** int(exponent), end[1])


def _raised(end: End, exponent: Fraction) -> End:
    """A nonnegative end to a power, where that is a rational number."""
    if end is None:
        return None
    if exponent.denominator == 1:
        return end[0] ** int(exponent), end[1]
    return end if end[0] in (0, 1) else None
