"""Index notation as plain text: free indices named i, j, k, ..., sums written out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice

from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError
from matcalc.core.traversal import fold, postorder
from matcalc.ir.nodes import UNEVALUATED, Factor, Tensor, factors_of, terms_of

LETTERS = "ijklpqrstuvwabcdefghmnoxyz"
SUM, PRODUCT, ATOM = range(3)
MAX_DEPTH = 120
Piece = tuple[str, int]


def index_names(taken: Collection[str] = ()) -> Iterator[str]:
    """Names of indices that are not taken: i, j, k, ..., then i1, j1, ..."""
    round_ = 0
    while True:
        yield from (name for letter in LETTERS if (name := letter + (str(round_) if round_ else "")) not in taken)
        round_ += 1


def to_index(node: Tensor, order: Mapping[str, int] | None = None, free: Sequence[str] | None = None,
             taken: Collection[str] = ()) -> str:
    """The entry of a tensor in index notation; axis n carries the n-th of the names i, j, k, ...

    Names of variables and sizes are not used for indices. Factors stand in the order of their variables.

    Args:
        node: the tensor.
        order: the position of each variable.
        free: names of the axes, in place of i, j, k, ...
        taken: names that no index gets.

    Raises:
        LimitError: where the tensor is nested deeper than index notation is read.
    """
    if depth(node) > MAX_DEPTH:
        raise LimitError(f"index notation nests deeper than {MAX_DEPTH}", hint="the matrix form and the code have no such limit")
    names = index_names({*names_in(node), *taken, *(free or ())})
    own = tuple(free) if free is not None else tuple(next(names) for _ in node.axes)
    return _Writer(names, order or {}).piece(node, own, 0)[0]


def names_in(node: Tensor) -> set[str]:
    """The names of all variables and sizes."""
    found: set[str] = set()
    for part in postorder(node):
        found.update(name for dim in part.axes for name in dim.names)
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
            return f"{node.data[0]}({', '.join(self.piece(a, names, inside)[0] for a in node.args)})", ATOM
        if node.head == "pow":
            base, exponent = node.args
            text, level = self.piece(exponent, names[: exponent.rank], inside)
            power = text if level == ATOM or text.removeprefix("-").isdigit() else f"({text})"
            return f"{self.wrap(self.piece(base, names, inside))}^{power}", ATOM
        return self.leaf(node, names, inside), ATOM

    def leaf(self, node: Tensor, names: tuple[str, ...], inside: int) -> str:
        """A named tensor with its subscripts."""
        below = f"_{''.join(names)}" if names else ""
        if node.head == "var":
            return f"{node.data[0]}{below}"
        if node.head in ("size", "basis", "embed", "fuse"):
            return _constant(node, names)
        if node.head == "ones":
            return "1"
        if node.head in UNEVALUATED:
            return self.unevaluated(node, names, inside)
        if not node.args:
            return f"{node.head}{below}"
        own = self.bound(node.args[0].rank, inside)
        inner = self.piece(node.args[0], own, inside + len(own))[0]
        shown = f"[{inner}]_{''.join(own)}" if own else inner
        power = f"^{node.data[0]}" if node.head == "matpow" else ""
        if node.args[0].head == "var":
            shown = str(node.args[0].data[0])
        name = "" if node.head == "matpow" else node.head
        return f"({name}{'(' + shown + ')' if name else shown}{power}){below}" if below else f"{name}({shown}){power}"

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
        signed = [(c * sign_of(t), t) for c, t in zip(node.coefficients, node.args, strict=True)]
        terms = sorted(signed, key=lambda t: (t[0] < 0, self.position(t[1])))
        for coefficient, term in terms:
            body = self.wrap(self.piece(term, names, inside), PRODUCT).removeprefix("-" if sign_of(term) < 0 else "")
            size = abs(coefficient)
            bare = term.head == "contract" and not term.args
            shown = _number(size) if bare else body if size == 1 else f"{_number(size)} {body}"
            sign = "-" if coefficient < 0 else ""
            text += f" {sign or '+'} {shown}" if text else f"{sign}{shown}"
        return text, SUM if len(terms) > 1 else PRODUCT

    def product(self, node: Tensor, names: tuple[str, ...], inside: int) -> Piece:
        """A contraction, its bound indices summed in front."""
        pairs = self.reading_order(node)
        bound = list(dict.fromkeys(i for _, idx in pairs for i in idx if i >= node.rank))
        own = {**dict(enumerate(names)), **dict(zip(bound, self.bound(len(bound), inside), strict=True))}
        within = inside + len(bound)
        parts = [self.wrap(self.piece(_read(t), tuple(own[i] for i in idx), within)) for t, idx in pairs if t.head != "ones"]
        letters = ", ".join(own[i] for i in bound)
        sums = f"sum_{letters} " if len(bound) == 1 else f"sum_{{{letters}}} " if bound else ""
        sign = "-" if sign_of(node) < 0 else ""
        return f"{sign}{sums}{' '.join(parts) or '1'}", PRODUCT if len(parts) > 1 or sums or sign else ATOM


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


def sign_of(node: Tensor) -> int:
    """The sign in front of a product whose sums are read with their signs changed."""
    turned = sum(_is_turned(t) for t, _ in factors_of(node)) if node.head == "contract" else 0
    return -1 if turned % 2 else 1


def _constant(node: Tensor, names: tuple[str, ...]) -> str:
    """A size, or the condition under which a constant that places or pairs axes is 1; positions count from 1."""
    if node.head == "size":
        text = str(node.data[0])
        return text if text.isalnum() else f"({text})"
    if node.head == "basis":
        position = node.data[0]
        assert isinstance(position, Dim)
        return f"1[{names[0]} = {position + Dim.of(1)}]"
    if node.head == "embed":
        return f"1[{names[1]} = {names[0]}]" if str(node.data[0]) == "0" else f"1[{names[1]} = {names[0]} + {node.data[0]}]"
    return f"1[{names[0]} = {names[2]} + {node.axes[2]} ({names[1]} - 1)]"


def _number(value: Fraction) -> str:
    return str(value)
