"""Mermaid and DOT: every node and edge, valid syntax, nothing in a label that means something to the program."""

from __future__ import annotations

import html
import re

import pytest

from matcalc import graph
from matcalc.autodiff.graph import Graph
from matcalc.autodiff.text import _entities, _quoted
from tests.autodiff.test_graph import LECTURE, NETWORK

FORMULAS = [
    (LECTURE, "x"),
    (NETWORK, ["A", "x"]),
    ("end + subgraph where end = x^2, subgraph = exp(end), x in R", "x"),
    ("1[A x > 0] .* x + [a; b]", "x"),
    ("θ^T \\Sigma^{-1} θ where θ in R^n", "θ"),
    ("graph_1 |node| where node in R, graph_1 = -node", "node"),
]
HOSTILE = ['"]; x', "a\\", '\\" -> n0 [label="', "<script>alert(1)</script>", "`code`", "- item", "1. item", "# &amp; #quot;", "∂θ", "a\nb"]


@pytest.mark.parametrize(("text", "wrt"), FORMULAS)
def test_mermaid(text: str, wrt: str) -> None:
    g = graph(text, wrt)
    head, *lines = g.mermaid().splitlines()
    assert head == "flowchart LR"
    label = r'"([A-Za-z0-9 =+/(),\'.^-]|#[0-9]+;)+"'
    kinds = [
        rf"    n\d+(\(\[{label}\]\)|\({label}\))", rf"    n\d+ -->\|{label}\| n\d+", r"    n\d+ -\.-> n\d+",
        r"    classDef [a-z]+ [a-z-]+:[^ ]+( \d)?", r"    class n\d+(,n\d+)* [a-z]+",
    ]
    assert all(any(re.fullmatch(kind, line) for kind in kinds) for line in lines), lines
    assert_all_is_there(g, [re.sub(r"#(\d+);", lambda m: chr(int(m[1])), found) for found in re.findall(r'"(.*?)"', g.mermaid())])


@pytest.mark.parametrize(("text", "wrt"), FORMULAS)
def test_dot(text: str, wrt: str) -> None:
    g = graph(text, wrt)
    first, *lines, last = g.dot().splitlines()
    string, value = r'"(?:[^"\\]|\\.)*"', r'(?:"(?:[^"\\]|\\.)*"|\w+)'
    attributes = rf"\[\w+={value}(, \w+={value})*\]"
    assert (first, last) == ("digraph matcalc {", "}")
    assert all(re.fullmatch(rf"    (\w+=\w+|(node|edge|n\d+|n\d+ -> n\d+) {attributes});", line) for line in lines), lines
    assert_all_is_there(g, [re.sub(r"\\(.)", r"\1", s[1:-1]) for s in re.findall(rf"label=({string})", g.dot())])


def assert_all_is_there(g: Graph, labels: list[str]) -> None:
    """Each node and each local derivative is a label, in order."""
    assert labels == [*map(str, g.nodes), *(str(e) for e in g.edges if e.active)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels(text: str) -> None:
    shown = _entities(text)
    assert re.fullmatch(r"([A-Za-z0-9 =+/(),'.^-]|#[0-9]+;)*", shown) and not shown.startswith("-")
    assert html.unescape(re.sub(r"#(\d+);", r"&#\1;", shown)) == text
    assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', _quoted(text))
