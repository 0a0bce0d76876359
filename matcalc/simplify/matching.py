"""Matching of elementwise identities: a pattern of scalars against a tensor of any axes, entry by entry."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from matcalc.ir import build as b
from matcalc.ir.nodes import Axes, Factor, Tensor, factors_of, terms_of

Bindings = dict[str, Tensor]


@dataclass(frozen=True)
class Rule:
    """An identity between elementwise expressions.

    Attributes:
        name: kebab-case, unique.
        lhs: what is replaced, a tensor without axes; its variables stand for any tensors of equal axes.
        rhs: what it becomes.
        math: the identity in the input language.
        source: where it is from.
        where: the condition under which both sides are defined, empty where there is none.
    """

    name: str
    lhs: Tensor
    rhs: Tensor
    math: str
    source: str
    where: str = ""

    @cached_property
    def heads(self) -> frozenset[tuple[str, tuple[Hashable, ...]]]:
        """What must stand directly below a node for the rule to fit, told quickly."""
        return frozenset(_told(t) for t in self.lhs.args if t.head != "var" and b.number_of(t) is None)


def _told(node: Tensor) -> tuple[str, tuple[Hashable, ...]]:
    """The head, and what it says along any axes."""
    return node.head, () if node.head == "contract" else node.data


def rewritings(node: Tensor, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Tensor]]:
    """The rules that fit at the top of a node, each with what it makes of it."""
    below = {_told(t) for t in node.args}
    for rule in rules:
        if rule.heads <= below:
            found = rewritten(node, rule)
            if found is not None:
                yield rule, found


def rewritten(node: Tensor, rule: Rule) -> Tensor | None:
    """The node with the rule applied at its top, None where it does not fit.

    A product or a sum may hold more factors or terms than the pattern; the others stay.
    """
    if rule.lhs.head != node.head:
        return None
    if node.head == "contract":
        return _in_product(node, rule)
    if node.head == "lin":
        return _in_sum(node, rule)
    found = next(matches(rule.lhs, node, {}), None)
    return None if found is None else instantiated(rule.rhs, found, node.axes)


def _in_product(node: Tensor, rule: Rule) -> Tensor | None:
    factors = factors_of(node)
    for idx in dict.fromkeys(idx for _, idx in factors if len(set(idx)) == len(idx)):
        alike = [n for n, f in enumerate(factors) if f[1] == idx]
        for found, used in _some(list(rule.lhs.args), [factors[n][0] for n in alike], {}):
            rest: list[Factor] = [f for n, f in enumerate(factors) if n not in {alike[u] for u in used}]
            new = instantiated(rule.rhs, found, factors[alike[used[0]]][0].axes)
            return b.contract([*rest, (new, idx)], tuple(range(node.rank)))
    return None


def _in_sum(node: Tensor, rule: Rule) -> Tensor | None:
    """The terms of the pattern, all times one number, among those of the node."""
    terms, ((first, pattern), *others) = terms_of(node), terms_of(rule.lhs)
    for position, (coefficient, term) in enumerate(terms):
        ratio = coefficient / first
        for start in matches(pattern, term, {}):
            for found, used in _terms(others, terms, start, ratio, (position,)):
                rest = [t for n, t in enumerate(terms) if n not in used]
                return b.lin([*rest, (ratio, instantiated(rule.rhs, found, node.axes))], node.axes)
    return None


def _terms(wanted: Sequence[tuple[Fraction, Tensor]], terms: Sequence[tuple[Fraction, Tensor]], found: Bindings,
           ratio: Fraction, used: tuple[int, ...] = ()) -> Iterator[tuple[Bindings, tuple[int, ...]]]:
    if not wanted:
        yield found, used
        return
    (coefficient, pattern), *others = wanted
    for n, (c, term) in enumerate(terms):
        if n not in used and c == ratio * coefficient:
            for more in matches(pattern, term, found):
                yield from _terms(others, terms, more, ratio, (*used, n))


def _some(patterns: Sequence[Tensor], nodes: Sequence[Tensor], found: Bindings,
          used: tuple[int, ...] = ()) -> Iterator[tuple[Bindings, tuple[int, ...]]]:
    """Bindings under which every pattern fits a node of its own, and which nodes those are."""
    if not patterns:
        yield found, used
        return
    for n, node in enumerate(nodes):
        if n not in used:
            for more in matches(patterns[0], node, found):
                yield from _some(patterns[1:], nodes, more, (*used, n))


def matches(pattern: Tensor, node: Tensor, found: Bindings) -> Iterator[Bindings]:
    """The bindings, beyond those found, under which the pattern is the node.

    Ends: every step goes down in the pattern, which is small.
    """
    number = b.number_of(pattern)
    if number is not None:
        if node is b.scale(number, b.ones(node.axes)):
            yield found
    elif pattern.head == "var":
        name = str(pattern.data[0])
        if found.setdefault(name, node) is node if name in found else True:
            yield {**found, name: node}
    elif pattern.head != node.head:
        return
    elif pattern.head == "lin":
        if len(pattern.args) == len(node.args):
            yield from (more for more, _ in _terms(terms_of(pattern), terms_of(node), found, Fraction(1)))
    elif pattern.head == "contract":
        axes = tuple(range(node.rank))
        if len(pattern.args) == len(node.args) and all(idx == axes for _, idx in factors_of(node)):
            yield from (more for more, _ in _some(pattern.args, node.args, found))
    elif pattern.data == node.data and len(pattern.args) == len(node.args):
        yield from _all(pattern.args, node.args, found)


def _all(patterns: Sequence[Tensor], nodes: Sequence[Tensor], found: Bindings) -> Iterator[Bindings]:
    if not patterns:
        yield found
        return
    for more in matches(patterns[0], nodes[0], found):
        yield from _all(patterns[1:], nodes[1:], more)


def instantiated(pattern: Tensor, found: Bindings, axes: Axes) -> Tensor:
    """The pattern with its variables bound, along the given axes."""
    number = b.number_of(pattern)
    if number is not None:
        return b.scale(number, b.ones(axes))
    if pattern.head == "var":
        return found[str(pattern.data[0])]
    if pattern.head == "lin":
        return b.lin([(c, instantiated(t, found, axes)) for c, t in terms_of(pattern)], axes)
    if pattern.head == "pow":
        base, exponent = pattern.args
        fixed = b.number_of(exponent) is not None
        return b.power(instantiated(base, found, axes), exponent if fixed else instantiated(exponent, found, axes))
    args = [instantiated(t, found, axes) for t in pattern.args]
    return b.multiply(*args) if pattern.head == "contract" else b.apply(str(pattern.data[0]), *args)
