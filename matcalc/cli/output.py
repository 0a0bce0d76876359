"""What every command shares: exit codes, what is printed where, errors of the arguments."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

from matcalc.cli.terminal import error_text, has_colours, help_text, painted, verdict_text, width
from matcalc.core.errors import LimitError, MatcalcError, printable

if TYPE_CHECKING:
    from matcalc.catalogue import Entry

DONE, CHECK_FAILED, BAD_INPUT, INTERNAL_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""


class Verdict(Protocol):
    """The report of a check: a data class, with more fields."""

    @property
    def passed(self) -> bool:
        """Whether everything that was compared agreed."""


class Checked(Protocol):
    """A result that can be compared with what it came from."""

    def check(self, seed: int = 0) -> Verdict:
        """The report."""


def note(text: str) -> None:
    """Prints what is not the result."""
    sys.stdout.flush()
    shown = _escaped(text)
    print(painted(shown, "quiet") if has_colours(sys.stderr) else shown, file=sys.stderr)


def note_error(text: str) -> None:
    """Prints a message of an error."""
    sys.stdout.flush()
    print(error_text(_escaped(text)), file=sys.stderr)


def note_report(text: str) -> None:
    """Prints the report of a check beside a result."""
    sys.stdout.flush()
    print(verdict_text(_escaped(text), sys.stderr), file=sys.stderr)


def _escaped(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def show(text: str, kind: str = "text") -> None:
    """Prints a result; Python and written work in colours where the terminal has them."""
    if kind in ("numpy", "steps") and has_colours():
        highlight = import_module("matcalc.cli.highlight")
        text = highlight.python_text(text) if kind == "numpy" else highlight.steps_text(text)
    print(text)


def report(d: Checked, seed: int, as_result: bool) -> int:
    """Prints the report of a check, as the result or beside it; the exit code that it asks for."""
    found = d.check(seed)
    if as_result:
        print(verdict_text(str(found), sys.stdout))
    else:
        note_report(str(found))
    return DONE if found.passed else CHECK_FAILED


def json_text(value: object) -> str:
    """A value as JSON, two spaces a level."""
    return json.dumps(value, indent=2, allow_nan=False)


def report_data(found: Verdict) -> dict[str, object]:
    """The fields of a report for JSON; a number that is not finite is null."""
    return {name: _plain(value) for name, value in vars(found).items()}


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str | dict) else list(value) if isinstance(value, tuple) else bool(value)


def report_json(d: Checked, seed: int) -> int:
    """Prints the report of a check as JSON; the exit code that it asks for."""
    found = d.check(seed)
    print(json_text(report_data(found)))
    return DONE if found.passed else CHECK_FAILED


REFUSALS = (MatcalcError, UnicodeError, RecursionError, MemoryError)
"""What is raised for input that is refused."""


def note_refusal(error: BaseException) -> int:
    """Prints what input was refused for, one of REFUSALS; the exit code."""
    too_large = isinstance(error, RecursionError | MemoryError)
    note_error(f"{LimitError.__name__}: the formula is too large" if too_large else f"{type(error).__name__}: {error}")
    return BAD_INPUT


def show_json(data: dict[str, object], d: Checked, arguments: argparse.Namespace) -> int:
    """Prints data of a result as JSON, with the report of a check where the arguments ask for one; the exit code."""
    code = add_report(data, d, arguments)
    print(json_text(data))
    return code


def add_report(data: dict[str, object], d: Checked, arguments: argparse.Namespace) -> int:
    """Adds the report of a check to data for JSON, where the arguments ask for one; the exit code."""
    if not arguments.check:
        return DONE
    found = d.check(arguments.seed)
    data["check"] = report_data(found)
    return DONE if found.passed else CHECK_FAILED


def indented(text: str) -> str:
    """The text as a block, four spaces in."""
    return "\n".join(f"    {line}" if line else "" for line in text.rstrip().splitlines())


def table(entries: Iterable[Entry]) -> str:
    """Entries of the catalogue, one a line; folded to the width of a terminal."""
    rows = list(entries)
    first = max((len(entry.name) for entry in rows), default=0)
    columns, coloured = width(sys.stdout), has_colours()
    lines = []
    for e in rows:
        text = f"{e.formula}{f', {e.condition}' if e.condition else ''}  [{e.source}]"
        if columns is not None and first + 4 + len(text) > columns:
            text = f"\n{' ' * (first + 4)}".join(import_module("textwrap").wrap(text, max(20, columns - first - 4)))
        if coloured:
            text = re.sub(r"\[[^\[\]]*\]\Z", lambda m: painted(m[0], "quiet"), text)
        name = f"{e.name:{first}}"
        lines.append(f"  {painted(name, 'name') if coloured else name}  {text}")
    return "\n".join(lines)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines, and whose help ends in examples."""

    def error(self, message: str, hint: str | None = None) -> NoReturn:
        """Leaves with a message and a hint."""
        if hint is None and message == "the following arguments are required: --wrt":
            hint = f'--wrt NAME says by what: {self.prog} "x^T A x" --wrt x'
        text = f"{self.prog}: {printable(message)}\nhint: {printable(hint) if hint else f'{self.prog} --help'}\n"
        self.exit(BAD_INPUT, error_text(text))

    def format_help(self) -> str:
        """The page of help, with examples."""
        command = self.prog.partition(" ")[2]
        return help_text(f"{super().format_help()}{import_module('matcalc.cli.examples').section(command)}")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What commands are added to."""
