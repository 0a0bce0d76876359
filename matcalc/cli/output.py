"""What every command shares: exit codes, what is printed where, errors of the arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

from matcalc.core.errors import printable

if TYPE_CHECKING:
    from matcalc.catalogue import Entry
    from matcalc.check.report import Report

DONE, CHECK_FAILED, BAD_INPUT, INTERNAL_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""


class Checked(Protocol):
    """A result that can be compared with what it came from."""

    def check(self, seed: int = 0) -> Report:
        """The report."""


def note(text: str) -> None:
    """Prints what is not the result."""
    sys.stdout.flush()
    print("\n".join(map(printable, text.split("\n"))), file=sys.stderr)


def report(d: Checked, seed: int, as_result: bool) -> int:
    """Prints the report of a check, as the result or beside it; the exit code that it asks for."""
    found = d.check(seed)
    (print if as_result else note)(str(found))
    return DONE if found.passed else CHECK_FAILED


def indented(text: str) -> str:
    """The text as a block, four spaces in."""
    return "\n".join(f"    {line}" if line else "" for line in text.rstrip().splitlines())


def table(entries: Iterable[Entry]) -> str:
    """Entries of the catalogue, one a line."""
    rows = list(entries)
    width = max(len(entry.name) for entry in rows)
    return "\n".join(
        f"  {e.name:{width}}  {e.formula}{f', {e.condition}' if e.condition else ''}  [{e.source}]" for e in rows
    )


class Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {printable(message)}\nhint: {self.prog} --help\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What commands are added to."""
