"""Builders of the index language. They keep the normal form that `docs/design.md` states.

Every builder returns a tensor equal in value to the one asked for, in normal form when its arguments are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from weakref import WeakKeyDictionary

from matcalc.core.dims import Dim
from matcalc.core.limits import check_number, check_power
from matcalc.ir import nodes, selection
from matcalc.ir.canonical import canonical_factors, transposed_factors
from matcalc.ir.nodes import ONE, UNIT, Axes, Factor, Tensor, content_of, factors_of, has_property, terms_of
from matcalc.ir.products import Network, constant_axes, reading_of, without_axes
from matcalc.ir.selection import selects

basis, embed, fuse, is_zero = selection.basis, selection.embed, selection.fuse, nodes.is_zero

KEPT = 4096
"""Products that are remembered: the passes over one formula, and formulas alike, ask for the same ones again."""

MAX_INTEGER_EXPONENT = 64
"""Integer powers of numbers are worked out up to this exponent."""


def var(name: str, axes: Axes, properties: tuple[str, ...] = (), family: bool = False) -> Tensor:
    """A variable."""
    return Tensor.make("var", (), (name, properties, family), axes)


def delta(size: Dim) -> Tensor:
    """The Kronecker delta."""
    return Tensor.make("delta", (), (), (size, size))


def place(node: Tensor, idx: tuple[Hashable, ...], others: Sequence[tuple[Tensor, tuple[Hashable, ...]]],
          out: tuple[Hashable, ...]) -> Tensor:
    """A product with constants that select, distributed over a sum that is made of parts itself."""
    if node.head != "lin" or not node.args or not selects(node):
        return contract([(node, idx), *others], out)
    return over_terms(node, idx, others, out)


def over_terms(node: Tensor, idx: tuple[Hashable, ...], others: Sequence[tuple[Tensor, tuple[Hashable, ...]]],
               out: tuple[Hashable, ...]) -> Tensor:
    """The product of a sum of at least one term with other factors, term by term."""
    terms = [(c, contract([(t, idx), *others], out)) for c, t in terms_of(node)]
    return lin(terms, terms[0][1].axes)


def ones(axes: Axes) -> Tensor:
    """Ones along all axes."""
    if len(axes) == 1:
        return Tensor.make("ones", (), (), axes)
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
            product = inner if coefficient is ONE else coefficient * inner
            known = total.get(term)
            total[term] = product if known is None else known + product
    kept = sorted(((t, c) for t, c in total.items() if c), key=lambda pair: pair[0].key)
    if len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Tensor.make("lin", tuple(t for t, _ in kept), tuple(c if c is ONE else check_number(c) for _, c in kept), axes)


def add(*nodes: Tensor) -> Tensor:
    """The sum of tensors of equal axes."""
    return lin([(ONE, n) for n in nodes], nodes[0].axes)


def scale(coefficient: Fraction, node: Tensor) -> Tensor:
    """A number times a tensor."""
    if coefficient == 1:
        return node
    return lin([(coefficient, node)], node.axes)


def zero(axes: Axes) -> Tensor:
    """The zero tensor."""
    return lin([], axes)


def contract(factors: Sequence[tuple[Tensor, tuple[Hashable, ...]]], out: tuple[Hashable, ...]) -> Tensor:
    """The product of the factors, summed over every index that is not in `out`.

    Args:
        factors: tensors, each with one index name a slot; equal names are contracted.
        out: the distinct names of the axes of the result; each occurs in a factor.
    """
    numbers: dict[Hashable, int] = {name: n for n, name in enumerate(out)}
    numbered = tuple((node, tuple(numbers.setdefault(i, len(numbers)) for i in idx)) for node, idx in factors)
    return _contracted(numbered, len(out))


@lru_cache(maxsize=KEPT)
def _contracted(factors: tuple[Factor, ...], rank: int) -> Tensor:
    """A product whose indices are numbered as they appear, the axes of the result first."""
    network = Network(tuple(range(rank)), add=add, power=power, matpow=matpow, ones=lambda dim: ones((dim,)), size=size, oriented=oriented,
                      part=part_of, over_terms=over_terms, close=_close)
    for node, idx in factors:
        network.insert(node, idx)
    return network.result()


def part_of(node: Tensor, slot: int, selector: Tensor) -> Tensor:
    """The part of a sum or an elementwise function that a constant selects on one axis, its other axes in the place."""
    names = tuple(range(node.rank))
    short = tuple(("short", n) for n in range(selector.rank - 1))
    placed = (slot, *short) if selector.head == "fuse" else (*short, slot)
    kept = selector.axes[1:] if selector.head == "fuse" else selector.axes[:-1]
    out = (*names[:slot], *short, *names[slot + 1 :])

    def selected(t: Tensor) -> Tensor:
        return contract([(t, names), (selector, placed)], out) if t.rank else t

    if node.head == "lin":
        axes = (*node.axes[:slot], *kept, *node.axes[slot + 1 :])
        return lin([(c, selected(t)) for c, t in terms_of(node)], axes)
    args = [selected(t) for t in node.args]
    return power(*args) if node.head == "pow" else apply(str(node.data[0]), *args)


def _close(coefficient: Fraction, factors: Sequence[tuple[Tensor, tuple[int, ...]]], axes: Axes) -> Tensor:
    """The interned node of a reduced product."""
    if not coefficient:
        return zero(axes)
    sign, ordered = canonical_factors(factors, len(axes))
    if not sign:
        return zero(axes)
    coefficient *= sign
    if len(ordered) == 1 and ordered[0][1] == tuple(range(len(axes))) and ordered[0][0].rank == len(axes):
        return scale(coefficient, ordered[0][0])
    if len(ordered) == 1 and ordered[0][0].head == "lin" and len(axes) == ordered[0][0].rank == 2 and all(len(set(idx)) == len(idx) for _, idx in ordered):
        return scale(coefficient, transpose(ordered[0][0]))
    node = Tensor.make("contract", tuple(t for t, _ in ordered), tuple(i for _, i in ordered), axes)
    return scale(coefficient, node)


_oriented: WeakKeyDictionary[Tensor, tuple[Tensor, bool]] = WeakKeyDictionary()


def oriented(node: Tensor) -> tuple[Tensor, bool]:
    """Of a sum or a product of two axes and its transpose the one with fewer transposed terms, and whether
    that is the transpose."""
    if node.rank != 2 or node.head not in ("lin", "contract"):
        return node, False
    known = _oriented.get(node)
    if known is None:
        turned = transpose(node)
        swapped = reading_of(turned) < reading_of(node)
        known = _oriented[node] = (turned, True) if swapped else (node, False)
    return known


def permute(node: Tensor, order: tuple[int, ...]) -> Tensor:
    """The tensor with its axes reordered: axis k of the result is axis order[k] of the node."""
    return contract([(node, tuple(range(node.rank)))], order)


def transpose(node: Tensor) -> Tensor:
    """The tensor with its two axes swapped; of a sum, term by term."""
    axes = node.axes[::-1]
    if node.head == "lin":
        return lin([(c, transpose(t)) for c, t in terms_of(node)], axes)
    return _close(ONE, transposed_factors(node), axes)


def multiply(*nodes: Tensor) -> Tensor:
    """The elementwise product of tensors of equal axes, and of scalars."""
    rank = max(n.rank for n in nodes)
    return contract([(n, tuple(range(n.rank))) for n in nodes], tuple(range(rank)))


def power(base: Tensor, exponent: Tensor) -> Tensor:
    """The elementwise power, with integer exponents taken inside products and powers."""
    value = number_of(exponent)
    if value is not None and value < 0:
        nodes.check_not_zero(base, "the expression divides by what is zero whatever its variables are")
    if value == 1 or (value and is_zero(base)) or all(t.head == "ones" for t, _ in factors_of(base)):
        return base
    if value == 0:
        return ones(base.axes)
    if value is not None and value.denominator == 1:
        opened = _integer_power(base, value)
        if opened is not None:
            return opened
    if constant_axes((base, exponent)):
        return _spread(power, (base, exponent))
    inner, swapped = oriented(base) if exponent.rank == 0 else (base, False)
    if swapped:
        return transpose(power(inner, exponent))
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
        return scale(_raised(coefficient, int(k)), power(term, const(k)))
    if term.head != "contract":
        return scale(_raised(coefficient, int(k)), power(term, const(k)))
    opened = contract([(power(t, const(k)), idx) for t, idx in factors], tuple(range(base.rank)))
    return scale(_raised(coefficient, int(k)), opened)


def _raised(value: Fraction, k: int) -> Fraction:
    check_power(value, k)
    return value**k


def apply(name: str, *args: Tensor) -> Tensor:
    """An elementwise function; a reordering of axes and axes along which it is constant are moved outside."""
    if name == "log":
        nodes.check_not_zero(args[0], "the logarithm of zero, whatever the variables are")
    if constant_axes(args):
        return _spread(partial(apply, name), args)
    if len(args) == 1:
        inner, swapped = oriented(args[0])
        if swapped:
            return transpose(Tensor.make("map", (inner,), (name,), inner.axes))
    return Tensor.make("map", args, (name,), args[0].axes)


def _spread(function: Callable[..., Tensor], args: Sequence[Tensor]) -> Tensor:
    """A function of the arguments without the axes along which they are constant, times ones."""
    axes, same = args[0].axes, constant_axes(args)
    kept = tuple(i for i in range(len(axes)) if i not in same)
    short = [lin([(c, contract(f, kept)) for c, f in without_axes(a, same)], tuple(axes[i] for i in kept)) if a.rank else a for a in args]
    return contract([(function(*short), kept), *((ones((axes[i],)), (i,)) for i in same)], tuple(range(len(axes))))


def matpow(base: Tensor, k: int) -> Tensor:
    """An integer power of a square matrix, taken inside scalars, powers, diagonals, and inverses inside products."""
    if k == 0:
        return delta(base.axes[0])
    if k < 0:
        nodes.check_not_zero(base, "the expression inverts a matrix that is zero whatever its variables are")
    if k == 1 or base.head == "delta" or is_zero(base):
        return base
    if base.head == "matpow":
        return matpow(base.args[0], _exponent(base) * k)
    if k == -1 and has_property(base, "orthogonal"):
        return transpose(base)
    coefficient, scalars, core = split_scalars(base)
    if core is not base:
        numbers = [power(s, const(k)) for s in scalars]
        return scale(_raised(coefficient, k), contract([*((s, ()) for s in numbers), (matpow(core, k), (0, 1))], (0, 1)))
    diagonal = _diagonal_of(base)
    if diagonal is not None:
        return contract([(power(diagonal, const(k)), (0,)), (delta(base.axes[0]), (0, 1))], (0, 1))
    chain = chain_of(base) if k == -1 else None
    if chain is not None:
        links = [(matpow(t, -1), (n, n + 1)) for n, t in enumerate(reversed(chain))]
        return contract(links, (0, len(chain)))
    inner, swapped = oriented(base)
    if swapped:
        return transpose(matpow(inner, k))
    return Tensor.make("matpow", (base,), (k,), base.axes)


def _exponent(node: Tensor) -> int:
    k = node.data[0]
    assert isinstance(k, int)
    return k


def split_scalars(node: Tensor) -> tuple[Fraction, list[Tensor], Tensor]:
    """The number and the scalars in front of a tensor, and the rest."""
    coefficient, term = content_of(node)
    if coefficient < 0 and term.head == "lin":
        coefficient, term = -coefficient, scale(-ONE, term)
    if term.head != "contract" or not term.rank or not any(t.rank == 0 for t in term.args):
        return coefficient, [], term
    scalars = [t for t in term.args if t.rank == 0]
    rest = [f for f in factors_of(term) if f[0].rank]
    return coefficient, scalars, contract(rest, tuple(range(term.rank)))


def _diagonal_of(node: Tensor) -> Tensor | None:
    """v, where the node is diag(v)."""
    if node.head != "contract" or not any(t.head == "delta" for t in node.args):
        return None
    rest = [(t, idx) for t, idx in factors_of(node) if t.head != "delta"]
    if len(rest) != len(node.args) - 1 or any(idx != (0,) for _, idx in rest):
        return None
    return contract(rest, (0,))


def chain_of(node: Tensor) -> list[Tensor] | None:
    """The square matrices, two or more, whose product the node is; None where it is no such product."""
    if node.head != "contract" or len(node.args) < 2 or node.rank != 2:
        return None
    left = factors_of(node)
    held = [i for _, idx in left for i in idx]
    if any(held.count(i) != (1 if i < 2 else 2) for i in held):
        return None
    chain: list[Tensor] = []
    at = 0
    while left:
        found = next((f for f in left if at in f[1]), None)
        if found is None or found[0].rank != 2 or found[0].axes != node.axes or found[1][0] == found[1][1]:
            return None
        left.remove(found)
        chain.append(found[0] if found[1][0] == at else transpose(found[0]))
        at = found[1][1] if found[1][0] == at else found[1][0]
    return chain if at == 1 else None


def det(node: Tensor) -> Tensor:
    """The determinant, taken inside scalars, powers, transposes and products of square matrices."""
    coefficient, scalars, core = split_scalars(node)
    if core is not node:
        length = size(node.axes[0])
        return multiply(power(const(coefficient), length), *(power(s, length) for s in scalars), det(core))
    if core.head == "delta":
        return UNIT
    if is_zero(core):
        return zero(())
    if core.head == "matpow":
        return power(det(core.args[0]), const(_exponent(core)))
    chain = chain_of(core)
    if chain is not None:
        return multiply(*map(det, chain))
    return Tensor.make("det", (oriented(core)[0],), (), ())


def logdet(node: Tensor) -> Tensor:
    """log |det|, as a sum over scalars, powers and products of square matrices."""
    nodes.check_not_zero(node, "the logarithm of a determinant that is zero whatever the variables are")
    coefficient, scalars, core = split_scalars(node)
    if core is not node:
        parts = [*([const(abs(coefficient))] if abs(coefficient) != 1 else []), *(apply("abs", s) for s in scalars)]
        return add(logdet(core), *(multiply(size(node.axes[0]), apply("log", p)) for p in parts))
    if core.head == "delta":
        return zero(())
    if core.head == "matpow":
        return scale(Fraction(_exponent(core)), logdet(core.args[0]))
    chain = chain_of(core)
    if chain is not None:
        return add(*map(logdet, chain))
    return Tensor.make("logdet", (oriented(core)[0],), (), ())


def of_matrix(head: str, node: Tensor) -> Tensor:
    """det, logdet or expm of a square matrix."""
    if head != "expm":
        return det(node) if head == "det" else logdet(node)
    inner, swapped = oriented(node)
    return transpose(of_matrix(head, inner)) if swapped else Tensor.make(head, (node,), (), node.axes)


def normalised(head: str, node: Tensor, lead: int = 0) -> Tensor:
    """softmax or logsumexp over all axes from `lead` on, one by one along those before."""
    if node.rank == lead and head == "logsumexp":
        return node
    return Tensor.make(head, (node,), (lead,), node.axes if head == "softmax" else node.axes[:lead])
