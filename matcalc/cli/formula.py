"""The arguments that name a formula, its variables and the conventions of its derivative."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence

from matcalc.api import derive
from matcalc.cli.output import note
from matcalc.declarations import declarations, names
from matcalc.derivative import LAYOUTS, Derivative
from matcalc.syntax.names import ascii_name


def add_formula(command: argparse.ArgumentParser, required: bool) -> None:
    """Adds the formula, its variables and its conventions to a command."""
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", action="extend", required=required, metavar="NAME",
                         help='the variable; "x1, x2" or x1 x2 for scalars that form one vector')
    add_conventions(command)


def add_conventions(command: argparse.ArgumentParser) -> None:
    """Adds the order, the declarations and the conventions of derivatives to a command."""
    command.add_argument("--order", type=int, default=1, metavar="K", help="how often to differentiate; 2 for the Hessian")
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    command.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0],
                         help="the gradient of a scalar by a vector as a row (numerator, the default) or as a column")
    command.add_argument("--structured", choices=("entries", "projection"),
                         help="how a symmetric, skew or diagonal variable is taken; by default all entries are independent")
    add_seed(command)


def add_to(command: argparse.ArgumentParser, targets: Collection[str], default: str = "text") -> None:
    """Adds the choice of what is printed; `--json` is `--to json`."""
    one = command.add_mutually_exclusive_group()
    one.add_argument("--to", choices=tuple(targets), default=default, help=f"what to print; {default} by default")
    one.add_argument("--json", action="store_const", const="json", dest="to",
                     help="one JSON object (--to json); docs/json.md and `matcalc schema` say what it holds")
    short = [f"--{target}" for target in targets if target not in (default, "json")]
    if short:
        one.add_argument(*short, action=Short, dest="to", default=argparse.SUPPRESS,
                         help=f"short for --to {short[0][2:]}{' and so on' if len(short) > 1 else ''}")


class Short(argparse.Action):
    """`--latex` for `--to latex`."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None, default: object = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help, default=default)

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object,
                 option_string: str | None = None) -> None:
        """Sets what is printed by the name of the option."""
        setattr(namespace, self.dest, (option_string or "").removeprefix("--"))


def add_notation(command: argparse.ArgumentParser) -> None:
    """Adds the notation of the formula to a command."""
    command.add_argument("--notation", choices=("matrix", "index"), default="matrix",
                         help="the language of the formula: matrices, or components such as sum_j A_ij v_j")
    command.add_argument("--einstein", action="store_true",
                         help="with --notation index: an index that occurs twice in a product is summed")


def add_seed(command: argparse.ArgumentParser) -> None:
    """Adds the seed of checks to a command."""
    command.add_argument("--seed", type=seed, default=0, help="of the random points of the check")


def seed(text: str) -> int:
    """The seed of random points, read from an argument."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("the seed is 0 or a positive number")
    return value


def path(text: str) -> str:
    """The name of a file; one that begins with a minus came here with a space in front."""
    return text[1:] if text.startswith(" -") else text


def words(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    """The formula and the names of `--wrt`; a formula after those names is the last of them."""
    formula, by = arguments.formula, list(getattr(arguments, "wrt", None) or [])
    if formula is None and len(by) > 1:
        formula = by.pop()
    if formula is None:
        arguments.parser.error("a formula is needed; - reads standard input")
    text = sys.stdin.read() if formula == "-" else formula
    return text.strip(), by


def given(arguments: argparse.Namespace) -> tuple[str, str | list[str], dict[str, str]]:
    """The formula, what to differentiate by and the declarations."""
    text, by = words(arguments)
    return text, names(", ".join(by)), declarations("\n".join(arguments.declare))


def read(arguments: argparse.Namespace) -> Derivative:
    """The derivative that the arguments ask for."""
    text, by, declared = given(arguments)
    d = derive(text, by, arguments.order, declared, arguments.layout, arguments.structured)
    unused = [name for name in declared if not _occurs(name, d)]
    if unused and not getattr(arguments, "quiet", False):
        note(f"declared, but not in the formula: {', '.join(unused)}")
    return d


def _occurs(name: str, d: Derivative) -> bool:
    plain = ascii_name(name)
    return not {plain, plain.rpartition("_")[0]}.isdisjoint({*d.variables, *d.names.values()})
