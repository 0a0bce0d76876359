"""The commands that print what the engine knows: functions and rules."""

from __future__ import annotations

import argparse
from importlib import import_module

from matcalc.cli.output import DONE, Commands, table


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    for name, show, text in (
        ("functions", _functions, "the functions of the language, with formula and source"),
        ("rules", _rules, "the rules of differentiation and the identities, with formula, condition and source"),
    ):
        commands.add_parser(name, help=text, allow_abbrev=False).set_defaults(run=show)


def _functions(_: argparse.Namespace) -> int:
    known = import_module("matcalc.catalogue")
    print("elementwise\n" + table(known.elementwise_functions()))
    print("\nof a vector or a matrix as a whole\n" + table(known.MATRIX_FUNCTIONS))
    return DONE


def _rules(_: argparse.Namespace) -> int:
    known = import_module("matcalc.catalogue")
    print("\n\n".join(f"{group.title}\n{table(group.entries)}" for group in known.rules()))
    print("\nletters of the matrix identities\n" + "\n".join(f"  {line}" for line in known.letters()))
    return DONE
