"""The parts of a formula in index notation that are in the matrix language, elaborated together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from matcalc.core.dims import Dim, Kind
from matcalc.core.errors import DeclarationError, MatcalcError, ShapeError, Span
from matcalc.core.traversal import postorder
from matcalc.expr.components import Array
from matcalc.expr.nodes import Expr
from matcalc.syntax.bodies import check_expansion
from matcalc.syntax.elaborate import Builder
from matcalc.syntax.index_resolve import Extents
from matcalc.syntax.index_scope import Names
from matcalc.syntax.infer import infer
from matcalc.syntax.parse import parse_source
from matcalc.syntax.scope import resolve
from matcalc.syntax.sizes import Sizes
from matcalc.syntax.tree import Definition, Source, Syntax, node

_KINDS: dict[int, Kind] = {0: "scalar", 1: "vector", 2: "matrix"}


class Islands:
    """The parts in the matrix language: first with sizes of their own, later with those of the whole formula."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.text = names.outline.text
        self.members: dict[str, str] = {}
        """Declared arrays that stand in a part as families, with the index that is summed over there."""
        parts = [(f.name, f.right) for f in names.formulas.values() if f.body is None]
        parts += [(f"({start})", span) for start, span in names.outline.islands.items() if not _inside(span, parts)]
        self.source = Source(self.text, node("num", (), (Fraction(1),), Span(0, 0)),
                             tuple(Definition(name, self.parsed(span), span) for name, span in parts), ())
        self.slots = {f"({t.data[0]})": len(t.data[1]) for t in names.nodes() if t.op == "island"}  # type: ignore[arg-type]
        self.values: dict[str, Expr] = {}

    def __bool__(self) -> bool:
        return bool(self.source.definitions)

    def parsed(self, span: Span) -> Syntax:
        """The tree of a part, placed in the whole text."""
        try:
            source = parse_source(" " * span.start + self.text[span.start : span.end])
        except MatcalcError as error:
            raise type(error)(error.args[0], span=error.span or span, text=self.text, hint=error.hint) from None
        trees = list(_trees(source.body))
        summed = {tree.word for tree in trees if tree.op == "datasum"}
        for tree in trees:
            base, _, last = tree.word.rpartition("_") if tree.op == "name" else ("", "", "")
            if last in summed and base in self.names.declared and tree.word not in self.names.declared:
                self.members.setdefault(base, last)
                continue
            last = tree.word.rpartition("_")[2] if tree.op == "name" and "_" in tree.word else ""
            if last and last.isalpha() and (len(last) == 1 or set(last) <= self.names.letters) and not self.is_known(tree.word):
                shown = self.text[span.start : span.end]
                raise DeclarationError(f"`{tree.word}` has indices, and `{shown[:40]}` is of whole arrays", span=span,
                                       text=self.text, hint="sum_i x_i adds components, sum(x) the entries of x")
        return source.body

    def is_known(self, name: str) -> bool:
        """Whether a name with a subscript is declared, defined or written with further indices."""
        first, *sizes = name.split("_")
        sized = first == "I" and self.names.letters.isdisjoint(sizes)
        return sized or name in self.names.ranks or "sum_{" in self.text

    def declared(self) -> dict[str, str]:
        """Declarations for the matrix language."""
        found: dict[str, str] = {}
        for name, declared in self.names.declared.items():
            known = [d for d in declared.dims if d is not None]
            if name in self.names.formulas or len(known) < len(declared.dims):
                continue
            if name in self.members and 1 <= len(known) <= 3:
                found[f"{name}_{self.members[name]}"] = Array(name, tuple(known[1:])).space
            elif len(known) <= 2:
                found[name] = declared.text
        return found

    def sketch(self, extents: Extents) -> None:
        """Elaborates with what is known of kinds; the sizes become classes of the whole formula."""
        kinds = {n: _KINDS[r] for n, r in self.names.ranks.items() if r in _KINDS}
        for definition in self.source.definitions:
            if definition.body.op == "name" and definition.name in self.slots:
                kinds.setdefault(definition.body.word, _KINDS.get(self.slots[definition.name], "matrix"))
        self.values, named = self.elaborated(self.declared(), kinds)
        classes = _Classes(extents.sizes, named)
        for expr in _variables(self.values.values()):
            known = self.names.ranks.get(expr.name)
            axes = [classes.of(d) for d in array_axes(expr)]
            if known is not None and known != len(axes):
                raise ShapeError(f"`{expr.name}` has {len(axes)} axes in the matrix language and {known} indices elsewhere",
                                 text=self.text, hint="one index for a vector, two for a matrix")
            self.names.ranks[expr.name] = len(axes)
            self.merge(extents, expr.name, axes)
        for definition in self.source.definitions:
            value = self.values[definition.name]
            axes = [classes.of(d) for d in value.shape.dims]
            known = self.names.ranks.setdefault(definition.name, len(axes))
            if known != len(axes):
                raise ShapeError(f"`{definition.name}` is {value.shape.describe()}, and has {known} indices elsewhere",
                                 span=definition.span, text=self.text, hint="one index for a vector, two for a matrix")
            extents.arrays[definition.name] = axes

    def merge(self, extents: Extents, name: str, axes: list[int]) -> None:
        """The axes of an array that the matrix language has too."""
        known = extents.arrays.setdefault(name, axes)
        for one, other in zip(known, axes, strict=True):
            extents.equal(one, other, f"`{name}`", Span(0, 1))

    def elaborated(self, declare: Mapping[str, str], kinds: Mapping[str, Kind]) -> tuple[dict[str, Expr], frozenset[str]]:
        """The parts as expressions, and the names that they have themselves; errors show the whole text."""
        try:
            scope = resolve(self.source, declare)
            written = frozenset(scope.used)
            named = {t: m for t, m in scope.meanings.items() if isinstance(m, Definition)}
            check_expansion(scope.order, named, scope.functions)
            values = Builder(scope, infer(scope, kinds), None).run()
        except MatcalcError as error:
            raise error.located(None, self.text) from None
        return {d.name: values[d.body] for d in scope.source.definitions}, written

    def settle(self, extents: Extents, arrays: Mapping[str, Array]) -> dict[str, Expr]:
        """Elaborates again with the sizes of the whole formula.

        Args:
            extents: the sizes.
            arrays: the axes of all names that are not defined in the matrix language.
        """
        families = {v.name: v for v in _variables(self.values.values()) if v.head == "item"}
        declare = self.declared()
        for name, array in arrays.items():
            if name in families:
                member = Array(name, array.axes[1:])
                declare.pop(f"{name}_{self.members.get(name)}", None)
                declare[f"{name}_{families[name].data[2]}"] = f"{member.space} {' '.join(array.properties)}"
            elif len(array.axes) <= 2:
                declare[name] = f"{array.space} {' '.join(array.properties)}"
        return self.elaborated(declare, {})[0]

    def words(self, name: str) -> Iterator[str]:
        """The names of variables and definitions that stand in a part."""
        found = {v.name for v in _variables(self.values.values())}
        stack = [next(d.body for d in self.source.definitions if d.name == name)]
        while stack:
            tree = stack.pop()
            stack.extend(reversed(tree.args))
            if tree.op == "name":
                base = tree.word.rpartition("_")[0]
                if tree.word in found or tree.word in self.names.formulas:
                    yield tree.word
                elif base in found:
                    yield base

    @property
    def families(self) -> frozenset[str]:
        """The arrays whose first axis counts members."""
        return frozenset(v.name for v in _variables(self.values.values()) if v.head == "item")


class _Classes:
    """Size classes for the dimensions that the matrix language inferred; names that nobody wrote are new."""

    def __init__(self, sizes: Sizes, named: frozenset[str]) -> None:
        self.sizes = sizes
        self.named = named
        self.fresh: dict[str, int] = {}

    def of(self, dim: Dim) -> int:
        """The class of a dimension."""
        if dim.value is not None or set(dim.names) <= self.named:
            return self.sizes.constant(dim)
        parts = []
        for names, coefficient in dim.terms:
            factors = [self.name(n) for n in names]
            factors += [self.sizes.constant(Dim.of(coefficient))] if coefficient != 1 or not names else []
            parts.append(self.sizes.combine("*", factors))
        return self.sizes.combine("+", parts)

    def name(self, name: str) -> int:
        """The class of one name."""
        if name in self.named:
            return self.sizes.constant(Dim.of(name))
        if name not in self.fresh:
            self.fresh[name] = self.sizes.fresh()
        return self.fresh[name]


def array_axes(variable: Expr) -> tuple[Dim, ...]:
    """The axes of the array of a variable; a family has that of its members first."""
    if variable.head != "item":
        return variable.shape.dims
    length = variable.data[3]
    assert isinstance(length, Dim)
    return (length, *variable.shape.dims)


def _variables(exprs: Iterable[Expr]) -> Iterator[Expr]:
    seen: set[str] = set()
    for node_ in postorder(*exprs):
        if node_.head in ("var", "item") and node_.name not in seen:
            seen.add(node_.name)
            yield node_


def _trees(tree: Syntax) -> Iterator[Syntax]:
    """A tree and all below it."""
    stack = [tree]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(found.args)


def _inside(span: Span, parts: list[tuple[str, Span]]) -> bool:
    return any(p.start <= span.start and span.end <= p.end for _, p in parts)
