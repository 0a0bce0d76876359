"""The derivative of each elementwise function, as a tensor of the same axes.

At kinks the values are fixed by convention: step and sign have derivative 0 everywhere, abs has derivative 0 at 0.
Sources: NIST Digital Library of Mathematical Functions, chapters 4 and 7; Goodfellow, Bengio and Courville (2016), 3.10.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor

Rule = Callable[[Tensor], Tensor]


def _minus(u: Tensor, v: Tensor) -> Tensor:
    return b.lin([(Fraction(1), u), (Fraction(-1), v)], u.axes)


def _power(u: Tensor, exponent: Fraction | int) -> Tensor:
    return b.power(u, b.const(exponent))


def _one_minus_square(u: Tensor) -> Tensor:
    return _minus(b.ones(u.axes), _power(u, 2))


def _one_plus_square(u: Tensor) -> Tensor:
    return b.add(b.ones(u.axes), _power(u, 2))


def d_sigmoid(u: Tensor) -> Tensor:
    """sigmoid' = sigmoid (1 - sigmoid)."""
    s = b.apply("sigmoid", u)
    return b.multiply(s, _minus(b.ones(u.axes), s))


def d_erf(u: Tensor) -> Tensor:
    """erf'(z) = 2 pi^(-1/2) exp(-z^2)."""
    bell = b.apply("exp", b.scale(Fraction(-1), _power(u, 2)))
    return b.scale(Fraction(2), b.multiply(_power(Tensor.make("pi", (), (), ()), Fraction(-1, 2)), bell))


UNARY: dict[str, Rule] = {
    "exp": lambda u: b.apply("exp", u),
    "log": lambda u: _power(u, -1),
    "sqrt": lambda u: b.scale(Fraction(1, 2), _power(u, Fraction(-1, 2))),
    "sin": lambda u: b.apply("cos", u),
    "cos": lambda u: b.scale(Fraction(-1), b.apply("sin", u)),
    "tan": lambda u: _one_plus_square(b.apply("tan", u)),
    "asin": lambda u: _power(_one_minus_square(u), Fraction(-1, 2)),
    "acos": lambda u: b.scale(Fraction(-1), _power(_one_minus_square(u), Fraction(-1, 2))),
    "atan": lambda u: _power(_one_plus_square(u), -1),
    "sinh": lambda u: b.apply("cosh", u),
    "cosh": lambda u: b.apply("sinh", u),
    "tanh": lambda u: _one_minus_square(b.apply("tanh", u)),
    "sigmoid": d_sigmoid,
    "softplus": lambda u: b.apply("sigmoid", u),
    "erf": d_erf,
    "relu": lambda u: b.apply("step", u),
    "step": lambda u: b.zero(u.axes),
    "abs": lambda u: b.apply("sign", u),
    "sign": lambda u: b.zero(u.axes),
}


def d_binary(name: str, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The partial derivatives of max and min by both arguments; where they tie, all goes to the second.

    max: step(u - v) and 1 - step(u - v). min: step(v - u) and 1 - step(v - u).
    """
    first = b.apply("step", _minus(u, v) if name == "max" else _minus(v, u))
    return first, _minus(b.ones(u.axes), first)


BINARY = ("max", "min")
