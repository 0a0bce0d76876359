"""Arrays whose values lie in certain places, as expressions: identities, padding and sums in the place of assignments."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from matcalc.core.dims import Dim
from matcalc.emit.library import Library
from matcalc.emit.numpy_ast import attribute, binary, constant, invoke, listing, name, sequence
from matcalc.emit.numpy_ops import Args
from matcalc.plan.place import Place, Places, Slot, end_to_end
from matcalc.plan.steps import Axes, Indices, Step

MAX_LITERAL = 16
"""Arrays of up to this many numbers are written entry by entry."""


def assembled(target: Library, step: Step, args: Args) -> ast.expr:
    """The array that has values in certain places and is zero, or the first operand, elsewhere."""
    has_base, places, modes = step.data
    assert isinstance(places, tuple) and isinstance(modes, tuple)
    values = list(zip(step.operands, args, strict=True))
    total: ast.expr | None = values.pop(0)[1] if has_base else None
    if total is None and "add" not in modes:
        found = _literal(target, step, values, places) or _joined(target, step, values, places)
        if found is not None:
            return found
    for (place, idx), (operand, value) in zip(places, values, strict=True):
        is_less = total is not None and isinstance(value, ast.UnaryOp)
        part = _placed(target, step.axes, place, idx, operand, value.operand if is_less and isinstance(value, ast.UnaryOp) else value)
        total = part if total is None else binary(total, ast.Sub() if is_less else ast.Add(), part)
    assert total is not None
    return total


# ---------------------------------------------------------------- entry by entry
Values = Sequence[tuple[int, ast.expr]]


def _literal(target: Library, step: Step, values: Values, places: Places) -> ast.expr | None:
    """Numbers at fixed positions of a small array."""
    sizes = [dim.value for dim in step.axes]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or len(sizes) > 2 or any(s.kind != "at" for place, _ in places for s in place):
        return None
    count = known[0] * known[-1] if len(known) == 2 else known[0]
    if not 0 < count <= MAX_LITERAL:
        return None
    found = {tuple(s.start.value for s in place if s.start is not None): value for (place, _), value in zip(places, values, strict=True)}
    zero = (-1, constant(0.0))
    width = known[-1] if len(known) == 2 else 1
    entries = [found.get((n,) if len(known) == 1 else divmod(n, width), zero) for n in range(count)]
    if target.alias == "jnp" or all(operand in target.plain or operand < 0 for operand, _ in entries):
        rows = [listing([value for _, value in entries[n : n + width]]) for n in range(0, count, width)]
        return target.form("literal", entries=listing([value for _, value in entries]) if len(known) == 1 else listing(rows))
    arrays = [target.form("number", value=value) if operand < 0 else target.array(operand, value) for operand, value in entries]
    stacked = invoke(attribute(name(target.alias), "stack"), listing(arrays))
    return stacked if len(known) == 1 else target.form("reshape", z=stacked, shape=target.shape(step.axes))


def _joined(target: Library, step: Step, values: Values, places: Places) -> ast.expr | None:
    """Vectors and numbers end to end."""
    if len(step.axes) != 1 or len(places) < 2:
        return None
    order = end_to_end(places, step.axes[0])
    if order is None:
        return None
    parts: list[ast.expr] = []
    for n, slot in order:
        operand, value = values[n]
        if slot.kind == "range":
            parts.append(value)
        else:
            parts.append(target.form("full" if operand in target.plain else "reshape", shape=sequence([constant(1)]), value=value, z=value))
    if not target.has("concat"):
        return invoke(attribute(name(target.alias), "concat"), listing(parts))
    return target.form("concat", parts=listing(parts))


# ---------------------------------------------------------------- by identities and padding
def _placed(target: Library, axes: Axes, place: Place, idx: Indices, operand: int, value: ast.expr) -> ast.expr:
    """An array that has a value in one place and is zero elsewhere."""
    leaves = [leaf for slot in place for leaf in slot.leaves]
    dims = [dim for slot, axis in zip(place, axes, strict=True) for dim in slot.dims or (axis,)]
    if _is_diagonal(leaves, axes) and idx:
        return target.form("diag", v=value, size=target.size(axes[0]))
    whole = _on_diagonals(target, leaves, dims, idx, operand, value)
    if any(leaf.kind != "all" for leaf in leaves):
        whole = target.form("pad", z=whole, widths=_widths(target, leaves, dims))
    if any(slot.kind == "split" for slot in place):
        whole = target.form("flat", z=whole) if len(axes) == 1 else target.form("reshape", z=whole, shape=target.shape(axes))
    return whole


def _is_diagonal(leaves: list[Slot], axes: Axes) -> bool:
    """Whether the place is the diagonal of a matrix."""
    return len(leaves) == len(axes) == 2 and all(leaf.kind == "all" for leaf in leaves) and leaves[0].index == leaves[1].index


def _on_diagonals(target: Library, leaves: list[Slot], dims: list[Dim], idx: Indices, operand: int, value: ast.expr) -> ast.expr:
    """The value with an axis for each part of a place; axes with one index are tied by an identity."""
    labels: list[int] = []
    ties: list[tuple[int, int]] = []
    for n, leaf in enumerate(leaves):
        is_first = leaf.kind != "at" and leaf.index not in labels
        labels.append(leaf.index if is_first else -1 - n)
        if leaf.kind != "at" and not is_first:
            ties.append((labels.index(leaf.index), n))
    union, everywhere = tuple(labels), tuple(range(len(labels)))
    sizes = [target.size(_local(leaves[j], dims[j])) for _, j in ties]
    covered = {n for tie in ties for n in tie} | {n for n, label in enumerate(labels) if label in idx}
    lengths = [_local(leaf, dim) for leaf, dim in zip(leaves, dims, strict=True)]
    is_one = isinstance(value, ast.Constant) and value.value == 1
    if not ties and operand in target.plain:
        shape = target.shape(lengths)
        return target.form("ones", shape=shape) if is_one else target.form("full", shape=shape, value=value)
    if not idx and not ties:
        return _broadcast(target, value, target.shape(lengths))
    whole = target.expanded(value, idx, union)
    for tie, size in reversed(list(zip(ties, sizes, strict=True))):
        if idx:  # where the value is infinite, zero times it is no zero
            whole = target.form("masked", mask=target.expanded(target.form("mask", size=size), tie, everywhere), z=whole)
        else:
            identity = target.expanded(target.form("eye", size=size), tie, everywhere)
            whole = identity if is_one and whole is value else binary(whole, ast.Mult(), identity)
    is_covered = all(n in covered or leaf.kind == "at" for n, leaf in enumerate(leaves))
    return whole if is_covered else _broadcast(target, whole, target.shape(lengths))


def _local(leaf: Slot, dim: Dim) -> Dim:
    """The length of the part of an axis that is filled."""
    if leaf.kind == "at":
        return Dim.of(1)
    return leaf.size if leaf.kind == "range" and leaf.size is not None else dim


def _broadcast(target: Library, value: ast.expr, shape: ast.expr) -> ast.expr:
    return invoke(attribute(name(target.alias), "broadcast_to"), value, shape)


def _widths(target: Library, leaves: list[Slot], dims: list[Dim]) -> ast.expr:
    """How many zeros stand before and after, by axis; PyTorch has one list, the last axis first."""
    pairs: list[list[ast.expr]] = []
    for leaf, dim in zip(leaves, dims, strict=True):
        start = Dim.of(0) if leaf.start is None or leaf.kind == "all" else leaf.start
        pairs.append([target.size(start), target.size(dim - start - _local(leaf, dim))])
    if target.alias == "torch":
        return sequence([width for pair in reversed(pairs) for width in pair])
    return sequence([sequence(pair) for pair in pairs])


