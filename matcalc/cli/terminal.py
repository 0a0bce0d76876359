"""What the terminal can show: colours and its width where there is one, plain text in pipes and files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import TextIO

WHEN = ("auto", "always", "never")
"""The choices of `--color`."""

_CODES = {"heading": "1", "name": "36", "good": "32", "bad": "1;31", "place": "31", "hint": "33", "quiet": "2"}
"""What each role of a piece of text is as parameters of ECMA-48's SGR sequence."""

_CHOSEN: ContextVar[str] = ContextVar("colour", default=WHEN[0])


def choose(argv: Sequence[str]) -> None:
    """Takes the choice of colours from the arguments, before they are parsed: errors of arguments have colours too."""
    chosen = WHEN[0]
    for place, word in enumerate(argv):
        if word == "--":
            break
        option, _, value = word.partition("=")
        if option == "--color":
            chosen = value or (argv[place + 1] if place + 1 < len(argv) else "")
    _CHOSEN.set(chosen if chosen in WHEN else WHEN[0])


def has_colours(stream: TextIO | None = None) -> bool:
    """Whether a stream, by default standard output, takes colours: as `--color` says, else NO_COLOR and FORCE_COLOR, else whether it is a terminal.

    Source: https://no-color.org
    """
    if _CHOSEN.get() != WHEN[0]:
        return _CHOSEN.get() == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    shows = os.environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in os.environ)
    return shows and (stream or sys.stdout).isatty()


def width(stream: TextIO) -> int | None:
    """The columns of a terminal; None for a pipe or a file, whose lines are as long as they are."""
    return max(40, import_module("shutil").get_terminal_size().columns) if stream.isatty() else None


def painted(text: str, role: str) -> str:
    """The text in the colour of a role, line by line."""
    return "\n".join(f"\x1b[{_CODES[role]}m{line}\x1b[0m" if line.strip() else line for line in text.split("\n"))


def painted_where(pattern: re.Pattern[str], text: str, role: str) -> str:
    """The text with whatever the pattern finds in the colour of a role; its first group alone where it has one."""
    group = min(1, pattern.groups)
    return pattern.sub(lambda m: m[0].replace(m[group], painted(m[group], role), 1) if m[group] else m[0], text)


_NAME = re.compile(r"\A(?:[^\n]*?:\d+: )?(\w+)(?=: )")
_CARETS = re.compile(r"^ +(\^+)$", re.MULTILINE)
_HINT = re.compile(r"^hint:", re.MULTILINE)
_PASSED = re.compile(r"\b(passed)(?=: )")
_FAILED = re.compile(r"\b(FAILED)(?=: )")


def error_text(text: str) -> str:
    """A message of an error: its kind, the carets and the hint stand out."""
    if not has_colours(sys.stderr):
        return text
    for pattern, role in ((_NAME, "bad"), (_CARETS, "place"), (_HINT, "hint")):
        text = painted_where(pattern, text, role)
    return text


def verdict_text(text: str, stream: TextIO) -> str:
    """A report: its verdict stands out."""
    if not has_colours(stream):
        return text
    return painted_where(_FAILED, painted_where(_PASSED, text, "good"), "bad")


_HEADING = re.compile(r"^[a-z][\w ]*:$|^usage:", re.MULTILINE)
_OPTIONS = re.compile(r"(?<![\w-])(-h|--[a-z][a-z-]*)(?![\w-])")
_LISTED = re.compile(r"^    ([a-z]+)(?=  |$)", re.MULTILINE)
_COMMAND = re.compile(r"^  (\$ .*)$", re.MULTILINE)


def help_text(text: str) -> str:
    """A page of help: headings, names of commands and options, and the commands of examples stand out."""
    if not has_colours():
        return text
    head, mark, examples = text.partition("\nexamples:\n")
    for pattern, role in ((_HEADING, "heading"), (_OPTIONS, "name"), (_LISTED, "name")):
        head = painted_where(pattern, head, role)
    if not mark:
        return head
    return f"{head}\n{painted('examples:', 'heading')}\n{painted_where(_COMMAND, examples, 'name')}"
