"""Which name is what: variable, family, definition, dimension or identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from matcalc.core.arguments import check_declare
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, Span
from matcalc.core.names import check_name
from matcalc.expr.functions import Elementwise
from matcalc.syntax.bodies import Parameter, check_body, check_names, functions_of
from matcalc.syntax.euler import with_exponentials
from matcalc.syntax.mistaken import Known, check_power, check_total, check_variable
from matcalc.syntax.names import ascii_name
from matcalc.syntax.spaces import Space, is_natural, parse_space
from matcalc.syntax.tree import Definition, Source, Syntax


@dataclass(eq=False, slots=True)
class Symbol:
    """A variable or a family: what is known of it before inference.

    Attributes:
        name: the name of the array.
        space: the declared space, or None.
        index: the data index of a family, or None.
        size: the number of members of a family.
    """

    name: str
    space: Space | None
    index: str | None = None
    size: Dim | None = None


Meaning = Symbol | Definition | Parameter | Dim | str
"""A name is a symbol, a definition, a parameter of a function, a dimension used as a number, or a constant (`pi`,
`identity`)."""

Bound = Mapping[str, tuple[Dim, ...]]
"""Data indices with the sizes that the sums around a node give them."""


@dataclass(slots=True)
class Scope:
    """The program with its names resolved.

    Attributes:
        source: the parsed program.
        functions: the functions of the `where` clause.
        brought: the functions that the caller brings.
        naturals: names that are declared to be sizes.
        order: all nodes, operands and definitions before their uses, in order of appearance.
        meanings: what each name node stands for.
        symbols: all symbols, in order of appearance.
        used: every name in the program, those of data indices too, which fresh dimensions must avoid.
        gathered: names of one vector that nothing declares.
    """

    source: Source
    spaces: dict[str, Space]
    definitions: dict[str, Definition]
    functions: dict[str, Definition]
    brought: Mapping[str, Elementwise]
    naturals: frozenset[str]
    order: list[Syntax] = field(default_factory=list)
    meanings: dict[Syntax, Meaning] = field(default_factory=dict)
    symbols: dict[tuple[str, str | None, Dim | None], Symbol] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    gathered: set[str] = field(default_factory=set)
    sizes: dict[Syntax, Dim] = field(default_factory=dict)
    homes: dict[Syntax, Syntax] = field(default_factory=dict)
    bodies: dict[Syntax, Definition] = field(default_factory=dict)

    @property
    def roots(self) -> list[Syntax]:
        """The expression, and the bodies of all definitions and functions."""
        return [self.source.body, *(d.body for d in (*self.source.definitions, *self.source.functions))]

    def parameter(self, tree: Syntax) -> Parameter | None:
        """What a name stands for in the body of a function, if it is one of its parameters."""
        function = self.bodies.get(self.homes[tree])
        return Parameter(function.name, tree.word) if function and tree.word in function.parameters else None

    def below(self, tree: Syntax) -> list[Syntax]:
        """The operands, the definition of a name, the body of a function that is called."""
        if tree.op == "name" and tree.word in self.definitions and self.parameter(tree) is None:
            return [self.definitions[tree.word].body]
        if tree.op == "apply" and tree.word in self.functions:
            return [*tree.args, self.functions[tree.word].body]
        return list(tree.args)


def resolve(source: Source, declare: Mapping[str, str] | None, scalars: Sequence[str] = (),
            brought: Mapping[str, Elementwise] = MappingProxyType({})) -> Scope:
    """Resolve every name of the program.

    Args:
        source: the program.
        declare: spaces beside those of the `where` clause.
        scalars: names that are scalars where nothing declares or defines them.
        brought: functions that the text does not define.

    Raises:
        DeclarationError: declarations or definitions contradict each other.
        UnknownFunctionError: a name stands before a bracket like a function.
    """
    spaces, naturals = _spaces(source, check_declare(declare))
    source = with_exponentials(source, {*spaces, *naturals, *scalars})
    scope = Scope(source, spaces, _definitions(source), functions_of(source), brought, naturals)
    _check_naturals(scope)
    check_names(scope.functions, scope.spaces, brought, source.text)
    scope.gathered |= {*scalars} - scope.spaces.keys() - scope.definitions.keys()
    scope.spaces.update((name, parse_space(name, "R")) for name in scalars if name in scope.gathered)
    scope.homes = _homes(scope)
    scope.bodies = {function.body: function for function in scope.functions.values()}
    scope.order = _order(scope)
    for definition in scope.functions.values():
        check_body(definition, source.text)
    _give_meanings(scope)
    _check_families(scope)
    return scope


def _give_meanings(scope: Scope) -> None:
    """What each name stands for, in order of appearance."""
    dims = _dimension_names(scope)
    bound = _data_indices(scope)
    indices = {tree.word for tree in scope.order if tree.op == "datasum"}
    scope.used |= dims | set(scope.spaces) | set(scope.definitions) | indices
    written = {tree.word for tree in scope.order if tree.op == "name"}
    known = Known(scope.source.text, scope.spaces, scope.definitions, {*scope.functions, *scope.brought}, written)
    for tree in scope.order:
        if tree.op == "pow":
            check_power(tree, known)
        if tree.op == "call":
            check_total(tree, known)
        if tree.op == "name":
            scope.used.add(tree.word)
            own = scope.parameter(tree)
            if own is None:
                check_variable(tree, known)
            scope.meanings[tree] = own or _meaning(scope, tree, dims, indices, bound[tree])
        elif tree.op == "apply" and tree.word in scope.brought:
            _resolve_outer(scope, tree)


def _resolve_outer(scope: Scope, tree: Syntax) -> None:
    """The variables of the formula that a function from outside of the text uses."""
    for outer in scope.brought[tree.word].outer:
        if outer in scope.definitions or outer in scope.functions:
            raise DeclarationError(f"`{outer}` is a variable in the function `{tree.word}` and a definition here",
                                   span=tree.span, text=scope.source.text, hint="choose another name for one of them")
        _symbol(scope, outer, None, None)


def _spaces(source: Source, declare: Mapping[str, str]) -> tuple[dict[str, Space], frozenset[str]]:
    """The declared spaces, and the names that are declared to be sizes."""
    spaces, naturals = dict[str, Space](), set[str]()
    for key, space in declare.items():
        name = check_name(ascii_name(key.strip()))
        _check_reserved(name, None, None)
        if name.endswith("_"):
            raise DeclarationError(f"`{key}` is not a name", hint="a subscript is letters or digits: x_1, x_n")
        if is_natural(space):
            naturals.add(name)
        else:
            _declare(spaces, name, parse_space(name, space))
    for declaration in source.declarations:
        try:
            for name in declaration.names:
                _check_reserved(name, declaration.span, source.text)
                if is_natural(declaration.space):
                    naturals.add(name)
                else:
                    _declare(spaces, name, parse_space(name, declaration.space))
        except DeclarationError as error:
            raise error.located(declaration.span, source.text) from None
    return spaces, frozenset(naturals)


def _check_naturals(scope: Scope) -> None:
    """A size is neither a variable nor a definition."""
    for name in sorted(scope.naturals):
        if name in scope.spaces:
            raise DeclarationError(f"`{name}` is declared twice: a size and {scope.spaces[name].shape.describe()}", hint="leave one of them out")
        if name in scope.definitions:
            raise DeclarationError(f"`{name}` is a size, which cannot be defined", span=scope.definitions[name].span, text=scope.source.text,
                                   hint="write the number in its place")


def _check_reserved(name: str, span: Span | None, text: str | None) -> None:
    """Refuses the names of constants as names of variables and definitions."""
    if name in ("pi", "I"):
        raise DeclarationError(f"`{name}` is a constant of the language and cannot have another meaning",
                               span=span, text=text, hint=f"choose another name, such as {name.lower()}1")


def _declare(spaces: dict[str, Space], name: str, space: Space) -> None:
    known = spaces.get(name)
    if known is not None and known.shape != space.shape:
        raise DeclarationError(f"`{name}` is declared twice: {known.shape.describe()} and {space.shape.describe()}",
                               hint="leave one of them out")
    if known is not None:
        joined = tuple(sorted({*known.properties, *space.properties}))
        space = parse_space(name, f"{space.shape} {' '.join(joined)}")
    spaces[name] = space


def _definitions(source: Source) -> dict[str, Definition]:
    definitions: dict[str, Definition] = {}
    for definition in source.definitions:
        if definition.name in definitions:
            raise DeclarationError(f"`{definition.name}` is defined twice", span=definition.span, text=source.text,
                                   hint="choose another name for one of them")
        _check_reserved(definition.name, definition.span, source.text)
        definitions[definition.name] = definition
    return definitions


def _order(scope: Scope) -> list[Syntax]:
    """Postorder over the expression and the definitions, without recursion; a cycle is an error."""
    order: list[Syntax] = []
    done: set[Syntax] = set()
    active: set[Syntax] = set()
    stack = [(root, False) for root in reversed(scope.roots)]
    while stack:
        tree, ready = stack.pop()
        if ready:
            active.discard(tree)
            done.add(tree)
            order.append(tree)
            continue
        if tree in done:
            continue
        below = scope.below(tree)
        if tree in active or any(t in active for t in below):
            raise DeclarationError(f"`{tree.word}` is defined by itself", span=tree.span, text=scope.source.text,
                                   hint="another name on the left: z = y + 1")
        active.add(tree)
        stack.append((tree, True))
        stack.extend((t, False) for t in reversed(below))
    return order


def _dimension_names(scope: Scope) -> set[str]:
    dims = [d for space in scope.spaces.values() for d in space.shape.dims]
    for tree in scope.order:
        if tree.op in ("ones", "datasum", "call"):
            dims.extend(d for d in tree.data if isinstance(d, Dim))
    names = {name for dim in dims for name in dim.names}
    sized = [tree.word[2:] for tree in scope.order if tree.op == "name" and tree.word.startswith("I_")]
    names |= scope.naturals
    return names | {part for name in sized if name not in names for part in name.split("_")}


def _data_indices(scope: Scope) -> dict[Syntax, Bound]:
    """The data indices bound around each node, with their sizes; a definition takes them from its uses, which may differ.

    A sum inside a definition may use the index of a sum around it: it is another index there.
    """
    homes = scope.homes
    bound: dict[Syntax, dict[str, tuple[tuple[Dim, ...], Syntax]]] = {tree: {} for tree in scope.order}
    for tree in reversed(scope.order):
        inner = bound[tree]
        if tree.op == "datasum":
            size = tree.data[1]
            assert isinstance(size, Dim)
            if tree.word in inner and inner[tree.word][1] is homes[tree]:
                raise DeclarationError(f"the index `{tree.word}` is bound twice", span=tree.span,
                                       text=scope.source.text, hint="a letter of its own for each sum")
            inner = {**inner, tree.word: ((size,), homes[tree])}
        for operand in scope.below(tree):
            outer = bound[operand]
            both = {name: ((*dict.fromkeys((*outer[name][0], *sizes)),), home) for name, (sizes, home) in inner.items() if name in outer}
            bound[operand] = {**outer, **inner, **both} if outer else inner
    return {tree: {name: sizes for name, (sizes, _) in indices.items()} for tree, indices in bound.items()}


def _homes(scope: Scope) -> dict[Syntax, Syntax]:
    """The root of the body that each node stands in."""
    homes: dict[Syntax, Syntax] = {}
    for root in scope.roots:
        stack = [root]
        while stack:
            tree = stack.pop()
            homes[tree] = root
            stack.extend(tree.args)
    return homes


def _meaning(
    scope: Scope, tree: Syntax, dims: set[str], indices: set[str], bound: Bound
) -> Meaning:
    name = tree.word
    if name in scope.definitions:
        return scope.definitions[name]
    if name in scope.spaces and name.rpartition("_")[2] not in bound:
        return _symbol(scope, name, None, None)
    if name in bound:
        raise DeclarationError(f"the index `{name}` cannot be used as a number", span=tree.span,
                               text=scope.source.text, hint="declare a family of numbers instead, such as t_n")
    if name == "pi":
        return "pi"
    if name == "I":
        return "identity"
    if name in ("I0", "I_0"):
        raise DeclarationError("the identity has at least 1 row", span=tree.span, text=scope.source.text, hint="I, I_3 or I_n")
    if name.startswith("I_"):
        return _identity_size(name[2:], dims)
    if name[0] == "I" and name[1:].isdecimal() and 0 < int(name[1:7]) and len(name) < 7:
        return Dim.of(int(name[1:]))
    base, _, subscript = name.rpartition("_")
    if base and subscript in bound:
        for size in bound[subscript]:
            symbol = _symbol(scope, base, subscript, size)
        return symbol
    if base and subscript in indices:
        raise DeclarationError(
            f"`{name}` stands outside the sum over `{subscript}`", span=tree.span, text=scope.source.text,
            hint=f"put brackets around all that is summed: sum_{{{subscript}=1}}^N (a + b)")
    if base and subscript and set(subscript) <= set(bound):
        raise DeclarationError(f"`{name}` has several data indices; a family has one", span=tree.span,
                               text=scope.source.text, hint="one index for a member: x_n; two in index notation")
    if name in dims:
        return Dim.of(name)
    return _symbol(scope, name, None, None)


def _identity_size(subscript: str, dims: set[str]) -> Dim:
    """The size of `I_n`, also of `I_{m n}`."""
    if subscript in dims:
        return Dim.of(subscript)
    size = Dim.of(1)
    for name in subscript.split("_"):
        size = size * Dim.of(name)
    return size


def _symbol(scope: Scope, name: str, index: str | None, size: Dim | None) -> Symbol:
    key = (name, index, size)
    if key not in scope.symbols:
        space = scope.spaces.get(name)
        if index is not None:
            keys = [f"{name}_{index}", *(k for k in scope.spaces if k.rpartition("_")[0] == name)]
            space = next((scope.spaces[k] for k in keys if k in scope.spaces), None)
        scope.symbols[key] = Symbol(name, space, index, size)
    return scope.symbols[key]


def _check_families(scope: Scope) -> None:
    """A name is a family or a plain variable, and a family has one size."""
    kinds: dict[str, Symbol] = {}
    for symbol in scope.symbols.values():
        other = kinds.setdefault(symbol.name, symbol)
        if (other.index is None) != (symbol.index is None):
            index = symbol.index or other.index
            raise DeclarationError(f"`{symbol.name}` is both a variable and the family `{symbol.name}_{index}`",
                                   text=scope.source.text, hint="choose another name for one of them")
        if other.size != symbol.size:
            raise DeclarationError(f"the family `{symbol.name}` has {other.size} and {symbol.size} members",
                                   text=scope.source.text,
                                   hint="a family is summed to its end: one letter for its size")
