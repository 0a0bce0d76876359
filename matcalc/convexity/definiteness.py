"""Whether a symmetric matrix, or a quadratic form in a direction V, has one sign for all values of its variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.convexity.facts import LEVELS, Fact, about, renamed
from matcalc.convexity.folding import Folding, foldings
from matcalc.convexity.rank_one import is_dominated, split
from matcalc.convexity.signs import Facts, Signs, declared_level, interval_level
from matcalc.convexity.squares import Square, independent, is_square_of, taken_apart
from matcalc.core.errors import LimitError
from matcalc.core.traversal import contains
from matcalc.ir import build as b
from matcalc.ir.canonical import is_skew, is_symmetric
from matcalc.ir.nodes import Factor, Tensor, factors_of, has_property, terms_of
from matcalc.simplify.congruence import congruence, spread
from matcalc.simplify.expand import expand

Say = Callable[[Tensor], str]

DIRECTION = "direction"


class Judge:
    """Judges matrices and forms.

    Args:
        facts: bounds that are known beforehand, of the domain for example.
        say: how a tensor is written for a reader.
    """

    def __init__(self, facts: Facts, say: Say) -> None:
        self.say = say
        self.known: dict[Tensor, Fact | None] = {}
        self.signs = Signs(facts, self._level)

    def _level(self, node: Tensor) -> int | None:
        fact = self.matrix(node)
        return None if fact is None else fact.level

    # ------------------------------------------------------------ matrices
    def matrix(self, node: Tensor) -> Fact | None:
        """What a square matrix is, None where nothing is known. A matrix that is not symmetric is nothing."""
        if node not in self.known:
            self.known[node] = None  # while it is being judged, nothing is known of it
            self.known[node] = self._matrix(node) if is_symmetric(node) else None
        return self.known[node]

    def _matrix(self, node: Tensor) -> Fact | None:
        if node.head == "delta":
            return about("I", 2, "identity")
        if node.head == "var":
            level = declared_level(node)
            return None if level is None else about(self.say(node), level, "declared")
        if node.head == "matpow":
            return self._power(node)
        if node.head == "expm":
            return about(self.say(node), 2, "exponential")
        if node.head == "pow":
            return self._entrywise_power(node)
        direction = b.var(DIRECTION, node.axes[:1])
        return self.form(node, direction)

    def _power(self, node: Tensor) -> Fact | None:
        k = int(str(node.data[0]))
        inner = self.matrix(node.args[0])
        if inner is not None and inner.level > 0:
            level = 2 if k < 0 else inner.level
            return about(self.say(node), level, "inverse" if k < 0 else "power-of-psd", f"M = {self.say(node.args[0])}", (inner,))
        if inner is not None and inner.level < 0 and k % 2 == 1:
            level = -2 if k < 0 else inner.level
            return about(self.say(node), level, "inverse" if k < 0 else "power-of-psd", f"-M = {self.say(node.args[0])}", (inner,))
        if k % 2 == 0:
            sign = -1 if is_skew(node.args[0]) and k % 4 else 1
            return about(self.say(node), sign * (2 if k < 0 else 1), "even-power")
        return None

    def _entrywise_power(self, node: Tensor) -> Fact | None:
        """M .* ... .* M for psd M, which the normal form writes as a power of the entries."""
        exponent, inner = b.number_of(node.args[1]), self.matrix(node.args[0])
        if exponent is None or exponent.denominator != 1 or exponent < 2 or inner is None:
            return None
        if inner.level == 0 or (inner.level < 0 and exponent % 2 == 1):
            return None
        return about(self.say(node), abs(inner.level), "hadamard-product", f"M = N = {self.say(node.args[0])}", (inner,))

    # ------------------------------------------------------------ forms
    def form(self, hessian: Tensor, direction: Tensor) -> Fact | None:
        """What the form V -> <V, H V> is.

        Args:
            hessian: a tensor with the axes of the direction twice.
            direction: the variable V, with the properties of the space that it runs through.
        """
        for tensor in self._writings(hessian):
            fact = self._sum(tensor, direction)
            if fact is not None:
                return fact
        return None

    def _writings(self, hessian: Tensor) -> list[Tensor]:
        """Equal tensors, in which the rules may see different things."""
        writings = [hessian]
        try:
            for flat in (spread(hessian), expand(hessian)):
                writings += [congruence(flat), flat] if flat.rank == 2 else [flat]
        except LimitError:
            pass
        return list(dict.fromkeys(writings))

    def _sum(self, hessian: Tensor, direction: Tensor) -> Fact | None:
        """A sum of forms of one sign; of a diagonal and what is taken from it, by the rule for that."""
        terms = terms_of(hessian) if not _is_structured(direction) else self._contracted(hessian, direction)
        facts = [self._scaled(c, self.term(t, direction), t, direction) for c, t in terms]
        known = [f for f in facts if f is not None]
        if len(known) == len(facts) and known:
            levels = [f.level for f in known]
            if len(known) == 1:
                return known[0]
            if all(n > 0 for n in levels) or all(n < 0 for n in levels):
                level = max(levels, key=abs)
                condition = next((f.condition for f in known if f.condition and abs(level) == 1), "")
                return about(self.of(hessian, direction), level, "sum", "", tuple(known), condition)
        return self._less_rank_one(hessian, facts, direction) if direction.rank == 1 else None

    def _contracted(self, hessian: Tensor, direction: Tensor) -> list[tuple[Fraction, Tensor]]:
        """The terms of the form itself, where the properties of the direction make some of them equal."""
        own, n = tuple(range(hessian.rank)), direction.rank
        both = [(direction, own[:n]), (direction, own[n:])]
        return terms_of(b.lin([(c, b.contract([(t, own), *both], ())) for c, t in terms_of(hessian)], ()))

    def _less_rank_one(self, hessian: Tensor, facts: Sequence[Fact | None], direction: Tensor) -> Fact | None:
        """diag(w) - b z z^T beside other terms that are psd."""
        found = split(hessian)
        if found is None:
            return None
        sign, diagonal, scalar, vector, rest = found
        level = is_dominated(diagonal, scalar, vector, self.signs)
        others = [self._scaled(c * sign, self.term(t, direction), t, direction) for c, t in rest]
        if level is None or any(f is None or f.level < 0 for f in others):
            return None
        parts = tuple(f for f in others if f is not None)
        level = 2 if any(f.level == 2 for f in parts) else level
        detail = f"w = {self.say(diagonal)}, b = {self.say(scalar)}, z = {self.say(vector)}"
        own = about(self.of(hessian, direction), level * sign, "diagonal-less-rank-one", detail)
        return own if not parts else about(self.of(hessian, direction), level * sign, "sum", "", (own, *parts))

    def _scaled(self, coefficient: Fraction, fact: Fact | None, term: Tensor, direction: Tensor) -> Fact | None:
        if fact is None or coefficient == 1:
            return fact
        subject = self.of(b.scale(coefficient, term), direction)
        return renamed(fact, subject, fact.level if coefficient > 0 else -fact.level)

    def of(self, tensor: Tensor, direction: Tensor) -> str:
        """How a form is spoken of: by its matrix, or as what it is at V."""
        own, n = tuple(range(tensor.rank)), direction.rank
        if tensor.rank == 2:
            return self.say(tensor)
        if tensor.rank == 0:
            return self.say(tensor)
        return self.say(b.contract([(tensor, own), (direction, own[:n]), (direction, own[n:])], ()))

    # ------------------------------------------------------------ one product
    def term(self, term: Tensor, direction: Tensor) -> Fact | None:
        """What a product is as a form in the direction; a scalar is a form that has the direction in it already."""
        factors = _with_direction(term, direction)
        best: Fact | None = None
        if term.rank == 2 and term.head not in ("contract", "lin"):
            return self.matrix(term)
        for folding in foldings(factors):
            sign = self.signs.sign(factors, folding)
            if sign is None:
                continue
            fact = self._explained(term, factors, folding, sign, direction)
            if best is None or abs(fact.level) > abs(best.level):
                best = fact
            if abs(fact.level) == 2:
                break
        return best

    def _explained(self, term: Tensor, factors: list[Factor], folding: Folding, sign: int, direction: Tensor) -> Fact:
        """The fact that a folding gives, in the words of the rule that a reader knows it by."""
        level = sign * (2 if self._is_definite(factors, folding, direction) else 1)
        subject = self.of(term, direction)
        parts = self._premises(factors, folding, direction)
        square = taken_apart(factors, folding, direction) if term.rank == 2 else None
        if square is None:
            return about(subject, level, "square-form", "", parts)
        if square.half is None:
            return self._of_itself(subject, level, square, parts)
        if square.half.rank == 1:
            return about(subject, level, "outer-product", f"a = {self.say(square.half)}", parts)
        middle = "I" if square.middle is None else self.say(b.scale(Fraction(sign), square.middle))
        condition = ""
        if abs(level) < 2 and self._is_strict_between(factors, folding, direction):
            condition = independent(square.half, self.say)
        return about(subject, level, "congruence", f"A = {self.say(square.half)}, M = {middle}", parts, condition)

    def _of_itself(self, subject: str, level: int, square: Square, parts: tuple[Fact, ...]) -> Fact:
        """What diag(w), a multiple of a matrix or an elementwise product of matrices is."""
        if len(parts) == 1 and parts[0].claim == f"{subject} is {LEVELS[level]}":
            return parts[0]
        joined = [part for part in parts if part.rule != "sign"]
        rule = "hadamard-product" if len(joined) > 1 else "multiple" if square.is_joined or not square.is_weighted else "diagonal"
        return about(subject, level, rule, "", parts)

    def _premises(self, factors: Sequence[Factor], folding: Folding, direction: Tensor) -> tuple[Fact, ...]:
        """What is known of the weights and matrices in a folding."""
        facts: dict[Tensor, Fact | None] = {}
        for n, factor in enumerate(factors):
            node, idx = factor
            if folding.partner[n] != n or is_square_of(node, direction) or node.head in ("size", "pi"):
                continue
            if node.rank == 2 and any(not folding.stays(i) for i in idx):
                fact = self.matrix(node)
                facts[node] = self.matrix(b.scale(Fraction(-1), node)) if fact is not None and fact.level < 0 else fact
            elif node.rank < 3:
                facts[node] = self.scalar(node)
        return tuple(fact for fact in facts.values() if fact is not None)

    def _is_strict_between(self, factors: Sequence[Factor], folding: Folding, direction: Tensor) -> bool:
        """Whether all weights are positive and all matrices between the halves definite."""
        kept = [f for n, f in enumerate(factors) if folding.partner[n] == n and not is_square_of(f[0], direction)]
        return all(abs(self.signs.level(f, folding) or 0) == 2 for f in kept)

    # ------------------------------------------------------------ definite or not
    def _is_definite(self, factors: Sequence[Factor], folding: Folding, direction: Tensor) -> bool:
        """Whether the form is zero at V = 0 alone.

        So it is where a half is V, or V times matrices that are known to be invertible, every index of it is kept apart by
        positive weights or joined to its image by a definite matrix, and nothing else is in the product but positive numbers.
        """
        if not self._is_strict_between(factors, folding, direction):
            return False
        squared = [n for n, (t, _) in enumerate(factors) if is_square_of(t, direction)]
        own = [n for n, (t, _) in enumerate(factors) if t is direction]
        if len(own) + 2 * len(squared) != 2:
            return False
        start = (squared or own)[0]
        if not squared and folding.partner[start] == start:
            return False
        gone, slots = self._past_invertible(factors, folding, start)
        left = [n for n in range(len(factors)) if folding.partner[n] != n and n not in gone]
        if left or len(set(slots)) != len(slots):
            return False
        held = [i for n, (_, idx) in enumerate(factors) if folding.partner[n] == n and n not in squared for i in idx]
        for i in slots:
            if not folding.stays(i) and held.count(i) != 1:
                return False
        return set(held) <= {*slots, *(folding.image[i] for i in slots)}

    def _past_invertible(self, factors: Sequence[Factor], folding: Folding, start: int) -> tuple[set[int], list[int]]:
        """The factors of V and of the invertible matrices that it meets, and the indices at which these end."""
        gone, slots = {start, folding.partner[start]}, list(factors[start][1])
        while True:
            for position, i in enumerate(slots):
                users = [n for n, (_, idx) in enumerate(factors) if i in idx and n not in gone]
                if folding.stays(i) or len(users) != 1 or slots.count(i) != 1:
                    continue
                n = users[0]
                node, idx = factors[n]
                if folding.partner[n] != n and self.is_invertible(node) and idx[0] != idx[1]:
                    slots[position] = idx[1] if idx[0] == i else idx[0]
                    gone |= {n, folding.partner[n]}
                    break
            else:
                return gone, slots

    def is_invertible(self, node: Tensor) -> bool:
        """Whether a square matrix is known to be invertible."""
        if node.rank != 2 or node.axes[0] != node.axes[1]:
            return False
        if has_property(node, "orthogonal") or node.head == "expm" or (node.head == "matpow" and int(str(node.data[0])) < 0):
            return True
        return abs(self._level(node) or 0) == 2

    def scalar(self, node: Tensor) -> Fact | None:
        """The sign of a number."""
        for tensor in self._scalar_writings(node):
            level = interval_level(self.signs.bounds(tensor))
            if level is not None:
                verb = {2: "> 0", 1: ">= 0", -1: "<= 0", -2: "< 0"}[level]
                return Fact(f"{self.say(node)} {verb}", "sign", "", (), level)
        return None

    def _scalar_writings(self, node: Tensor) -> list[Tensor]:
        try:
            return list(dict.fromkeys([node, expand(node)]))
        except LimitError:
            return [node]


def _is_structured(direction: Tensor) -> bool:
    return direction.rank != 1


def _with_direction(term: Tensor, direction: Tensor) -> list[Factor]:
    """The factors of <V, T V>; deltas join indices."""
    if not term.rank:
        return _opened(term, direction)
    factors = factors_of(term)
    own, n = tuple(range(term.rank)), direction.rank
    whole: list[Factor] = [*factors, (direction, own[:n]), (direction, own[n:])]
    while True:
        found = next((k for k, (t, _) in enumerate(whole) if t.head == "delta"), None)
        if found is None:
            return [(t, idx) for t, idx in whole if t.head != "ones"]
        (_, (i, j)) = whole.pop(found)
        whole = [(t, tuple(i if k == j else k for k in idx)) for t, idx in whole]




def _opened(term: Tensor, direction: Tensor) -> list[Factor]:
    """The factors of a scalar, those of its scalar products that hold the direction among them."""
    found: list[Factor] = []
    fresh = 0
    whole = all(not idx for _, idx in factors_of(term))
    stack: list[Factor] = list(reversed(factors_of(term))) if whole else [(term, ())]
    while stack:
        node, idx = stack.pop()
        if node.rank or node.head != "contract" or not contains(node, [direction]):
            found.append((node, idx))
            continue
        found += [(t, tuple(i + fresh for i in slots)) for t, slots in factors_of(node)]
        fresh += 1 + max((i for slots in node.indices for i in slots), default=0)
    return [f for n, (t, idx) in enumerate(found) if t.head != "ones" for f in _without_square(t, idx, direction, -1 - n)]


def _without_square(node: Tensor, idx: tuple[int, ...], direction: Tensor, fresh: int) -> list[Factor]:
    """V^2 of a symmetric V as V V; any other factor as it is."""
    if node.head == "matpow" and node.args[0] is direction and node.data == (2,):
        return [(direction, (idx[0], fresh)), (direction, (fresh, idx[1]))]
    return [(node, idx)]
