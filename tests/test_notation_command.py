"""Index notation and `simplify` on the command line: results, remarks, exit codes."""

import json

import pytest

from matcalc.cli.main import main

DERIVE = ["derive", "sum_j A_ij v_j", "--wrt", "v_k", "--notation", "index"]


@pytest.mark.parametrize(("argv", "printed"), [
    (DERIVE, "A_ik"),
    ([*DERIVE, "--to", "matrix"], "A"),
    ([*DERIVE, "--to", "latex"], "A_{ik}"),
    (["derive", "A_ij v_j", "--wrt", "v_k", "--notation", "index", "--einstein"], "A_ik"),
    (["derive", "sum_{j,k} x_j A_jk x_k", "--wrt", "x_i", "--order", "2", "--notation", "index"], "A_ij + A_ji"),
    (["simplify", "sum_i delta_ik A_ij", "--notation", "index"], "A_kj"),
    (["simplify", "sum_j A_ij v_j", "--notation", "index", "--to", "matrix"], "A v"),
    (["simplify", "A x + A^T x"], "(A + A^T) x"),
    (["simplify", "x^T A x", "--to", "index"], "sum_{i, j} x_i A_ij x_j"),
])
def test_result_alone_on_standard_output(argv: list[str], printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out == f"{printed}\n" and err.startswith("shapes: ")


def test_check_and_axes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DERIVE, "--check"]) == 0
    assert "axes i, k" in (err := capsys.readouterr().err) and "passed" in err
    assert main(["check", "sum_j A_ij v_j", "--wrt", "v_k", "--notation", "index"]) == 0
    assert capsys.readouterr().out.startswith("passed")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DERIVE, "--to", "json", "--name", "jacobian"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] == "A_ik" and found["indices"] == ["i", "k"] and found["wrt"] == ["v_k"]
    assert "def jacobian(A, v)" in found["numpy"]


@pytest.mark.parametrize("argv", [
    ["derive", "sum_j A_ij v_j + b_j", "--wrt", "v_k", "--notation", "index"],
    ["derive", "A x", "--wrt", "x", "--einstein"],
    [*DERIVE, "--to", "vec"], [*DERIVE, "--layout", "denominator"], [*DERIVE, "--to", "latex", "--equation"],
    [*DERIVE[:3], "w_k", *DERIVE[4:]],
    ["derive", "sum_m W_lm x_m", "--wrt", "W_jk", "--notation", "index", "--to", "matrix"],
    ["simplify"], ["simplify", "x_i +", "--notation", "index"], ["simplify", "x_i", "--to", "steps"],
    ["simplify", "x_i", "--einstein"],
])
def test_bad_input(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert not out and err and "Traceback" not in err
