"""Names that formulas and code can have."""

from __future__ import annotations

import re
from keyword import iskeyword

from matcalc.core.arguments import described
from matcalc.core.errors import DeclarationError, LimitError
from matcalc.core.limits import limits

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def check_name(name: str) -> str:
    """The name, if it is one: an ASCII letter, then letters, digits and underscores, at most 64 characters.

    Raises:
        DeclarationError: for what is none; letters that look like others are none.
        LimitError: for what is longer.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise DeclarationError(f"{described(name)} is not a name", hint="a letter, then letters, digits or underscores")
    if len(name) > limits().name:
        raise LimitError(f"the name `{name[:20]}...` is longer than {limits().name} characters", hint="a shorter name")
    return name


def check_function_name(name: str) -> str:
    """The name, if a function can have it.

    Raises:
        DeclarationError: where it is not an ASCII identifier or is a keyword.
    """
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or iskeyword(name) or name.startswith("__"):
        raise DeclarationError(f"{described(name)} is not a name for a function",
                               hint="a letter, then letters, digits or underscores, and no word of Python")
    return name
