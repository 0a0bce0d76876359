"""Index notation as plain text, in the language that `syntax/index_parse.py` reads: free indices named, sums written out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice

from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError
from matcalc.core.functions import COMPARISONS
from matcalc.core.greek import GREEK_LETTERS
from matcalc.core.limits import limits
from matcalc.core.traversal import fold, postorder
from matcalc.ir.extents import untold, written
from matcalc.ir.nodes import UNEVALUATED, Factor, Tensor, factors_of, terms_of

LETTERS = "ijklpqrstuvwabcdefghmnoxyz"
SUM, OPEN, PRODUCT, POWER, ATOM = range(5)
"""How tightly a piece binds; an open product ends in a sum over indices, which takes what follows."""
Piece = tuple[str, int]


def index_names(taken: Collection[str] = ()) -> Iterator[str]:
    """Names of indices that are not taken: i, j, k, ..., then i', j', ..."""
    primes = ""
    while True:
        yield from (name for letter in LETTERS if (name := letter + primes) not in taken)
        primes += "'"


def to_index(node: Tensor, order: Mapping[str, int] | None = None, free: Sequence[str] | None = None,
             taken: Collection[str] = (), letters: Sequence[str] = ()) -> str:
    """The entry of a tensor in index notation; axis n carries the n-th of the names i, j, k, ...

    Names of variables and sizes are not used for indices. Factors stand in the order of their variables.

    Args:
        node: the tensor.
        order: the position of each variable.
        free: names of the axes, in place of i, j, k, ...
        taken: names that no index gets.
        letters: names that bound indices get first.

    Raises:
        LimitError: where the tensor is nested deeper than index notation is read.
    """
    if depth(node) > limits().index_depth:
        raise LimitError(f"index notation nests deeper than {limits().index_depth}", hint="the matrix form and the code have no such limit")
    used = {*names_in(node), *taken, *(free or ())}
    first = [name for name in dict.fromkeys(letters) if name not in used]
    names = chain(first, index_names(used | set(first)))
    own = tuple(free) if free is not None else tuple(next(names) for _ in node.axes)
    own = tuple(sorted(own)) if node.head == "delta" else own
    return _Writer(names, order or {}).piece(node, own, 0)[0]


def subscript(names: Sequence[str]) -> str:
    """Names and positions side by side: `ij`, `12`, `{2,13}`, `{i' j}`.

    Example:
        >>> [subscript(n) for n in (["i", "j"], ["12"], ["j", "2"], ["2", "13"], ["i'"], ["alpha", "mu"])]
        ['ij', '12', 'j2', '{2,13}', "{i'}", '{alpha \\\\mu}']
    """
    spelled = len(names) > 1 and not set(re.findall("[a-z]+", "".join(names))).isdisjoint(GREEK_LETTERS)
    alone = len(names) == 1 and (names[0].isdigit() or len(names[0]) > 2) and "'" not in names[0]
    if alone or (all(len(n) == 1 for n in names) and not spelled):
        return "".join(names) or "{}"
    separator = "," if any(n.isdigit() for n in names) else " "
    return "{" + separator.join(map(_letter, names)) + "}"


def _letter(name: str) -> str:
    """The name of an index in braces; a Greek one as a command where it could be read as several letters."""
    core = name.rstrip("'")
    return f"\\{name}" if core.isalpha() and (len(core) == 2 or (len(core) > 2 and core != name)) else name


def names_in(node: Tensor) -> set[str]:
    """The names of all variables and sizes."""
    found: set[str] = set()
    for part in postorder(node):
        found.update(name for dim in (*part.axes, *part.data) if isinstance(dim, Dim) for name in dim.names)
        if part.head == "var":
            found.add(str(part.data[0]))
    return found


def depth(node: Tensor) -> int:
    """The length of the longest path downwards."""
    return fold(node, lambda _, args: 1 + max(args, default=0))


class _Writer:
    """Writes one expression; a bound index has a name that none around it has, the same in sums side by side."""

    def __init__(self, names: Iterator[str], order: Mapping[str, int]) -> None:
        self.names = names
        self.known: list[str] = []
        self.order = order
        self.positions: dict[Tensor, int] = {}
        self.shown: dict[Tensor, frozenset[int]] = {}
        self.told: dict[Tensor, frozenset[int]] = {}

    def bound(self, count: int, inside: int) -> tuple[str, ...]:
        """Names for indices that are bound inside of so many others."""
        self.known.extend(islice(self.names, max(0, inside + count - len(self.known))))
        return tuple(self.known[inside : inside + count])

    def position(self, node: Tensor) -> int:
        """Where the first of its variables stands."""

        def visit(t: Tensor, args: tuple[int, ...]) -> int:
            own = self.order.get(str(t.data[0]), len(self.order)) if t.head == "var" else len(self.order)
            return min((own, *args))

        return fold(node, visit, self.positions)

    def piece(self, node: Tensor, names: tuple[str, ...], inside: int) -> Piece:
        """The text of one entry, and how tightly it binds."""
        if node.head == "lin":
            return self.sum(node, names, inside)
        if node.head == "contract":
            return self.product(node, names, inside)
        if node.head == "map":
            return self.function(node, names, inside), ATOM
        if node.head == "pow":
            base, exponent = node.args
            text = self.piece(exponent, names[: exponent.rank], inside)[0]
            power = text if text.removeprefix("-").isalnum() else f"({text})"
            return f"{self.wrap(self.piece(base, names, inside))}^{power}", POWER
        return self.leaf(node, names, inside), ATOM

    def function(self, node: Tensor, names: tuple[str, ...], inside: int) -> str:
        """An elementwise function; a comparison is an indicator."""
        args = [self.piece(a, names[: a.rank], inside)[0] for a in node.args]
        name = str(node.data[0])
        if name in COMPARISONS:
            return f"1[{args[0]} {COMPARISONS[name]} {args[1]}]"
        return f"1[{args[0]} > 0]" if name == "step" else f"{name}({', '.join(args)})"

    def leaf(self, node: Tensor, names: tuple[str, ...], inside: int) -> str:
        """A named tensor with its subscripts, or a component of a function of an array."""
        if node.head == "var":
            return _variable(str(node.data[0]), names)
        if node.head in ("size", "basis", "embed", "fuse"):
            return _constant(node, names)
        if node.head == "ones":
            return "1"
        if node.head in UNEVALUATED:
            return self.unevaluated(node, names, inside)
        if not node.args:
            return f"{node.head}_{subscript(names)}" if names else node.head
        lead = int(str(node.data[0])) if node.head in ("softmax", "logsumexp") else 0
        shown, below = self.array(node.args[0], names[:lead], inside), names[lead:]
        under = f"_{subscript(below)}" if below else ""
        if node.head == "matpow":
            return f"({shown}^{node.data[0]}){under}"
        return f"{node.head}({shown}){under}"

    def array(self, node: Tensor, lead: tuple[str, ...], inside: int) -> str:
        """A whole array: by its name, else by its entries with their indices."""
        if node.head == "var" and not lead:
            return str(node.data[0])
        own = self.bound(node.rank - len(lead), inside)
        return f"[{self.piece(node, (*lead, *own), inside + len(own))[0]}]_{subscript(own)}"

    def unevaluated(self, node: Tensor, names: tuple[str, ...], inside: int) -> str:
        """A differential or a derivative that is not worked out: du_i, dz_i/dA_jk, d[a_i x_i]/dx_j."""
        u, v = node.args
        inner = self.piece(u, names[: u.rank], inside)[0]
        above = f"d{inner}" if u.head == "var" else f"d[{inner}]"
        return above if node.head == "differential" else f"{above}/d{self.piece(v, names[u.rank :], inside)[0]}"

    def wrap(self, piece: Piece, level: int = ATOM) -> str:
        """The text, in brackets where it binds more loosely."""
        return piece[0] if piece[1] >= level else f"({piece[0]})"

    def sum(self, node: Tensor, names: tuple[str, ...], inside: int) -> Piece:
        """A combination, positive terms first."""
        if not node.args:
            return "0", ATOM
        text = ""
        terms = [(c * sign_of(t), t) for c, t in zip(node.coefficients, node.args, strict=True)]
        if all(c < 0 for c, _ in terms) and (turned := _with_turned_sum(terms[0][1])) is not None:
            terms[0] = (-terms[0][0], turned)
        if len(terms) == 1 and terms[0][0] == sign_of(terms[0][1]) == 1:
            return self.piece(terms[0][1], names, inside)
        for coefficient, term, body in self.reading_terms(terms, names, inside):
            size = abs(coefficient)
            bare = all(t.head == "ones" for t, _ in factors_of(term))
            shown = _number(size) if bare else body if size == 1 else f"{_number(size)} {body}"
            sign = "-" if coefficient < 0 else ""
            text += f" {sign or '+'} {shown}" if text else f"{sign}{shown}"
        return text, SUM if len(terms) > 1 else OPEN

    def reading_terms(
        self, terms: Sequence[tuple[Fraction, Tensor]], names: tuple[str, ...], inside: int
    ) -> list[tuple[Fraction, Tensor, str]]:
        """Terms with their text, positive ones first, by the first of their variables, then by their letters."""
        shown = [(c, t, self.wrap(self.piece(t, names, inside), OPEN).removeprefix("-" if sign_of(t) < 0 else ""))
                 for c, t in terms]
        held = [written(t, self.shown) for _, t in terms]
        every = set[int]().union(*held)
        for n, own in enumerate(held):
            if own and own != every:
                c, t, text = shown[n]
                shown[n] = c, t, f"{text if ' ' not in text or not text.startswith('sum_') else f'({text})'} ones_{subscript([names[i] for i in sorted(every - own)])}"
        return sorted(shown, key=lambda term: (term[0] < 0, self.position(term[1]), term[2]))

    def product(self, node: Tensor, names: tuple[str, ...], inside: int) -> Piece:
        """A contraction, its bound indices summed in front; a bound index at one position is that position."""
        pairs = self.reading_order(node)
        own = dict(enumerate(names)) | {
            idx[0]: at for t, idx in pairs if idx and idx[0] >= node.rank and (at := position_of(t)) is not None
        }
        pairs = [(t, idx) for t, idx in pairs if t.head != "ones" and not (t.head == "basis" and idx[0] >= node.rank and idx[0] in own)]
        bound = list(dict.fromkeys(i for _, idx in pairs for i in idx if i not in own))
        own |= dict(zip(bound, self.bound(len(bound), inside), strict=True))
        within = inside + len(bound)
        deltas = [f for f in pairs if f[0].head == "delta"]
        outer = deltas if bound and all(max(idx) < node.rank for _, idx in deltas) else []
        before = self.factors(outer, own, node.rank, within)
        after = self.factors([f for f in pairs if f not in outer], own, node.rank, within)
        sums = self.sums(pairs, bound, own)
        sign = "-" if sign_of(node) < 0 else ""
        text = f"{sign}{' '.join((*before, *sums, *after)) or '1'}"
        if bound or any(part.startswith("sum_") for part in after):
            return text, OPEN
        return text, PRODUCT if len(after) > 1 or sign else POWER if any(t.head == "pow" for t, _ in pairs) else ATOM

    def sums(self, pairs: Sequence[Factor], bound: Sequence[int], own: Mapping[int, str]) -> list[str]:
        """The signs of sums; one over an index of which no array tells the length has its end."""
        ends = untold(pairs, self.told)
        plain = [own[i] for i in bound if i not in ends]
        return [*([_sums(plain)] if plain else []), *(_sum_to(own[i], ends[i]) for i in bound if i in ends)]

    def factors(self, pairs: Sequence[Factor], own: Mapping[int, str], rank: int, inside: int) -> list[str]:
        """The factors of a product; one that is a sum over indices stands last, without brackets."""
        pieces = []
        for t, idx in pairs:
            names = tuple(own[i] for i in idx)
            settled = t.head == "delta" and max(idx) < rank
            pieces.append(self.piece(_read(t), tuple(sorted(names)) if settled else names, inside))
        last = next((n for n, (text, level) in enumerate(pieces) if level == OPEN and text.startswith("sum_")), None)
        shown = [self.wrap(piece, POWER) for n, piece in enumerate(pieces) if n != last]
        return shown if last is None else [*shown, pieces[last][0]]

    def reading_order(self, node: Tensor) -> list[Factor]:
        """The factors by their variables, a bound index met again as soon as it can be, deltas last."""
        left = sorted(factors_of(node), key=lambda f: (f[0].head not in _FIRST, self.position(f[0]), f[1]))
        deltas = [f for f in left if f[0].head == "delta"]
        left, done = [f for f in left if f[0].head != "delta"], list[Factor]()
        while left:
            met = {i for _, idx in done[-1:] for i in idx if i >= node.rank}
            chosen = next((f for f in left if met.intersection(f[1])), left[0])
            left.remove(chosen)
            done.append(chosen)
        return [*done, *deltas]


_FIRST = ("lin", "pow", "map")
"""Heads of factors that stand in front."""


def _is_turned(node: Tensor) -> bool:
    """Whether a sum reads better with its sign changed: u - 1 as 1 - u."""
    if node.head != "lin" or len(node.args) != 2:
        return False
    numbers = [c for c, t in terms_of(node) if all(f.head == "ones" for f, _ in factors_of(t))]
    return len(numbers) == 1 and numbers[0] < 0 < max(node.coefficients)


def _read(node: Tensor) -> Tensor:
    """A sum with its sign changed where it reads better so; anything else as it is."""
    return Tensor.make("lin", node.args, tuple(-c for c in node.coefficients), node.axes) if _is_turned(node) else node


def _with_turned_sum(node: Tensor) -> Tensor | None:
    """The negative of a product, with the sign in a sum that has terms of both signs; None where there is none."""
    if node.head == "lin" or sign_of(node) < 0:
        return _negative(node)
    if node.head != "contract":
        return None
    for n, arg in enumerate(node.args):
        turned = None if _is_turned(arg) else _negative(arg)
        if turned is not None and not _is_turned(turned):
            return Tensor.make("contract", (*node.args[:n], turned, *node.args[n + 1 :]), node.data, node.axes)
    return None


def _negative(node: Tensor) -> Tensor | None:
    mixed = node.head == "lin" and {c > 0 for c in node.coefficients} == {False, True}
    return Tensor.make("lin", node.args, tuple(-c for c in node.coefficients), node.axes) if mixed else None


def sign_of(node: Tensor) -> int:
    """The sign in front of a product whose sums are read with their signs changed."""
    turned = sum(_is_turned(t) for t, _ in factors_of(node)) if node.head == "contract" else 0
    return -1 if turned % 2 else 1


def _sums(names: Sequence[str]) -> str:
    if len(names) == 1 and len(names[0]) == 1:
        return f"sum_{names[0]}"
    return f"sum_{{{', '.join(map(_letter, names))}}}"


def _sum_to(name: str, end: Dim) -> str:
    text = str(end)
    return f"sum_{{{_letter(name)}=1}}^{text if text.isalnum() else f'{{{text}}}'}"


def _variable(name: str, names: Sequence[str]) -> str:
    """A component of a variable; in brackets where its name would be read as something else."""
    if (names and name in ("delta", "I")) or (not names and "_" in name):
        return f"({name})_{subscript(names)}"
    braced = _SHORT.sub(r"_{\1}", name)
    return f"{braced}_{subscript(names)}" if names else name


_SHORT = re.compile(r"_(?!(?:hat|bar|dot)(?:_|$))([A-Za-z]{1,3})(?=_|$)")
"""Parts of a name that could be read as indices; they stand in braces before indices."""


def position_of(node: Tensor) -> str | None:
    """The position that a unit vector picks, counted from 1, where it is a number."""
    at = node.data[0] if node.head == "basis" else None
    return str(at.value + 1) if isinstance(at, Dim) and at.value is not None else None


def _constant(node: Tensor, names: tuple[str, ...]) -> str:
    """A size, or the condition under which a constant that places or pairs axes is 1; positions count from 1."""
    if node.head == "size":
        text = str(node.data[0])
        return text if text.isalnum() else f"({text})"
    if node.head == "basis":
        position, at = node.data[0], position_of(node)
        assert isinstance(position, Dim)
        return f"1[{names[0]} = {position + Dim.of(1)}]" if at is None else f"delta_{subscript((names[0], at))}"
    if node.head == "embed":
        return f"1[{names[1]} = {names[0]} + {node.data[0]}]"  # + 0 too: 1[i = j] is a delta, whose indices run equally far
    rows = f"({node.axes[2]})" if len(node.axes[2].terms) > 1 else node.axes[2]
    return f"1[{names[0]} = {names[2]} + {rows} ({names[1]} - 1)]"


def _number(value: Fraction) -> str:
    return str(value)
