"""What the README says is so: its commands are those of the checks, its examples print what they show."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from matcalc.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
CONSOLE = "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
EXAMPLES = re.findall(r"^\$ (matcalc .*)\n((?:[^$].*\n)*)", CONSOLE, re.MULTILINE)
CHANGES_WITH_MACHINE = re.compile(r"worst error \S+,")


def test_checks_run_both_commands_literally() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert len(COMMANDS) == 2 and all(command in script for command in COMMANDS)


def test_python_examples() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried > 8 and not failed


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_console_examples(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    line, _, target = command.partition(" > ")
    assert main(shlex.split(line)[1:]) == 0
    out = capsys.readouterr().out
    if target:
        assert out.startswith("import numpy") and not printed
        return
    assert CHANGES_WITH_MACHINE.sub("", out) == CHANGES_WITH_MACHINE.sub("", printed)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 5
