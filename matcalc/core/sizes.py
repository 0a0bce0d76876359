"""Sizes of named dimensions from the lengths of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.core.arguments import check_mapping, check_whole
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, ShapeError


def sizes_of_axes(axes: Sequence[Dim], shape: Sequence[int], known: Mapping[str, int] | None = None) -> dict[str, int]:
    """The size of every name in the dimensions of an array, as its shape and what is known tell it.

    Args:
        axes: the dimensions of the array.
        shape: its shape.
        known: sizes by name; names that do not occur are left aside.

    Raises:
        DeclarationError: for a size that is no positive whole number, or that nothing tells.
        ShapeError: where the shape does not fit the dimensions.

    Example:
        >>> m, n = Dim.of("m"), Dim.of("n")
        >>> sizes_of_axes([m * n, n], [6, 3])
        {'n': 3, 'm': 2}
    """
    given = check_mapping(known, "sizes", "names of dimensions to sizes", '{"n": 3}')
    sizes = {name: _checked(name, size) for name, size in given.items()}
    if len(shape) != len(axes):
        raise ShapeError(f"an array of {len(shape)} axes, where the form has {len(axes)}: {_written(axes)}",
                         hint="an array with the axes of the form")
    pending = list(zip(axes, shape, strict=True))
    while pending:
        ready = next((p for p in pending if len(set(p[0].names) - sizes.keys()) < 2), None)
        if ready is None:
            name = next(n for n in pending[0][0].names if n not in sizes)
            raise DeclarationError(f"the size `{name}` is not known", hint=f'sizes={{"{name}": ...}}')
        pending.remove(ready)
        dim, length = ready
        for name in (n for n in dim.names if n not in sizes):
            sizes[name] = _solved(dim, name, length, sizes)
        if dim.evaluate(sizes) != length:
            raise ShapeError(f"an axis of length {length}, where the form has {dim}: {_written(axes)}"
                             f"{_given(dim, sizes)}",
                             hint="the sizes that one letter stands for are equal in all arrays")
    return sizes


def _solved(dim: Dim, name: str, length: int, sizes: Mapping[str, int]) -> int:
    """The least size with which the dimension, which grows with it, is at least as long as the axis."""
    low, high = 1, max(length, 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if dim.evaluate({**sizes, name: middle}) < length else (low, middle)
    return low


def _checked(name: str, size: object) -> int:
    return check_whole(size, name, f"the size `{name}`", 1)


def _written(axes: Sequence[Dim]) -> str:
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(map(str, axes))})"


def _given(dim: Dim, sizes: Mapping[str, int]) -> str:
    return f" with {', '.join(f'{n} = {sizes[n]}' for n in dim.names)}" if dim.names else ""
