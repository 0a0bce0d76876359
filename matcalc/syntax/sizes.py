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
        self.products: dict[int, tuple[int, ...]] = {}
        self.equations: list[tuple[int, int]] = []
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
        if left in self.products or right in self.products:
            self.equations.append((left, right))
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
        if operation == "*":
            self.products[new] = parts
        return new

    def cancel(self) -> None:
        """Solve equations of products: a b = a c gives b = c; what has as many factors on both sides pairs up."""
        first: dict[int, int] = {}
        for product in self.products:
            other = first.setdefault(self.find(product), product)
            if other != product:
                self.equations.append((other, product))
        for most in (1, 2):
            changed = True
            while changed:
                changed = any(self._cancel_one(left, right, most) for left, right in self.equations)

    def _cancel_one(self, left: int, right: int, most: int) -> bool:
        first, second = self._factors(left), self._factors(right)
        for root in list(first):
            if root in second:
                first.remove(root)
                second.remove(root)
        if len(first) != len(second) or len(first) > most:
            return False
        for one, other in zip(first, second, strict=True):
            self.unify(one, other)
        return any(one != self.find(one) or other != self.find(other) for one, other in zip(first, second, strict=True))

    def _factors(self, item: int) -> list[int]:
        """The classes whose product the size is, in order."""
        if item in self.products:
            return [f for part in self.products[item] for f in self._factors(part)]
        value = self.value.get(self.find(item))
        if value is None or len(value.terms) != 1:
            return [self.find(item)]
        ((names, number),) = value.terms
        return [self.find(self.constant(Dim.of(part))) for part in (*((number,) if number != 1 else ()), *names)]

    def settle(self, order: Iterable[int], used: set[str]) -> None:
        """Name open classes in the given order, then work out the derived ones."""
        self.cancel()
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
