"""Declared spaces: `R`, `R^n`, `R^{m x n} symmetric`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from matcalc.core.dims import ONE, SCALAR, Dim, Shape, matrix, vector
from matcalc.core.errors import DeclarationError
from matcalc.core.limits import limits
from matcalc.core.names import check_name
from matcalc.expr.declared import check_properties
from matcalc.syntax.names import ascii_name

_SPACE = re.compile(
    r"\s*(?:in\b|∈|\\in\b|:)?\s*(?:R|ℝ|\\mathbb\s*\{?\s*R\s*\}?|\\R\b|\\Re\b|\\reals\b)\s*"
    r"(?:\^\s*(?:\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|\(([^()]*)\)|([A-Za-z0-9_\\α-ωΑ-Ω]+)))?\s*([A-Za-z_,\s]*)\Z"
)
_NATURAL = re.compile(r"\s*(?:in\b|∈|\\in\b|:)?\s*(?:N|ℕ|\\mathbb\s*\{\s*N\s*\})\s*")
_TIMES = re.compile(r"\s+x\s+|\s*×\s*|\s*\\times\s*|(?<=[0-9])\s*x\s*(?=[0-9])|\s*\*\s*")
_ONES, _HINT_ONES = r"\mathbf{1}", r"\mathbf{1}_{n} or \mathbf{1}_{m \times n}"
_COMMUTATION = r"\mathbf{K}"
_POWER = re.compile(r"(.+?)\s*\^\s*\{?\s*([1-9])\s*\}?\Z")
_HINT = 'write "R", "R^n" or "R^{m x n}", then properties such as symmetric'


@dataclass(frozen=True, slots=True)
class Space:
    """A declared shape and properties."""

    shape: Shape
    properties: tuple[str, ...]


def is_natural(text: str) -> bool:
    """Whether a declaration says that a name is a size: `n in N`."""
    return isinstance(text, str) and _NATURAL.fullmatch(text) is not None


def parse_space(name: str, text: str) -> Space:
    """The space that a declaration of `name` states.

    Example:
        >>> print(parse_space("A", "R^{m x n}").shape)
        R^{m x n}
    """
    dims, properties = parse_axes(name, text)
    if len(dims) > 2:
        raise DeclarationError(f"`{name}` has {len(dims)} dimensions: only vectors and matrices are known", hint=_HINT)
    shape = matrix(*dims) if len(dims) == 2 else vector(*dims) if dims else SCALAR
    return Space(shape, check_properties(name, shape, properties))


def parse_axes(name: str, text: str) -> tuple[tuple[Dim, ...], tuple[str, ...]]:
    """The dimensions, any number of them, and the words after the space.

    Raises:
        DeclarationError: for what is no space.
    """
    if not isinstance(text, str):
        raise DeclarationError(f"the space of `{name}` is not text", hint=_HINT)
    if re.search(r"\bwhere\b", text):
        raise DeclarationError("a second `where`", hint="one `where`, then commas: A x where A in R^{m x n}, x in R^n")
    found = _SPACE.match(text) if len(text) <= limits().space else None
    if found is None:
        raise DeclarationError(f"`{text.strip()[:60]}` is not a space that `{name}` can be in", hint=_meant(text, name))
    sizes = next((g for g in found.groups()[:3] if g is not None), None)
    dims = () if sizes is None else tuple(parse_dim(part, name) for part in _TIMES.split(sizes.strip()))
    return dims, tuple(found[4].replace(",", " ").split())


def _meant(text: str, name: str) -> str:
    """What a space that is none may have been meant to be."""
    bare = re.sub(r"^\s*(?:in\b|∈|:)\s*", "", text).strip()
    if re.match(r"[CZNQ](?![A-Za-z])|ℂ|ℤ|ℕ|\\mathbb\s*\{?\s*[CZNQ]", bare):
        return f"all is real: {name} in R^n"
    for words, space in (("vector", "R^n"), ("matrix", "R^{m x n}"), ("scalar", "R"), ("number", "R"), ("real", "R")):
        if words in bare.lower():
            return f"{name} in {space}"
    if re.search(r"\band\b|;", bare):
        return "declarations are set apart by commas: x in R^n, A in R^{m x n}"
    return _HINT


def parse_dims(text: str, pair: bool = False) -> tuple[Dim, ...]:
    r"""The sizes below a vector or a matrix of ones: `n`, `m \times (n + 1)`; a pair as `m, n`.

    Raises:
        DeclarationError: for more than two, or for what is no size.
    """
    if pair:
        return tuple(parse_dim(part, _COMMUTATION) for part in text.split(","))
    dims = tuple(parse_dim(_unbracketed(part), _ONES) for part in _TIMES.split(text.strip()))
    if len(dims) > 2:
        raise DeclarationError(f"{_ONES} has {len(dims)} sizes, not one or two", hint=_HINT_ONES)
    return dims


def _unbracketed(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def parse_dim(text: str, name: str) -> Dim:
    """A dimension: numbers and names, added and multiplied."""
    total = Dim.of(0)
    for term in text.split("+"):
        product = Dim.of(1)
        words = term.split()
        if not words or "x" in (words[0], words[-1]):
            raise DeclarationError(f"`{text.strip()}` is not a dimension of `{name}`", hint=_HINT)
        for word in words:
            product = product * _factor(word, text, name)
        total = total + product
    if total.value == 0:
        raise DeclarationError(f"a dimension of `{name}` is 0", hint="a letter or a number from 1 on")
    return total


def _factor(word: str, text: str, name: str) -> Dim:
    if word.isdecimal() and len(word) <= limits().dimension:
        return Dim.of(int(word))
    power = _POWER.match(word)
    if power is not None:
        return prod([_factor(power[1], text, name)] * int(power[2]), start=ONE)
    try:
        return Dim.of(check_name(ascii_name(word)))
    except (DeclarationError, IndexError):
        raise DeclarationError(f"`{text.strip()}` is not a dimension of `{name}`", hint=_HINT) from None
