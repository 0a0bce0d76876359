"""Indicators of places: `1[i = 2]`, `1[i = j]`, `1[k = i + m]`, and `1[k = i + m (j - 1)]` for columns stacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.core.dims import ONE, Dim
from matcalc.core.errors import ParseError, ShapeError
from matcalc.expr.components import Index, Slot, Term, term
from matcalc.syntax.subscripts import parse_slots
from matcalc.syntax.tree import Syntax

if TYPE_CHECKING:
    from matcalc.syntax.index_resolve import Env, Resolver

_HINT = "1[i = 2], 1[i = j], 1[k = i + m] or 1[k = i + m (j - 1)]"


def selection(resolver: Resolver, tree: Syntax, env: Env) -> Term:
    """The term of an indicator of places.

    Raises:
        ParseError: where it is none of the four forms.
        ShapeError: where an index runs too far.
    """
    left, right = tree.args
    if left.op != "name" or left.data[1] is not None:
        raise ParseError("on the left of `=` in an indicator stands an index", hint=_HINT)
    whole = _slot(resolver, left, env)
    if right.op == "name" and right.data[1] is None and right.word not in resolver.names.dims:
        other = _slot(resolver, right, env)
        extents = resolver.extents
        extents.equal(extents.indices[whole], extents.indices[other], f"the indices `{whole}` and `{other}`", tree.span)
        return term("delta", (), (), tree.span, (whole, other))
    terms = list(right.args) if right.op == "add" and set(right.data) == {1} else [right]
    stacked = next((t for t in terms if _is_stacked(t)), None)
    if stacked is not None and len(terms) == 2:
        return _pair(resolver, tree, whole, next(t for t in terms if t is not stacked), stacked, env)
    running = _running(resolver, terms, env)
    sizes = [_size(t) for t in terms if t is not running]
    offset = sum(sizes, Dim.of(0))
    if running is None:
        return _position(resolver, tree, whole, offset)
    return _shift(resolver, tree, whole, _slot(resolver, running, env), offset)


def _slot(resolver: Resolver, tree: Syntax, env: Env) -> Index:
    if parse_slots(f"_{tree.word}") != (tree.word,):
        raise ParseError(f"`{tree.word}` is no index", span=tree.span, hint=_HINT)
    slot: Slot = resolver.slot(tree.word, env, tree.span)
    assert isinstance(slot, Index)
    return slot


def _running(resolver: Resolver, terms: list[Syntax], env: Env) -> Syntax | None:
    """The one term that is an index: it is known as one, or it is no size, or it is the first of several sizes."""
    plain = [t for t in terms if t.op == "name" and t.data[1] is None]
    bound = [t for t in plain if t.word in env]
    lettered = [t for t in plain if t.word in resolver.names.letters]
    unknown = [t for t in plain if t.word not in resolver.names.dims]
    first = plain[:1] if all(t.number is None for t in terms) else []
    return next(iter((*bound, *lettered, *((*unknown, *first) if len(terms) > 1 else ()))), None)


def _is_stacked(tree: Syntax) -> bool:
    """Whether it is a size times (j - 1)."""
    if tree.op != "product" or set(tree.data) != {"*"}:
        return False
    last = tree.args[-1]
    return last.op == "add" and last.data == (1, -1) and last.args[0].op == "name" and last.args[1].number == 1


def _size(tree: Syntax) -> Dim:
    """A size: numbers and names, added and multiplied."""
    number = tree.number
    if number is not None and number.denominator == 1 and number >= 0:
        return Dim.of(int(number))
    if tree.op == "name" and tree.data[1] is None:
        return Dim.of(tree.word)
    total = Dim.of(0 if tree.op == "add" else 1)
    if (tree.op, set(tree.data)) not in (("add", {1}), ("product", {"*"})):
        raise ParseError("this is no size", span=tree.span, hint=_HINT)
    for arg in tree.args:
        total = total + _size(arg) if tree.op == "add" else total * _size(arg)
    return total


def _position(resolver: Resolver, tree: Syntax, whole: Index, position: Dim) -> Term:
    if position.value is not None:
        if position.value < 1:
            raise ShapeError("positions count from 1", span=tree.span, hint="x_1 is the first")
        resolver.extents.tie(position.value, resolver.extents.indices[whole], whole.letter, tree.span)
    resolver.names.dims.update(position.names)
    return term("position", (), (position,), tree.span, (whole,))


def _shift(resolver: Resolver, tree: Syntax, whole: Index, part: Index, offset: Dim) -> Term:
    resolver.names.dims.update(offset.names)
    resolver.extents.ends.append((whole, offset, part, tree.span))
    return term("shift", (), (offset,), tree.span, (whole, part))


def _pair(resolver: Resolver, tree: Syntax, whole: Index, row: Syntax, stacked: Syntax, env: Env) -> Term:
    """k = i + rows (j - 1): the axis of k has as many entries as the pairs."""
    if row.op != "name":
        raise ParseError("this is no index", span=row.span, hint=_HINT)
    extents, sizes = resolver.extents, resolver.extents.sizes
    rows = ONE
    for factor in stacked.args[:-1]:
        rows = rows * _size(factor)
    resolver.names.dims.update(rows.names)
    i, j = _slot(resolver, row, env), _slot(resolver, stacked.args[-1].args[0], env)
    extents.equal(extents.indices[i], sizes.constant(rows), f"the index `{i}`", tree.span)
    long = sizes.combine("*", (extents.indices[i], extents.indices[j]))
    extents.equal(extents.indices[whole], long, f"the index `{whole}`", tree.span)
    return term("pair", (), (), tree.span, (whole, i, j))
