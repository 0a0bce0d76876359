"""What is raised: a tensor with a name for each axis that runs over data, and the parts that it is raised from.

A member x_n of a family has its data index in its name, not as an axis of a matrix, so data axes are named on the way
down and are gone on the way up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.ir.nodes import UNEVALUATED, Factor, Tensor, factors_of
from matcalc.raising.blocks import Grid, grid_of
from matcalc.raising.fused import Fused, fused_of, grouped
from matcalc.raising.graph import NoMatrixForm

LETTERS = "nmijklpqrstuvw"
Names = tuple[str | None, ...]

_over_data: WeakKeyDictionary[Tensor, tuple[bool, ...]] = WeakKeyDictionary()


def over_data(node: Tensor) -> tuple[bool, ...]:
    """Which axes run over the members of a family."""
    return fold(node, _flags, _over_data)


def _flags(node: Tensor, args: tuple[tuple[bool, ...], ...]) -> tuple[bool, ...]:
    if node.head == "var":
        return (bool(node.data[2]), *(False for _ in node.axes[1:])) if node.axes else ()
    if node.head in UNEVALUATED:
        return args[0] if node.head == "differential" else (*args[0], *args[1])
    flags = [False] * node.rank
    if node.head == "contract":
        for flagged, (_, idx) in zip(args, factors_of(node), strict=True):
            for i in (i for i, f in zip(idx, flagged, strict=True) if f and i < node.rank):
                flags[i] = True
        return tuple(flags)
    for flagged in args:
        for i, f in enumerate(flagged[: node.rank]):
            flags[i] = flags[i] or f
    return tuple(flags)


@dataclass(frozen=True)
class Product:
    """A contraction: of each factor the bound data indices and the other ones; name and length of the former."""

    data: tuple[frozenset[int], ...]
    idx: tuple[tuple[int, ...], ...]
    bound: Mapping[int, tuple[str, Dim]]


@dataclass(frozen=True)
class Setting:
    """What all views of one result share.

    Attributes:
        preferred: the name of the data index of each length.
        tidy: the last touch on entries of explicit vectors and matrices.
        written: the parts of the source by their tensors; their forms are preferred.
        taken: names of variables and sizes, which no data index has.
    """

    preferred: Mapping[Dim, str]
    tidy: Callable[[Tensor], Tensor]
    written: Mapping[Tensor, Expr] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()

    def fresh(self, dim: Dim, used: Collection[str]) -> str:
        """A name for a data index, the one of the source where it is free."""
        candidates = (self.preferred.get(dim, "n"), *(c for c in LETTERS if c not in self.taken))
        return next((c for c in candidates if c not in used), f"n{len(used)}")


class View:
    """A tensor whose data axes are named; two are equal when tensor and names are."""

    def __init__(self, tensor: Tensor, names: Names, setting: Setting) -> None:
        self.tensor, self.names, self.setting = tensor, names, setting

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.tensor is other.tensor and self.names == other.names

    def __hash__(self) -> int:
        return hash((self.tensor, self.names))

    @property
    def args(self) -> tuple[View, ...]:
        """The views that this one is raised from."""
        return self.form[1]

    @cached_property
    def form(self) -> tuple[Product | Grid | Fused | None, tuple[View, ...]]:
        """How it is raised, and from what.

        Raises:
            NoMatrixForm: where an axis over data has no name.
        """
        node = self.tensor
        if any(f and n is None for f, n in zip(over_data(node), self.names, strict=True)):
            raise NoMatrixForm
        if not any(self.names):
            grid = grid_of(node)
            if grid is not None:
                return grid, tuple(self.plain(self.setting.tidy(entry)) for entry in grid.entries)
            fused = fused_of(node)
            if fused is not None:
                return fused, tuple(map(self.plain, fused.parts))
        if node.head == "contract":
            return self.product(node)
        if node.head in ("softmax", "logsumexp"):
            (u,) = node.args
            lead = int(str(node.data[0]))
            return None, (self.named(u, (*self.names[:lead], *(None for _ in u.axes[lead:]))),)
        if node.head in ("lin", "map", "pow"):
            return None, tuple(self.named(t, self.names if t.rank else ()) for t in node.args)
        if node.head in UNEVALUATED:
            return None, (self.named(node.args[0], self.names[: node.args[0].rank]),)
        return None, tuple(map(self.plain, node.args))

    def plain(self, node: Tensor) -> View:
        """A tensor without data axes."""
        return self.named(node, (None,) * node.rank)

    def named(self, node: Tensor, names: Names) -> View:
        """A tensor whose data axes have the given names."""
        return View(node, names, self.setting)

    def product(self, node: Tensor) -> tuple[Product, tuple[View, ...]]:
        """The factors, the bound indices over data named."""
        factors = grouped(node)
        names: dict[int, str | None] = dict(enumerate(self.names))
        bound: dict[int, tuple[str, Dim]] = {}
        for i, dim in _bound_data(factors, node.rank):
            name = self.setting.fresh(dim, {n for n in names.values() if n})
            names[i], bound[i] = name, (name, dim)
        data = tuple(frozenset(i for i in idx if i in bound) for _, idx in factors)
        plain = tuple(tuple(i for i in idx if not names.get(i)) for _, idx in factors)
        parts = tuple(self.named(t, tuple(names.get(i) for i in idx)) for t, idx in factors)
        return Product(data, plain, bound), parts


def _bound_data(factors: list[Factor], rank: int) -> list[tuple[int, Dim]]:
    found: dict[int, Dim] = {}
    for node, idx in factors:
        for i, flagged, dim in zip(idx, over_data(node), node.axes, strict=True):
            if flagged and i >= rank:
                found[i] = dim
    return sorted(found.items())
