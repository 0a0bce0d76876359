"""Completion for shells: the script for bash is run in bash, as the tab key would."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path

import pytest

from matcalc.cli import completion
from matcalc.cli.main import COMMANDS, main
from tests.cli.console import console

DRIVER = """
source script.bash
words=("$@"); COMP_WORDS=("${words[@]}"); COMP_CWORD=$((${#words[@]} - 1)); COMP_LINE="${words[*]}"; COMP_POINT=${#COMP_LINE}
_shtab_matcalc
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(name="script")
def _script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script.bash").write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "driver.bash").write_text(DRIVER, encoding="utf-8")
    return tmp_path


def offered(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of some words."""
    done = subprocess.run(["bash", "driver.bash", *words], capture_output=True, text=True, cwd=folder, check=True, timeout=60)
    assert not done.stderr, done.stderr
    return set(done.stdout.split())


def test_bash_completes_commands_options_choices_and_files(script: Path) -> None:
    assert set(COMMANDS) <= offered(script, "matcalc", "")
    assert offered(script, "matcalc", "cu") == {"curvature"}
    assert {"--wrt", "--declare", "--to", "--json"} <= offered(script, "matcalc", "derive", "--")
    assert offered(script, "matcalc", "derive", "--to", "l") == {"latex"}
    assert offered(script, "matcalc", "completion", "") >= {"bash", "zsh", "tcsh"}
    (script / "formulas.txt").write_text("", encoding="utf-8")
    assert offered(script, "matcalc", "batch", "form") == {"formulas.txt"}


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_scripts_are_of_their_shell(shell: str, tmp_path: Path) -> None:
    done = console(tmp_path, f"matcalc completion {shell}")
    assert done.returncode == 0 and all(name in done.stdout for name in COMMANDS)
    program = shutil.which(shell)
    if program is not None:
        (tmp_path / "script").write_text(done.stdout, encoding="utf-8")
        assert subprocess.run([program, "-n", "script"], cwd=tmp_path, check=False, timeout=60).returncode == 0


def test_without_shtab_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def absent(name: str) -> object:
        if name == "shtab":
            raise ImportError(name)
        return importlib.import_module(name)

    monkeypatch.setattr(completion, "import_module", absent)
    assert main(["completion", "bash"]) == 2
    out, err = capsys.readouterr()
    assert not out and "pip install 'matcalc-engine[shell]'" in err
