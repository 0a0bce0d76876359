"""What every command with `--to numpy` has: the name of the function and the library of its arrays."""

from __future__ import annotations

import argparse

from matcalc.core.style import LINALG, TARGETS

OPTIONS = ("name", "target", "linalg")
_WHAT = {"name": "the name of a function", "target": "for code", "linalg": "for the NumPy code"}


def add_code(command: argparse.ArgumentParser, default: str, linalg: bool = False) -> None:
    """Adds the options.

    Args:
        command: what they are added to.
        default: the name of a function that is given none.
        linalg: whether the library of linear algebra can be chosen.
    """
    command.add_argument("--target", choices=TARGETS, help="the library whose arrays the code of --to numpy takes and returns; numpy by default")
    if linalg:
        command.add_argument("--linalg", choices=LINALG, help="the library that the NumPy code does linear algebra by; numpy by default")
    command.add_argument("--name", help=f"of the function in code; {default} by default")


def check_code(arguments: argparse.Namespace) -> None:
    """Refuses the options where no code is written."""
    for option in code_options(arguments):
        if arguments.to not in ("numpy", "json"):
            arguments.parser.error(f"--{option} is {_WHAT[option]}: it needs --to numpy or --to json")


def code_options(arguments: argparse.Namespace) -> dict[str, str]:
    """The options that are given, as `numpy` of a result takes them."""
    return {option: value for option in OPTIONS if (value := getattr(arguments, option, None)) is not None}
