"""Names for the matrix-valued parts of a result in index notation: tanh(z_i) where z = A x + b."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from matcalc.core.traversal import fold, postorder
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of
from matcalc.ir.substitute import rebuild

_LETTERS = ("srcqtuv", "zuvwpqr", "ZYUVWGHPQ")
_FUNCTIONS = ("map", "pow", "softmax", "logsumexp")
_MATRIX_FUNCTIONS = ("matpow", "det", "logdet", "expm", "softmax", "logsumexp")

Named = tuple[str, Expr]


def name_parts(
    node: Tensor,
    raised: Callable[[Tensor], Expr | None],
    name_of: Callable[[Tensor], str | None],
    taken: Iterable[str],
) -> tuple[Tensor, list[Named]]:
    """The tensor with names for arguments of functions that hold sums, and for inverses and the like.

    Args:
        node: the result.
        raised: the matrix form of a part, None where it has none.
        name_of: the name that the user gave to a part.
        taken: names that new ones must not be.
    """
    taken = set(taken)
    leaves: dict[Tensor, Tensor] = {}
    definitions: list[Named] = []
    for part in _outermost(node):
        form = raised(part)
        if form is None:
            continue
        known = name_of(part)
        name = known or next((c for c in _LETTERS[part.rank] if c not in taken), f"z{len(taken)}")
        taken.add(name)
        leaves[part] = b.var(name, part.axes)
        definitions.append((name, form))
    return fold(node, lambda t, args: rebuild(t, args), dict(leaves)), definitions


def _outermost(node: Tensor) -> list[Tensor]:
    """The parts to be named that are not inside another one, in the order of a walk from the top."""
    wanted = _wanted(node)
    found: dict[Tensor, None] = {}
    seen: set[Tensor] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        if part in wanted:
            found[part] = None
        else:
            stack.extend(reversed(part.args))
    return list(found)


def _wanted(node: Tensor) -> set[Tensor]:
    found: set[Tensor] = set()
    for part in postorder(node):
        if part is not node and part.rank <= 2 and part.head in _MATRIX_FUNCTIONS:
            found.add(part)
        if part.head in _FUNCTIONS:
            found.update(a for a in part.args if 0 < a.rank <= 2 and _sums(a))
    return found


def _sums(node: Tensor) -> bool:
    """Whether a bound index occurs before the next function."""
    if node.head == "lin":
        return any(_sums(t) for t in node.args)
    return node.head == "contract" and any(i >= node.rank for _, idx in factors_of(node) for i in idx)
