"""Between lexer and parser of index notation: functions told from names, bars and brackets as in the matrix language."""

from __future__ import annotations

from lark import Token

from matcalc.core.errors import ParseError, UnknownFunctionError
from matcalc.syntax.names import GREEK, function_name, letters, suggest
from matcalc.syntax.spans import span_of
from matcalc.syntax.subscripts import subscripted
from matcalc.syntax.tokens import Bars, refuse_command, retyped


class IndexTokens(Bars):
    """The stage that Lark calls a postlexer. A name keeps its spelling: its subscript holds indices."""

    def divided(self, tokens: list[Token]) -> list[Token]:
        """The tokens as they are: digits in a subscript are positions."""
        return tokens

    def classify(self, token: Token, before: Token | None, after: Token | None) -> Token:
        """The token as FUNC, PREFIX or NAME."""
        if token.type == "COMMAND":
            name, indexed = str(token)[1:], False
        else:
            found = subscripted(str(token)) if "_" not in token else None
            indexed = found is None or found.slots is not None
            name = _base(str(token)) if found is None else found.base
        called = after is not None and after.type == "LPAR"
        function = function_name(name)
        if indexed:
            _refuse_subscript(token, name, called)
            return token
        if function is None:
            if token.type == "COMMAND" or token.startswith("\\operatorname"):
                refuse_command(token, name)
            if called and after is not None:
                _refuse_call(token, name, after)
            return token
        latex = token.startswith("\\")
        if called or (latex and after is not None and after.type == "LBRACE"):
            return retyped(token, "FUNC", function)
        if latex or (after is not None and after.type == "POWER"):
            return retyped(token, "PREFIX", function)
        hint = "sum_i x_i" if function == "sum" else f"{function}(...)"
        raise ParseError(f"the function `{name}` needs its argument in brackets", span=span_of(token), hint=hint)


def _base(text: str) -> str:
    """The part before the first subscript."""
    return text.partition("_")[0].removeprefix("\\").strip()


def _refuse_subscript(token: Token, name: str, called: bool) -> None:
    """Refuse `log_2(x)`, `softmax_i(x)`, `max_i x_i`, in which the name is that of a function."""
    if name == "log" and called:
        raise UnknownFunctionError("`log` is the natural logarithm; there is no other", span=span_of(token),
                                   hint="log(x_i)/log(2)")
    if name in ("max", "min", "argmax", "argmin", "lim", "prod"):
        raise ParseError(f"there is no {name} over an index", span=span_of(token),
                         hint="max(a, b) and min(a, b) compare two values")
    if called and function_name(name):
        raise ParseError("the indices stand after the bracket", span=span_of(token), hint=f"{name}(x)_i")


def _refuse_call(token: Token, name: str, after: Token) -> None:
    """Refuse a name of several letters that stands before a bracket like a function."""
    if len(letters(name)) < 2 or (letters(name).lower() in GREEK and name != "sigma"):
        return
    close = suggest(name)
    if after.start_pos == token.end_pos or (close and len(name) > 2):
        hint = f"did you mean {close}(...)?" if close else f"for a product write {name} * (...)"
        raise UnknownFunctionError(f"`{token}` is not a function of the language", span=span_of(token), hint=hint)
