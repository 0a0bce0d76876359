"""All derivatives of one function from one reverse sweep, as a program: cotangents that several parts need have names.

Written out, the derivative by the first layer of a network repeats all layers after it. Over named cotangents each
layer adds a few nodes, in formulas and in code.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import fold, postorder
from matcalc.diff.differentiate import derivatives
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import ONE, Tensor, content_of, factors_of
from matcalc.ir.substitute import rebuild
from matcalc.lowering.lower import lower
from matcalc.pipeline import check_wrt, hidden, raiser_of, without_properties
from matcalc.raising.driver import Raiser
from matcalc.raising.graph import NoMatrixForm
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
        raiser: what raises the parts.
    """

    value: Tensor
    results: tuple[Tensor, ...]
    cotangents: Mapping[Tensor, Tensor]
    raiser: Raiser = field(repr=False)

    def index(self, leaf: Tensor) -> tuple[str, ...]:
        """The data index of a named cotangent, where it has one."""
        return tuple(self.raiser.setting.preferred.get(d, "n") for d in leaf.axes[:1] if leaf.data[2])

    def form(self, leaf: Tensor) -> Expr | None:
        """What a named cotangent is, None where it has no matrix form."""
        try:
            return self.raiser.to_matrix(self.cotangents[leaf], names=self.index(leaf))
        except NoMatrixForm:
            return None

    def is_negative(self, leaf: Tensor) -> bool:
        """Whether a named cotangent reads with a sign in front."""
        try:
            form = self.raiser.with_sign(self.cotangents[leaf], self.index(leaf))
        except NoMatrixForm:
            return False
        return form.head == "product" and form.args[0].head == "num" and str(form.args[0].data[0]).startswith("-")


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
    naming = Naming(taken, {content_of(node)[1] for node in postorder(hidden_value)})
    try:
        found = derivatives(hidden_value, list(plain.values()), naming.leaf if not value.rank else lambda bar: bar)
    except NotDifferentiableError:
        naming.cotangents.clear()
        found = [derivatives(hidden_value, [leaf])[0] for leaf in plain.values()]
    finished = _Finish({leaf: lower(variables[name]) for name, leaf in plain.items()})
    results = tuple(map(finished, found))
    swept = Sweep(value, results, {leaf: finished(t) for leaf, t in naming.cotangents.items()}, raiser_of(expr, variables))
    return _with_signs(swept)


def _with_signs(swept: Sweep) -> Sweep:
    """The same with every named cotangent, or its negative, such that it reads without a sign in front."""
    turned: dict[Tensor, Tensor] = {}
    memo: dict[Tensor, Tensor] = {}

    def moved(node: Tensor) -> Tensor:
        return fold(node, lambda t, args: turned.get(t) or rebuild(t, args), memo)

    cotangents: dict[Tensor, Tensor] = {}
    known = replace(swept, cotangents=cotangents)
    for leaf, node in swept.cotangents.items():
        cotangents[leaf] = moved(node)
        if known.is_negative(leaf):
            turned[leaf] = b.scale(-ONE, leaf)
            cotangents[leaf] = b.scale(-ONE, cotangents[leaf])
    return replace(known, results=tuple(map(moved, swept.results)))


class Naming:
    """Names for cotangents that go on to several parts, are more than a few factors, and no multiples of known parts."""

    def __init__(self, taken: set[str], known: Container[Tensor]) -> None:
        self.taken, self.known = taken, known
        self.cotangents: dict[Tensor, Tensor] = {}
        self.count = 0

    def leaf(self, bar: Tensor) -> Tensor:
        """The cotangent itself, or a variable that stands for it."""
        data = [axis for axis, over in enumerate(over_data(bar)) if over]
        if len(data) > 1 or content_of(bar)[1] in self.known or not is_large(bar):
            return bar
        order = (*data, *(axis for axis in range(bar.rank) if axis not in data))
        own = b.permute(bar, order)
        leaf = b.var(self.fresh(), own.axes, (), family=bool(data))
        self.cotangents[leaf] = own
        return b.permute(leaf, tuple(order.index(axis) for axis in range(bar.rank)))

    def fresh(self) -> str:
        """delta1, delta2, ..., without those that are taken."""
        while True:
            self.count += 1
            name = f"delta{self.count}"
            if name not in self.taken:
                return name


def is_large(node: Tensor) -> bool:
    """Whether a tensor has so many factors and terms, or an elementwise product, that it is worth a name."""
    _, node = content_of(node)
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
