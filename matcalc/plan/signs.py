"""Signs and common numbers, moved to where they cost nothing.

Before: any program. After: the same values. A minus in front of a product goes into a factor that is a difference, a
quotient by one, or a multiple: -(y / (1 + e)) is y / (-1 - e). It ends after one pass over the steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from matcalc.plan.steps import Program, Step, pruned

EITHER = frozenset(("multiply", "matmul", "outer", "inner", "tensordot", "einsum"))
"""Operations that a sign passes through, into either operand."""

FIRST = frozenset(("sum", "permute", "reshape", "take", "slice", "repeat", "trace", "diagonal"))
ORDER: dict[str, tuple[int, ...]] = {**dict.fromkeys(EITHER, (0, 1)), **dict.fromkeys(FIRST, (0,)), "divide": (1, 0), "solve": (1,)}
"""Which operands a sign may go into, the one to try first in front."""


def with_free_signs(program: Program) -> Program:
    """The program without minus signs that a factor takes in."""
    uses = Counter(o for step in program.steps for o in step.operands) + Counter(program.results)
    changed: dict[int, Step] = {}
    same: dict[int, int] = {}
    for step in program.steps:
        factor = multiple(step)
        if factor == -1 and (found := _negated(program, changed, same, uses, step.operands[0])):
            changed |= found
            same[step.target] = step.operands[0]
    return _rewritten(program, changed, same)


def with_one_scaling(program: Program) -> Program:
    """The program with a number in front of all products with a matrix in front of the matrix instead, where nothing else needs it."""
    uses = Counter(o for step in program.steps for o in step.operands) + Counter(program.results)
    users: dict[int, list[Step]] = {}
    for step in program.steps:
        for o in step.operands:
            users.setdefault(o, []).append(step)
    for step in program.steps:
        products = users.get(step.target, []) if len(step.axes) == 2 and step.op != "var" else []
        if len(products) < 2 or step.target in program.results or any(p.op != "matmul" or uses[p.target] != 1 or p.target not in users for p in products):
            continue
        multiples = [users[p.target][0] for p in products]
        factors = {multiple(m) for m in multiples}
        if len(factors) == 1 and (factor := factors.pop()) is not None:
            return _scaled_before(program, step, factor, {m.target: m.operands[0] for m in multiples})
    return program


def multiple(step: Step) -> Fraction | None:
    """c, of a step that is c times its one operand, the axes in order."""
    if step.op != "combine" or len(step.operands) != 1 or step.data[1] or step.data[2] != (step.data[3],):
        return None
    coefficients = step.data[0]
    assert isinstance(coefficients, tuple) and isinstance(coefficients[0], Fraction)
    return coefficients[0]


def _negated(program: Program, changed: Mapping[int, Step], same: Mapping[int, int], uses: Counter[int], value: int) -> dict[int, Step]:
    """The steps that change so that a value changes its sign at no cost; none where that cannot be.

    Args:
        changed: the steps that have changed already.
        same: values that are others since then.
        uses: how often each value is needed.
        value: what changes its sign.
    """
    while value in same and uses[value] == 1:
        value = same[value]
    step = changed.get(value, program.steps[value])
    if uses[value] != 1:
        return {}
    if step.op == "combine":
        coefficients, shift, *rest = step.data
        assert isinstance(coefficients, tuple) and isinstance(shift, Fraction)
        opposite = tuple(-c for c in coefficients)
        is_free = bool(shift) or any(c > 0 for c in opposite)
        return {value: replace(step, data=(opposite, -shift, *rest))} if is_free else {}
    for position in ORDER.get(step.op, ()):
        found = _negated(program, changed, same, uses, step.operands[position])
        if found:
            return found
    return {}


def _rewritten(program: Program, changed: Mapping[int, Step], same: Mapping[int, int]) -> Program:
    """The program with some steps changed, and some values replaced by others."""
    if not same:
        return program

    def found(value: int) -> int:
        while value in same:
            value = same[value]
        return value

    steps = [changed.get(step.target, step) for step in program.steps]
    steps = [replace(step, operands=tuple(found(o) for o in step.operands)) for step in steps]
    return pruned(Program(steps, tuple(found(r) for r in program.results)))


def _scaled_before(program: Program, matrix: Step, factor: Fraction, same: Mapping[int, int]) -> Program:
    """The program with a matrix scaled as soon as it is there."""
    result, number = Program(), dict[int, int]()
    for step in program.steps:
        if step.target in same:
            number[step.target] = number[same[step.target]]
            continue
        value = result.emit(step.op, tuple(number[o] for o in step.operands), step.data, step.axes)
        if step is matrix:
            value = result.emit("combine", (value,), ((factor,), Fraction(0), ((0, 1),), (0, 1)), step.axes)
        number[step.target] = value
    result.results = tuple(number[r] for r in program.results)
    return result
