"""Indices of index notation: which are free, which are bound and where, and how far they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, MatcalcError, ParseError, ShapeError, Span
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.expr.components import Index, Slot, Term, term
from matcalc.syntax.index_scope import CONSTANTS, Names, rank_error, sum_end
from matcalc.syntax.index_selection import selection
from matcalc.syntax.sizes import Sizes
from matcalc.syntax.tree import Syntax

ARRAY_FUNCTIONS = ("det", "logdet", "tr", "norm", "norm1", "sum", "mean", "logsumexp", "softmax", "expm", "inv")
"""What an array that is written by its entries can stand in."""
SAME_SHAPE = ("softmax", "expm", "inv", "matpow")
"""Those whose value is an array itself, of the same axes."""
SQUARE = ("det", "logdet", "tr", "expm", "inv", "matpow")

Env = Mapping[str, Index]


@dataclass(slots=True)
class Extents:
    """How far indices run: classes of equal sizes, and why they are equal."""

    sizes: Sizes = field(default_factory=Sizes)
    arrays: dict[str, list[int]] = field(default_factory=dict)
    indices: dict[Index, int] = field(default_factory=dict)
    pairs: list[tuple[int, int, str, Span]] = field(default_factory=list)
    positions: list[tuple[int, int, str, Span]] = field(default_factory=list)
    ends: list[tuple[Index, Dim, Index | None, Span]] = field(default_factory=list)

    def index(self, letter: str) -> Index:
        """A new index."""
        index = Index(letter)
        self.indices[index] = self.sizes.fresh()
        return index

    def tie(self, slot: Slot, axis: int, name: str, span: Span) -> None:
        """An index runs along an axis, or a position lies on it."""
        if isinstance(slot, int):
            self.positions.append((slot, axis, name, span))
            return
        self.equal(self.indices[slot], axis, f"the index `{slot.letter}`", span)

    def equal(self, one: int, other: int, what: str, span: Span) -> None:
        """Two sizes are one."""
        self.pairs.append((one, other, what, span))
        self.sizes.unify(one, other)


class Resolver:
    """Resolves one expression: the body of the program or of a definition.

    Args:
        names: the names of the program.
        extents: classes of sizes, shared by all expressions of the program.
        formals: the indices that are given from outside.
        einstein: whether an index that occurs twice in a product is summed.
    """

    def __init__(self, names: Names, extents: Extents, formals: Env, einstein: bool) -> None:
        self.names = names
        self.extents = extents
        self.formals = dict(formals)
        self.einstein = einstein
        self.text = names.outline.text
        self.free: dict[str, Index] = {}
        self.free_spans: dict[str, Span] = {}
        self.bound_spans: dict[str, Span] = {}
        self.plain: dict[str, Span] = {}

    def run(self, tree: Syntax) -> Term:
        """The term of an expression, its indices checked against each other."""
        result = self.visit(tree, self.formals)
        for letter, span in self.free_spans.items():
            if letter in self.bound_spans:
                self.fail(DeclarationError, f"the index `{letter}` is summed in one place and stands free in another", span,
                          f"rename one of them, or put brackets around all that is summed: sum_{letter} (a_{letter} + b_{letter})")
        for name, span in self.plain.items():
            if name in self.free or name in self.bound_spans:
                self.fail(DeclarationError, f"the index `{name}` cannot be used as a number", span,
                          "give the scalar another name")
        return result

    def fail(self, kind: type[MatcalcError], message: str, span: Span, hint: str | None = None) -> None:
        """Raises with the place in the text."""
        raise kind(message, span=span, text=self.text, hint=hint)

    def visit(self, tree: Syntax, env: Env, factor: bool = False) -> Term:
        """The term of a node; `factor` says that it stands in a product, which sums for it."""
        twice = () if factor or not self.einstein else self.contracted(tree, env)
        inner = dict(env)
        for letter in twice:
            self.bound_spans.setdefault(letter, tree.span)
            inner[letter] = self.extents.index(letter)
        try:
            result: Term = getattr(self, f"_{tree.op}")(tree, inner)
        except MatcalcError as error:
            raise error.located(tree.span, self.text) from None
        return term("sum", (result,), tuple(inner[letter] for letter in twice), tree.span) if twice else result

    # ------------------------------------------------------------ the summation convention
    def contracted(self, tree: Syntax, env: Env) -> tuple[str, ...]:
        """The letters that occur twice in a product and are not bound around it."""
        if tree.op not in ("product", "name", "island", "entry"):
            return ()
        counts = Counter(letter for letter in self.held(tree, frozenset(env)) if letter not in env)
        many = next((letter for letter, n in counts.items() if n > 2), None)
        if many is not None:
            self.fail(DeclarationError, f"the index `{many}` occurs {counts[many]} times in one product", tree.span,
                      f"under the summation convention it occurs once or twice; write sum_{many}")
        return tuple(letter for letter, n in counts.items() if n == 2)

    def held(self, tree: Syntax, fixed: frozenset[str]) -> Iterator[str]:
        """The letters of a node as a product around it counts them."""
        if tree.op == "product":
            for arg in tree.args:
                yield from self.held(arg, fixed) if arg.op in ("name", "island", "entry") else self.left(arg, fixed)
        elif tree.op == "name":
            slots = None if self.names.is_whole(tree) else self.names.slots_of(tree)
            yield from (s for s in slots or () if isinstance(s, str))
        elif tree.op in ("island", "entry"):
            slots = tree.data[-1]  # type: ignore[assignment]
            yield from (s for s in slots or () if isinstance(s, str))
            yield from (letter for arg in tree.args for letter in self.left(arg, fixed))
        else:
            yield from self.left(tree, fixed)

    def left(self, tree: Syntax, fixed: frozenset[str]) -> list[str]:
        """The letters that are free in a node once its own products are summed, each once."""
        if tree.op in ("indexsum", "gather"):
            letters = tree.data[0]
            assert isinstance(letters, tuple)
            inner = self.left(tree.args[0], fixed | set(letters))
            return [letter for letter in inner if letter not in letters]
        if tree.op == "selection":
            return [n.word for n in _names(tree) if n.word in self.names.letters]
        if tree.op in ("product", "name", "island", "entry"):
            counts = Counter(self.held(tree, fixed))
            return [letter for letter, n in counts.items() if n != 2 or letter in fixed]
        return list(dict.fromkeys(letter for arg in tree.args for letter in self.left(arg, fixed)))

    # ------------------------------------------------------------ names
    def slot(self, name: str | int, env: Env, span: Span) -> Slot:
        """The index that a letter stands for."""
        if isinstance(name, int):
            return name
        if name in env:
            return env[name]
        if name not in self.free:
            self.free[name] = self.extents.index(name)
            self.free_spans[name] = span
        return self.free[name]

    def _name(self, tree: Syntax, env: Env) -> Term:
        slots = None if self.names.is_whole(tree) else self.names.slots_of(tree)
        name = str(tree.data[3]) if self.names.is_whole(tree) else tree.word
        known = self.names.ranks.get(name)
        if name in CONSTANTS and slots is not None and known != len(slots):
            return self.constant(tree, slots, env)
        if slots is None and known is None:
            return self.bare(tree, name, env)
        if name in env and slots is None:
            self.number_of_index(name, tree.span)
        if known is not None and known != len(slots or ()):
            raise rank_error(name, known, len(slots or ()))
        self.names.ranks[name] = len(slots or ())
        places = tuple(self.slot(s, env, tree.span) for s in slots or ())
        for place, axis in zip(places, self.axes(name, len(places)), strict=True):
            self.extents.tie(place, axis, name, tree.span)
        if slots is None:
            self.plain.setdefault(name, tree.span)
        return term("defined" if name in self.names.formulas else "array", (), (name,), tree.span, places)

    def axes(self, name: str, rank: int) -> list[int]:
        """The size classes of an array."""
        if name not in self.extents.arrays:
            declared = self.names.declared.get(name)
            dims = declared.dims if declared else (None,) * rank
            sizes = self.extents.sizes
            self.extents.arrays[name] = [sizes.fresh() if d is None else sizes.constant(d) for d in dims]
        return self.extents.arrays[name]

    def constant(self, tree: Syntax, slots: tuple[str | int, ...], env: Env) -> Term:
        """delta_ij, also written I_ij; ones_i."""
        if tree.word == "ones":
            return term("ones", (), (), tree.span, tuple(self.slot(s, env, tree.span) for s in slots))
        if len(slots) != 2:
            raise ShapeError(f"the Kronecker delta has two indices, not {len(slots)}", hint=f"{tree.word}_ij")
        places = tuple(self.slot(s, env, tree.span) for s in slots)
        held = [p for p in places if isinstance(p, Index)]
        if len(held) == 2:
            one, other = (self.extents.indices[p] for p in held)
            self.extents.equal(one, other, f"the indices `{held[0].letter}` and `{held[1].letter}` of delta", tree.span)
        elif len(held) == 1:
            position = next(p for p in places if isinstance(p, int))
            self.extents.tie(position, self.extents.indices[held[0]], held[0].letter, tree.span)
        return term("delta", (), (), tree.span, places)

    def bare(self, tree: Syntax, name: str, env: Env) -> Term:
        """A name without indices: a number, a size or a scalar."""
        if name in env:
            self.number_of_index(name, tree.span)
        if name == "pi":
            return term("pi", (), (), tree.span)
        if name == "I":
            raise ShapeError("the identity stands here without indices", hint="delta_ij, or I_ij")
        self.plain.setdefault(name, tree.span)
        if name in self.names.dims:
            return term("size", (), (Dim.of(name),), tree.span)
        self.names.ranks[name] = 0
        self.axes(name, 0)
        return term("array", (), (name,), tree.span)

    def number_of_index(self, name: str, span: Span) -> None:
        """Refuses an index that stands as a number."""
        self.fail(DeclarationError, f"the index `{name}` cannot be used as a number", span,
                  f"use a component instead, such as t_{name}")

    # ------------------------------------------------------------ arithmetic
    def _num(self, tree: Syntax, env: Env) -> Term:
        return term("num", (), (tree.data[0],), tree.span)

    def _add(self, tree: Syntax, env: Env) -> Term:
        args = [self.visit(a, env) for a in tree.args]
        first = next((a for a in args if a.free), None)
        for arg in args:
            if first is not None and arg.free and set(arg.free) != set(first.free):
                self.uneven(first, arg)
        return term("add", args, tree.data, tree.span)

    def uneven(self, first: Term, other: Term) -> None:
        """Refuses a sum of terms with different free indices."""
        one, two = (self.text[t.span.start : t.span.end].strip() for t in (first, other))
        extra = [i.letter for i in other.free if i not in first.free]
        summed = next((letter for letter in extra if letter in self.bound_spans), None)
        hint = "every term has the same free indices; numbers and scalars go with all"
        if summed:
            hint = f"the sum takes its own term alone: sum_{summed} (a_{summed} + b_{summed}) takes both"
        self.fail(ShapeError, f"the terms of a sum have different free indices: `{_clip(one)}` has {_list(first)}, "
                  f"`{_clip(two)}` has {_list(other)}", other.span, hint)

    def _neg(self, tree: Syntax, env: Env) -> Term:
        return term("add", (self.visit(tree.args[0], env),), (-1,), tree.span)

    def _product(self, tree: Syntax, env: Env) -> Term:
        args = [self.visit(a, env, factor=True) for a in tree.args]
        for op, arg in zip(tree.data, tree.args, strict=True):
            if op == "/" and arg.number == 0:
                self.fail(ParseError, "division by zero", arg.span, "a denominator other than 0")
        return term("product", args, tree.data, tree.span)

    def _pow(self, tree: Syntax, env: Env) -> Term:
        base, exponent = tree.args
        if base.op == "gather" or (base.op == "call" and base.word in SAME_SHAPE and _is_array(base)):
            raise ShapeError("the power of an array stands in brackets with its indices", hint="([A_ij + B_ij]_ij^2)_kl")
        if base.number == 0 and (exponent.number or Fraction(0)) < 0:
            self.fail(ParseError, "division by zero", tree.span, "a base other than 0")
        if self.names.exponentials and base.op == "name" and base.word == "e":
            return term("call", (self.visit(exponent, env),), ("exp",), tree.span)
        return term("power", (self.visit(base, env), self.visit(exponent, env)), (), tree.span)

    def _abs(self, tree: Syntax, env: Env) -> Term:
        return term("call", (self.visit(tree.args[0], env),), ("abs",), tree.span)

    def _compare(self, tree: Syntax, env: Env) -> Term:
        assert tree.word in COMPARISONS
        return term("call", [self.visit(a, env) for a in tree.args], (tree.word,), tree.span)

    def _selection(self, tree: Syntax, env: Env) -> Term:
        return selection(self, tree, env)

    def _indexsum(self, tree: Syntax, env: Env) -> Term:
        letters, end = tree.data
        assert isinstance(letters, tuple)
        if len(set(letters)) < len(letters):
            raise DeclarationError("an index stands twice below one sum",
                                   hint="a letter of its own for each index of a sum")
        inner = dict(env)
        for letter in letters:
            if letter in env:
                self.fail(DeclarationError, f"the index `{letter}` is bound twice", tree.span,
                          "give the inner sum another letter")
            self.bound_spans.setdefault(letter, tree.span)
            inner[letter] = self.extents.index(letter)
            if end is not None:
                size = self.extents.sizes.constant(sum_end(tree, self.text))
                self.extents.tie(inner[letter], size, "the sum", tree.span)
        body = self.visit(tree.args[0], inner)
        indices = tuple(inner[letter] for letter in letters)
        return term("sum", (body,), indices, tree.span)

    # ------------------------------------------------------------ functions and arrays
    def _call(self, tree: Syntax, env: Env) -> Term:
        if _is_array(tree):
            return self.of_array(tree, (), env)
        if tree.word not in FUNCTIONS:
            raise ParseError(f"`{tree.word}` is a function of whole arrays", hint=f"{tree.word}(A), or {tree.word}([a_ij]_ij)")
        return term("call", [self.visit(a, env) for a in tree.args], (tree.word,), tree.span)

    def _island(self, tree: Syntax, env: Env) -> Term:
        key, slots = tree.data
        assert isinstance(key, int) and isinstance(slots, tuple)
        name = f"({key})"
        axes = self.extents.arrays[name]
        if len(axes) != len(slots):
            span = self.names.outline.islands[key]
            raise rank_error(_clip(self.text[span.start : span.end]), len(axes), len(slots))
        places = tuple(self.slot(s, env, tree.span) for s in slots)
        for place, axis in zip(places, axes, strict=True):
            self.extents.tie(place, axis, name, tree.span)
        return term("island", (), (key,), tree.span, places)

    def _gather(self, tree: Syntax, env: Env) -> Term:
        raise ShapeError("an array in square brackets stands in a function of arrays", hint="det([A_ij + B_ij]_ij)")

    def _entry(self, tree: Syntax, env: Env) -> Term:
        inner, slots = tree.args[0], tree.data[0]
        assert isinstance(slots, tuple)
        if not _is_array(inner):
            raise ParseError("indices stand below names and arrays", hint="(A x)_i, softmax(x)_i")
        return self.of_array(inner, tuple(self.slot(s, env, tree.span) for s in slots), env)

    def of_array(self, tree: Syntax, slots: tuple[Slot, ...], env: Env) -> Term:
        """A component of a function of an array that is written by its entries."""
        name = "matpow" if tree.op == "pow" else tree.word
        argument = tree.args[0]
        if argument.op != "gather":
            raise ShapeError("functions of arrays that are written by their entries do not nest", hint="name the inner one")
        letters = argument.data[0]
        assert isinstance(letters, tuple)
        if len(set(letters)) < len(letters) or not all(isinstance(s, str) and s not in env for s in letters):
            raise DeclarationError("the indices of an array are letters, each once and bound nowhere else",
                                   hint="C_ij = sum_k A_ik B_kj")
        inner = {**env, **{letter: self.extents.index(letter) for letter in letters}}
        self.bound_spans.update({letter: argument.span for letter in letters})
        own = tuple(inner[letter] for letter in letters)
        body = term("gather", (self.visit(argument.args[0], inner),), own, argument.span)
        if name in SQUARE:
            if len(own) != 2:
                raise ShapeError(f"`{name}` is of square matrices, and this array has {len(own)} axes",
                                 hint="two indices for a matrix")
            one, other = (self.extents.indices[i] for i in own)
            self.extents.equal(one, other, "a square matrix", tree.span)
        if len(slots) != (len(own) if name in SAME_SHAPE else 0):
            raise rank_error(name, len(own) if name in SAME_SHAPE else 0, len(slots))
        for place, index in zip(slots, own if slots else (), strict=True):
            self.extents.tie(place, self.extents.indices[index], name, tree.span)
        return self.array_term(tree, name, body, slots)

    def array_term(self, tree: Syntax, name: str, body: Term, slots: tuple[Slot, ...]) -> Term:
        """The term of a function, or of a whole power, of an array."""
        if name in ("matpow", "inv"):
            k = Fraction(-1) if name == "inv" else tree.args[1].number
            if k is None or k.denominator != 1:
                raise ShapeError("the power of a matrix is a whole number", hint="a whole number, as in A^2")
            return term("matpow", (body,), (int(k),), tree.span, slots)
        return term("of_array", (body,), (name,), tree.span, slots)


def _is_array(tree: Syntax) -> bool:
    """Whether it is an array written by its entries, or a function or power of one."""
    if tree.op == "gather":
        return True
    inner = tree.op == "pow" or (tree.op == "call" and tree.word in ARRAY_FUNCTIONS)
    return inner and tree.args[0].op == "gather"


def _names(tree: Syntax) -> Iterator[Syntax]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.op == "name":
            yield node
        stack.extend(reversed(node.args))


def _clip(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _list(t: Term) -> str:
    return ", ".join(i.letter for i in t.free)
