"""The command that shows automatic differentiation: the computation graph of a formula, drawn or as a table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from matcalc.cli.formula import add_to, path, seed, words
from matcalc.cli.output import DONE, Commands, add_report, json_text, report
from matcalc.core.errors import DeclarationError
from matcalc.declarations import declarations, names

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Graph


def add(commands: Commands) -> None:
    """Adds the command of this module."""
    command = commands.add_parser("graph", help="the computation graph of a formula, with local derivatives", allow_abbrev=False)
    command.description = ("The computation graph of a formula: intermediate variables, local derivatives on the edges, and "
                           "their accumulation in forward or reverse mode.")
    command.add_argument("formula", nargs="?", help="the formula; - reads standard input")
    command.add_argument("--wrt", nargs="+", action="extend", required=True, metavar="NAME", help="the variable, or several")
    add_to(command, (*WRITERS, "json"), "table")
    command.add_argument("--mode", choices=("reverse", "forward"),
                         help="of the accumulation; reverse by default, for --to svg it is shown only where it is given")
    command.add_argument("--elementary", action="store_true", default=None,
                         help="a node for every elementary operation, also inside definitions")
    command.add_argument("--declare", action="append", default=[], metavar="TEXT",
                         help='spaces of variables, such as "A: R^{m x n}, S: R^{n x n} symmetric"')
    command.add_argument("--out", metavar="FILE", help="write to a file instead of standard output")
    command.add_argument("--check", action="store_true", help="compare with finite differences too")
    command.add_argument("--seed", type=seed, default=0, help="of the random points of the check")
    command.set_defaults(run=_graph, parser=command)


def _graph(arguments: argparse.Namespace) -> int:
    if arguments.mode is not None and arguments.to in ("mermaid", "dot"):
        arguments.parser.error(f"--mode is that of a table: it does nothing with --to {arguments.to}")
    text, by = words(arguments)
    out = None if arguments.out is None else path(arguments.out)
    wrt = names(", ".join(by))
    build = import_module("matcalc.autodiff.graph").graph
    graph: Graph = build(text, wrt, declarations("\n".join(arguments.declare)), arguments.elementary)
    if arguments.to == "json":
        data = _data(graph, arguments)
        code = add_report(data, graph, arguments)
        _write(json_text(data), out)
        return code
    _write(WRITERS[arguments.to](graph, arguments), out)
    return DONE if not arguments.check else report(graph, arguments.seed, as_result=False)


def _write(text: str, out: str | None) -> None:
    if out is None:
        encoding = sys.stdout.encoding or "ascii"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.replace("∂", "d")
        print(text)
        return
    try:
        Path(out).write_text(f"{text}\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DeclarationError(f"{out}: {reason}", hint="the name of a file that can be written") from None


def _data(graph: Graph, arguments: argparse.Namespace) -> dict[str, object]:
    """A graph for JSON; its keys are those of the table in docs/graph.md."""
    table = graph.table(arguments.mode or "reverse")
    return {
        "wrt": list(graph.wrt),
        "output": graph.output.name,
        "nodes": [{"name": n.name, "kind": n.kind, "definition": None if n.kind == "input" else n.definition,
                   "space": str(n.leaf.shape), "active": n.active} for n in graph.nodes],
        "edges": [{"source": e.source, "target": e.target, "active": e.active,
                   "derivative": e.formula.text if e.active else None,
                   "latex": e.formula.latex if e.active else None} for e in graph.edges],
        "mode": table.mode,
        "rows": table.data(),
    }


WRITERS: dict[str, Callable[[Graph, argparse.Namespace], str]] = {
    "table": lambda graph, arguments: str(graph.table(arguments.mode or "reverse")),
    "latex": lambda graph, arguments: graph.table(arguments.mode or "reverse").latex(),
    "mermaid": lambda graph, _: graph.mermaid(),
    "dot": lambda graph, _: graph.dot(),
    "svg": lambda graph, arguments: graph.svg(arguments.mode),
}
"""What `--to` prints, besides JSON."""
