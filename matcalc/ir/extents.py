"""What the text of an entry tells a reader of its indices: which are written, and how far which ones run."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.ir.nodes import Factor, Tensor, factors_of

Slots = frozenset[int]

CONSTANT = ("delta", "ones", "size", "basis", "embed", "fuse")
"""Heads whose entries tell nothing of how far their indices run."""


def written(node: Tensor, memo: MutableMapping[Tensor, Slots]) -> Slots:
    """The axes whose index the text of an entry shows; along the others it is constant.

    Args:
        node: the tensor.
        memo: what is known already; filled on the way.
    """
    return fold(node, _written, memo)


def _written(node: Tensor, args: tuple[Slots, ...]) -> Slots:
    if node.head == "ones":
        return frozenset()
    if node.head == "contract":
        factors = zip(factors_of(node), args, strict=True)
        return frozenset(idx[s] for (_, idx), own in factors for s in own if idx[s] < node.rank)
    if node.head in ("lin", "map", "pow"):
        return frozenset[int]().union(*args)
    if node.head in ("softmax", "logsumexp"):
        lead = int(str(node.data[0]))
        return frozenset(s for s in args[0] if s < lead) | frozenset(range(lead, node.rank))
    return frozenset(range(node.rank))


def untold(factors: Sequence[Factor], memo: MutableMapping[Tensor, Slots]) -> dict[int, Dim]:
    """The indices of a product that stand at no axis of a variable in its text, which would tell how far they run; with how far that is.

    Args:
        factors: each with its indices.
        memo: what is known of tensors already; filled on the way.
    """
    known = _known(factors, [fold(t, _told, memo) for t, _ in factors])
    return {i: dim for t, idx in factors for i, dim in zip(idx, t.axes, strict=True) if i not in known}


def _told(node: Tensor, args: tuple[Slots, ...]) -> Slots:
    if node.head == "var":
        return frozenset(range(node.rank))
    if node.head in CONSTANT:
        return frozenset()
    if node.head == "contract":
        return frozenset(i for i in _known(factors_of(node), args) if i < node.rank)
    own = frozenset[int]().union(*args) if args else frozenset()
    if node.head in ("matpow", "expm"):
        return frozenset((0, 1)) if own else own
    return frozenset(s for s in own if s < node.rank)


def _known(factors: Sequence[Factor], told: Sequence[Slots]) -> set[int]:
    """The indices that a factor tells, or one that a delta sets equal."""
    known = {idx[s] for (_, idx), own in zip(factors, told, strict=True) for s in own}
    deltas = [set(idx) for t, idx in factors if t.head == "delta"]
    while met := [pair for pair in deltas if pair & known and not pair <= known]:
        known.update(*met)
    return known
