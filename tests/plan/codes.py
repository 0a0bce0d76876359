"""Formulas with the code that computes them, in `codes.txt`: `python -m tests.plan.codes` writes the code anew.

A change of the code is read as a change of that file: what a plan gained or lost stands there, formula by formula.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan
from matcalc.syntax.elaborate import Program, elaborate

FILE = Path(__file__).parent / "codes.txt"
INDENT = "    "
SPACES = {
    "A": "R^{m x n}", "B": "R^{n x p}", "C": "R^{m x n}", "D": "R^{n x n} symmetric", "K": "R^{n x n}", "L": "R^{m x m}", "P": "R^{n x n} posdef",
    "S": "R^{n x n}", "U": "R^{m x k}", "V": "R^{n x k}", "f": "R^{n m}", "h": "R^q", "r": "R", "s": "R", "t": "R", "u": "R^p", "v": "R^m",
    "w": "R^n", "x": "R^n", "y": "R^n", "z": "R^m", "X_i": "R^q", "Y_i": "R",
}


def read() -> dict[str, str]:
    """The code of each formula."""
    found: dict[str, str] = {}
    formula = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(INDENT):
            found[formula] += f"{line.removeprefix(INDENT)}\n"
        else:
            formula = line
            found[formula] = ""
    return found


def program_of(text: str) -> Program:
    """A formula with its declarations."""
    names = set(re.findall(r"[A-Za-z](?:_i)?", text))
    return elaborate(text, {name: space for name, space in SPACES.items() if name in names})


def source_of(text: str) -> str:
    """A module with the formula as the function `f` of its variables."""
    program = program_of(text)
    parameters = {name: parameter_of(v) for name, v in program.variables.items()}
    return to_numpy(plan(lower(program.expr)), parameters, "f", "The value.", checks=False)


def code_of(text: str) -> str:
    """The statements that compute a formula, without those that read sizes off the arrays."""
    function = ast.parse(source_of(text)).body[-1]
    assert isinstance(function, ast.FunctionDef)
    lines = [ast.unparse(line) for line in function.body[1:]]
    return "".join(f"{line}\n" for line in lines if not re.fullmatch(r"\w+ = (len\(\w+\)|\w+\.shape\[\d\])", line))


def main() -> None:
    """Writes the code of every formula."""
    lines: list[str] = []
    for text in read():
        lines += [text, *(INDENT + line for line in code_of(text).splitlines())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
