"""Properties as declarations state them, checked."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from matcalc.core.arguments import clipped
from matcalc.core.dims import Shape
from matcalc.core.errors import DeclarationError
from matcalc.expr.nodes import PROPERTIES


def check_properties(name: str, shape: Shape, properties: Sequence[str]) -> tuple[str, ...]:
    """The properties, sorted and checked against the shape and against each other."""
    found = tuple(sorted(set(properties)))
    for prop in found:
        if prop not in PROPERTIES:
            raise DeclarationError(f"`{clipped(prop)}` is not a property", hint=_property(prop))
        if prop not in ("positive", "nonnegative") and not shape.is_square:
            raise DeclarationError(f"`{name}` is {shape.describe()}: only a square matrix can be {prop}",
                                   hint="R^{n x n} for a square one")
    if "skew" in found and {"symmetric", "posdef", "psd", "diagonal"} & set(found):
        raise DeclarationError(f"`{name}` cannot be skew and {', '.join(p for p in found if p != 'skew')} at once",
                               hint="leave one of them out")
    return found


_SYNONYMS = {"pd": "posdef", "spd": "posdef", "positive-definite": "posdef", "psd": "psd", "sym": "symmetric", "diag": "diagonal",
             "antisymmetric": "skew", "skewsymmetric": "skew", "triangular": "lower", "orthonormal": "orthogonal",
             "unitary": "orthogonal", "definite": "posdef", "semidefinite": "psd", "hermitian": "symmetric", "pos": "positive"}


def _property(word: str) -> str:
    """The property that a word may have been meant to be, or all of them."""
    if word.lower() in ("invertible", "nonsingular", "regular"):
        return "an inverse needs no declaration: A^-1 stands for it"
    close = _SYNONYMS.get(word.lower()) or next(iter(get_close_matches(word.lower(), PROPERTIES, 1, 0.7)), None)
    return f"did you mean {close}?" if close else f"one of {', '.join(PROPERTIES)}"
