"""Index notation: text to a syntax tree with spans."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from matcalc.core.errors import LimitError, MatcalcError, ParseError, Span
from matcalc.core.limits import limits
from matcalc.syntax.actions import Actions, _call, _span
from matcalc.syntax.advice import character
from matcalc.syntax.grammar import Language, load_parser
from matcalc.syntax.index_outline import MASK
from matcalc.syntax.index_tokens import IndexTokens
from matcalc.syntax.parse import translate
from matcalc.syntax.spans import span_of
from matcalc.syntax.subscripts import parse_slots, subscripted
from matcalc.syntax.tree import Syntax, node

INDEX = Language("index", IndexTokens)

_RANGE = re.compile(r"_\s*(\{[^{}]*\}|\\?[A-Za-z]+|[α-ω])|\^\s*(\{[^{}]*\}|[A-Za-z0-9]+)")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return load_parser(IndexActions(), INDEX)


def parse_index(text: str, span: Span, whole: str) -> Syntax:
    """The tree of one expression of a formula.

    Args:
        text: the formula with its masks.
        span: where the expression stands in it.
        whole: the formula as written, for messages.

    Raises:
        ParseError: the text is not a sentence of the language.
        LimitError: it nests too deep.
    """
    piece = " " * span.start + text[span.start : span.end]
    if not piece.strip():
        raise ParseError("an expression is missing", span=Span(span.start, span.start + 1), text=whole,
                         hint="write it, or leave out the sign before it")
    try:
        tree = cast(Syntax, _parser().parse(piece))
    except UnexpectedInput as error:
        raise _translated(error, piece, whole) from None
    except MatcalcError as error:
        raise error.located(None, whole) from None
    if tree.depth > limits().index_nesting:
        raise LimitError(f"index notation nests deeper than {limits().index_nesting}", span=tree.span, text=whole,
                         hint="names in a `where` clause keep formulas small")
    return tree


def _translated(error: UnexpectedInput, piece: str, whole: str) -> MatcalcError:
    """The error of the parser in plain words, with what index notation has instead."""
    position = error.pos_in_stream or 0
    rest, before = piece[position:], piece[:position].rstrip()
    hint = None
    if rest.startswith(("_", "ᵢ")) or re.match(r"\s*_", rest):
        hint = "indices stand right after a name: x_i^2, (A^2)_ij"
    elif rest.startswith((".*", "./", ".^", "∘", "⊙", "⊗")):
        hint = "components multiply side by side: x_i y_i"
    elif rest.startswith(("∑", "\\sum")) or before.endswith(("∑", "\\sum")):
        hint = "a sum says over what: sum_i x_i"
    if isinstance(error, UnexpectedCharacters):
        found = ParseError(f"the character {piece[position]!r} means nothing here", span=Span(position, position + 1),
                           text=whole, hint=hint or character(piece[position]))
        return found
    translated = translate(error, piece)
    return type(translated)(translated.args[0].replace(MASK, "("), span=translated.span, text=whole,
                            hint=hint or translated.hint)


class IndexActions(Actions):
    """What the parser does at the rules of index notation; the others are those of the matrix language."""

    def start(self, parts: list[Any]) -> Any:
        return parts[0]

    def name(self, parts: list[Any]) -> Syntax:
        """A name with or without indices."""
        span = span_of(parts[0])
        try:
            found = subscripted(str(parts[0]).strip())
        except MatcalcError as error:
            raise error.located(span, None) from None
        return node("name", (), (found.base, found.slots, found.split, found.whole), span)

    def indexsum(self, parts: list[Any]) -> Syntax:
        head, body = parts
        letters, end = sum_range(head)
        return node("indexsum", (body,), (letters, end), _span(head, body))

    def round(self, parts: list[Any]) -> Syntax:
        inner: Syntax = parts[1]
        return inner.enclosed(_span(parts[0], parts[2]))

    def island(self, parts: list[Any]) -> Syntax:
        slots = _slots(parts[1]) if len(parts) > 1 else ()
        span = _span(parts[0], parts[-1])
        return node("island", (), (span.start, slots), span)

    def array(self, parts: list[Any]) -> Syntax:
        return node("gather", (parts[1],), (_slots(parts[3]),), _span(parts[0], parts[3]))

    def entry(self, parts: list[Any]) -> Syntax:
        """`([...]_ij^-1)_kl`: a component of what stands in the brackets."""
        return node("entry", (parts[0],), (_slots(parts[1]),), _span(parts[0], parts[1]))

    def call_entry(self, parts: list[Any]) -> Syntax:
        head, (_, arguments, closing), below = parts
        call = _call(head, tuple(arguments[::2]), _span(head, closing))
        return node("entry", (call,), (_slots(below),), _span(head, below))

    def selection(self, parts: list[Any]) -> Syntax:
        return node("selection", (parts[1], parts[3]), (), _span(parts[0], parts[4]))

    def no_transpose(self, parts: list[Any]) -> Syntax:
        raise ParseError("a component has no transpose", span=_span(parts[0], parts[1]),
                         hint="swap the indices: A_ji for A^T; a primed index stands in braces: x_{i'}")

    def no_norm(self, parts: list[Any]) -> Syntax:
        raise ParseError("a norm is one of whole arrays", span=_span(parts[0], parts[2]),
                         hint="norm(x), or sum_i x_i^2 in components")


def _slots(token: Token) -> tuple[str | int, ...]:
    try:
        return parse_slots(str(token))
    except MatcalcError as error:
        raise error.located(span_of(token), None) from None


def sum_range(head: Token) -> tuple[tuple[str, ...], str | None]:
    """The indices of a sum, and where it ends, as written.

    Raises:
        ParseError: for a sum over nothing, over a position or over part of a range.
    """
    span = span_of(head)
    below, above = None, None
    for found in _RANGE.finditer(str(head)):
        below, above = found[1] or below, found[2] or above
    if below is None:
        raise ParseError("the sum does not say over which index", span=span, hint="sum_i x_i")
    inner = below.strip().removeprefix("{").removesuffix("}")
    names, equals, start = inner.partition("=")
    if re.search(r"[<>≤≥≠∈!]|\\(?:ne|neq|le|leq|lt|gt|in|geq)(?![A-Za-z])|\bin\b", inner):
        raise ParseError("a sum runs over all values of an index", span=span, hint="sum_{i,j} 1[...] picks some of them")
    if equals and start.strip() != "1":
        raise ParseError(f"a sum starts at 1, not at `{start.strip()}`", span=span, hint="shift the index: sum_{i=1}^n")
    if equals and above is None:
        raise ParseError("the sum does not say where it ends", span=span, hint="sum_{i=1}^n, or sum_i over all of it")
    try:
        slots = parse_slots(names if names.strip().startswith("\\") else f"_{{{names}}}")
    except MatcalcError as error:
        raise error.located(span, None) from None
    letters = tuple(s for s in slots if isinstance(s, str))
    if not letters or len(letters) < len(slots):
        raise ParseError("a sum is over indices, which are letters", span=span, hint="sum_i x_i, sum_{i,j} A_ij")
    return letters, None if above is None else above.strip().removeprefix("{").removesuffix("}").strip()
