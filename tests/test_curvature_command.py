"""`matcalc curvature`: the verdict on standard output, the rules beside it, errors with exit code 2."""

from __future__ import annotations

import json

import pytest

from matcalc.cli.main import main


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
