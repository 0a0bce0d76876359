"""Help teaches by examples that run and print what they show; it has colours where the terminal has them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from matcalc.cli.examples import EXAMPLES
from matcalc.cli.main import COMMANDS, EXIT_CODES, main, whole_parser
from tests.cli.console import console, examples, without_measured

pytestmark = pytest.mark.slow

CATALOGUE = '[[module]]\nname = "m"\n[[module.function]]\nname = "f"\nexpr = "x^T A x"\nwrt = "x"\n'
SHOWN = [(name, command, printed) for name, text in EXAMPLES.items() for command, printed in examples(text)]
RUN = [shown for shown in SHOWN if not shown[1].startswith("matcalc serve")]
"""All but those that serve until they are stopped: `tests/web/` runs them."""
OWN = "x^T A x by x\nA x by A\n"


def test_every_command_has_examples_and_the_table_of_modules_is_right() -> None:
    assert {"", *COMMANDS} == set(EXAMPLES)
    assert all(len(examples(text)) >= 2 for text in EXAMPLES.values())
    assert all(command.count("matcalc") and (not name or f"matcalc {name}" in command) for name, command, _ in SHOWN)
    commands = next(a for a in whole_parser()._actions if a.dest == "command").choices
    assert commands is not None and set(commands) == set(COMMANDS)


@pytest.mark.parametrize(("name", "command", "printed"), RUN, ids=lambda part: part)
def test_examples_print_what_they_show(name: str, command: str, printed: str, tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "formulas.txt").write_text(OWN, encoding="utf-8")
    (tmp_path / "formulas.toml").write_text('[[formula]]\nexpr = "x^T A x"\nwrt = "x"\n', encoding="utf-8")
    for folder in (".local/share/bash-completion/completions", ".zfunc"):
        (tmp_path / folder).mkdir(parents=True)
    done = console(tmp_path, command)
    assert done.returncode == 0, done.stderr
    if printed:
        assert without_measured(done.stdout) == without_measured(printed)
    else:
        assert bool(done.stdout) != (">" in command) or command.startswith("matcalc shell")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_ends_in_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*name.split(), "--help"]) == 0
    out, err = capsys.readouterr()
    assert not err and out.endswith("examples:\n" + re.sub("^", "  ", EXAMPLES[name].rstrip("\n"), flags=re.MULTILINE) + "\n")
    assert "\x1b" not in out and (name or EXIT_CODES in out)


def test_help_in_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--help", "--color", "always"]) == 0
    coloured = capsys.readouterr().out
    assert main(["derive", "--help", "--color=never"]) == 0
    assert re.sub(r"\x1b\[\d*(;\d+)*m", "", coloured) == capsys.readouterr().out
    assert "\x1b[1musage:\x1b[0m" in coloured and "\x1b[36m--wrt\x1b[0m" in coloured


@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (["derivee", "x", "--wrt", "x"], ["'derivee'", "did you mean `matcalc derive`?"]),
        (["x^T A x", "--wrt", "x"], ["'x^T A x'", 'matcalc derive "x^T A x" --wrt NAME']),
        (["-x^T x"], ["'-x^T x'", 'matcalc derive "-x^T x"']),
        (["frobnicate"], ["'frobnicate'", "matcalc --help"]),
        (["derive", "x^T", "A", "x", "--wrt", "x"], ["these words are left: A x", "quotes"]),
        (["derive", "x^T x", "--wrt", "x", "--lateks"], ["--lateks"]),
        (["derive", "x^T x", "--wrt", "x", "--declar", "x: R"], ["did you mean `--declare`?"]),
        (["derive", "x^T x", "--wrt", "x", "--json", "--to", "latex"], ["not allowed with"]),
        (["functions", "nosuchthing"], ["nothing is known of 'nosuchthing'"]),
        (["derive", "x", "--wrt", "x", "--color", "sometimes"], ["invalid choice: 'sometimes'"]),
        (["schema", "shell"], ["invalid choice: 'shell'"]),
        (["completion", "fish"], ["invalid choice: 'fish'"]),
    ],
)
def test_wrong_arguments_say_what_to_write(argv: list[str], parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert not out and all(part in err for part in parts), err
    assert len(err.splitlines()) == 2 or "nothing is known" in err


def test_a_command_brings_in_no_other_command(tmp_path: Path) -> None:
    script = ("import sys\nfrom matcalc.cli.main import main\nmain(['derive', 'x^T x', '--wrt', 'x', '--quiet'])\n"
              "print(sorted(n.removeprefix('matcalc.cli.') for n in sys.modules if n.startswith('matcalc.cli.')))")
    done = console(tmp_path, f"{sys.executable} -c \"{script}\"")
    assert done.stdout.splitlines()[-1] == "['code', 'derive', 'formula', 'main', 'output', 'terminal']", done.stderr
