"""The largest parts of a formula that are affine in a variable: z = A x + b in tanh(A x + b).

In the place of each stands a variable of its own, whose step A delta does not depend on x. So the derivatives along a direction
keep `(A delta).^2` as the power that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.syntax.elaborate import free_indices

_LINEAR = frozenset(("transpose", "sum", "mean", "tr", "diag", "diagonal", "vec", "datasum"))
"""Heads of one argument that are linear in it."""


@dataclass(frozen=True)
class Inner:
    """An affine part.

    Attributes:
        leaf: the variable in its place.
        step: the variable in the place of its step.
        value: the part itself.
        change: its step: what it changes by where the variable changes by its own step.
    """

    leaf: Expr
    step: Expr
    value: Expr
    change: Expr


def inner_parts(expr: Expr, name: str, step: Expr) -> tuple[Expr, list[Inner]]:
    """The formula with variables for its largest affine parts, and those parts in order of appearance.

    Args:
        expr: the formula.
        name: the variable.
        step: what the variable changes by.
    """
    changes: dict[Expr, Expr | None] = {}
    for node in postorder(expr):
        changes[node] = _change(node, changes, name, step)
    depends = _dependents(expr, name)
    free = free_indices(expr)
    taken = {n.name for n in postorder(expr) if n.head in ("var", "item")} | {step.name}
    names = (name for name in (f"inner{n}" for n in count()) if name not in taken)
    leaves: dict[Expr, Expr] = {}
    inner: list[Inner] = []
    for node in _largest(expr, changes, depends):
        change = changes[node]
        assert change is not None
        made = _leaf(node, next(names), free[node]), _leaf(node, next(names), free[node])
        leaves[node] = made[0]
        inner.append(Inner(*made, node, change))
    return fold(expr, lambda node, args: rebuild(node, args) if args else node, leaves), inner


def _dependents(expr: Expr, name: str) -> set[Expr]:
    found: set[Expr] = set()
    for node in postorder(expr):
        if (node.head in ("var", "item") and node.name == name) or any(a in found for a in node.args):
            found.add(node)
    return found


def _largest(expr: Expr, changes: Mapping[Expr, Expr | None], depends: set[Expr]) -> list[Expr]:
    """Affine parts that stand in no larger one; of a transpose what is transposed."""
    found: dict[Expr, None] = {}
    seen: set[Expr] = set()
    stack = [expr]
    free = free_indices(expr)
    while stack:
        node = stack.pop()
        if node in seen or node not in depends:
            continue
        seen.add(node)
        if changes[node] is not None and node.head != "transpose" and node.shape.kind != "row" and len(free[node]) < 2:
            found[node] = None
        else:
            stack.extend(reversed(node.args))
    return list(found)


def _leaf(node: Expr, name: str, indices: frozenset[object]) -> Expr:
    """A variable of the shape of the part, or a member of a family."""
    if not indices:
        return e.variable(name, node.shape)
    member = next(n for n in postorder(node) if n.head == "item" and n.data[2] in indices)
    return Expr.make("item", (), (name, (), *member.data[2:]), node.shape)


def _change(node: Expr, changes: Mapping[Expr, Expr | None], name: str, step: Expr) -> Expr | None:
    """The step of an affine part; zero for a constant; None where the part is not affine."""
    if node.head in ("var", "item") and node.name == name:
        return Expr.make(step.head, (), (*step.data[:2], *node.data[2:]), step.shape)
    below = [changes[a] for a in node.args]
    if all(c is not None and _is_zero(c) for c in below):
        return e.zeros(node.shape)
    if any(c is None for c in below):
        return None
    moving = [c for c in below if c is not None and not _is_zero(c)]
    if node.head == "add":
        return e.add([c for c in moving if not c.shape.is_scalar or node.shape.is_scalar])
    if node.head in ("product", "hadamard") and len(moving) == 1:
        return rebuild(node, tuple(a if c is None or _is_zero(c) else c for a, c in zip(node.args, below, strict=True)))
    return rebuild(node, (moving[0],)) if node.head in _LINEAR else None


def _is_zero(node: Expr) -> bool:
    return node.head == "zeros" or (node.head == "num" and node.data[0] == 0)
