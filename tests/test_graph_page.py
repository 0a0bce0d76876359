"""docs/graph.md is what the program prints: its commands, its pictures, its Python."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from matcalc.cli.main import main
from tests.docs import DOCS

pytestmark = pytest.mark.slow

PAGE = DOCS / "graph.md"
CONSOLE = "".join(re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
EXAMPLES = re.findall(r"^\$ (matcalc .*)\n((?:[^$].*\n|\n)*)", CONSOLE, re.MULTILINE)


def outline(svg: str) -> list[tuple[str, dict[str, str], str]]:
    """What a picture shows: its nodes and edges with their titles; places of outlines may differ between versions."""
    groups = (g for g in ET.fromstring(svg).iter() if "data-name" in g.attrib or "data-source" in g.attrib)
    return [(g.tag, dict(g.attrib), g[0].text or "") for g in groups]


@pytest.mark.parametrize(("command", "printed"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_commands(command: str, printed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line, _, picture = command.partition(" --out ")
    argv = shlex.split(line)[1:]
    if picture:
        assert main([*argv, "--out", str(tmp_path / "new.svg")]) == 0
        new, old = (tmp_path / "new.svg").read_text(encoding="utf-8"), (DOCS.parent / picture).read_text(encoding="utf-8")
        assert outline(new) == outline(old), f"{command} draws it anew"
        return
    assert main(argv) == 0
    assert capsys.readouterr().out == printed


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8


def test_python() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried >= 6 and not failed
