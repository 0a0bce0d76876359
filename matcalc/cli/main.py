"""The entry point: the parser of all commands, and exit codes for whatever happens."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence

from matcalc.cli import curvature, derive, generate, graph, knowledge, serve, simplify, stationary, taylor
from matcalc.cli.output import BAD_INPUT, DONE, INTERNAL_FAULT, INTERRUPTED, Parser, note
from matcalc.core.errors import LimitError, MatcalcError
from matcalc.version import __version__

EXAMPLES = """\
examples:
  matcalc derive "x^T A x" --wrt x
  matcalc derive "x^T A x" --wrt x --order 2 --to latex --equation
  matcalc derive "x1^2 x2 + x1 x2^3" --wrt "x1, x2"
  matcalc derive "x^T A x" --wrt x --layout denominator
  matcalc derive "A X B" --wrt X --to vec
  matcalc derive "A x" --wrt x --declare "A: R^{m x n}" --check
  matcalc derive "1/2 ||y - tanh(A x + b)||^2" --wrt A --to numpy --name gradient > gradient.py
  matcalc derive "sum_j A_ij v_j" --wrt v_k --notation index
  matcalc simplify "sum_i delta_ik A_ij" --notation index
  matcalc check "logdet(X)" --wrt X --declare "X: R^{n x n} posdef"
  echo "log(det(X))" | matcalc derive - --wrt X
  matcalc stationary "||X b - y||^2" --wrt b
  matcalc curvature "logsumexp(A x)" --wrt x
  matcalc graph "d + cos(c) where d = sqrt(c), c = x^2" --wrt x
  matcalc taylor "log(sum(exp(x)))" --wrt x --at x0 --degree 2
  matcalc demo
  matcalc serve

The result alone goes to standard output, everything else to standard error.
exit codes: 0 done, 1 a check failed, 2 bad input, 3 a fault of matcalc itself"""

GROUPS = (derive, simplify, curvature, stationary, graph, taylor, knowledge, generate, serve)
"""Modules that add commands, in the order of the help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the arguments after the name of the program; by default those of the process.

    Returns:
        The exit code: 0 when done, 1 when a check failed, 2 for bad input.
    """
    try:
        code = _run(_protected(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as request:
        return DONE if request.code is None else int(request.code)
    except (MatcalcError, UnicodeError) as error:
        note(f"{type(error).__name__}: {error}")
        return BAD_INPUT
    except (RecursionError, MemoryError):
        note(f"{LimitError.__name__}: the formula is too large")
        return BAD_INPUT
    except BrokenPipeError:
        raise
    except Exception as fault:
        if os.environ.get("MATCALC_TRACEBACK"):
            raise
        note(f"a fault of matcalc, not of the input: {type(fault).__name__}: {fault}\n"
              "hint: MATCALC_TRACEBACK=1 shows where it happened")
        return INTERNAL_FAULT


_OPTION = re.compile(r"--([a-z][a-z-]*(=.*)?)?|-h")


def _protected(argv: Sequence[str]) -> list[str]:
    """Arguments with a space in front of an expression that begins with a minus, so that it is no option."""
    return [f" {a}" if a.startswith("-") and a != "-" and not _OPTION.fullmatch(a) else a for a in argv]


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="matcalc", description="Derivatives of matrix formulas, as formulas and as checked NumPy code.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"matcalc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    return parser
