"""Python source and written work with colours, for a terminal. Imported where there is one."""

from __future__ import annotations

import io
import keyword
import re
import tokenize

from matcalc.cli.terminal import painted, painted_where


def python_text(source: str) -> str:
    """Source with keywords, strings and comments in colours; without the colours it is the same text."""
    lines = source.split("\n")
    pieces: list[tuple[int, int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        role = _role(token)
        if role is None:
            continue
        (first, start), (last, end) = token.start, token.end
        for row in range(first, last + 1):
            left, right = start if row == first else 0, end if row == last else len(lines[row - 1])
            pieces.append((row - 1, left, right, role))
    for row, left, right, role in reversed(pieces):
        line = lines[row]
        lines[row] = f"{line[:left]}{painted(line[left:right], role)}{line[right:]}"
    return "\n".join(lines)


_STRINGS = ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")


def _role(token: tokenize.TokenInfo) -> str | None:
    if tokenize.tok_name[token.type] in _STRINGS:
        return "good"
    if token.type == tokenize.COMMENT:
        return "quiet"
    return "name" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else None


_TITLE = re.compile(r"^\d+\. .*$", re.MULTILINE)
_REASON = re.compile(r"^     by .*$", re.MULTILINE)


def steps_text(text: str) -> str:
    """The lines of a derivation: titles stand out, rules and sources step back."""
    return painted_where(_REASON, painted_where(_TITLE, text, "heading"), "quiet")
