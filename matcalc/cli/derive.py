"""The commands that derive one formula: derive, check and demo."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from matcalc.api import derive
from matcalc.cli.code import OPTIONS, add_code, check_code
from matcalc.cli.formula import add_formula, add_notation, add_to, read
from matcalc.cli.output import (
    CHECK_FAILED,
    DONE,
    Commands,
    indented,
    note,
    note_report,
    report,
    report_json,
    show,
    show_json,
)
from matcalc.core.errors import DeclarationError
from matcalc.derivative import LAYOUTS, METHODS, Derivative
from matcalc.expr.text import to_text

if TYPE_CHECKING:
    from matcalc.derivation.steps import Derivation
    from matcalc.flattening import Flattened

DEMONSTRATION = (("x^T A x", "x"), ("tanh(A x + b)", "A"))
"""Formulas that `demo` derives, each with its variable."""


def add(commands: Commands) -> None:
    """Adds the commands of this module."""
    for name, run, text in (
        ("derive", _derive, "the derivative of a formula"),
        ("check", _check, "compare a derivative with finite differences"),
        ("demo", _demo, "closed form, NumPy code and check, of two formulas or of your own"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
        add_formula(command, required=name != "demo")
        if name != "demo":
            add_notation(command)
        if name == "derive":
            _add_output(command)
        if name == "check":
            add_to(command, ("text", "json"))
        command.set_defaults(run=run, parser=command)


def _add_output(command: argparse.ArgumentParser) -> None:
    add_to(command, (*WRITERS, "json", "steps"))
    command.add_argument("--stack", choices=("columns", "rows"), help="the flattened form, and how it stacks matrices; "
                         "columns by default with --to vec")
    command.add_argument("--format", choices=tuple(FORMATS), help="how --to steps is written; text by default")
    command.add_argument("--method", choices=METHODS, help="the way of --to steps; by default the one that a lecturer takes")
    command.add_argument("--equation", action="store_true", help="LaTeX with left-hand side and sizes")
    add_code(command, "derivative, jacobian with --stack,", linalg=True)
    command.add_argument("--check", action="store_true", help="compare with finite differences too")
    command.add_argument("--quiet", action="store_true", help="nothing but the result and errors")


def _derive(arguments: argparse.Namespace) -> int:
    check_code(arguments)
    if arguments.stack and arguments.to not in ("vec", "latex", "numpy"):
        arguments.parser.error("--stack is for the flattened form: it needs --to vec, --to latex or --to numpy")
    for option, to in (("equation", "latex"), ("format", "steps"), ("method", "steps")):
        if getattr(arguments, option) and arguments.to != to:
            arguments.parser.error(f"--{option} needs --to {to}")
    if arguments.notation == "index" or arguments.einstein:
        if arguments.linalg is not None:
            arguments.parser.error("--linalg is for formulas in matrix notation")
        return int(import_module("matcalc.cli.notation").derive_components(arguments))
    d = read(arguments)
    if arguments.to == "json":
        return show_json(derivative_data(d, _numpy(d, arguments)), d, arguments)
    if arguments.to == "steps":
        code = _steps(d, arguments)
    else:
        code = DONE
        show(WRITERS[arguments.to](d, arguments), arguments.to)
    if not arguments.quiet and arguments.to != "numpy":
        note(_remarks(d))
    return report(d, arguments.seed, as_result=False) if arguments.check else code


def _steps(d: Derivative, arguments: argparse.Namespace) -> int:
    """Prints the work; each step has been compared with the one before, or the exit code says so."""
    steps = d.steps(arguments.method)
    written = arguments.format or "text"
    show(FORMATS[written](steps), "steps" if written == "text" else written)
    found = steps.check(arguments.seed)
    if not (found.passed and arguments.quiet):
        note_report(f"steps {found}")
    return DONE if found.passed else CHECK_FAILED


def text(d: Derivative) -> str:
    """The closed form, or index notation where there is none."""
    return str(d) if d.matrix is not None else d.index()


def _numpy(d: Derivative, arguments: argparse.Namespace) -> str:
    options = {option: value for option in OPTIONS if (value := getattr(arguments, option)) is not None}
    return _view(d, arguments).numpy(**options)


def _view(d: Derivative, arguments: argparse.Namespace) -> Derivative | Flattened:
    """The derivative, or its flattened form where the way of stacking is given."""
    return d.flat(arguments.stack) if arguments.stack else d


def derivative_data(d: Derivative, source: str) -> dict[str, object]:
    """A derivative for JSON; `docs/json.md` has its keys."""
    block = d.wrt[0]
    return {
        "text": text(d),
        "latex": d.latex(),
        "index": d.index(),
        "form": "index" if d.matrix is None else "matrix",
        "shape": list(d.shape),
        "shapes": {name: d.space(name) for name in d.variables},
        "layout": d.layout,
        "structured": d.structured,
        "order": d.order,
        "wrt": block if isinstance(block, str) else list(block),
        "numpy": source,
    }


FORMATS: dict[str, Callable[[Derivation], str]] = {
    "text": str,
    "latex": lambda steps: steps.latex(),
    "markdown": lambda steps: steps.markdown(),
}
"""How `--to steps` writes the work."""

WRITERS: dict[str, Callable[[Derivative, argparse.Namespace], str]] = {
    "text": lambda d, _: text(d),
    "matrix": lambda d, _: str(d.named()),
    "latex": lambda d, arguments: _view(d, arguments).latex(equation=arguments.equation),
    "numpy": _numpy,
    "index": lambda d, _: d.index(),
    "vec": lambda d, arguments: d.vec(arguments.stack or "columns"),
}
"""What `--to` prints, besides JSON and the work."""


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


_DEMO_CODE = "NumPy (`derive --to numpy` adds tests of the arguments):"


def _check(arguments: argparse.Namespace) -> int:
    if arguments.notation == "index" or arguments.einstein:
        return int(import_module("matcalc.cli.notation").check_components(arguments))
    d = read(arguments)
    return report_json(d, arguments.seed) if arguments.to == "json" else report(d, arguments.seed, as_result=True)


def _demo(arguments: argparse.Namespace) -> int:
    """Everything about a formula, one after the other."""
    if arguments.wrt is not None:
        found = [read(arguments)]
    elif arguments.formula is None:
        found = [derive(formula, wrt) for formula, wrt in DEMONSTRATION]
    else:
        raise DeclarationError("there is no variable to differentiate by", hint="--wrt NAME")
    worst = DONE
    for d in found:
        by = " by ".join((to_text(d.expr), *(b if isinstance(b, str) else ", ".join(b) for b in d.wrt)))
        print(f"{by}\n{'=' * len(by)}\n\nClosed form: {d}\n\n{_DEMO_CODE}\n\n{indented(d.numpy(checks=False))}\n")
        print("Check against finite differences: ", end="")
        worst = max(worst, report(d, arguments.seed, as_result=True))
        print()
    return worst
