"""Which names are functions of the user: those that the `where` clause defines, and those that the caller brings."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextvars import ContextVar

from lark import Token

from matcalc.syntax.names import ascii_name, function_name

BROUGHT: ContextVar[frozenset[str]] = ContextVar("functions from outside of the text", default=frozenset())
"""Names of functions that are not defined in the text that is being read."""

_PRIME = re.compile(r"['′’]|\^\s*\{?\s*\\prime\s*\}?")


def defined_functions(tokens: Sequence[Token]) -> frozenset[str]:
    """The names before brackets that an `=` follows, at the start of an item of the `where` clause."""
    found: set[str] = set()
    for position, token in enumerate(tokens):
        if token.type == "EQUALS":
            opening = position - 1
            while opening > 0 and tokens[opening].type in ("RPAR", "NAME", "COMMA", "COMMAND"):
                opening -= 1
            if 1 < opening < position - 1 and tokens[opening].type == "LPAR" and tokens[opening - 2].type in ("WHERE", "COMMA"):
                found.add(spelled(tokens[opening - 1]))
    return frozenset(name for name in found if function_name(name) is None)


def spelled(token: Token) -> str:
    """The name that a token spells, in ASCII."""
    return str(token)[1:] if token.type == "COMMAND" else ascii_name(str(token))


def as_calls(tokens: list[Token], functions: Collection[str]) -> list[Token]:
    """The tokens with the names of functions as FUNC before their brackets, and as PREFIX before powers `f^2(x)`.

    Primes between a name and its bracket count as part of the name: f'(x) is the derivative of f.
    """
    if not functions:
        return tokens
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token.type not in ("NAME", "COMMAND") or spelled(token) not in functions:
            found.append(token)
            continue
        after = position
        while after < len(tokens) and _PRIME.fullmatch(tokens[after]):
            after += 1
        kind = _kind([t.type for t in tokens[after : after + 5]])
        if kind is None:
            found.append(token)
        else:
            found.append(Token.new_borrow_pos(kind, spelled(token) + "'" * (after - position), token))
            position = after
    return found


def _kind(after: Sequence[str]) -> str | None:
    """FUNC before a bracket, PREFIX before a power and a bracket, None for the name alone."""
    if after[:1] in (["LPAR"], ["LSQB"]):
        return "FUNC"
    powers = (["POWER", "NUMBER", "LPAR"], ["POWER", "LBRACE", "NUMBER", "RBRACE", "LPAR"])
    return "PREFIX" if any(after[: len(p)] == p for p in powers) else None
