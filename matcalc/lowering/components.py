"""Index notation to index form: every term as a tensor with one axis for each index that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.dims import ONE, Dim
from matcalc.core.errors import MatcalcError, ShapeError
from matcalc.core.functions import COMPARISONS
from matcalc.core.traversal import fold
from matcalc.expr.components import Array, Components, Index, Slot, Term
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import rebuild
from matcalc.lowering.lower import lower

MAX_FORMULA_AXES = 12
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A tensor with the index of each axis."""

    tensor: Tensor
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True)
class Lowered:
    """A formula in index form.

    Attributes:
        tensor: the formula, its axes in the order of its free indices.
        variables: the tensor of each variable.
        definitions: the tensor of each definition.
    """

    tensor: Tensor
    variables: Mapping[str, Tensor]
    definitions: Mapping[str, Tensor]


def lower_components(program: Components) -> Lowered:
    """The index form of a formula in index notation.

    Raises:
        MatcalcError: with the place, for what index form does not hold.
    """
    lowering = _Lowering(program)
    for name, defined in program.definitions.items():
        if defined.body is not None:
            lowering.definitions[name] = lowering.along(defined.body, defined.formals)
        elif defined.expr is not None:
            lowering.definitions[name] = lowering.island(defined.expr)
    tensor = lowering.along(program.body, program.free)
    return Lowered(tensor, lowering.variables, lowering.definitions)


def variable(array: Array) -> Tensor:
    """The tensor of a variable."""
    return b.var(array.name, array.axes, array.properties, array.family)


def select(tensor: Tensor, slots: Sequence[Slot]) -> Indexed:
    """The components of a tensor with given indices and positions: repeated indices are diagonals."""
    parts: list[tuple[Tensor, tuple[object, ...]]] = [(tensor, tuple(s if isinstance(s, Index) else ("at", n)
                                                                     for n, s in enumerate(slots)))]
    for n, slot in enumerate(slots):
        if isinstance(slot, int):
            parts.append((b.basis(Dim.of(slot - 1), tensor.axes[n]), (("at", n),)))
    out = tuple(dict.fromkeys(s for s in slots if isinstance(s, Index)))
    return Indexed(b.contract(parts, out), out)


class _Lowering:
    def __init__(self, program: Components) -> None:
        self.program = program
        self.variables = {name: variable(array) for name, array in program.arrays.items()}
        self.definitions: dict[str, Tensor] = {}

    def along(self, term: Term, indices: Sequence[Index]) -> Tensor:
        """The tensor of a term with its axes in the given order, constant along those that it does not depend on."""
        value = fold(term, self.visit)
        return _spread(value, tuple(indices))

    def visit(self, term: Term, args: tuple[Indexed, ...]) -> Indexed:
        """The value of a term on those of its operands."""
        if len(term.free) > MAX_FORMULA_AXES:
            raise ShapeError(f"a part has more than {MAX_FORMULA_AXES} free indices", span=term.span, text=self.program.text,
                             hint="sums inside of a part bind its indices")
        try:
            if term.op in ("array", "defined"):
                return select((self.variables if term.op == "array" else self.definitions)[term.word], term.slots)
            if term.op == "island":
                return select(self.island(self.program.islands[int(term.word)]), term.slots)
            return LOWERINGS[term.op](term, args)
        except MatcalcError as error:
            raise error.located(term.span, self.program.text) from None

    def island(self, expr: Expr) -> Tensor:
        """An expression of the matrix language; definitions of index notation in it are written out."""
        leaves = {b.var(n, t.axes): t for n, t in self.definitions.items()}
        return fold(lower(expr), lambda t, args: rebuild(t, args), leaves)


def _spread(value: Indexed, indices: tuple[Index, ...]) -> Tensor:
    """The tensor along exactly these indices."""
    missing = [i for i in indices if i not in value.indices]
    parts = [(value.tensor, value.indices), *((b.ones((i.extent,)), (i,)) for i in missing)]
    return b.contract(parts, indices)


def _union(values: Sequence[Indexed]) -> tuple[Index, ...]:
    return tuple(dict.fromkeys(i for v in values for i in v.indices))


def _number(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    return Indexed(b.const(Fraction(term.word)))


def _size(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    dim = term.data[0]
    assert isinstance(dim, Dim)
    return Indexed(b.size(dim))


def _delta(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    held = [s for s in term.slots if isinstance(s, Index)]
    if not held:
        return Indexed(b.const(int(term.slots[0] == term.slots[1])))
    return select(b.delta(held[0].extent), term.slots)


def _ones(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    return Indexed(b.ones(tuple(i.extent for i in term.free)), term.free)


def _position(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    position, (index,) = term.data[0], term.slots
    assert isinstance(position, Dim) and isinstance(index, Index)
    return Indexed(b.basis(position - ONE, index.extent), (index,))


def _shift(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    (whole, part), offset = term.slots, term.data[0]
    assert isinstance(whole, Index) and isinstance(part, Index) and isinstance(offset, Dim)
    if whole is part:
        return Indexed(b.const(int(not offset.terms)))
    return Indexed(b.contract([(b.embed(offset, part.extent, whole.extent), (part, whole))], (whole, part)), (whole, part))


def _pair(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    k, i, j = (s for s in term.slots if isinstance(s, Index))
    if len({k, i, j}) < 3:
        raise ShapeError("the three indices of a pair are different ones", hint="three different letters")
    return Indexed(b.contract([(b.fuse(i.extent, j.extent), (k, j, i))], (k, i, j)), (k, i, j))


def _add(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    out = _union(args)
    tensors = [_spread(a, out) for a in args]
    signs = [Fraction(str(s)) for s in term.data]
    return Indexed(b.lin(zip(signs, tensors, strict=True), tensors[0].axes), out)


def _product(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    parts = [
        (a.tensor if op == "*" else b.power(a.tensor, b.const(-1)), a.indices)
        for op, a in zip(term.data, args, strict=True)
    ]
    out = _union(args)
    return Indexed(b.contract(parts, out), out)


def _power(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    base, exponent = args
    if not exponent.indices:
        return Indexed(b.power(base.tensor, exponent.tensor), base.indices)
    out = _union(args)
    return Indexed(b.power(_spread(base, out), _spread(exponent, out)), out)


def _call(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    """f(u_i); comparisons by step: 1[u > v] = step(u - v), 1[u >= v] = 1 - step(v - u)."""
    out, name = _union(args), term.word
    tensors = [_spread(a, out) for a in args]
    if name == "sqrt":
        return Indexed(b.power(tensors[0], b.const(HALF)), out)
    if name not in COMPARISONS:
        return Indexed(b.apply(name, *tensors), out)
    axes = tensors[0].axes
    sign = Fraction(-1 if name in ("lt", "ge") else 1)
    above = b.apply("step", b.lin([(sign, tensors[0]), (-sign, tensors[1])], axes))
    if name in ("gt", "lt"):
        return Indexed(above, out)
    return Indexed(b.lin([(Fraction(1), b.ones(axes)), (Fraction(-1), above)], axes), out)


def _sum(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    (body,) = args
    bound = [i for i in term.data if isinstance(i, Index)]
    out = tuple(i for i in body.indices if i not in bound)
    unused = [i for i in bound if i not in body.indices]
    parts = [(body.tensor, body.indices), *((b.ones((i.extent,)), (i,)) for i in unused)]
    return Indexed(b.contract(parts, out), out)


def _gather(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    """The array by its entries: the indices around it first, then its own."""
    own = tuple(i for i in term.data if isinstance(i, Index))
    lead = tuple(i for i in args[0].indices if i not in own)
    return Indexed(_spread(args[0], (*lead, *own)), (*lead, *own))


def _of_array(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    (array,) = args
    own = len([i for i in term.args[0].data if isinstance(i, Index)])
    lead, inner = array.indices[: len(array.indices) - own], array.indices[len(array.indices) - own :]
    name, tensor = term.word, array.tensor
    if name in REDUCTIONS:
        return Indexed(REDUCTIONS[name](tensor, (*lead, *inner), lead, inner), lead)
    if name in ("softmax", "logsumexp"):
        found = b.normalised(name, tensor, len(lead))
        return _entry(found, lead, term.slots) if name == "softmax" else Indexed(found, lead)
    if lead:
        raise ShapeError(f"`{name}` of one matrix for each {', '.join(map(str, lead))} is not in the language",
                         hint="its entries depend on the indices of its brackets alone")
    found = b.of_matrix(name, tensor)
    return _entry(found, (), term.slots)


def _entry(tensor: Tensor, lead: tuple[Index, ...], slots: tuple[Slot, ...]) -> Indexed:
    return select(tensor, (*lead, *slots))


def _matpow(term: Term, args: tuple[Indexed, ...]) -> Indexed:
    (array,) = args
    if len(array.indices) != 2:
        raise ShapeError("a power of one matrix for each of several indices is not in the language",
                         hint="one matrix, or its power for each index apart")
    return _entry(b.matpow(array.tensor, int(term.word)), (), term.slots)


Reduction = Callable[[Tensor, tuple[Index, ...], tuple[Index, ...], tuple[Index, ...]], Tensor]


def _mean(t: Tensor, everything: tuple[Index, ...], lead: tuple[Index, ...], own: tuple[Index, ...]) -> Tensor:
    counts = [(b.power(b.size(i.extent), b.const(-1)), ()) for i in own]
    return b.contract([(t, everything), *counts], lead)


def _norm(t: Tensor, everything: tuple[Index, ...], lead: tuple[Index, ...], own: tuple[Index, ...]) -> Tensor:
    squares = b.contract([(b.power(t, b.const(2)), everything)], lead)
    return b.power(squares, b.const(HALF))


def _trace(t: Tensor, everything: tuple[Index, ...], lead: tuple[Index, ...], own: tuple[Index, ...]) -> Tensor:
    return b.contract([(t, (*lead, own[0], own[0]))], lead)


REDUCTIONS: dict[str, Reduction] = {
    "sum": lambda t, everything, lead, own: b.contract([(t, everything)], lead),
    "mean": _mean,
    "norm": _norm,
    "norm1": lambda t, everything, lead, own: b.contract([(b.apply("abs", t), everything)], lead),
    "tr": _trace,
}
"""Functions of arrays that are sums of components."""

Rule = Callable[[Term, tuple[Indexed, ...]], Indexed]

LOWERINGS: dict[str, Rule] = {
    "num": _number,
    "pi": lambda *_: Indexed(Tensor.make("pi", (), (), ())),
    "size": _size,
    "delta": _delta,
    "ones": _ones,
    "position": _position,
    "shift": _shift,
    "pair": _pair,
    "add": _add,
    "product": _product,
    "power": _power,
    "call": _call,
    "sum": _sum,
    "gather": _gather,
    "of_array": _of_array,
    "matpow": _matpow,
}
"""One entry for each of `OPS`, but for those that need the program."""

