"""Functions of numbers worked out where the value is exact: exp(0) = 1, cos(0 ones) = ones, sqrt(4) = 2.

Results over variables need none of this; a formula at a given point does.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of, factors_of
from matcalc.ir.substitute import rebuild

ZERO, ONE, HALF = Fraction(0), Fraction(1), Fraction(1, 2)
MAX_ROOT, LARGEST = 12, 10**15
"""Roots are taken up to this degree, of numbers up to this size."""


def fold_constants(node: Tensor) -> Tensor:
    """The tensor with functions of numbers, and of arrays of one number, worked out. One pass from the leaves up.

    Raises:
        NotDifferentiableError: for the logarithm of zero, and for division by zero.
    """
    return fold(node, lambda t, args: _folded(rebuild(t, args)))


def _folded(node: Tensor) -> Tensor:
    """What a function of numbers is; one of arrays of one number is a scalar times ones in the normal form."""
    if node.head in ("softmax", "logsumexp"):
        return _normalised(node)
    if node.head not in ("map", "pow"):
        return node
    numbers = [number_in(arg) for arg in node.args]
    known = [c for c in numbers if c is not None]
    if len(known) < len(numbers):
        return node
    return _power(*known) if node.head == "pow" else _function(str(node.data[0]), known)


def number_in(node: Tensor) -> Fraction | None:
    """c, where every entry of the tensor is the number c."""
    if b.is_zero(node):
        return ZERO
    coefficient, term = content_of(node)
    return coefficient if all(t.head == "ones" for t, _ in factors_of(term)) else None


def _normalised(node: Tensor) -> Tensor:
    """softmax(c ones) = ones/n, logsumexp(c ones) = c + log(n) over n entries."""
    value, lead = number_in(node.args[0]), int(str(node.data[0]))
    if value is None or lead:
        return node
    count = b.multiply(*(b.size(axis) for axis in node.args[0].axes))
    if node.head == "logsumexp":
        return b.add(b.const(value), b.apply("log", count))
    return b.multiply(b.power(count, b.const(-1)), b.ones(node.axes))


def _power(base: Fraction, exponent: Fraction) -> Tensor:
    """c^p, exact where the root that p asks for is rational."""
    if base == 0 and exponent > 0:
        return b.zero(())
    above, below = (_root(n, exponent.denominator) for n in (base.numerator, base.denominator))
    if above is not None and below is not None:
        return b.power(b.const(Fraction(above, below)), b.const(exponent.numerator))
    return b.power(b.const(base), b.const(exponent))


def _root(n: int, k: int) -> int | None:
    """The k-th root of a positive number, where it is a whole one."""
    if n <= 0 or k > MAX_ROOT or n > LARGEST:
        return n if k == 1 else None
    guess = round(n ** (1 / k))
    return guess if guess**k == n else None


def _function(name: str, values: list[Fraction]) -> Tensor:
    if name in EXACT:
        return b.const(EXACT[name](*values))
    known = AT_NUMBERS.get((name, values[0]))
    return b.apply(name, *map(b.const, values)) if known is None else known()


def _sign(c: Fraction) -> int:
    return (c > 0) - (c < 0)


EXACT: dict[str, Callable[..., Fraction | int]] = {
    "relu": lambda c: max(c, ZERO),
    "step": lambda c: int(c > 0),
    "abs": abs,
    "sign": _sign,
    "max": max,
    "min": min,
}
"""Functions whose value at a rational number is rational."""

AT_NUMBERS: dict[tuple[str, Fraction], Callable[[], Tensor]] = {
    **{(name, ZERO): lambda: b.zero(()) for name in ("sin", "tan", "asin", "atan", "sinh", "tanh", "erf")},
    **{(name, ZERO): lambda: b.const(1) for name in ("exp", "cos", "cosh")},
    ("log", ONE): lambda: b.zero(()),
    ("acos", ONE): lambda: b.zero(()),
    ("sigmoid", ZERO): lambda: b.const(HALF),
    ("softplus", ZERO): lambda: b.apply("log", b.const(2)),
    ("acos", ZERO): lambda: b.scale(HALF, _pi()),
    ("asin", ONE): lambda: b.scale(HALF, _pi()),
    ("atan", ONE): lambda: b.scale(HALF * HALF, _pi()),
}
"""Other values that are exact, by function and argument."""


def _pi() -> Tensor:
    return Tensor.make("pi", (), (), ())
