"""The command that prints the JSON Schema of what `--json` prints."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from matcalc.cli.output import DONE, Commands, json_text

FILE = Path(__file__).with_name("schema.json")
"""The schema: under `$defs` one entry for each command."""


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("schema", help="the JSON Schema of what --json prints")
    command.description = "Prints the JSON Schema (2020-12) of what --json prints: of one command, or of all."
    command.add_argument("of", nargs="?", metavar="COMMAND", choices=commands_with_json(), help="the command")
    command.set_defaults(run=_schema)


def schema() -> dict[str, dict[str, dict[str, object]]]:
    """The schema of all commands."""
    data: dict[str, dict[str, dict[str, object]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


def commands_with_json() -> list[str]:
    """The commands that have `--json`."""
    return [name for name, one in schema()["$defs"].items() if not one.get("x-part")]


def _schema(arguments: argparse.Namespace) -> int:
    data: dict[str, object] = dict(schema())
    if arguments.of is not None:
        data = {**{key: value for key, value in data.items() if key != "oneOf"}, "$ref": f"#/$defs/{arguments.of}"}
    print(json_text(data))
    return DONE
