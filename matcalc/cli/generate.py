"""The command that writes modules from a catalogue."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from matcalc.cli.formula import path
from matcalc.cli.output import DONE, Commands, json_text
from matcalc.core.errors import DeclarationError, MatcalcError


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("generate", help="modules of functions from a catalogue", allow_abbrev=False)
    command.description = "Writes the modules of a catalogue (TOML), each with the functions that it names."
    catalogue = command.add_argument("catalogue", metavar="SPEC.toml", help="the catalogue; docs/generate.md says what it holds")
    catalogue.complete = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}  # type: ignore[attr-defined]
    command.add_argument("--out", metavar="FOLDER", required=True, help="where the modules are written")
    command.add_argument("--json", action="store_true", help="the paths as one JSON object; docs/json.md")
    command.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> int:
    catalogue, folder = Path(path(arguments.catalogue)), Path(path(arguments.out))
    try:
        written = import_module("matcalc.generate").write(catalogue, folder)
    except MatcalcError:
        raise
    except OSError as error:
        raise DeclarationError(f"{error.filename}: {error.strerror}",
                               hint="matcalc generate CATALOGUE --out FOLDER") from None
    except ValueError as error:
        raise DeclarationError(f"{arguments.catalogue!r} or {arguments.out!r} cannot be read or written: {error}",
                               hint="matcalc generate CATALOGUE --out FOLDER") from None
    print(json_text({"written": [str(path) for path in written]}) if arguments.json else "\n".join(map(str, written)))
    return DONE
