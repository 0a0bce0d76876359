"""The one traversal engine: explicit stacks, each node of the DAG visited once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Protocol, Self, TypeVar


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
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args) if arg not in seen)
    return order


def fold(root: N, visit: Callable[[N, tuple[R, ...]], R], memo: MutableMapping[N, R] | None = None) -> R:
    """The value of `visit(node, values of its arguments)` at the root.

    Args:
        root: where to start.
        visit: called once for each node that is not in `memo`.
        memo: values known beforehand; filled on the way.
    """
    memo = {} if memo is None else memo
    stack: list[tuple[N, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in memo:
            continue
        if ready:
            memo[node] = visit(node, tuple(memo[arg] for arg in node.args))
        else:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args) if arg not in memo)
    return memo[root]


def contains(root: N, leaves: Iterable[N]) -> bool:
    """Whether any of `leaves` occurs in the expression."""
    wanted = set(leaves)
    return any(node in wanted for node in postorder(root))
