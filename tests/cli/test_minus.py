"""An expression that begins with a minus is an expression, wherever a formula stands, with options before or after it."""

from __future__ import annotations

import io
import json
import sys

import pytest

from matcalc.cli.main import main

ORDERS = [lambda f, o: [f, *o], lambda f, o: [*o, f], lambda f, o: [o[0], o[1], f, *o[2:]], lambda f, o: [*o, "--", f]]
COMMANDS = {
    "derive": (["--wrt", "x", "--quiet"], "-2 x^T\n"),
    "check": (["--wrt", "x", "--seed", "1"], "passed"),
    "demo": (["--wrt", "x", "--seed", "1"], "-x^T x by x\n"),
    "curvature": (["--wrt", "x", "--quiet"], "negative definite"),
    "stationary": (["--wrt", "x", "--quiet"], "zeros(n)\n"),
    "graph": (["--wrt", "x", "--mode", "reverse"], "reverse accumulation"),
    "taylor": (["--wrt", "x", "--quiet", "--degree", "1"], "-x0^T"),
    "simplify": (["--to", "text", "--quiet"], "-x^T x\n"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("order", range(len(ORDERS)))
@pytest.mark.parametrize("formula", ["-x^T x", "- x^T x", "-(x^T x)", "--(-x^T x)"])
def test_expressions_that_begin_with_a_minus(command: str, order: int, formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    options, printed = COMMANDS[command]
    assert main([command, *ORDERS[order](formula, options)]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out.startswith(printed)


@pytest.mark.parametrize("formula", ["-a + b", "-1", "-\\theta^T \\theta", "-t^2", "-h x", "-(\n x)", "-x\n", "-\u03b8^2"])
def test_minus_before_anything(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = {"-a + b": "a", "-1": "x", "-\\theta^T \\theta": "theta", "-t^2": "t", "-h x": "h", "-\u03b8^2": "theta"}.get(formula, "x")
    assert main(["derive", formula, "--wrt", name, "--declare", f"{name}: R", "--quiet"]) == 0, capsys.readouterr().err


def test_minus_in_the_value_of_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["taylor", "exp(x)", "--wrt", "x", "--at", "-1", "--declare", "x: R", "--quiet"]) == 0
    assert capsys.readouterr().out == "exp(-1) + exp(-1) (x + 1)\n"


def test_minus_in_a_batch_and_on_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("-x^T x by x\n-A x by x\n"))
    assert main(["batch", "-", "--quiet"]) == 0
    assert capsys.readouterr().out == "-2 x^T\n-A\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO("-x^T x\n"))
    assert main(["derive", "-", "--wrt", "x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "-2 x^T"
