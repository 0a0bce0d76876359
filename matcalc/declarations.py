"""Declarations as one text, such as `A: R^{m x n}, S: R^{n x n} symmetric, posdef; x, y in R^n`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.core.errors import DeclarationError, Span
from matcalc.expr.nodes import PROPERTIES

_SIGN = re.compile(r":|∈|\\in(?![A-Za-z])|(?<=\S)\s+in\b")
_HINT = 'write "A: R^{m x n}, x: R^n", with properties after the space'


def declarations(text: str) -> dict[str, str]:
    """The space of each name, for the `declare` of `derive`.

    Args:
        text: declarations separated by commas, semicolons or new lines; `:`, `in` or `∈` stands between a name and its
            space; names side by side share one space, and properties may be separated by commas too.

    Raises:
        DeclarationError: with the place, for a part that is no declaration.

    Example:
        >>> declarations("A: R^{m x n}, S: R^{n x n} symmetric, posdef; x, y in R^n")
        {'A': 'R^{m x n}', 'S': 'R^{n x n} symmetric posdef', 'x': 'R^n', 'y': 'R^n'}
    """
    found: dict[str, str] = {}
    waiting: list[tuple[str, Span]] = []
    last: list[str] = []
    for part, span in _parts(text):
        sign = _SIGN.search(part)
        if sign is None:
            if last and not waiting and all(word in PROPERTIES for word in part.split()):
                found.update({name: f"{found[name]} {part}" for name in last})
            else:
                waiting.append((part, span))
            continue
        waiting.append((part[: sign.start()].strip(), span))
        for name, place in waiting:
            if not name or name in found:
                what = f"`{name}` is declared twice" if name else "a declaration without a name"
                raise DeclarationError(what, span=place, text=text, hint=_HINT)
            found[name] = part[sign.end() :].strip()
        last = [name for name, _ in waiting]
        waiting = []
    if waiting:
        words, place = waiting[0]
        raise DeclarationError(f"`{words}` has no `:` or `in` between a name and its space", span=place, text=text, hint=_HINT)
    return found


def _parts(text: str) -> Iterator[tuple[str, Span]]:
    """What stands between separators outside of brackets, with its place."""
    depth = start = 0
    for position, char in enumerate(f"{text}\n"):
        depth += (char in "([{") - (char in ")]}")
        if char in ",;\n" and (depth <= 0 or position == len(text)):
            part = text[start:position]
            if part.strip():
                left = start + len(part) - len(part.lstrip())
                yield part.strip(), Span(left, left + len(part.strip()))
            start, depth = position + 1, 0


def names(text: str) -> str | list[str]:
    """What to differentiate by: one name, or a list where commas stand between names.

    Example:
        >>> names("x"), names("x1, x2"), names("W_{1,2}")
        ('x', ['x1', 'x2'], 'W_{1,2}')
    """
    found = [part for part, _ in _parts(text)]
    return text.strip() if len(found) < 2 else found
