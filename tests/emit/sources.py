"""The code of every function that makes some, for every target, in `sources.txt`: `python -m tests.emit.sources` writes it anew.

A case is added as a line of its own, a list in JSON of the function of the interface, its arguments, and the options of the
code; what the source defines, apart from its helpers, is written below it.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import matcalc
from tests.golden import read_entries, write_entries

FILE = Path(__file__).parent / "sources.txt"


def read() -> list[tuple[str, list[str]]]:
    """The cases with their code."""
    return read_entries(FILE)


def result_of(case: str) -> Any:
    """What has a source."""
    function, arguments, _ = json.loads(case)
    return getattr(matcalc, function)(arguments.pop("text"), **arguments)


def source_of(case: str) -> str:
    """The module of a case, without tests of its arguments."""
    source: str = result_of(case).numpy("f", checks=False, **json.loads(case)[2])
    return source


def definitions_of(case: str) -> list[str]:
    """The lines of what a module defines for its callers, without docstrings."""
    lines: list[str] = []
    for node in ast.parse(source_of(case)).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(inner) is not None:
                    inner.body = inner.body[1:]
            lines += ast.unparse(node).splitlines()
    return lines


def write() -> None:
    """Writes the file anew, for the cases that it has."""
    write_entries(FILE, [(case, definitions_of(case)) for case, _ in read()])


if __name__ == "__main__":
    write()
