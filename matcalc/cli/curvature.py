"""The command that says how a function bends."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from matcalc.api import curvature
from matcalc.cli.formula import add_to, seed, words
from matcalc.cli.output import DONE, Commands, json_text, note
from matcalc.declarations import declarations, names

if TYPE_CHECKING:
    from matcalc.convexity.verdict import Curvature


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    text = "whether a function is convex, by its Hessian and its composition"
    command = commands.add_parser("curvature", help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", action="extend", required=True, metavar="NAME",
                         help='the variable; "x1, x2" or x1 x2 for scalars that form one vector')
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    command.add_argument("--seed", type=seed, default=0, help="of the random points at which the verdict is tried")
    add_to(command, ("text", "json"))
    command.add_argument("--quiet", action="store_true", help="the verdict alone, without the rules")
    command.set_defaults(run=_curvature, parser=command)


def _curvature(arguments: argparse.Namespace) -> int:
    text, by = words(arguments)
    found = curvature(text, names(", ".join(by)), declarations("\n".join(arguments.declare)), arguments.seed)
    if arguments.to == "json":
        print(_json(found))
        return DONE
    print(found)
    if not arguments.quiet:
        if found.hessian is not None:
            note(f"Hessian: {found.hessian}")
        note(found.reason or "no rule applies")
    return DONE


def _json(found: Curvature) -> str:
    """One object: the verdict, the function, the conditions, the rules."""
    return json_text({
        "verdict": found.verdict,
        "function": found.shape_of_function,
        "hessian": None if found.hessian is None else str(found.hessian),
        "domain": list(found.domain),
        "remarks": list(found.remarks),
        "rules": list(found.rules),
        "reason": found.reason,
    })
