"""NumPy source of a program, built as a Python `ast` and unparsed: one straight-line function.

Values that are used once are written where they are used, as long as the line stays short; shared values get a name.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf

from matcalc.core.errors import DeclarationError
from matcalc.emit.numpy_ast import (
    attribute,
    definition,
    invoke,
    method,
    name,
    names_in,
    real,
    sequence,
    text,
)
from matcalc.emit.numpy_checks import Parameter, Sizes, conversion, prologue
from matcalc.emit.numpy_helpers import HELPERS, NEED_FLOAT64, NEED_MATH, helper
from matcalc.emit.numpy_names import RESERVED, Names, mnemonic, safe_names
from matcalc.emit.numpy_ops import OPERATIONS, Operation
from matcalc.emit.numpy_places import expression, statements
from matcalc.emit.scipy_helpers import SCIPY_HELPERS, libraries, needed
from matcalc.emit.scipy_ops import SCIPY_OPERATIONS, added
from matcalc.emit.statements import MANY, WIDTH, Statements, indented, statements_of
from matcalc.emit.target import Target
from matcalc.plan.factors import with_factors
from matcalc.plan.steps import Program, Step

MAX_LINE = 120
"""Tests of arguments that are longer are written over several lines."""

VIEWS = frozenset(("permute", "reshape", "take", "slice"))
ALIASES = VIEWS | {"repeat", "diagonal"}
"""Operations that may give an array in the memory of their operand."""

RECENT = 4
"""So many variables of one kind are looked at for one that is not needed any longer."""

OWN = frozenset(("matmul", "gram", "outer", "inv", "combine", "multiply", "divide", "map", "power"))
"""Operations that make a new array of floats."""

LINALG: Mapping[str, Mapping[str, Operation]] = {"numpy": OPERATIONS, "scipy": SCIPY_OPERATIONS}
"""What linear algebra is by."""

TAKEN = frozenset(("ValueError", "TypeError", "_ndarray", "_float64", "float", "int", "isinstance", "len", "tuple", "type"))
"""Names that emitted code reads, so that no function has one of them."""

UFUNCS = frozenset(("tanh", "exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh"))
"""Elementwise functions that are one call of NumPy."""


class Body(Statements):
    """The statements of one program, temporaries updated in place."""

    def __init__(self, program: Program, target: Target, names: Names, results: Mapping[int, str] | None = None) -> None:
        self.held: dict[str, dict[str, list[int]]] = {}
        self.users: dict[int, list[int]] = {step.target: [] for step in program.steps}
        for step in program.steps:
            for o in step.operands:
                self.users[o].append(step.target)
        super().__init__(program, target, names, LINALG[target.linalg], results)

    def add(self, step: Step) -> None:
        """Works out the expression of a step, in memory that is free where there is some."""
        if step.op == "assemble":
            self.assemble(step)
            return
        if step.op == "combine" and len(step.axes) > 1 and self.accumulate(step):
            return
        if step.op == "map" and len(step.axes) > 1 and self.map_over(step):
            return
        super().add(step)

    def accumulate(self, step: Step) -> bool:
        """Adds matrices to the first of a sum in its own memory, where nothing else needs it any longer."""
        coefficients, shift, indices, union = step.data
        assert isinstance(coefficients, tuple) and isinstance(indices, tuple)
        positions = [
            n for n, o in enumerate(step.operands) if coefficients[n] == 1 and indices[n] == union and self.is_spent(o, step)
        ]
        if not shift and len(step.operands) == 1:
            return self.scale(step, coefficients[0])
        if shift or not positions or len(step.operands) > MANY:
            return False
        first, others = step.operands[positions[0]], [n for n in range(len(coefficients)) if n != positions[0]]
        if not isinstance(self.values[first], ast.Name):
            is_less = any(coefficients[n] < 0 for n in others)
            self.assign(self.program.steps[first], "out" if self.program.steps[first].op == "gram" else "r" if is_less else "z")
        variable = self.values[first]
        assert isinstance(variable, ast.Name)
        rests = []
        for n in others:
            data = ((abs(coefficients[n]),), shift, (indices[n],), union)
            rest = self.build(replace(step, operands=(step.operands[n],), data=data))
            rests.append((variable.id in names_in(rest), ast.Sub() if coefficients[n] < 0 else ast.Add(), rest, indices[n] == union))
        if sum(refers for refers, *_ in rests) > 1:
            return False
        for _, op, rest, is_whole in sorted(rests, key=lambda r: not r[0]):  # the one that refers to it reads it unchanged
            self.lines.append(added(self.target, variable.id, op, rest, is_whole))
        self.keep(step, variable.id)
        return True

    def scale(self, step: Step, factor: Fraction) -> bool:
        """Multiplies a matrix by a number in its own memory, where nothing else needs it any longer."""
        first = step.operands[0]
        variable = self.values[first]
        if abs(factor) == 1 or step.data[2] != (step.data[3],) or not isinstance(variable, ast.Name) or not self.is_spent(first, step):
            return False
        self.lines.append(ast.AugAssign(ast.Name(variable.id, ast.Store()), ast.Mult(), real(factor)))
        self.keep(step, variable.id)
        return True

    def map_over(self, step: Step) -> bool:
        """An elementwise function of a matrix, written into the memory of its argument where nothing else needs that."""
        value = self.operations[step.op](self.target, step, [self.values[step.operands[0]]])
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr not in UFUNCS:
            return False
        if not self.is_spent(step.operands[0], step):
            return False
        if not isinstance(self.values[step.operands[0]], ast.Name):
            self.assign(self.program.steps[step.operands[0]], "z")
        argument = self.values[step.operands[0]]
        self.values[step.target] = self.target.call(value.func.attr, argument, out=argument)
        self.assign(step)
        return True

    def is_spent(self, value: int, by: Step) -> bool:
        """Whether a value is an array of its own that no statement after a step refers to."""
        step = self.program.steps[value]
        if step.op not in OWN or _is_same(step) or value in self.program.results or len(step.axes) != len(by.axes):
            return False
        return all(self.written(user) <= by.target for user in self.users[value])

    def written(self, value: int) -> float:
        """The last step whose statement the expression of a value stands in."""
        if value not in self.values:
            return value
        if isinstance(self.values[value], ast.Name) and self.program.steps[value].op not in ALIASES:
            return value
        return inf if value in self.program.results else max(map(self.written, self.users[value]), default=inf)

    def variable(self, wanted: str, step: Step) -> str:
        """The name of a value that nothing needs any longer, where there is one: its memory is free then."""
        return self.idle(wanted, step) or super().variable(wanted, step)

    def idle(self, wanted: str, step: Step) -> str | None:
        """The name of a value that nothing needs any longer, where results are computed early: its memory is free then."""
        for variable, targets in list(self.held.get(wanted, {}).items())[-RECENT:] if self.early else ():
            users = [user for target in targets for user in self.users[target]]
            if not set(targets) & set(self.program.results) and all(self.written(user) <= step.target for user in users):
                return variable
        return None

    def hold(self, step: Step, variable: str, wanted: str) -> None:
        """Notes which value a variable stands for from here on."""
        self.values[step.target] = name(variable)
        self.held.setdefault(wanted, {})[variable] = [step.target]

    def keep(self, step: Step, variable: str) -> None:
        """Notes that a variable stands for a value too, which was made in its memory."""
        self.values[step.target] = name(variable)
        for held in self.held.values():
            if variable in held:
                held[variable].append(step.target)

    def assemble(self, step: Step) -> None:
        """An array that is written into, or the one expression that says the same."""
        args = [self.values[o] for o in step.operands]
        value = expression(self.target, step, args)
        if value is not None and len(text(value)) <= 2 * WIDTH:
            self.values[step.target] = value
            if self.uses[step.target] > 1:
                self.assign(step)
            return
        base = step.operands[0]
        is_fresh = bool(step.data[0]) and self.uses[base] == 1 and not self.is_view(base)
        if is_fresh and isinstance(args[0], ast.Name):
            variable = args[0].id
            lines = statements(self.target, step, args, variable, is_fresh)[1:]
        else:
            variable = self.names.numbered(mnemonic(step, args, ast.Constant(0)))
            lines = statements(self.target, step, args, variable, is_fresh)
        self.lines += lines
        self.values[step.target] = name(variable)

    def is_view(self, value: int) -> bool:
        """Whether the array may share its memory with a parameter, or may not be written to."""
        step = self.program.steps[value]
        if step.op in VIEWS:
            below = step.operands[0]
            return self.uses[below] > 1 or self.is_view(below)
        return step.op in ("var", "repeat", "diagonal")

    def result(self) -> ast.expr:
        """What is returned: one value or a tuple, none of them sharing memory."""
        seen: set[int] = set()
        values = []
        for number in self.program.results:
            value = self.values[number]
            step = self.program.steps[number]
            if not step.axes and not self.depends(number):
                value = invoke(attribute(name(self.target.alias), "float64"), value)
            elif (self.is_view(number) and (step.axes or step.op == "var")) or (number in seen and step.axes):
                value = method(value, "copy")
            seen.add(number)
            values.append(value)
        return values[0] if len(values) == 1 else sequence(values)


def _is_same(step: Step) -> bool:
    """Whether a sum is its one term, perhaps with its axes in another order: a view."""
    return step.op == "combine" and step.data[:2] == ((1,), 0)


def to_numpy(program: Program, parameters: Mapping[str, Parameter], function: str, doc: str, checks: bool = True,
             results: Sequence[str] = (), linalg: str = "numpy") -> str:
    """The source of a module with one function.

    Args:
        program: what to compute; several results are returned as a tuple.
        parameters: names with axes and spaces, in the order of the parameters.
        function: the name of the function.
        doc: its docstring.
        checks: whether the arguments are converted and their shapes compared.
        results: the variables that the results after the first, a value, are gradients by.
        linalg: the library that linear algebra is by, a key of LINALG.

    Raises:
        DeclarationError: where the function cannot have that name, or needs a size that no array has.
    """
    pool = Names((function,) if checks else ())
    sizes = Sizes(parameters)
    target = target_of(function, parameters, sizes, pool, linalg)
    body = statements_of(with_factors(program) if linalg == "scipy" else program, target, pool, results, Body)
    head = prologue(target, parameters, sizes, name(function) if checks else None)
    lines = [ast.Expr(ast.Constant(indented(doc))), *head, *body]
    own = definition(function, [target.parameters[p] for p in parameters], lines)
    return module(target, [conversion(target, parameters, sizes), own] if checks and parameters else [own])


def target_of(function: str, parameters: Mapping[str, Parameter], sizes: Sizes, pool: Names, linalg: str = "numpy") -> Target:
    """Names for what a function, or a class, refers to.

    Raises:
        DeclarationError: where it cannot have the name that is asked for.
    """
    if function in TAKEN or function in HELPERS or function in SCIPY_HELPERS or (linalg == "scipy" and function in ("blas", "lapack")):
        raise DeclarationError(f"`{function}` is a name that emitted code uses itself", hint="choose another one")
    numpy = "numpy" if function == "np" else "np"
    target = Target(function, numpy, safe_names(list(parameters), pool), {}, sizes.whole(parameters), linalg=linalg)
    for size in sizes.sources:
        target.sizes[size] = pool.numbered(size if size not in pool.taken and size not in RESERVED else f"size_{size}")
    return target


def module(target: Target, definitions: Sequence[ast.stmt]) -> str:
    """Imports, the helpers that are used, and the functions."""
    alias = None if target.alias == "numpy" else target.alias
    imports: list[ast.stmt] = [ast.Import([ast.alias("numpy", alias)])]
    used = needed(target.used_helpers)
    imports += [ast.ImportFrom("scipy.linalg", [ast.alias(library, None)], 0) for library in libraries(used)]
    if used & NEED_MATH:
        imports.insert(0, ast.Import([ast.alias("math", None)]))
    head = ["\n".join(text(line) for line in imports)]
    if used & NEED_FLOAT64:
        head.append(f"_ndarray, _float64 = ({target.alias}.ndarray, {target.alias}.dtype(float))")
    helpers = [helper(which, target.alias) for which in (*HELPERS, *SCIPY_HELPERS) if which in used]
    chunks = ["\n\n".join(head), *helpers, *(wrapped(text(d)) for d in definitions)]
    return "\n\n\n".join(chunk.strip() for chunk in chunks) + "\n"


def wrapped(source: str) -> str:
    """Long tests of arguments, over several lines."""
    lines = source.split("\n")
    for n, line in enumerate(lines):
        if len(line) > MAX_LINE and line.lstrip().startswith("if not ("):
            indent = " " * (len(line) - len(line.lstrip()) + 8)
            lines[n] = line.replace(" and ", f"\n{indent}and ")
    return "\n".join(lines)
