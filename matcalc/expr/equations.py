"""Several formulas over shared names: what repeats is written once, as the lines of a calculation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from matcalc.core.functions import FUNCTIONS
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.expr.size import size

_LETTER = {"scalar": "s", "vector": "z", "row": "z", "matrix": "Z"}
WORTH = 4
"""A part that repeats gets a name when it has at least so many symbols."""

Equation = tuple[str, Expr]


def with_shared_names(
    roots: Sequence[Expr], given: Mapping[Expr, str], names: Mapping[Expr, str], taken: Iterable[str]
) -> tuple[list[Expr], list[Equation]]:
    """The formulas over names, and what the names stand for, each after those that it uses.

    One walk from the leaves up, so it is linear in the distinct nodes.

    Args:
        roots: the formulas.
        given: roots that have names already; other formulas refer to them as variables.
        names: names for parts wherever they occur.
        taken: names that new ones must not be.
    """
    order = postorder(*roots)
    uses = Counter(arg for node in order for arg in node.args) + Counter(r for r in roots if r not in given)
    taken = {*taken, *FUNCTIONS, "I", "pi"}
    counts: Counter[str] = Counter()
    shown: dict[Expr, Expr] = {}
    equations: list[Equation] = []
    members: set[Expr] = set()
    for node in order:
        body = rebuild(node, tuple(shown[arg] for arg in node.args)) if node.args else node
        shown[node] = body
        if node.head == "item" or (node.head != "datasum" and any(arg in members for arg in node.args)):
            members.add(node)
        own = given.get(node) or (None if node in members else names.get(node))
        if own is None and (uses[node] < 2 or size(body) < WORTH or node in members or _is_divisor(node)):
            continue
        name = own or _fresh(_LETTER[node.shape.kind], counts, taken)
        equations.append((name, body))
        shown[node] = Expr.make("var", (), (name, ()), node.shape)
    return [shown[root] for root in roots], equations


def _is_divisor(node: Expr) -> bool:
    """Whether a part is printed below a fraction bar, whose base gets the name instead, or is a mere transpose."""
    if node.head == "transpose":
        return True
    return node.head == "power" and node.args[1].head == "num" and str(node.args[1].data[0]).startswith("-")


def _fresh(letter: str, counts: Counter[str], taken: set[str]) -> str:
    """The letter with the first number that is free."""
    while True:
        counts[letter] += 1
        name = f"{letter}{counts[letter]}"
        if name not in taken:
            taken.add(name)
            return name
