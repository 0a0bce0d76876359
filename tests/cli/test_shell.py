"""The shell on a pseudo-terminal: prompt, history, completion, keys; and its answers from a pipe."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.console import console
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.slow

PROMPT = r"matcalc> $"


def test_a_conversation_on_a_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path, "shell") as shell:
        shell.until(PROMPT)
        for line, answer in [
            ("x^T A x", "by which? :wrt x"), (":wrt x", "\nx^T (A + A^T)\n"), (":latex", "x^{\\top} (A + A^{\\top})"),
            (":declare A = R^{n x n} symmetric", "\n2 x^T A\n"), (":order 2", "\n2 A\n"), (":check", "passed: "), (":steps", "1. "),
        ]:
            shell.type(f"{line}\n")
            assert answer in shell.until(PROMPT)
        shell.type("x^T ^^ A\n")
        assert "ParseError: " in (shown := shell.until(PROMPT)) and "\n       ^" in shown and "hint: " in shown
        shell.type(":numpy\n")
        assert "def derivative(x, A):" not in shell.until("hint: a formula first")
        assert shell.leave() == 0


def test_ctrl_c_does_not_leave_and_ctrl_d_does(tmp_path: Path) -> None:
    with Terminal(tmp_path, "shell", "--wrt", "x") as shell:
        shell.until(PROMPT)
        shell.type("half a line")
        shell.until("half a line")
        assert "interrupted" in shell.press("\x03", r"Ctrl-D leaves\n(.*\n)*matcalc> $")
        assert "\n2 x^T\n" in shell.ask("x^T x", r"2 x\^T\n(.*\n)*matcalc> $")
        for _ in range(5):
            shell.type("\x03\x03\x03")
        assert "\n4 x^T\n" in shell.ask("2 x^T x", r"4 x\^T\n(.*\n)*matcalc> $")
        shell.press("det(A + B)^-1 logdet(A B C D) by A\n\x03", r"(interrupted|array of shape)(.*\n)*matcalc> $")
        assert "3 t^2" in shell.ask("t^3 by t", r"\n3 t\^2\n(.*\n)*matcalc> $")
        assert shell.leave() == 0


def test_history_is_kept_for_the_user_alone(tmp_path: Path) -> None:
    with Terminal(tmp_path, "shell", XDG_STATE_HOME=str(tmp_path / "state")) as shell:
        shell.until(PROMPT)
        shell.type("x^T x by x\n")
        shell.until(r"2 x\^T\n(.*\n)*matcalc> $")
        shell.type(":quit\n")
        assert shell.rest() == 0
    file = tmp_path / "state" / "matcalc" / "history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.read_text(encoding="utf-8").splitlines() == ["x^T x by x", ":quit"]
    with Terminal(tmp_path, "shell", XDG_STATE_HOME=str(tmp_path / "state")) as shell:
        shell.until(PROMPT)
        shell.type("\x1b[A\x1b[A\n")
        assert "\n2 x^T\n" in shell.until(r"2 x\^T\n(.*\n)*matcalc> $")
        assert shell.leave() == 0


def test_a_history_that_cannot_be_kept_is_told_and_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("", encoding="utf-8")
    (tmp_path / "matcalc").mkdir()
    (tmp_path / "matcalc" / "history").symlink_to(tmp_path / "elsewhere")
    with Terminal(tmp_path, "shell", XDG_STATE_HOME=str(tmp_path)) as shell:
        assert "no history is kept" in shell.until(PROMPT)
        shell.type("x^T x by x\n")
        shell.until(r"2 x\^T\n(.*\n)*matcalc> $")
        assert shell.leave() == 0
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == ""


def test_completion_by_the_tab_key(tmp_path: Path) -> None:
    with Terminal(tmp_path, "shell") as shell:
        shell.until(PROMPT)
        shell.type("logsu\t(x) by x\n")
        assert "softmax(x)^T" in shell.until(r"R\^n; array.*\n(.*\n)*matcalc> $")
        shell.type(":lat\t\n")
        assert "\\operatorname{softmax}" in shell.until(r"softmax\}.*\n(.*\n)*matcalc> $")
        assert shell.leave() == 0


# ---------------------------------------------------------------- from a pipe
def test_lines_from_a_pipe(tmp_path: Path) -> None:
    done = console(tmp_path, "matcalc shell", "x^T A x by x\n:latex\n\n# remark\n")
    assert (done.returncode, done.stdout) == (0, "x^T (A + A^T)\nx^{\\top} (A + A^{\\top})\n")
    done = console(tmp_path, "matcalc shell --wrt x --order 2", "x^T A x\nx +\nx^T x\n:quit\nx^T B x\n")
    assert (done.returncode, done.stdout) == (2, "A + A^T\n2 I_n\n") and "ParseError" in done.stderr
    assert not (tmp_path / ".local").exists()
