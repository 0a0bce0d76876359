"""The command that prints completion for a shell, made by shtab from the parsers."""

from __future__ import annotations

import argparse
from importlib import import_module

from matcalc.cli.output import DONE, Commands
from matcalc.core.errors import DeclarationError

SHELLS = ("bash", "zsh", "tcsh")


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("completion", help="completion of commands and options, for a shell")
    command.description = "Prints a script that completes commands, options and their choices. Needs the extra `shell`."
    command.add_argument("shell", choices=SHELLS, help="the shell")
    command.set_defaults(run=_completion)


def _completion(arguments: argparse.Namespace) -> int:
    try:
        shtab = import_module("shtab")
    except ImportError:
        raise DeclarationError("completion is made by shtab, which is not installed",
                               hint="pip install 'matcalc-engine[shell]'") from None
    print(shtab.complete(import_module("matcalc.cli.main").whole_parser(), arguments.shell))
    return DONE
