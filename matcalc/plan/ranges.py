"""The range of each value of a program, as far as its operation tells: whether weights have a sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf

from matcalc.plan.steps import Program, Step

Range = tuple[float, float]
"""Bounds, both included."""

REALS, POSITIVE, UNIT = (-inf, inf), (0.0, inf), (0.0, 1.0)

_MAPS: dict[str, Range] = {
    "exp": POSITIVE, "sqrt": POSITIVE, "abs": POSITIVE, "relu": POSITIVE, "softplus": POSITIVE, "cosh": (1.0, inf),
    "sigmoid": UNIT, "step": UNIT, "tanh": (-1.0, 1.0), "sin": (-1.0, 1.0), "cos": (-1.0, 1.0), "erf": (-1.0, 1.0),
    "sign": (-1.0, 1.0),
}


def ranges(program: Program) -> list[Range]:
    """Bounds of the entries of every value."""
    found: list[Range] = []
    for step in program.steps:
        rule = _RULES.get(step.op)
        found.append(rule(step, [found[o] for o in step.operands]) if rule else REALS)
    return found


def _product(a: Range, b: Range) -> Range:
    ends = [0.0 if 0.0 in (p, q) else p * q for p in a for q in b]
    return min(ends), max(ends)


def _variable(step: Step, _: Sequence[Range]) -> Range:
    properties = step.data[1]
    assert isinstance(properties, tuple)
    return POSITIVE if {"positive", "nonnegative"} & set(properties) else REALS


def _constant(step: Step, _: Sequence[Range]) -> Range:
    value = step.data[0]
    assert isinstance(value, Fraction)
    return float(value), float(value)


def _combine(step: Step, operands: Sequence[Range]) -> Range:
    coefficients, shift = step.data[:2]
    assert isinstance(coefficients, tuple) and isinstance(shift, Fraction)
    low = high = float(shift)
    for c, operand in zip(coefficients, operands, strict=True):
        a, b = _product((float(c), float(c)), operand)
        low, high = low + a, high + b
    return low, high


def _multiply(step: Step, operands: Sequence[Range]) -> Range:
    found = _product(*operands)
    same = step.operands[0] == step.operands[1] and step.data[0] == step.data[1]
    return (max(found[0], 0.0), found[1]) if same else found


def _divide(step: Step, operands: Sequence[Range]) -> Range:
    """A quotient by what has a sign; zero divisors are where the value is not defined."""
    top, bottom = operands
    if bottom[0] < 0 < bottom[1]:
        return REALS
    if bottom[0] > 0:
        return _product(top, (1 / bottom[1], 1 / bottom[0]))
    return _product(top, POSITIVE if bottom[0] >= 0 else (-inf, 0.0))


def _power(step: Step, operands: Sequence[Range]) -> Range:
    exponent, (low, high) = step.data[0], operands[0]
    assert isinstance(exponent, Fraction)
    if exponent.denominator != 1 or low >= 0:
        return POSITIVE
    if exponent < 0:
        return POSITIVE if exponent % 2 == 0 else REALS
    ends = sorted((low**exponent.numerator, high**exponent.numerator))
    return (0.0, ends[1]) if exponent % 2 == 0 and low < 0 < high else (ends[0], ends[1])


def _first(_: Step, operands: Sequence[Range]) -> Range:
    return operands[0]


def _sum(_: Step, operands: Sequence[Range]) -> Range:
    low, high = operands[0]
    return (0.0 if low >= 0 else -inf), (0.0 if high <= 0 else inf)


_RULES: dict[str, Callable[[Step, Sequence[Range]], Range]] = {
    "var": _variable, "number": _constant, "full": _constant, "combine": _combine, "multiply": _multiply,
    "divide": _divide, "power": _power, "sum": _sum,
    "map": lambda step, _: _MAPS.get(str(step.data[0]), REALS),
    "bounded_exp": lambda *_: POSITIVE, "size": lambda *_: POSITIVE, "norm": lambda *_: POSITIVE, "softmax": lambda *_: UNIT,
    **dict.fromkeys(("repeat", "permute", "take", "slice", "reshape", "diagonal"), _first),
}


def is_nonnegative(bounds: Range) -> bool:
    """Whether no entry is negative."""
    return bounds[0] >= 0


