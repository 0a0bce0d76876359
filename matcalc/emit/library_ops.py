"""One expression for each operation of a program, where arrays are never written to: one table for all dialects."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.emit.library import Library
from matcalc.emit.library_places import assembled
from matcalc.emit.numpy_ast import (
    attribute,
    binary,
    constant,
    integers,
    invoke,
    item,
    listing,
    name,
    real,
    sequence,
    times,
)
from matcalc.emit.numpy_ops import OPERATIONS, Args, Operation, interval
from matcalc.emit.target import Target
from matcalc.plan.steps import Indices, Step

Spelled = Callable[[Library, Step, Args], ast.expr]

MATH = {"exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tanh": "tanh", "atan": "atan", "sinh": "sinh", "cosh": "cosh", "erf": "erf"}
"""Elementwise functions that the module `math` has for plain numbers."""

MAX_EXPONENT = 300
"""Numbers up to this size have an exponential that is finite."""


def _operation(spelled: Spelled) -> Operation:
    """An operation in the table that serves all targets."""

    def operation(target: Target, step: Step, args: Args) -> ast.expr:
        assert isinstance(target, Library)
        return spelled(target, step, args)

    return operation


def _named(which: str, *operands: str) -> Operation:
    """An operation whose form needs its operands alone."""
    return _operation(lambda target, _, args: target.form(which, **dict(zip(operands, args, strict=True))))


# ---------------------------------------------------------------- functions
def _map(target: Library, step: Step, args: Args) -> ast.expr:
    which = str(step.data[0])
    if step.target in target.plain and which in MATH and _is_safe(target, step.operands[0], which):
        return invoke(attribute(name("math"), MATH[which]), *args)
    if which in ("max", "min"):
        return _extreme(target, step, args, which)
    return target.form(which, z=target.array(step.operands[0], args[0]))


def _extreme(target: Library, step: Step, args: Args, which: str) -> ast.expr:
    """The larger or the smaller of two; one of them may be a plain number."""
    (first, a), (second, b) = sorted(zip(step.operands, args, strict=True), key=lambda pair: pair[0] in target.plain)
    if second in target.plain:
        return target.form(f"{which}_number", z=target.array(first, a), value=b)
    return target.form(which, a=args[0], b=args[1])


def _is_safe(target: Library, value: int, which: str) -> bool:
    """Whether a function of a plain number is one of Python, which raises where arrays become infinite."""
    assert target.program is not None
    step = target.program.steps[value]
    if which in ("exp", "sinh", "cosh"):
        return step.op == "number" and abs(step.data[0]) <= MAX_EXPONENT  # type: ignore[arg-type]
    return is_positive(target, value) or (which != "log" and step.op == "number")


def is_positive(target: Library, value: int) -> bool:
    """Whether a plain number is known to be positive."""
    assert target.program is not None
    step = target.program.steps[value]
    parts = all(is_positive(target, o) for o in step.operands)
    if step.op == "number":
        return isinstance(step.data[0], Fraction) and step.data[0] > 0
    if step.op == "combine":
        coefficients, shift = step.data[:2]
        assert isinstance(coefficients, tuple) and isinstance(shift, Fraction)
        return parts and shift >= 0 and min(coefficients) > 0
    return parts and step.op in ("pi", "size", "multiply", "divide", "power")


def _power(target: Library, step: Step, args: Args) -> ast.expr:
    """A power; the root of a plain number is one of Python."""
    if step.target not in target.plain:
        return OPERATIONS["power"](target, step, args)
    if not is_positive(target, step.operands[0]):
        return OPERATIONS["power"](target, step, [target.array(step.operands[0], args[0])])
    return binary(args[0], ast.Pow(), real(step.data[0]))  # type: ignore[arg-type]


def _pow(target: Library, step: Step, args: Args) -> ast.expr:
    base = args[0] if is_positive(target, step.operands[0]) else target.array(step.operands[0], args[0])
    return binary(base, ast.Pow(), args[1])


def _over_axes(target: Library, step: Step, args: Args) -> ast.expr:
    """softmax and logsumexp, over the axes from one on."""
    lead, rank = int(str(step.data[0])), int(str(step.data[1]))
    which = f"{step.op}_along" if lead else step.op
    if rank - lead == 1 and target.has(f"{step.op}_one"):
        which = f"{step.op}_one"
    return target.form(which, z=args[0], axis=integers(range(lead, rank)))


def _norm(target: Library, step: Step, args: Args) -> ast.expr:
    axes = step.data[0]
    if axes is None:
        return target.form("norm", z=args[0])
    assert isinstance(axes, tuple)
    return target.form("norm_along", z=args[0], axis=integers(axes))


# ---------------------------------------------------------------- axes
def _full(target: Library, step: Step, args: Args) -> ast.expr:
    value = step.data[0]
    assert isinstance(value, Fraction)
    if value in (0, 1):
        return target.form("ones" if value else "zeros", shape=target.shape(step.axes))
    return target.form("full", shape=target.shape(step.axes), value=real(value))


def _repeat(target: Library, step: Step, args: Args) -> ast.expr:
    idx = step.data[0]
    assert isinstance(idx, tuple)
    shape = target.shape(step.axes)
    if step.operands[0] in target.plain:
        return target.form("full", shape=shape, value=args[0])
    spread = target.spread(args[0], idx, tuple(range(len(step.axes))))
    return invoke(attribute(name(target.alias), "broadcast_to"), spread, shape)


def _take(target: Library, step: Step, args: Args) -> ast.expr:
    axis, position = step.data
    assert isinstance(axis, int) and isinstance(position, Dim)
    return target.part(args[0], axis, target.size(position), len(step.axes) + 1)


def _slice(target: Library, step: Step, args: Args) -> ast.expr:
    axis, start, size = step.data
    assert isinstance(axis, int) and isinstance(start, Dim) and isinstance(size, Dim)
    return target.part(args[0], axis, interval(target, start, size), len(step.axes))


def _reshape(target: Library, step: Step, args: Args) -> ast.expr:
    if len(step.axes) == 1:
        return target.form("flat", z=args[0])
    return target.form("reshape", z=args[0], shape=target.shape(step.axes))


def _diagonal(target: Library, step: Step, args: Args) -> ast.expr:
    first, second = (int(str(axis)) for axis in step.data)
    rank = len(step.axes) + 1
    if rank == 2:
        return target.form("diagonal", A=args[0])
    if target.has("diagonal_of"):
        return target.form("diagonal_of", A=args[0], first=constant(first), second=constant(second))
    rest = [n for n in range(rank) if n not in (first, second)]
    order = [*rest, first, second]
    return target.form("diagonal", A=args[0] if order == list(range(rank)) else target.permuted(args[0], order))


def _sum(target: Library, step: Step, args: Args) -> ast.expr:
    axes = step.data[0]
    assert isinstance(axes, tuple)
    return target.form("sum_along", z=args[0], axis=integers(axes)) if step.axes else target.form("sum", z=args[0])


def _stack(target: Library, step: Step, args: Args) -> ast.expr:
    """Vectors and matrices as columns."""
    assert target.program is not None
    vectors = [len(target.program.steps[o].axes) == 1 for o in step.operands]
    if target.dialect.lists_axes:
        args = [item(a, [ast.Slice(), ast.Constant(None)]) if v else a for a, v in zip(args, vectors, strict=True)]
    return target.form("columns", parts=listing(args))


# ---------------------------------------------------------------- products
def _matmul(target: Library, step: Step, args: Args) -> ast.expr:
    first, second = args
    if len(step.axes) == 1 and step.data == (True, False):
        return target.product(second, first)
    return target.product(target.turned(first, step.data[0]), target.turned(second, step.data[1]))


def _gram(target: Library, step: Step, args: Args) -> ast.expr:
    """X^T diag(w) X, X^T scaled by w or by a number."""
    along, sign, factor = step.data
    assert isinstance(factor, Fraction)
    matrix = target.turned(args[0], along == 1)
    left = target.turned(matrix, True)
    if sign:
        left = binary(left, ast.Mult(), args[1])
    elif factor != 1:
        left = times(real(factor), left)
    return target.product(left, matrix)


def _inner(target: Library, step: Step, args: Args) -> ast.expr:
    assert target.program is not None
    is_vector = len(target.program.steps[step.operands[0]].axes) == 1
    return target.product(*args) if is_vector else target.form("inner", a=args[0], b=args[1])


def _tensordot(target: Library, step: Step, args: Args) -> ast.expr:
    axes = sequence([sequence([constant(i) for i in own]) for own in step.data])  # type: ignore[attr-defined]
    return target.form("tensordot", a=args[0], b=args[1], axes=axes)


def _einsum(target: Library, step: Step, args: Args) -> ast.expr:
    """Any contraction of two; without einsum by broadcasting, or as matrix products one for each index that is kept."""
    first, second, out = step.data
    assert isinstance(first, tuple) and isinstance(second, tuple) and isinstance(out, tuple)
    if target.has("einsum"):
        letter = {i: "abcdefghijklmnopqrstuvwxyz"[n] for n, i in enumerate(sorted({*first, *second}))}
        a, b, c = ("".join(letter[i] for i in idx) for idx in (first, second, out))
        return target.form("einsum", pattern=constant(f"{a},{b}->{c}"), a=args[0], b=args[1])
    kept = [i for i in first if i in second and i in out]
    summed = [i for i in first if i in second and i not in out]
    left, right = ([i for i in idx if i not in kept and i not in summed] for idx in (first, second))
    if len(left) == len(right) == len(summed) == 1:
        whole = target.product(target.expanded(args[0], first, (*kept, *left, *summed)), target.expanded(args[1], second, (*kept, *summed, *right)))
        order: Indices = (*kept, *left, *right)
    else:
        order = (*kept, *left, *right)
        union = (*order, *summed)
        whole = binary(target.expanded(args[0], first, union), ast.Mult(), target.expanded(args[1], second, union))
        whole = target.form("sum_along", z=whole, axis=integers(range(len(order), len(union))))
    return whole if order == out else target.permuted(whole, [order.index(i) for i in out])


def _lstsq(target: Library, args: Args) -> ast.expr:
    """By the singular values of the matrix, rows of several ones below each other."""
    rows, targets = args[::2], args[1::2]
    matrix = rows[0] if len(rows) == 1 else target.form("row_blocks", parts=listing(rows))
    value = targets[0] if len(targets) == 1 else target.form("row_blocks", parts=listing(targets))
    return target.form("lstsq", A=matrix, b=value)


LIBRARY_OPERATIONS: dict[str, Operation] = {
    **{op: OPERATIONS[op] for op in ("var", "number", "size", "combine", "multiply", "divide")},
    "pi": lambda *_: attribute(name("math"), "pi"),
    "full": _operation(_full),
    "repeat": _operation(_repeat),
    "nonzero": _operation(lambda target, step, args: target.form("nonzero", z=target.array(step.operands[0], args[0]))),
    "matmul": _operation(_matmul),
    "gram": _operation(_gram),
    "outer": _named("outer", "u", "v"),
    "inner": _operation(_inner),
    "tensordot": _operation(_tensordot),
    "einsum": _operation(_einsum),
    "sum": _operation(_sum),
    "trace": _named("trace", "A"),
    "diagonal": _operation(_diagonal),
    "permute": _operation(lambda target, step, args: target.permuted(args[0], step.data)),  # type: ignore[arg-type]
    "take": _operation(_take),
    "slice": _operation(_slice),
    "reshape": _operation(_reshape),
    "stack": _operation(_stack),
    "solve": _operation(lambda target, step, args: target.form(
        "solve", A=target.turned(args[0], step.data[0]), b=target.turned(args[1], step.data[1]))),
    "lstsq": _operation(lambda target, _, args: _lstsq(target, args)),
    "inv": _named("inv", "A"),
    "matpow": _operation(lambda target, step, args: target.form("matpow", A=args[0], k=constant(int(str(step.data[0]))))),
    "det": _named("det", "A"),
    "logdet": _operation(lambda target, step, args: target.form("logdet_posdef" if step.data == ("posdef",) else "logdet", A=args[0])),
    "expm": _named("expm", "A"),
    "map": _operation(_map),
    "bounded_exp": _operation(lambda target, step, args: target.form("bounded_exp", z=target.array(step.operands[0], args[0]))),
    "power": _operation(_power),
    "pow": _operation(_pow),
    "norm": _operation(_norm),
    "softmax": _operation(_over_axes),
    "logsumexp": _operation(_over_axes),
    "assemble": _operation(assembled),
}
"""Every operation."""


def used(parts: Sequence[ast.AST], names: Sequence[str]) -> list[str]:
    """The names of a list that occur in some code."""
    found = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
    return [n for n in names if n in found]
