"""What the names of a formula in index notation are, before its indices are resolved: arrays, definitions, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from matcalc.core.arguments import check_declare, described
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, MatcalcError, ParseError, ShapeError, Span
from matcalc.core.names import check_name
from matcalc.syntax.index_outline import Outline, outline
from matcalc.syntax.index_parse import parse_index
from matcalc.syntax.names import ascii_name
from matcalc.syntax.spaces import is_natural, parse_axes, parse_dim, parse_space
from matcalc.syntax.subscripts import Slots, is_in_doubt, subscripted
from matcalc.syntax.tree import Syntax

CONSTANTS = frozenset(("delta", "I", "ones"))
"""Names that stand for the Kronecker delta and for ones when they have indices and nothing declares them."""

_OF_ARRAYS = ("softmax", "logsumexp", "expm", "inv", "det", "tr", "norm1?", "sum", "mean")
"""Functions, logdet among them, whose argument is an array."""



@dataclass(frozen=True, slots=True)
class Declared:
    """The declared axes of an array."""

    dims: tuple[Dim | None, ...]
    properties: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A definition of the where clause; `body` is None where it is in the matrix language."""

    name: str
    formals: tuple[str, ...]
    body: Syntax | None
    left: Span
    right: Span


@dataclass(slots=True)
class Names:
    """The program with its names told apart.

    Attributes:
        outline: the text in parts.
        body: the expression.
        formulas: definitions by name.
        declared: declared arrays by name.
        ranks: how many indices each array has, by what is declared or written.
        dims: names of sizes.
        letters: every letter that stands as an index somewhere.
        wrt: the components to differentiate by, with their text.
        exponentials: whether `e` is the base of exponentials: it stands as the base of powers alone.
    """

    outline: Outline
    body: Syntax
    formulas: dict[str, Formula] = field(default_factory=dict)
    declared: dict[str, Declared] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    dims: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    wrt: list[tuple[Syntax, str]] = field(default_factory=list)
    exponentials: bool = False

    def nodes(self) -> Iterator[Syntax]:
        """All nodes of the expression, of definitions in index notation and of what one differentiates by."""
        for tree in (self.body, *(f.body for f in self.formulas.values() if f.body is not None), *(t for t, _ in self.wrt)):
            yield from _nodes(tree)

    def slots_of(self, tree: Syntax) -> Slots | None:
        """The indices of a name, digits taken apart where the array has so many."""
        slots, split = _read(tree)
        known = self.ranks.get(tree.word)
        return split if split is not None and known == len(split) != len(slots or ()) else slots

    def is_whole(self, tree: Syntax) -> bool:
        """Whether a name with a subscript is that of a scalar, such as `x_max` that is declared so."""
        whole = str(tree.data[3])
        known = whole in self.declared or whole in self.formulas
        return tree.data[1] is not None and known and tree.word not in self.ranks and self.ranks.get(whole) == 0


def names_of(text: str, declare: Mapping[str, str] | None, wrt: tuple[str, ...] = ()) -> Names:
    """The names of a formula.

    Raises:
        MatcalcError: with the place, for what is not understood.
    """
    parts = outline(text)
    names = Names(parts, parse_index(parts.masked, parts.body, text))
    for component in wrt:
        names.wrt.append((_component(component), component))
    for rule in parts.rules:
        formula = _formula(parts, rule.left, rule.right)
        if formula.name in names.formulas:
            raise DeclarationError(f"`{formula.name}` is defined twice", span=formula.left, text=text,
                                   hint="choose another name for one of them")
        names.formulas[formula.name] = formula
    _read_matrix_definitions(names)
    _declare(names, declare)
    _collect(names)
    return names


def _component(text: str) -> Syntax:
    """The component that one differentiates by."""
    if not isinstance(text, str) or not text.strip():
        raise DeclarationError(f"{described(text)} is no component to differentiate by", hint='wrt="x_k"')
    tree = parse_index(text, Span(0, len(text)), text)
    if tree.op != "name":
        raise DeclarationError(f"`{text.strip()}` is no component to differentiate by", hint='wrt="x_k", wrt="W_ij"')
    return tree


def _formula(parts: Outline, left: Span, right: Span) -> Formula:
    head = parse_index(parts.masked, left, parts.text)
    slots = head.data[1] if head.op == "name" else ()
    if head.op != "name" or not all(isinstance(s, str) for s in slots or ()):  # type: ignore[attr-defined]
        raise DeclarationError("the left of a definition is a name with its indices", span=left, text=parts.text,
                               hint="z_i = sum_j A_ij x_j")
    formals = tuple(str(s) for s in slots or ())  # type: ignore[attr-defined]
    if len(set(formals)) < len(formals):
        raise DeclarationError("an index stands twice on the left of a definition", span=left, text=parts.text,
                               hint="d_i = A_ii")
    if head.word in CONSTANTS or head.word == "pi":
        raise DeclarationError(f"`{head.word}` is a constant, which cannot be defined", span=left, text=parts.text,
                               hint="another name on the left")
    return Formula(head.word, formals, None, left, right)


def _read_matrix_definitions(names: Names) -> None:
    """Definitions without indices are in the matrix language where their name is used with indices, or is an array's.

    Else they are scalars: in the matrix language too, unless something in them has indices.
    """
    masked, text = names.outline.masked, names.outline.text
    for name, formula in names.formulas.items():
        right = masked[formula.right.start : formula.right.end]
        if formula.formals or (("_" in right or "[" in right or any(c in right for c in "ᵢⱼₖₘₙ∑")) and not _is_used(names, name)):
            body = parse_index(masked, formula.right, text)
            names.formulas[name] = Formula(name, formula.formals, body, formula.left, formula.right)


def _is_used(names: Names, name: str) -> bool:
    """Whether the name has indices in the expression, or is the whole argument of a function of arrays."""
    whole = re.search(rf"(?:{'|'.join(_OF_ARRAYS)})\(\s*{name}\s*\)", names.outline.text)
    return whole is not None or any(t.op == "name" and t.word == name and t.data[1] is not None for t in _nodes(names.body))


def _is_whole(names: Names, name: str) -> bool:
    """Whether the name stands in a part of the matrix language, which tells its rank."""
    outline = names.outline
    return any(re.search(rf"(?<!\w){name}(?!\w)", outline.text[span.start : span.end]) for span in outline.islands.values())


def _nodes(tree: Syntax) -> Iterator[Syntax]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def _declare(names: Names, declare: Mapping[str, str] | None) -> None:
    for key, space in check_declare(declare).items():
        _declare_one(names, key.strip(), space)
    for item in names.outline.spaces:
        try:
            _declare_one(names, item.name, item.space)
        except MatcalcError as error:
            raise error.located(item.span, names.outline.text) from None


def _declare_one(names: Names, key: str, space: str) -> None:
    """Notes `A in R^{m x n}`, `x_n in R^D` for an array with a leading axis, or `n in N` for a size."""
    if is_natural(space):
        names.dims.add(check_name(ascii_name(key)))
        return
    if key[0] in "_^{":
        raise DeclarationError(f"`{key}` is not a name", hint="a subscript stands after a name: A_ij")
    dims, properties = parse_axes(key, space)
    base, lead = _leading(names, key)
    name = check_name(base)
    if len(dims) <= 2:
        properties = parse_space(name, space).properties
    elif properties:
        raise DeclarationError(f"`{name}` has {len(dims)} axes: only a matrix has properties",
                               hint="leave the properties out")
    declared = Declared((*(None for _ in range(lead)), *dims), properties if not lead else (), space)
    known = names.declared.get(name)
    if known is not None and (known.dims != declared.dims):
        raise DeclarationError(f"`{name}` is declared twice: {known.text.strip()} and {space.strip()}",
                               hint="leave one of them out")
    names.declared[name] = declared
    names.dims.update(n for d in dims for n in d.names)


def _leading(names: Names, key: str) -> tuple[str, int]:
    """The array that a declaration is about, and how many axes the indices below its name stand for."""
    whole, words = ascii_name(key), {t.word for t in names.nodes() if t.op == "name"}
    if whole in words or "_" not in key:
        return whole, 0
    found = subscripted(key)
    letters = found.slots or ()
    if found.base in words and 0 < len(letters) < 3 and all(isinstance(s, str) for s in letters):
        return found.base, len(letters)
    return whole, 0


def _collect(names: Names) -> None:
    """Ranks of arrays, names of sizes and letters of indices."""
    for name, declared in names.declared.items():
        names.ranks[name] = len(declared.dims)
    for name, formula in names.formulas.items():
        names.ranks[name] = len(formula.formals) if formula.body is not None or not (_is_used(names, name) or _is_whole(names, name)) else -1
        names.letters.update(formula.formals)
    unclear: list[Syntax] = []
    for node in names.nodes():
        _collect_node(names, node, unclear)
    trees = list(names.nodes())
    bases = {t.args[0] for t in trees if t.op == "pow" and t.args[1].number is None}
    names.exponentials = "e" not in names.ranks and all(t in bases for t in trees if t.op == "name" and t.word == "e")
    for name in [n for n, rank in names.ranks.items() if rank < 0]:
        del names.ranks[name]
    _check_sizes(names)
    for node in names.nodes():
        _check_touching(names, node)
    for node in unclear:
        if node.word not in names.ranks and node.word not in names.formulas and node.word[0].isupper():
            slots, split = _read(node)
            raise ParseError(f"does `{node.word}` have the positions {_comma(split)} or the position {_comma(slots)}?",
                             span=node.span, text=names.outline.text,
                             hint=f"write {node.word}_{{{_comma(split)}}}, or declare {node.word}")


def _check_sizes(names: Names) -> None:
    """A size is no definition, and a sum does not end at an index."""
    for name in names.dims & names.formulas.keys():
        raise DeclarationError(f"`{name}` is a size, which cannot be defined", span=names.formulas[name].left,
                               text=names.outline.text, hint="write the number in its place")
    for node in names.nodes():
        if node.op == "indexsum" and node.data[1] is not None:
            index = min(names.letters.intersection(sum_end(node, names.outline.text).names), default=None)
            if index is not None:
                raise DeclarationError(f"`{index}` is an index, and a sum ends at a size", span=node.span,
                                       text=names.outline.text, hint="sum_{i=1}^n")


def _check_touching(names: Names, node: Syntax) -> None:
    """Refuse `x_ix_j` and `A_i_j`, where the first subscript may be indices."""
    if node.op != "name" or node.data[1] is None or node.word in names.declared or node.word in names.formulas:
        return
    text = next((t for tree, t in names.wrt if tree is node), names.outline.text)
    word = text[node.span.start : node.span.end].strip()
    if is_in_doubt(word):
        base, below = node.word.rsplit("_", 1)
        raise ParseError(f"does `{word}` have one subscript or two?", span=node.span, text=text,
                         hint=f"put a space between factors; a name with a subscript is written {base}_{{{below}}}_i")


def _comma(slots: Slots | None) -> str:
    return ",".join(map(str, slots or ()))


def _read(tree: Syntax) -> tuple[Slots | None, Slots | None]:
    slots, split = tree.data[1], tree.data[2]
    assert slots is None or isinstance(slots, tuple)
    assert split is None or isinstance(split, tuple)
    return slots, split


def _collect_node(names: Names, node: Syntax, unclear: list[Syntax]) -> None:
    if node.op == "indexsum":
        letters, end = node.data
        assert isinstance(letters, tuple)
        names.letters.update(letters)
        if end is not None:
            names.dims.update(sum_end(node, names.outline.text).names)
    elif node.op in ("island", "entry", "gather"):
        slots = node.data[-1]
        assert isinstance(slots, tuple)
        names.letters.update(s for s in slots if isinstance(s, str))
    elif node.op == "name" and node.data[1] is not None and not names.is_whole(node):
        slots, split = _read(node)
        names.letters.update(s for s in slots or () if isinstance(s, str))
        if node.word in CONSTANTS and node.word not in names.declared:
            return
        if split is not None:
            unclear.append(node)
        elif names.ranks.setdefault(node.word, len(slots or ())) < 0:
            names.ranks[node.word] = len(slots or ())


def sum_end(tree: Syntax, text: str) -> Dim:
    """Where a sum ends, as a size."""
    letters, end = tree.data
    assert isinstance(letters, tuple) and isinstance(end, str)
    try:
        size = parse_dim(end, "the sum")
    except DeclarationError:
        raise ParseError(f"`{end}` is not the end of a sum: a name or a number is", span=tree.span, text=text,
                         hint="sum_{n=1}^N x_n") from None
    if set(size.names) & set(letters):
        raise ParseError(f"`{end}` is both the index and the end of the sum", span=tree.span, text=text,
                         hint="two letters: sum_{n=1}^N x_n")
    return size


def rank_error(name: str, known: int, slots: int) -> ShapeError:
    """The error for an array that has another number of indices elsewhere."""
    counts = {0: "no index", 1: "one index", 2: "two indices", 3: "three indices"}
    found, wanted = counts.get(slots, f"{slots} indices"), counts.get(known, f"{known} indices")
    if known == 0:
        return ShapeError(f"`{name}` is a scalar, and has {found} here",
                          hint=f"`{name}` alone, or another name for the array")
    return ShapeError(f"`{name}` has {wanted}, and {found} here",
                      hint=f"the same number of indices wherever `{name}` stands")
