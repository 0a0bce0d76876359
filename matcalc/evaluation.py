"""Evaluation and checking of derivatives: the one place that compiles emitted code. Imported where it is needed."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from matcalc.check.derivation import Move, Side, check_moves
from matcalc.check.directional import check_product
from matcalc.check.report import Form, Report, check_derivative, check_value
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.sizes import sizes_of_axes
from matcalc.expr.nodes import Expr
from matcalc.factored import factored_terms
from matcalc.ir.nodes import Tensor
from matcalc.structured import Factored, assembled

Array = np.ndarray


def compiled(source: str, function: str) -> Callable[..., Array]:
    """The function that an emitted module defines; its lines show in tracebacks."""
    filename = f"<matcalc {blake2b(source.encode(), digest_size=6).hexdigest()}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope: dict[str, object] = {}
    exec(compile(source, filename, "exec"), scope)  # noqa: S102 (built as an ast from checked names)
    found = scope[function]
    assert callable(found)
    return found


def call_by_name(function: Callable[..., Array], names: tuple[str, ...], values: Mapping[str, object]) -> Array:
    """Calls with arrays by the names of the variables.

    Raises:
        DeclarationError: for a missing or a surplus name.
    """
    missing, surplus = [n for n in names if n not in values], [n for n in values if n not in names]
    if missing or surplus:
        parts = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not in the formula: {', '.join(surplus)}"] * bool(surplus)
        raise DeclarationError(f"the call needs {', '.join(names)} ({'; '.join(parts)})")
    return function(*(values[n] for n in names))


def unflattened(flat: object, flat_axes: Sequence[Dim], axes: Sequence[Dim], groups: Sequence[int], order: str,
                is_turned: bool, known: Mapping[str, int] | None) -> Array:
    """The array of a derivative from its flattened form.

    Args:
        flat: the flattened array.
        flat_axes: its dimensions.
        axes: those of the derivative.
        groups: the number of axes of the output and of each variable.
        order: "columns" or "rows", the way in which matrices are stacked.
        is_turned: whether the flattened array is transposed.
        known: sizes that its shape does not tell, by name.
    """
    array = np.asarray(flat)
    if array.dtype.kind not in "biufc":
        raise ShapeError("the flattened form is an array of numbers")
    sizes = sizes_of_axes(flat_axes, array.shape, known)
    array = array.T if is_turned else array
    lengths = [dim.evaluate(sizes) for dim in axes]
    stacked: list[int] = []
    for size in groups:
        own = list(range(len(stacked), len(stacked) + size))
        stacked += own[::-1] if order == "columns" else own
    return array.reshape([lengths[axis] for axis in stacked]).transpose(stacked)


def factoring(function: Callable[..., Array], node: Tensor, variables: Mapping[str, Expr]) -> Callable[..., Factored]:
    """The function of named arrays that gives a tensor as its factors, from the one that returns their arrays."""
    names = tuple(variables)
    terms = factored_terms(node)
    axes = [tuple(idx for _, idx in term.arrays) for term in terms]
    deltas = [term.deltas for term in terms]
    count = sum(map(len, axes))
    own = [(name, axis, dim) for name, variable in variables.items() for axis, dim in enumerate(axes_of(variable))]
    direct = [next(((name, axis) for name, axis, dim in own if dim == wanted), None) for wanted in node.axes]

    def evaluated(**values: object) -> Factored:
        arrays = call_by_name(function, names, values)
        shapes = {name: np.shape(values[name]) for name in names}  # type: ignore[call-overload]
        if all(direct):
            shape = tuple(shapes[place[0]][place[1]] for place in direct if place)
        else:
            sizes = sizes_of_axes([dim for _, _, dim in own], [shapes[name][axis] for name, axis, _ in own])
            shape = tuple(dim.evaluate(sizes) for dim in node.axes)
        return assembled(shape, arrays if count != 1 else [arrays], axes, deltas)

    return evaluated


def axes_of(variable: Expr) -> tuple[Dim, ...]:
    """The axes of the array of a variable; a family has its data axis first."""
    length = variable.data[3] if variable.head == "item" else None
    return (length, *variable.shape.dims) if isinstance(length, Dim) else variable.shape.dims


def blocks(arrays: Mapping[str, object], axes: Mapping[str, int], length: int) -> Iterator[dict[str, object]]:
    """The arrays with those that hold data cut into views of so many data; the others whole each time."""
    cut = {name: np.asarray(array) for name, array in arrays.items() if name in axes}
    counts = {array.shape[axes[name]] for name, array in cut.items() if array.ndim > axes[name]}
    for start in range(0, max(counts, default=1), length):
        own = {n: array[(slice(None),) * axes[n] + (slice(start, start + length),)] if array.ndim > axes[n] else array
               for n, array in cut.items()}
        yield {**arrays, **own}


def check(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[str | tuple[str, ...]],
          function: Callable[[dict[str, Array]], Array], seed: int, structured: str | None = None,
          formula: Expr | None = None, turned: bool = False) -> Report:
    """The finite-difference report of a derivative: of its code, and of its formula where it has one."""
    forms = [] if formula is None else [Form("the formula", formula, turned)]
    return check_derivative(expr, variables, wrt, function, seed=seed, structured=structured, forms=forms)


def check_steps(expr: Expr, sides: Sequence[tuple[Side, Side]], variables: Mapping[str, Expr], wrt: Sequence[str],
                seed: int) -> Report:
    """The report of a derivation: whether both sides of every step have one value."""
    moves = [Move(f"step {n}", *both) for n, both in enumerate(sides, 1)]
    return check_moves(expr, moves, variables, wrt, seed)


def check_gradients(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[str | tuple[str, ...]],
                    function: Callable[[dict[str, Array]], Sequence[Array]], seed: int,
                    formulas: Sequence[Expr | None] = ()) -> Report:
    """The report of a function that returns a value and derivatives; what is wrong is named."""
    whole = check_value(expr, variables, lambda point: function(point)[0], seed)
    for n, block in enumerate(wrt, 1):
        forms = [Form("the formula", form) for form in formulas[n - 1 : n] if form is not None]
        part = check_derivative(expr, variables, [block], lambda point, n=n: function(point)[n], seed, forms=forms)  # type: ignore[misc]
        failures = (*whole.failures, *(f"by {block}: {line}" for line in part.failures))
        worse = part if part.worst_error / part.tolerance > whole.worst_error / whole.tolerance else whole
        whole = replace(worse, passed=whole.passed and part.passed, failures=failures)
    return whole


def check_directional(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[str | tuple[str, ...]], direction: str,
                      first: bool, function: Callable[[dict[str, Array]], Array], seed: int, formula: Expr | None) -> Report:
    """The report of a derivative times a direction: of its code, and of its formula where it has one."""
    return check_product(expr, variables, wrt, direction, first, function, seed, formula)
