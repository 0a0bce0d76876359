"""What the text of an entry tells a reader of its indices: which are written, and how far which ones run."""

from __future__ import annotations

from collections.abc import MutableMapping

from matcalc.core.traversal import fold
from matcalc.ir.nodes import Tensor, factors_of

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


def told(node: Tensor, memo: MutableMapping[Tensor, Slots]) -> Slots:
    """The axes whose index stands at an axis of a variable somewhere in the text of an entry, which tells its length.

    Args:
        node: the tensor.
        memo: what is known already; filled on the way.
    """
    return fold(node, _told, memo)


def _told(node: Tensor, args: tuple[Slots, ...]) -> Slots:
    if node.head == "var":
        return frozenset(range(node.rank))
    if node.head in CONSTANT:
        return frozenset()
    if node.head == "contract":
        known = indices_told([(t, idx, own) for (t, idx), own in zip(factors_of(node), args, strict=True)])
        return frozenset(i for i in known if i < node.rank)
    own = frozenset[int]().union(*args) if args else frozenset()
    if node.head in ("matpow", "expm"):
        return frozenset((0, 1)) if own else own
    return frozenset(s for s in own if s < node.rank)


def indices_told(factors: list[tuple[Tensor, tuple[int, ...], Slots]]) -> set[int]:
    """The indices of a product that are told by a factor, or by one that a delta sets equal.

    Args:
        factors: each with its indices and the axes that it tells.
    """
    known = {idx[s] for _, idx, own in factors for s in own}
    deltas = [set(idx) for t, idx, _ in factors if t.head == "delta"]
    while met := [pair for pair in deltas if pair & known and not pair <= known]:
        known.update(*met)
    return known
