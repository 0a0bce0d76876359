"""What is printed for the cases of answers.json, in `printed.txt`: `python -m tests.fuzz.printed` writes it anew.

A change of what is printed is read as a change of that file: what became longer or shorter stands there, formula by formula.
"""

from __future__ import annotations

from pathlib import Path

from matcalc.api import derive
from matcalc.derivative import Derivative
from tests.fuzz.answers import Answer, stored

FILE = Path(__file__).parent / "printed.txt"
INDENT = "    "


def derived(answer: Answer) -> Derivative:
    """The derivative of a case."""
    return derive(answer.text, answer.wrt, answer.order, answer.declare)


def entry(answer: Answer, printed: str) -> str:
    """The lines of a case: the formula, what it is differentiated by and how often, and what is printed."""
    by = answer.wrt if isinstance(answer.wrt, str) else ", ".join(answer.wrt)
    order = f", order {answer.order}" if answer.order > 1 else ""
    return f"{answer.text} by {by}{order}\n{INDENT}{printed}\n"


def read() -> list[str]:
    """What is printed for each case, in their order."""
    return [line.removeprefix(INDENT) for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith(INDENT)]


def write() -> None:
    """Writes the file anew."""
    FILE.write_text("".join(entry(answer, str(derived(answer))) for answer in stored()), encoding="utf-8")


if __name__ == "__main__":
    write()
