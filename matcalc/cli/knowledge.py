"""The commands that print what the engine knows: functions and rules."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from matcalc.cli.output import BAD_INPUT, DONE, Commands, json_text, note_error, table
from matcalc.cli.terminal import has_colours, painted

if TYPE_CHECKING:
    from matcalc.catalogue import Entry


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    for name, show, text in (
        ("functions", _functions, "the functions of the language, with formula and source"),
        ("rules", _rules, "the rules of differentiation and the identities, with formula, condition and source"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        command.add_argument("word", nargs="?", help="only entries with this word in their name, formula or condition")
        command.add_argument("--json", action="store_true", help="one JSON object; docs/json.md says what it holds")
        command.set_defaults(run=show)


def _functions(arguments: argparse.Namespace) -> int:
    known = import_module("matcalc.catalogue")
    groups = {"elementwise": _chosen(known.elementwise_functions(), arguments.word),
              "of a vector or a matrix as a whole": _chosen(known.MATRIX_FUNCTIONS, arguments.word)}
    if arguments.json:
        print(json_text({"elementwise": _data(groups["elementwise"], "name", "formula", "source"),
                         "whole": _data([*groups.values()][1], "name", "formula", "source")}))
        return DONE
    return _print(groups, arguments.word)


def _rules(arguments: argparse.Namespace) -> int:
    known = import_module("matcalc.catalogue")
    groups = [(group.title, _chosen(group.entries, arguments.word)) for group in known.rules()]
    if arguments.json:
        print(json_text({"groups": [{"title": title, "entries": _data(entries, "name", "formula", "condition", "source", "by")}
                                    for title, entries in groups if entries], "letters": known.letters()}))
        return DONE
    code = _print(dict(groups), arguments.word)
    if code == DONE:
        print(f"\n{_heading('letters of the matrix identities')}\n" + "\n".join(f"  {line}" for line in known.letters()))
    return code


def _chosen(entries: Iterable[Entry], word: str | None) -> list[Entry]:
    """The entries in which a word occurs, in whatever case."""
    asked = (word or "").strip().lower()
    return [e for e in entries if asked in f"{e.name} {e.formula} {e.condition}".lower()]


def _data(entries: Iterable[Entry], *keys: str) -> list[dict[str, str]]:
    return [{key: getattr(entry, key) for key in keys} for entry in entries]


def _print(groups: dict[str, list[Entry]], word: str | None) -> int:
    shown = [f"{_heading(title)}\n{table(entries)}" for title, entries in groups.items() if entries]
    if not shown:
        note_error(f"nothing is known of {word!r}")
        return BAD_INPUT
    print("\n\n".join(shown))
    return DONE


def _heading(text: str) -> str:
    return painted(text, "heading") if has_colours() else text
