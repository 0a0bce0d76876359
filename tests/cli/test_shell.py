"""The shell on a pseudo-terminal: prompt, history, completion, keys; and its answers from a pipe."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from matcalc.core.errors import MatcalcError
from matcalc.session import COMMANDS, Session
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
        shell.type("det(A + B)^-1 logdet(A B C D) by A\n\x03")
        shell.until(r"(interrupted|array of shape)(.*\n)*matcalc> $")
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


# ---------------------------------------------------------------- the session
def say(session: Session, *lines: str) -> list[str]:
    """The results of lines, remarks left out."""
    return [piece.text for line in lines for piece in session.answer(line) if piece.kind != "note"]


def test_settings_act_on_the_last_formula() -> None:
    session = Session()
    assert say(session, "x^T A x by x", ":layout denominator") == ["x^T (A + A^T)", "(A + A^T) x"]
    assert say(session, ":wrt A") == ["x x^T"]
    assert say(session, ":declare A = R^{n x n} symmetric", ":wrt x", ":forget A", ":forget") == [
        "x x^T", "2 A x", "(A + A^T) x", "(A + A^T) x"]
    assert say(session, ":index", ":vec")[0] == "sum_j (A_ij + A_ji) x_j"
    assert say(session, "t^3 by t", ":order 2") == ["3 t^2", "6 t"]
    assert say(session, "s t by s, t") == ["[0, 1; 1, 0]"]


def test_a_formula_that_is_not_understood_is_no_hindrance() -> None:
    session = Session(["x"])
    for line in ("x +", "t^3"):
        with pytest.raises(MatcalcError):
            say(session, line)
    assert say(session, ":wrt t", ":order 2") == ["3 t^2", "6 t"]
    with pytest.raises(MatcalcError):
        say(session, "x +")
    assert say(session, ":wrt y") == [] and say(session, "y^2") == ["2"]


def test_notes_list_what_is_set() -> None:
    session = Session(["x"], {"A": "R^{n x n}"}, 2)
    notes = {line: "\n".join(p.text for p in session.answer(line)) for line in (":settings", ":declare", ":wrt", ":help", "help", "# x", "")}
    assert "order: 2" in notes[":settings"] and notes[":declare"] == "A: R^{n x n}" and notes[":wrt"] == "x"
    assert all(command.usage in notes[":help"] for command in COMMANDS.values()) and notes["help"] == notes[":help"]
    assert notes["# x"] == notes[""] == ""
    assert "symmetric" in "".join(p.text for p in session.answer(":help declare"))


@pytest.mark.parametrize(("line", "part"), [
    (":latx", "did you mean `:latex`?"), (":latex", "there is no derivative yet"), (":order two", ":order 2"), (":order 0", "positive"),
    (":layout mixed", "no layout"), (":declare A R^n", "no `:` or `in`"), (":declare A = Q^n", "not a space"), (":forget B", "not declared"),
    (":check x", "seed"), (":help nothing", "no command"), ("x by y", "y"), ("x^T +", "ends too soon"), (":check", "no derivative"),
])
def test_lines_that_are_wrong(line: str, part: str) -> None:
    session = Session()
    with pytest.raises(MatcalcError) as caught:
        say(session, line)
    assert part in str(caught.value)
    assert say(session, "x^T x by x") == ["2 x^T"]


def test_a_setting_that_cannot_be_is_not_kept() -> None:
    session = Session()
    say(session, "x^T A x by x")
    with pytest.raises(MatcalcError):
        say(session, ":declare A = R^{2 x 3}")
    with pytest.raises(MatcalcError):
        say(session, ":order 99")
    assert say(session, ":index", "x^T A x by x")[1] == "x^T (A + A^T)"


def test_candidates() -> None:
    session = Session()
    say(session, "x^T Alpha x by x")
    assert session.candidates(":la", ":la") == [":layout", ":latex"]
    assert session.candidates("1 + sof", "sof") == ["softmax", "softplus"]
    assert session.candidates("Al", "Al") == ["Alpha"] == session.candidates(":wrt Al", "Al")
    assert session.candidates(":layout d", "d") == ["denominator"]
    assert session.candidates(":declare Alpha = R^n sym", "sym") == ["symmetric"]
