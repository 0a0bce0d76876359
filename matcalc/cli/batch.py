"""The command that derives many formulas: results in order, errors by line, progress on a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from matcalc.cli.derive import derivative_data, text
from matcalc.cli.formula import add_conventions, add_to, path
from matcalc.cli.output import BAD_INPUT, CHECK_FAILED, DONE, Commands, note, note_error, note_report, report_data
from matcalc.cli.terminal import width
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.declarations import declarations, names
from matcalc.derivative import Derivative

if TYPE_CHECKING:
    from matcalc.batch import Outcome, Task

TARGETS = ("text", "latex", "index", "json")


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("batch", help="the derivatives of many formulas, from a file")
    command.description = ("Derives the formulas of a file, one a line, such as `x^T A x by x`, or in TOML where its name ends "
                           "so. Prints one line for each, empty where it failed; with --json one object a line.")
    file = command.add_argument("file", metavar="FILE", help="the file; - reads lines from standard input")
    file.complete = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}  # type: ignore[attr-defined]
    command.add_argument("--wrt", nargs="+", action="extend", metavar="NAME", help="the variable of lines without `by`")
    add_conventions(command)
    add_to(command, TARGETS)
    command.add_argument("--check", action="store_true", help="compare each with finite differences too")
    command.add_argument("--quiet", action="store_true", help="nothing but results and errors")
    command.set_defaults(run=_batch)


def _batch(arguments: argparse.Namespace) -> int:
    module = import_module("matcalc.batch")
    name = path(arguments.file)
    wrt = None if arguments.wrt is None else names(", ".join(arguments.wrt))
    default: Task = module.Task(0, "", wrt, arguments.order, declarations("\n".join(arguments.declare)),
                                arguments.layout, arguments.structured)
    is_toml = name.endswith(".toml")
    tasks: Sequence[Task] = (module.tasks_of_toml if is_toml else module.tasks_of_lines)(_read(name), default)
    if not tasks:
        raise DeclarationError(f"{_shown(name)} holds no formula", hint="a formula a line, such as: x^T A x by x")
    code = DONE
    wrong = 0
    with _progress(tasks, module.outcomes(tasks, arguments.check, arguments.seed)) as found:
        for outcome in found:
            code = max(code, _print(outcome, f"{_shown(name)}:{outcome.task.place}", arguments))
            wrong += outcome.error is not None
    if not arguments.quiet:
        note(f"{len(tasks) - wrong} of {len(tasks)} derived" + (f", {wrong} not" if wrong else ""))
    return code


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DeclarationError(f"{name} is no text in UTF-8", hint="save it as UTF-8") from None
    except OSError as error:
        raise DeclarationError(f"{name}: {error.strerror}", hint="the name of a file that can be read") from None
    except ValueError as error:
        raise DeclarationError(f"{name!r} cannot be read: {error}",
                               hint="the name of a file that can be read") from None


def _print(outcome: Outcome, place: str, arguments: argparse.Namespace) -> int:
    """Prints what became of a task; its exit code."""
    d, error, found = outcome.derivative, outcome.error, outcome.report
    code = BAD_INPUT if d is None else CHECK_FAILED if found is not None and not found.passed else DONE
    if arguments.to == "json":
        print(json.dumps(_data(outcome), allow_nan=False), flush=True)
    else:
        print("" if d is None else _line(d, arguments.to), flush=True)
    if error is not None:
        note_error(f"{place}: {type(error).__name__}: {error}")
    elif found is not None and not (found.passed and arguments.quiet):
        note_report(f"{place}: {found}")
    return code


def _line(d: Derivative, to: str) -> str:
    written = d.latex() if to == "latex" else d.index() if to == "index" else text(d)
    return " ".join(written.split("\n"))


def _data(outcome: Outcome) -> dict[str, object]:
    """One object a line: the formula, and its derivative or what was wrong."""
    task = outcome.task
    data: dict[str, object] = {"line": task.place, "formula": task.expr, "ok": outcome.error is None}
    if outcome.error is not None:
        return {**data, "error": error_data(outcome.error)}
    assert outcome.derivative is not None
    result = derivative_data(outcome.derivative, outcome.derivative.numpy())
    if outcome.report is not None:
        result["check"] = report_data(outcome.report)
    return {**data, "result": result}


def error_data(error: MatcalcError) -> dict[str, object]:
    """An error for JSON: its place is a half-open range of characters in the formula."""
    located = error.span is not None and error.text is not None
    return {"type": type(error).__name__, "message": error.message,
            "start": error.span.start if located and error.span else None,
            "end": error.span.end if located and error.span else None, "hint": error.hint}


@contextmanager
def _progress(tasks: Sequence[Task], found: Iterator[Outcome]) -> Iterator[Iterator[Outcome]]:
    """The outcomes, with a line on how far it is, where standard error is a terminal; nothing is left of it at the end."""
    columns = width(sys.stderr)
    if columns is None or os.environ.get("TERM") == "dumb":
        yield found
        return
    try:
        yield _with_bar(tasks, found, columns)
    finally:
        print(_ERASE, end="", file=sys.stderr, flush=True)


_ERASE = "\r\x1b[K"
_BAR = 24


def _with_bar(tasks: Sequence[Task], found: Iterator[Outcome], columns: int) -> Iterator[Outcome]:
    for done, task in enumerate(tasks):
        full = _BAR * done // len(tasks)
        line = f"[{'#' * full}{'.' * (_BAR - full)}] {done + 1}/{len(tasks)} "
        shown = "".join(c if c.isprintable() else " " for c in task.expr)[: max(0, columns - len(line) - 1)]
        print(f"{_ERASE}{line}{shown}", end="", file=sys.stderr, flush=True)
        outcome = next(found)
        print(_ERASE, end="", file=sys.stderr, flush=True)
        yield outcome
