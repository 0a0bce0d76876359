"""The statements of a program: values that are used once are written where they are used, as long as the line stays short.

Shared values get a name. What is done in the memory of a value that nothing needs any longer is left to the emitters whose
library has such memory.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from matcalc.emit.numpy_ast import assign, binary, name, text
from matcalc.emit.numpy_names import Names, mnemonic
from matcalc.emit.numpy_ops import Operation
from matcalc.emit.target import Target
from matcalc.plan.steps import Program, Step

WIDTH = 72
"""Expressions up to this many characters are written in place."""

MANY = 24
"""Of more operands than this each has a name, and sums of more terms are not added up one by one."""

EARLY = 3
"""Of more results than this each has a name as soon as it is known."""

FREE = frozenset(("var", "number", "pi", "size"))
"""Operations that are as short as a name."""


class Statements:
    """The statements of one program.

    Args:
        program: what is written.
        target: what expressions refer to.
        names: those that are taken.
        operations: the expression for each operation.
        results: names of values that are assigned as soon as they are known.
    """

    def __init__(self, program: Program, target: Target, names: Names, operations: Mapping[str, Operation],
                 results: Mapping[int, str] | None = None) -> None:
        self.program, self.target, self.names, self.operations = program, target, names, operations
        target.program = program
        self.early = results or {}
        self.uses = Counter(o for step in program.steps for o in step.operands) + Counter(program.results)
        self.values: dict[int, ast.expr] = {}
        self.lines: list[ast.stmt] = []
        for step in program.steps:
            self.add(step)

    def add(self, step: Step) -> None:
        """Works out the expression of a step; names it where it is shared, or where it is too long."""
        value = self.build(step)
        self.values[step.target] = value
        if (self.uses[step.target] > 1 or step.target in self.early) and not self.is_short(step.target):
            self.assign(step, self.early.get(step.target, ""))

    def build(self, step: Step) -> ast.expr:
        """The expression, with operands named until it is short enough."""
        if len(step.operands) > MANY:
            for operand in step.operands:
                if not self.is_short(operand):
                    self.assign(self.program.steps[operand])
        while True:
            args = [self.values[o] for o in step.operands]
            value = self.operations[step.op](self.target, step, args)
            if len(text(value)) <= WIDTH:
                return value
            longest = max(step.operands, key=lambda o: len(text(self.values[o])) * (not self.is_short(o)), default=-1)
            if longest < 0 or self.is_short(longest):
                return value
            self.assign(self.program.steps[longest])

    def is_short(self, value: int) -> bool:
        """Whether naming the value would gain nothing."""
        step = self.program.steps[value]
        if step.op in FREE or isinstance(self.values[value], ast.Name):
            return True
        return step.op == "permute" and step.data == (1, 0) and self.is_short(step.operands[0])

    def assign(self, step: Step, wanted: str = "") -> None:
        """Gives a value a name."""
        operands = [self.values[o] for o in step.operands]
        expression = self.values[step.target]
        wanted = wanted or mnemonic(step, operands, expression)
        self.values[step.target] = name(wanted)
        variable = self.variable(wanted, step)
        self.lines.append(assign(variable, expression))
        self.hold(step, variable, wanted)

    def variable(self, wanted: str, step: Step) -> str:
        """The name that a value gets."""
        return self.names.numbered(wanted)

    def hold(self, step: Step, variable: str, wanted: str) -> None:
        """Notes which value a variable stands for from here on."""
        self.values[step.target] = name(variable)

    def result(self) -> ast.expr:
        """What is returned: one value or a tuple."""
        raise NotImplementedError

    def depends(self, value: int) -> bool:
        """Whether a value depends on an array, so that it is no plain number."""
        stack, seen = [value], set[int]()
        while stack:
            step = self.program.steps[stack.pop()]
            if step.op == "var" or step.axes:
                return True
            stack += [o for o in step.operands if o not in seen]
            seen.update(step.operands)
        return False


Body = Callable[[Program, Target, Names, Mapping[int, str]], Statements]


def statements_of(program: Program, target: Target, pool: Names, results: Sequence[str], body: Body) -> list[ast.stmt]:
    """The statements of a program up to what it returns, after those of the one that is better at some sizes."""
    first: list[ast.stmt] = []
    if program.instead is not None:
        (left, factors), other = program.instead
        right = reduce(lambda a, b: binary(a, ast.Mult(), b), map(target.size, factors))
        condition = ast.Compare(target.size(left), [ast.Gt()], [right])
        first = [ast.If(condition, statements_of(other, target, Names(pool.taken), results, body), [])]
    named = ["value", *(f"grad_{target.parameters[by]}" for by in results)]
    early = dict(zip(program.results, named, strict=True)) if len(results) > EARLY else {}
    found = body(program, target, pool, early)
    return [*first, *found.lines, ast.Return(found.result())]


def indented(doc: str) -> str:
    """A docstring as it stands inside a function."""
    lines = doc.strip().split("\n")
    return lines[0] if len(lines) == 1 else "\n".join(f"    {line}" if line and n else line for n, line in enumerate([*lines, ""])) + "    "
