"""The work of derivations, line by line, in `steps.txt`: `python -m tests.derivation.written` writes it anew.

A formula is added as a line of its own, a list in JSON of the text, the variables, the order and the declared spaces.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden import read_entries, write_entries
from tests.printed import Formula

FILE = Path(__file__).parent / "steps.txt"


def read() -> list[tuple[Formula, list[str]]]:
    """The formulas with their steps."""
    return [(Formula(*json.loads(head)), lines) for head, lines in read_entries(FILE)]


def work(formula: Formula) -> list[str]:
    """Each step: its rule, and the line that it ends with."""
    return [f"{step.rule}: {step.left} = {step.after}" for step in formula.derived().steps()]


def write() -> None:
    """Writes the file anew, for the formulas that it has."""
    write_entries(FILE, [(json.dumps(formula, ensure_ascii=False), work(formula)) for formula, _ in read()])


if __name__ == "__main__":
    write()
