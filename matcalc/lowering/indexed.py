"""Values under a sum over data: tensors whose first axes run over the data indices that are in scope.

Under `sum_n` the member x_n of a family is the whole array x, and n names its first axis. Operations line data axes up
by name, so every lowering rule is written once, for the axes of the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Axes, Tensor


@dataclass(frozen=True, slots=True)
class Indexed:
    """A tensor with the names of its leading data axes, sorted."""

    tensor: Tensor
    data: tuple[str, ...] = ()

    @property
    def axes(self) -> Axes:
        """The axes of the value itself."""
        return self.tensor.axes[len(self.data) :]

    @property
    def rank(self) -> int:
        """The number of axes of the value itself."""
        return len(self.axes)

    @property
    def sizes(self) -> dict[str, Dim]:
        """The lengths of the data axes."""
        return dict(zip(self.data, self.tensor.axes, strict=False))


def _names(value: Indexed, own: Sequence[Hashable]) -> tuple[Hashable, ...]:
    return (*(("data", n) for n in value.data), *own)


def _union(values: Sequence[Indexed]) -> dict[str, Dim]:
    sizes: dict[str, Dim] = {}
    for value in values:
        sizes |= value.sizes
    return dict(sorted(sizes.items()))


def contract(parts: Sequence[tuple[Indexed, Sequence[Hashable]]], out: Sequence[Hashable]) -> Indexed:
    """The product of the parts, summed over every index that is not in `out`; data indices stay."""
    data = tuple(_union([value for value, _ in parts]))
    factors = [(value.tensor, _names(value, own)) for value, own in parts]
    return Indexed(b.contract(factors, (*(("data", n) for n in data), *out)), data)


def place(parts: Sequence[tuple[Indexed, Sequence[Hashable]]], out: Sequence[Hashable]) -> Indexed:
    """The product of a value and constants that select, distributed where the value is made of parts itself."""
    (value, own), *others = parts
    lead = tuple(("data", n) for n in value.data)
    constants = [(c.tensor, tuple(idx)) for c, idx in others]
    return Indexed(b.place(value.tensor, _names(value, own), constants, (*lead, *out)), value.data)


def multiply(*values: Indexed) -> Indexed:
    """The elementwise product of values of equal axes, and of scalars."""
    rank = max(v.rank for v in values)
    return contract([(v, range(v.rank)) for v in values], range(rank))


def aligned(values: Sequence[Indexed], axes: Axes) -> tuple[list[Tensor], tuple[str, ...]]:
    """The tensors repeated along the data axes of each other, and scalars along `axes`."""
    sizes = _union(values)
    data = tuple(sizes)
    wanted = (*sizes.values(), *axes)
    return [_spread(v, data, wanted) for v in values], data


def _spread(value: Indexed, data: tuple[str, ...], wanted: Axes) -> Tensor:
    if value.tensor.axes == wanted and value.data == data:
        return value.tensor
    slots = (*(data.index(n) for n in value.data), *range(len(wanted) - value.rank, len(wanted)))
    return b.contract([(value.tensor, slots), (b.ones(wanted), tuple(range(len(wanted))))], tuple(range(len(wanted))))


def combine(terms: Sequence[tuple[Fraction, Indexed]], axes: Axes) -> Indexed:
    """The sum of values times numbers, scalars repeated along the axes."""
    tensors, data = aligned([v for _, v in terms], axes)
    total = b.lin(zip((c for c, _ in terms), tensors, strict=True), tensors[0].axes)
    return Indexed(total, data)


def elementwise(build: Callable[..., Tensor], values: Sequence[Indexed], axes: Axes) -> Indexed:
    """A function entry by entry."""
    tensors, data = aligned(values, axes)
    return Indexed(build(*tensors), data)


def power(base: Indexed, exponent: Indexed) -> Indexed:
    """The elementwise power; an exponent that varies is repeated along the axes of the base."""
    if not exponent.data and (exponent.rank == 0 or not base.data):
        return Indexed(b.power(base.tensor, exponent.tensor), base.data)
    return elementwise(b.power, [base, exponent], base.axes)
