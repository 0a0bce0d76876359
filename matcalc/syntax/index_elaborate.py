"""Index notation: text and declarations to resolved terms with sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matcalc.core.errors import DeclarationError, ParseError, ShapeError
from matcalc.core.names import check_name
from matcalc.expr.components import Array, Components, Defined, Index, Slot, Term
from matcalc.syntax.index_islands import Islands
from matcalc.syntax.index_resolve import Extents, Resolver
from matcalc.syntax.index_scope import Formula, Names, names_of, rank_error
from matcalc.syntax.parse import check_limits
from matcalc.syntax.tree import Syntax

Wrt = tuple[tuple[str, tuple[Slot, ...]], ...]


def elaborate_index(
    text: str, declare: Mapping[str, str] | None = None, einstein: bool = False, wrt: tuple[str, ...] = ()
) -> Components:
    """A formula in index notation, resolved and sized.

    Args:
        text: an expression, optionally with a `where` clause.
        declare: the space of names, such as `{"A": "R^{m x n}"}`.
        einstein: whether an index that occurs twice in a product is summed.
        wrt: the components that one differentiates by, such as `x_k`.

    Raises:
        MatcalcError: with the place in the text, the cause and a hint.

    Example:
        >>> found = elaborate_index("sum_j A_ij v_j")
        >>> found.free, [a.space for a in found.arrays.values()]
        ((i,), ['R^{m x n}', 'R^n'])
    """
    if not isinstance(text, str):
        raise ParseError("the formula is not text", hint="a formula in quotes: \"sum_j A_ij x_j\"")
    check_limits(text)
    return _Elaboration(names_of(text, declare, wrt), einstein).run()


class _Elaboration:
    """One formula on its way from names to sized terms."""

    def __init__(self, names: Names, einstein: bool) -> None:
        self.names = names
        self.einstein = einstein
        self.text = names.outline.text
        self.extents = Extents()
        self.islands = Islands(names)
        self.terms: dict[str, Term] = {}
        self.formals: dict[str, tuple[Index, ...]] = {}

    def run(self) -> Components:
        """The resolved formula."""
        if self.islands:
            self.islands.sketch(self.extents)
        for formula in self.names.formulas.values():
            self.define(formula)
        resolver = Resolver(self.names, self.extents, {}, self.einstein)
        body = resolver.run(self.names.body)
        wrt = tuple(self.component(tree, text, resolver) for tree, text in self.names.wrt)
        names = self.appearing(body)
        self.settle(names, body)
        arrays = {n: self.array(n) for n in names if n not in self.names.formulas}
        self.check_wrt(wrt, arrays)
        values = self.islands.settle(self.extents, {**arrays, **self.defined_arrays()}) if self.islands else {}
        definitions = {n: self.definition(n, values) for n in self.ordered()}
        islands = {int(n[1:-1]): v for n, v in values.items() if n.startswith("(")}
        letters = (*resolver.bound_spans, *(letter for t in self.terms.values() for letter in _bound(t)))
        free = tuple(sorted(body.free, key=lambda i: i.letter))
        return Components(body, free, arrays, definitions, islands, tuple(dict.fromkeys(letters)), self.text, wrt)

    # ------------------------------------------------------------ definitions
    def define(self, formula: Formula) -> None:
        """Resolves a definition of index notation; its formal indices run along its axes."""
        if formula.body is None:
            return
        indices = {letter: self.extents.index(letter) for letter in formula.formals}
        self.formals[formula.name] = tuple(indices.values())
        axes = [self.extents.indices[i] for i in indices.values()]
        known = self.names.declared.get(formula.name)
        if known is not None and len(known.dims) != len(axes):
            raise rank_error(formula.name, len(known.dims), len(axes)).located(formula.left, self.text)
        for axis, dim in zip(axes, known.dims if known else (), strict=False):
            if dim is not None:
                self.extents.equal(axis, self.extents.sizes.constant(dim), f"`{formula.name}`", formula.left)
        before = self.extents.arrays.setdefault(formula.name, axes)
        for one, other in zip(before, axes, strict=True):
            self.extents.equal(one, other, f"`{formula.name}`", formula.left)
        resolver = Resolver(self.names, self.extents, indices, self.einstein)
        body = resolver.run(formula.body)
        for letter, span in resolver.free_spans.items():
            raise DeclarationError(f"the index `{letter}` stands on the right of the definition of `{formula.name}` alone",
                                   span=span, text=self.text, hint=f"sum_{letter} sums over it")
        self.terms[formula.name] = body

    def needs(self, name: str) -> list[str]:
        """The definitions that a definition uses."""
        return [n for n in self.mentioned(name) if n in self.names.formulas]

    def ordered(self) -> list[str]:
        """Definitions, each after those that it needs."""
        done: dict[str, None] = {}
        active: set[str] = set()
        stack = [(name, False) for name in reversed(self.names.formulas)]
        while stack:
            name, ready = stack.pop()
            if ready:
                active.discard(name)
                done[name] = None
            elif name in active:
                span = self.names.formulas[name].left
                raise DeclarationError(f"`{name}` is defined by itself", span=span, text=self.text,
                                       hint="another name on the left")
            elif name not in done:
                active.add(name)
                stack.append((name, True))
                stack.extend((other, False) for other in self.needs(name))
        return list(done)

    def definition(self, name: str, values: Mapping[str, object]) -> Defined:
        """A definition with what it stands for."""
        if name in self.terms:
            return Defined(name, self.formals[name], self.terms[name], None)
        return Defined(name, (), None, values[name])  # type: ignore[arg-type]

    def defined_arrays(self) -> dict[str, Array]:
        """Definitions of index notation as the matrix language sees them: names of known sizes."""
        return {n: self.array(n) for n in self.terms}

    # ------------------------------------------------------------ arrays
    def appearing(self, body: Term) -> list[str]:
        """Names in the order of first appearance, definitions written out where they are used."""
        seen: dict[str, None] = {}
        stack = [*reversed(self.ordered()), *reversed(list(_mentioned(body, self.islands)))]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen[name] = None
            if name in self.names.formulas:
                stack.extend(reversed(list(self.mentioned(name))))
        return list(seen)

    def mentioned(self, name: str) -> Iterator[str]:
        """The names that a definition uses."""
        return _mentioned(self.terms[name], self.islands) if name in self.terms else self.islands.words(name)

    def settle(self, names: list[str], body: Term) -> None:
        """Sizes for everything; equations that do not hold are errors."""
        extents, sizes = self.extents, self.extents.sizes
        self.place_parts()
        order = [axis for n in names for axis in extents.arrays.get(n, ())]
        order += [extents.indices[i] for i in (*body.free, *extents.indices)]
        taken = self.names.letters | self.names.dims | set(self.names.ranks)
        sizes.settle(order, taken)
        for one, other, what, span in extents.pairs:
            if sizes.dim(one) != sizes.dim(other):
                raise ShapeError(f"{what} cannot run to both {sizes.dim(one)} and {sizes.dim(other)}", span=span, text=self.text,
                                 hint="a name of its own for each index that runs further")
        for position, axis, name, span in extents.positions:
            length = sizes.dim(axis).value
            if length is not None and position > length:
                raise ShapeError(f"the position {position} does not exist: `{name}` has {length} there", span=span, text=self.text,
                                 hint=f"positions from 1 to {length}")
        for index, axis in extents.indices.items():
            index.extent = sizes.dim(axis)
        sized = {name for axes in extents.arrays.values() for axis in axes for name in sizes.dim(axis).names}
        for whole, offset, part, span in extents.ends:
            if part is not None and {*part.extent.names, *whole.extent.names} <= sized and not (whole.extent - offset - part.extent).is_nonnegative:
                raise ShapeError(f"the index `{whole}` runs to {whole.extent}, and {part} + {offset} further", span=span,
                                 text=self.text, hint="indices of one place run equally far")

    def place_parts(self) -> None:
        """An index that only places parts runs to the end of the last one."""
        sizes = self.extents.sizes
        sized = {sizes.find(axis) for axes in self.extents.arrays.values() for axis in axes}
        for whole, offset, part, _ in self.extents.ends:
            axis = self.extents.indices[whole]
            if part is None or sizes.find(axis) in sized or sizes.find(axis) in sizes.value:
                continue
            ends = [(o, p) for w, o, p, _ in self.extents.ends if self.same(w, whole) and p is not None]
            last, inner = max(ends, key=lambda end: len(end[0].terms))
            end = sizes.combine("+", (*((sizes.constant(last),) if last.terms else ()), self.extents.indices[inner]))
            sizes.unify(axis, end)

    def same(self, one: Index, other: Index) -> bool:
        """Whether two indices run equally far."""
        find, indices = self.extents.sizes.find, self.extents.indices
        return find(indices[one]) == find(indices[other])

    def array(self, name: str) -> Array:
        """A variable with its sizes."""
        declared = self.names.declared.get(name)
        axes = tuple(self.extents.sizes.dim(a) for a in self.extents.arrays[name])
        family = name in self.islands.families
        return Array(check_name(name), axes, declared.properties if declared else (), family)

    # ------------------------------------------------------------ what one differentiates by
    def component(self, tree: Syntax, text: str, resolver: Resolver) -> tuple[str, tuple[Slot, ...]]:
        """A component that one differentiates by; a letter that is free in the formula is the same index."""
        slots = None if self.names.is_whole(tree) else self.names.slots_of(tree)
        name = str(tree.data[3]) if self.names.is_whole(tree) else tree.word
        if name in self.names.formulas:
            raise DeclarationError(f"`{name}` is a definition of the `where` clause, not a variable",
                                   hint="differentiate by one of its variables")
        axes = self.extents.arrays.get(name)
        if axes is None:
            return name, ()
        if len(axes) != len(slots or ()):
            raise rank_error(name, len(axes), len(slots or ())).located(tree.span, text)
        places = tuple(resolver.slot(s, {}, tree.span) for s in slots or ())
        for place, axis in zip(places, axes, strict=True):
            known = self.extents.sizes.value.get(self.extents.sizes.find(axis))
            if isinstance(place, int) and known is not None and known.value is not None and place > known.value:
                raise ShapeError(f"the position {place} does not exist: `{name}` has {known} there", span=tree.span, text=text,
                                 hint=f"positions from 1 to {known}")
            self.extents.tie(place, axis, name, tree.span)
        return name, places

    def check_wrt(self, wrt: Wrt, arrays: Mapping[str, Array]) -> None:
        """Every variable that one differentiates by occurs."""
        for name, _ in wrt:
            if name not in arrays:
                known = ", ".join(arrays) or "nothing, it is constant"
                raise DeclarationError(f"`{name}` does not occur in the expression", hint=f"it depends on {known}")


def _terms(root: Term) -> Iterator[Term]:
    stack = [root]
    while stack:
        t = stack.pop()
        yield t
        stack.extend(reversed(t.args))


def _bound(root: Term) -> Iterator[str]:
    for t in _terms(root):
        if t.op in ("sum", "gather"):
            yield from (i.letter for i in t.data if isinstance(i, Index))


def _mentioned(root: Term, islands: Islands) -> Iterator[str]:
    """The names that a term uses, those in its parts in the matrix language too."""
    for t in _terms(root):
        if t.op in ("array", "defined"):
            yield t.word
        elif t.op == "island":
            yield from islands.words(f"({t.data[0]})")
