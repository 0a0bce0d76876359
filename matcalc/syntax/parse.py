"""Text to a syntax tree with spans; errors of the parser in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from matcalc.core.errors import LimitError, MatcalcError, ParseError, Span
from matcalc.core.limits import limits
from matcalc.syntax.actions import Actions
from matcalc.syntax.advice import character
from matcalc.syntax.called import BROUGHT
from matcalc.syntax.grammar import load_parser
from matcalc.syntax.names import function_name
from matcalc.syntax.spans import span_of
from matcalc.syntax.tree import Declaration, Definition, Source, Syntax

_NEEDS_OPERAND = frozenset((
    "PLUS", "MINUS", "TIMES", "DIVIDE", "TIMES_DOT", "DIVIDE_DOT", "POWER", "POWER_DOT", "KRON", "COMPARE", "EQUALS",
    "TRANSPOSE", "INVERSE", "INVERSE_TRANSPOSE", "SUPERSCRIPT", "RPAR", "RSQB", "RBRACE", "COMMA", "SEMICOLON", "WHERE",
    "POWER_ODOT", "END_MATRIX", "ROW_END", "AMPERSAND",
))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return load_parser(Actions())


def _parsed(text: str) -> tuple[Syntax, list[Definition | Declaration]]:
    body, items = cast("tuple[Syntax, list[Definition | Declaration]]", _parser().parse(text))
    return body, items


def parse_source(text: str, functions: Iterable[str] = ()) -> Source:
    """The syntax tree of a program.

    Args:
        text: the program.
        functions: names of functions that it may call without defining them.

    Raises:
        ParseError: the text is not a sentence of the language.
        LimitError: it is too long, too deep or has too many parts.
    """
    if not isinstance(text, str):
        raise ParseError("the expression is not text", hint='a formula in quotes: "x^T A x"')
    check_limits(text)
    token = BROUGHT.set(frozenset(functions))
    try:
        body, items = _parsed(text)
    except UnexpectedInput as error:
        raise translate(error, text) from None
    except MatcalcError as error:
        raise error.located(None, text) from None
    finally:
        BROUGHT.reset(token)
    definitions = tuple(i for i in items if isinstance(i, Definition))
    values, called = (tuple(d for d in definitions if bool(d.parameters) is kind) for kind in (False, True))
    source = Source(text, body, values, tuple(i for i in items if isinstance(i, Declaration)), called)
    _check_nodes(source)
    return source


def check_limits(text: str) -> None:
    """Refuses a text that is empty, too long or too deep."""
    most = limits()
    if len(text) > most.characters:
        raise LimitError(f"the text has {len(text)} characters, more than {most.characters}",
                         hint="names in a `where` clause keep formulas small")
    if not text.strip():
        raise ParseError("the expression is empty", hint="x^T A x")
    depth = 0
    for position, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth > 2 * most.depth:
            span = Span(position, position + 1)
            raise LimitError(f"brackets nest deeper than {most.depth}", span=span, text=text,
                             hint="names in a `where` clause keep formulas small")


def _check_nodes(source: Source) -> None:
    stack: list[Syntax] = [source.body, *(d.body for d in (*source.definitions, *source.functions))]
    count = 0
    while stack:
        tree = stack.pop()
        count += 1
        stack.extend(tree.args)
    most = limits().parts
    if count > most:
        raise LimitError(f"the expression has {count} parts, more than {most}", text=source.text,
                         hint="names in a `where` clause keep formulas small")


def translate(error: UnexpectedInput, text: str) -> MatcalcError:
    """An error of the parser in plain words."""
    if isinstance(error, UnexpectedCharacters):
        return _bad_character(error, text)
    assert isinstance(error, UnexpectedToken)
    token = error.token
    if token.type == "$END":
        end = len(text.rstrip())
        name = re.search(r"([A-Za-z]+)\s*\^\s*\{?\s*\w+\s*\}?$", text.rstrip())
        if name is not None and function_name(name[1]):
            return ParseError(f"the function `{name[1]}` needs its argument in brackets", span=Span(*name.span(1)), text=text,
                              hint=f"{name[1]}(x)")
        return ParseError("the expression ends too soon", span=Span(end, end + 1), text=text,
                          hint="an operand is missing at the end")
    span = span_of(token)
    shown = text[span.start : span.end].strip() or str(token)
    hint = _hint(token, text[: span.start].rstrip(), text[span.end : span.end + 1])
    return ParseError(f"did not expect `{shown}` here", span=span, text=text, hint=hint)


_HINTS = {
    "LPAR": "a function is defined for names of its arguments: f(z) = z^2, h(u, v) = u exp(v)",
    "EQUALS": "definitions stand after `where`: x^T y where y = A x",
    "SPACE": "declarations stand after `where`: A x where A in R^{m x n}",
    "AMPERSAND": "explicit matrices are written [a, b; c, d]",
    "ROW_END": "explicit matrices are written [a, b; c, d]",
    "COMPARE": "comparisons do not chain: 1[a < b] .* 1[b < c]",
    "COMMA": "one formula; what follows `where` is set apart by commas, entries stand in [a, b], decimals have a point",
    "SEMICOLON": "one formula; rows of a matrix stand in [a; b]",
}


def _hint(token: Token, before: str, after: str) -> str:
    """What to write instead of a token that the parser did not expect."""
    if token.type == "TIMES" and before.endswith("*"):
        return "powers are written ^"
    if token.type == "TIMES" and re.search(r"\^\s*\{?$", before):
        return "matrices are real: the transpose is A^T"
    if token == "'" and before[-1:] in ("(", ","):
        return "the norms are ||v||, ||v||_1, ||v||_2 and ||A||_F; there are no texts in a formula"
    if not before and token == "<":
        return "the inner product is x^T y"
    if not before or before[-1] in "+-*/^([{|=,;&@⊗⊙∘·×":
        return "an operand is missing before it" if token.type in _NEEDS_OPERAND else _ORDINARY
    if token.type == "AMPERSAND" and before.endswith("&"):
        return "an indicator of two conditions is 1[a > 0] .* 1[b > 0]"
    if token.type == "EQUALS" and (before.endswith("=") or after in ("=", ">")):
        return "an indicator compares by > >= < <=: 1[a > b]"
    if token.type == "EQUALS" and _NAMED.fullmatch(before):
        return f"the formula alone, without `{before} =`"
    if token.type == "EQUALS" and re.search(r"\([^()]*,\s*[A-Za-z]\w*$", before):
        return "arguments have no names: sum(x) and mean(x) take all entries, norms are ||x||_1, ||x||, ||A||_F"
    if re.search(r"\\[dt]?frac\s*\{[^{}]*\}$", before):
        return r"a fraction is \frac{a}{b}"
    if re.search(r"\bwhere\b[^=]*\b[A-Za-z]\w*$", before) and token.type == "NAME":
        return "a declaration reads x in R^n, a definition y = A x"
    if token.type == "WHERE":
        return "one `where`, then commas: A x where A in R^{m x n}, x in R^n"
    return _HINTS.get(token.type, _ORDINARY)


_ORDINARY = "a product is A x or A*x, a quotient a/b, a power x^2"
_NAMED = re.compile(r"[A-Za-z]\w*'?(\s*\([\w\s,;]*\))?")
"""What stands before the sign of equality where a formula has been given a name."""

def _bad_character(error: UnexpectedCharacters, text: str) -> MatcalcError:
    position = error.pos_in_stream or 0
    char, rest = text[position], text[position:]
    return ParseError(f"the character {char!r} means nothing here", span=Span(position, position + 1), text=text,
                      hint=_character_hint(text[:position].rstrip(), rest))


def _character_hint(before: str, rest: str) -> str:
    if rest.startswith("_") and before.endswith(("Σ", "Sigma")):
        return "a sum over data is sum_{i=1}^N x_i, or \N{N-ARY SUMMATION}_{i=1}^N x_i"
    if rest.startswith("_") and before.endswith(("sum", "∑", "limits")):
        return "a sum over data says where it ends: sum_{i=1}^N x_i"
    if rest.startswith("_") and before.endswith(("|", "‖", "Vert")):
        return "the norms are ||v||, ||v||_1, ||v||_2 and ||A||_F"
    if rest.startswith("_") and before.endswith(("prod", "∏")):
        return character("∏")
    if rest.startswith("_") and before.endswith(("int", "∫")):
        return character("∫")
    if rest.startswith("_"):
        return "a subscript is letters or digits right after a name: x_1, x_n, x_{12}"
    if re.match(r"\.T(?![A-Za-z0-9_])", rest):
        return "the transpose is A^T"
    if re.match(r"\.[A-Za-z]", rest):
        return "there are no methods and no modules: A^T, A^-1, x^T y, sum(x), exp(x)"
    if rest.startswith((".", "^")):
        return "elementwise operators are .* ./ .^, and an inner product is x^T y"
    if rest.startswith(("\\(", "\\[", "\\)", "\\]")):
        return character("$")
    if rest.startswith("\\"):
        return "A^-1 b solves a system"
    if rest.startswith("!="):
        return "an indicator compares by > >= < <=: 1[a > b]"
    return character(rest[0])
