"""The variables of a formula as the page shows them, and the spaces that a click on a kind may mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from matcalc.api import block_of
from matcalc.core.dims import Shape
from matcalc.core.errors import MatcalcError
from matcalc.emit.latex_names import symbol
from matcalc.expr.nodes import PROPERTIES, Expr
from matcalc.reading import read_program
from matcalc.syntax.elaborate import Program
from matcalc.syntax.parse import parse_source
from matcalc.syntax.spaces import parse_space
from matcalc.web.question import Question

KINDS = ("scalar", "vector", "matrix")
OF_ENTRIES = ("positive", "nonnegative")
"""Properties of arrays of any shape; the others are those of square matrices."""

_FIRST = ("x", "X", "theta", "w", "W", "beta", "A")
"""What one differentiates by where nothing is chosen, the first of these that there is."""
_LETTERS = "nmpqrskdhl"
_NEW, _OLD = 2, 4
"""So many new and declared sizes are tried."""


def described(program: Program, asked: Question) -> list[dict[str, object]]:
    """Every variable with its kind, space and properties, and whether the formula or the page declares it."""
    source = parse_source(asked.formula)
    inside = {name for declaration in source.declarations for name in declaration.names}
    found: list[dict[str, object]] = []
    for array, variable in program.variables.items():
        name = member(array, variable)
        properties = properties_of(variable)
        found.append({
            "name": name, "array": array, "latex": symbol(name), "kind": variable.shape.kind,
            "space": " ".join((str(variable.shape), *properties)), "shape": str(variable.shape),
            "properties": list(properties), "square": variable.shape.is_square,
            "declared": "formula" if {name, array} & inside else "page" if {name, array} & asked.declare.keys() else None,
        })
    return found


def properties_of(variable: Expr) -> tuple[str, ...]:
    """The properties that a variable has by its declaration."""
    properties = variable.data[1]
    assert isinstance(properties, tuple)
    return properties


def member(array: str, variable: Expr) -> str:
    """The name as the formula has it: x_n for a family x."""
    return f"{array}_{variable.data[2]}" if variable.head == "item" else array


def chosen(program: Program, asked: Question) -> list[str] | None:
    """The variables that the question differentiates by, as the program names them; None where it has no such ones."""
    try:
        block = block_of(program, asked.by)
    except MatcalcError:
        return None
    return [block] if isinstance(block, str) else [*block]


def suggested(program: Program) -> str | None:
    """What one would differentiate by: an unknown by custom, else a vector, else whatever there is."""
    known = [name for name in _FIRST if name in program.variables]
    vectors = [name for name, variable in program.variables.items() if variable.shape.kind == "vector"]
    return next(iter((*known, *vectors, *program.variables)), None)


def fitting(asked: Question, name: str, kind: str, properties: Sequence[str]) -> str:
    """A space of this kind that the variable can have in the formula, tied to other sizes only where it must be.

    Args:
        asked: the formula and the declarations.
        name: of the variable, as the formula has it.
        kind: one of KINDS.
        properties: those that the variable shall have.

    Raises:
        MatcalcError: where no such space fits, as the first of them fails.

    Example:
        >>> fitting(Question("x^T A y"), "A", "matrix", ["symmetric"])
        'R^{n x n} symmetric'
    """
    others = {key: space for key, space in asked.declare.items() if key != name}
    square = bool(set(properties) - set(OF_ENTRIES))
    refused: MatcalcError | None = None
    for shape in _candidates(kind, square, _current(asked, name), *_sizes(replace(asked, declare=others))):
        space = " ".join((shape, *(p for p in PROPERTIES if p in properties)))
        try:
            read_program(asked.formula, {**others, name: space}, asked.gathered)
        except MatcalcError as error:
            refused = refused or error
            continue
        return space
    assert refused is not None
    raise refused


def _candidates(kind: str, square: bool, current: Shape | None, new: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Spaces of a kind: the one that the variable has, then with new sizes, then with declared ones."""
    if current is not None and current.kind == kind and (current.is_square or not square):
        yield str(current)
    sizes = (*new, *known)
    if kind == "scalar":
        yield "R"
    elif kind == "vector":
        yield from (f"R^{size}" for size in sizes)
    else:
        if not square:
            yield from (f"R^{{{rows} x {columns}}}" for rows, columns in product(sizes, sizes) if rows != columns)
        yield from (f"R^{{{size} x {size}}}" for size in sizes)


def _current(asked: Question, name: str) -> Shape | None:
    """The shape that the variable has."""
    program = _program(asked)
    shapes = {} if program is None else {member(array, v): v.shape for array, v in program.variables.items()}
    return shapes.get(name)


def _sizes(asked: Question) -> tuple[list[str], list[str]]:
    """Letters that can be new sizes, and the sizes of declared spaces, which other variables share only if they say so."""
    source, program = parse_source(asked.formula), _program(asked)
    spaces = [(name, space) for name, space in asked.declare.items()]
    spaces += [(name, d.space) for d in source.declarations for name in d.names]
    known = dict.fromkeys(size for name, space in spaces for dim in parse_space(name, space).shape.dims for size in dim.names)
    names = set() if program is None else {*program.variables, *program.definitions}
    new = [letter for letter in _LETTERS if letter not in known and letter not in names]
    return new[:_NEW], [*known][:_OLD]


def _program(asked: Question) -> Program | None:
    try:
        return read_program(asked.formula, asked.declare, asked.gathered)
    except MatcalcError:
        return None
