"""Load the grammar file: a parser from its text, or from the tables of an earlier run."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from lark import Lark, Transformer
from lark import __version__ as lark_version
from lark.grammar import Rule
from lark.lexer import TerminalDef

from matcalc.syntax.cache import read_cached, write_cached
from matcalc.syntax.tokens import Bars

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "_grammar" / "matcalc.lark", _PACKAGE.parent / "grammar" / "matcalc.lark")
_OPTIONS = {"parser": "lalr", "lexer": "basic", "keep_all_tokens": True, "maybe_placeholders": False}
_PAIRS = "pairs of a mapping"


@lru_cache(maxsize=1)
def grammar_text() -> str:
    """The grammar: of the installed package, else of the checkout."""
    path = next((p for p in _PLACES if p.is_file()), _PLACES[-1])
    return path.read_text(encoding="utf-8")


def make_parser(transformer: Transformer[Any, Any] | None, *, strict: bool = False) -> Lark:
    """A LALR parser built from the grammar, which calls `transformer` while it parses.

    Args:
        transformer: one method per rule or alias, or None for a plain tree.
        strict: refuse any conflict of rules or terminals (tests; needs `interegular`).
    """
    return Lark(grammar_text(), transformer=transformer, postlex=Bars(), strict=strict, **_OPTIONS)


def load_parser(transformer: Transformer[Any, Any]) -> Lark:
    """The same parser from cached tables; they are built and kept where there are none.

    Building takes some tenths of a second, loading some thousandths.
    """
    name = cache_name()
    text = read_cached(name)
    if text is not None:
        try:
            return _from_tables(json.loads(text, object_hook=_decoded), transformer)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError):
            pass  # written by a program that numbers its tables otherwise: build them anew
    tables = _tables(make_parser(None))
    write_cached(name, json.dumps(_encoded(tables)))
    return _from_tables(tables, transformer)


def cache_name() -> str:
    """The file of the tables: another one for another grammar, Lark or Python."""
    parts = (grammar_text(), lark_version, sys.version, repr(sorted(_OPTIONS.items())))
    return f"grammar-{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}.json"


def _tables(parser: Lark) -> dict[str, Any]:
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"] = {**data["options"], "postlex": None, "transformer": None}
    return {"data": data, "memo": memo}


def _from_tables(tables: dict[str, Any], transformer: Transformer[Any, Any]) -> Lark:
    data = tables["data"]
    options = {**data["options"], "postlex": Bars(), "transformer": transformer}
    return Lark.load({"memo": tables["memo"], "data": {**data, "options": options}})


def _encoded(value: Any) -> Any:
    """The value for JSON, whose keys are text alone: other mappings as lists of pairs."""
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value):
            return {k: _encoded(v) for k, v in value.items()}
        return {_PAIRS: [[k, _encoded(v)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [_encoded(v) for v in value]
    return value


def _decoded(value: dict[str, Any]) -> dict[Any, Any]:
    return dict(value[_PAIRS]) if _PAIRS in value else value
