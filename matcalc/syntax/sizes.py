"""Dimensions by union-find: which sizes are equal, and names for those that nobody named."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.core.dims import ONE, Dim

_FRESH = ("m", "n", "p", "q", "r", "k", "l", "s", "t", "d", "h")


class Sizes:
    """Classes of equal dimensions. A class may have a value; sums and products of classes are worked out last."""

    def __init__(self) -> None:
        self.parent: list[int] = []
        self.value: dict[int, Dim] = {}
        self.known: dict[Dim, int] = {}
        self.derived: list[tuple[int, str, tuple[int, ...]]] = []
        self.one = self.constant(ONE)

    def fresh(self) -> int:
        """A class of unknown size."""
        self.parent.append(len(self.parent))
        return len(self.parent) - 1

    def constant(self, dim: Dim) -> int:
        """The class of a known size."""
        if dim not in self.known:
            self.known[dim] = self.fresh()
            self.value[self.known[dim]] = dim
        return self.known[dim]

    def find(self, item: int) -> int:
        """The representative."""
        while self.parent[item] != item:
            self.parent[item] = self.parent[self.parent[item]]
            item = self.parent[item]
        return item

    def unify(self, left: int, right: int) -> None:
        """Make two classes one; two different known sizes stay apart, for the constructors to report."""
        left, right = self.find(left), self.find(right)
        if left == right or (left in self.value and right in self.value):
            return
        if right in self.value:
            left, right = right, left
        self.parent[right] = left

    def combine(self, operation: str, parts: Iterable[int]) -> int:
        """The class of a sum (`+`) or product (`*`) of others."""
        parts = tuple(parts)
        if operation == "*" and self.one in parts:
            parts = tuple(p for p in parts if p != self.one) or (self.one,)
        if len(parts) == 1:
            return parts[0]
        new = self.fresh()
        self.derived.append((new, operation, parts))
        return new

    def settle(self, order: Iterable[int], used: set[str]) -> None:
        """Name open classes in the given order, then work out the derived ones."""
        results = {self.find(new) for new, _, _ in self.derived}
        seen = dict.fromkeys(self.find(i) for i in order)
        seen.update(dict.fromkeys(self.find(p) for _, _, parts in self.derived for p in parts))
        unknown = [root for root in seen if root not in self.value and root not in results]
        for root, name in zip(unknown, _names(len(unknown), used), strict=True):
            self.value[root] = Dim.of(name)
        for new, operation, parts in self.derived:
            root = self.find(new)
            if root not in self.value:
                self.value[root] = self._combined(operation, parts)

    def _combined(self, operation: str, parts: tuple[int, ...]) -> Dim:
        total = Dim.of(0) if operation == "+" else ONE
        for part in parts:
            total = total + self.dim(part) if operation == "+" else total * self.dim(part)
        return total

    def dim(self, item: int) -> Dim:
        """The size, after `settle`; a class without one gets a name of its own."""
        root = self.find(item)
        if root not in self.value:
            self.value[root] = Dim.of(f"n{root}")
        return self.value[root]


def _names(count: int, used: set[str]) -> list[str]:
    free = [name for name in (("n", *_FRESH) if count == 1 else _FRESH) if name not in used]
    number = 1
    while len(free) < count:
        if f"n{number}" not in used:
            free.append(f"n{number}")
        number += 1
    return free[:count]
