"""The command line: arguments, exit codes and all printing."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from matcalc.api import derive
from matcalc.catalogue import MATRIX_FUNCTIONS, Entry, elementwise_functions, letters, rules
from matcalc.core.errors import DeclarationError, LimitError, MatcalcError
from matcalc.declarations import declarations, names
from matcalc.derivative import LAYOUTS, Derivative
from matcalc.expr.text import to_text
from matcalc.syntax.names import ascii_name
from matcalc.version import __version__

DONE, CHECK_FAILED, BAD_INPUT, INTERNAL_FAULT, INTERRUPTED = 0, 1, 2, 3, 130

EXAMPLES = """\
examples:
  matcalc derive "x^T A x" --wrt x
  matcalc derive "x^T A x" --wrt x --order 2 --to latex --equation
  matcalc derive "x1^2 x2 + x1 x2^3" --wrt "x1, x2"
  matcalc derive "x^T A x" --wrt x --layout denominator
  matcalc derive "A X B" --wrt X --to vec
  matcalc derive "A x" --wrt x --declare "A: R^{m x n}" --check
  matcalc derive "1/2 ||y - tanh(A x + b)||^2" --wrt A --to numpy --name gradient > gradient.py
  matcalc check "logdet(X)" --wrt X --declare "X: R^{n x n} posdef"
  echo "log(det(X))" | matcalc derive - --wrt X
  matcalc demo

The result alone goes to standard output, everything else to standard error.
exit codes: 0 done, 1 a check failed, 2 bad input, 3 a fault of matcalc itself"""

DEMONSTRATION = (("x^T A x", "x"), ("tanh(A x + b)", "A"))
"""Formulas that `demo` derives, each with its variable."""


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
        _note(f"{type(error).__name__}: {error}")
        return BAD_INPUT
    except (RecursionError, MemoryError):
        _note(f"{LimitError.__name__}: the formula is too large")
        return BAD_INPUT
    except BrokenPipeError:
        raise
    except Exception as fault:
        if os.environ.get("MATCALC_TRACEBACK"):
            raise
        _note(f"a fault of matcalc, not of the input: {type(fault).__name__}: {fault}\n"
              "hint: MATCALC_TRACEBACK=1 shows where it happened")
        return INTERNAL_FAULT


def _note(text: str) -> None:
    """Prints what is not the result."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


# ---------------------------------------------------------------- arguments
_OPTION = re.compile(r"--([a-z][a-z-]*(=.*)?)?|-h")


def _protected(argv: Sequence[str]) -> list[str]:
    """Arguments with a space in front of an expression that begins with a minus, so that it is no option."""
    return [f" {a}" if a.startswith("-") and a != "-" and not _OPTION.fullmatch(a) else a for a in argv]


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}\nhint: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="matcalc", description="Derivatives of matrix formulas, as formulas and as checked NumPy code.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"matcalc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, run, text in (
        ("derive", _derive, "the derivative of a formula"),
        ("check", _check, "compare a derivative with finite differences"),
        ("demo", _demo, "closed form, NumPy code and check, of two formulas or of your own"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
        _add_formula(command, required=name != "demo")
        if name == "derive":
            _add_output(command)
        command.set_defaults(run=run, parser=command)
    for name, show, text in (
        ("functions", _functions, "the functions of the language, with formula and source"),
        ("rules", _rules, "the rules of differentiation and the identities, with formula, condition and source"),
    ):
        commands.add_parser(name, help=text, allow_abbrev=False).set_defaults(run=show)
    _add_generate(commands.add_parser("generate", help="modules of functions from a catalogue", allow_abbrev=False))
    return parser


def _add_generate(command: argparse.ArgumentParser) -> None:
    command.description = "Writes the modules of a catalogue (TOML), each with the functions that it names."
    command.add_argument("catalogue", metavar="SPEC.toml", help="the catalogue; docs/generate.md says what it holds")
    command.add_argument("--out", metavar="FOLDER", required=True, help="where the modules are written")
    command.set_defaults(run=_generate)


def _add_formula(command: argparse.ArgumentParser, required: bool) -> None:
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", action="extend", required=required, metavar="NAME",
                         help='the variable; "x1, x2" or x1 x2 for scalars that form one vector')
    command.add_argument("--order", type=int, default=1, metavar="K", help="how often to differentiate; 2 for the Hessian")
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    command.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0],
                         help="the gradient of a scalar by a vector as a row (numerator, the default) or as a column")
    command.add_argument("--structured", choices=("entries", "projection"),
                         help="how a symmetric, skew or diagonal variable is taken; by default all entries are independent")
    command.add_argument("--seed", type=_seed, default=0, help="of the random points of the check")


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", choices=tuple(WRITERS), default="text", help="what to print; text by default")
    command.add_argument("--stack", choices=("columns", "rows"), help="how --to vec stacks matrices; columns by default")
    command.add_argument("--equation", action="store_true", help="LaTeX with left-hand side and sizes")
    command.add_argument("--name", help="of the NumPy function; derivative by default")
    command.add_argument("--check", action="store_true", help="compare with finite differences too")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("the seed is 0 or a positive number")
    return value


def _read(arguments: argparse.Namespace) -> Derivative:
    """The derivative that the arguments ask for; a formula after the names of `--wrt` is the last of them."""
    formula, by = arguments.formula, list(arguments.wrt)
    if formula is None and len(by) > 1:
        formula = by.pop()
    if formula is None:
        arguments.parser.error("a formula is needed; - reads standard input")
    text = sys.stdin.read() if formula == "-" else formula
    declared = declarations("\n".join(arguments.declare))
    d = derive(text.strip(), names(", ".join(by)), arguments.order, declared, arguments.layout, arguments.structured)
    unused = [name for name in declared if not _occurs(name, d)]
    if unused and not getattr(arguments, "quiet", False):
        _note(f"declared, but not in the formula: {', '.join(unused)}")
    return d


def _occurs(name: str, d: Derivative) -> bool:
    plain = ascii_name(name)
    return not {plain, plain.rpartition("_")[0]}.isdisjoint({*d.variables, *d.names.values()})


# ---------------------------------------------------------------- commands
def _derive(arguments: argparse.Namespace) -> int:
    if arguments.name is not None and arguments.to not in ("numpy", "json"):
        arguments.parser.error("--name is the name of a function: it needs --to numpy or --to json")
    for option, to in (("equation", "latex"), ("stack", "vec")):
        if getattr(arguments, option) and arguments.to != to:
            arguments.parser.error(f"--{option} needs --to {to}")
    d = _read(arguments)
    print(WRITERS[arguments.to](d, arguments))
    if not arguments.quiet and arguments.to not in ("numpy", "json"):
        _note(_remarks(d))
    return _report(d, arguments.seed, as_result=False) if arguments.check else DONE


def _text(d: Derivative) -> str:
    return str(d) if d.matrix is not None else d.index()


def _numpy(d: Derivative, arguments: argparse.Namespace) -> str:
    return d.numpy() if arguments.name is None else d.numpy(arguments.name)


def _json(d: Derivative, arguments: argparse.Namespace) -> str:
    """One object; its keys are those of the table in the README."""
    block = d.wrt[0]
    return json.dumps({
        "text": _text(d),
        "latex": d.latex(),
        "index": d.index(),
        "form": "index" if d.matrix is None else "matrix",
        "shape": list(d.shape),
        "shapes": {name: d.space(name) for name in d.variables},
        "layout": d.layout,
        "structured": d.structured,
        "order": d.order,
        "wrt": block if isinstance(block, str) else list(block),
        "numpy": _numpy(d, arguments),
    }, indent=2)


WRITERS = {
    "text": lambda d, _: _text(d),
    "latex": lambda d, arguments: d.latex(equation=arguments.equation),
    "numpy": _numpy,
    "index": lambda d, _: d.index(),
    "vec": lambda d, arguments: d.vec(arguments.stack or "columns"),
    "json": _json,
}
"""What `--to` prints."""


def _remarks(d: Derivative) -> str:
    """What was inferred, and the conventions of the result where there is a choice."""
    spaces = ", ".join(f"{_member(d, name)} in {d.space(name)}" for name in d.variables)
    shape = f"({d.shape[0]},)" if len(d.shape) == 1 else f"({', '.join(d.shape)})"
    parts = [f"shapes: {spaces or 'none'}", f"array of shape {shape}"]
    if d.layout != LAYOUTS[0]:
        parts.append(f"{d.layout} layout")
    related = [b for b in dict.fromkeys(d.wrt) if isinstance(b, str) and _STRUCTURES & set(d.space(b).split())]
    if related:
        parts.append(f"entries of {', '.join(related)}: {_TAKEN[d.structured]}")
    if d.matrix is None:
        parts.append("no matrix form: index notation")
    return "; ".join(parts)


def _member(d: Derivative, name: str) -> str:
    """The name as the formula has it: x_n for a family x."""
    variable = d.variables[name]
    return f"{name}_{variable.data[2]}" if variable.head == "item" else name


_STRUCTURES = {"symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "posdef", "psd"}
_TAKEN = {None: "taken as independent", "entries": "those with i <= j are the variables",
          "projection": "gradient in the space of such matrices"}
"""What the result says about a variable with related entries."""


def _check(arguments: argparse.Namespace) -> int:
    return _report(_read(arguments), arguments.seed, as_result=True)


def _report(d: Derivative, seed: int, as_result: bool) -> int:
    report = d.check(seed)
    (print if as_result else _note)(str(report))
    return DONE if report.passed else CHECK_FAILED


def _demo(arguments: argparse.Namespace) -> int:
    """Everything about a formula, one after the other."""
    if arguments.wrt is not None:
        found = [_read(arguments)]
    elif arguments.formula is None:
        found = [derive(formula, wrt) for formula, wrt in DEMONSTRATION]
    else:
        raise DeclarationError("there is no variable to differentiate by", hint="--wrt NAME")
    worst = DONE
    for d in found:
        by = " by ".join((to_text(d.expr), *(b if isinstance(b, str) else ", ".join(b) for b in d.wrt)))
        print(f"{by}\n{'=' * len(by)}\n\nClosed form: {d}\n\nNumPy:\n\n{_indented(d.numpy())}\n")
        print("Check against finite differences: ", end="")
        worst = max(worst, _report(d, arguments.seed, as_result=True))
        print()
    return worst


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.rstrip().splitlines())


def _generate(arguments: argparse.Namespace) -> int:
    try:
        written = import_module("matcalc.generate").write(Path(arguments.catalogue), Path(arguments.out))
    except OSError as error:
        raise DeclarationError(f"{error.filename}: {error.strerror}") from None
    for path in written:
        print(path)
    return DONE


def _functions(_: argparse.Namespace) -> int:
    print("elementwise\n" + _table(elementwise_functions()))
    print("\nof a vector or a matrix as a whole\n" + _table(MATRIX_FUNCTIONS))
    return DONE


def _rules(_: argparse.Namespace) -> int:
    print("\n\n".join(f"{group.title}\n{_table(group.entries)}" for group in rules()))
    print("\nletters of the matrix identities\n" + "\n".join(f"  {line}" for line in letters()))
    return DONE


def _table(entries: Iterable[Entry]) -> str:
    rows = list(entries)
    width = max(len(entry.name) for entry in rows)
    return "\n".join(
        f"  {e.name:{width}}  {e.formula}{f', {e.condition}' if e.condition else ''}  [{e.source}]" for e in rows
    )
