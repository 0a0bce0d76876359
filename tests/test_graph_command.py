"""matcalc graph: formats, options, files, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from matcalc import graph
from matcalc.autodiff import draw
from matcalc.cli.main import main
from tests.autodiff.test_graph import LECTURE, NETWORK
from tests.test_cli import Capture, run

pytestmark = pytest.mark.slow


def test_formats(capsys: Capture) -> None:
    g = graph(LECTURE, "x")
    expected = {"table": str(g.table()), "latex": g.table().latex(), "mermaid": g.mermaid(), "dot": g.dot(), "svg": g.svg()}
    for to, text in expected.items():
        assert run(capsys, "graph", LECTURE, "--wrt", "x", "--to", to) == (0, f"{text}\n", "")
    assert run(capsys, "graph", "--wrt", "x", "--", LECTURE)[1] == f"{g.table()}\n"
    assert run(capsys, "graph", LECTURE, "--wrt", "x", "--mode", "forward")[1] == f"{g.table('forward')}\n"
    assert run(capsys, "graph", LECTURE, "--wrt", "x", "--to", "svg", "--mode", "reverse")[1] == f"{g.svg('reverse')}\n"


def test_json(capsys: Capture) -> None:
    code, out, _ = run(capsys, "graph", NETWORK, "--wrt", "A, b", "--to", "json", "--mode", "forward")
    found = json.loads(out)
    assert code == 0 and out.isascii()
    assert list(found) == ["wrt", "output", "nodes", "edges", "mode", "rows"]
    assert found["wrt"] == ["A", "b"] and found["output"] == "L" and found["mode"] == "forward"
    assert found["nodes"][0] == {"name": "y", "kind": "input", "definition": None, "space": "R^m", "active": False}
    assert {"source": "f", "target": "e", "active": True, "derivative": "-I_m", "latex": "-I_{m}"} in found["edges"]
    assert [row["node"] for row in found["rows"]] == ["A", "b", "z", "f", "e", "L"]


def test_several_variables_elementary_operations_and_declarations(capsys: Capture) -> None:
    code, out, err = run(capsys, "graph", "u + u^2 where u = A x + b", "--wrt", "A", "x", "--elementary", "--check",
                         "--declare", "A: R^{1 x n}, u: R^1", "--to", "dot")
    assert code == 2 and "ShapeError" in err and not out
    code, out, err = run(capsys, "graph", "u .* u where u = A x + b", "--wrt", "A", "x", "--elementary", "--check",
                         "--declare", "A: R^{2 x n}", "--to", "dot")
    assert code == 0 and "v1 = A x" in out and err.startswith("passed")


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x^2\n"))
    assert run(capsys, "graph", "-", "--wrt", "x", "--declare", "x: R", "--to", "dot")[0] == 0


def test_files(capsys: Capture, tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    assert run(capsys, "graph", LECTURE, "--wrt", "x", "--to", "svg", "--out", str(target)) == (0, "", "")
    ET.parse(target)
    for bad in (tmp_path, tmp_path / "none" / "x.svg", "a\0b"):
        code, out, err = run(capsys, "graph", LECTURE, "--wrt", "x", "--to", "dot", "--out", str(bad))
        assert code == 2 and not out and err.startswith("DeclarationError") and "Traceback" not in err


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["x^2", "--wrt", "q"], "does not occur"),
        (["a where a = b, b = a", "--wrt", "a"], "defined by itself"),
        (["sin(c) where c = x^2", "--wrt", "c"], "is a definition"),
        (["x^2", "--wrt", "x", "--mode", "sideways"], "invalid choice"),
        (["x^2", "--wrt", "x", "--to", "png"], "invalid choice"),
        (["x^2", "--wrt", "x", "--to", "dot", "--mode", "forward"], "--mode"),
        (["x^2", "--wrt", "x", "x"], "twice"),
        (["x^2"], "--wrt"),
        (["--wrt", "x"], "formula"),
        (["x +", "--wrt", "x"], "too soon"),
        (["x^2", "--wrt", "x", "--declare", "x"], "has no"),
    ],
)
def test_bad_input(capsys: Capture, argv: list[str], part: str) -> None:
    code, out, err = run(capsys, "graph", *argv)
    assert code == 2 and not out and part in err and "Traceback" not in err


def test_a_missing_extra_is_bad_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(draw, "import_module", missing)
    code, out, err = run(capsys, "graph", LECTURE, "--wrt", "x", "--to", "svg")
    assert code == 2 and not out and "pip install 'matcalc-engine[graph]'" in err


def test_output_without_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that has no ∂ gets a d."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["graph", LECTURE, "--wrt", "x"]) == 0
    assert b"db/da = exp(a)" in raw.getvalue()
