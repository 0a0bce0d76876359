"""Logistic functions as one operation, for libraries that have it: a / (1 + exp(-z)) is a sigmoid(z).

Before: a program in which they are quotients whose exponential is kept from overflow. After: the same values, with the
operation `map` of "sigmoid" in the place of the quotient. It ends after one pass over the steps.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.plan.steps import Program, Step, pruned

ONE = Fraction(1)


def with_logistics(program: Program) -> Program:
    """The program, and the one that is better at some sizes, with logistic functions."""
    result, number = Program(), dict[int, int]()
    for step in program.steps:
        operands = tuple(number[o] for o in step.operands)
        sign = _sign(result, operands[1]) if step.op == "divide" else 0
        if sign:
            number[step.target] = _scaled_logistic(result, step, operands, sign)
        else:
            number[step.target] = result.emit(step.op, operands, step.data, step.axes)
    result.results = tuple(number[r] for r in program.results)
    found = pruned(result)
    if program.instead is not None:
        comparison, other = program.instead
        found.instead = comparison, with_logistics(other)
    return found


def _sign(program: Program, value: int) -> int:
    """1 for a value 1 + exp(w), -1 for its negative, 0 for anything else."""
    step = program.steps[value]
    if step.op != "combine" or len(step.operands) != 1 or program.steps[step.operands[0]].op != "bounded_exp":
        return 0
    coefficients, shift, indices, union = step.data
    return int(shift) if coefficients == (shift,) and shift in (1, -1) and indices == (union,) else 0


def _scaled_logistic(program: Program, step: Step, operands: tuple[int, ...], sign: int) -> int:
    """a / (1 + exp(w)) as a sigmoid(-w)."""
    exponential = program.steps[program.steps[operands[1]].operands[0]]
    value = program.emit("map", (_negative(program, exponential.operands[0]),), ("sigmoid",), exponential.axes)
    above = program.steps[operands[0]]
    if above.op == "number":
        factor = above.data[0]
        assert isinstance(factor, Fraction)
        return _multiple(program, value, sign * factor) if len(step.axes) == len(exponential.axes) else _product(program, step, operands[0], value, sign)
    return _product(program, step, operands[0], value, sign)


def _product(program: Program, step: Step, above: int, value: int, sign: int) -> int:
    return _multiple(program, program.emit("multiply", (above, value), step.data, step.axes), Fraction(sign))


def _negative(program: Program, value: int) -> int:
    step = program.steps[value]
    if step.op == "combine" and step.data == ((-ONE,), 0, (step.data[3],), step.data[3]):
        return step.operands[0]
    return _multiple(program, value, -ONE)


def _multiple(program: Program, value: int, factor: Fraction) -> int:
    if factor == 1:
        return value
    axes = program.steps[value].axes
    everywhere = tuple(range(len(axes)))
    return program.emit("combine", (value,), ((factor,), Fraction(0), (everywhere,), everywhere), axes)
