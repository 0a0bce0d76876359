"""One factorisation per matrix: solves with a matrix that is inverted anyway, and several solves with one matrix."""

from __future__ import annotations

from matcalc.core.dims import Dim
from matcalc.plan.steps import Program, Step, pruned

ONE = Dim.of(1)


def shared_factorisations(program: Program) -> Program:
    """The program with inverses reused, and independent solves with one matrix made one solve with more columns."""
    return _stacked(_reused(program))


def _reused(program: Program) -> Program:
    """A solve becomes a product where the inverse is formed for another reason."""
    inverted = {step.operands[0]: step for step in program.steps if step.op == "inv"}
    if not any(step.op == "solve" and step.operands[0] in inverted for step in program.steps):
        return program
    result, number = Program(), dict[int, int]()
    for step in program.steps:
        operands = tuple(number[o] for o in step.operands)
        if step.op == "solve" and step.operands[0] in inverted:
            inverse = inverted[step.operands[0]]
            matrix = result.emit("inv", operands[:1], inverse.data, inverse.axes)
            number[step.target] = result.emit("matmul", (matrix, operands[1]), step.data, step.axes)
        else:
            number[step.target] = result.emit(step.op, operands, step.data, step.axes)
    result.results = tuple(number[r] for r in program.results)
    return pruned(result)


def _ancestors(program: Program) -> list[set[int]]:
    """For each step, the solves that it depends on."""
    found: list[set[int]] = []
    for step in program.steps:
        above = set().union(*(found[o] for o in step.operands)) if step.operands else set()
        found.append(above | {step.target} if step.op == "solve" else above)
    return found


def _groups(program: Program) -> list[list[Step]]:
    """Solves with one matrix, turned alike, none of which depends on another."""
    ancestors = _ancestors(program)
    groups: dict[tuple[object, ...], list[Step]] = {}
    for step in program.steps:
        if step.op == "solve" and len(step.axes) <= 2:
            group = groups.setdefault((step.operands[0], step.data[0]), [])
            if not ancestors[step.operands[1]] & {other.target for other in group}:
                group.append(step)
    return [group for group in groups.values() if len(group) > 1]


def _stacked(program: Program) -> Program:
    """Right-hand sides side by side; nothing is changed where two groups wait for each other."""
    groups = _groups(program)
    if not groups:
        return program
    group_of = {step.target: group for group in groups for step in group}
    result, number = Program(), dict[int, int]()
    waiting = list(program.steps)
    while waiting:
        later: list[Step] = []
        for step in waiting:
            group = group_of.get(step.target, [])
            needed = [o for s in group for o in s.operands] if group else list(step.operands)
            if not all(o in number for o in needed):
                later.append(step)
            elif not group:
                operands = tuple(number[o] for o in step.operands)
                number[step.target] = result.emit(step.op, operands, step.data, step.axes)
            elif step.target not in number:
                _solve_together(result, group, number)
        if len(later) == len(waiting):
            return program
        waiting = later
    result.results = tuple(number[r] for r in program.results)
    return pruned(result)


def _solve_together(result: Program, group: list[Step], number: dict[int, int]) -> None:
    """One solve with the columns of all right-hand sides, and each solution as a part of it."""
    columns: list[int] = []
    widths: list[Dim] = []
    for step in group:
        value = number[step.operands[1]]
        if step.data[1]:
            value = result.emit("permute", (value,), (1, 0), step.axes[:1] + step.axes[1:])
        columns.append(value)
        widths.append(step.axes[1] if len(step.axes) == 2 else ONE)
    total = Dim.of(0)
    starts = []
    for width in widths:
        starts.append(total)
        total = total + width
    axes = (group[0].axes[0], total)
    stack = result.emit("stack", tuple(columns), (), axes)
    whole = result.emit("solve", (number[group[0].operands[0]], stack), (group[0].data[0], False), axes)
    for step, start, width in zip(group, starts, widths, strict=True):
        op, data = ("take", (1, start)) if len(step.axes) == 1 else ("slice", (1, start, width))
        number[step.target] = result.emit(op, (whole,), data, step.axes)


