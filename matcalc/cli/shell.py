"""The command that takes one formula after the other: prompt, history, completion."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from matcalc.cli.formula import add_conventions
from matcalc.cli.output import CHECK_FAILED, DONE, REFUSALS, Commands, note, note_refusal, note_report, show
from matcalc.cli.terminal import has_colours
from matcalc.declarations import declarations, names

if TYPE_CHECKING:
    from matcalc.session import Session

PROMPT = "matcalc> "
_LENGTH = 2000
_DELIMITERS = " \t\n`~!@#$%^&*()-=+[{]}|;'\",<>/?."
"""What ends a word for completion: a colon and a backslash belong to it."""


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("shell", help="one formula after the other, with history and completion")
    command.description = "Takes formulas such as `x^T A x by x`, and commands such as `:latex`; `:help` lists them."
    command.add_argument("--wrt", nargs="+", action="extend", metavar="NAME", help="the variable of formulas without `by`")
    add_conventions(command)
    command.set_defaults(run=_shell)


def _shell(arguments: argparse.Namespace) -> int:
    if arguments.structured is not None:
        arguments.parser.error("--structured is not kept in a shell: use derive")
    by = names(", ".join(arguments.wrt or []))
    session: Session = import_module("matcalc.session").Session(
        [by] * bool(by) if isinstance(by, str) else by, declarations("\n".join(arguments.declare)), arguments.order, arguments.layout)
    if not sys.stdin.isatty():
        return _from_pipe(session)
    note("a formula derives it: x^T A x by x   :help lists the commands, Ctrl-D leaves")
    with _editing(session) as prompt:
        interrupted = False
        while not session.is_over:
            try:
                if interrupted:
                    note("\ninterrupted; Ctrl-D leaves")
                interrupted = False
                _answered(session, _line(prompt))
            except EOFError:
                print(file=sys.stderr)
                break
            except KeyboardInterrupt:
                interrupted = True
    return DONE


def _from_pipe(session: Session) -> int:
    """Answers the lines of standard input; the worst of their exit codes."""
    code = DONE
    for line in sys.stdin:
        code = max(code, _answered(session, line))
        if session.is_over:
            break
    return code


def _line(prompt: str) -> str:
    if sys.stdout.isatty():
        return input(prompt)
    print(prompt, end="", file=sys.stderr, flush=True)
    return input()


_PRINT: dict[str, Callable[[str], None]] = {"note": note, "report": note_report}


def _answered(session: Session, line: str) -> int:
    """Shows what a line asks for; the exit code that it would have as a command."""
    code = DONE
    try:
        for piece in session.answer(line):
            if piece.kind in _PRINT:
                _PRINT[piece.kind](piece.text)
            else:
                show(piece.text, piece.kind)
            code = max(code, CHECK_FAILED if piece.kind == "report" and piece.text.startswith("FAILED") else DONE)
        sys.stdout.flush()
    except REFUSALS as error:
        return note_refusal(error)
    return code


@contextmanager
def _editing(session: Session) -> Iterator[str]:
    """Line editing with history and completion, where Python has readline; the prompt for it."""
    try:
        readline = import_module("readline")
    except ImportError:
        yield PROMPT
        return
    _complete_by(readline, session)
    history = _history_file()
    if history is not None:
        try:
            readline.read_history_file(history)
        except OSError:
            history = None
    readline.set_history_length(_LENGTH)
    try:
        yield f"\x01\x1b[1m\x02{PROMPT}\x01\x1b[0m\x02" if has_colours() else PROMPT
    finally:
        if history is not None:
            _keep(readline, history)


def _complete_by(readline: ModuleType, session: Session) -> None:
    found: list[str] = []

    def complete(word: str, state: int) -> str | None:
        if state == 0:
            found[:] = session.candidates(readline.get_line_buffer()[: readline.get_endidx()], word)
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(_DELIMITERS)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")


def state_folder() -> Path:
    """`$XDG_STATE_HOME/matcalc`, else `~/.local/state/matcalc`."""
    home = os.environ.get("XDG_STATE_HOME", "")
    return Path(home if os.path.isabs(home) else os.path.expanduser("~/.local/state")) / "matcalc"


def _history_file() -> Path | None:
    """The file of the history, readable by the user alone; None where it cannot be."""
    place = state_folder() / "history"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
        place.chmod(0o600)
    except OSError as error:
        note(f"no history is kept: {place}: {error.strerror}")
        return None
    return place


def _keep(readline: ModuleType, history: Path) -> None:
    before = os.umask(0o077)
    try:
        readline.write_history_file(history)
        history.chmod(0o600)
    except OSError as error:
        note(f"no history is kept: {history}: {error.strerror}")
    finally:
        os.umask(before)
