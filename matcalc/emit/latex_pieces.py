"""The parts of a formula in LaTeX: brackets by precedence, fractions, powers, products and sums.

Both printers, that of the matrix language and that of index notation, put formulas together from these.
Levels, loosest first: sums, elementwise products, unary minus, open sums, products, fractions, superscripts, atoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from matcalc.core.functions import FUNCTIONS

SUM, HADAMARD, MINUS, OPEN_SUM, PRODUCT, FRACTION, POSTFIX, ATOM = range(8)


class Piece(NamedTuple):
    """LaTeX with what its context must know.

    Attributes:
        text: the LaTeX.
        level: how tightly it binds.
        tall: whether brackets around it must grow.
        below: for the reciprocal of a scalar, the scalar.
        divisor: for an elementwise reciprocal, what it is the reciprocal of.
        negated: for the negative of something, that.
        function: for a function whose powers are written at its name, that name.
    """

    text: str
    level: int = ATOM
    tall: bool = False
    below: Piece | None = None
    divisor: Piece | None = None
    negated: Piece | None = None
    function: str = ""


RELATIONS = {"gt": ">", "ge": r"\geq", "lt": "<", "le": r"\leq"}
_POWERS_AT_NAME = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log")


def fenced(opening: str, piece: Piece, closing: str) -> str:
    """The piece between fences, which grow where it is tall."""
    if piece.tall:
        return rf"\left{opening}{' ' if opening[0] == chr(92) else ''}{piece.text} \right{closing}"
    pad = " " if opening[0] == "\\" else ""
    return f"{opening}{pad}{piece.text}{pad}{closing}"


def bracketed(piece: Piece) -> Piece:
    """The piece in round brackets."""
    return Piece(fenced("(", piece, ")"), ATOM, piece.tall)


def wrap(piece: Piece, level: int) -> str:
    """The text, in brackets where it binds more loosely than `level`."""
    return piece.text if piece.level >= level else bracketed(piece).text


def call(name: str, args: Sequence[Piece]) -> Piece:
    """A function applied to arguments in brackets."""
    tall = any(a.tall for a in args)
    inside = Piece(", ".join(a.text for a in args), ATOM, tall)
    return Piece(name + fenced("(", inside, ")"), ATOM, tall)


def function(name: str, args: Sequence[Piece], scalar: bool = True) -> Piece:
    """An elementwise function or an indicator; bars for the absolute value of a scalar."""
    if name in RELATIONS:
        inside = Piece(f"{args[0].text} {RELATIONS[name]} {args[1].text}", ATOM, any(a.tall for a in args))
        return Piece(r"\mathbb{1}" + fenced("[", inside, "]"), ATOM, inside.tall)
    if name == "sqrt":
        return root(args[0])
    if name == "abs" and scalar:
        return Piece(fenced(r"\lvert", args[0], r"\rvert"), ATOM, args[0].tall)
    latex = FUNCTIONS[name].latex
    return call(latex, args)._replace(function=latex if name in _POWERS_AT_NAME else "")


def root(piece: Piece) -> Piece:
    """The square root."""
    return Piece(rf"\sqrt{{{piece.text}}}", POSTFIX, piece.tall)


def number(value: Fraction) -> Piece:
    """An exact number."""
    if value.denominator == 1:
        return Piece(str(value), MINUS if value < 0 else ATOM)
    sign = "-" if value < 0 else ""
    below = Piece(str(value.denominator)) if value.numerator == 1 else None
    text = rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return Piece(text, MINUS if sign else FRACTION, True, below=below)


def power(base: Piece, exponent: Piece, value: Fraction | None) -> Piece:
    """A scalar power; `value` is the exponent where it is a number."""
    if value is not None and value < 0:
        below = _raised(base, exponent, -value)
        return Piece(rf"\frac{{1}}{{{below.text}}}", FRACTION, True, below=below)
    return _raised(base, exponent, value)


def _raised(base: Piece, exponent: Piece, value: Fraction | None) -> Piece:
    if value == 1:
        return base
    if value == Fraction(1, 2):
        return root(base)
    if value is not None:
        above = str(value)
    else:
        above = "{T}" if exponent.text == "T" else exponent.text
    if base.function and value is not None and value.denominator == 1:
        return Piece(f"{base.function}^{{{above}}}{base.text.removeprefix(base.function)}", POSTFIX, base.tall)
    return Piece(f"{wrap(base, ATOM)}^{{{above}}}", POSTFIX, base.tall)


def product(coefficient: Fraction, factors: Sequence[Piece]) -> Piece:
    """A product of one factor or more in the given order; reciprocals go below the factors before them, with the coefficient's parts."""
    size, sign = abs(coefficient), "-" if coefficient < 0 else ""
    shown: list[Piece] = []
    above: list[Piece] = [number(Fraction(size.numerator))] if size.numerator != 1 else []
    below: list[Piece] = [number(Fraction(size.denominator))] if size.denominator != 1 else []
    runs = [(is_below, list(run)) for is_below, run in groupby(factors, key=lambda f: f.below is not None)]
    if below and not any(is_below for is_below, _ in runs):
        shown, above, below = [number(size)], [], []
    for is_below, run in runs:
        if not is_below:
            above += run
            continue
        below += [f.below for f in run if f.below is not None]
        shown.append(_fraction(above, below))
        above, below = [], []
    shown += above
    body = juxtaposed(shown)
    return Piece(sign + wrap(body, OPEN_SUM), MINUS, body.tall, negated=body) if sign else body


def _fraction(above: Sequence[Piece], below: Sequence[Piece]) -> Piece:
    top = juxtaposed(above).text if above else "1"
    return Piece(rf"\frac{{{top}}}{{{juxtaposed(below).text}}}", FRACTION, True)


def juxtaposed(factors: Sequence[Piece]) -> Piece:
    """Factors side by side; a dot before a digit, and no brackets around a sum that ends the product."""
    if len(factors) == 1:
        return factors[0]
    text = ""
    for position, factor in enumerate(factors, start=1):
        ends = factor.level == OPEN_SUM and position == len(factors)
        part = factor.text if ends else wrap(factor, FRACTION)
        text += (r" \cdot " if part[0].isdigit() else " ") + part if text else part
    return Piece(text, OPEN_SUM if factors[-1].level == OPEN_SUM else PRODUCT, any(f.tall for f in factors))


def added(terms: Sequence[Piece]) -> Piece:
    """A sum; a term that starts with a minus is subtracted."""
    text = wrap(terms[0], HADAMARD)
    for piece in terms[1:]:
        term = wrap(piece, HADAMARD) if piece.negated is None else f"-{wrap(piece.negated, HADAMARD)}"
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return Piece(text, SUM, any(t.tall for t in terms))


def summed(lower: str, upper: str, body: Piece) -> Piece:
    """A sum over an index."""
    above = f"^{{{upper}}}" if upper else ""
    return Piece(rf"\sum_{{{lower}}}{above} {wrap(body, OPEN_SUM)}", OPEN_SUM, True)


def differential(piece: Piece, is_name: bool) -> Piece:
    """d u, not worked out; a name needs no brackets."""
    inner = piece.text if is_name else fenced("(", piece, ")")
    return Piece(rf"\mathrm{{d}}{inner}", ATOM, piece.tall)


def partial_derivative(piece: Piece, is_name: bool, below: Piece) -> Piece:
    """The derivative of u by v, not worked out; what is no name stands beside the fraction."""
    if is_name:
        return Piece(rf"\frac{{\partial {piece.text}}}{{\partial {below.text}}}", POSTFIX, tall=True)
    inner = fenced("[", piece, "]")
    return Piece(rf"\frac{{\partial}}{{\partial {below.text}}} {inner}", POSTFIX, tall=True)
