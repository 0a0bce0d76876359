"""Conversations: what lines are answered, what is set and kept, what is refused; and the shell that reads them from a pipe."""

from __future__ import annotations

import io

import pytest

from matcalc.cli.main import main
from matcalc.core.errors import MatcalcError
from matcalc.session import COMMANDS, Session


def test_lines_of_a_pipe_are_answered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["x^T A x", ":latex", ":check", ":steps", ":numpy", "# a remark", ":order 2", "x +", ":quit", "x^T B x"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    assert main(["shell", "--wrt", "x", "--declare", "A: R^{n x n} symmetric"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("2 x^T A\n2 x^{\\top} A\nf = x^T A x, by x\n") and "def derivative(x, A):" in shown.out and shown.out.endswith("\n2 A\n")
    assert "ParseError: " in shown.err and "passed: " in shown.err


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
