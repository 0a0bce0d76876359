"""Products that a special kernel computes faster: Gram matrices by symmetric rank updates, outer products.

Before: a program of general products. After: the same values; `gram` and `outer` in the place of `matmul` and
`multiply`. It ends after one pass over the steps.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from matcalc.plan.ranges import is_nonnegative, ranges
from matcalc.plan.steps import Program, Step, pruned


def with_kernels(program: Program) -> Program:
    """The program with the kernels that suit its products."""
    bounds = ranges(program)
    uses = Counter(o for step in program.steps for o in step.operands) + Counter(program.results)
    summed = {step.operands[0]: step.data for step in program.steps if step.op == "logsumexp"}
    result, number = Program(), dict[int, int]()
    for step in program.steps:
        op, operands, data = step.op, step.operands, step.data
        found = _gram(program, step) if op == "matmul" else None
        if found is not None:
            matrix, along, weights = found
            operands = (matrix,) if weights is None else (matrix, weights)
            sign = "" if weights is None else "nonnegative" if is_nonnegative(bounds[weights]) else "any"
            op, data = "gram", (along, sign, Fraction(1))
        elif op == "multiply" and (sides := _column_and_row(step)) is not None:
            op, operands, data = "outer", sides, ()
        mapped = tuple(number[o] for o in operands)
        is_multiple = op == "combine" and len(operands) == 1 and uses[operands[0]] == 1 and not data[1]
        if is_multiple and result.steps[mapped[0]].op == "outer":
            op, mapped, data = "outer", _scaled_outer(result, mapped[0], data), ()
        if op == "softmax" and data[0] == 0 and operands[0] in summed:
            op, mapped, data = "map", (_reduced(result, mapped[0], summed[operands[0]]),), ("exp",)
        number[step.target] = result.emit(op, mapped, data, step.axes)
    result.results = tuple(number[r] for r in program.results)
    return pruned(_scaled(result))


def _gram(program: Program, step: Step) -> tuple[int, int, int | None] | None:
    """The matrix, the axis that is summed, and the weights along it, of X^T diag(w) X or X diag(w) X^T."""
    first, second = (program.steps[o] for o in step.operands)
    if len(first.axes) != 2 or len(second.axes) != 2 or step.data[0] == step.data[1]:
        return None
    along = 0 if step.data[0] else 1
    if first is second:
        return first.target, along, None
    for one, other in ((first, second), (second, first)):
        if one.op == "multiply" and one.operands[1] == other.target:
            weights, matrix, union = one.data
            if matrix == union and weights == (union[along],):  # type: ignore[index]
                return other.target, along, one.operands[0]
    return None


def _scaled_outer(program: Program, outer: int, data: tuple[object, ...]) -> tuple[int, int]:
    """The column of an outer product with the factor of the product, and the row."""
    column, row = program.steps[outer].operands
    scaled = ((_factor(data),), Fraction(0), ((0,),), (0,))
    return program.emit("combine", (column,), scaled, program.steps[column].axes), row


def _factor(data: tuple[object, ...]) -> Fraction:
    """The one coefficient of a sum of one term."""
    coefficients = data[0]
    assert isinstance(coefficients, tuple) and isinstance(coefficients[0], Fraction)
    return coefficients[0]


def _reduced(program: Program, value: int, data: tuple[object, ...]) -> int:
    """z - logsumexp(z), whose exponential is softmax(z), where logsumexp(z) is needed too."""
    axes = program.steps[value].axes
    everywhere = tuple(range(len(axes)))
    total = program.emit("logsumexp", (value,), data, ())
    difference = ((Fraction(1), Fraction(-1)), Fraction(0), (everywhere, ()), everywhere)
    return program.emit("combine", (value, total), difference, axes)


def _column_and_row(step: Step) -> tuple[int, int] | None:
    """The two vectors of an outer product, the column first."""
    first, second, union = step.data
    if (*first, *second) == union and len(first) == len(second) == 1:  # type: ignore[misc, arg-type]
        return step.operands[0], step.operands[1]
    if (*second, *first) == union and len(first) == len(second) == 1:  # type: ignore[misc, arg-type]
        return step.operands[1], step.operands[0]
    return None


def _scaled(program: Program) -> Program:
    """Numbers in front of Gram matrices without weights, for the kernel to multiply with."""
    uses = [o for step in program.steps for o in step.operands] + list(program.results)
    for step in program.steps:
        if step.op == "combine" and len(step.operands) == 1 and step.data[1] == 0 and step.data[2] == (step.data[3],):
            gram = program.steps[step.operands[0]]
            if gram.op == "gram" and gram.data[1] == "" and uses.count(gram.target) == 1:
                data = (*gram.data[:2], _factor(step.data))
                program.steps[step.target] = Step(step.target, "gram", gram.operands, data, step.axes)
    return program
