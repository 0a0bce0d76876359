"""Load the grammar file: a parser from its text, or from the tables of an earlier run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
_FOLDERS = (_PACKAGE / "_grammar", _PACKAGE.parent / "grammar")
_OPTIONS = {"parser": "lalr", "lexer": "basic", "keep_all_tokens": True, "maybe_placeholders": False}
_PAIRS = "pairs of a mapping"


@dataclass(frozen=True, slots=True)
class Language:
    """A grammar file, and what stands between its lexer and its parser."""

    name: str
    postlex: Callable[[], Bars]


MATRIX = Language("matcalc", Bars)


def _folder() -> Path:
    """Where the grammars are: in the installed package, else in the checkout."""
    return next((p for p in _FOLDERS if p.is_dir()), _FOLDERS[-1])


@lru_cache
def grammar_text(language: Language = MATRIX) -> str:
    """The grammar of a language."""
    return (_folder() / f"{language.name}.lark").read_text(encoding="utf-8")


def make_parser(transformer: Transformer[Any, Any] | None, language: Language = MATRIX, *, strict: bool = False) -> Lark:
    """A LALR parser built from the grammar, which calls `transformer` while it parses.

    Args:
        transformer: one method per rule or alias, or None for a plain tree.
        language: which grammar.
        strict: refuse any conflict of rules or terminals (tests; needs `interegular`).
    """
    return Lark(grammar_text(language), transformer=transformer, postlex=language.postlex(), strict=strict,
                import_paths=[str(_folder())], **_OPTIONS)


def load_parser(transformer: Transformer[Any, Any], language: Language = MATRIX) -> Lark:
    """The same parser from cached tables; they are built and kept where there are none.

    Building takes some tenths of a second, loading some thousandths.
    """
    name = cache_name(language)
    text = read_cached(name)
    if text is not None:
        try:
            return _from_tables(json.loads(text, object_hook=_decoded), transformer, language)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError):
            pass  # written by a program that numbers its tables otherwise: build them anew
    tables = _tables(make_parser(None, language))
    write_cached(name, json.dumps(_encoded(tables)))
    return _from_tables(tables, transformer, language)


def cache_name(language: Language = MATRIX) -> str:
    """The file of the tables: another one for another grammar, Lark or Python."""
    parts = (grammar_text(MATRIX), grammar_text(language), lark_version, sys.version, repr(sorted(_OPTIONS.items())))
    return f"grammar-{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}.json"


def _tables(parser: Lark) -> dict[str, Any]:
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"] = {**data["options"], "postlex": None, "transformer": None, "import_paths": []}
    return {"data": data, "memo": memo}


def _from_tables(tables: dict[str, Any], transformer: Transformer[Any, Any], language: Language) -> Lark:
    data = tables["data"]
    options = {**data["options"], "import_paths": [], "postlex": language.postlex(), "transformer": transformer}
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
