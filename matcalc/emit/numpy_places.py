"""Arrays that are made by writing values into places: literals and diagonals where that is all, else zeros and slices."""

from __future__ import annotations

import ast
from itertools import pairwise

from matcalc.emit.numpy_ast import assign, binary, constant, item, listing, method, name
from matcalc.emit.numpy_ops import Args, interval
from matcalc.emit.target import Target
from matcalc.plan.place import Place, Places, Slot, end_to_end, indices_of
from matcalc.plan.steps import Step

MAX_LITERAL = 16
"""Arrays of up to this many numbers are written as a literal."""


def expression(target: Target, step: Step, args: Args) -> ast.expr | None:
    """The array as one expression, where it is one that people write."""
    has_base, places, modes = step.data
    assert isinstance(places, tuple) and isinstance(modes, tuple)
    if has_base or "add" in modes:
        return None
    return _diagonal(target, step, args, places) or _literal(target, step, args, places) or _joined(target, step, args, places)


def _diagonal(target: Target, step: Step, args: Args, places: Places) -> ast.expr | None:
    (place, idx), *others = places
    if others or len(place) != 2 or any(s.kind != "all" for s in place) or place[0].index != place[1].index:
        return None
    if idx:
        return None
    eye = target.call("eye", target.size(step.axes[0]))
    one = isinstance(args[0], ast.Constant) and args[0].value == 1
    return eye if one else binary(args[0], ast.Mult(), eye)


def _literal(target: Target, step: Step, args: Args, places: Places) -> ast.expr | None:
    """Numbers at fixed positions of a small array."""
    sizes = [dim.value for dim in step.axes]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or len(sizes) > 2 or any(s.kind != "at" for place, _ in places for s in place):
        return None
    if len(sizes) == 2 and sizes[0] is not None and sizes[1] is not None and sizes[0] * sizes[1] > MAX_LITERAL:
        return None
    if known[0] > MAX_LITERAL:
        return None
    entries = {
        tuple(s.start.value for s in place if s.start is not None): a for (place, _), a in zip(places, args, strict=True)
    }
    zero: ast.expr = constant(0.0)
    if len(known) == 1:
        rows = listing([entries.get((i,), zero) for i in range(known[0])])
    else:
        rows = listing([listing([entries.get((i, j), zero) for j in range(known[1])]) for i in range(known[0])])
    return target.call("array", rows, dtype=ast.Attribute(name(target.alias), "float64", ast.Load()))


def _joined(target: Target, step: Step, args: Args, places: Places) -> ast.expr | None:
    """Vectors and numbers end to end."""
    if len(step.axes) != 1 or len(places) < 2:
        return None
    order = end_to_end(places, step.axes[0])
    if order is None:
        return None
    return target.call("concatenate", listing([args[n] if slot.kind == "range" else listing([args[n]]) for n, slot in order]))


# ---------------------------------------------------------------- writing
def statements(target: Target, step: Step, args: Args, variable: str, is_fresh: bool) -> list[ast.stmt]:
    """Zeros, or the array that is written into, then one assignment for each value."""
    has_base, places, modes = step.data
    assert isinstance(places, tuple) and isinstance(modes, tuple)
    splits = any(slot.kind == "split" for place, _ in places for slot in place)
    if not has_base:
        lines = [assign(variable, target.call("zeros", target.shape(step.axes)))]
    elif is_fresh and not splits:
        lines = [assign(variable, args[0])]
    else:
        lines = [assign(variable, method(args[0], "copy"))]
    for (place, idx), mode, value in zip(places, modes, args[1 if has_base else 0 :], strict=True):
        lines.append(_write(target, step, variable, place, target.spread(value, idx, indices_of(place)), mode == "set"))
    return lines


def _write(target: Target, step: Step, variable: str, place: Place, value: ast.expr, is_set: bool) -> ast.stmt:
    leaves = [leaf for slot in place for leaf in slot.leaves]
    where = _view(target, step, name(variable), place, leaves)
    assert isinstance(where, ast.Subscript)
    if is_set:
        return ast.Assign([where], value)
    if isinstance(value, ast.UnaryOp):
        return ast.AugAssign(where, ast.Sub(), value.operand)
    return ast.AugAssign(where, ast.Add(), value)


def _view(target: Target, step: Step, array: ast.expr, place: Place, leaves: list[Slot]) -> ast.expr:
    """The part of an array that is written, its axes the indices of the place."""
    indices = [leaf.index for leaf in leaves if leaf.kind != "at"]
    plain = all(leaf.kind == "all" for leaf in leaves)
    if plain and len(leaves) == 2 and indices[0] == indices[1] and len(place) == 2:
        stride = binary(target.size(step.axes[0]), ast.Add(), constant(1))
        along = ast.Attribute(array, "flat", ast.Load()) if step.data[0] else method(array, "ravel")  # fresh zeros are in one piece
        return item(along, [ast.Slice(None, None, stride)], store=True)
    if plain and not step.data[0] and (strided := _strided(target, step, array, indices)) is not None:
        return strided
    if any(slot.kind == "split" for slot in place):
        sizes = [d for slot, axis in zip(place, step.axes, strict=True) for d in slot.dims or (axis,)]
        array = method(array, "reshape", *(target.size(d) for d in sizes))
    entries = [_entry(target, leaf) for leaf in leaves]
    while entries and isinstance(entries[-1], ast.Slice) and entries[-1].upper is None and len(entries) > 1:
        entries.pop()
    if len(set(indices)) == len(indices):
        return item(array, entries, store=True)
    if not plain:
        array = item(array, entries)
    letters = {i: chr(ord("i") + n) for n, i in enumerate(dict.fromkeys(indices))}
    pattern = "".join(letters[i] for i in indices) + "->" + "".join(letters.values())
    return item(target.call("einsum", constant(pattern), array), [constant_ellipsis()], store=True)


def _strided(target: Target, step: Step, array: ast.expr, indices: list[int]) -> ast.expr | None:
    """The diagonal of two axes side by side in fresh zeros: every (n + 1)st entry of the two as one axis."""
    first = next((n for n, (i, j) in enumerate(pairwise(indices)) if i == j), None)
    if first is None or len(indices) != len(step.axes) or len(set(indices)) != len(indices) - 1:
        return None
    before, size, after = step.axes[:first], step.axes[first], step.axes[first + 2 :]
    flat = method(array, "reshape", *(target.size(d) for d in (*before, size * size, *after)))
    stride = ast.Slice(None, None, binary(target.size(size), ast.Add(), constant(1)))
    return item(flat, [*(ast.Slice() for _ in before), stride], store=True)


def constant_ellipsis() -> ast.expr:
    """..."""
    return ast.Constant(...)


def _entry(target: Target, leaf: Slot) -> ast.expr:
    if leaf.start is None:
        return ast.Slice()
    if leaf.kind == "at":
        return target.size(leaf.start)
    assert leaf.size is not None
    return interval(target, leaf.start, leaf.size)


