"""The record of rewrites: which rule turned which node into which, kept only while someone asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from matcalc.core.interning import Node


class Rewrite(NamedTuple):
    """One rewrite.

    Attributes:
        rule: the name of the rule.
        before: what it was applied to.
        after: what it became, of equal value.
    """

    rule: str
    before: Node
    after: Node


_log: ContextVar[list[Rewrite] | None] = ContextVar("rewrites", default=None)


@contextmanager
def recorded() -> Iterator[list[Rewrite]]:
    """The list to which rewrites are added, in their order, until the block ends."""
    found: list[Rewrite] = []
    token = _log.set(found)
    try:
        yield found
    finally:
        _log.reset(token)


def is_recording() -> bool:
    """Whether a record is kept."""
    return _log.get() is not None


def record(rule: str, before: Node, after: Node) -> None:
    """Notes a rewrite where a record is kept."""
    log = _log.get()
    if log is not None and after is not before:
        log.append(Rewrite(rule, before, after))
