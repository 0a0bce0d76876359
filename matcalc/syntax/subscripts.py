"""Subscripts of index notation: the indices below a name, and the name without them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from matcalc.core.errors import ParseError
from matcalc.syntax.names import ACCENTS, GREEK, ascii_name

_SMALL = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ"
_GROUP = re.compile(
    rf"_\s*(?:[A-Za-z0-9]+|\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}|\\[A-Za-z]+|[α-ωϑϕϵϱ])|[{_SMALL}]+|\^\{{\s*\(\s*[A-Za-z0-9]+\s*\)\s*\}}"
)
_TAIL = re.compile(rf"(?:{_GROUP.pattern})*\Z")
_PART = re.compile(r"(\s+|,|\\[,;:! ]|~)|([0-9]+)|\\([A-Za-z]+'*)|([A-Za-z]+'*|[α-ωϑϕϵϱ]'*)")
_PLAIN = re.compile(rf"_\s*(?:[A-Za-z0-9]+|\{{[A-Za-z0-9\s,]+\}}|\{{?\s*\\(?:text|mathrm|textrm|mathit|rm)?\s*\{{?[A-Za-z]+\}}?\s*\}}?|[α-ω])"
                    rf"|[{_SMALL}]+|\^.*")
_WORD = re.compile(r"[A-Za-z]'*")
MAX_POSITION_DIGITS = 9
MAX_SLOTS = 16

Slots = tuple[str | int, ...]
"""Names of indices and positions, counted from 1."""


@dataclass(frozen=True, slots=True)
class Subscripted:
    """A name with its indices.

    Attributes:
        base: the name of the array.
        slots: its indices, None where there is no subscript.
        split: the same with digits side by side taken one by one, where that is another reading.
        whole: the name that the text is in the matrix language.
    """

    base: str
    slots: Slots | None
    split: Slots | None
    whole: str


def subscripted(text: str) -> Subscripted:
    """The name and its indices; the last subscript holds the indices.

    Example:
        >>> [(s.base, s.slots) for s in map(subscripted, ("A_ij", "W^{(1)}_{i,2}", "y_hat_i", "x1", "z_{i'}"))]
        [('A', ('i', 'j')), ('W1', ('i', 2)), ('y_hat', ('i',)), ('x1', None), ('z', ("i'",))]
    """
    tail = _TAIL.search(text)
    assert tail is not None, "the end of a text is a tail"
    groups = [m[0] for m in _GROUP.finditer(tail[0])]
    last = max((n for n, g in enumerate(groups) if not g.startswith("^")), default=None)
    core = text[: tail.start()]
    if last is None:
        return Subscripted(ascii_name(text), None, None, ascii_name(text))
    strange = next((g for n, g in enumerate(groups) if n != last and not _PLAIN.fullmatch(g)), None)
    if strange is not None:
        raise ParseError(f"`{strange}` is no part of a name", hint="letters and digits: x_max, W_{1}, W^{(1)}")
    base = ascii_name(core + "".join(g for n, g in enumerate(groups) if n != last))
    slots = parse_slots(groups[last])
    split = _split(groups[last], slots)
    return Subscripted(base, slots, split, ascii_name(text))


def is_in_doubt(text: str) -> bool:
    """Whether a subscript before the last one may be meant as indices and the next name: x_ix_j, A_i_j.

    Words of four letters and accents are names; so is everything in braces.
    """
    tail = _TAIL.search(text)
    assert tail is not None, "the end of a text is a tail"
    groups = [m[0] for m in _GROUP.finditer(tail[0]) if not m[0].startswith("^")]
    plain = [g.removeprefix("_") for g in groups[:-1] if re.fullmatch(r"_[A-Za-z]+", g)]
    return any(len(word) < 4 and word not in ACCENTS for word in plain)


def parse_slots(group: str) -> Slots:
    """The indices in a subscript such as `_ij`, `_{i, 2}` or `ᵢⱼ`.

    Raises:
        ParseError: for arithmetic, a word or a position below 1.
    """
    inner = group.strip().removeprefix("_").strip()
    inner = unicodedata.normalize("NFKC", inner.removeprefix("{").removesuffix("}"))
    words = re.findall(r"[^\s,]+", inner)
    if len(words) > 1 and all(word in GREEK for word in words):
        return tuple(words)
    slots: list[str | int] = []
    position = 0
    while position < len(inner):
        part = _PART.match(inner, position)
        if part is None:
            raise ParseError(f"`{inner}` is no list of indices", hint="letters and positions: A_ij, A_{i,2}, x_{12}")
        position = part.end()
        slots += _indices(part, inner)
    if len(slots) > MAX_SLOTS:
        raise ParseError(f"`{inner[:40]}` has more than {MAX_SLOTS} indices", hint="fewer indices")
    return tuple(slots)


def _indices(part: re.Match[str], inner: str) -> list[str | int]:
    separator, digits, command, letters = part.groups()
    if separator is not None:
        return []
    if digits is not None:
        if len(digits) > MAX_POSITION_DIGITS or int(digits) == 0:
            raise ParseError(f"positions count from 1, and `{digits}` is none",
                             hint="a name such as theta0 is written without the underscore")
        return [int(digits)]
    if command is not None:
        if command.removeprefix("var").rstrip("'") not in GREEK:
            raise ParseError(f"`\\{command}` is no index", hint="letters, Greek letters and positions are")
        return [command.removeprefix("var")]
    if not letters[0].isascii() or (letters in GREEK and len(letters) > 2):
        return [ascii_name(letters.rstrip("'")) + "'" * letters.count("'")]
    return list(_WORD.findall(letters))


def _split(group: str, slots: Slots) -> Slots | None:
    """The slots with each digit one of its own, where nothing stands between digits."""
    if not any(isinstance(s, int) and s > 9 for s in slots) or re.search(r"[,\s~]|\\[,;:! ]", group.strip(" _{}")):
        return None
    found: list[str | int] = []
    for s in slots:
        found += [int(d) for d in str(s)] if isinstance(s, int) else [s]
    return tuple(found) if 0 not in found else None
