"""Products of two values that a program holds already, found again whatever their indices are called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from matcalc.plan.steps import Indices

Key = tuple[int, int, Indices, Indices, Indices]
Factor = tuple[int, Indices]


@dataclass
class Products:
    """What pairs of values were multiplied to: by values, the pattern of their indices, and those that were summed."""

    known: dict[Key, Factor] = field(default_factory=dict)

    def note(self, first: Factor, second: Factor, gone: Collection[int], result: Factor) -> None:
        """Remembers a product."""
        key, label = _pattern(first, second, gone)
        self.known.setdefault(key, (result[0], tuple(label[i] for i in result[1])))

    def find(self, first: Factor, second: Factor, gone: Collection[int]) -> Factor | None:
        """The value of a product and its indices, None where it was not made yet."""
        key, label = _pattern(first, second, gone)
        found = self.known.get(key)
        if found is None:
            return None
        index = {n: i for i, n in label.items()}
        return found[0], tuple(index[n] for n in found[1])


def _pattern(first: Factor, second: Factor, gone: Collection[int]) -> tuple[Key, dict[int, int]]:
    """The product with indices numbered as they come, and the numbers."""
    if second < first and first[0] != second[0]:
        first, second = second, first
    label: dict[int, int] = {}
    for i in (*first[1], *second[1]):
        label.setdefault(i, len(label))
    one, other = (tuple(label[i] for i in idx) for _, idx in (first, second))
    return (first[0], second[0], one, other, tuple(sorted(label[i] for i in gone))), label
