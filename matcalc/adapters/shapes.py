"""Shapes of arguments held against the spaces of their variables before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.core.errors import ShapeError
from matcalc.core.sizes import sizes_of_axes
from matcalc.emit.numpy_checks import Parameter


def sizes_of(parameters: Mapping[str, Parameter], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """The size of every named dimension.

    Args:
        parameters: the spaces of the variables.
        shapes: those of the arrays.

    Raises:
        ShapeError: for a wrong number of axes, and for sizes that do not agree.
    """
    read: dict[str, tuple[int, str]] = {}
    for name, parameter in parameters.items():
        shape = shapes[name]
        if len(shape) != len(parameter.axes):
            raise ShapeError(f"`{name}` must be in {parameter.space}, not an array of shape {shape}",
                             hint=f"an array of {len(parameter.axes)} axes")
        for dim, length in zip(parameter.axes, shape, strict=True):
            if dim.name is None:
                continue
            known, where = read.setdefault(dim.name, (length, name))
            if known != length:
                raise ShapeError(f"`{name}` must be in {parameter.space}, {dim} = {known} as in `{where}`, but its shape is {shape}",
                                 hint="the sizes that one letter stands for are equal in all arrays")
    axes = [dim for parameter in parameters.values() for dim in parameter.axes]
    return sizes_of_axes(axes, [length for name in parameters for length in shapes[name]])
