"""What is printed for the cases of answers.json, in `printed.txt`: `python -m tests.fuzz.printed` writes it anew.

A change of what is printed is read as a change of that file: what became longer or shorter stands there, formula by formula.
"""

from __future__ import annotations

from pathlib import Path

from matcalc.api import derive
from matcalc.derivative import Derivative
from tests.fuzz.answers import Answer, stored
from tests.golden import read_entries, write_entries

FILE = Path(__file__).parent / "printed.txt"


def derived(answer: Answer) -> Derivative:
    """The derivative of a case."""
    return derive(answer.text, answer.wrt, answer.order, answer.declare)


def asked(answer: Answer) -> str:
    """The formula of a case, what it is differentiated by and how often."""
    by = answer.wrt if isinstance(answer.wrt, str) else ", ".join(answer.wrt)
    order = f", order {answer.order}" if answer.order > 1 else ""
    return f"{answer.text} by {by}{order}"


def read() -> list[str]:
    """What is printed for each case, in their order."""
    return [printed for _, (printed,) in read_entries(FILE)]


def write() -> None:
    """Writes the file anew."""
    write_entries(FILE, [(asked(answer), [str(derived(answer))]) for answer in stored()])


if __name__ == "__main__":
    write()
