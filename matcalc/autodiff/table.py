"""The accumulation of derivatives as a table: text, LaTeX and plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from matcalc.autodiff.accumulate import Accumulated, Accumulation
from matcalc.autodiff.formula import Formula, Symbol
from matcalc.core.display import Displayed
from matcalc.emit.latex import to_latex
from matcalc.emit.latex_names import symbol

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Graph, Node


@dataclass(frozen=True)
class Row:
    """One node of the graph.

    Attributes:
        name: the node.
        rank: the number of its axes.
        definition: its definition; None for a variable.
        locals: its local derivatives by its operands.
        accumulated: the derivatives that end or start at the node, by the mode.
    """

    name: str
    rank: int
    definition: Formula | None
    locals: tuple[tuple[Symbol, Formula], ...]
    accumulated: tuple[Accumulated, ...]


@dataclass(frozen=True, repr=False)
class Table(Displayed):
    """The accumulation of derivatives; `str` of it is the table as text.

    Attributes:
        mode: "reverse" or "forward".
        title: what is accumulated.
        rows: one for each node, in the order of the accumulation.
    """

    mode: str
    title: str
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        head = ("node", "definition", "local derivatives", "accumulated derivative")
        cells = [[[row.name], _definition(row), _locals(row), _accumulated(row)] for row in self.rows]
        widths = [max(len(line) for lines in column for line in lines)
                  for column in zip([[h] for h in head], *cells, strict=True)]
        lines = [self.title, "", _line(head, widths), _line(["-" * w for w in widths], widths)]
        for row in cells:
            for n in range(max(map(len, row))):
                lines.append(_line([cell[n] if n < len(cell) else "" for cell in row], widths))
        return "\n".join(lines)

    def latex(self) -> str:
        r"""The equations as one `align*`: definitions and local derivatives first, then the accumulation."""
        first, second = [], []
        rows = self.rows if self.mode == "forward" else self.rows[::-1]
        for row in rows:
            if row.definition is not None:
                shown = [(symbol(row.name), row.definition.latex), *((s.equal_to(f, row.rank).latex, f.latex) for s, f in row.locals)]
                first.append(r" \qquad ".join(f"{left} &= {right}" if n == 0 else f"{left} = {right}"
                                              for n, (left, right) in enumerate(shown)))
        for row in self.rows:
            for found in row.accumulated:
                for left, group in groupby(found.equations, lambda pair: pair[0].latex):
                    second.append(f"{left} &= " + " = ".join(right.latex for _, right in group))
        body = " \\\\\n".join([*first, *second])
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"

    def data(self) -> list[dict[str, object]]:
        """The rows as plain data, for JSON."""
        return [{
            "node": row.name,
            "definition": None if row.definition is None else row.definition.text,
            "locals": {s.text: f.text for s, f in row.locals},
            "accumulated": [{"symbol": a.symbol.text, "rule": None if a.rule is None else a.rule.text, "step": a.step.text,
                             "closed": None if a.closed is None else a.closed.text} for a in row.accumulated],
        } for row in self.rows]


def table(graph: Graph, mode: str) -> Table:
    """The accumulation of a graph."""
    by = ", ".join(graph.wrt)
    accumulation = Accumulation(graph)
    active = [node for node in graph.nodes if node.active]
    if mode == "reverse":
        title = f"reverse accumulation: the derivatives of {graph.output.name} by every node, from the output to {by}"
        rows = [_row(graph, node, [accumulation.reverse(node.name)]) for node in reversed(active)]
        return Table(mode, title, tuple(rows))
    rows = []
    for node in active:
        starts = [wrt for wrt in graph.wrt if wrt == node.name or any(
            accumulation.reaches(e.source, wrt) for e in graph.incoming(node.name))]
        rows.append(_row(graph, node, [accumulation.forward(node.name, wrt) for wrt in starts]))
    return Table(mode, f"forward accumulation: the derivatives of every node by {by}, from {by} to the output", tuple(rows))


def _row(graph: Graph, node: Node, accumulated: Sequence[Accumulated]) -> Row:
    definition = None if node.kind == "input" else Formula(node.definition, to_latex(node.expr))
    found = tuple((Symbol(e.target, e.source, "∂"), e.formula) for e in graph.incoming(node.name))
    return Row(node.name, len(node.leaf.shape.dims), definition, found, tuple(accumulated))


def _definition(row: Row) -> list[str]:
    return ["variable" if row.definition is None else row.definition.text]


def _locals(row: Row) -> list[str]:
    return [f"{s.equal_to(f, row.rank).text} = {f.text}" for s, f in row.locals]


def _accumulated(row: Row) -> list[str]:
    lines = []
    for found in row.accumulated:
        for left, group in groupby(found.equations, lambda pair: pair[0].text):
            sides = [right.text for _, right in group]
            lines += [f"{left} = {sides[0]}", *(f"{' ' * len(left)} = {right}" for right in sides[1:])]
    return lines


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
