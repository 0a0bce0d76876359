"""Formulas in index notation on the command line, and simplified ones in either notation. Imported where they occur."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from matcalc.cli.code import check_code, code_options
from matcalc.cli.formula import given
from matcalc.cli.output import DONE, note, report, report_json, show, show_json
from matcalc.derivative import LAYOUTS
from matcalc.formula import IndexFormula, MatrixFormula, written
from matcalc.notation import check_notation, derive_index, simplify
from matcalc.syntax.subscripts import subscripted

Result = IndexFormula | MatrixFormula


def derive_components(arguments: argparse.Namespace) -> int:
    """`derive --notation index`."""
    for option in ("stack", "equation", "format", "method"):
        if getattr(arguments, option, None):
            arguments.parser.error(f"--{option} is of the matrix language")
    if arguments.to not in (*WRITERS, "json"):
        arguments.parser.error(f"--to {arguments.to} is of the matrix language; here: {', '.join(WRITERS)}, json")
    return _show(_derived(arguments), arguments)


def check_components(arguments: argparse.Namespace) -> int:
    """`check --notation index`."""
    found = _derived(arguments)
    return report_json(found, arguments.seed) if arguments.to == "json" else report(found, arguments.seed, as_result=True)


def simplify_formula(arguments: argparse.Namespace) -> int:
    """`simplify`."""
    text, _, declared = given(arguments)
    check_notation(arguments.notation, arguments.einstein)
    if arguments.notation == "index":
        result: Result = simplify(text, declared, notation="index", einstein=arguments.einstein)
    else:
        result = simplify(text, declared)
    _remark_unused(declared, result, arguments)
    return _show(result, arguments)


def _derived(arguments: argparse.Namespace) -> IndexFormula:
    text, by, declared = given(arguments)
    other = arguments.layout != LAYOUTS[0] or arguments.structured is not None
    result = derive_index(text, by, arguments.order, declared, arguments.einstein, arguments.notation, other)
    _remark_unused(declared, result, arguments)
    return result


def _remark_unused(declared: dict[str, str], result: Result, arguments: argparse.Namespace) -> None:
    unused = [n for n in declared if not {subscripted(n).base, subscripted(n).whole} & {*result.arrays}]
    if unused and not getattr(arguments, "quiet", False):
        note(f"declared, but not in the formula: {', '.join(unused)}")


def _show(result: Result, arguments: argparse.Namespace) -> int:
    """Prints a result, what was inferred and the report of a check."""
    check_code(arguments)
    if arguments.to == "json":
        return show_json(_data(result, arguments), result, arguments)
    show(WRITERS[arguments.to](result, arguments), arguments.to)
    if not arguments.quiet and arguments.to != "numpy":
        note(_remarks(result))
    return report(result, arguments.seed, as_result=False) if arguments.check else DONE


def _numpy(result: Result, arguments: argparse.Namespace) -> str:
    return result.numpy(**code_options(arguments))


def _data(result: Result, arguments: argparse.Namespace) -> dict[str, object]:
    """A formula for JSON; `docs/json.md` has its keys."""
    index = result.to_index()
    return {
        "text": str(result),
        "latex": result.latex(),
        "index": str(index),
        "form": "index" if isinstance(result, IndexFormula) else "matrix",
        "indices": list(index.indices),
        "shape": list(result.shape),
        "shapes": {name: result.space(name) for name in result.arrays},
        "order": len(result.wrt),
        "wrt": [written(name, slots) for name, slots in result.wrt],
        "numpy": _numpy(result, arguments),
    }


WRITERS: dict[str, Callable[[Result, argparse.Namespace], str]] = {
    "text": lambda result, _: str(result),
    "latex": lambda result, _: result.latex(),
    "index": lambda result, _: str(result.to_index()),
    "matrix": lambda result, _: str(result.to_matrix()),
    "numpy": _numpy,
}
"""What `--to` prints, besides JSON."""


def _remarks(result: Result) -> str:
    """What was inferred, and the order of the axes."""
    spaces = ", ".join(f"{name} in {result.space(name)}" for name in result.arrays)
    shape = f"({result.shape[0]},)" if len(result.shape) == 1 else f"({', '.join(result.shape)})"
    axes = f", axes {', '.join(result.indices)}" if isinstance(result, IndexFormula) and result.indices else ""
    return f"shapes: {spaces or 'none'}; array of shape {shape}{axes}"
