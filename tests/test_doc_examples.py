"""Whatever looks like code on a page is run: Python, commands of matcalc, and commands of a shell.

A block that cannot be run has a comment before it that says why: `<!-- not run: it takes hours -->`.
"""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from matcalc.cli.main import main
from tests.docs import DOCS, EXECUTED

pytestmark = pytest.mark.slow

ROOT = DOCS.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]
CHECKS = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
OWN_TESTS = {"lectures.md": "tests/test_lectures.py", "graph.md": "tests/test_graph_page.py", "terminal.md": "tests/cli/test_pages.py"}
"""Pages whose commands are run by tests of their own: entries of lectures, pictures, pipes."""

NEEDS = {"custom-rules.md": ("jax", "torch")}
"""Packages that the Python of a page needs and that are in no extra for tests."""

PYTHON, SHELL, CONSOLE = ("python", "pycon", "py"), ("sh", "bash", "shell", "shell-session"), ("console",)
FENCE = re.compile(r"(?:<!-- not run: (?P<reason>[^>]*) -->\n+)?^```(?P<fence>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:<!-- not run: (?P<reason>[^>]*) -->\n+)?(?:(?<=\n\n)|\A)(?P<text>(?:    [^\n]*\n)+)")
COMMAND = re.compile(r"^(?:\$ |>>> )|^(?:\S*/)?(?:python3?|pip|matcalc|bash|pre-commit|sphinx-build|git|jupyter|npm) ")
EXAMPLE = re.compile(r"^\$ (matcalc .*)\n((?:(?!\$ )[^\n]*\n)*)", re.MULTILINE)
CHANGES_WITH_MACHINE = re.compile(r"worst error \S+,")


class Block(NamedTuple):
    """A block of a page, and why it is not run, if it is not."""

    page: Path
    language: str
    text: str
    reason: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, and the indented ones that are no part of a list."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        yield Block(page, found["fence"].split(" ")[0] if found["fence"] != "python output" else "", found["text"], found["reason"])
    for found in INDENTED.finditer(FENCE.sub("", text)):
        if not re.match(r" *(?:[-*]|\d+\.) ", found["text"]):
            yield Block(page, "indented", re.sub(r"^    ", "", found["text"], flags=re.MULTILINE), found["reason"])


def runner(block: Block) -> str | None:
    """What runs the block; None where nothing does."""
    lines = [line for line in block.text.splitlines() if line and not line.startswith("#")]
    if block.reason:
        return "nobody"
    if block.language in PYTHON:
        return "doctest" if lines and lines[0].startswith(">>> ") else "pages" if block.page.name in EXECUTED else None
    if block.language in CONSOLE:
        commands = [line for line in lines if line.startswith("$ ")]
        own = block.page.name in OWN_TESTS
        return "console" if commands and all(line.startswith("$ matcalc ") or own for line in commands) else None
    if block.language in SHELL or any(COMMAND.match(line) for line in lines):
        return "checks" if lines and all(line in CHECKS for line in lines) else None
    return "nothing to run"


BLOCKS = [block for page in PAGES for block in blocks(page)]
EXAMPLES = [pytest.param(*found, id=f"{b.page.stem}: {found[0]}") for b in BLOCKS if runner(b) == "console"
            and b.page.name not in OWN_TESTS for found in EXAMPLE.findall(b.text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_run(page: Path) -> None:
    own = OWN_TESTS.get(page.name)
    assert own is None or page.stem in (ROOT / own).read_text(encoding="utf-8")
    left = [block.text for block in BLOCKS if block.page == page and runner(block) is None]
    assert not left, f"nothing runs\n{left[0]}"


@pytest.mark.parametrize("page", sorted({b.page for b in BLOCKS if runner(b) == "doctest"}), ids=lambda page: page.name)
def test_python(page: Path) -> None:
    for package in NEEDS.get(page.name, ()):
        pytest.importorskip(package)
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried and not failed


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_commands(command: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    line, _, target = command.partition(" > ")
    code = main(shlex.split(line)[1:])
    shown = capsys.readouterr()
    if target:
        assert code == 0 and shown.out and not printed
        return
    assert code == 0 or ("Error: " in printed and code == 2)
    found = shown.out if code == 0 else shown.err
    assert CHANGES_WITH_MACHINE.sub("", found) == CHANGES_WITH_MACHINE.sub("", printed)


@pytest.mark.parametrize(("text", "by"), [
    ("```python\n>>> 1\n1\n```\n", "doctest"), ("```python\nprint(1)\n```\n", None), ("```bash\nls\n```\n", None),
    ("```\npip install x\n```\n", None), ("<!-- not run: it takes hours -->\n```\npip install x\n```\n", "nobody"),
    ("```console\n$ matcalc rules\n```\n", "console"), ("```console\n$ ls\n```\n", None), ("```\na table\n```\n", "nothing to run"),
    ("Do\n\n    python -m this\n", None), ("<!-- not run: why -->\n\n    bash x\n", "nobody"), ("Do\n\n    a + b\n", "nothing to run"),
])
def test_what_is_run_is_known(text: str, by: str | None, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    (block,) = blocks(tmp_path / "page.md")
    assert runner(block) == by
