"""Cases: a formula with its declarations, what to differentiate by, how often, and a point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from matcalc.check.evaluate import Array
from matcalc.core.dims import Dim
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr
from tests.fuzz.grow import Grower, Refused
from tests.fuzz.pool import BASE_DIMS, Pool, draw_sizes, point_of
from tests.fuzz.spell import spell

MAX_ENTRIES = 3000
"""The largest number of entries of a derivative that is compared."""

MAX_NODES = 70
Wrt = str | tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A formula and all that is needed to compare derivatives of it.

    Attributes:
        seed: of all choices.
        expr: what was meant, as it was built.
        text: a spelling of it.
        variables: the `var` or `item` nodes by name.
        wrt: a variable, or scalars that form one vector.
        order: 1 or 2.
        sizes: of the dimensions.
    """

    seed: int
    expr: Expr
    text: str
    variables: Mapping[str, Expr]
    wrt: Wrt
    order: int
    sizes: dict[str, int]
    grower: Grower = field(repr=False, compare=False)

    @property
    def declare(self) -> dict[str, str]:
        """The spaces of all variables."""
        return declared(self.variables)

    @property
    def point(self) -> dict[str, Array]:
        """The values of all variables."""
        return point_of(list(self.variables.values()), self.sizes, self.seed)

    @property
    def spelled_wrt(self) -> str | list[str]:
        """What to differentiate by, as `derive` takes it."""
        return self.wrt if isinstance(self.wrt, str) else list(self.wrt)


def declared(variables: Mapping[str, Expr]) -> dict[str, str]:
    """The spaces of variables as declarations, with their properties; of families by the name of a member."""
    return {
        v.name if v.head == "var" else f"{v.name}_{v.data[2]}": " ".join((str(v.shape), *v.data[1]))  # type: ignore[misc]
        for v in variables.values()
    }


def variables_of(*exprs: Expr) -> dict[str, Expr]:
    """The variables and families in expressions, by name."""
    return {node.name: node for node in postorder(*exprs) if node.head in ("var", "item")}


def length(node: Expr, sizes: dict[str, int]) -> int:
    """The number of entries of the array of a variable or a value."""
    own = math.prod(d.evaluate(sizes) for d in node.shape.dims)
    return own * sizes["N"] if node.head == "item" else own


def make(seed: int, depth: int | None = None, order: int | None = None, rough: bool = True) -> Case:
    """The case of a seed.

    Args:
        seed: of all choices.
        depth: of the expression, else 2 to 8.
        order: of the derivative, else 1 or 2.
        rough: whether functions with kinks occur.
    """
    for attempt in range(1000):
        pick = Random(f"case {seed} {attempt}")
        case = _attempt(pick, seed, depth or pick.choice((2, 3, 4, 4, 5, 5, 6, 7, 8)), order or pick.choice((1, 1, 1, 2)), rough)
        if case is not None:
            return case
    raise AssertionError(f"no case for seed {seed}")


def _attempt(pick: Random, seed: int, depth: int, order: int, rough: bool) -> Case | None:
    sizes = draw_sizes(pick)
    literal = pick.choice(BASE_DIMS) if pick.random() < 0.15 else ""
    grower = Grower(Pool(pick, sizes, seed, literal=literal), rough)
    try:
        expr = grower.grow(grower.shape(), min(depth, 4) if order == 2 else depth)
    except Refused:
        return None
    variables = variables_of(expr)
    if not variables or len(postorder(expr)) > MAX_NODES or expr.head in ("var", "item") and depth > 2:
        return None
    wrt = _wrt(pick, variables)
    if wrt is None or length(expr, sizes) * _entries(wrt, variables, sizes) ** order > MAX_ENTRIES:
        return None
    if _dims(expr) - {name for v in variables.values() for dim in v.shape.dims for name in dim.names}:
        return None  # a size that no array tells
    names = _definitions(pick, expr, grower.calls)
    spaces = declared(variables)
    shown = {name: space for name, space in spaces.items() if pick.random() < 0.5} if pick.random() < 0.2 else {}
    text = spell(expr, pick, grower.calls, grower.functions, names, shown)
    return Case(seed, expr, text, variables, wrt, order, sizes, grower)


def _dims(expr: Expr) -> set[str]:
    """The names in all dimensions of an expression."""
    nodes = postorder(expr)
    shapes = {dim for node in nodes for dim in node.shape.dims}
    data = {entry for node in nodes if node.head not in ("datasum", "item") for entry in node.data if isinstance(entry, Dim)}
    return {name for dim in shapes | data for name in dim.names}


def _wrt(pick: Random, variables: Mapping[str, Expr]) -> Wrt:
    scalars = [v.name for v in variables.values() if v.shape.is_scalar and v.head == "var"]
    if len(scalars) > 1 and pick.random() < 0.3:
        return tuple(scalars)
    return pick.choice(list(variables))


def _entries(wrt: Wrt, variables: Mapping[str, Expr], sizes: dict[str, int]) -> int:
    return length(variables[wrt], sizes) if isinstance(wrt, str) else len(wrt)


def _definitions(pick: Random, expr: Expr, calls: Mapping[Expr, tuple[str, tuple[Expr, ...]]]) -> dict[Expr, str]:
    """Parts that get a name in the `where` clause; parts of sums over data keep their place."""
    if pick.random() > 0.25:
        return {}
    outside = [n for n in postorder(expr) if n.args and n is not expr and not any(p.head == "item" for p in postorder(n))]
    return {pick.choice(outside): "e0"} if outside else {}
