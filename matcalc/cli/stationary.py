"""The command that finds where a gradient is zero."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from matcalc.api import solve_stationary
from matcalc.cli.formula import seed, words
from matcalc.cli.output import CHECK_FAILED, DONE, Commands, note
from matcalc.declarations import declarations, names

if TYPE_CHECKING:
    from matcalc.stationary.point import StationaryPoint


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    text = "where the gradient of a function is zero: equation, solution, code"
    command = commands.add_parser("stationary", help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", action="extend", required=True, metavar="NAME",
                         help='the unknown; "a, b" or a b for scalars that are unknown together')
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    command.add_argument("--to", choices=tuple(WRITERS), default="text", help="what to print; text by default")
    command.add_argument("--name", help="of the NumPy function; solve by default")
    command.add_argument("--check", action="store_true", help="whether the gradient is zero there, by differences, too")
    command.add_argument("--seed", type=seed, default=0, help="of the random points of the check")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")
    command.set_defaults(run=_stationary, parser=command)


def _stationary(arguments: argparse.Namespace) -> int:
    if arguments.name is not None and arguments.to not in ("numpy", "json"):
        arguments.parser.error("--name is the name of a function: it needs --to numpy or --to json")
    text, by = words(arguments)
    point = solve_stationary(text, names(", ".join(by)), declarations("\n".join(arguments.declare)), arguments.seed)
    print(WRITERS[arguments.to](point, arguments))
    if arguments.to == "text" and not arguments.quiet:
        note(point.report())
    if not arguments.check:
        return DONE
    found = point.check(arguments.seed)
    note(str(found))
    return DONE if found.passed else CHECK_FAILED


def _numpy(point: StationaryPoint, arguments: argparse.Namespace) -> str:
    return point.numpy() if arguments.name is None else point.numpy(arguments.name)


def _json(point: StationaryPoint, arguments: argparse.Namespace) -> str:
    """One object: equation, solutions, conditions, curvature, code."""
    return json.dumps({
        "equation": point.equation,
        "solutions": list(point.solutions),
        "conditions": list(point.conditions),
        "hessian": None if point.hessian is None else str(point.hessian),
        "curvature": point.curvature,
        "wrt": point.wrt if isinstance(point.wrt, str) else list(point.wrt),
        "latex": point.latex(),
        "numpy": _numpy(point, arguments),
    }, indent=2)


WRITERS = {"text": lambda point, _: point.solution, "latex": lambda point, _: point.latex(), "numpy": _numpy, "json": _json}
"""What `--to` prints."""
