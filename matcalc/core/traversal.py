"""The one traversal engine: explicit stacks, each node of the DAG visited once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Protocol, Self, TypeVar

from matcalc.core.limits import keep_time


class Branching(Protocol):
    """What can be traversed."""

    @property
    def args(self) -> tuple[Self, ...]:
        """The parts below."""


N = TypeVar("N", bound=Branching)
R = TypeVar("R")


def postorder(*roots: N) -> list[N]:
    """All nodes below the roots, each once, arguments before the nodes that use them."""
    order: list[N] = []
    seen: set[N] = set()
    stack: list[tuple[N, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            if not node.args:
                order.append(node)
                continue
            stack.append((node, True))
            stack += [(arg, False) for arg in reversed(node.args) if arg not in seen]
    return order


def fold(root: N, visit: Callable[[N, tuple[R, ...]], R], memo: MutableMapping[N, R] | None = None) -> R:
    """The value of `visit(node, values of its arguments)` at the root.

    Args:
        root: where to start.
        visit: called once for each node that is not in `memo`.
        memo: values known beforehand; filled on the way.
    """
    if memo is not None and root in memo:
        return memo[root]
    found: dict[N, R] = {}
    kept = found if memo is None else memo
    stack = [root]
    while stack:
        node = stack[-1]
        if node in found:
            stack.pop()
            continue
        if kept is not found and node in kept:
            found[node] = kept[node]
            stack.pop()
            continue
        args = node.args
        ahead = [arg for arg in args if arg not in found]
        if ahead:
            ahead.reverse()
            stack += ahead
            continue
        stack.pop()
        keep_time()
        kept[node] = found[node] = visit(node, tuple([found[arg] for arg in args]))
    return found[root]


def contains(root: N, leaves: Iterable[N]) -> bool:
    """Whether any of `leaves` occurs in the expression."""
    wanted = set(leaves)
    return any(node in wanted for node in postorder(root))
