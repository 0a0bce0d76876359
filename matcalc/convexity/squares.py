"""A folded product as a reader writes it: A^T M A, a a^T or diag(w)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcalc.convexity.folding import Folding
from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor


@dataclass(frozen=True)
class Square:
    """The parts of <v, H v> for a vector v.

    Attributes:
        half: A or a, None where it is v itself that is squared.
        middle: M, None where it is the identity.
        is_joined: whether M is a matrix that is not diagonal.
        is_weighted: whether M is a diagonal other than the identity.
    """

    half: Tensor | None
    middle: Tensor | None
    is_joined: bool = False
    is_weighted: bool = False


def taken_apart(factors: Sequence[Factor], folding: Folding, direction: Tensor) -> Square | None:
    """The parts of a form in a vector, None where a half ends in several indices."""
    kept = [f for n, f in enumerate(factors) if folding.partner[n] == n and f[0].rank and not is_square_of(f[0], direction)]
    half = [f for n, f in enumerate(factors) if _is_first(n, factors, folding)]
    start = next((f for f in half if f[0] is direction), None)
    joined = any(not folding.stays(i) for _, idx in kept for i in idx)
    if start is None:
        return Square(None, None, joined, bool(kept)) if not half else None
    (own,) = start[1]
    rest = [f for f in half if f is not start]
    held = {i for _, idx in kept for i in idx}
    ends = sorted({i for _, idx in half for i in idx if folding.stays(i) or i in held})
    if not rest and own not in held and not folding.stays(own):
        return Square(b.ones(start[0].axes), None)
    if not rest:
        return Square(None, None, joined, bool(kept))
    if len(ends) > 1 or own in ends:
        return None
    matrix = b.contract(rest, (*ends, own))
    if not ends or not kept:
        return Square(matrix, None, joined)
    (end,) = ends
    if any(set(idx) - {end, folding.image[end]} for _, idx in kept):
        return None
    if folding.stays(end):
        return Square(matrix, b.contract([*kept, (b.delta(kept[0][0].axes[0]), (end, "image"))], (end, "image")), joined)
    return Square(matrix, b.contract(kept, (end, folding.image[end])), joined)


def is_square_of(node: Tensor, direction: Tensor) -> bool:
    """Whether the tensor holds the squares of the entries of V."""
    return node.head == "pow" and node.args[0] is direction


def _is_first(n: int, factors: Sequence[Factor], folding: Folding) -> bool:
    """Whether a factor belongs to the first half."""
    if folding.partner[n] == n:
        return False
    moving = [i for i in factors[n][1] if not folding.stays(i)]
    return all(i in folding.left for i in moving) if moving else n < folding.partner[n]


def independent(half: Tensor, say: Callable[[Tensor], str]) -> str:
    """The condition under which A v is zero at v = 0 alone."""
    if half.head == "var" and half.data[2]:
        return f"the {say(half)} span the whole space"
    if any(t.head == "var" and t.data[2] for t in postorder(half)):
        return ""  # a matrix made of the members of a family has no name in the language
    return f"{say(half)} has independent columns"
