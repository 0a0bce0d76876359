"""Evaluation and checking of derivatives: the one place that compiles emitted code. Imported where it is needed."""

from __future__ import annotations

import builtins
import linecache
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from importlib import import_module
from itertools import count

import numpy as np

from matcalc.check.derivation import Move, Side, check_moves
from matcalc.check.directional import check_product
from matcalc.check.report import Form, Report, check_derivative, check_value
from matcalc.core.arguments import described
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, NotDifferentiableError, ShapeError
from matcalc.core.python import ONE_AT_A_TIME
from matcalc.core.sizes import sizes_of_axes
from matcalc.emit.allowed import BUILTINS, check_source
from matcalc.expr.nodes import Expr
from matcalc.factored import factored_terms
from matcalc.ir.nodes import Tensor
from matcalc.structured import Factored, assembled

Array = np.ndarray


def compiled(source: str, function: str) -> Callable[..., Array]:
    """The function that an emitted module defines; its lines show in tracebacks for as long as it lives.

    The source is read again and held to the lists of `emit.allowed` first, and it runs without builtins but for the few
    that it needs: a seat belt beside the checks of names, not a sandbox.
    """
    tree = check_source(source)
    filename = f"<matcalc {next(_numbers)} {blake2b(source.encode(), digest_size=6).hexdigest()}>"
    scope = _scope(BUILTINS)
    with ONE_AT_A_TIME:
        code = compile(tree, filename, "exec")
    exec(code, scope)  # noqa: S102 (held to a list of nodes and names)
    found = scope[function]
    assert callable(found)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(found, linecache.cache.pop, filename, None)
    return found


def wrapped(source: str, wrapper: str, function: str, target: str) -> Callable[..., object]:
    """The function that a fixed text defines around emitted source, which alone is held to the lists.

    Args:
        source: what is emitted.
        wrapper: one of the templates of `emit.rules`, filled in.
        function: the name of the function in it.
        target: the library that the text uses.
    """
    scope = _scope((*BUILTINS, "next", "staticmethod"))
    scope[target] = import_module(target)
    tree = check_source(source)
    with ONE_AT_A_TIME:
        emitted, around = compile(tree, "<matcalc>", "exec"), compile(wrapper, "<matcalc>", "exec")
    exec(emitted, scope)  # noqa: S102 (held to a list of nodes and names)
    exec(around, scope)  # noqa: S102 (fixed but for identifiers and literals)
    found = scope[function]
    assert callable(found)
    return found


def _scope(names: Iterable[str]) -> dict[str, object]:
    known = {name: getattr(builtins, name) for name in (*names, "__import__", "__build_class__")}
    return {"__builtins__": known, "__name__": "matcalc.emitted"}


_numbers = count(1)


def call_by_name(function: Callable[..., Array], names: tuple[str, ...], values: Mapping[str, object]) -> Array:
    """Calls with arrays by the names of the variables.

    Raises:
        DeclarationError: for a missing or a surplus name, and for what is no array of real numbers.
        ShapeError: for arrays whose sizes do not agree.
        NotDifferentiableError: where a matrix that has to be inverted is singular.
    """
    try:
        return function(**values)  # the parameters are called like the variables, but for names that Python keeps for itself
    except (TypeError, ValueError):
        return _call_with_care(function, names, values)


def _call_with_care(function: Callable[..., Array], names: tuple[str, ...], values: Mapping[str, object]) -> Array:
    """The same for arguments that have to be renamed, or that are not fit, which is then said in words."""
    check_names(names, values)
    given = [numbers_of(name, values[name]) for name in names]
    try:
        return function(*given)
    except np.linalg.LinAlgError as error:
        raise NotDifferentiableError(f"there is no value at these arrays: {error}",
                                     hint="a matrix that the formula inverts is singular, or one declared posdef is not") from None
    except ValueError as error:
        if " must be in " not in str(error):
            raise
        raise ShapeError(str(error), hint="the sizes that one letter stands for are equal in all arrays") from None


def check_names(names: Sequence[str], values: Mapping[str, object]) -> None:
    """Refuses a call without some of the names, or with names that are not in the formula.

    Raises:
        DeclarationError: where there are any.
    """
    missing, surplus = [n for n in names if n not in values], [n for n in values if n not in names]
    if missing or surplus:
        parts = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not in the formula: {', '.join(surplus)}"] * bool(surplus)
        raise DeclarationError(f"the call needs {', '.join(names)} ({'; '.join(parts)})",
                               hint=f"call it as (..., {', '.join(f'{n}={n}' for n in missing or names)})")


def numbers_of(name: str, value: object) -> object:
    """The argument, in the byte order of the machine.

    Raises:
        DeclarationError: for what is no array of real numbers.
        ShapeError: for rows of different lengths.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ShapeError(f"`{name}` must be an array, and the rows of this list have different lengths",
                         hint="rows of one length") from None
    except (TypeError, OverflowError, RecursionError):
        raise DeclarationError(f"`{name}` must hold real numbers, not {described(value)}",
                               hint=f"numpy.asarray({name}, dtype=float)") from None
    if array.dtype.kind not in "biuf":
        held = {"c": "complex numbers", "O": "Python objects", "U": "text", "S": "bytes", "M": "dates", "m": "durations",
                "V": "records"}[array.dtype.kind]
        shown = described(value) if value is None or isinstance(value, str | bytes | complex) else f"an array of {held}, {array.dtype}"
        raise DeclarationError(f"`{name}` must hold real numbers, not {shown}",
                               hint=f"{name}.real" if array.dtype.kind == "c" else f"numpy.asarray({name}, dtype=float)")
    return value if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


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
    array = np.asarray(numbers_of("flat", flat))
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
