"""Files of results to the letter: a line that says what was asked, and below it, indented, the lines of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

INDENT = "    "


def read_entries(file: Path) -> list[tuple[str, list[str]]]:
    """What was asked, with the lines of each answer."""
    found: list[tuple[str, list[str]]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(INDENT):
            found[-1][1].append(line.removeprefix(INDENT))
        else:
            found.append((line, []))
    return found


def write_entries(file: Path, entries: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Writes the file anew."""
    lines = [line for head, answer in entries for line in (head, *(INDENT + part for part in answer))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
