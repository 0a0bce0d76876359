"""Names of SymPy symbols as the language spells them."""

from __future__ import annotations

import re

from matcalc.core.errors import DeclarationError
from matcalc.core.names import check_name

RESERVED = frozenset(("pi", "I"))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]|[A-Za-z]")
_CONSTANTS = re.compile(r"I(?:_\w+|[1-9][0-9]*)")
_SHOWN = 60


def plain_name(symbol: object) -> str:
    """The name of a symbol as the language spells it: x_1 is x1.

    Raises:
        DeclarationError: for one that the language does not have.
    """
    name = str(symbol)
    if not _NAME.fullmatch(name) or "__" in name or name in RESERVED or _CONSTANTS.fullmatch(name):
        raise DeclarationError(f"the SymPy name {name[:_SHOWN]!r} is not a name of the language",
                               hint="a letter, then letters, digits or single underscores; pi, I and I_n are constants")
    return check_name(re.sub(r"(?<=[A-Za-z])_(?=[0-9]+(?:_|\Z))", "", name))


def clip(node: object) -> str:
    """The text of a node on one line, shortened to fit an error message."""
    text = " ".join(str(node).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
