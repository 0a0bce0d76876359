"""Sums over data as Dask graphs: `partial` of every block, a tree of sums, `combine` of the total.

Partition, scheduling, tree reduction and memory are those of Dask. A block of data meets `partial` in the task graph right after
it is loaded; what goes on from there has the size of the result, not that of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import isnan
from operator import add

import dask.array as da
import numpy as np
from dask.base import tokenize
from dask.delayed import delayed

from matcalc.adapters.shapes import sizes_of
from matcalc.chunked import Chunked
from matcalc.core.arguments import described
from matcalc.core.errors import DeclarationError
from matcalc.emit.numpy_checks import parameter_of
from matcalc.evaluation import call_by_name, check_names, compiled, numbers_of

Totals = tuple[np.ndarray, ...]
DATA = 0
"""The label of the data axis in a blockwise operation."""


def over_blocks(chunked: Chunked, block: int | None, values: Mapping[str, object]) -> object:
    """The result over Dask arrays, not computed yet: Dask arrays in the place of arrays.

    Args:
        chunked: what is worked out.
        block: so many data at a time; None for the blocks that the arrays have.
        values: arrays by name. Data are cut along the axis that counts them; what is no data goes to every block.

    Raises:
        DeclarationError: for a missing or a surplus name, no data that are Dask arrays, blocks of unknown length, and what
            holds no real numbers.
        ShapeError: for arrays whose sizes do not agree.
    """
    used = tuple(n for n in chunked.variables if n in {*chunked.of_block, *chunked.of_totals})
    check_names(used, {n: v for n, v in values.items() if n in used or n not in chunked.variables})
    arrays = {n: _array(n, values[n]) for n in used}
    if not any(isinstance(values[n], da.Array) for n in chunked.data if n in used):
        raise DeclarationError(f"no data are a Dask array: {', '.join(chunked.data)}",
                               hint=f"dask.array.from_array({chunked.data[0]}, chunks=...), or NumPy arrays for all variables")
    parameters = {n: parameter_of(chunked.variables[n]) for n in used}
    sizes = sizes_of(parameters, {n: array.shape for n, array in arrays.items()})
    axes = {n: parameters[n].axes.index(chunked.stages.length) for n in chunked.data if n in used}
    arrays = {n: _cut(array, axes.get(n), block) for n, array in arrays.items()}
    kind = _kind([_precision(values[n], arrays[n]) for n in used])
    source = chunked.numpy()
    totals = _totals(Emitted(source, "partial", chunked.of_block), {n: arrays[n] for n in chunked.of_block}, axes)
    finish = Finish(Emitted(source, "combine", chunked.of_totals), kind, len(chunked.stages.results))
    given = [_whole(totals), *(_whole(arrays[n]) for n in chunked.of_totals)]
    shapes = [tuple(dim.evaluate(sizes) for dim in node.axes) for node in chunked.stages.results]
    found = _results(finish, given, shapes, kind)
    if chunked.names is not None:
        return found[0], dict(zip(chunked.names, found[1:], strict=True))
    return found[0] if len(found) == 1 else tuple(found)


@dataclass(frozen=True)
class Emitted:
    """A function of an emitted module, as what travels between processes: its source; compiled once in each of them."""

    source: str
    function: str
    names: tuple[str, ...]

    def __call__(self, values: Mapping[str, object], *before: object) -> Totals | np.ndarray:
        """The value at arrays by name, after arguments that have none."""
        function = _compiled(self.source, self.function)
        return call_by_name(lambda *rest: function(*before, *rest), self.names, values)


@lru_cache(maxsize=64)
def _compiled(source: str, function: str) -> Callable[..., np.ndarray]:
    return compiled(source, function)


@dataclass(frozen=True)
class Partial:
    """What one block adds, in double precision whatever the data are stored in."""

    emitted: Emitted

    def __call__(self, *arrays: object) -> Totals:
        """The totals of a block; axes in one piece come as lists of one."""
        given = [np.asarray(_only(a), dtype=float) for a in arrays]
        found = self.emitted(dict(zip(self.emitted.names, given, strict=True)))
        return found if isinstance(found, tuple) else (found,)  # the number of data alone


@dataclass(frozen=True)
class Finish:
    """The results from the totals over all blocks."""

    emitted: Emitted
    kind: np.dtype
    count: int

    def __call__(self, totals: Totals, *arrays: object) -> list[np.ndarray]:
        """The results, in the precision of the arguments."""
        found = self.emitted(dict(zip(self.emitted.names, arrays, strict=True)), [totals if len(totals) > 1 else totals[0]])
        return [np.asarray(part, dtype=self.kind) for part in (found if self.count > 1 else (found,))]


def _only(nested: object) -> object:
    while isinstance(nested, list):
        (nested,) = nested
    return nested


def _array(name: str, value: object) -> da.Array:
    """The argument as a Dask array of real numbers with known lengths."""
    if not isinstance(value, da.Array) and (hasattr(value, "__dask_graph__") or hasattr(value, "__dask_future__")):
        raise DeclarationError(f"`{name}` must be a Dask array or a NumPy array, not {described(value)}",
                               hint="to_dask_array(lengths=True) of a frame, dask.array.from_delayed(...) of what is delayed")
    array: da.Array = value if isinstance(value, da.Array) else da.asarray(np.asarray(numbers_of(name, value)))
    if array.dtype.kind not in "biuf":
        raise DeclarationError(f"`{name}` must hold real numbers, not {array.dtype}", hint=f"{name}.astype(float)")
    if any(isnan(length) for lengths in array.chunks for length in lengths):  # what Dask does not know
        raise DeclarationError(f"the lengths of the blocks of `{name}` are not known", hint=f"{name}.compute_chunk_sizes()")
    return array


def _cut(array: da.Array, data: int | None, block: int | None) -> da.Array:
    """The array in blocks of data, each with its other axes in one piece; in one piece where it holds no data."""
    lengths: dict[int, int | str] = {axis: -1 for axis in range(array.ndim) if axis != data}
    is_split = any(array.numblocks[axis] > 1 for axis in lengths)
    if data is not None and (block is not None or is_split):
        lengths[data] = block or "auto"  # blocks of the size that Dask is set to
    elif not is_split:
        return array
    found: da.Array = array.rechunk(lengths)
    return found


def _kind(given: Sequence[int | float | np.dtype]) -> np.dtype:
    """The precision of the results: single where no argument has more."""
    kind = np.result_type(*given)
    return kind if kind.kind == "f" and kind.itemsize < np.dtype(float).itemsize else np.dtype(float)


def _precision(value: object, array: da.Array) -> int | float | np.dtype:
    """What tells the precision of an argument; a Python number has none."""
    kind: np.dtype = array.dtype
    return value if isinstance(value, (int, float)) else kind


def _totals(partial: Emitted, arrays: Mapping[str, da.Array], axes: Mapping[str, int]) -> da.Array:
    """The sum over all blocks of what `partial` gives, added up as a tree; it holds one tuple."""
    pairs: list[object] = []
    label = DATA
    for name, array in arrays.items():
        labels = range(label + 1, label + 1 + array.ndim)
        pairs += [array, tuple(DATA if axes.get(name) == axis else own for axis, own in enumerate(labels))]
        label += array.ndim
    empty = np.empty(0, dtype=object)
    parts = da.blockwise(Partial(partial), (DATA,), *pairs, token="matcalc-partial", concatenate=None, adjust_chunks={DATA: 1},
                         dtype=object, meta=empty)
    totals: da.Array = da.reduction(
        parts, _same, _added, combine=_added, axis=0, concatenate=False, name="matcalc-total", dtype=object,
        meta=np.empty((), dtype=object))
    return totals


def _same(part: Totals, axis: object, keepdims: bool) -> Totals:
    return part


def _added(parts: list[Totals] | Totals, axis: object, keepdims: bool) -> Totals:
    """The sum of some totals; a list is what Dask hands over, a tuple are totals that stand alone."""
    return tuple(reduce(add, same) for same in zip(*parts, strict=True)) if isinstance(parts, list) else parts


def _whole(array: da.Array) -> object:
    """The one block of an array, as a value of a task."""
    found: object = array.to_delayed(optimize_graph=False).item()
    return found


def _results(finish: Finish, given: Sequence[object], shapes: Sequence[tuple[int, ...]], kind: np.dtype) -> list[da.Array]:
    """The results as Dask arrays of one task."""
    key = f"matcalc-combine-{tokenize(finish, *given)}"
    task = delayed(finish, pure=True)(*given, dask_key_name=key)
    return [da.from_delayed(task[n], shape, kind) for n, shape in enumerate(shapes)]
