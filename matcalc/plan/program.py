"""A straight-line program from a tensor: each shared part once, products two factors at a time, vectors first.

Operations are target-neutral; `emit` prints them. The order of contraction is greedy by the number of indices that a
step touches, which for symbolic sizes is the degree of its cost; of equal steps the one with the smaller result goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.traversal import postorder
from matcalc.ir.nodes import Tensor, factors_of

Indices = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One assignment.

    Attributes:
        target: number of the value that is assigned.
        op: what is done, a key of the emitter's table.
        operands: numbers of values.
        data: what else the operation needs: names, index tuples, numbers, dimensions.
    """

    target: int
    op: str
    operands: tuple[int, ...]
    data: tuple[object, ...] = ()


@dataclass
class Program:
    """Steps in order, and the number of the value that is returned."""

    steps: list[Step] = field(default_factory=list)
    result: int = -1
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def emit(self, op: str, operands: tuple[int, ...] = (), data: tuple[object, ...] = ()) -> int:
        """The value of an operation; an equal one is not repeated."""
        identity = (op, operands, data)
        found = self.known.get(identity)
        if found is None:
            found = self.known[identity] = len(self.steps)
            self.steps.append(Step(found, op, operands, data))
        return found


@dataclass(frozen=True)
class Operand:
    """A factor on its way through a product: a value, or the inverse of one that a solve may spare."""

    value: int
    idx: Indices
    inverse: bool = False


def plan(node: Tensor) -> Program:
    """The program that computes the tensor."""
    program = Program()
    values: dict[Tensor, int] = {}
    for t in postorder(node):
        if t.head == "matpow" and t.data == (-1,) and t is not node:
            values[t] = -1
            continue
        if t.head not in ("delta", "ones") or t is node:
            values[t] = _value(program, t, values)
    program.result = values[node]
    return program


def _dense(program: Program, node: Tensor, values: dict[Tensor, int]) -> int:
    """The value of an argument outside a product."""
    if node.head in ("delta", "ones"):
        return program.emit("eye" if node.head == "delta" else "full", (), (1, node.axes))
    if node.head == "matpow" and node.data == (-1,):
        return program.emit("matpow", (_dense(program, node.args[0], values),), (-1,))
    return values[node]


def _value(program: Program, node: Tensor, values: dict[Tensor, int]) -> int:
    if node.head == "contract":
        return _product(program, node, values)
    if node.head == "lin":
        return _combination(program, node, values)
    if node.head in ("delta", "ones"):
        return _dense(program, node, values)
    if node.head == "matpow":
        return program.emit("matpow", (_dense(program, node.args[0], values),), node.data)
    if node.head in ("var", "size", "pi"):
        return program.emit(node.head, (), node.data[:1])
    return program.emit(node.head, tuple(_dense(program, a, values) for a in node.args), node.data)


def _combination(program: Program, node: Tensor, values: dict[Tensor, int]) -> int:
    """A sum: plain terms, then ones as a number, then deltas on the diagonal of the result."""
    plain, number, diagonal = [], Fraction(0), Fraction(0)
    for coefficient, term in zip(node.coefficients, node.args, strict=True):
        if all(t.head == "ones" for t, _ in factors_of(term)):
            number += coefficient
        elif term.head == "delta":
            diagonal += coefficient
        else:
            plain.append((coefficient, _dense(program, term, values)))
    if not plain:
        total = program.emit("eye" if diagonal else "full", (), (diagonal or number, node.axes))
        return program.emit("add_number", (total,), (number,)) if diagonal and number else total
    total = program.emit("combine", tuple(v for _, v in plain), (tuple(c for c, _ in plain), number))
    return program.emit("add_diagonal", (total,), (diagonal,)) if diagonal else total


def _product(program: Program, node: Tensor, values: dict[Tensor, int]) -> int:
    deltas = [idx for t, idx in factors_of(node) if t.head == "delta"]
    gone = {max(idx) for idx in deltas}
    out = tuple(i for i in range(node.rank) if i not in gone)
    scalars: list[int] = []
    operands: list[Operand] = []
    for t, idx in factors_of(node):
        if t.head in ("delta", "ones"):
            continue
        inverse = t.head == "matpow" and t.data == (-1,)
        value = _dense(program, t.args[0] if inverse else t, values)
        if idx:
            operands.append(_diagonal(program, Operand(value, idx, inverse)))
        else:
            scalars.append(value)
    core = _contract(program, operands, out, scalars)
    idx = core.idx
    for scalar in scalars:
        core = Operand(program.emit("multiply", (scalar, core.value), ((), core.idx, core.idx)), core.idx)
    if idx != tuple(range(node.rank)):
        spread = ({i: d for i, d in enumerate(node.axes)}, tuple(sorted(deltas)))
        shape = tuple(spread[0][i] for i in range(node.rank))
        return program.emit("scatter", (core.value,), (idx, spread[1], shape))
    return core.value


def _contract(program: Program, operands: list[Operand], out: Indices, scalars: list[int]) -> Operand:
    """The product of the operands on the axes `out`, or on those of them that an operand holds."""
    if not operands:
        return Operand(scalars.pop() if scalars else program.emit("number", (), (Fraction(1),)), ())
    while len(operands) > 1:
        pairs = [(a, b) for n, a in enumerate(operands) for b in operands[n + 1 :]]
        a, b = min(pairs, key=lambda pair: _cost(pair[0], pair[1], operands, out))
        rest = [o for o in operands if o is not a and o is not b]
        needed = set(out) | {i for o in rest for i in o.idx}
        operands = [*rest, _pair(program, a, b, needed)]
    last = _summed(program, _materialised(program, operands[0]), set(out))
    order = tuple(i for i in out if i in last.idx)
    if last.idx != order:
        last = Operand(program.emit("permute", (last.value,), tuple(last.idx.index(i) for i in order)), order)
    return last


def _cost(a: Operand, b: Operand, operands: list[Operand], out: Indices) -> tuple[int, int, int, Indices, Indices]:
    touched = set(a.idx) | set(b.idx)
    others = {i for o in operands if o is not a and o is not b for i in o.idx} | set(out)
    shared = bool(set(a.idx) & set(b.idx))
    return (0 if shared else 1, len(touched), len(touched & others), a.idx, b.idx)


def _diagonal(program: Program, o: Operand) -> Operand:
    if len(set(o.idx)) == len(o.idx):
        return o
    o = _materialised(program, o)
    return Operand(program.emit("diagonal", (o.value,)), o.idx[:1])


def _materialised(program: Program, o: Operand) -> Operand:
    return Operand(program.emit("matpow", (o.value,), (-1,)), o.idx) if o.inverse else o


def _summed(program: Program, o: Operand, needed: set[int]) -> Operand:
    """The operand with the axes summed that nothing else holds."""
    for i in [i for i in o.idx if i not in needed]:
        position = o.idx.index(i)
        o = Operand(program.emit("sum", (o.value,), (position,)), o.idx[:position] + o.idx[position + 1 :])
    return o


def _pair(program: Program, a: Operand, b: Operand, needed: set[int]) -> Operand:
    """Two operands in one step: a solve, a product of matrices, an elementwise product or an einsum."""
    shared = set(a.idx) & set(b.idx)
    gone = tuple(sorted(shared - needed))
    if a.inverse or b.inverse:
        inv, other = (b, a) if b.inverse and not a.inverse else (a, b)
        if len(gone) == 1 and len(shared) == 1 and len(other.idx) <= 2 and set(inv.idx) <= needed | set(gone):
            return _solve(program, inv, _summed(program, _materialised(program, other), needed | shared), gone[0])
    a, b = _materialised(program, a), _materialised(program, b)
    a = _summed(program, a, needed | set(b.idx))
    b = _summed(program, b, needed | set(a.idx))
    if not gone:
        union = tuple(sorted(set(a.idx) | set(b.idx)))
        return Operand(program.emit("multiply", (a.value, b.value), (a.idx, b.idx, union)), union)
    rest_a, rest_b = (tuple(i for i in o.idx if i not in shared) for o in (a, b))
    if len(gone) == len(shared) == 1 and max(len(a.idx), len(b.idx)) <= 2:
        first, second = (a, b) if a.idx[-1] == gone[0] or b.idx[0] == gone[0] else (b, a)
        turned = (first.idx[-1] != gone[0], second.idx[0] != gone[0])
        rest = tuple(i for i in (*first.idx, *second.idx) if i != gone[0])
        return Operand(program.emit("dot", (first.value, second.value), turned), rest)
    kept = (*rest_a, *rest_b, *sorted(shared - set(gone)))
    return Operand(program.emit("einsum", (a.value, b.value), (a.idx, b.idx, kept)), kept)


def _solve(program: Program, inv: Operand, other: Operand, k: int) -> Operand:
    """A^-1 b without the inverse; the right-hand side has the contracted index first."""
    i = inv.idx[0] if inv.idx[1] == k else inv.idx[1]
    turned = other.idx[0] != k
    value = program.emit("solve", (inv.value, other.value), (inv.idx[0] == k, turned))
    return Operand(value, (i, *(j for j in other.idx if j != k)))


def dims_of(node: Tensor) -> tuple[Dim, ...]:
    """All dimensions in the tensor."""
    return tuple(dict.fromkeys(d for t in postorder(node) for d in t.axes))
