"""All derivatives of one function from one reverse sweep, as a program: cotangents that several parts need have names.

Written out, the derivative by the first layer of a network repeats all layers after it. Over named cotangents each
layer adds a few nodes, in formulas and in code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import fold, postorder
from matcalc.diff.differentiate import derivatives
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of
from matcalc.ir.substitute import rebuild
from matcalc.lowering.lower import lower
from matcalc.pipeline import check_wrt, hidden, without_properties
from matcalc.raising.view import over_data
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

SMALL = {0: 2, 1: 3, 2: 6}
"""Cotangents of so many axes with up to so many factors and terms are written where they are used."""

LARGEST = 12
"""The same for cotangents of more axes that no elementwise product holds together."""


@dataclass(frozen=True)
class Sweep:
    """A function and its derivatives in index form, over named cotangents.

    Attributes:
        value: the function.
        results: its derivatives, in the order that was asked for.
        cotangents: what each named cotangent is, in the order of computation; later ones use earlier ones.
    """

    value: Tensor
    results: tuple[Tensor, ...]
    cotangents: Mapping[Tensor, Tensor]


def sweep(expr: Expr, variables: Mapping[str, Expr], names: Sequence[str], taken: set[str]) -> Sweep:
    """The value of an expression and its derivatives by several variables; axes of the output come first.

    Args:
        expr: the function.
        variables: all variables by name.
        names: what to differentiate by.
        taken: names that cotangents must not have.

    Raises:
        DeclarationError: for a name that is no variable.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    check_wrt(variables, list(names))
    plain = {name: lower(without_properties(variables[name])) for name in names}
    hidden_value, value = recognise(lower(hidden(expr, set(names)))), recognise(lower(expr))
    naming = Naming(taken)
    try:
        found = derivatives(hidden_value, list(plain.values()), naming.leaf if not value.rank else lambda bar: bar)
    except NotDifferentiableError:
        naming.cotangents.clear()
        found = [derivatives(hidden_value, [leaf])[0] for leaf in plain.values()]
    finished = _Finish({leaf: lower(variables[name]) for name, leaf in plain.items()})
    results = tuple(map(finished, found))
    return Sweep(value, results, {leaf: finished(t) for leaf, t in naming.cotangents.items()})


class Naming:
    """Names for cotangents that go on to several parts and are more than a few factors."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.cotangents: dict[Tensor, Tensor] = {}
        self.count = 0

    def leaf(self, bar: Tensor) -> Tensor:
        """The cotangent itself, or a variable that stands for it."""
        flags = over_data(bar)
        if any(flags[1:]) or not is_large(bar):
            return bar
        leaf = b.var(self.fresh(), bar.axes, (), family=any(flags))
        self.cotangents[leaf] = bar
        return leaf

    def fresh(self) -> str:
        """delta1, delta2, ..., without those that are taken."""
        while True:
            self.count += 1
            name = f"delta{self.count}"
            if name not in self.taken:
                return name


def is_large(node: Tensor) -> bool:
    """Whether a tensor has so many factors and terms, or an elementwise product, that it is worth a name."""
    if node.rank >= 2 and any(t.head == "delta" for t, _ in factors_of(node)):
        return False
    held = [i for _, idx in factors_of(node) for i in idx]
    is_elementwise = node.rank > 1 and any(held.count(i) > 1 for i in range(node.rank))
    limit = SMALL.get(node.rank, LARGEST) if node.rank < 2 or is_elementwise else LARGEST
    count, stack = 0, [node]
    while stack and count <= limit:
        part = stack.pop()
        if part.head in ("lin", "contract"):
            stack += part.args
        else:
            count += 1
    return count > limit or (is_elementwise and count > 2)


class _Finish:
    """Properties in force again, functions recognised, common factors taken out; parts that are shared once."""

    def __init__(self, declared: Mapping[Tensor, Tensor]) -> None:
        self.declared = {plain: own for plain, own in declared.items() if plain is not own}
        self.recognised: dict[Tensor, Tensor] = {}
        self.restored: dict[Tensor, Tensor] = {}
        self.factored: dict[Tensor, Tensor] = {}

    def __call__(self, node: Tensor) -> Tensor:
        node = recognise(node, self.recognised)
        if self.declared:
            node = fold(node, lambda t, args: self.declared.get(t) or rebuild(t, args), self.restored)
        return factor(node, self.factored)


def size_of(found: Sweep) -> int:
    """The number of distinct nodes of a function with all its derivatives."""
    return len(postorder(found.value, *found.results, *found.cotangents.values()))
