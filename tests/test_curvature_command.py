"""`matcalc curvature`: the verdict on standard output, the rules beside it, errors with exit code 2."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from matcalc.cli.main import main
from tests.docs import DOCS

PAGES = ("curvature.md", "stationary.md")
CONSOLE = "".join(block for page in PAGES for block in re.findall(
    r"```console\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL))
EXAMPLES = re.findall(r"^\$ matcalc (.*)\n((?:[^$].*\n)*)", CONSOLE, re.MULTILINE)


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_examples_of_the_page(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == printed


def test_rules_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["curvature", "||A x - b||^2", "--wrt", "x"]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("\n") == 1
    assert "Hessian: 2 A^T A" in shown.err and "congruence" in shown.err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["curvature", "x^2/y", "--wrt", "x, y", "--declare", "y: R positive", "--to", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "positive semidefinite" and found["function"] == "convex" and found["rules"] == ["minors", "sign"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["A x", "--wrt", "x"], "scalar function"), (["x^T x", "--wrt", "y"], "does not occur"), (["x^T (", "--wrt", "x"], "ParseError"),
])
def test_bad_input(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["curvature", *arguments]) == 2
    shown = capsys.readouterr()
    assert words in shown.err and not shown.out
