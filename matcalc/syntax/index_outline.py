"""The outline of a formula in index notation: its where clause, and its parts in the matrix language.

Those parts are `(A x)_i`, `softmax(x)_i`, `A^{-1}_{ij}`, `det(A)` and definitions such as `z = A x + b`. They are masked, so
that positions in the text stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.core.errors import DeclarationError, ParseError, Span
from matcalc.core.functions import FUNCTIONS
from matcalc.syntax.names import function_name

MASK, MORE = "\ue000", "\ue001"
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ"
_BELOW = re.compile(rf"\s*_|[{SUBSCRIPTS}]")
_WHERE = re.compile(r"(?<![A-Za-z_\\])where(?![A-Za-z0-9_])|\\text\s*\{\s*where\s*\}")
_SIGN = re.compile(r":|∈|\\in(?![A-Za-z])|(?<=[\s}\])])in(?![A-Za-z0-9_])")
_FIRST = r"(?<![A-Za-z_\\])(?<![A-Za-z_}][0-9])(?<![A-Za-z_}][0-9][0-9])"
"""Before the first letter of a name; digits there are a number."""
_FUNCTION = re.compile(_FIRST + r"(?:\\operatorname\*?\s*\{\s*([A-Za-z]+)\s*\}|\\?([A-Za-z][A-Za-z0-9]*))\s*\Z")
_LEFT = re.compile(r"\\(?:left|[bB]igg?l?)\s*\Z")
_TOP = r"(?:T|\\top|⊤|\\intercal|\\(?:mathsf|mathrm|text)\s*(?:\{\s*T\s*\}|T))"
_TURNED = re.compile(
    rf"\s*(?:\^\s*-\s*1(?![0-9])|⁻¹|ᵀ|\^\s*-?\s*T(?![A-Za-z0-9])|\^\s*\\top(?![A-Za-z])|\^\s*\{{\s*(?:-\s*1|-?\s*{_TOP})\s*\}})"
)
_NAME = re.compile(_FIRST + r"\\?[A-Za-z][A-Za-z0-9]*(?:\s*\{\s*[A-Za-z]\s*\})?|[Α-Ωα-ω]")
_LITERAL = re.compile(rf"\]\s*(?:_|[{SUBSCRIPTS}])")


@dataclass(frozen=True, slots=True)
class Rule:
    """`left = right` of the where clause, by place."""

    left: Span
    right: Span


@dataclass(frozen=True, slots=True)
class Space:
    """`name in space` of the where clause."""

    name: str
    space: str
    span: Span


@dataclass(frozen=True, slots=True)
class Outline:
    """A formula cut into its parts.

    Attributes:
        text: the formula.
        masked: the same text with the parts in the matrix language masked.
        body: where the expression stands.
        islands: where the masked parts stand, by where they start.
    """

    text: str
    masked: str
    body: Span
    islands: dict[int, Span]
    rules: tuple[Rule, ...]
    spaces: tuple[Space, ...]


def outline(text: str) -> Outline:
    """The outline of a formula.

    Raises:
        ParseError: for a character that is kept for masks, or a part of the where clause that has no name.
        DeclarationError: for a name in the where clause that is neither defined nor declared.
    """
    for position, char in enumerate(text):
        if char in MASK + MORE:
            raise ParseError(f"the character {char!r} means nothing here", span=Span(position, position + 1), text=text,
                             hint="names are letters from a to z or Greek, then digits; docs/language.md lists all signs")
    masked, islands = text, dict[int, Span]()
    for span in _islands(text):
        masked = masked[: span.start] + MASK + MORE * (span.end - span.start - 1) + masked[span.end :]
        islands[span.start] = span
    found = next((m for m in _WHERE.finditer(masked) if _depth(masked, m.start()) == 0), None)
    if found is None:
        return Outline(text, masked, Span(0, len(text)), islands, (), ())
    rules, spaces = _clause(text, masked, found.end())
    return Outline(text, masked, Span(0, found.start()), islands, tuple(rules), tuple(spaces))


def _depth(text: str, end: int) -> int:
    return sum((c in "([{") - (c in ")]}") for c in text[:end])


def _islands(text: str) -> Iterator[Span]:
    """The parts in the matrix language, from left to right, none inside another."""
    done = 0
    pairs = _pairs(text)
    starts = sorted([*pairs, *(m.start() for m in _NAME.finditer(text))])
    for start in starts:
        span = _bracketed(text, start, pairs[start]) if start in pairs else _turned_name(text, start)
        if span is not None and span.start >= done:
            yield span
            done = span.end


def _pairs(text: str) -> dict[int, int]:
    """Where each round bracket that opens is closed."""
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for position, char in enumerate(text):
        if char == "(" and not text.endswith("\\", 0, position):
            stack.append(position)
        elif char == ")" and stack:
            pairs[stack.pop()] = position
    return pairs


def _bracketed(text: str, start: int, end: int) -> Span | None:
    """`(...)_i`, `f(...)_i` with any function, or `f(...)` with a function of arrays."""
    if _LITERAL.search(text, start, end):
        return None
    before = _LEFT.sub("", text[:start])
    named = _FUNCTION.search(before)
    function = function_name(named[1] or named[2]) if named else None
    first = named.start() if named and function else start
    last = end + 1
    while (turned := _TURNED.match(text, last)) is not None:
        last = turned.end()
    if _BELOW.match(text, last):
        return Span(first, last)
    return Span(first, end + 1) if function is not None and function not in FUNCTIONS else None


def _turned_name(text: str, start: int) -> Span | None:
    """`A^{-1}_{ij}` and `A^T_ij`."""
    name = _NAME.match(text, start)
    turned = _TURNED.match(text, name.end()) if name else None
    return Span(start, turned.end()) if turned and _BELOW.match(text, turned.end()) else None


def _clause(text: str, masked: str, start: int) -> tuple[list[Rule], list[Space]]:
    rules, spaces, waiting = list[Rule](), list[Space](), list[Span]()
    for span in _items(masked, start):
        part = masked[span.start : span.end]
        sign, equals = _SIGN.search(part), _equals(part)
        if equals is not None and (sign is None or equals < sign.start()):
            rules.append(Rule(_trimmed(masked, span.start, span.start + equals),
                              _trimmed(masked, span.start + equals + 1, span.end)))
            continue
        waiting.append(span if sign is None else _trimmed(masked, span.start, span.start + sign.start()))
        if sign is not None:
            space = part[sign.end() :].strip()
            spaces += [Space(text[s.start : s.end], space, s) for s in waiting]
            waiting = []
    if waiting:
        word = text[waiting[0].start : waiting[0].end]
        raise DeclarationError(f"`{word}` is neither defined nor declared", span=waiting[0], text=text,
                               hint="z_i = sum_j A_ij x_j defines, A in R^{m x n} declares")
    return rules, spaces


def _items(masked: str, start: int) -> Iterator[Span]:
    """What stands between commas outside of brackets."""
    depth = 0
    for position in range(start, len(masked) + 1):
        char = masked[position] if position < len(masked) else ","
        depth += (char in "([{") - (char in ")]}")
        if char == "," and (depth <= 0 or position == len(masked)):
            span = _trimmed(masked, start, position)
            if span.start >= span.end:
                raise ParseError("a part of the where clause is missing", span=Span(start, start + 1), text=masked,
                                 hint="definitions and declarations stand between commas")
            yield span
            start = position + 1


def _equals(part: str) -> int | None:
    """Where `=` stands outside of brackets."""
    return next((n for n, char in enumerate(part) if char == "=" and _depth(part, n) == 0), None)


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    left = start + len(part) - len(part.lstrip())
    return Span(left, max(left, left + len(part.strip())))
