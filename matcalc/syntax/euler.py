"""e^x as the exponential, where `e` is no variable: nothing declares or defines it, and it stands as such a base alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from matcalc.core.errors import DeclarationError
from matcalc.syntax.tree import Source, Syntax, node


def with_exponentials(source: Source, known: Collection[str]) -> Source:
    """The program with exp(1) in the place of the base of e^u, for every exponent u but a plain number.

    Args:
        source: the program.
        known: names that are declared.

    Raises:
        DeclarationError: where `e` stands as a variable too.
    """
    bodies = [source.body, *(d.body for d in (*source.definitions, *source.functions))]
    trees = [tree for body in bodies for tree in _postorder(body)]
    own = {*known, *(d.name for d in source.definitions), *(name for d in source.functions for name in d.parameters)}
    powers = {tree for tree in trees if _is_exponential(tree)}
    if "e" in own or not powers:
        return source
    bases = {tree.args[0] for tree in powers}
    other = next((tree for tree in trees if tree.op == "name" and tree.word == "e" and tree not in bases), None)
    if other is not None:
        raise DeclarationError("`e` is the base of an exponential and a variable", span=other.span, text=source.text,
                               hint="write exp(x) for the exponential, or declare e")
    return replace(source, body=_rewritten(source.body, bases),
                   definitions=tuple(replace(d, body=_rewritten(d.body, bases)) for d in source.definitions),
                   functions=tuple(replace(d, body=_rewritten(d.body, bases)) for d in source.functions))


def _is_exponential(tree: Syntax) -> bool:
    """Whether it is e^u for a u that is no plain number."""
    return (tree.op == "pow" and tree.args[0].op == "name" and tree.args[0].word == "e"
            and tree.args[1].number is None)


def _postorder(root: Syntax) -> list[Syntax]:
    """All nodes, operands first, without recursion."""
    found: list[Syntax] = []
    stack = [root]
    while stack:
        tree = stack.pop()
        found.append(tree)
        stack.extend(tree.args)
    return found[::-1]


def _rewritten(root: Syntax, bases: Collection[Syntax]) -> Syntax:
    """The tree with exp(1) in the place of the bases; parts without any stay the same nodes."""
    done: dict[Syntax, Syntax] = {}
    for tree in _postorder(root):
        args = tuple(done[a] for a in tree.args)
        if tree in bases:
            done[tree] = node("call", (node("num", (), (Fraction(1),), tree.span),), ("exp", ""), tree.span)
        else:
            done[tree] = tree if args == tree.args else replace(tree, args=args)
    return done[root]
