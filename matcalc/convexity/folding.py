"""Products that are sums of squares: a product of tensors is folded onto itself.

A folding pairs indices and factors so that the product reads

    sum over f, l, r of  w_f  a_{f l}  K_{l r}  a_{f r}

with weights w on the indices f that stay, matrices K between an index l and its image r, and two equal halves a. Where the
weights are not negative and the matrices psd, the product is not negative: the K together are psd by the Schur product theorem.
Source: Horn and Johnson, Matrix Analysis (2013), section 7.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Factor, Tensor, has_property

MAX_FACTORS = 14
MAX_FOLDINGS = 60

Image = dict[int, int]


@dataclass(frozen=True)
class Folding:
    """How the factors of a product lie on each other.

    Attributes:
        image: where each index goes; those that stay go to themselves.
        partner: where each factor goes.
        left: of every pair of indices that move, the one in the first half.
    """

    image: Image
    partner: dict[int, int]
    left: frozenset[int]

    def stays(self, i: int) -> bool:
        """Whether an index is shared by both halves."""
        return self.image[i] == i


def foldings(factors: Sequence[Factor], fixed: frozenset[int] = frozenset()) -> Iterator[Folding]:
    """The ways to fold a product, a bounded number of them.

    Args:
        factors: tensors with their indices.
        fixed: indices that must stay: those of the result.
    """
    if len(factors) > MAX_FACTORS:
        return
    start: Image = {i: i for i in fixed}
    found = 0
    stack: list[tuple[dict[int, int], Image]] = [({}, start)]
    while stack and found < MAX_FOLDINGS:
        partner, image = stack.pop()
        free = next((n for n in range(len(factors)) if n not in partner), None)
        if free is None:
            left = _halves(factors, partner, image)
            if left is not None:
                found += 1
                yield Folding(image, partner, left)
            continue
        stack.extend(reversed(list(_matches(factors, free, partner, image))))


def _matches(factors: Sequence[Factor], n: int, partner: dict[int, int], image: Image) -> Iterator[tuple[dict[int, int], Image]]:
    """The foldings one factor further: it goes to an equal factor that is free, itself last."""
    node, idx = factors[n]
    others = [m for m in range(n + 1, len(factors)) if m not in partner and factors[m][0] is node]
    for m in (*others, n):
        for order in _turns(node):
            found = _mapped(idx, tuple(factors[m][1][slot] for slot in order), image)
            if found is not None:
                yield {**partner, n: m, m: n}, found


def _turns(node: Tensor) -> list[tuple[int, ...]]:
    """The orders of its slots under which the tensor is the same."""
    plain = tuple(range(node.rank))
    if is_symmetric(node):
        return [plain, (1, 0)]
    if node.rank == 3 and any(has_property(node, p) for p in ("symmetric", "posdef", "psd")):
        return [plain, (0, 2, 1)]
    return [plain]


def _mapped(idx: Sequence[int], other: Sequence[int], image: Image) -> Image | None:
    """The image with each index on the one opposite, if it stays its own inverse."""
    result = dict(image)
    for i, j in zip(idx, other, strict=True):
        if result.setdefault(i, j) != j or result.setdefault(j, i) != i:
            return None
    return result


def _halves(factors: Sequence[Factor], partner: dict[int, int], image: Image) -> frozenset[int] | None:
    """The moving indices of the first half, None where a half hangs together with its image."""
    group: dict[int, set[int]] = {i: {i} for i, j in image.items() if i != j}
    for n, (_, idx) in enumerate(factors):
        moving = [i for i in idx if image[i] != i]
        if partner[n] == n:
            if not _is_kernel(factors[n], image) and moving:
                return None
            continue
        for i in moving[1:]:
            merged = group[moving[0]] | group[i]
            for k in merged:
                group[k] = merged
    if any(image[i] in members for i, members in group.items()):
        return None
    left: set[int] = set()
    for i in sorted(group):
        if image[i] not in left and i not in left:
            left |= group[i]
    return frozenset(left)


def _is_kernel(factor: Factor, image: Image) -> bool:
    """Whether a factor that stays joins an index to its image, and its other indices stay."""
    node, idx = factor
    moving = [i for i in idx if image[i] != i]
    return len(moving) == 2 and image[moving[0]] == moving[1] and node.rank in (2, 3)
