"""Factorisations as steps of their own, so that all that needs one of a matrix shares it.

Before: `solve`, `inv`, `det` and `logdet` of matrices. After: the same of factors: `cholesky` of a matrix that is declared
positive definite, `lu` of any other. It ends after one pass over the steps.
"""

from __future__ import annotations

from matcalc.plan.steps import Program

OF_FACTORS = frozenset(("solve", "inv", "det", "logdet"))
"""Operations that a factorisation is the first half of."""


def with_factors(program: Program) -> Program:
    """The program with one factorisation of each matrix; powers below -1 are powers of the inverse."""
    result, number = Program(), dict[int, int]()
    for step in program.steps:
        op, data, operands = step.op, step.data, tuple(number[o] for o in step.operands)
        power = int(str(data[0])) if op == "matpow" else 0
        if op in OF_FACTORS or power < 0:
            matrix = program.steps[step.operands[0]]
            factor = result.emit("cholesky" if program.has(matrix.target, "posdef") else "lu", operands[:1], (), matrix.axes)
            operands = (factor, *operands[1:])
        if power < 0:
            operands, data = (result.emit("inv", operands, (), step.axes),), (-power,)
        number[step.target] = result.emit(op, operands, data, step.axes)
    result.results = tuple(number[r] for r in program.results)
    if program.instead is not None:
        comparison, other = program.instead
        result.instead = comparison, with_factors(other)
    return result
