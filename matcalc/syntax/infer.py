"""Inference: the shape of every symbol and of every bare identity, from the whole program."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from matcalc.core.dims import SCALAR, Dim, Kind, Shape
from matcalc.core.functions import FUNCTIONS
from matcalc.core.limits import keep_time
from matcalc.syntax import kinds as k
from matcalc.syntax.bodies import Parameter
from matcalc.syntax.forward import Forward, Sized
from matcalc.syntax.kinds import Constraint, Contradiction, Solver
from matcalc.syntax.names import GREEK, letters
from matcalc.syntax.scope import Scope, Symbol
from matcalc.syntax.tree import Definition, Syntax

_UNARY_OF = {
    **dict.fromkeys(("sum", "mean", "logsumexp", "norm", "norm1"), "reduce"),
    **dict.fromkeys(("tr", "det", "logdet"), "trace"),
    "expm": "square", "inv": "inverse", "diag": "diag", "vec": "vec", "unvec": "unvec", "softmax": "softmax",
}
_TABLES = {"*": k.ELEMENTWISE, "/": k.ELEMENTWISE, "kron": k.KRON}


@dataclass(slots=True)
class Inferred:
    """What inference found.

    Attributes:
        shapes: of each symbol.
        identities: the size of each bare `I`.
        numbers: the nodes made of numbers alone.
    """

    shapes: dict[Symbol, Shape]
    identities: dict[Syntax, Dim]


def infer(scope: Scope, kinds: Mapping[str, Kind] | None = None) -> Inferred:
    """Solve for kinds, then for dimensions.

    Args:
        scope: the program.
        kinds: what is known of the kinds of names that nothing declares.
    """
    found = _Kinds(scope, kinds=kinds).solve()
    forward = _forward(scope, found)
    narrow = _one_by_one(scope, forward)
    if narrow:
        found = _Kinds(scope, narrow, kinds).solve()
        forward = _forward(scope, found)
    order = [i for symbol in scope.symbols.values() for i in forward.symbols[symbol][1:]]
    order += [forward.values[tree].rows for tree in scope.order if tree in forward.values]
    forward.sizes.settle(order, scope.used)
    shapes = {s: _shape(forward, s, forward.symbols[s]) for s in found}
    identities = {t: forward.sizes.dim(forward.values[t].rows) for t in scope.order if scope.meanings.get(t) == "identity"}
    return Inferred(shapes, identities)


def _forward(scope: Scope, kinds: dict[Symbol, Kind]) -> Forward:
    forward = Forward(scope)
    for symbol, kind in kinds.items():
        forward.declare(symbol, kind)
    forward.run()
    return forward


def _one_by_one(scope: Scope, forward: Forward) -> set[str]:
    """Undeclared entries of blocks that came out as vectors of length 1: they are meant as scalars."""
    names: set[str] = set()
    for tree in scope.order:
        for entry in tree.args if tree.op == "block" and len(tree.args) > 1 else ():
            symbol = scope.meanings.get(entry)
            if isinstance(symbol, Symbol) and symbol.space is None:
                sized = forward.symbols[symbol]
                if sized.kind == "vector" and forward.sizes.find(sized.rows) == forward.sizes.find(forward.sizes.one):
                    names.add(symbol.name)
    return names


def _shape(forward: Forward, symbol: Symbol, sized: Sized) -> Shape:
    if symbol.space is not None:
        return symbol.space.shape
    rows, cols = forward.sizes.dim(sized.rows), forward.sizes.dim(sized.cols)
    if sized.kind == "scalar":
        return SCALAR
    return Shape("vector", (rows,)) if sized.kind == "vector" else Shape("matrix", (rows, cols))


class _Kinds:
    """The constraint problem of a program."""

    def __init__(
        self, scope: Scope, scalars: Container[str] = (), kinds: Mapping[str, Kind] | None = None
    ) -> None:
        self.scope = scope
        self.scalars = scalars
        self.kinds = kinds or {}
        self.solver = Solver()
        self.cells: dict[Syntax, int] = {}
        self.numeric: set[Syntax] = set()
        self.symbols: dict[tuple[str, bool], int] = {}
        self.soft: list[int] = []
        self.elementwise: set[int] = set()
        self.entries: set[int] = set()

    def solve(self) -> dict[Symbol, Kind]:
        """The kind of each symbol; the custom alone where the constraints contradict each other."""
        for tree in self.scope.order:
            keep_time()
            self._visit(tree)
        for function in self.scope.functions.values():
            self._scalar(function.body)
        solver, choices = self.solver, self._choices()
        try:
            solver.propagate(range(len(solver.constraints)))
        except Contradiction:
            solver.undo(0)
            return self._by_custom(choices)
        for cell in self.soft:
            if solver.masks[cell] != k.S:
                solver.attempt(cell, k.NONSCALAR)
        if not solver.decide(choices):
            solver.undo(0)
            return self._by_custom(choices)
        return {s: _kind(solver.masks[self._cell(s)]) for s in self.scope.symbols.values()}

    def _by_custom(self, choices: list[tuple[int, tuple[int, ...]]]) -> dict[Symbol, Kind]:
        """Symbol by symbol the preferred kind, kept as far as single constraints allow."""
        chosen: dict[int, int] = {}
        for cell, kinds in choices:
            chosen[cell] = next(kind for kind in kinds if kind & self.solver.masks[cell])
        return {
            s: s.space.shape.kind if s.space is not None else _kind(chosen[self._cell(s)])
            for s in self.scope.symbols.values()
        }

    def _choices(self) -> list[tuple[int, tuple[int, ...]]]:
        ranked: list[tuple[int, int, tuple[int, ...]]] = []
        for symbol in self.scope.symbols.values():
            cell = self._cell(symbol)
            if symbol.space is not None or any(cell == c for _, c, _ in ranked[-1:]):
                continue
            rank, kinds = _custom(symbol.name)
            if cell in self.entries or symbol.name in self.scalars:
                kinds = (k.S, k.V, k.M)
            elif rank == 2 and cell in self.elementwise:
                kinds = (k.V, k.M, k.S)
            ranked.append((rank, cell, kinds))
        return [(cell, kinds) for _, cell, kinds in sorted(ranked, key=lambda r: r[0])]

    def _cell(self, symbol: Symbol) -> int:
        key = (symbol.name, symbol.index is not None)
        if key not in self.symbols:
            mask = k.S | k.V | k.M if symbol.space is None else k.BITS[symbol.space.shape.kind]
            if symbol.space is None and symbol.name in self.kinds:
                mask = k.BITS[self.kinds[symbol.name]]
            self.symbols[key] = self.solver.cell(mask)
        return self.symbols[key]

    # ------------------------------------------------------------ constraints
    def _visit(self, tree: Syntax) -> None:
        if tree.op == "name":
            self.cells[tree] = self._name(tree)
            return
        if _is_numeric(tree, self.numeric) or (tree.op == "apply" and self._is_number(tree)):
            self.numeric.add(tree)
        if tree.op == "ones":
            dims = tree.data[1:]
            kind = k.M if tree.word in ("commutation", "identity") else k.V if len(dims) == 1 else k.R if dims[0] == Dim.of(1) else k.M
            self.cells[tree] = self.solver.cell(kind)
            return
        self.cells[tree] = self.solver.cell(k.S if tree in self.numeric else k.ANY)
        getattr(self, f"_{tree.op}")(tree)

    def _name(self, tree: Syntax) -> int:
        meaning = self.scope.meanings[tree]
        if isinstance(meaning, Symbol):
            return self._cell(meaning)
        if isinstance(meaning, Parameter):
            self.numeric.add(tree)
            return self.solver.cell(k.S)
        if isinstance(meaning, Definition):
            if meaning.body in self.numeric:
                self.numeric.add(tree)
            return self.cells[meaning.body]
        if meaning == "pi" or (isinstance(meaning, Dim) and not tree.word.startswith("I")):
            self.numeric.add(tree)
            return self.solver.cell(k.S)
        return self.solver.cell(k.M)

    def _is_number(self, tree: Syntax) -> bool:
        """Whether a function of numbers is one: it has nothing but numbers in its body too."""
        function = self.scope.functions.get(tree.word)
        inner = not self.scope.brought[tree.word].outer if function is None else function.body in self.numeric
        return inner and all(a in self.numeric for a in tree.args)

    def _unary(self, tree: Syntax, kinds: str, arg: Syntax | None = None) -> None:
        cell = self.cells[arg or tree.args[0]]
        self.solver.relate(Constraint("unary", (cell,), self.cells[tree], kinds=kinds))

    def _chain(self, tree: Syntax, tables: tuple[k.Table, ...]) -> None:
        cells = tuple(self.cells[a] for a in tree.args)
        self.solver.relate(Constraint("chain", cells, self.cells[tree], tables))

    def _num(self, tree: Syntax) -> None:
        del tree

    def _list(self, tree: Syntax) -> None:
        del tree

    def _add(self, tree: Syntax) -> None:
        if tree not in self.numeric:
            cells = tuple(self.cells[a] for a in tree.args if a not in self.numeric)
            self.solver.relate(Constraint("equal", cells, self.cells[tree]))

    def _product(self, tree: Syntax) -> None:
        for op, arg in zip(tree.data, tree.args, strict=True):
            if op == "/":
                self._scalar(arg)
        self._chain(tree, (k.PRODUCT,) * (len(tree.args) - 1))

    def _scalar(self, arg: Syntax) -> None:
        self.solver.relate(Constraint("unary", (self.cells[arg],), self.solver.cell(k.S), kinds="scalar"))

    def _hadamard(self, tree: Syntax) -> None:
        self.elementwise |= {self.cells[a] for a in tree.args if a.op == "name"}
        self._chain(tree, tuple(_TABLES[str(op)] for op in tree.data[1:]))

    def _neg(self, tree: Syntax) -> None:
        self._unary(tree, "same")

    def _pow(self, tree: Syntax) -> None:
        exponent = tree.args[1].number
        integer = exponent is not None and exponent.denominator == 1
        self._chain(tree, (k.POWER if integer else k.SCALAR_POWER,))

    def _dotpow(self, tree: Syntax) -> None:
        self._chain(tree, (k.POWER_DOT,))

    def _transpose(self, tree: Syntax) -> None:
        self._unary(tree, "transpose")
        self.soft.append(self.cells[tree.args[0]])

    def _abs(self, tree: Syntax) -> None:
        self._scalar(tree.args[0])
        self._unary(tree, "same")

    def _compare(self, tree: Syntax) -> None:
        self._chain(tree, (k.ELEMENTWISE,))

    def _datasum(self, tree: Syntax) -> None:
        self._unary(tree, "same")

    def _call(self, tree: Syntax) -> None:
        name = tree.word
        if name == "kron":
            self._chain(tree, (k.KRON,))
        elif name in FUNCTIONS and FUNCTIONS[name].arity == 2:
            self._chain(tree, (k.ELEMENTWISE,))
        elif name in FUNCTIONS:
            self._unary(tree, "same")
        elif tree.data[1] == "2":
            self._unary(tree, "vector_norm")
        else:
            self._unary(tree, _UNARY_OF[name])
        if _UNARY_OF.get(name) == "reduce":
            self.soft.append(self.cells[tree.args[0]])

    def _apply(self, tree: Syntax) -> None:
        self._chain(tree, (k.ELEMENTWISE,) * (len(tree.args) - 1))

    def _block(self, tree: Syntax) -> None:
        height, width = (int(str(d)) for d in tree.data)
        if height > 1 and width > 1:
            kinds = k.M
        elif len(tree.args) == 1:
            kinds = k.NONSCALAR
        else:
            kinds = k.V | k.M if width == 1 else k.R | k.M
        self.solver.relate(Constraint("unary", (self.cells[tree],), self.solver.cell(kinds), kinds="same"))
        self._block_entries(tree, height, width)

    def _block_entries(self, tree: Syntax, height: int, width: int) -> None:
        """Lower-case names in a block without any matrix are scalars by custom."""
        names: list[Syntax] = []
        stack = list(tree.args)
        while stack:
            inner = stack.pop()
            stack.extend(inner.args)
            names.extend([inner] if inner.op == "name" else [])
        symbols = [m for m in map(self.scope.meanings.get, names) if isinstance(m, Symbol)]
        if all(_custom(s.name)[0] for s in symbols):
            self.entries |= {self._cell(s) for s in symbols}


def _custom(name: str) -> tuple[int, tuple[int, ...]]:
    """The rank in the order of decisions and the preferred kinds."""
    if name[0].isupper():
        return 0, (k.M, k.V, k.S)
    if letters(name) in GREEK:
        return 2, (k.S, k.V, k.M)
    return 1, (k.V, k.S, k.M)


def _kind(mask: int) -> Kind:
    name = next((name for bit, name in k.NAMES.items() if mask == bit), "vector")
    return "scalar" if name == "scalar" else "matrix" if name == "matrix" else "vector"


def _is_numeric(tree: Syntax, numeric: set[Syntax]) -> bool:
    if tree.op == "num":
        return True
    if tree.op == "call" and tree.word not in FUNCTIONS:
        return False
    return tree.op in ("product", "pow", "dotpow", "add", "neg", "call", "abs", "compare", "hadamard", "transpose") and all(
        a in numeric for a in tree.args
    )
