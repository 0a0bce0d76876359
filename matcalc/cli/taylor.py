"""The command that expands a formula about a point."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from matcalc.cli.code import add_code, check_code, code_options
from matcalc.cli.formula import add_to, seed
from matcalc.cli.output import DONE, Commands, note, report, show, show_json
from matcalc.declarations import declarations, names

if TYPE_CHECKING:
    from matcalc.series.taylor import Taylor


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("taylor", help="the Taylor polynomial of a formula about a point", allow_abbrev=False)
    command.description = "Prints the Taylor polynomial of a formula: the term of degree k is D^k f(x0) (x - x0)^k / k!."
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", required=True, metavar="NAME",
                         help='the variable; "x1, x2" or x1 x2 for scalars that are expanded together')
    command.add_argument("--at", default=None, metavar="POINT",
                         help='the point: a new name (x0 by default), a number, a formula; "1, 2" for several variables')
    command.add_argument("--degree", type=int, default=1, metavar="K", help="of the polynomial; 1 by default, at most 6")
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    add_to(command, (*WRITERS, "json"))
    add_code(command, "polynomial")
    command.add_argument("--check", action="store_true", help="hold the remainder against the order that it must have")
    command.add_argument("--seed", type=seed, default=0, help="of the random points of the check")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")
    command.set_defaults(run=_taylor, parser=command)


def _taylor(arguments: argparse.Namespace) -> int:
    formula, by = arguments.formula, list(arguments.wrt)
    check_code(arguments)
    if formula is None and len(by) > 1:
        formula = by.pop()
    if formula is None:
        arguments.parser.error("a formula is needed; - reads standard input")
    text = sys.stdin.read() if formula == "-" else formula
    wrt = names(", ".join(by))
    t: Taylor = import_module("matcalc.series.taylor").taylor(
        text.strip(), wrt, _point(arguments.at, wrt), arguments.degree, declarations("\n".join(arguments.declare)))
    if arguments.to == "json":
        return show_json(_data(t, arguments), t, arguments)
    show(WRITERS[arguments.to](t, arguments), arguments.to)
    if not arguments.quiet and arguments.to in ("text", "latex"):
        note(f"shapes: {', '.join(f'{n} in {t.space(n)}' for n in t.variables)}")
    return DONE if not arguments.check else report(t, arguments.seed, as_result=False)


def _point(at: str | None, wrt: str | list[str]) -> str | list[str]:
    """The point of one variable, or one for each of several: by default the name of the variable with a 0."""
    if isinstance(wrt, str):
        return f"{wrt}0" if at is None else at
    if at is None:
        return [f"{name}0" for name in wrt]
    parts = [part.strip() for part in at.split(",")]
    return parts if len(parts) > 1 else at


def _numpy(t: Taylor, arguments: argparse.Namespace) -> str:
    return t.numpy(**code_options(arguments))


def _data(t: Taylor, arguments: argparse.Namespace) -> dict[str, object]:
    """The polynomial and its terms for JSON."""
    return {
        "text": str(t),
        "latex": t.latex(),
        "terms": [str(term) for term in t.terms],
        "degree": t.degree,
        "wrt": t.wrt if isinstance(t.wrt, str) else list(t.wrt),
        "shapes": {name: t.space(name) for name in t.variables},
        "numpy": _numpy(t, arguments),
    }


WRITERS: dict[str, Callable[[Taylor, argparse.Namespace], str]] = {
    "text": lambda t, _: str(t),
    "latex": lambda t, _: t.latex(),
    "numpy": _numpy,
}
"""What `--to` prints, besides JSON."""
