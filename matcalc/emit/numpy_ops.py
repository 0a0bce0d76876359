"""One NumPy expression for each operation of a program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.emit.numpy_ast import (
    attribute,
    binary,
    constant,
    integers,
    item,
    listing,
    method,
    minus,
    name,
    number,
    real,
    sequence,
    times,
)
from matcalc.emit.target import Target
from matcalc.plan.steps import Step

Args = Sequence[ast.expr]
Operation = Callable[[Target, Step, Args], ast.expr]


# ---------------------------------------------------------------- sums and products
def _combine(target: Target, step: Step, args: Args) -> ast.expr:
    coefficients, shift, indices, union = step.data
    assert isinstance(coefficients, tuple) and isinstance(shift, Fraction) and isinstance(indices, tuple)
    assert isinstance(union, tuple)
    terms: list[tuple[Fraction, ast.expr | None]] = [
        (c, target.spread(a, idx, union)) for c, a, idx in zip(coefficients, args, indices, strict=True)
    ]
    if shift:
        terms.insert(0 if shift > 0 or max(coefficients) < 0 else len(terms), (shift, None))
    terms.sort(key=lambda term: term[0] < 0)
    parts = [_chain(terms[n : n + LONGEST]) for n in range(0, len(terms), LONGEST)]
    while len(parts) > 1:
        parts = [_chain([(Fraction(1), part) for part in parts[n : n + LONGEST]]) for n in range(0, len(parts), LONGEST)]
    return parts[0]


LONGEST = 64
"""Sums of more terms are written as sums of sums: Python refuses expressions that nest deeply."""


def _chain(terms: Sequence[tuple[Fraction, ast.expr | None]]) -> ast.expr:
    """The terms one after the other; a first one that is subtracted with a minus in front."""
    total = _scaled(*terms[0])
    for c, arg in terms[1:]:
        total = binary(total, ast.Add() if c > 0 else ast.Sub(), _scaled(abs(c), arg))
    return total


def _scaled(c: Fraction, arg: ast.expr | None) -> ast.expr:
    if arg is None:
        return real(c)
    if abs(c) == 1:
        return arg if c > 0 else minus(arg)
    short = real(c)
    if isinstance(short, ast.BinOp) and abs(c.numerator) == 1:
        return binary(arg if c > 0 else minus(arg), ast.Div(), constant(float(c.denominator)))
    return times(short, arg)


def _multiply(target: Target, step: Step, args: Args) -> ast.expr:
    a, b = _spread_pair(target, step, args)
    if step.data[0] == step.data[1] and isinstance(b, ast.Name) and target.factors(a) is not None:
        a, b = b, a
    return times(a, b) if isinstance(a, ast.Constant) and not step.axes else binary(a, ast.Mult(), b)


def _divide(target: Target, step: Step, args: Args) -> ast.expr:
    a, b = _spread_pair(target, step, args)
    return binary(a, ast.Div(), b)


def _spread_pair(target: Target, step: Step, args: Args) -> tuple[ast.expr, ast.expr]:
    first, second, union = step.data
    assert isinstance(first, tuple) and isinstance(second, tuple) and isinstance(union, tuple)
    return target.spread(args[0], first, union), target.spread(args[1], second, union)


def _einsum(target: Target, step: Step, args: Args) -> ast.expr:
    used = sorted({i for idx in step.data for i in idx})  # type: ignore[attr-defined]
    letter = {i: "abcdefghijklmnopqrstuvwxyz"[n] for n, i in enumerate(used)}
    a, b, out = ("".join(letter[i] for i in idx) for idx in step.data)  # type: ignore[attr-defined]
    return target.call("einsum", constant(f"{a},{b}->{out}"), *args)


def _power(target: Target, step: Step, args: Args) -> ast.expr:
    exponent = step.data[0]
    assert isinstance(exponent, Fraction)
    if exponent < 0 and exponent.denominator <= 2 and (exponent.denominator == 1 or exponent == Fraction(-1, 2)):
        return binary(constant(1.0), ast.Div(), _raised(target, args[0], -exponent))
    return _raised(target, args[0], exponent)


def _raised(target: Target, base: ast.expr, exponent: Fraction) -> ast.expr:
    if exponent == Fraction(1, 2):
        return target.call("sqrt", base)
    return base if exponent == 1 else binary(base, ast.Pow(), number(exponent))


# ---------------------------------------------------------------- functions
def _logdet(target: Target, step: Step, args: Args) -> ast.expr:
    if step.data == ("posdef",):
        diagonal = method(target.call("linalg.cholesky", args[0]), "diagonal")
        return times(constant(2.0), method(target.call("log", diagonal), "sum"))
    return item(target.call("linalg.slogdet", args[0]), [constant(1)])


def _normalised(target: Target, step: Step, args: Args) -> ast.expr:
    lead, rank = int(str(step.data[0])), int(str(step.data[1]))
    if lead:
        return target.helper(f"_{step.op}_along", args[0], integers(range(lead, rank)))
    return target.helper(f"_{step.op}", args[0])


def _norm(target: Target, step: Step, args: Args) -> ast.expr:
    axes = step.data[0]
    return target.call("linalg.norm", args[0], **({} if axes is None else {"axis": integers(axes)}))  # type: ignore[arg-type]


def _map(target: Target, step: Step, args: Args) -> ast.expr:
    which = str(step.data[0])
    if which == "softplus" and not step.axes:
        return target.call("logaddexp", constant(0.0), args[0])
    if which in ("softplus", "erf"):
        return target.helper(f"_{which}", *args)
    if which in ("relu", "step"):
        return target.call({"relu": "maximum", "step": "heaviside"}[which], args[0], constant(0.0))
    return target.call(_SPELLING.get(which, which), *args)


_SPELLING = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "max": "maximum", "min": "minimum"}


def _nonzero(target: Target, step: Step, args: Args) -> ast.expr:
    if not step.axes:
        return ast.BoolOp(ast.Or(), [args[0], constant(1.0)])
    return target.call("where", ast.Compare(args[0], [ast.Eq()], [constant(0.0)]), constant(1.0), args[0])


# ---------------------------------------------------------------- axes
def _full(target: Target, step: Step, args: Args) -> ast.expr:
    value = step.data[0]
    assert isinstance(value, Fraction)
    if value in (0, 1):
        return target.call("ones" if value else "zeros", target.shape(step.axes))
    return target.call("full", target.shape(step.axes), real(value))


def _repeat(target: Target, step: Step, args: Args) -> ast.expr:
    idx = step.data[0]
    assert isinstance(idx, tuple)
    if not idx:
        return target.call("full", target.shape(step.axes), args[0])
    return target.call("broadcast_to", target.spread(args[0], idx, tuple(range(len(step.axes)))), target.shape(step.axes))


def _at(axis: int, entry: ast.expr) -> list[ast.expr]:
    return [*(ast.Slice() for _ in range(axis)), entry]


def _take(target: Target, step: Step, args: Args) -> ast.expr:
    axis, position = step.data
    assert isinstance(axis, int) and isinstance(position, Dim)
    return item(args[0], _at(axis, target.size(position)))


def _slice(target: Target, step: Step, args: Args) -> ast.expr:
    axis, start, size = step.data
    assert isinstance(axis, int) and isinstance(start, Dim) and isinstance(size, Dim)
    return item(args[0], _at(axis, interval(target, start, size)))


def interval(target: Target, start: Dim, size: Dim) -> ast.expr:
    """start:start + size"""
    return ast.Slice(target.size(start) if start.terms else None, target.size(start + size))


def _reshape(target: Target, step: Step, args: Args) -> ast.expr:
    if len(step.axes) == 1:
        return method(args[0], "ravel")
    return method(args[0], "reshape", *(target.size(d) for d in step.axes))


def _diagonal(target: Target, step: Step, args: Args) -> ast.expr:
    axes = [constant(int(str(a))) for a in step.data]
    return method(args[0], "diagonal") if step.data == (0, 1) else target.call("diagonal", args[0], constant(0), *axes)


def _matmul(target: Target, step: Step, args: Args) -> ast.expr:
    first, second = args
    if len(step.axes) == 1 and step.data == (True, False):
        return method(second, "dot", first)
    return method(target.turned(first, step.data[0]), "dot", target.turned(second, step.data[1]))


def _gram(target: Target, step: Step, args: Args) -> ast.expr:
    along, sign, factor = step.data
    assert isinstance(factor, Fraction)
    matrix = target.turned(args[0], along == 1)
    if sign:
        return target.helper("_weighted_gram" if sign == "nonnegative" else "_signed_gram", matrix, args[1])
    return target.helper("_gram", matrix, *([] if factor == 1 else [real(factor)]))


OPERATIONS: dict[str, Operation] = {
    "var": lambda target, step, _: name(target.parameters[str(step.data[0])]),
    "number": lambda _, step, __: real(step.data[0]),  # type: ignore[arg-type]
    "pi": lambda target, *_: attribute(name(target.alias), "pi"),
    "size": lambda target, step, _: target.size(step.data[0]),  # type: ignore[arg-type]
    "full": _full,
    "repeat": _repeat,
    "combine": _combine,
    "multiply": _multiply,
    "divide": _divide,
    "nonzero": _nonzero,
    "matmul": _matmul,
    "gram": _gram,
    "outer": lambda target, _, args: target.helper("_outer", *args),
    "inner": lambda target, _, args: target.call("vdot", *args),
    "tensordot": lambda target, step, args: target.call(
        "tensordot", *args, axes=sequence([sequence([constant(i) for i in axes]) for axes in step.data])),  # type: ignore[attr-defined]
    "einsum": _einsum,
    "sum": lambda _, step, args: _sum(step, args),
    "trace": lambda target, _, args: target.call("trace", args[0]),
    "diagonal": _diagonal,
    "permute": lambda target, step, args: target.permuted(args[0], step.data),  # type: ignore[arg-type]
    "take": _take,
    "slice": _slice,
    "reshape": _reshape,
    "stack": lambda target, _, args: target.call("column_stack", listing(args)),
    "solve": lambda target, step, args: target.call(
        "linalg.solve", target.turned(args[0], step.data[0]), target.turned(args[1], step.data[1])),
    "lstsq": lambda target, _, args: _lstsq(target, args),
    "inv": lambda target, _, args: target.call("linalg.inv", args[0]),
    "matpow": lambda target, step, args: target.call("linalg.matrix_power", args[0], constant(int(str(step.data[0])))),
    "det": lambda target, _, args: target.call("linalg.det", args[0]),
    "logdet": _logdet,
    "expm": lambda target, _, args: target.helper("_expm", args[0]),
    "map": _map,
    "bounded_exp": lambda target, _, args: target.call("exp", target.call("minimum", args[0], constant(709.0))),
    "power": _power,
    "pow": lambda _, __, args: binary(args[0], ast.Pow(), args[1]),
    "norm": _norm,
    "softmax": _normalised,
    "logsumexp": _normalised,
}
"""Every operation but "assemble", which writes."""


def _lstsq(target: Target, args: Args) -> ast.expr:
    """By the singular values of the matrix, rows of several ones below each other."""
    rows, targets = args[::2], args[1::2]
    matrix = rows[0] if len(rows) == 1 else target.call("vstack", listing(rows))
    value = targets[0] if len(targets) == 1 else target.call("concatenate", listing(targets))
    return item(target.call("linalg.lstsq", matrix, value, rcond=ast.Constant(None)), [constant(0)])


def _sum(step: Step, args: Args) -> ast.expr:
    axes = step.data[0]
    assert isinstance(axes, tuple)
    return method(args[0], "sum", *([integers(axes)] if step.axes else []))
