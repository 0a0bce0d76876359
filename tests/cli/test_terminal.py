"""Colours and progress where there is a terminal, plain text in pipes, exit codes as a shell sees them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matcalc.cli.main import main
from tests.cli.console import console, environment
from tests.cli.terminal import Terminal, plain

pytestmark = pytest.mark.slow

ERROR = ["derive", "trce(A B)", "--wrt", "A"]


def screen(folder: Path, *argv: str, **more: str) -> tuple[int, str]:
    """The exit code of a command on a terminal, and what the screen got."""
    with Terminal(folder, *argv, **more) as terminal:
        return terminal.rest(), terminal.screen


def test_colours_on_a_terminal(tmp_path: Path) -> None:
    code, shown = screen(tmp_path, *ERROR)
    assert code == 2
    assert "\x1b[1;31mUnknownFunctionError\x1b[0m: " in shown and "\x1b[31m^^^^\x1b[0m" in shown and "\x1b[33mhint:\x1b[0m" in shown
    code, shown = screen(tmp_path, "derive", "x^T A x", "--wrt", "x", "--check")
    assert code == 0 and shown.startswith("x^T (A + A^T)\n\x1b[2mshapes: ") and "\x1b[32mpassed\x1b[0m: " in shown
    code, shown = screen(tmp_path, "derive", "x^T A x", "--wrt", "x", "--to", "numpy")
    assert code == 0 and "\x1b[36mdef\x1b[0m derivative(x, A):" in shown
    plainly = console(tmp_path, 'matcalc derive "x^T A x" --wrt x --to numpy').stdout
    assert plain(shown) == plainly
    code, shown = screen(tmp_path, "derive", "x^T x", "--wrt", "x", "--to", "steps")
    assert code == 0 and "\x1b[1m1. Write in components\x1b[0m" in shown


@pytest.mark.parametrize(("more", "argv"), [({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--color", "never"]),
                                            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, []), ({"FORCE_COLOR": "1"}, ["--color=never"])])
def test_no_colours_where_they_are_not_wanted(more: dict[str, str], argv: list[str], tmp_path: Path) -> None:
    code, shown = screen(tmp_path, *ERROR, *argv, **more)
    assert code == 2 and "\x1b" not in shown and "UnknownFunctionError: " in shown


def test_pipes_get_plain_text_unless_colours_are_asked_for(tmp_path: Path) -> None:
    for command in ("derive 'x^T A x' --wrt x --check", "functions", "rules logdet", "derive 'x^T x' --wrt x --to steps", "--help"):
        done = console(tmp_path, f"matcalc {command}")
        assert done.returncode == 0 and "\x1b" not in done.stdout + done.stderr
        coloured = console(tmp_path, f"matcalc {command}", FORCE_COLOR="1")
        assert "\x1b" in coloured.stdout + coloured.stderr and plain(coloured.stdout) == done.stdout
    assert "\x1b" in console(tmp_path, "matcalc derive 'x +' --wrt x --color always", NO_COLOR="1").stderr


def test_a_terminal_is_not_wider_than_it_is(tmp_path: Path) -> None:
    for name in ("functions", "rules"):
        code, shown = screen(tmp_path, name)
        assert code == 0 and max(map(len, plain(shown).splitlines())) <= 100
        assert "".join(plain(shown).split()) == "".join(console(tmp_path, f"matcalc {name}").stdout.split())
    assert max(map(len, console(tmp_path, "matcalc rules").stdout.splitlines())) > 100


# ---------------------------------------------------------------- batch
LINES = "x^T A x by x\n\n# remark\nx +\nlogdet(X) by X\n  A x by A\nq by q, q\n"


def test_batch_prints_one_line_for_each_formula(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text(LINES, encoding="utf-8")
    done = console(tmp_path, "matcalc batch all.txt --wrt x")
    assert done.returncode == 2 and "\r" not in done.stderr
    lines = done.stdout.split("\n")
    assert lines[:3] == ["x^T (A + A^T)", "", "X^-T"] and lines[3] == "x_k delta_ij" and lines[4:] == ["", ""]
    assert "all.txt:4: ParseError: the expression ends too soon\n  x +\n     ^\nhint: " in done.stderr
    assert "all.txt:7: " in done.stderr and done.stderr.endswith("3 of 5 derived, 2 not\n")


@pytest.mark.parametrize(("given", "argv", "printed"), [
    ("x^T A x\nA x\n", "--wrt x", "x^T (A + A^T)\nA\n"),
    ("x^T A x\n", "--wrt x --order 2 --to latex", "A + A^{\\top}\n"),
    ("s t by s, t\r\n", "", "[t, s]\n"),
    ("S x where S in R^{n x n} symmetric by x", "--quiet", "S\n"),
    ("x^T S x", "--wrt x --declare 'S: R^{n x n} symmetric'", "2 x^T S\n"),
    ("A x by x", "--to index", "A_ij\n"),
])
def test_batch_from_standard_input(given: str, argv: str, printed: str, tmp_path: Path) -> None:
    done = console(tmp_path, f"matcalc batch - {argv}", given)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
    assert "--quiet" not in argv or not done.stderr


def test_batch_from_toml(tmp_path: Path) -> None:
    (tmp_path / "all.toml").write_text("""
wrt = "x"
declare = { A = "R^{n x n} symmetric" }
[[formula]]
expr = "x^T A x"
[[formula]]
expr = "x^T A x + b^T x"
order = 2
[[formula]]
expr = "s t"
wrt = ["s", "t"]
[[formula]]
expr = "x^T x"
layout = "denominator"
[[formula]]
expr = "||x||^"
""", encoding="utf-8")
    done = console(tmp_path, "matcalc batch all.toml --check")
    assert (done.returncode, done.stdout) == (2, "2 x^T A\n2 A\n[t, s]\n2 x\n\n")
    assert done.stderr.count("passed: ") == 4 and "all.toml:5: ParseError: " in done.stderr


@pytest.mark.parametrize(("text", "part"), [
    ("formula = 3", "`formula` is a list of tables"), ("[[formula]]\nexp = 'x'", "has no `expr`"), ("[[formula]", "no TOML"),
    ("[[formula]]\nexpr = 'x'\nby = 'x'", "`by` is no key"), ("order = true\n[[formula]]\nexpr = 'x'", "`order`"),
    ("order = 'two'\n[[formula]]\nexpr = 'x'", "`order`"), ("", "holds no formula"), ("[[formula]]\nexpr = 3", "has no `expr`"),
])
def test_batch_files_that_are_wrong(text: str, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "all.toml"
    file.write_text(text, encoding="utf-8")
    assert main(["batch", str(file)]) == 2
    out, err = capsys.readouterr()
    assert not out and part in err


@pytest.mark.parametrize("name", ["nowhere.txt", ".", "\x00", "-nowhere"])
def test_batch_files_that_cannot_be_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", name]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith("DeclarationError: ") and "Traceback" not in err


def test_batch_shows_progress_on_a_terminal_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("x^T x by x\n" * 4, encoding="utf-8")
    with Terminal(tmp_path, "batch", "all.txt", piped="out") as terminal:
        assert terminal.rest() == 0 and terminal.process.stdout is not None
        assert terminal.process.stdout.read() == b"2 x^T\n" * 4
        assert "[############............] 3/4 x^T x by x"[:-5] in plain(terminal.screen)
        assert plain(re.sub(r"\r\x1b\[K[^\r\n]*(?=\r)", "", terminal.screen)).strip() == "4 of 4 derived"


# ---------------------------------------------------------------- signals and pipes
def test_a_reader_that_stops_early_causes_no_noise(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("x^T x by x\n" * 50, encoding="utf-8")
    for command in ("rules", "batch all.txt --quiet", "schema", "functions --json"):
        done = console(tmp_path, f"set -o pipefail; matcalc {command} | head -n 1 >/dev/null")
        assert (done.returncode, done.stderr) == (0, ""), command


def test_ctrl_c_ends_a_command_with_130(tmp_path: Path) -> None:
    """What runs in the background begins with Ctrl-C ignored, tests too: the command is made to hear it."""
    hears = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    argv = [sys.executable, "-c", hears, "-m", "matcalc", "batch", "-"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
                          env=environment(tmp_path)) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(b"x^T x by x\n")
        process.stdin.flush()
        time.sleep(2.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stdout.read() == b"" and process.stderr.read() == b""
