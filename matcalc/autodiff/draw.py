"""The graph as a picture in SVG: rounded boxes with definitions, arrows with local derivatives, formulas as in print.

Two libraries of the extra `graph` do the work: igraph orders the layers, ziamath sets the formulas as outlines, so that the
picture looks the same wherever it is opened. The same graph gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from matcalc.autodiff.formula import Symbol
from matcalc.autodiff.layout import Layout, Slot, arrange, spread
from matcalc.autodiff.text import role_of
from matcalc.core.errors import LimitError, MatcalcError
from matcalc.emit.latex import to_latex
from matcalc.emit.latex_names import symbol

if TYPE_CHECKING:
    from matcalc.autodiff.accumulate import Accumulated
    from matcalc.autodiff.graph import Edge, Graph, Node

SVG = "http://www.w3.org/2000/svg"
MARGIN = 16.0
PADDING = (14.0, 9.0)
NODE_SIZE, LABEL_SIZE, SMALL_SIZE = 19.0, 15.0, 14.0
MAX_WIDTH = 300.0
"""Wider formulas are shown by their left-hand side alone; titles have them whole."""
MAX_NODES = 120
LINE_GAP = 6.0
PORT_GAP = 12.0
ROUND = 9.0
ARROW = 8.0
FILLS = {"wrt": "#dbeafe", "step": "#ffffff", "output": "#fef3c7", "fixed": "#f8fafc"}
STROKES = {"wrt": "#2563eb", "step": "#475569", "output": "#d97706", "fixed": "#94a3b8"}
INK, PALE, BLUE = "#0f172a", "#64748b", "#1d4ed8"


@dataclass(frozen=True)
class Picture:
    """A formula as outlines; its origin is the left end of its middle line."""

    element: ET.Element
    glyphs: dict[str, ET.Element]
    width: float
    height: float


@dataclass(frozen=True)
class Box:
    """What stands in a node: lines of formulas."""

    lines: tuple[Picture, ...]

    @property
    def height(self) -> float:
        """The height of the lines."""
        return sum(line.height for line in self.lines) + LINE_GAP * (len(self.lines) - 1)

    def size(self, degree: int) -> tuple[float, float]:
        """Width and height with the padding, and with room for as many edges on a side."""
        height = max(self.height, NODE_SIZE) + 2 * PADDING[1]
        return max(line.width for line in self.lines) + 2 * PADDING[0], max(height, PORT_GAP * (degree - 1) + 2 * ROUND)


def svg(graph: Graph, mode: str | None) -> str:
    """The picture.

    Args:
        graph: the graph.
        mode: the accumulated derivatives that stand in the nodes, if any.

    Raises:
        MatcalcError: where the libraries are not installed, or the graph is too large to be drawn.
    """
    if len(graph.nodes) > MAX_NODES:
        raise LimitError(f"a picture has at most {MAX_NODES} nodes, and the graph has {len(graph.nodes)}",
                         hint="the text forms have no such limit: --to mermaid, --to dot")
    igraph, ziamath = _library("igraph"), _library("ziamath")
    accumulated = {} if mode is None else {row.name: row.accumulated for row in graph.table(mode).rows}
    boxes = {node.name: _box(ziamath, node, accumulated.get(node.name, ())) for node in graph.nodes}
    degrees = {n.name: max(sum(e.source == n.name for e in graph.edges), len(n.parents)) for n in graph.nodes}
    labels = {(e.source, e.target): _label(ziamath, e) if e.active else None for e in graph.edges}
    sizes = {key: None if label is None else (label.width + 12, label.height + 6) for key, label in labels.items()}
    layout = arrange(igraph, {name: box.size(degrees[name]) for name, box in boxes.items()}, sizes)
    root = _page(graph, layout)
    defs = ET.SubElement(root, "defs")
    body = ET.SubElement(root, "g", transform=f"translate({number(MARGIN)} {number(MARGIN)})")
    ports = _ports(layout)
    for edge in graph.edges:
        _draw_edge(body, edge, layout, ports, labels[edge.source, edge.target])
    for node in graph.nodes:
        _draw_node(body, node, layout.slots[(node.name,)], boxes[node.name])
    pictures = [*(p for box in boxes.values() for p in box.lines), *(p for p in labels.values() if p is not None)]
    glyphs = {name: path for picture in pictures for name, path in picture.glyphs.items()}
    defs.extend(glyphs[name] for name in sorted(glyphs))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _library(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise MatcalcError(f"drawing needs the library {name}, which is not installed",
                           hint="pip install 'matcalc-engine[graph]'") from None


# ---------------------------------------------------------------- what stands in nodes and on edges
def _box(ziamath: ModuleType, node: Node, accumulated: Sequence[Accumulated]) -> Box:
    latex = symbol(node.name) if node.kind == "input" else f"{symbol(node.name)} = {to_latex(node.expr)}"
    lines = [_fitting(ziamath, latex, symbol(node.name), NODE_SIZE, PALE if role_of(node) == "fixed" else INK)]
    for found in accumulated:
        left, right = found.shortest
        lines.append(_fitting(ziamath, f"{left.latex} = {right.latex}", left.latex, SMALL_SIZE, BLUE))
    return Box(tuple(lines))


def _label(ziamath: ModuleType, edge: Edge) -> Picture:
    return _fitting(ziamath, edge.formula.latex, Symbol(edge.target, edge.source, "∂").latex, LABEL_SIZE, INK)


def _fitting(ziamath: ModuleType, latex: str, short: str, size: float, colour: str) -> Picture:
    """A formula, or the short one where it is too wide."""
    picture = _picture(ziamath, latex, size, colour)
    return picture if picture.width <= MAX_WIDTH * size / NODE_SIZE else _picture(ziamath, short, size, colour)


def _picture(ziamath: ModuleType, latex: str, size: float, colour: str) -> Picture:
    """A formula as outlines, each glyph defined once and used where it stands."""
    formula = ziamath.Latex(latex, size=size)
    width, height = formula.getsize()
    drawn = formula.drawon(ET.Element("svg"), 0, 0, valign="center")
    symbols = {s.get("id", ""): s for s in drawn.iter("symbol")}
    inside = {part for own in symbols.values() for part in own.iter()}
    group, glyphs = ET.Element("g", fill=colour), dict[str, ET.Element]()
    for part in drawn.iter():
        if part.tag == "use":
            own = symbols[part.get("href", "").removeprefix("#")]
            glyph = _glyph(own)
            name = glyph.get("id", "")
            glyphs[name] = glyph
            left, top, wide, _ = map(float, own.get("viewBox", "").split())
            scale = float(part.get("width", "0")) / wide if wide else 0.0
            x, y = float(part.get("x", "0")) - scale * left, float(part.get("y", "0")) - scale * top
            ET.SubElement(group, "use", href=f"#{name}", transform=f"translate({number(x)} {number(y)}) scale({number(scale)})")
        elif part.tag in ("rect", "path", "line") and part not in inside:
            shape = ET.SubElement(group, part.tag, part.attrib)
            shape.attrib.pop("fill", None)
    return Picture(group, glyphs, width, height)


def _glyph(own: ET.Element) -> ET.Element:
    """A glyph under a name that its outline gives, as the library's own names differ from run to run."""
    glyph = ET.Element("g")
    glyph.extend(own)
    glyph.set("id", f"g{blake2b(ET.tostring(glyph), digest_size=5).hexdigest()}")
    return glyph


# ---------------------------------------------------------------- drawing
def _page(graph: Graph, layout: Layout) -> ET.Element:
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    root = ET.Element("svg", xmlns=SVG, width=number(width), height=number(height),
                      viewBox=f"0 0 {number(width)} {number(height)}", role="img")
    ET.SubElement(root, "title").text = f"computation graph of {graph.output} by {', '.join(graph.wrt)}"
    ET.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    return root


def _ports(layout: Layout) -> dict[tuple[str, str, str], float]:
    """The height at which each edge leaves and enters its nodes, in the order of where it goes."""
    ends: dict[tuple[str, str], list[tuple[float, tuple[str, str]]]] = {}
    for (source, target), path in layout.paths.items():
        ends.setdefault(("out", source), []).append((layout.slots[path[1]].y, (source, target)))
        ends.setdefault(("in", target), []).append((layout.slots[path[-2]].y, (source, target)))
    ports = {}
    for (side, name), edges in ends.items():
        slot, edges = layout.slots[(name,)], sorted(edges)
        room = slot.height / 2 - (slot.height / 2 if len(edges) == 1 else ROUND)
        places = spread([y for y, _ in edges], [PORT_GAP] * len(edges), [1.0] * len(edges))
        shift = max(0.0, slot.y - room - places[0]) + min(0.0, slot.y + room - places[-1])
        fits = places[-1] - places[0] <= 2 * room
        for n, (_, (source, target)) in enumerate(edges):
            even = slot.y + PORT_GAP * (n - (len(edges) - 1) / 2)
            ports[side, source, target] = places[n] + shift if fits else even
    return ports


def _route(layout: Layout, ports: Mapping[tuple[str, str, str], float], key: tuple[str, str]) -> str:
    """The line of an edge: level within layers, each in its slot, and bent between them.

    It starts in the middle of the node, which is drawn over it, so that it meets the outline also where that is round.
    """
    first, *passed, last = (layout.slots[k] for k in layout.paths[key])
    x, y, end = first.x + layout.columns[first.layer] / 2, ports["out", *key], ports["in", *key]
    path = f"M {number(first.x)} {number(y)} H {number(x)}"
    stops = [(s.x - s.width / 2, s.y, s.x + s.width / 2) for s in passed]
    stops.append((last.x - layout.columns[last.layer] / 2, end, last.x - last.width / 2 - ARROW))
    for left, height, right in stops:
        middle = (x + left) / 2
        path += f" C {number(middle)} {number(y)} {number(middle)} {number(height)} {number(left)} {number(height)}"
        path += f" H {number(right)}"
        x, y = right, height
    return path


def _draw_edge(body: ET.Element, edge: Edge, layout: Layout, ports: Mapping[tuple[str, str, str], float],
               label: Picture | None) -> None:
    key = (edge.source, edge.target)
    group = ET.SubElement(body, "g", {"class": "edge", "data-source": edge.source, "data-target": edge.target})
    ET.SubElement(group, "title").text = (
        f"d{edge.target}/d{edge.source} = {edge}" if edge.active else f"{edge.source} in {edge.target}")
    last, end = layout.slots[(edge.target,)], ports["in", *key]
    tip = last.x - last.width / 2
    colour = STROKES["step" if edge.active else "fixed"]
    line = ET.SubElement(group, "path", d=_route(layout, ports, key), fill="none", stroke=colour, attrib={"stroke-width": "1.5"})
    if not edge.active:
        line.set("stroke-dasharray", "4 3")
    points = [(tip, end), (tip - ARROW - 1, end - ARROW / 2), (tip - ARROW - 1, end + ARROW / 2)]
    ET.SubElement(group, "polygon", points=" ".join(f"{number(a)},{number(b)}" for a, b in points), fill=colour)
    if label is not None:
        slot = layout.slots[layout.labels[key]]
        _rectangle(group, slot.x, slot.y, label.width + 8, label.height + 4, fill="#ffffff", rx="4")
        _place(group, label, slot.x, slot.y)


def _draw_node(body: ET.Element, node: Node, slot: Slot, box: Box) -> None:
    role = role_of(node)
    group = ET.SubElement(body, "g", {"class": f"node {role}", "data-name": node.name})
    ET.SubElement(group, "title").text = str(node)
    radius = min(slot.width, slot.height) / 2 if node.kind == "input" else ROUND
    shape = _rectangle(group, slot.x, slot.y, slot.width, slot.height, fill=FILLS[role], stroke=STROKES[role], rx=number(radius))
    shape.set("stroke-width", "1.5")
    if role == "fixed":
        shape.set("stroke-dasharray", "4 3")
    y = slot.y - box.height / 2
    for line in box.lines:
        _place(group, line, slot.x, y + line.height / 2)
        y += line.height + LINE_GAP


def _rectangle(parent: ET.Element, x: float, y: float, width: float, height: float, **style: str) -> ET.Element:
    """A rectangle by its middle."""
    return ET.SubElement(parent, "rect", x=number(x - width / 2), y=number(y - height / 2), width=number(width),
                         height=number(height), attrib=style)


def _place(parent: ET.Element, picture: Picture, x: float, y: float) -> None:
    """A formula by its middle."""
    place = ET.SubElement(parent, "g", transform=f"translate({number(x - picture.width / 2)} {number(y)})")
    place.append(picture.element)


def number(value: float) -> str:
    """A coordinate, to a hundredth; a scale to five digits."""
    text = f"{value:.5f}" if abs(value) < 10 and value != round(value, 2) else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
