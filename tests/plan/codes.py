"""Formulas with the code that computes them, in `codes.txt`: `python -m tests.plan.codes` writes the code anew.

A change of the code is read as a change of that file: what a plan gained or lost stands there, formula by formula.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcalc.check.component_report import draw_arrays
from matcalc.check.component_report import draw_sizes as draw_index_sizes
from matcalc.check.components import evaluate_along
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import Parameter, parameter_of
from matcalc.ir.nodes import Tensor
from matcalc.lowering.components import lower_components
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan
from matcalc.syntax.elaborate import elaborate
from matcalc.syntax.index_elaborate import elaborate_index
from tests.golden import read_entries, write_entries

FILE = Path(__file__).parent / "codes.txt"
SPACES = {
    "A": "R^{m x n}", "B": "R^{n x p}", "C": "R^{m x n}", "D": "R^{n x n} symmetric", "K": "R^{n x n}", "L": "R^{m x m}", "P": "R^{n x n} posdef",
    "S": "R^{n x n}", "U": "R^{m x k}", "V": "R^{n x k}", "f": "R^{n m}", "h": "R^q", "r": "R", "s": "R", "t": "R", "u": "R^p", "v": "R^m",
    "w": "R^n", "x": "R^n", "y": "R^n", "z": "R^m", "X_i": "R^q", "Y_i": "R",
}
INDEX_SPACES = {
    "A": "R^{m x n}", "B": "R^{n x p}", "F": "R^{n x n x n}", "G": "R^{m x n x p}", "H": "R^{n x p x q}", "K": "R^{n x n}", "S": "R^{n x n}", "T": "R^{m x n x p}",
    "U": "R^{p x q}", "W": "R^{n x n x p}", "s": "R", "t": "R", "u": "R^p", "v": "R^m", "x": "R^n", "y": "R^n", "z": "R^m",
}
Point, Sizes = dict[str, np.ndarray], dict[str, int]


def read() -> dict[str, str]:
    """The code of each formula."""
    return {formula: "".join(f"{line}\n" for line in lines) for formula, lines in read_entries(FILE)}


@dataclass(frozen=True)
class Planned:
    """Formulas that one function computes.

    Attributes:
        nodes: their index form.
        parameters: what the function takes.
        value: their values at a point, by the interpreters.
        draw: a point and the sizes there, by a random generator and how many times the sizes of the rows and columns are larger.
    """

    nodes: tuple[Tensor, ...]
    parameters: Mapping[str, Parameter]
    value: Callable[[Point, Sizes], tuple[np.ndarray, ...]]
    draw: Callable[[np.random.Generator, int], tuple[Point, Sizes]]


def planned(text: str) -> Planned:
    """Formulas between double semicolons; after `@` one in index notation."""
    return _components(text.removeprefix("@ ")) if text.startswith("@") else _matrices(text.split(" ;; "))


def _matrices(texts: Sequence[str]) -> Planned:
    programs = [elaborate(text, {n: s for n, s in SPACES.items() if n in set(re.findall(r"[A-Za-z](?:_i)?", text))}) for text in texts]
    variables = {name: v for program in programs for name, v in program.variables.items()}

    def draw(rng: np.random.Generator, factor: int) -> tuple[Point, Sizes]:
        sizes = draw_sizes([*(p.expr for p in programs), *variables.values()], rng)
        sizes = {name: factor * size if name in "mn" else size for name, size in sizes.items()}
        return draw_point(variables, sizes, rng, positive=True), sizes

    return Planned(tuple(lower(p.expr) for p in programs), {name: parameter_of(v) for name, v in variables.items()},
                   lambda point, sizes: tuple(np.asarray(evaluate(p.expr, point, sizes)) for p in programs), draw)


def _components(text: str) -> Planned:
    program = elaborate_index(text, {name: space for name, space in INDEX_SPACES.items() if re.search(rf"\b{name}(_|\b)", text)})
    node = lower_components(program).tensor

    def draw(rng: np.random.Generator, factor: int) -> tuple[Point, Sizes]:
        sizes = draw_index_sizes(program, (), rng)
        return draw_arrays(program.arrays, sizes, rng, positive=True), sizes

    def value(point: Point, sizes: Sizes) -> tuple[np.ndarray, ...]:
        shape = tuple(d.evaluate(sizes) for d in node.axes)
        return (np.asarray(evaluate_along(program, point, sizes, [i.letter for i in program.free], shape)),)

    return Planned((node,), {name: Parameter(a.axes, str(a.axes)) for name, a in program.arrays.items()}, value, draw)


def source_of(text: str) -> str:
    """A module with the formulas as the function `f` of their variables."""
    found = planned(text)
    return to_numpy(plan(*found.nodes), found.parameters, "f", "The value.", checks=False)


def code_of(text: str) -> str:
    """The statements that compute a formula, without those that read sizes off the arrays."""
    function = ast.parse(source_of(text)).body[-1]
    assert isinstance(function, ast.FunctionDef)
    lines = [ast.unparse(line) for line in function.body[1:]]
    return "".join(f"{line}\n" for line in lines if not re.fullmatch(r"\w+ = (len\(\w+\)|\w+\.shape\[\d\])", line))


def main() -> None:
    """Writes the code of every formula."""
    write_entries(FILE, [(text, code_of(text).splitlines()) for text in read()])


if __name__ == "__main__":
    main()
