"""Identities between elementwise functions.

Each makes what it replaces smaller, or takes a sign out of an argument and makes nothing larger, so rewriting ends.

The test of the registry holds every rule against its formula in the input language, and both sides against each other
at random points.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.functions import FUNCTIONS
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.simplify.matching import Rule

U, V = b.var("u", ()), b.var("v", ())
ONE, ZERO, HALF = b.const(1), b.const(0), Fraction(1, 2)
MINUS = Fraction(-1)
NEGATIVE, INVERSE = b.scale(MINUS, U), b.const(-1)
DLMF = "NIST Digital Library of Mathematical Functions, section 4"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning (2016), section 3.10"
DEFINITION = "definition"


def _f(name: str, *args: Tensor) -> Tensor:
    return b.apply(name, *args)


def _minus(u: Tensor, v: Tensor) -> Tensor:
    return b.lin([(Fraction(1), u), (MINUS, v)], ())


def _square(u: Tensor) -> Tensor:
    return b.power(u, b.const(2))


def _at_zero(name: str) -> Rule:
    return Rule(f"{name}-of-zero", _f(name, ZERO), ZERO, f"{name}(0) = 0", FUNCTIONS[name].source)


def _mirrored(name: str, even: bool) -> Rule:
    """A function of a negative: even functions drop the sign, odd ones pass it on."""
    rhs, math = (_f(name, U), f"{name}(u)") if even else (b.scale(MINUS, _f(name, U)), f"-{name}(u)")
    domain = "-1 < u < 1" if FUNCTIONS[name].domain == "unit" else ""
    return Rule(f"{name}-of-negative", _f(name, NEGATIVE), rhs, f"{name}(-u) = {math}", FUNCTIONS[name].source, domain)


ELEMENTWISE = (
    Rule("softplus", _f("log", b.add(ONE, _f("exp", U))), _f("softplus", U), "log(1 + exp(u)) = softplus(u)", GOODFELLOW),
    Rule("sigmoid", b.power(b.add(ONE, _f("exp", U)), b.const(-1)), _f("sigmoid", b.scale(MINUS, U)),
         "1/(1 + exp(u)) = sigmoid(-u)", GOODFELLOW),
    Rule("sigmoid-from-exp", b.multiply(_f("exp", U), _f("sigmoid", b.scale(MINUS, U))), _f("sigmoid", U),
         "exp(u) sigmoid(-u) = sigmoid(u)", GOODFELLOW),
    Rule("exp-of-log", _f("exp", _f("log", U)), U, "exp(log(u)) = u", DLMF + ".2", "u > 0"),
    Rule("log-of-exp", _f("log", _f("exp", U)), U, "log(exp(u)) = u", DLMF + ".2"),
    Rule("log-of-sigmoid", _f("log", _f("sigmoid", U)), b.scale(MINUS, _f("softplus", b.scale(MINUS, U))),
         "log(sigmoid(u)) = -softplus(-u)", GOODFELLOW),
    Rule("product-of-exp", b.multiply(_f("exp", U), _f("exp", V)), _f("exp", b.add(U, V)),
         "exp(u) exp(v) = exp(u + v)", DLMF + ".2"),
    Rule("power-of-exp", b.power(_f("exp", U), V), _f("exp", b.multiply(U, V)), "exp(u)^v = exp(u v)", DLMF + ".2"),
    Rule("root-of-square", b.power(_square(U), b.const(HALF)), _f("abs", U), "sqrt(u^2) = abs(u)", DEFINITION),
    Rule("root-of-product", b.power(b.multiply(_square(U), V), b.const(HALF)),
         b.multiply(_f("abs", U), b.power(V, b.const(HALF))), "sqrt(u^2 v) = abs(u) sqrt(v)", DEFINITION, "v > 0"),
    Rule("abs-of-abs", _f("abs", _f("abs", U)), _f("abs", U), "abs(abs(u)) = abs(u)", DEFINITION),
    Rule("square-of-abs", _square(_f("abs", U)), _square(U), "abs(u)^2 = u^2", DEFINITION),
    Rule("abs-from-sign", b.multiply(U, _f("sign", U)), _f("abs", U), "u sign(u) = abs(u)", DEFINITION),
    Rule("sign-over-abs", b.multiply(_f("sign", U), b.power(_f("abs", U), INVERSE)), b.power(U, INVERSE),
         "sign(u)/abs(u) = 1/u", DEFINITION, "u not 0"),
    Rule("relu-from-step", b.multiply(U, _f("step", U)), _f("relu", U), "u step(u) = relu(u)", DEFINITION),
    Rule("step-of-relu", b.multiply(_f("step", U), _f("relu", U)), _f("relu", U), "step(u) relu(u) = relu(u)", DEFINITION),
    Rule("square-of-step", _square(_f("step", U)), _f("step", U), "step(u)^2 = step(u)", DEFINITION),
    Rule("max-with-zero", _f("max", U, ZERO), _f("relu", U), "max(u, 0) = relu(u)", DEFINITION),
    Rule("max-of-zero", _f("max", ZERO, U), _f("relu", U), "max(0, u) = relu(u)", DEFINITION),
    Rule("min-with-zero", _f("min", U, ZERO), b.scale(MINUS, _f("relu", b.scale(MINUS, U))), "min(u, 0) = -relu(-u)", DEFINITION),
    Rule("min-of-zero", _f("min", ZERO, U), b.scale(MINUS, _f("relu", b.scale(MINUS, U))), "min(0, u) = -relu(-u)", DEFINITION),
    Rule("pythagoras", b.add(_square(_f("cos", U)), _square(_f("sin", U))), ONE, "cos(u)^2 + sin(u)^2 = 1", DLMF + ".21"),
    Rule("one-minus-cosine", _minus(ONE, _square(_f("cos", U))), _square(_f("sin", U)), "1 - cos(u)^2 = sin(u)^2", DLMF + ".21"),
    Rule("one-minus-sine", _minus(ONE, _square(_f("sin", U))), _square(_f("cos", U)), "1 - sin(u)^2 = cos(u)^2", DLMF + ".21"),
    Rule("hyperbolic-pythagoras", _minus(_square(_f("cosh", U)), _square(_f("sinh", U))), ONE,
         "cosh(u)^2 - sinh(u)^2 = 1", DLMF + ".35"),
    Rule("tangent", b.multiply(_f("sin", U), b.power(_f("cos", U), b.const(-1))), _f("tan", U),
         "sin(u)/cos(u) = tan(u)", DLMF + ".14"),
    Rule("hyperbolic-tangent", b.multiply(_f("sinh", U), b.power(_f("cosh", U), b.const(-1))), _f("tanh", U),
         "sinh(u)/cosh(u) = tanh(u)", DLMF + ".28"),
    Rule("exp-of-zero", _f("exp", ZERO), ONE, "exp(0) = 1", DLMF + ".2"),
    Rule("log-of-one", _f("log", ONE), ZERO, "log(1) = 0", DLMF + ".2"),
    Rule("cos-of-zero", _f("cos", ZERO), ONE, "cos(0) = 1", DLMF + ".17"),
    Rule("cosh-of-zero", _f("cosh", ZERO), ONE, "cosh(0) = 1", DLMF + ".31"),
    *(_at_zero(name) for name, function in FUNCTIONS.items() if function.odd),
    *(_mirrored(name, even=function.even) for name, function in FUNCTIONS.items() if function.odd or function.even),
)
"""The rules, in the order in which they are tried."""
