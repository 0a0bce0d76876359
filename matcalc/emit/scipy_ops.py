"""The operations of linear algebra by BLAS and LAPACK through SciPy, and no linear algebra of NumPy beside them.

The two libraries each have a pool of threads, which disturb each other: a function uses one of them. Programs have been
through `plan.factors`: solves, inverses and determinants are those of factors.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from matcalc.emit.numpy_ast import constant, integers, method, name, real
from matcalc.emit.numpy_ops import OPERATIONS, Args, Operation
from matcalc.emit.target import Target
from matcalc.plan.steps import Program, Step


def _program(target: Target) -> Program:
    assert target.program is not None
    return target.program


def _matmul(target: Target, step: Step, args: Args) -> ast.expr:
    """A product by the routine for its operands: two vectors, a matrix and a vector, two matrices, or more axes."""
    first, second = (_program(target).steps[o] for o in step.operands)
    turn_first, turn_second = (bool(turn) for turn in step.data)
    if len(first.axes) == len(second.axes) == 1:
        return target.helper("_dot", *args)
    if len(first.axes) == len(second.axes) == 2:
        return target.helper("_gemm", target.turned(args[0], turn_first), target.turned(args[1], turn_second))
    if max(len(first.axes), len(second.axes)) > 2:
        return target.helper("_tensor_dot", *args)
    is_left = len(first.axes) == 2
    matrix, vector = args if is_left else args[::-1]
    if _program(target).is_symmetric((first if is_left else second).target):
        return target.helper("_symv", matrix, vector)
    return target.helper("_gemv", target.turned(matrix, turn_first if is_left else not turn_second), vector)


def _tensordot(target: Target, step: Step, args: Args) -> ast.expr:
    """A contraction, the axes that are summed put last in the first array, first in the second."""
    first, second = step.data
    assert isinstance(first, tuple) and isinstance(second, tuple)
    ranks = [len(_program(target).steps[o].axes) for o in step.operands]
    left = [*(i for i in range(ranks[0]) if i not in first), *first]
    right = [*second, *(i for i in range(ranks[1]) if i not in second)]
    moved = [arg if order == sorted(order) else target.permuted(arg, order) for arg, order in zip(args, (left, right), strict=True)]
    return target.helper("_tensor_dot", *moved, *([] if len(first) == 1 else [constant(len(first))]))


def _gram(target: Target, step: Step, args: Args) -> ast.expr:
    along, sign, factor = step.data
    matrix = target.turned(args[0], along == 1)
    if sign:
        return target.helper("_weighted_syrk" if sign == "nonnegative" else "_signed_syrk", matrix, args[1])
    return target.helper("_syrk", matrix, *([] if factor == 1 else [real(factor)]))  # type: ignore[arg-type]


def _of_factors(what: str) -> Operation:
    """What is computed from the factors of a matrix."""

    def operation(target: Target, step: Step, args: Args) -> ast.expr:
        factor = _program(target).steps[step.operands[0]]
        more = [] if what == "solve" else args[1:]
        if what == "solve":
            more = [target.turned(args[1], step.data[1])]
            if step.data[0] and factor.op == "lu":
                more.append(constant(True))
        elif what == "inverse" and _uses(_program(target))[factor.target] == 1:
            more = [constant(True)]
        return target.helper(f"_{factor.op}_{what}", args[0], *more)

    return operation


def _uses(program: Program) -> Mapping[int, int]:
    return Counter(o for step in program.steps for o in step.operands)


def _norm(target: Target, step: Step, args: Args) -> ast.expr:
    """The root of the sum of squares."""
    axes = step.data[0]
    if axes is None:
        return target.call("sqrt", target.helper("_dot", args[0], args[0]))
    assert isinstance(axes, tuple)
    return target.call("sqrt", method(target.call("square", args[0]), "sum", integers(axes)))


SCIPY_OPERATIONS: dict[str, Operation] = {
    **{op: operation for op, operation in OPERATIONS.items() if op != "lstsq"},
    "matmul": _matmul,
    "gram": _gram,
    "outer": lambda target, _, args: target.helper("_column_row", *args),
    "inner": lambda target, _, args: target.helper("_dot", *args),
    "tensordot": _tensordot,
    "lu": lambda target, _, args: target.helper("_lu", args[0]),
    "cholesky": lambda target, _, args: target.helper("_cholesky", args[0]),
    "solve": _of_factors("solve"),
    "inv": _of_factors("inverse"),
    "det": _of_factors("det"),
    "logdet": _of_factors("logdet"),
    "matpow": lambda target, step, args: target.helper("_matrix_power", args[0], constant(int(str(step.data[0])))),
    "expm": lambda target, _, args: target.helper("_exponential", args[0]),
    "norm": _norm,
}
"""Every operation but "assemble", which writes, and least squares by singular values, which no derivative needs."""


def added(target: Target, variable: str, op: ast.operator, rest: ast.expr, is_whole: bool) -> ast.stmt:
    """A term added to an array in its own memory; a column times a row that has all its axes without forming the product."""
    if is_whole and isinstance(rest, ast.Call) and isinstance(rest.func, ast.Name) and rest.func.id == "_column_row":
        sign = constant(-1.0 if isinstance(op, ast.Sub) else 1.0)
        return ast.Assign([ast.Name(variable, ast.Store())], target.helper("_ger", name(variable), sign, *rest.args))
    return ast.AugAssign(ast.Name(variable, ast.Store()), op, rest)
