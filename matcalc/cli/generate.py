"""The command that writes modules from a catalogue."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from matcalc.cli.output import DONE, Commands
from matcalc.core.errors import DeclarationError, MatcalcError


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("generate", help="modules of functions from a catalogue", allow_abbrev=False)
    command.description = "Writes the modules of a catalogue (TOML), each with the functions that it names."
    command.add_argument("catalogue", metavar="SPEC.toml", help="the catalogue; docs/generate.md says what it holds")
    command.add_argument("--out", metavar="FOLDER", required=True, help="where the modules are written")
    command.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> int:
    try:
        written = import_module("matcalc.generate").write(Path(arguments.catalogue), Path(arguments.out))
    except MatcalcError:
        raise
    except OSError as error:
        raise DeclarationError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise DeclarationError(f"{arguments.catalogue!r} or {arguments.out!r} cannot be read or written: {error}") from None
    for path in written:
        print(path)
    return DONE
