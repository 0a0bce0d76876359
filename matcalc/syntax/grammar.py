"""Load the grammar file, nothing else."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lark import Lark, Transformer

from matcalc.syntax.tokens import Bars

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "_grammar" / "matcalc.lark", _PACKAGE.parent / "grammar" / "matcalc.lark")


@lru_cache(maxsize=1)
def grammar_text() -> str:
    """The grammar: of the installed package, else of the checkout."""
    path = next((p for p in _PLACES if p.is_file()), _PLACES[-1])
    return path.read_text(encoding="utf-8")


def make_parser(transformer: Transformer[object, object] | None, *, strict: bool = False) -> Lark:
    """A LALR parser that calls `transformer` while it parses.

    Args:
        transformer: one method per rule or alias, or None for a plain tree.
        strict: refuse any conflict of rules or terminals (tests; needs `interegular`).
    """
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        transformer=transformer,
        postlex=Bars(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        strict=strict,
    )
