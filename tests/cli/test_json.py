"""What `--json` prints is as the schema says, for every command."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from matcalc.cli.main import main, whole_parser
from matcalc.cli.schema import commands_with_json, schema

CASES = {
    "derive": [["x^T A x", "--wrt", "x"], ["tanh(A x + b)", "--wrt", "A", "--check"], ["s t^2", "--wrt", "s", "t", "--order", "2"],
               ["tr(A X)", "--wrt", "X", "--declare", "X: R^{n x n} symmetric", "--structured", "entries"],
               ["sum_j A_ij v_j", "--wrt", "v_k", "--notation", "index", "--check"], ["3", "--wrt", "x", "--declare", "x: R^{2 x 3}"]],
    "check": [["logdet(X)", "--wrt", "X"], ["A_ij x_j", "--wrt", "x_k", "--notation", "index"], ["2", "--wrt", "x", "--declare", "x: R"]],
    "simplify": [["A^T^T"], ["sum_i delta_ik A_ij", "--notation", "index", "--check"]],
    "curvature": [["logsumexp(A x)", "--wrt", "x"], ["x^T A x", "--wrt", "x"], ["a^T x", "--wrt", "x"]],
    "stationary": [["||X b - y||^2", "--wrt", "b", "--check"], ["s^2 - 2 s + t^2", "--wrt", "s", "t"]],
    "graph": [["d + cos(c) where d = sqrt(c), c = x^2", "--wrt", "x", "--check"], ["tanh(A x + b)", "--wrt", "A", "b", "--mode", "forward"]],
    "taylor": [["log(sum(exp(x)))", "--wrt", "x", "--degree", "2", "--check"], ["s t", "--wrt", "s", "t", "--at", "1, 2"]],
    "functions": [[], ["soft"]],
    "rules": [[], ["logdet"]],
}


def validator(command: str) -> jsonschema.Draft202012Validator:
    """What holds an output against the schema of a command."""
    return jsonschema.Draft202012Validator({**schema(), "anyOf": [{"$ref": f"#/$defs/{command}"}]})


def test_the_schema_is_one_and_covers_all_commands() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    commands = next(a for a in whole_parser()._actions if a.dest == "command").choices
    assert commands is not None
    with_json = [name for name, parser in commands.items() if "--json" in parser.format_usage()]  # type: ignore[union-attr]
    assert sorted(commands_with_json()) == sorted(with_json) == sorted([*CASES, "batch", "generate"])


@pytest.mark.parametrize(("command", "argv"), [(command, argv) for command, cases in CASES.items() for argv in cases])
def test_outputs_are_valid(command: str, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, *argv, "--json"]) == 0
    out, err = capsys.readouterr()
    validator(command).validate(json.loads(out))
    assert "check" in json.loads(out) if "--check" in argv else "check" not in json.loads(out)
    assert not err or err.startswith("declared, but not")


def test_errors_leave_standard_output_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "x^T ^^ x", "--wrt", "x", "--json"]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith("ParseError: ")


def test_generate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text('[[module]]\nname = "m"\n[[module.function]]\nname = "f"\nexpr = "x^T A x"\nwrt = "x"\n', encoding="utf-8")
    assert main(["generate", str(spec), "--out", str(tmp_path / "out"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    validator("generate").validate(data)
    assert all(Path(name).is_file() for name in data["written"])


def test_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "formulas.txt"
    file.write_text("x^T A x by x\n# remark\ntrce(A) by A\nx +\n", encoding="utf-8")
    assert main(["batch", str(file), "--json", "--check"]) == 2
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row in rows:
        validator("batch").validate(row)
    assert [(row["line"], row["ok"]) for row in rows] == [(1, True), (3, False), (4, False)]
    error = rows[1]["error"]
    assert (error["type"], rows[1]["formula"][error["start"] : error["end"]]) == ("UnknownFunctionError", "trce")
    assert rows[0]["result"]["check"]["passed"] is True


@pytest.mark.parametrize("change", [{"text": 1}, {"form": "story"}, {"extra": 0}])
def test_the_schema_refuses_what_is_wrong(change: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    main(["derive", "x", "--wrt", "x", "--json"])
    data = {**json.loads(capsys.readouterr().out), **change}
    assert not validator("derive").is_valid(data)


def test_schema_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
    assert main(["schema", "taylor"]) == 0
    one = json.loads(capsys.readouterr().out)
    main(["taylor", "exp(x)", "--wrt", "x", "--json"])
    assert jsonschema.Draft202012Validator(one).is_valid(json.loads(capsys.readouterr().out))
    assert not jsonschema.Draft202012Validator(one).is_valid({})
