"""How each elementwise function bends and which way it runs, on an interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from matcalc.convexity.intervals import Interval


@dataclass(frozen=True)
class Curve:
    """What a function of one number is on an interval.

    Attributes:
        is_convex, is_concave: how it bends.
        is_increasing, is_decreasing: which way it runs, not strictly.
    """

    is_convex: bool = False
    is_concave: bool = False
    is_increasing: bool = False
    is_decreasing: bool = False


NOTHING = Curve()
_CONVEX_UP, _CONCAVE_UP = Curve(is_convex=True, is_increasing=True), Curve(is_concave=True, is_increasing=True)
_CONVEX_DOWN, _CONCAVE_DOWN = Curve(is_convex=True, is_decreasing=True), Curve(is_concave=True, is_decreasing=True)

ALWAYS = {"exp": _CONVEX_UP, "log": _CONCAVE_UP, "sqrt": _CONCAVE_UP, "softplus": _CONVEX_UP, "relu": _CONVEX_UP}
"""Functions that bend one way wherever they are defined."""

VALLEYS = ("abs", "cosh")
"""Convex functions that fall below zero and rise above it."""

STEEPER = {"sinh", "asin"}
FLATTER = {"tanh", "sigmoid", "atan", "erf"}
"""Increasing functions that bend one way above zero and the other way below it: convex above, or concave above."""


def curve(name: str, on: Interval) -> Curve:
    """What a function is on an interval."""
    if name in ALWAYS:
        return ALWAYS[name]
    if name in VALLEYS:
        return Curve(True, False, on.is_nonnegative, on.is_nonpositive)
    if name in STEEPER:
        return Curve(on.is_nonnegative, on.is_nonpositive, True, False)
    if name in FLATTER:
        return Curve(on.is_nonpositive, on.is_nonnegative, True, False)
    if name == "acos":
        return Curve(on.is_nonpositive, on.is_nonnegative, False, True)
    return NOTHING


def power_curve(exponent: Fraction, on: Interval) -> Curve:
    """What a power is on an interval; a fractional one is defined above zero, a negative one not at zero."""
    whole, odd = exponent.denominator == 1, exponent.numerator % 2 == 1
    above = on.is_nonnegative or not whole
    if exponent == 1:
        return Curve(True, True, True, False)
    if exponent > 1:
        if above:
            return _CONVEX_UP
        if not odd:
            return Curve(True, False, False, on.is_nonpositive)
        return _CONCAVE_UP if on.is_nonpositive else Curve(is_increasing=True)
    if exponent > 0:
        return _CONCAVE_UP
    if above:
        return _CONVEX_DOWN
    if not on.is_nonpositive:
        return NOTHING
    return _CONCAVE_DOWN if odd else _CONVEX_UP
