"""The commands that print what the engine knows: functions and rules."""

from __future__ import annotations

import argparse

from matcalc.catalogue import MATRIX_FUNCTIONS, elementwise_functions, letters, rules
from matcalc.cli.output import DONE, Commands, table


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    for name, show, text in (
        ("functions", _functions, "the functions of the language, with formula and source"),
        ("rules", _rules, "the rules of differentiation and the identities, with formula, condition and source"),
    ):
        commands.add_parser(name, help=text, allow_abbrev=False).set_defaults(run=show)


def _functions(_: argparse.Namespace) -> int:
    print("elementwise\n" + table(elementwise_functions()))
    print("\nof a vector or a matrix as a whole\n" + table(MATRIX_FUNCTIONS))
    return DONE


def _rules(_: argparse.Namespace) -> int:
    print("\n\n".join(f"{group.title}\n{table(group.entries)}" for group in rules()))
    print("\nletters of the matrix identities\n" + "\n".join(f"  {line}" for line in letters()))
    return DONE
