"""Between lexer and parser: functions told from names, opening from closing bars, brackets matched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token

from matcalc.core.errors import LimitError, ParseError, UnknownFunctionError
from matcalc.core.limits import limits
from matcalc.syntax.advice import COMMANDS_ELSEWHERE, function_elsewhere
from matcalc.syntax.bars import BARS, ENDS_OPERAND, OPENING, resolve_bars
from matcalc.syntax.called import BROUGHT, as_calls, defined_functions, spelled
from matcalc.syntax.names import function_name, suggest_command
from matcalc.syntax.spans import span_of
from matcalc.syntax.touching import apart

_BAR_PARTS = frozenset(("OPEN_ABS", "OPEN_NORM", "CLOSE_ABS", "CLOSE_NORM"))
_CLOSING = frozenset(OPENING.values())
_CLOSERS = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_OPENS_CALL = frozenset(("LPAR", "LSQB"))


class Bars:
    """The stage that Lark calls a postlexer."""

    always_accept = ("BAR", "DOUBLE_BAR", "COMMAND")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens for the parser."""
        tokens = self.divided(list(stream))
        before: Token | None = None
        for position, token in enumerate(tokens):
            after = tokens[position + 1] if position + 1 < len(tokens) else None
            if token.type in ("NAME", "COMMAND"):
                tokens[position] = self.classify(token, before, after)
            before = tokens[position]
        _match_brackets(tokens)
        if any(token.type in BARS for token in tokens):
            tokens = resolve_bars(tokens)
        _check_depth(tokens)
        return iter(tokens)

    def divided(self, tokens: list[Token]) -> list[Token]:
        """The tokens with names that touch each on its own, and functions of the user as calls."""
        tokens = apart(tokens)
        return as_calls(tokens, defined_functions(tokens) | BROUGHT.get())

    def classify(self, token: Token, before: Token | None, after: Token | None) -> Token:
        """The token as FUNC, PREFIX, KRON or NAME."""
        return _classify(token, before, after)


def _match_brackets(tokens: list[Token]) -> None:
    stack: list[Token] = []
    for token in tokens:
        if token.type in OPENING:
            stack.append(token)
        elif token.type in _CLOSING:
            if not stack:
                raise ParseError(f"`{token}` closes nothing", span=span_of(token), hint="remove it or open a bracket")
            opened = stack.pop()
            if OPENING[opened.type] != token.type:
                raise ParseError(f"`{token}` does not close `{opened}`", span=span_of(token),
                                 hint=f"`{_CLOSERS.get(opened.type, f'the end of {opened}')}` does")
    if stack:
        hint = f"a `{_CLOSERS.get(stack[-1].type, str(stack[-1]).replace('begin', 'end'))}` is missing"
        raise ParseError(f"`{stack[-1]}` is never closed", span=span_of(stack[-1]), hint=hint)


def _check_depth(tokens: list[Token]) -> None:
    depth, most = 0, limits().depth
    for token in tokens:
        if token.type in OPENING or (token.type in _BAR_PARTS and token.type.startswith("OPEN")):
            depth += 1
            if depth > most:
                raise LimitError(f"brackets nest deeper than {most}", span=span_of(token),
                                 hint="names in a `where` clause keep formulas small")
        elif token.type in _CLOSING or token.type in _BAR_PARTS:
            depth -= 1


def _classify(token: Token, before: Token | None, after: Token | None) -> Token:
    """The token as FUNC, PREFIX, KRON or NAME; a name takes its ASCII spelling."""
    latex = token.startswith("\\")
    name = spelled(token)
    function = function_name(name)
    if function is None:
        if token.type == "COMMAND" or token.startswith("\\operatorname"):
            refuse_command(token, name)
        _refuse_indexing(token, after)
        return retyped(token, "NAME", name)
    if after is not None and after.type in _OPENS_CALL:
        if latex and function == "sqrt" and after.type == "LSQB":
            raise ParseError("roots of higher order are written as powers", span=span_of(token), hint="x^(1/3)")
        return retyped(token, "FUNC", function)
    if after is not None and after.type == "LBRACE":
        return retyped(token, "FUNC", function)
    if function == "kron" and before is not None and before.type in ENDS_OPERAND | BARS:
        return retyped(token, "KRON", function)
    if latex or (after is not None and after.type == "POWER"):
        return retyped(token, "PREFIX", function)
    return retyped(token, "NAME", name)


def refuse_command(token: Token, name: str) -> None:
    """Raises for a backslash command that is not in the language."""
    close = suggest_command(name)
    hint = COMMANDS_ELSEWHERE.get(name) or function_elsewhere(name) or (
        f"did you mean \\{close}?" if close else f"a name stands without the backslash: {name}" if name.isalpha() else
        "commands are those of Greek letters, functions, fonts and brackets")
    raise UnknownFunctionError(f"`{token}` is not a command of the language", span=span_of(token), hint=hint)


def _refuse_indexing(token: Token, after: Token | None) -> None:
    if after is not None and after.type == "LSQB" and after.start_pos == token.end_pos:
        raise ParseError(
            f"`{token}[` looks like indexing, which the language does not have",
            span=span_of(token),
            hint="put a space before `[` for a product with an explicit matrix",
        )


def retyped(token: Token, kind: str, value: str) -> Token:
    """The token with another type and value, in its place."""
    return Token.new_borrow_pos(kind, value, token)


def split_sum(text: str) -> tuple[str, str, str]:
    """Index, start and end of `sum_{n=1}^N`, as written."""
    lower = re.search(r"_\s*\{([^{}=]*)=([^{}]*)\}", text)
    upper = re.search(r"\^\s*(?:\{([^{}]*)\}|([A-Za-z0-9]+))", text)
    assert lower is not None and upper is not None
    return lower[1].strip(), lower[2].strip(), (upper[1] or upper[2] or "").strip()
