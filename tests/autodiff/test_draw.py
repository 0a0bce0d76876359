"""The picture: valid SVG, nothing on top of anything else, the same bytes for the same graph."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from matcalc import DeclarationError, LimitError, MatcalcError, graph
from matcalc.autodiff import draw
from tests.autodiff.test_graph import DEEP, LECTURE, NETWORK

pytestmark = pytest.mark.slow

WIDE = ("a + b + c + d + p + q where a = sin(x), b = exp(x), c = x^2, d = log(x), p = a b, q = s + c d, s = sqrt(r), "
        "r = 1 + x y, x in R positive, y in R positive")
PICTURES = [
    (LECTURE, "x", None), (NETWORK, ["A", "b"], None), (DEEP, ["A0", "b0", "A1", "b1", "A2", "b2"], None),
    (WIDE, ["x", "y"], None), (LECTURE, "x", "reverse"), (NETWORK, ["A", "x"], "forward"),
    ("x a b c d where a = x^2, b = a x, c = a b x, d = exp(c), x in R", "x", None), ("x", "x", None),
    ("softmax(W relu(V x)) ./ x", "x", None), ("sum_{n=1}^N (y_n - theta^T x_n)^2 + lambda ||theta||^2", "theta", "reverse"),
]
NS = {"s": draw.SVG}
Box = tuple[float, float, float, float]


def box(rectangle: ET.Element) -> Box:
    """Left, top, right, bottom."""
    x, y, width, height = (float(rectangle.attrib[k]) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize(("text", "wrt", "mode"), PICTURES)
def test_everything_is_there_and_nothing_meets(text: str, wrt: str | list[str], mode: str | None) -> None:
    g = graph(text, wrt)
    root = ET.fromstring(g.svg(mode))
    nodes = root.findall(".//s:g[@data-name]", NS)
    edges = root.findall(".//s:g[@data-source]", NS)
    assert [n.attrib["data-name"] for n in nodes] == [n.name for n in g.nodes]
    assert [(e.attrib["data-source"], e.attrib["data-target"]) for e in edges] == [(e.source, e.target) for e in g.edges]
    assert [n.findtext("s:title", namespaces=NS) for n in nodes] == [str(n) for n in g.nodes]
    rectangles = [r for group in (*nodes, *edges) if (r := group.find("s:rect", NS)) is not None]
    assert len(rectangles) == len(g.nodes) + sum(e.active for e in g.edges)
    boxes = [box(r) for r in rectangles]
    assert not any(meet(a, b) for a, b in combinations(boxes, 2))
    width, height = (float(root.attrib[k]) - 2 * draw.MARGIN for k in ("width", "height"))
    assert all(-0.1 <= a and -0.1 <= t and r <= width + 0.1 and b <= height + 0.1 for a, t, r, b in boxes)


@pytest.mark.parametrize(("text", "wrt", "mode"), PICTURES)
def test_no_edge_runs_through_a_node_or_another_label(text: str, wrt: str | list[str], mode: str | None) -> None:
    root = ET.fromstring(graph(text, wrt).svg(mode))
    nodes = {g.attrib["data-name"]: box(g.find("s:rect", NS)) for g in root.findall(".//s:g[@data-name]", NS)}  # type: ignore[arg-type]
    edges = root.findall(".//s:g[@data-source]", NS)
    labels = [(e, box(r)) for e in edges if (r := e.find("s:rect", NS)) is not None]
    for edge in edges:
        path = edge.find("s:path", NS)
        assert path is not None
        others = [b for n, b in nodes.items() if n not in (edge.attrib["data-source"], edge.attrib["data-target"])]
        others += [b for e, b in labels if e is not edge]
        assert not any(meet((x, y, x, y), b) for x, y in points(path.attrib["d"]) for b in others)


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of M, H and C with absolute coordinates."""
    words = path.split()
    x, y = float(words[1]), float(words[2])
    found, at = [(x, y)], 3
    while at < len(words):
        if words[at] == "H":
            found += [(x + (float(words[at + 1]) - x) * t / 8, y) for t in range(1, 9)]
            x, at = float(words[at + 1]), at + 2
            continue
        (a, b), (c, d), (e, f) = ((float(words[at + n]), float(words[at + n + 1])) for n in (1, 3, 5))
        for k in range(1, 9):
            t, u = k / 8, 1 - k / 8
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            found.append((sum(w * v for w, v in zip(weights, (x, a, c, e), strict=True)),
                          sum(w * v for w, v in zip(weights, (y, b, d, f), strict=True))))
        x, y, at = e, f, at + 7
    return found


def test_outlines_are_used_and_defined_once() -> None:
    root = ET.fromstring(graph(NETWORK, ["A", "b"]).svg())
    defined = [g.attrib["id"] for g in root.findall("s:defs/s:g", NS)]
    used = {u.attrib["href"].removeprefix("#") for u in root.iter(f"{{{draw.SVG}}}use")}
    assert len(defined) == len(set(defined)) and set(defined) == used
    assert not list(root.iter(f"{{{draw.SVG}}}text")) and "script" not in graph(NETWORK, "A").svg()


def test_same_bytes_under_every_hash_seed() -> None:
    script = f"from matcalc import graph; print(graph({NETWORK!r}, ['A', 'b']).svg('reverse'))"
    runs = {subprocess.run([sys.executable, "-c", script], capture_output=True, check=True,
                           env={**os.environ, "PYTHONHASHSEED": seed}).stdout for seed in ("0", "1", "2")}
    assert len(runs) == 1


def test_wide_formulas_are_shown_by_their_left_hand_side() -> None:
    g = graph("f where f = " + " + ".join(f"sin({n} x)" for n in range(1, 20)) + ", x in R", "x")
    root = ET.fromstring(g.svg())
    rectangles = [r for r in root.iter(f"{{{draw.SVG}}}rect") if "x" in r.attrib]
    assert all(float(r.attrib["width"]) < draw.MAX_WIDTH + 60 for r in rectangles)
    assert str(g.edges[0]) in "".join(root.itertext())


@pytest.mark.parametrize("library", ["igraph", "ziamath"])
def test_a_missing_library_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], ModuleType] = draw.import_module

    def without(name: str) -> ModuleType:
        if name == library:
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(draw, "import_module", without)
    with pytest.raises(MatcalcError, match=r"pip install 'matcalc-engine\[graph\]'"):
        graph("x^2", "x").svg()


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeclarationError, match="mode"):
        graph("x^2", "x").svg("sideways")
    monkeypatch.setattr(draw, "MAX_NODES", 2)
    with pytest.raises(LimitError):
        graph("exp(sin(x))", "x").svg()
