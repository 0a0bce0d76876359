"""Names that touch: x_1x_2 is x_1 times x_2, since a subscript without braces that begins with a digit is a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

_NUMBER_THEN_LETTER = re.compile(r"(?<=[A-Za-z0-9}])_[0-9]+(?=[A-Za-z])")


def apart(tokens: list[Token]) -> list[Token]:
    """The tokens with names that touch each on its own."""
    return [part for token in tokens for part in (_parts(token) if token.type == "NAME" else (token,))]


def _parts(token: Token) -> Iterator[Token]:
    """The names that one token holds, each where it stands."""
    text, start = str(token), 0
    begin = token.start_pos or 0
    for found in [*_NUMBER_THEN_LETTER.finditer(text), None]:
        end = found.end() if found else len(text)
        yield Token("NAME", text[start:end], begin + start, token.line, None, token.end_line, None, begin + end)
        start = end
