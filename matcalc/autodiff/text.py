"""The graph as text for other programs: Mermaid and the DOT language of Graphviz.

Nodes are numbered, so that no name can be taken for a keyword; names and formulas stand in quoted labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Graph, Node

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 =+/(),'-.^")
"""Characters that mean nothing in a label of Mermaid, but for a minus at its start; others are written by their numbers."""


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart.

    Source: the documentation of Mermaid, "Flowcharts: entity codes to escape characters".
    """
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f"    {ids[node.name]}{_shape(node)}" for node in graph.nodes]
    for edge in graph.edges:
        arrow = f'-->|"{_entities(str(edge))}"|' if edge.active else "-.->"
        lines.append(f"    {ids[edge.source]} {arrow} {ids[edge.target]}")
    lines += [
        "    classDef wrt fill:#dbeafe,stroke:#2563eb,color:#0f172a",
        "    classDef step fill:#ffffff,stroke:#64748b,color:#0f172a",
        "    classDef output fill:#fef3c7,stroke:#d97706,color:#0f172a",
        "    classDef fixed fill:#f8fafc,stroke:#94a3b8,color:#64748b,stroke-dasharray:4 3",
    ]
    for role in ("wrt", "step", "output", "fixed"):
        members = [ids[node.name] for node in graph.nodes if role_of(node) == role]
        if members:
            lines.append(f"    class {','.join(members)} {role}")
    return "\n".join(lines)


def _shape(node: Node) -> str:
    label = f'"{_entities(str(node))}"'
    return f"([{label}])" if node.kind == "input" else f"({label})"


def _entities(text: str) -> str:
    shown = "".join(c if c in _PLAIN else f"#{ord(c)};" for c in text)
    return f"#45;{shown[1:]}" if shown.startswith("-") else shown


def dot(graph: Graph) -> str:
    """The graph in the DOT language.

    Source: the documentation of Graphviz, "DOT Language".
    """
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    lines = [
        "digraph matcalc {",
        "    rankdir=LR;",
        '    node [shape=box, style="rounded,filled", fontname="Helvetica"];',
        '    edge [fontname="Helvetica", fontsize=11];',
    ]
    for node in graph.nodes:
        lines.append(f"    {ids[node.name]} [label={_quoted(str(node))}, {_COLOURS[role_of(node)]}];")
    for edge in graph.edges:
        label = f"label={_quoted(str(edge))}" if edge.active else 'style=dashed, color="#94a3b8"'
        lines.append(f"    {ids[edge.source]} -> {ids[edge.target]} [{label}];")
    return "\n".join([*lines, "}"])


_COLOURS = {
    "wrt": 'fillcolor="#dbeafe", color="#2563eb"',
    "step": 'fillcolor="#ffffff", color="#64748b"',
    "output": 'fillcolor="#fef3c7", color="#d97706"',
    "fixed": 'fillcolor="#f8fafc", color="#94a3b8", fontcolor="#64748b", style="rounded,filled,dashed"',
}


def role_of(node: Node) -> str:
    """What a picture shows of a node: "wrt", "step", "output", or "fixed" where no derivative flows."""
    if node.kind == "output":
        return "output"
    return "fixed" if not node.active else "wrt" if node.kind == "input" else "step"


def _quoted(text: str) -> str:
    """A quoted string; a backslash and a quote are the two characters that end or change it."""
    shown = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{shown}"'
