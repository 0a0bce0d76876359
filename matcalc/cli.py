"""The command line: arguments, exit codes and all printing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from matcalc.api import derive
from matcalc.core.errors import MatcalcError
from matcalc.core.functions import FUNCTIONS
from matcalc.pipeline import Derivative


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0 when done, 1 when a check failed, 2 for bad input."""
    arguments = _parser().parse_args(_protected(sys.argv[1:] if argv is None else argv))
    try:
        return int(arguments.run(arguments))
    except MatcalcError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2


def _protected(argv: Sequence[str]) -> list[str]:
    """Arguments with a space in front of an expression that begins with a minus, so that it is no option."""
    options = {"--wrt", "--to", "--order", "--declare", "--check", "--seed", "--help", "-h", "-"}
    return [f" {a}" if a.startswith("-") and a not in options and not a.startswith("--") else a for a in argv]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="matcalc", description="Derivatives of matrix formulas.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (("derive", _derive, "the derivative of a formula"), ("check", _check, "a finite-difference check")):
        command = commands.add_parser(name, help=text)
        command.add_argument("formula", help="the formula; - reads standard input")
        command.add_argument("--wrt", required=True, help="the variable")
        command.add_argument("--order", type=int, default=1, help="2 for the Hessian")
        command.add_argument("--declare", default="", help='such as "A: R^{m x n}, S: R^{n x n} symmetric"')
        command.add_argument("--seed", type=int, default=0, help="of the random points of the check")
        command.set_defaults(run=run)
        if name == "derive":
            command.add_argument("--to", choices=("text", "numpy", "index"), default="text")
            command.add_argument("--check", action="store_true", help="check by finite differences")
    commands.add_parser("functions", help="the elementwise functions").set_defaults(run=_functions)
    return parser


def _read(arguments: argparse.Namespace) -> Derivative:
    text = sys.stdin.read() if arguments.formula == "-" else arguments.formula.strip()
    declare = {}
    for part in filter(None, (p.strip() for p in arguments.declare.split(","))):
        name, _, space = part.partition(":")
        declare[name.strip()] = space.strip()
    return derive(text, arguments.wrt, arguments.order, declare)


def _derive(arguments: argparse.Namespace) -> int:
    d = _read(arguments)
    print({"text": d.__str__, "numpy": d.numpy, "index": d.index}[arguments.to]())
    return _report(d, arguments.seed, sys.stderr) if arguments.check else 0


def _check(arguments: argparse.Namespace) -> int:
    return _report(_read(arguments), arguments.seed, sys.stdout)


def _report(d: Derivative, seed: int, stream: TextIO) -> int:
    report = d.check(seed)
    print(report, file=stream)
    return 0 if report.passed else 1


def _functions(_: argparse.Namespace) -> int:
    for function in FUNCTIONS.values():
        print(f"{function.name:10} {function.formula}  [{function.source}]")
    return 0
