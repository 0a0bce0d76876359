"""Builders of the index language. They keep the normal form that `docs/design.md` states.

Every builder returns a tensor equal in value to the one asked for, in normal form when its arguments are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir.canonical import canonical_factors
from matcalc.ir.nodes import Axes, Factor, Tensor, content_of, factors_of, terms_of
from matcalc.ir.products import Network

ONE = Fraction(1)
UNIT = Tensor.make("contract", (), (), ())
"""The number 1: the product of nothing."""

MAX_INTEGER_EXPONENT = 64
"""Integer powers of numbers are worked out up to this exponent."""


def var(name: str, axes: Axes, properties: tuple[str, ...] = (), family: bool = False) -> Tensor:
    """A variable."""
    return Tensor.make("var", (), (name, properties, family), axes)


def delta(size: Dim) -> Tensor:
    """The Kronecker delta."""
    return Tensor.make("delta", (), (), (size, size))


def basis(position: Dim, length: Dim) -> Tensor:
    """The unit vector of a position, counted from 0."""
    return Tensor.make("basis", (), (position,), (length,))


def embed(offset: Dim, part: Dim, whole: Dim) -> Tensor:
    """The map that places an axis in a longer one from an offset on: entry (i, k) is 1 where k = i + offset."""
    return Tensor.make("embed", (), (offset,), (part, whole))


def fuse(rows: Dim, cols: Dim) -> Tensor:
    """The map between a pair of axes and one: entry (k, j, i) is 1 where k = i + rows j."""
    return Tensor.make("fuse", (), (), (rows * cols, cols, rows))


def ones(axes: Axes) -> Tensor:
    """Ones along all axes."""
    parts = [(Tensor.make("ones", (), (), (size,)), (i,)) for i, size in enumerate(axes)]
    return contract(parts, tuple(range(len(axes))))


def const(value: int | Fraction) -> Tensor:
    """A number."""
    return scale(Fraction(value), UNIT)


def size(dim: Dim) -> Tensor:
    """A dimension as a number."""
    return const(dim.value) if dim.value is not None else Tensor.make("size", (), (dim,), ())


def number_of(node: Tensor) -> Fraction | None:
    """The value of a number, None for anything else."""
    if node is UNIT:
        return ONE
    if node.head == "lin" and node.rank == 0 and all(t is UNIT for t in node.args):
        return sum(node.coefficients, Fraction(0))
    return None


def lin(terms: Iterable[tuple[Fraction, Tensor]], axes: Axes) -> Tensor:
    """The sum of the terms; like terms merge, zeros go, nested sums open.

    Args:
        terms: coefficients and tensors, all with the given axes.
        axes: the axes of the result, needed where no term is left.
    """
    total: dict[Tensor, Fraction] = {}
    for coefficient, node in terms:
        assert node.axes == axes, "terms of one sum have one shape"
        for inner, term in terms_of(node):
            total[term] = total.get(term, Fraction(0)) + coefficient * inner
    kept = sorted(((t, c) for t, c in total.items() if c), key=lambda pair: pair[0].key)
    if len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Tensor.make("lin", tuple(t for t, _ in kept), tuple(c for _, c in kept), axes)


def add(*nodes: Tensor) -> Tensor:
    """The sum of tensors of equal axes."""
    return lin([(ONE, n) for n in nodes], nodes[0].axes)


def scale(coefficient: Fraction, node: Tensor) -> Tensor:
    """A number times a tensor."""
    return lin([(coefficient, node)], node.axes)


def zero(axes: Axes) -> Tensor:
    """The zero tensor."""
    return lin([], axes)


def is_zero(node: Tensor) -> bool:
    """Whether the tensor is zero for every value of its variables, as its normal form shows."""
    return node.head == "lin" and not node.args


def contract(factors: Sequence[tuple[Tensor, tuple[Hashable, ...]]], out: tuple[Hashable, ...]) -> Tensor:
    """The product of the factors, summed over every index that is not in `out`.

    Args:
        factors: tensors, each with one index name a slot; equal names are contracted.
        out: the distinct names of the axes of the result; each occurs in a factor.
    """
    network = Network(out, power=power, matpow=matpow, ones=_one_axis, size=size, part=part_of,
                      distribute=distributed, close=_close)
    for node, idx in factors:
        network.insert(node, idx)
    return network.result()


def part_of(node: Tensor, slot: int, selector: Tensor) -> Tensor:
    """The part of a sum or an elementwise function that a basis vector or an embedding selects on one axis."""
    names = tuple(range(node.rank))
    short = () if selector.head == "basis" else ("short",)
    out = (*names[:slot], *short, *names[slot + 1 :])

    def selected(t: Tensor) -> Tensor:
        return contract([(t, names), (selector, (*short, slot))], out) if t.rank else t

    if node.head == "lin":
        axes = (*node.axes[:slot], *selector.axes[:-1], *node.axes[slot + 1 :])
        return lin([(c, selected(t)) for c, t in terms_of(node)], axes)
    args = [selected(t) for t in node.args]
    return power(*args) if node.head == "pow" else apply(str(node.data[0]), *args)


def distributed(first: Factor, second: Factor | None, out: tuple[int, ...]) -> Tensor:
    """A sum, or its product with a tensor, term by term."""
    others = [] if second is None else [second]
    terms = [(c, contract([(t, first[1]), *others], out)) for c, t in terms_of(first[0])]
    return lin(terms, terms[0][1].axes)


def _one_axis(dim: Dim) -> Tensor:
    return Tensor.make("ones", (), (), (dim,))


def _close(coefficient: Fraction, factors: Sequence[tuple[Tensor, tuple[int, ...]]], axes: Axes) -> Tensor:
    """The interned node of a reduced product."""
    if coefficient == 0:
        return zero(axes)
    ordered = canonical_factors(factors, len(axes))
    if len(ordered) == 1 and ordered[0][1] == tuple(range(len(axes))) and ordered[0][0].rank == len(axes):
        return scale(coefficient, ordered[0][0])
    node = Tensor.make("contract", tuple(t for t, _ in ordered), tuple(i for _, i in ordered), axes)
    return scale(coefficient, node)


def permute(node: Tensor, order: tuple[int, ...]) -> Tensor:
    """The tensor with its axes reordered: axis k of the result is axis order[k] of the node."""
    return contract([(node, tuple(range(node.rank)))], order)


def transpose(node: Tensor) -> Tensor:
    """The tensor with its two axes swapped."""
    return permute(node, (1, 0))


def multiply(*nodes: Tensor) -> Tensor:
    """The elementwise product of tensors of equal axes, and of scalars."""
    rank = max(n.rank for n in nodes)
    return contract([(n, tuple(range(n.rank))) for n in nodes], tuple(range(rank)))


def power(base: Tensor, exponent: Tensor) -> Tensor:
    """The elementwise power, with integer exponents taken inside products and powers."""
    value = number_of(exponent)
    if value == 1:
        return base
    if value == 0:
        return ones(base.axes)
    if value is not None and value.denominator == 1:
        opened = _integer_power(base, value)
        if opened is not None:
            return opened
    return Tensor.make("pow", (base, exponent), (), base.axes)


def _integer_power(base: Tensor, k: Fraction) -> Tensor | None:
    if base.head == "pow" and base.args[1].rank == 0:
        return power(base.args[0], multiply(base.args[1], const(k)))
    coefficient, term = content_of(base)
    if term is base and base.head != "contract":
        return None
    if abs(k) > MAX_INTEGER_EXPONENT and coefficient not in (1, -1):
        return None
    factors = factors_of(term)
    if any(i >= base.rank for _, idx in factors for i in idx) or any(t.head == "delta" for t, _ in factors):
        if coefficient == 1:
            return None
        return scale(coefficient**int(k), power(term, const(k)))
    if term.head != "contract":
        return scale(coefficient**int(k), power(term, const(k)))
    opened = contract([(power(t, const(k)), idx) for t, idx in factors], tuple(range(base.rank)))
    return scale(coefficient**int(k), opened)


def apply(name: str, *args: Tensor) -> Tensor:
    """An elementwise function; a reordering of axes is moved outside."""
    if len(args) == 1 and args[0].head == "contract" and len(args[0].args) == 1:
        inner, order = args[0].args[0], args[0].indices[0]
        if args[0].rank == inner.rank and sorted(order) == list(range(inner.rank)):
            return contract([(apply(name, inner), order)], tuple(range(inner.rank)))
    return Tensor.make("map", args, (name,), args[0].axes)


def matpow(base: Tensor, k: int) -> Tensor:
    """An integer power of a square matrix; powers of powers merge, transposes move outside."""
    if k == 0:
        return delta(base.axes[0])
    if k == 1 or base.head == "delta":
        return base
    if base.head == "matpow":
        inner = base.data[0]
        assert isinstance(inner, int)
        return matpow(base.args[0], inner * k)
    if base.head == "contract" and base.indices == ((1, 0),):
        return transpose(matpow(base.args[0], k))
    return Tensor.make("matpow", (base,), (k,), base.axes)


def of_matrix(head: str, node: Tensor) -> Tensor:
    """det, logdet or expm of a square matrix."""
    return Tensor.make(head, (node,), (), node.axes if head == "expm" else ())


def normalised(head: str, node: Tensor, lead: int = 0) -> Tensor:
    """softmax or logsumexp over all axes from `lead` on, one by one along those before."""
    return Tensor.make(head, (node,), (lead,), node.axes if head == "softmax" else node.axes[:lead])
