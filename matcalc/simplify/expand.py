"""Expansion: sums in products are distributed, so that two results can be compared.

Before: normal form. After: no factor of a product is a sum, and no base of a small positive power is.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from weakref import WeakKeyDictionary

from matcalc.core.errors import LimitError
from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.ir.substitute import rebuild

MAX_TERMS = 4096
MAX_EXPONENT = 8
MANY = 10**6

Product = tuple[Fraction, list[Factor]]


def expand(node: Tensor) -> Tensor:
    """The tensor with all products distributed over their sums.

    Ends: every round opens all sums of one product, and what they hold is expanded already.

    Raises:
        LimitError: for more than 4096 terms in one sum.
    """
    return fold(node, lambda t, args: _opened(rebuild(t, args)))


def _opened(node: Tensor) -> Tensor:
    if node.head == "lin":
        return b.lin([(c, distributed(t)) for c, t in terms_of(node)], node.axes)
    return distributed(node)


def distributed(node: Tensor) -> Tensor:
    """A product as a sum over the terms of its factors.

    Raises:
        LimitError: for more than 4096 terms.
    """
    if not any(_sum_of(t) for t, _ in factors_of(node)):
        return node
    products: list[Product] = [(Fraction(1), [])]
    for tensor, idx in factors_of(node):
        for _ in range(_repeats(tensor)):
            base = _sum_of(tensor) or tensor
            products = [(c * k, [*done, (term, idx)]) for c, done in products for k, term in terms_of(base)]
            if len(products) > MAX_TERMS:
                raise LimitError(f"written out, the result has more than {MAX_TERMS} terms",
                                 hint="the form that is not written out has no such limit")
    out = tuple(range(node.rank))
    result = b.lin([(c, b.contract(parts, out)) for c, parts in products], node.axes)
    return result if result is node else _opened(result)


def terms_written_out(node: Tensor) -> int:
    """How many terms a tensor has when its products are distributed, at most `MANY`."""
    return fold(node, _terms, _counted)


def _terms(node: Tensor, args: tuple[int, ...]) -> int:
    if node.head == "lin":
        return min(sum(args), MANY)
    if node.head == "pow":
        return min(args[0] ** _repeats(node), MANY) if _repeats(node) > 1 else 1
    return min(prod(args), MANY) if node.head == "contract" else 1


_counted: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()


def _sum_of(node: Tensor) -> Tensor | None:
    """The sum that a factor is, or that it is a small positive power of."""
    if node.head == "lin" and len(node.args) > 1:
        return node
    return node.args[0] if node.head == "pow" and _repeats(node) > 1 and _sum_of(node.args[0]) else None


def _repeats(node: Tensor) -> int:
    if node.head != "pow":
        return 1
    value = b.number_of(node.args[1])
    small = value is not None and value.denominator == 1 and 1 < value <= MAX_EXPONENT
    return int(value) if small and value is not None and node.args[0].head == "lin" else 1
