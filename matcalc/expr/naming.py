"""Short names for what repeats: a formula with a `where` clause, as lectures write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.display import Displayed
from matcalc.core.functions import FUNCTIONS
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.expr.size import size
from matcalc.expr.text import to_text

MAX_NAMES = 12
FRESH_GAIN = 3
FRESH_COUNT = 3
"""A new name must save three parts, or stand three times; a name of the user must save one part."""

MANY = 24
"""More names of the user than this are given all at once."""

_LETTERS = {"scalar": "srcqtuv", "vector": "zuvwpqr", "row": "zuvwpqr", "matrix": "ZUVWGHYPQ"}
_PLAIN = frozenset(("num", "pi", "dim", "var", "item", "identity", "ones", "zeros", "commutation", "transpose"))


@dataclass(frozen=True, repr=False)
class Named(Displayed):
    """A formula over names, and what the names stand for, outermost first."""

    body: Expr
    definitions: tuple[tuple[str, Expr], ...] = ()

    def __str__(self) -> str:
        if not self.definitions:
            return to_text(self.body)
        clause = ", ".join(f"{name} = {to_text(value)}" for name, value in self.definitions)
        return f"{to_text(self.body)} where {clause}"


def abbreviate(expr: Expr, names: Mapping[Expr, str], taken: Iterable[str]) -> Named:
    """The formula with names for parts that repeat, where that makes it shorter.

    Args:
        expr: the formula.
        names: the names that the user gave to parts of it; they are preferred to new ones.
        taken: names that new ones must not be.

    Ends: every name makes the whole smaller.
    """
    taken = set(taken) | set(FUNCTIONS) | {"I", "pi"}
    parts: dict[str, Expr] = {"": expr}
    known = dict(names)
    if len(known) > MANY:
        parts, known = _with_names_of_user(expr, known)
        taken |= parts.keys()
    fresh = 0
    while fresh < MAX_NAMES:
        found = _best(parts.values(), known)
        if found is None:
            break
        name = known.get(found) or _fresh(found, taken)
        fresh += found not in known
        taken.add(name)
        leaf = Expr.make("var", (), (name, ()), found.shape)
        parts = {key: replaced(value, found, leaf) for key, value in parts.items()}
        known = {replaced(node, found, leaf): own for node, own in known.items() if node is not found and own != name}
        parts[name] = found
    return Named(parts.pop(""), tuple(_ordered(parts)))


def _with_names_of_user(expr: Expr, names: Mapping[Expr, str]) -> tuple[dict[str, Expr], dict[Expr, str]]:
    """The formula with all names of the user that save something, in one pass from the outside; and the other names.

    How often a part is printed follows from how often the parts are that hold it; one with a name is printed once.
    """
    order = postorder(expr)
    counts = dict.fromkeys(order, 0) | {expr: 1}
    chosen: dict[Expr, str] = {}
    for node in reversed(order):
        count = counts[node]
        if node in names and count > 1 and count * (size(node) - 1) > size(node) and node.head not in _PLAIN and not _reciprocal(node):
            chosen[node] = names[node]
            count = 1
        for arg in node.args:
            counts[arg] += count
    parts: dict[str, Expr] = {}
    shown: dict[Expr, Expr] = {}
    for node in order:
        own = rebuild(node, tuple(shown[arg] for arg in node.args)) if node.args else node
        if node in chosen:
            parts[chosen[node]] = own
            own = Expr.make("var", (), (chosen[node], ()), node.shape)
        shown[node] = own
    left = {shown[node]: name for node, name in names.items() if node in shown and node not in chosen}
    return {"": shown[expr], **parts}, left


def _best(roots: Iterable[Expr], known: Mapping[Expr, str]) -> Expr | None:
    """The part whose name saves most; any that the user named before all others."""
    best: Expr | None = None
    most = (False, 0)
    for node, count in _counts(list(roots)).items():
        saved = count * (size(node) - 1) - size(node)
        rank = (node in known, saved)
        if count < 2 or saved <= 0 or rank <= most or node.head in _PLAIN or _reciprocal(node) or (varies(node) and node not in known):
            continue
        if saved >= FRESH_GAIN or count >= FRESH_COUNT or node in known:
            best, most = node, rank
    return best


def _counts(roots: list[Expr]) -> dict[Expr, int]:
    """How often each node stands in the trees that are printed."""
    counts: dict[Expr, int] = {}
    for root in roots:
        counts[root] = counts.get(root, 0) + 1
    for node in reversed(postorder(*roots)):
        for arg in node.args:
            counts[arg] = counts.get(arg, 0) + counts[node]
    sums = {node: terms for node in counts if node.head == "add" and (terms := _terms(node))}
    holders: dict[Expr, list[Expr]] = {}
    for node, terms in sums.items():
        for term in terms:
            holders.setdefault(term, []).append(node)
    for node, terms in sums.items():
        for other in holders[next(iter(terms))]:
            if len(other.args) > len(node.args) and _ratio(sums[other], terms) is not None:
                counts[node] += counts[other]
    return counts


_ONE = e.number(1)


def _terms(node: Expr) -> dict[Expr, Fraction]:
    """The terms of a sum with the numbers in front of them; none where a term stands twice."""
    terms: dict[Expr, Fraction] = {}
    for arg in node.args:
        number = arg.args[0] if arg.head == "product" and arg.args[0].head == "num" else _ONE
        core = arg if number is _ONE else e.product(arg.args[1:])
        terms[core] = Fraction(str(number.data[0]))
    return terms if len(terms) == len(node.args) else {}


def _ratio(whole: Mapping[Expr, Fraction], part: Mapping[Expr, Fraction]) -> Fraction | None:
    """c, where the terms of the whole hold c times each of the part."""
    ratio: Fraction | None = None
    for term, number in part.items():
        found = whole.get(term)
        if found is None or (ratio is not None and found / number != ratio):
            return None
        ratio = found / number
    return ratio


def _without(whole: Expr, part: Expr, leaf: Expr) -> Expr:
    """A sum that holds a multiple of the part, with the leaf in its place; any other expression as it is."""
    if whole.head != "add" or part.head != "add" or len(whole.args) <= len(part.args):
        return whole
    terms, gone = _terms(whole), _terms(part)
    ratio = _ratio(terms, gone)
    if ratio is None:
        return whole
    rest = [arg for arg, core in zip(whole.args, terms, strict=True) if core not in gone]
    scaled = leaf if ratio == 1 else e.product([e.number(ratio), leaf])
    return e.add([scaled, *rest])


def _reciprocal(node: Expr) -> bool:
    """Whether it stands as a divisor, whose base is named instead."""
    return node.head == "power" and node.args[1].head == "num" and str(node.args[1].data[0]).startswith("-")


def varies(node: Expr) -> bool:
    """Whether a member of a family stands in it: its value may depend on the index of a sum over data."""
    return any(part.head == "item" for part in postorder(node))


def replaced(root: Expr, old: Expr, new: Expr) -> Expr:
    """An expression with another in the place of a part of it, sums that hold a multiple of the part included."""
    return fold(root, lambda node, args: new if node is old else _without(rebuild(node, args), old, new), {})


def _fresh(node: Expr, taken: set[str]) -> str:
    letters = _LETTERS[node.shape.kind]
    free = [c for c in letters if c not in taken]
    numbered = (f"{letters[0]}{n}" for n in range(1, 10_000))
    return free[0] if free else next(name for name in numbered if name not in taken)


def _ordered(parts: Mapping[str, Expr]) -> list[tuple[str, Expr]]:
    """Definitions that use others before those."""
    uses = {name: {n.name for n in postorder(value) if n.head == "var"} & set(parts) for name, value in parts.items()}
    ordered: list[str] = []
    users = Counter(used for name in parts for used in uses[name])
    waiting = dict.fromkeys(parts)
    while waiting:
        name = next(name for name in waiting if not users[name])
        del waiting[name]
        users.subtract(uses[name])
        ordered.append(name)
    return [(name, parts[name]) for name in ordered]
