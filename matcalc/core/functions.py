"""The catalogue of elementwise functions: name, arity, domain, and how each is spelled in text and LaTeX.

The derivative of each is in `diff/scalar_rules.py`, its NumPy spelling in `emit/numpy.py`, its meaning in
`check/evaluate.py`; tests compare the tables with this one, so that a missing entry is a failing test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """An elementwise function.

    Attributes:
        name: the name in the language and in every table.
        arity: number of arguments.
        formula: what it computes, in plain text.
        latex: the LaTeX command or operator name.
        domain: where it is real: `real`, `positive`, `nonnegative`, `unit` (open -1..1).
        smooth: whether it is analytic on the domain (complex-step differences apply).
        odd, even: symmetry in the sign of the argument.
        source: where the definition is from.
    """

    name: str
    arity: int
    formula: str
    latex: str
    domain: str = "real"
    smooth: bool = True
    odd: bool = False
    even: bool = False
    source: str = "NIST Digital Library of Mathematical Functions"


_ML = "Goodfellow, Bengio and Courville, Deep Learning (2016), section 3.10"
_DLMF = "NIST Digital Library of Mathematical Functions, chapter 4"
_DEF = "definition"

FUNCTIONS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("exp", 1, "e^z", r"\exp", source=_DLMF),
        Function("log", 1, "natural logarithm", r"\log", domain="positive", source=_DLMF),
        Function("sqrt", 1, "z^(1/2)", r"\sqrt", domain="positive", source=_DLMF),
        Function("sin", 1, "sine", r"\sin", odd=True, source=_DLMF),
        Function("cos", 1, "cosine", r"\cos", even=True, source=_DLMF),
        Function("tan", 1, "sin(z)/cos(z)", r"\tan", odd=True, source=_DLMF),
        Function("asin", 1, "inverse sine", r"\arcsin", domain="unit", odd=True, source=_DLMF),
        Function("acos", 1, "inverse cosine", r"\arccos", domain="unit", source=_DLMF),
        Function("atan", 1, "inverse tangent", r"\arctan", odd=True, source=_DLMF),
        Function("sinh", 1, "(e^z - e^-z)/2", r"\sinh", odd=True, source=_DLMF),
        Function("cosh", 1, "(e^z + e^-z)/2", r"\cosh", even=True, source=_DLMF),
        Function("tanh", 1, "sinh(z)/cosh(z)", r"\tanh", odd=True, source=_DLMF),
        Function("sigmoid", 1, "1/(1 + e^-z)", r"\operatorname{sigmoid}", source=_ML),
        Function("softplus", 1, "log(1 + e^z)", r"\operatorname{softplus}", source=_ML),
        Function("erf", 1, "2/sqrt(pi) times the integral of e^(-t^2) from 0 to z", r"\operatorname{erf}", odd=True),
        Function("relu", 1, "z where z > 0, else 0", r"\operatorname{relu}", smooth=False, source=_ML),
        Function("step", 1, "1 where z > 0, else 0", r"\operatorname{step}", smooth=False, source=_DEF),
        Function("abs", 1, "z where z > 0, else -z", r"\operatorname{abs}", smooth=False, even=True, source=_DEF),
        Function("sign", 1, "1, 0 or -1 as z is positive, zero or negative", r"\operatorname{sign}",
                 smooth=False, odd=True, source=_DEF),
        Function("max", 2, "the larger of two", r"\max", smooth=False, source=_DEF),
        Function("min", 2, "the smaller of two", r"\min", smooth=False, source=_DEF),
    )
}

COMPARISONS: dict[str, str] = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
"""Elementwise comparisons: the indicator `1[a > b]` is 1 where the comparison holds, else 0."""
