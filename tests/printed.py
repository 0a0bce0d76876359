"""What is printed and computed for the conformance formulas and for others, in `printed.txt`: `python -m tests.printed` writes it anew.

A change of results and of their code is read as a change of that file. A formula is added as a line of its own, a list in JSON of
the text, the variables, the order and the declared spaces; its result and the statements of its code are written below it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from matcalc.api import derive
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.derivative import Derivative
from tests.conformance import cases
from tests.golden import read_entries, write_entries

FILE = Path(__file__).parent / "printed.txt"


class Formula(NamedTuple):
    """What is derived."""

    text: str
    wrt: str | list[str]
    order: int = 1
    declare: dict[str, str] | None = None

    def derived(self) -> Derivative:
        """The derivative."""
        return derive(self.text, self.wrt, self.order, self.declare)


def shown(d: Derivative) -> list[str]:
    """The result, and the statements that compute it from arrays of the right shapes, none where a size is told by no array."""
    try:
        function = ast.parse(d.numpy()).body[-1]
    except DeclarationError:
        return [str(d)]
    assert isinstance(function, ast.FunctionDef)
    return [str(d), *("\n".join(map(ast.unparse, function.body[2:])).splitlines())]


def read() -> list[tuple[Formula, list[str]]]:
    """The formulas, with what is shown for each."""
    return [(Formula(*json.loads(head)), lines) for head, lines in read_entries(FILE)]


def conformance() -> Iterator[Formula]:
    """The formulas of the cases that have a derivative."""
    for kind, case in cases():
        if kind == "case":
            formula = Formula(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
            try:
                formula.derived()
            except MatcalcError:  # a case that states what is refused
                continue
            yield formula


def write() -> None:
    """Writes the file anew: the conformance formulas, then the others that it has."""
    heads = dict.fromkeys(json.dumps(formula, ensure_ascii=False) for formula in (*conformance(), *(f for f, _ in read())))
    write_entries(FILE, [(head, shown(Formula(*json.loads(head)).derived())) for head in heads])


if __name__ == "__main__":
    write()
