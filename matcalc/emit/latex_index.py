r"""LaTeX of index notation: entries with their indices, sums written out.

Indices are named i, j, k, ... in the order of the axes, then of the sums; letters that name variables or sizes are
left out, and sums side by side take the same letter.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from fractions import Fraction
from itertools import chain

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.emit.latex_names import dimension, entry, subscript, symbol
from matcalc.emit.latex_pieces import (
    ATOM,
    FRACTION,
    OPEN_SUM,
    POSTFIX,
    PRODUCT,
    SUM,
    Piece,
    added,
    bracketed,
    call,
    differential,
    fenced,
    function,
    number,
    partial_derivative,
    power,
    product,
    summed,
    wrap,
)
from matcalc.ir.build import number_of
from matcalc.ir.extents import untold
from matcalc.ir.nodes import Factor, Tensor, factors_of
from matcalc.ir.text import index_names, names_in, position_of

Names = tuple[str, ...]
Task = tuple[Tensor, Names, int]
Steps = Generator[Task, Piece, Piece]
ONE = Fraction(1)


def index_to_latex(tensor: Tensor, names: Sequence[str] | None = None, letters: Sequence[str] = ()) -> str:
    r"""The entry of a tensor in index notation, for math mode.

    Args:
        tensor: any tensor.
        names: names of its axes; by default `axis_names(tensor)`.
        letters: names that bound indices take first.

    Example:
        >>> from matcalc.lowering.lower import lower
        >>> from matcalc.syntax.elaborate import elaborate
        >>> print(index_to_latex(lower(elaborate("A x").expr)))
        \sum_{j} A_{ij} x_{j}
    """
    free = tuple(names) if names is not None else axis_names(tensor)
    assert len(free) == tensor.rank, "one name for each axis"
    return _Writer(tensor, free, letters).run((tensor, free, 0)).text


def axis_names(tensor: Tensor) -> Names:
    """The names that the axes get by default."""
    fresh = _fresh_names(tensor, ())
    return tuple(fresh(position) for position in range(tensor.rank))


def _fresh_names(tensor: Tensor, used: Names, letters: Sequence[str] = ()) -> Callable[[int], str]:
    """The n-th name that is no variable's, no size's and not in `used`; those of `letters` first."""
    taken = {*used, *names_in(tensor)}
    first = [name for name in dict.fromkeys(letters) if name not in taken]
    names = chain(first, index_names(taken | set(first)))
    known: list[str] = []

    def fresh(position: int) -> str:
        while len(known) <= position:
            known.append(next(names))
        return known[position]

    return fresh


class _Writer:
    """Writes one tensor; a task is a tensor, the names of its axes, and how many bound names are in scope."""

    def __init__(self, tensor: Tensor, free: Names, letters: Sequence[str] = ()) -> None:
        self.fresh = _fresh_names(tensor, free, letters)
        self.arrays: dict[Tensor, Piece | None] = {}
        self.told: dict[Tensor, frozenset[int]] = {}

    def run(self, task: Task) -> Piece:
        """The piece of a task; the steps below it wait on an explicit stack."""
        stack = [self.steps(task)]
        reply: Piece | None = None
        while stack:
            try:
                request = stack[-1].send(reply)  # type: ignore[arg-type]
            except StopIteration as done:
                stack.pop()
                reply = done.value
            else:
                stack.append(self.steps(request))
                reply = None
        assert reply is not None
        return reply

    def steps(self, task: Task) -> Steps:
        """The steps of one task: yields tasks, returns the piece."""
        return INDEX_LATEX[task[0].head](self, *task)

    def bound(self, count: int, depth: int) -> Names:
        """Names for indices that are bound here."""
        return tuple(self.fresh(position) for position in range(depth, depth + count))

    def sum(self, pairs: Sequence[Factor], bound: Sequence[int], own: Mapping[int, str], body: Piece) -> Piece:
        """The sum over bound indices; one over an index of which no array tells the length has its end."""
        ends = untold(pairs, self.told)
        for i in reversed([i for i in bound if i in ends]):
            body = summed(f"{symbol(own[i])}=1", dimension(ends[i]), body)
        plain = ",".join(symbol(own[i]) for i in bound if i not in ends)
        return summed(plain, "", body) if plain else body

    def array(self, node: Tensor, depth: int) -> Steps:
        """The tensor as a whole: in matrix notation where it is short, else `[entry]` with its indices."""
        whole = fold(node, _array, self.arrays)
        if whole is not None:
            return whole
        own = self.bound(node.rank, depth)
        inner = yield node, own, depth + node.rank
        return inner if not own else Piece(f"{fenced('[', inner, ']')}_{{{subscript(own)}}}", ATOM, inner.tall)


Rule = Callable[[_Writer, Tensor, Names, int], Steps]


# ---------------------------------------------------------------- one entry a head
def _leaf(show: Callable[[Tensor, Names], Piece]) -> Rule:
    def rule(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
        return show(node, names)
        yield  # an empty generator

    return rule


def _dim(node: Tensor) -> Dim:
    dim = node.data[0]
    assert isinstance(dim, Dim)
    return dim


def _var(node: Tensor, names: Names) -> Piece:
    return Piece(entry(symbol(str(node.data[0])), names))


def _size(node: Tensor, names: Names) -> Piece:
    dim = _dim(node)
    level = ATOM if dim.name else PRODUCT if len(dim.terms) == 1 else SUM
    return Piece(dimension(dim), level)


def _basis(node: Tensor, names: Names) -> Piece:
    """The unit vector; positions are counted from 0 in index form and from 1 on paper."""
    at = position_of(node)
    if at is not None:
        return Piece(entry(r"\delta", (*names, at)))
    return Piece(f"(e_{{{dimension(_dim(node) + Dim.of(1))}}})_{{{subscript(names)}}}")


def _embed(node: Tensor, names: Names) -> Piece:
    i, k = map(symbol, names)
    return Piece(rf"\delta_{{{k},\,{i} + {dimension(_dim(node))}}}" if _dim(node).terms else rf"\delta_{{{k},\,{i}}}")


def _fuse(node: Tensor, names: Names) -> Piece:
    r"""k counts the pairs (i, j) column by column: k = i + rows (j - 1), all from 1."""
    k, j, i = map(symbol, names)
    return Piece(rf"\delta_{{{k},\,{i} + {_factor(node.axes[2])} ({j} - 1)}}")


def _factor(dim: Dim) -> str:
    return f"({dimension(dim)})" if len(dim.terms) > 1 else dimension(dim)


def _lin(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    """A combination, positive terms first."""
    terms = []
    for coefficient, term in zip(node.coefficients, node.args, strict=True):
        if term.head == "contract":
            terms.append((yield from _scaled_contract(writer, term, names, depth, coefficient)))
        else:
            body = yield term, names, depth
            terms.append(number(coefficient) if term.head == "ones" else product(coefficient, [body]))
    return _combined(terms)


def _combined(terms: Sequence[Piece]) -> Piece:
    ordered = sorted(terms, key=lambda piece: (piece.text.startswith("-"), piece.text))
    return added(ordered) if len(ordered) > 1 else ordered[0] if ordered else number(Fraction(0))


def _contract(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    return (yield from _scaled_contract(writer, node, names, depth, ONE))


def _scaled_contract(writer: _Writer, node: Tensor, names: Names, depth: int, coefficient: Fraction) -> Steps:
    """A product: number and scalars, then the sum over the bound indices of the rest."""
    pairs = _reading_order(factors_of(node), node.rank)
    fixed = {idx[0]: at for t, idx in pairs if idx and idx[0] >= node.rank and (at := position_of(t)) is not None}
    pairs = [(t, idx) for t, idx in pairs if not (t.head == "basis" and idx[0] in fixed)]
    order = [i for _, idx in pairs for i in idx if i >= node.rank and i not in fixed]
    bound = list(dict.fromkeys(order))
    own = {**dict(enumerate(names)), **fixed, **dict(zip(bound, writer.bound(len(bound), depth), strict=True))}
    outer: list[Piece] = []
    inner: list[Piece] = []
    for tensor, idx in pairs:
        if tensor.head != "ones":
            below = tuple(own[i] for i in idx)
            below = tuple(sorted(below)) if tensor.head == "delta" and max(idx) < node.rank else below
            piece = yield tensor, below, depth + len(bound)
            (inner if idx or not bound else outer).append(piece)
    if not bound:
        return product(coefficient, _reciprocals_last(inner)) if inner else number(coefficient)
    body = product(ONE, _reciprocals_last(inner))
    total = writer.sum(pairs, bound, own, body)
    return product(coefficient, [*_reciprocals_last(outer), total])


def _reading_order(factors: Sequence[Factor], rank: int) -> list[Factor]:
    """The factors so that a bound index is met again at once, otherwise by their free indices."""
    left, done = list(factors), list[Factor]()
    while left:
        met = {i for _, idx in done[-1:] for i in idx if i >= rank}
        linked = [f for f in left if met.intersection(f[1])]
        chosen = min(linked or left, key=lambda f: _reading_key(f, rank))
        left.remove(chosen)
        done.append(chosen)
    return done


def _reading_key(factor: Factor, rank: int) -> tuple[bool, list[int], bool, str]:
    """Scalars first, then by the free indices; variables in the order of their names."""
    node, idx = factor
    closed = bool(idx) and min(idx) >= rank
    return closed, sorted(idx), node.head != "var", str(node.data[0]) if node.head == "var" else ""


def _reciprocals_last(pieces: Sequence[Piece]) -> list[Piece]:
    """Reciprocals below everything, but beside a sum that ends the product where they are short."""
    short = not any(piece.below and piece.below.tall for piece in pieces)
    return sorted(pieces, key=lambda piece: 2 if short and piece.level == OPEN_SUM else piece.below is not None)


def _map(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    args = []
    for arg in node.args:
        args.append((yield arg, names[: arg.rank], depth))
    if node.data == ("step",):
        return function("gt", [args[0], Piece("0")])
    return function(str(node.data[0]), args)


def _pow(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    base = yield node.args[0], names, depth
    exponent = yield node.args[1], names[: node.args[1].rank], depth
    return power(base, exponent, number_of(node.args[1]))


def _matpow(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    base = yield from writer.array(node.args[0], depth)
    raised = Piece(f"{wrap(base, ATOM)}^{{{node.data[0]}}}", POSTFIX, base.tall)
    return Piece(entry(bracketed(raised).text, names), ATOM, base.tall)


def _function_of_array(name: str) -> Rule:
    def rule(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
        argument = yield from writer.array(node.args[0], depth)
        applied = call(name, [argument])
        return applied._replace(text=entry(applied.text, names))

    return rule


def _normalised(name: str) -> Rule:
    """softmax and logsumexp, which run over all axes but the first ones."""
    whole = _function_of_array(name)

    def rule(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
        lead = int(str(node.data[0])) if node.data else 0
        if not lead:
            return (yield from whole(writer, node, names, depth))
        own = writer.bound(node.args[0].rank - lead, depth)
        inner = yield node.args[0], (*names[:lead], *own), depth + len(own)
        applied = call(name, [Piece(f"{fenced('[', inner, ']')}_{{{subscript(own)}}}", ATOM, inner.tall)])
        return applied._replace(text=entry(applied.text, names[lead:]))

    return rule


def _unevaluated(writer: _Writer, node: Tensor, names: Names, depth: int) -> Steps:
    """A differential or a derivative that is not worked out."""
    u, v = node.args
    inner = yield u, names[: u.rank], depth
    if node.head == "differential":
        return differential(inner, u.head == "var")
    below = yield v, names[u.rank :], depth
    return partial_derivative(inner, u.head == "var", below)


INDEX_LATEX: dict[str, Rule] = {
    "var": _leaf(_var),
    "delta": _leaf(lambda _, names: Piece(entry(r"\delta", sorted(names)))),
    "ones": _leaf(lambda *_: Piece("1")),
    "size": _leaf(_size),
    "pi": _leaf(lambda *_: Piece(r"\pi")),
    "basis": _leaf(_basis),
    "embed": _leaf(_embed),
    "fuse": _leaf(_fuse),
    "lin": _lin,
    "contract": _contract,
    "map": _map,
    "pow": _pow,
    "matpow": _matpow,
    "det": _function_of_array(r"\det"),
    **{name: _function_of_array(rf"\operatorname{{{name}}}") for name in ("logdet", "expm")},
    **{name: _normalised(rf"\operatorname{{{name}}}") for name in ("softmax", "logsumexp")},
    "differential": _unevaluated,
    "partial": _unevaluated,
}
"""One entry for each of `HEADS` and of `UNEVALUATED`."""


# ---------------------------------------------------------------- arrays as a whole
def _array(node: Tensor, args: tuple[Piece | None, ...]) -> Piece | None:
    """Sums and chains of matrices and vectors in matrix notation; None for anything else."""
    known = [a for a in args if a is not None]
    if len(known) < len(args) or node.rank > 2:
        return None
    if node.head == "var":
        return Piece(symbol(str(node.data[0])))
    if node.head in ("delta", "pi"):
        return Piece("I" if node.head == "delta" else r"\pi")
    if node.head == "size":
        return _size(node, ())
    if node.head == "lin" and known:
        flat = [k._replace(level=FRACTION) if k.level == PRODUCT else k for k in known]
        return _combined([product(c, [piece]) for c, piece in zip(node.coefficients, flat, strict=True)])
    if node.head == "map" and len(known) == 1 and node.rank:
        return function(str(node.data[0]), known, scalar=False)
    if node.head == "matpow":
        return Piece(f"{wrap(known[0], ATOM)}^{{{node.data[0]}}}", POSTFIX, known[0].tall)
    return _chain(node, known) if node.head == "contract" else None


def _chain(node: Tensor, pieces: Sequence[Piece]) -> Piece | None:
    """The product along the path from axis 0 to axis 1, or to a vector; None where the factors form no path."""
    left = [(piece, idx) for piece, (_, idx) in zip(pieces, factors_of(node), strict=True)]
    chain = [piece for piece, idx in left if not idx]
    left = [(piece, idx) for piece, idx in left if idx]
    at, ended = 0, False
    while left and node.rank:
        here = [(piece, idx) for piece, idx in left if at in idx]
        if ended or len(here) != 1 or len(here[0][1]) > 2 or here[0][1] == (at, at):
            return None
        piece, idx = here[0]
        left.remove(here[0])
        turned = len(idx) == 2 and idx[1] == at
        chain.append(Piece(f"{wrap(piece, ATOM)}^{{\\top}}", POSTFIX, piece.tall) if turned else piece)
        at, ended = (idx[0] if turned else idx[-1]), len(idx) == 1
    fits = at == 1 if node.rank == 2 else ended
    return product(ONE, chain) if fits and not left and chain else None
