"""The command that finds where a gradient is zero."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.api import solve_stationary
from matcalc.cli.code import add_code, check_code, code_options
from matcalc.cli.formula import add_to, seed, words
from matcalc.cli.output import DONE, Commands, note, report, show, show_json
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
    add_to(command, (*WRITERS, "json"))
    add_code(command, "solve")
    command.add_argument("--check", action="store_true", help="whether the gradient is zero there, by differences, too")
    command.add_argument("--seed", type=seed, default=0, help="of the random points of the check")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")
    command.set_defaults(run=_stationary, parser=command)


def _stationary(arguments: argparse.Namespace) -> int:
    check_code(arguments)
    text, by = words(arguments)
    point = solve_stationary(text, names(", ".join(by)), declarations("\n".join(arguments.declare)), arguments.seed)
    if arguments.to == "json":
        return show_json(_data(point, arguments), point, arguments)
    show(WRITERS[arguments.to](point, arguments), arguments.to)
    if arguments.to == "text" and not arguments.quiet:
        note(point.report())
    return DONE if not arguments.check else report(point, arguments.seed, as_result=False)


def _numpy(point: StationaryPoint, arguments: argparse.Namespace) -> str:
    return point.numpy(**code_options(arguments))


def _data(point: StationaryPoint, arguments: argparse.Namespace) -> dict[str, object]:
    """Equation, solutions, conditions, curvature and code for JSON."""
    return {
        "equation": point.equation,
        "solutions": list(point.solutions),
        "conditions": list(point.conditions),
        "hessian": None if point.hessian is None else str(point.hessian),
        "curvature": point.curvature,
        "wrt": point.wrt if isinstance(point.wrt, str) else list(point.wrt),
        "latex": point.latex(),
        "numpy": _numpy(point, arguments),
    }


WRITERS: dict[str, Callable[[StationaryPoint, argparse.Namespace], str]] = {
    "text": lambda point, _: point.solution, "latex": lambda point, _: point.latex(), "numpy": _numpy,
}
"""What `--to` prints, besides JSON."""
