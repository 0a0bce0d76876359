"""Python's parser and compiler, for one thread at a time.

CPython counts the depth of the syntax trees of all threads together: where two threads read or compile at once, one may get a
SystemError. Source: https://github.com/python/cpython/issues/106905.
"""

from __future__ import annotations

import ast
from threading import RLock

ONE_AT_A_TIME = RLock()
"""Held while a syntax tree is made or compiled."""


def read_module(source: str) -> ast.Module:
    """The syntax tree of a module."""
    with ONE_AT_A_TIME:
        return ast.parse(source)


def read_expression(source: str) -> ast.expr:
    """The syntax tree of an expression."""
    with ONE_AT_A_TIME:
        return ast.parse(source, mode="eval").body
