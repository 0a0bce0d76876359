"""A function with its derivatives as optimisers call them: of one flat vector that holds all variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from itertools import accumulate, pairwise
from math import prod
from typing import Never

import numpy as np

from matcalc import pairing
from matcalc.adapters.shapes import sizes_of
from matcalc.chunked import length_of
from matcalc.core.arguments import check_named, described
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.emit.numpy_checks import parameter_of
from matcalc.evaluation import call_by_name, check_names, compiled, numbers_of
from matcalc.joint import Gradients
from matcalc.pairing import Routine

Array = np.ndarray


@dataclass(frozen=True)
class Packed:
    """A function of one flat vector, with all else that it needs held fixed.

    The vector has the variables one after the other, each by rows. The methods are what `scipy.optimize` asks for.

    Attributes:
        gradients: the function with its derivatives.
        constants: the arrays that are held fixed.
        shapes: those of the variables, in the order of the vector.
        shape: that of the function.
        x0: the start: the variables as they were given.
        is_chunked: whether it goes over the data block by block.
        over: the dimension that counts them, None for that of the families.
    """

    gradients: Gradients
    constants: Mapping[str, object] = field(repr=False)
    shapes: Mapping[str, tuple[int, ...]]
    shape: tuple[int, ...]
    x0: Array = field(repr=False)
    is_chunked: bool = False
    over: str | None = None
    cache: dict[str, tuple[Callable[[dict[str, object]], object], tuple[str, ...]]] = field(default_factory=dict, repr=False, compare=False)

    def pack(self, /, *unnamed: Never, **variables: object) -> Array:
        """The flat vector of some variables by name.

        Raises:
            DeclarationError: for a missing or a surplus name, and for what holds no real numbers.
            ShapeError: for an array of another shape than at the start.
        """
        check_named(unnamed, tuple(self.shapes))
        check_names(tuple(self.shapes), variables)
        arrays = {name: _floats(name, variables[name]) for name in self.shapes}
        for name, array in arrays.items():
            if array.shape != self.shapes[name]:
                raise ShapeError(f"`{name}` has the shape {array.shape}, and at the start it had {self.shapes[name]}",
                                 hint="packed(...) anew for arrays of other shapes")
        return np.concatenate([array.ravel() for array in arrays.values()])

    def unpack(self, x: object) -> dict[str, Array]:
        """The variables by name from a flat vector.

        Raises:
            ShapeError: for a vector of another length.
        """
        flat = _floats("x", x)
        if flat.shape != self.x0.shape:
            raise ShapeError(f"the vector of {', '.join(self.shapes)} has the shape {self.x0.shape}, not {flat.shape}",
                             hint="x0 is the start as such a vector, pack(...) makes others")
        ends = accumulate(map(prod, self.shapes.values()), initial=0)
        cuts = zip(self.shapes.items(), pairwise(ends), strict=True)
        return {name: flat[start:end].reshape(shape) for (name, shape), (start, end) in cuts}

    def value(self, x: object) -> float | Array:
        """The function: a number, or a flat vector."""
        return self._flat(self._call("value", pairing.value, x))

    def jac(self, x: object) -> Array:
        """The gradient, or the Jacobian of the flat function with one column for each entry of the vector."""
        return self.value_and_jac(x)[1]

    def value_and_jac(self, x: object) -> tuple[float | Array, Array]:
        """Both in one go: for `minimize(..., jac=True)`, and for `root(..., jac=True)`."""
        found = self._call("value_and_jac", pairing.value_and_derivatives, x)
        assert isinstance(found, tuple)
        rows = () if not self.shape else (prod(self.shape),)
        parts = [np.reshape(part, (*rows, -1)) for part in found[1:]]
        return self._flat(found[0]), np.concatenate(parts, axis=-1)

    def hess(self, x: object, v: object = None) -> Array:
        """The Hessian of a scalar; of a vector function that of its inner product with v, as constraints need it.

        Raises:
            ShapeError: for a v that is not of the length of the function.
            NotDifferentiableError: where there is no second derivative.
        """
        if (v is None) is bool(self.shape):
            raise ShapeError("the Hessian of a vector function is that of its inner product with a vector"
                             if self.shape else "a scalar function has no directions", hint="hess(x, v)" if self.shape else "hess(x)")
        if not self.shape:
            found = self._call("hess", pairing.hessian_blocks, x)
        else:
            found = self._call("hess", pairing.weighted_hessian_blocks, x, self._direction(v))
        blocks = iter(found if isinstance(found, tuple) else (found,))
        lengths = list(map(prod, self.shapes.values()))
        ends = list(accumulate(lengths, initial=0))
        whole = np.empty((ends[-1], ends[-1]))
        for n, rows in enumerate(lengths):
            for k, columns in enumerate(lengths[n:], n):
                block = np.reshape(next(blocks), (rows, columns))
                whole[ends[n] : ends[n + 1], ends[k] : ends[k + 1]] = block
                whole[ends[k] : ends[k + 1], ends[n] : ends[n + 1]] = block.T
        return whole

    def hessp(self, x: object, p: object) -> Array:
        """The Hessian of a scalar times a flat vector, without the Hessian.

        Raises:
            ShapeError: for a function that is no scalar, or a vector of another length.
            NotDifferentiableError: where there is no second derivative.
        """
        if self.shape:
            raise ShapeError("hessp is that of a scalar function", hint="hess(x, v) of a vector function")
        found = self._call("hessp", pairing.hessian_product, x, *self.unpack(p).values())
        return np.concatenate([np.ravel(part) for part in (found if isinstance(found, tuple) else (found,))])

    def _direction(self, v: object) -> Array:
        flat = _floats("v", v)
        if flat.size != prod(self.shape):
            raise ShapeError(f"the function has {prod(self.shape)} entries, and v has {flat.size}", hint="one for each entry")
        return flat.reshape(self.shape)

    def _flat(self, found: object) -> float | Array:
        return np.ravel(found) if self.shape else float(found)  # type: ignore[arg-type,call-overload]

    def _call(self, name: str, make: Callable[[Gradients], Routine], x: object, *directions: Array) -> object:
        """A routine at a flat vector, made once; its parameters are the variables, then the directions."""
        if name not in self.cache:
            routine = make(self.gradients)
            self.cache[name] = self._made(routine, name), tuple(routine.variables)
        call, names = self.cache[name]
        known = {**self.constants, **self.unpack(x)}
        given = (*(known[variable] for variable in self.gradients.array_names), *directions)
        return call(dict(zip(names, given, strict=True)))

    def _made(self, routine: Routine, name: str) -> Callable[[dict[str, object]], object]:
        """What takes the arrays of a routine by name."""
        if not self.is_chunked:
            return partial(call_by_name, compiled(routine.source(name), name), tuple(routine.variables))
        chunked = routine.chunked(self.over)
        return lambda values: computed(chunked(**values))


def packed_of(g: Gradients, over: str | None, values: Mapping[str, object]) -> Packed:
    """A function of a flat vector, from arrays for all variables.

    Args:
        g: the function with its derivatives.
        over: the dimension that counts data, None for that of the families where some data are a Dask array.
        values: arrays by the names of the variables.

    Raises:
        DeclarationError: for a missing or a surplus name, for what holds no real numbers, and where there is no such
            dimension.
        ShapeError: for arrays whose sizes do not agree.
    """
    check_names(g.array_names, values)
    check_free(g)
    lazy = {name: value for name, value in values.items() if name not in g.wrt and hasattr(value, "__dask_graph__")}
    if over is not None or lazy:
        length_of(g.variables, over)
    arrays = {name: _floats(name, values[name]) for name in g.array_names if name not in lazy}
    parameters = {name: parameter_of(variable) for name, variable in g.variables.items()}
    shapes: dict[str, tuple[int, ...]] = {name: getattr({**arrays, **lazy}[name], "shape", ()) for name in g.array_names}
    sizes = sizes_of(parameters, shapes)
    start = np.concatenate([arrays[name].ravel() for name in g.wrt])
    constants = {**lazy, **{name: array for name, array in arrays.items() if name not in g.wrt}}
    return Packed(g, constants, {name: shapes[name] for name in g.wrt}, tuple(dim.evaluate(sizes) for dim in g.tensor.axes), start,
                  over is not None or bool(lazy), over)


def check_free(g: Gradients) -> None:
    """Refuses variables with a structure: an optimiser moves each entry on its own.

    Raises:
        DeclarationError: where there is one.
    """
    for name in g.wrt:
        properties = g.variables[name].data[1]
        assert isinstance(properties, tuple)
        if properties and g.variables[name].shape.kind == "matrix":
            raise DeclarationError(f"the entries of `{name}` are not free: it is declared {' '.join(properties)}",
                                   hint=f"without the declaration, or with L L^T in the place of `{name}` and L as the variable")


def computed(found: object) -> object:
    """The arrays, where they are Dask arrays that nobody has computed yet: all in one go."""
    parts = found if isinstance(found, tuple) else (found,)
    if not any(hasattr(part, "__dask_graph__") for part in parts):
        return found
    arrays: tuple[object, ...] = import_module("dask").compute(*parts)
    return arrays if isinstance(found, tuple) else arrays[0]


def _floats(name: str, value: object) -> Array:
    """The argument as an array of floats.

    Raises:
        DeclarationError: for what holds no real numbers, or for a variable in other processes.
    """
    if hasattr(value, "__dask_graph__"):
        raise DeclarationError(f"`{name}` is what moves and must be an array in memory, not {described(value)}", hint=f"{name}.compute()")
    return np.asarray(numbers_of(name, value), dtype=float)
