"""Where a function is defined and where it is smooth, as far as its variable decides.

A condition of the domain is told with every verdict that rests on it. The set of points that satisfy all conditions is convex
where each of them says that something concave is positive, or holds everywhere in the set that the others leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.convexity.composition import Composer
from matcalc.convexity.intervals import NONNEGATIVE, POSITIVE, Interval
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text

KINKED = ("relu", "step", "abs", "sign")
UNIT = Interval.of(-1, 1)
TWO = Fraction(2)


@dataclass(frozen=True)
class Condition:
    """Something that must hold for the function to be defined.

    Attributes:
        part: what it speaks of.
        relation: "> 0", ">= 0", "not 0", "between -1 and 1", "where tan is", "invertible".
    """

    part: Expr
    relation: str

    def __str__(self) -> str:
        return f"{to_text(self.part)} {self.relation}" if self.relation[0] in ">" else f"{to_text(self.part)} is {self.relation}"

    @property
    def fact(self) -> Interval | None:
        """What it says of the entries of its part."""
        return {"> 0": POSITIVE, ">= 0": NONNEGATIVE, "between -1 and 1": UNIT}.get(self.relation)


def conditions(expr: Expr, composer: Composer) -> list[Condition]:
    """The conditions on parts that vary, each once."""
    found = (c for node in postorder(expr) for c in _of(node) if composer.varies(c.part))
    return list(dict.fromkeys(found))


def _of(node: Expr) -> Iterator[Condition]:
    if node.head == "map" and node.name == "log":
        yield Condition(node.args[0], "> 0")
    elif node.head == "map" and node.name == "sqrt":
        yield Condition(node.args[0], ">= 0")
    elif node.head == "map" and node.name in ("asin", "acos"):
        yield Condition(node.args[0], "between -1 and 1")
    elif node.head == "map" and node.name == "tan":
        yield Condition(node.args[0], "where tan is defined")
    elif node.head == "power":
        yield from _of_power(*node.args)
    elif node.head == "logdet" or (node.head == "matpow" and str(node.data[0]).startswith("-")):
        yield Condition(node.args[0], "invertible")


def _of_power(base: Expr, exponent: Expr) -> Iterator[Condition]:
    if exponent.head == "dim":
        return
    p = Fraction(str(exponent.data[0])) if exponent.head == "num" else None
    if p is None or (p < 0 and p.denominator > 1):
        yield Condition(base, "> 0")
    elif p.denominator > 1:
        yield Condition(base, ">= 0")
    elif p < 0:
        yield Condition(base, "not 0")


def holds(condition: Condition, composer: Composer) -> bool:
    """Whether a condition is satisfied at every point that the composer's facts leave."""
    if condition.relation == "invertible":
        return abs(composer.level(composer.tensors[condition.part]) or 0) == 2
    bounds = composer.bounds(condition.part)
    if condition.relation == "not 0":
        return bounds.is_positive or bounds.is_negative
    if condition.relation == "between -1 and 1":
        return bounds.within(-1, 1)
    if condition.relation.startswith("where"):
        return bounds.within(Fraction(-3, 2), Fraction(3, 2))
    return bounds.is_positive if condition.relation == "> 0" else bounds.is_nonnegative


def is_convex_set(condition: Condition, composer: Composer) -> bool:
    """Whether the points that satisfy the condition form a convex set: what is concave is positive there."""
    bend = composer.bend(condition.part)
    if condition.relation in ("> 0", ">= 0"):
        return bend.concave is not None
    return condition.relation == "between -1 and 1" and bend.is_affine


def kinks(expr: Expr, composer: Composer) -> list[Expr]:
    """The parts at which the function may fail to be smooth inside of its domain."""
    order = postorder(expr)
    squared = {node.args[0] for node in order if _is_even_power(node)}
    plain = {arg for node in order if not _is_even_power(node) for arg in node.args} | {expr}
    found = []
    for node in order:
        if not composer.varies(node):
            continue
        is_norm = node.head == "norm" and (node not in squared or node in plain)
        if is_norm or node.head == "norm1" or (node.head == "map" and node.name in KINKED):
            found += [] if _is_away_from_zero(node.args[0], composer) else [node]
        elif node.head == "map" and (len(node.args) == 2 or node.name == "sqrt"):
            found += [] if node.name == "sqrt" and _is_smooth_root(node.args[0], composer) else [node]
        elif node.head == "power" and _has_small_fraction(node.args[1]) and not _is_smooth_root(node.args[0], composer):
            found.append(node)
    return found


def _is_even_power(node: Expr) -> bool:
    """Whether a power is smooth enough where its base is a norm: ||u||^2, ||u||^4, ||u||^3."""
    return node.head == "power" and node.args[1].head == "num" and Fraction(str(node.args[1].data[0])) >= TWO


def _has_small_fraction(exponent: Expr) -> bool:
    """Whether the exponent is a fraction between 0 and 2, or not a number."""
    if exponent.head != "num":
        return exponent.head != "dim"
    p = Fraction(str(exponent.data[0]))
    return p.denominator > 1 and 0 < p < TWO


def _is_smooth_root(base: Expr, composer: Composer) -> bool:
    """Whether the base of a root is positive, or zero on the edge of the domain alone."""
    return composer.bounds(base).is_positive or composer.bend(base).is_affine


def _is_away_from_zero(node: Expr, composer: Composer) -> bool:
    bounds = composer.bounds(node)
    return bounds.is_positive or bounds.is_negative


def told(found: Sequence[Condition]) -> tuple[str, ...]:
    """The conditions as a reader meets them."""
    return tuple(str(c) for c in found)
