"""The command that simplifies a formula."""

from __future__ import annotations

import argparse
from importlib import import_module

from matcalc.cli.code import add_code
from matcalc.cli.formula import add_notation, add_seed, add_to
from matcalc.cli.output import Commands

TARGETS = ("text", "latex", "index", "matrix", "numpy", "json")


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    text = "a formula in its simplest form, in index or matrix notation"
    command = commands.add_parser("simplify", help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    add_notation(command)
    add_to(command, TARGETS)
    add_code(command, "value")
    command.add_argument("--check", action="store_true", help="compare with the formula at random points too")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")
    add_seed(command)
    command.set_defaults(run=_simplify, parser=command)


def _simplify(arguments: argparse.Namespace) -> int:
    return int(import_module("matcalc.cli.notation").simplify_formula(arguments))
