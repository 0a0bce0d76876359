"""Between lexer and parser: functions told from names, opening from closing bars, brackets matched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

from matcalc.core.errors import LimitError, ParseError, Span, UnknownFunctionError
from matcalc.syntax.names import ascii_name, function_name, suggest_command

MAX_DEPTH = 200

_OPEN = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "INDICATOR": "RSQB"}
_CLOSE = frozenset(_OPEN.values())
_BARS = {"BAR": ("OPEN_ABS", "CLOSE_ABS"), "DOUBLE_BAR": ("OPEN_NORM", "CLOSE_NORM")}
_ENDS_OPERAND = frozenset((
    "NUMBER", "NAME", "RPAR", "RSQB", "RBRACE", "CLOSE_ABS", "CLOSE_NORM", "SUBSCRIPT", "TRANSPOSE", "INVERSE",
    "INVERSE_TRANSPOSE", "SUPERSCRIPT", "SHORT_FRAC",
))
_OPENS_CALL = frozenset(("LPAR", "LSQB"))


def span_of(token: Token) -> Span:
    """Where the token stands."""
    start = token.start_pos or 0
    return Span(start, token.end_pos if token.end_pos is not None else start + len(token))


class Bars:
    """The stage that Lark calls a postlexer."""

    always_accept = ("BAR", "DOUBLE_BAR", "COMMAND")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens for the parser."""
        stack: list[tuple[str, Token]] = []
        before: Token | None = None
        tokens = list(stream)
        for position, token in enumerate(tokens):
            after = tokens[position + 1] if position + 1 < len(tokens) else None
            if token.type in ("NAME", "COMMAND"):
                token = _classify(token, before, after)
            elif token.type in _BARS:
                token = _bar(token, before, stack)
            _match(token, stack)
            yield token
            before = token
        if stack:
            opened = stack[-1][1]
            raise ParseError(f"`{opened}` is never closed", span=span_of(opened))


def _bar(token: Token, before: Token | None, stack: list[tuple[str, Token]]) -> Token:
    opening, closing = _BARS[token.type]
    ended = before is not None and before.type in _ENDS_OPERAND
    closes = ended and bool(stack) and stack[-1][0] == closing
    return _retyped(token, closing if closes else opening, str(token))


def _match(token: Token, stack: list[tuple[str, Token]]) -> None:
    kind = token.type
    if kind in _OPEN or kind.startswith("OPEN_"):
        stack.append((_OPEN.get(kind) or kind.replace("OPEN", "CLOSE"), token))
        if len(stack) > MAX_DEPTH:
            raise LimitError(f"brackets nest deeper than {MAX_DEPTH}", span=span_of(token))
    elif kind in _CLOSE or kind.startswith("CLOSE_"):
        if not stack:
            raise ParseError(f"`{token}` closes nothing", span=span_of(token), hint="remove it or open a bracket")
        wanted, opened = stack.pop()
        if wanted != kind:
            raise ParseError(f"`{token}` does not close `{opened}`", span=span_of(token))


def _classify(token: Token, before: Token | None, after: Token | None) -> Token:
    """The token as FUNC, PREFIX, KRON or NAME; a name takes its ASCII spelling."""
    latex = token.startswith("\\")
    name = str(token)[1:] if token.type == "COMMAND" else ascii_name(str(token))
    function = function_name(name)
    if function is None:
        if token.type == "COMMAND" or token.startswith("\\operatorname"):
            _unknown_command(token, name)
        _refuse_indexing(token, after)
        return _retyped(token, "NAME", name)
    if after is not None and after.type in _OPENS_CALL:
        if latex and function == "sqrt" and after.type == "LSQB":
            raise ParseError("roots of higher order are written as powers", span=span_of(token), hint="x^(1/3)")
        return _retyped(token, "FUNC", function)
    if latex and after is not None and after.type == "LBRACE":
        return _retyped(token, "FUNC", function)
    if function == "kron" and before is not None and before.type in _ENDS_OPERAND:
        return _retyped(token, "KRON", function)
    if latex or (after is not None and after.type == "POWER"):
        return _retyped(token, "PREFIX", function)
    return _retyped(token, "NAME", name)


def _unknown_command(token: Token, name: str) -> None:
    close = suggest_command(name)
    hint = f"did you mean \\{close}?" if close else None
    raise UnknownFunctionError(f"`{token}` is not a command of the language", span=span_of(token), hint=hint)


def _refuse_indexing(token: Token, after: Token | None) -> None:
    if after is not None and after.type == "LSQB" and after.start_pos == token.end_pos:
        raise ParseError(
            f"`{token}[` looks like indexing, which the language does not have",
            span=span_of(token),
            hint="put a space before `[` for a product with an explicit matrix",
        )


def _retyped(token: Token, kind: str, value: str) -> Token:
    return Token.new_borrow_pos(kind, value, token)


def split_sum(text: str) -> tuple[str, str, str]:
    """Index, start and end of `sum_{n=1}^N`, as written."""
    lower = re.search(r"_\s*\{([^{}=]*)=([^{}]*)\}", text)
    upper = re.search(r"\^\s*(?:\{([^{}]*)\}|([A-Za-z0-9]+))", text)
    assert lower is not None and upper is not None
    return lower[1].strip(), lower[2].strip(), (upper[1] or upper[2] or "").strip()
