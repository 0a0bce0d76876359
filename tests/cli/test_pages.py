"""What the page on the terminal shows is what a shell prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.console import ROOT, console, examples

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "terminal.md").read_text(encoding="utf-8")
SHOWN = examples("".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)))


@pytest.mark.parametrize(("command", "printed"), SHOWN)
def test_examples(command: str, printed: str, tmp_path: Path) -> None:
    assert console(tmp_path, command).stdout == printed


def test_the_example_in_toml(tmp_path: Path) -> None:
    block = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "all.toml").write_text(block[0], encoding="utf-8")
    assert console(tmp_path, "matcalc batch all.toml").stdout == "2 x^T A\n2 A\n"
    assert len(SHOWN) > 5 and len(block) == 1
