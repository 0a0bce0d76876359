"""The forward pass over dimensions: kinds are known, equal sizes are unified."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.core.dims import Dim, Kind
from matcalc.syntax.bodies import Parameter
from matcalc.syntax.scope import Scope, Symbol
from matcalc.syntax.sizes import Sizes
from matcalc.syntax.tree import Definition, Syntax


class Sized(NamedTuple):
    """A kind, and the classes of its dimensions seen as a matrix."""

    kind: Kind
    rows: int
    cols: int


_PRODUCT: dict[tuple[Kind, Kind], Kind] = {
    ("row", "vector"): "scalar", ("matrix", "vector"): "vector", ("row", "matrix"): "row",
}
_SCALARS = frozenset(("tr", "det", "logdet", "sum", "mean", "logsumexp", "norm", "norm1"))
_SQUARE = frozenset(("tr", "det", "logdet", "expm", "inv"))


class Forward:
    """Kinds and dimension classes of all nodes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.sizes = Sizes()
        self.symbols: dict[Symbol, Sized] = {}
        self.values: dict[Syntax, Sized] = {}
        self.families: dict[str, Sized] = {}
        self.scalar = Sized("scalar", self.sizes.one, self.sizes.one)

    def declare(self, symbol: Symbol, kind: Kind) -> None:
        """Give a symbol its kind and dimensions: the declared ones, or new classes."""
        if symbol.name in self.families and symbol.space is None:
            self.symbols[symbol] = self.families[symbol.name]
            return
        sizes = self.sizes
        if symbol.space is not None:
            shape = symbol.space.shape
            sized = Sized(kind, sizes.constant(shape.rows), sizes.constant(shape.cols))
        else:
            rows = sizes.one if kind == "scalar" else sizes.fresh()
            sized = Sized(kind, rows, sizes.fresh() if kind == "matrix" else sizes.one)
        self.symbols[symbol] = self.families[symbol.name] = sized

    def run(self) -> None:
        """Visit all nodes, operands first."""
        for tree in self.scope.order:
            self.values[tree] = self._visit(tree)

    def _visit(self, tree: Syntax) -> Sized:
        if tree.op == "name":
            return self._name(tree)
        args = [self.values[a] for a in tree.args]
        if tree.op in ("num", "abs", "list"):
            return self.scalar
        if tree.op == "ones":
            return self._ones(tree)
        if tree.op in ("neg", "datasum"):
            return args[0]
        if tree.op == "transpose":
            return self._transpose(args[0])
        if tree.op == "product":
            return self._product(args)
        if tree.op == "block":
            return self._block(tree, args)
        if tree.op == "pow":
            return self._square(args[0])
        if tree.op == "call":
            return self._call(tree, args)
        if tree.op == "hadamard":
            return self._hadamard(tree, args)
        return self._common(args)

    def _name(self, tree: Syntax) -> Sized:
        meaning = self.scope.meanings[tree]
        if isinstance(meaning, Symbol):
            return self.symbols[meaning]
        if isinstance(meaning, Definition):
            return self._meet(meaning, self.values[meaning.body])
        if meaning == "pi" or isinstance(meaning, Parameter) or (isinstance(meaning, Dim) and not tree.word.startswith("I")):
            return self.scalar
        size = self.sizes.constant(meaning) if isinstance(meaning, Dim) else self.sizes.fresh()
        return Sized("matrix", size, size)

    def _meet(self, definition: Definition, value: Sized) -> Sized:
        """A definition that is also declared has the declared size."""
        space = self.scope.spaces.get(definition.name)
        if space is not None:
            self.sizes.unify(value.rows, self.sizes.constant(space.shape.rows))
            self.sizes.unify(value.cols, self.sizes.constant(space.shape.cols))
        return value

    def _ones(self, tree: Syntax) -> Sized:
        dims = [self.sizes.constant(d) for d in tree.data[1:] if isinstance(d, Dim)]
        if tree.word == "commutation":
            return Sized("matrix", self.sizes.combine("*", dims), self.sizes.combine("*", dims[::-1]))
        if len(dims) == 1:
            return Sized("vector", dims[0], self.sizes.one)
        return Sized("row" if dims[0] == self.sizes.one and tree.word != "identity" else "matrix", dims[0], dims[1])

    def _transpose(self, a: Sized) -> Sized:
        turned: dict[Kind, Kind] = {"vector": "row", "row": "vector"}
        return Sized(turned.get(a.kind, a.kind), a.cols, a.rows)

    def _product(self, args: list[Sized]) -> Sized:
        result = args[0]
        for b in args[1:]:
            if result.kind == "scalar" or b.kind == "scalar":
                result = b if result.kind == "scalar" else result
                continue
            self.sizes.unify(result.cols, b.rows)
            result = Sized(_PRODUCT.get((result.kind, b.kind), "matrix"), result.rows, b.cols)
        return result

    def _common(self, args: list[Sized]) -> Sized:
        """The one shape of all that are not scalars."""
        shaped = [a for a in args if a.kind != "scalar"]
        for other in shaped[1:]:
            if other.kind == shaped[0].kind:
                self.sizes.unify(shaped[0].rows, other.rows)
                self.sizes.unify(shaped[0].cols, other.cols)
        return shaped[0] if shaped else self.scalar

    def _square(self, a: Sized) -> Sized:
        if a.kind == "matrix":
            self.sizes.unify(a.rows, a.cols)
        return a

    def _hadamard(self, tree: Syntax, args: list[Sized]) -> Sized:
        result = args[0]
        for op, b in zip(tree.data[1:], args[1:], strict=True):
            result = self._kron(result, b) if op == "kron" else self._common([result, b])
        return result

    def _kron(self, a: Sized, b: Sized) -> Sized:
        if a.kind == "scalar" or b.kind == "scalar":
            return b if a.kind == "scalar" else a
        kind = a.kind if a.kind == b.kind else "matrix"
        return Sized(kind, self.sizes.combine("*", (a.rows, b.rows)), self.sizes.combine("*", (a.cols, b.cols)))

    def _call(self, tree: Syntax, args: list[Sized]) -> Sized:
        name, a = tree.word, args[0]
        if name in _SQUARE:
            self._square(a)
        if name in _SCALARS:
            return self.scalar
        if name == "kron":
            return self._kron(a, args[1])
        if name == "vec" and a.kind != "vector":
            return Sized("vector", self.sizes.combine("*", (a.cols, a.rows)), self.sizes.one)
        if name == "unvec":
            return self._unvec(tree, a)
        if name == "diag" and a.kind == "matrix":
            return Sized("vector", self._square(a).rows, self.sizes.one)
        if name == "diag":
            size = a.rows if a.kind == "vector" else a.cols
            return Sized("matrix", size, size)
        return self._common(args)

    def _unvec(self, tree: Syntax, a: Sized) -> Sized:
        rows, cols = (self.sizes.constant(d) for d in tree.data if isinstance(d, Dim))
        self.sizes.unify(a.cols if a.kind == "row" else a.rows, self.sizes.combine("*", (cols, rows)))
        return Sized("matrix", rows, cols)

    def _block(self, tree: Syntax, args: list[Sized]) -> Sized:
        height, width = (int(str(d)) for d in tree.data)
        lines = [args[i : i + width] for i in range(0, len(args), width)]
        columns = list(zip(*lines, strict=True))
        for line in lines:
            for entry in line[1:]:
                self.sizes.unify(line[0].rows, entry.rows)
        for column in columns:
            for entry in column[1:]:
                self.sizes.unify(column[0].cols, entry.cols)
        if len(args) == 1 and args[0].kind != "scalar":
            return args[0]
        rows = self.sizes.combine("+", [line[0].rows for line in lines])
        cols = self.sizes.combine("+", [column[0].cols for column in columns])
        return Sized(_block_kind({a.kind for a in args}, height, width), rows, cols)


def _block_kind(kinds: set[Kind], height: int, width: int) -> Kind:
    if "matrix" in kinds or (height > 1 and width > 1) or ("row" in kinds and height > 1) or (
        "vector" in kinds and width > 1
    ):
        return "matrix"
    return "row" if height == 1 and width > 1 else "vector"
