"""Where tokens stand in the text."""

from __future__ import annotations

from lark import Token

from matcalc.core.errors import Span


def span_of(token: Token) -> Span:
    """Where the token stands."""
    start = token.start_pos or 0
    return Span(start, token.end_pos if token.end_pos is not None else start + len(token))
