"""Nodes of the index language: closed tensors with ordered axes.

Indices are local to the `contract` node that binds them, so tensors that are equal up to bound names are one node.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import TypeVar

from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.interning import Node

HEADS: dict[str, str] = {
    "var": "a variable; data = (name, properties, whether axis 0 counts the members of a family)",
    "delta": "the Kronecker delta, two axes",
    "ones": "ones, one axis",
    "size": "a dimension as a number; data = (Dim,)",
    "pi": "the number pi",
    "lin": "a rational combination of tensors of equal axes; data = coefficients. No term: zero",
    "contract": "a product summed over bound indices; data = index tuples of the factors. Axes are 0..r-1",
    "map": "an elementwise function; data = (name,)",
    "pow": "args (base, exponent); the exponent has no axes or those of the base",
    "matpow": "an integer power of a square matrix; data = (k,)",
    "det": "the determinant",
    "logdet": "log |det|",
    "expm": "the matrix exponential",
    "softmax": "exp over its own sum, taken over all axes but the first ones; data = (how many those are,)",
    "logsumexp": "log of the sum of exp over all axes but the first ones; data = (how many those are,)",
    "basis": "the unit vector of a position; data = (Dim of the position,), counted from 0",
    "embed": "axes (i, k) with k = i + offset: one axis placed in a longer one; data = (Dim of the offset,)",
    "fuse": "axes (k, j, i) with k = i + rows j: columns stacked",
}

UNEVALUATED: dict[str, str] = {
    "differential": "du along dv, not worked out yet: args (u, v), axes of u",
    "partial": "the derivative of u by v, not worked out yet: args (u, v), axes of u, then those of v",
}
"""Heads of derivations alone; v is a variable."""

Axes = tuple[Dim, ...]
ONE = Fraction(1)
"""The one coefficient that most terms have; passes test for it before they multiply."""


class Tensor(Node):
    """A closed tensor. `type` is its axes."""

    __slots__ = ()

    args: tuple[Tensor, ...]
    type: Axes

    @property
    def axes(self) -> Axes:
        """The dimensions, in order."""
        return self.type

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.type)

    @property
    def coefficients(self) -> tuple[Fraction, ...]:
        """The coefficients of a linear combination."""
        return self.data  # type: ignore[return-value]

    @property
    def indices(self) -> tuple[tuple[int, ...], ...]:
        """The index tuples of the factors of a contraction."""
        return self.data  # type: ignore[return-value]


UNIT = Tensor.make("contract", (), (), ())
"""The number 1: the product of nothing."""

Factor = tuple[Tensor, tuple[int, ...]]
Index = TypeVar("Index", bound=Hashable)


def factors_of(node: Tensor) -> list[Factor]:
    """The factors of a contraction; any other tensor is its own one factor."""
    if node.head == "contract":
        return list(zip(node.args, node.indices, strict=True))
    return [(node, tuple(range(node.rank)))]


def terms_of(node: Tensor) -> list[tuple[Fraction, Tensor]]:
    """The terms of a combination with their coefficients; any other tensor is its own one term."""
    if node.head == "lin":
        return list(zip(node.coefficients, node.args, strict=True))
    return [(ONE, node)]


def content_of(node: Tensor) -> tuple[Fraction, Tensor]:
    """The common rational factor of a combination, with the sign of its first term, and what it multiplies."""
    if node.head != "lin" or not node.args:
        return ONE, node
    if len(node.args) == 1:
        return node.coefficients[0], node.args[0]
    coefficients = node.coefficients
    common = Fraction(gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients)))
    common = -common if coefficients[0] < 0 else common
    if common == 1:
        return ONE, node
    return common, Tensor.make("lin", node.args, tuple(c / common for c in coefficients), node.axes)


def is_zero(node: Tensor) -> bool:
    """Whether the tensor is zero for every value of its variables, as its normal form shows."""
    return node.head == "lin" and not node.args


def check_not_zero(node: Tensor, message: str) -> None:
    """Raises NotDifferentiableError with a message where the tensor is zero; for what is divided by, inverted, or under a logarithm."""
    if is_zero(node):
        raise NotDifferentiableError(message, hint="a point, or a formula, at which it is not zero")


def has_property(node: Tensor, prop: str) -> bool:
    """Whether the tensor is a variable that is declared to have a property."""
    properties = node.data[1] if node.head == "var" else ()
    assert isinstance(properties, tuple)
    return prop in properties


def components(
    factors: Sequence[tuple[Tensor, tuple[Index, ...]]], cut: Collection[Index] = ()
) -> list[tuple[set[Index], list[tuple[Tensor, tuple[Index, ...]]]]]:
    """The factors in groups that share no index, each with its indices; those in `cut` hold nothing together.

    A factor without such indices is a group of its own.
    """
    groups: dict[int, tuple[set[Index], list[tuple[Tensor, tuple[Index, ...]]]]] = {}
    holders: dict[Index, int] = {}
    for number, factor in enumerate(factors):
        own = set(factor[1]).difference(cut)
        met = [groups.pop(n) for n in sorted({holders[i] for i in own if i in holders})]
        indices, members = met[0] if met else (set[Index](), [])
        for others, more in met[1:]:
            indices |= others
            members = more + members
        indices |= own
        members.append(factor)
        groups[number] = indices, members
        holders.update(dict.fromkeys(indices, number))
    return list(groups.values())
