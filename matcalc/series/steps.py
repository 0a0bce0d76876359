"""The step x - x0 in print: written out where it stands once, named where it repeats."""

from __future__ import annotations

from matcalc.core.traversal import fold, postorder
from matcalc.expr.naming import Named
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.series.terms import moved


def with_step(named: Named, step: Expr, value: Expr) -> Named:
    """The formula with a step written out, or with its definition at the end of the clause where that is shorter.

    A step that is a term of a sum by itself keeps its name, as `x0 + (x - x0)` would lose its brackets.

    Args:
        named: the formula and its definitions, with a variable in the place of the step.
        step: that variable; of a family, a member.
        value: what it stands for.
    """
    roots = [named.body, *(definition for _, definition in named.definitions)]
    leaves = [n for n in postorder(*roots) if n.head in ("var", "item") and n.name == step.name]
    if not leaves:
        return named
    times = sum(fold(root, lambda n, args: sum(args) + (n in leaves), {}) for root in roots)
    bare = any(node.head == "add" and set(node.args) & set(leaves) for node in postorder(*roots))
    clause: tuple[tuple[str, Expr], ...] = ()
    if len(leaves) == 1 and (bare or times * (size(value) - 1) > size(value)):
        leaf = Expr.make("var", (), (step.name, ()), step.shape)
        found, clause = {step.name: leaf}, ((step.name, moved(leaves[0], {step.name: value})),)
    else:
        found = {step.name: value}
    definitions = tuple((name, moved(definition, found)) for name, definition in named.definitions)
    return Named(moved(named.body, found), (*definitions, *clause))
