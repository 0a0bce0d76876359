"""Kinds by constraint solving: which undeclared name is a scalar, a vector, a matrix.

Every node has a set of possible kinds (a bit mask); every operation relates the sets of its operands and of its
result; propagation shrinks the sets until nothing changes. What is left open is decided by custom, with backtracking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from matcalc.core.limits import keep_time

S, V, R, M = 1, 2, 4, 8
KINDS = (S, V, R, M)
ANY = S | V | R | M
NONSCALAR = V | R | M
NAMES = {S: "scalar", V: "vector", R: "row", M: "matrix"}
BITS = {name: bit for bit, name in NAMES.items()}
MAX_BACKTRACKS = 2_000
LONGEST = 16
"""Chains of more operands are looked at in pieces, so that what changes in one operand costs no walk over all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A relation left, right -> result over masks, in the three directions of propagation."""

    out: tuple[tuple[int, ...], ...]
    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]


def _table(rule: Callable[[int, int], int]) -> Table:
    triples = [(a, c, rule(a, c)) for a in KINDS for c in KINDS if rule(a, c)]

    def project(take: int, first: int, second: int) -> tuple[tuple[int, ...], ...]:
        rows = [[0] * 16]
        for p in range(1, 16):
            lowest = p & -p
            row = list(rows[p ^ lowest])
            for triple in triples:
                if triple[first] == lowest:
                    row = [mask | (triple[take] if triple[second] & q else 0) for q, mask in enumerate(row)]
            rows.append(row)
        return tuple(map(tuple, rows))

    return Table(project(2, 0, 1), project(0, 1, 2), project(1, 0, 2))


_PRODUCTS = {(R, V): S, (M, V): V, (R, M): R, (M, M): M, (V, R): M}


def _multiply(a: int, c: int) -> int:
    return c if a == S else a if c == S else _PRODUCTS.get((a, c), 0)


def _elementwise(a: int, c: int) -> int:
    return c if a == S else a if c in (S, a) else 0


def _kron(a: int, c: int) -> int:
    return c if a == S else a if c == S or (a == c) else M


PRODUCT = _table(_multiply)
ELEMENTWISE = _table(_elementwise)
KRON = _table(_kron)
POWER = _table(lambda a, c: a if c == S and a in (S, M) else 0)
SCALAR_POWER = _table(lambda a, c: S if a == c == S else 0)
POWER_DOT = _table(lambda a, c: a if c in (S, a) else 0)

UNARY: dict[str, dict[int, int]] = {
    "transpose": {S: S, V: R, R: V, M: M},
    "same": {k: k for k in KINDS},
    "reduce": dict.fromkeys(KINDS, S),
    "vector_norm": {S: S, V: S, R: S},
    "trace": {M: S},
    "square": {M: M},
    "inverse": {M: M, S: S},
    "diag": {V: M, R: M, M: V},
    "vec": {V: V, R: V, M: V},
    "unvec": {V: M, R: M},
    "softmax": {V: V, R: R, M: M},
    "scalar": {S: S},
}


class Contradiction(Exception):
    """No kind is left for some node."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A relation of cells: `chain` (tables fold the operands), `unary` (a map of kinds) or `equal`."""

    form: str
    cells: tuple[int, ...]
    out: int
    tables: tuple[Table, ...] = ()
    kinds: str = ""


class Solver:
    """Masks of all cells, with propagation and undo."""

    def __init__(self) -> None:
        self.masks: list[int] = []
        self.watch: list[list[int]] = []
        self.constraints: list[Constraint] = []
        self.trail: list[tuple[int, int]] = []

    def cell(self, mask: int = ANY) -> int:
        """A new cell."""
        self.masks.append(mask)
        self.watch.append([])
        return len(self.masks) - 1

    def relate(self, constraint: Constraint) -> None:
        """Add a constraint; a long chain in pieces, each of which begins with what the one before gives."""
        while constraint.form == "chain" and len(constraint.cells) > LONGEST:
            cells, tables, between = constraint.cells, constraint.tables, self.cell()
            self.relate(Constraint("chain", cells[:LONGEST], between, tables[: LONGEST - 1]))
            constraint = Constraint("chain", (between, *cells[LONGEST:]), constraint.out, tables[LONGEST - 1 :])
        for cell in {*constraint.cells, constraint.out}:
            self.watch[cell].append(len(self.constraints))
        self.constraints.append(constraint)

    def propagate(self, dirty: Iterable[int]) -> None:
        """Shrink masks until every constraint holds.

        Raises:
            Contradiction: a mask became empty.
        """
        queue = list(dirty)
        waiting = set(queue)
        while queue:
            keep_time()
            number = queue.pop()
            waiting.discard(number)
            for cell, mask in _revise(self.constraints[number], self.masks):
                for other in self.narrow(cell, mask):
                    if other not in waiting:
                        waiting.add(other)
                        queue.append(other)

    def narrow(self, cell: int, mask: int) -> list[int]:
        """Intersect a cell with a mask; the constraints to look at again."""
        old = self.masks[cell]
        new = old & mask
        if new == old:
            return []
        self.trail.append((cell, old))
        self.masks[cell] = new
        if not new:
            raise Contradiction
        return self.watch[cell]

    def attempt(self, cell: int, mask: int) -> bool:
        """Narrow a cell and propagate; undo all of it on a contradiction."""
        mark = len(self.trail)
        try:
            self.propagate(self.narrow(cell, mask))
        except Contradiction:
            self.undo(mark)
            return False
        return True

    def undo(self, mark: int) -> None:
        """Restore the masks of an earlier state."""
        while len(self.trail) > mark:
            cell, mask = self.trail.pop()
            self.masks[cell] = mask

    def decide(self, choices: list[tuple[int, tuple[int, ...]]]) -> bool:
        """Fix cells one after another, each to the first kind in its list that fits, with backtracking."""
        marks: list[tuple[int, int]] = []
        position, option, budget = 0, 0, MAX_BACKTRACKS
        while position < len(choices):
            cell, kinds = choices[position]
            mark = len(self.trail)
            while option < len(kinds) and not (self.masks[cell] & kinds[option] and self.attempt(cell, kinds[option])):
                option += 1
            if option < len(kinds):
                marks.append((mark, option))
                position, option = position + 1, 0
                continue
            budget -= 1
            if not marks or not budget:
                return False
            mark, option = marks.pop()
            self.undo(mark)
            position, option = position - 1, option + 1
        return True


def _revise(constraint: Constraint, masks: list[int]) -> list[tuple[int, int]]:
    if constraint.form == "equal":
        common = masks[constraint.out]
        for cell in constraint.cells:
            common &= masks[cell]
        return [(cell, common) for cell in (constraint.out, *constraint.cells)]
    if constraint.form == "unary":
        return _revise_unary(constraint, masks)
    return _revise_chain(constraint, masks)


def _revise_unary(constraint: Constraint, masks: list[int]) -> list[tuple[int, int]]:
    (inner,), out = constraint.cells, constraint.out
    before = after = 0
    for kind, result in UNARY[constraint.kinds].items():
        if masks[inner] & kind and masks[out] & result:
            before |= kind
            after |= result
    return [(inner, before), (out, after)]


def _revise_chain(constraint: Constraint, masks: list[int]) -> list[tuple[int, int]]:
    cells = constraint.cells
    prefix = [masks[cells[0]]]
    for table, cell in zip(constraint.tables, cells[1:], strict=True):
        prefix.append(table.out[prefix[-1]][masks[cell]])
    wanted = prefix[-1] & masks[constraint.out]
    changes = [(constraint.out, wanted)]
    for position in range(len(cells) - 1, 0, -1):
        table, left, mask = constraint.tables[position - 1], prefix[position - 1], masks[cells[position]]
        changes.append((cells[position], mask & table.right[left][wanted]))
        wanted = left & table.left[mask][wanted]
    changes.append((cells[0], wanted))
    return changes
