"""The command that opens the playground in the browser."""

from __future__ import annotations

import argparse
from importlib import import_module

from matcalc.cli.output import DONE, Commands
from matcalc.core.errors import MatcalcError


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("serve", help="the playground: a page in the browser, on this machine alone", allow_abbrev=False)
    command.description = ("Opens a page for formulas and their derivatives. It is served on 127.0.0.1 alone and loads nothing "
                           "from elsewhere; Ctrl+C ends it.")
    command.add_argument("--port", type=port, metavar="N", help="to listen on; by default 8642, or another where that is taken")
    command.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    command.set_defaults(run=_serve, parser=command)


def port(text: str) -> int:
    """A port, read from an argument; 0 is any that is free."""
    value = int(text)
    if not 0 <= value < 2**16:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return value


def _serve(arguments: argparse.Namespace) -> int:
    try:
        launch = import_module("matcalc.web.launch")
    except ModuleNotFoundError as missing:
        raise MatcalcError(f"the playground needs the library {missing.name}, which is not installed",
                           hint="pip install 'matcalc-engine[web]'") from None
    launch.serve(arguments.port, not arguments.no_browser, _announce)
    return DONE


def _announce(url: str) -> None:
    print(f"{url}  (Ctrl+C ends it)", flush=True)
