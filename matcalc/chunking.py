"""Results over data in two stages: sums over a block of data, and what is made of their totals.

A result qualifies when all that it needs of the data are sums of terms that see one datum each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import contains, fold, postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, components, factors_of, terms_of
from matcalc.ir.substitute import rebuild

POINTWISE = frozenset(("var", "lin", "contract", "map", "pow", "ones", "softmax", "logsumexp"))
"""Heads that may stand over a data axis."""

COUNT = "count"


@dataclass
class Stages:
    """What a result needs of the data, and the result over the totals of that.

    Attributes:
        length: the dimension that counts data.
        parts: each a sum over data, by the variable that stands for its total.
        results: the results over those variables and the other ones.
        count: the variable that stands for the number of data, where a result needs it.
    """

    length: Dim
    parts: dict[Tensor, Tensor] = field(default_factory=dict)
    results: list[Tensor] = field(default_factory=list)
    count: Tensor | None = None


class Separation:
    """The walk that separates sums over data from the rest."""

    def __init__(self, length: Dim, taken: set[str]) -> None:
        self.length, self.taken = length, taken
        self.stages = Stages(length)
        self.depends: dict[Tensor, bool] = {}

    def separated(self, node: Tensor) -> Tensor:
        """The tensor over variables for its sums over data.

        Raises:
            NotDifferentiableError: where one pass over the data is not enough, or the result has the data axis.
        """
        if self.length in node.axes:
            raise _refused(f"the result has an entry for each of the {self.length} data")
        return fold(node, self.visit, {t: t for t in postorder(node) if self.length in t.axes})

    def visit(self, node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
        """A node without data axis, its parts separated already."""
        if node.head == "size" and self.length.name in node.data[0].names:  # type: ignore[attr-defined]
            if node.data[0] != self.length:
                raise _refused(f"the size {node.data[0]} depends on the number of data")
            self.stages.count = self.stages.count or b.var(self.fresh(COUNT), ())
            return self.stages.count
        if not any(self.length in arg.axes for arg in node.args):
            return rebuild(node, args)
        if node.head != "contract":
            raise _refused(f"`{node.head}` is taken over all data")
        factors: list[tuple[Tensor, tuple[object, ...]]] = [
            (t, idx) for t, (_, idx) in zip(args, factors_of(node), strict=True) if self.is_late(t)
        ]
        open_indices = {*range(node.rank), *(i for _, idx in factors for i in idx)}
        numbered = [(b.var(f"#{n}", t.axes), idx) for n, (t, idx) in enumerate(factors_of(node)) if not self.is_late(args[n])]
        for _, members in components(numbered, open_indices):
            inside = [(args[int(str(t.data[0])[1:])], idx) for t, idx in members]
            if not any(self.length in t.axes for t, _ in inside):
                factors += inside
                continue
            out = tuple(sorted({i for _, idx in inside for i in idx if i in open_indices}))
            factors.append((self.part(b.contract(inside, out)), out))
        return b.contract(factors, tuple(range(node.rank)))

    def is_late(self, node: Tensor) -> bool:
        """Whether it needs totals over all data."""
        totals = {*self.stages.parts, *([self.stages.count] if self.stages.count is not None else [])}
        return contains(node, totals)

    def part(self, total: Tensor) -> Tensor:
        """The variable for a sum over data."""
        for coefficient, term in terms_of(total):
            assert coefficient
            self.check(term)
        known = next((leaf for leaf, t in self.stages.parts.items() if t is total), None)
        if known is None:
            known = b.var(self.fresh("part"), total.axes)
            self.stages.parts[known] = total
        return known

    def check(self, total: Tensor) -> None:
        """Refuses a sum whose terms see more than one datum."""
        inner = {i for t, idx in factors_of(total) for i, d in zip(idx, t.axes, strict=True) if d == self.length}
        if len(inner) > 1:
            raise _refused("its terms pair the data with each other")
        for node in postorder(*total.args):
            over = sum(d == self.length for d in node.axes)
            if node.head == "size" and self.length.name in node.data[0].names:  # type: ignore[attr-defined]
                raise _refused("the number of data stands inside a sum over them")
            lead = int(str(node.data[0])) if node.head in ("softmax", "logsumexp") else len(node.axes)
            is_local = node.head in POINTWISE and self.length not in node.axes[lead:]
            if over > 1 or (over and not is_local) or (not over and any(self.length in arg.axes for arg in node.args)):
                raise _refused("a sum over data stands inside another one")

    def fresh(self, name: str) -> str:
        """The name, or with the first number that is free."""
        numbered = name if name == COUNT else f"{name}1"
        k = 1
        while numbered in self.taken:
            k += 1
            numbered = f"{name}{k}"
        self.taken.add(numbered)
        return numbered


def _refused(why: str) -> NotDifferentiableError:
    return NotDifferentiableError(f"this cannot be worked out block by block: {why}",
                                  hint="without `chunked` the code takes all data at once")


def stages_of(results: Sequence[Tensor], length: Dim, taken: set[str]) -> Stages:
    """The two stages of some results.

    Args:
        results: what is wanted.
        length: the dimension that counts data.
        taken: names that new variables must not have.

    Raises:
        NotDifferentiableError: where one pass over the data is not enough.
    """
    walk = Separation(length, set(taken))
    walk.stages.results = [walk.separated(node) for node in results]
    return walk.stages


def inlined(results: Sequence[Tensor], named: Mapping[Tensor, Tensor]) -> list[Tensor]:
    """The results with what variables stand for in their places."""
    memo: dict[Tensor, Tensor] = {}
    for leaf, node in named.items():
        memo[leaf] = fold(node, lambda t, args: rebuild(t, args), memo)
    return [fold(node, lambda t, args: rebuild(t, args), memo) for node in results]
