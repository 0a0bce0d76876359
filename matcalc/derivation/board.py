"""Writing the states of a derivation: letters for indices and functions, names for parts, text and LaTeX side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from matcalc.core.traversal import fold, postorder
from matcalc.derivative import Derivative
from matcalc.emit.latex import to_latex
from matcalc.emit.latex_index import index_to_latex
from matcalc.emit.latex_names import entry, symbol
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import ONE, UNEVALUATED, Tensor, factors_of
from matcalc.ir.substitute import rebuild
from matcalc.ir.text import index_names, names_in, to_index
from matcalc.lowering.lower import lower
from matcalc.pipeline import hidden, matrix_form, names_of_tensors
from matcalc.raising.view import over_data
from matcalc.simplify.recognise import recognise

FUNCTIONS = ("f", "g", "h", "F", "G", "H")
PARTS = ("srcqtuv", "zuvwpqr", "ZYUVWGHPQ")
MAX_LETTERS = 3
"""So many parts of one rank get letters of their own, more get numbers."""

_FUNCTIONS_OF_SUMS = ("map", "pow", "softmax", "logsumexp")


@dataclass(frozen=True)
class Line:
    """One side of an equation on the board.

    Attributes:
        text: in plain text.
        latex: for math mode.
        value: the tensor that it stands for, None where it stands for no number.
        matrix: the matrix form that is shown, None where the tensor itself is.
        turned: whether the matrix form is the transpose of the tensor.
    """

    text: str
    latex: str
    value: Tensor | None = None
    matrix: Expr | None = None
    turned: bool = False


class Board:
    """The letters of one derivation.

    Args:
        d: the derivative.
        tensor: the function in index form, the properties of the variables hidden.
        wrt: the variables that one differentiates by.
    """

    def __init__(self, d: Derivative, tensor: Tensor, wrt: Iterable[str]) -> None:
        self.d = d
        definitions = {name: hidden(value, set(wrt)) for name, value in d.definitions.items()}
        inside = set(postorder(tensor))
        user = {t: n for t, n in names_of_tensors(definitions).items()
                if (t in inside or b.scale(-ONE, t) in inside) and t.args and t is not tensor}
        own = {n for n, t in d.definitions.items() if names_of_tensors({n: hidden(t, set(wrt))}).get(tensor) == n}
        short = self._short_names(set(wrt))
        self.taken = {*names_in(tensor), *d.variables, *d.definitions, *short.values()}
        for node in postorder(d.expr):
            self.taken.update(name for dim in node.shape.dims for name in dim.names)
        known = {**{t: n for t, n in short.items() if t in inside and b.scale(-ONE, t) not in user}, **user}
        self.names = {**known, **self._new_names(tensor, known)}
        at = {t: n for n, t in enumerate(postorder(tensor))}
        self.names = dict(sorted(self.names.items(), key=lambda f: -max(at.get(f[0], -1), at.get(b.scale(-ONE, f[0]), -1))))
        self.function = min(own) if own else next((f for f in FUNCTIONS if f not in self.taken), "f")
        self.taken.add(self.function)
        self.letters = list(islice(index_names(self.taken), 10))

    def _short_names(self, wrt: set[str]) -> dict[Tensor, str]:
        """The names that the result has for what repeats in it."""
        found = self.d.named().definitions if self.d.matrix is not None else self.d.named_parts()[1]
        return {recognise(lower(hidden(value, wrt))): name for name, value in found}

    def _new_names(self, tensor: Tensor, known: Mapping[Tensor, str]) -> dict[Tensor, str]:
        """Names for the arguments of functions that hold sums, and have no name."""
        wanted: dict[Tensor, None] = {}
        for node in postorder(tensor):
            for part in node.args[:1] if node.head in _FUNCTIONS_OF_SUMS else ():
                if part.rank <= 2 and _sums(part) and not {part, b.scale(-ONE, part)} & {*known, *wanted}:
                    wanted[part] = None
        ranks = Counter(part.rank for part in wanted)
        return {part: self._new_name(part.rank, ranks[part.rank]) for part in wanted}

    def _new_name(self, rank: int, count: int) -> str:
        """A free letter; a numbered one where many are needed."""
        letters = PARTS[rank]
        numbered = (f"{letters[0]}{n}" for n in range(1, 10_000))
        candidates = chain(letters if count <= MAX_LETTERS else (), numbered)
        name = next(c for c in candidates if c not in self.taken)
        self.taken.add(name)
        return name

    @property
    def order(self) -> dict[str, int]:
        """The position of each name in the order of reading."""
        return {name: n for n, name in enumerate((*self.d.variables, *self.names.values()))}

    def renamed(self, node: Tensor, but: Tensor | None = None) -> Tensor:
        """The tensor with the parts that have names as variables; nothing else is touched."""
        return fold(node, _raw, self.leaves(but))

    def leaves(self, but: Tensor | None = None) -> dict[Tensor, Tensor]:
        """Variables in the place of the parts that have names, and of their negatives."""
        named = {t: _variable(name, t) for t, name in self.names.items() if t is not but}
        turned = {b.scale(-ONE, t): b.scale(-ONE, v) for t, v in named.items() if t is not but}
        return {t: v for t, v in turned.items() if but is None or t is not b.scale(-ONE, but)} | named

    def indexed(self, tensor: Tensor) -> Line:
        """A tensor in index notation."""
        shown, free = self.renamed(tensor), self.letters[: tensor.rank]
        return Line(to_index(shown, self.order, free, self.taken), index_to_latex(shown, free), tensor)

    def matrix(self, tensor: Tensor, as_row: bool = False, turned: bool = False,
               but: Tensor | None = None) -> Line | None:
        """A tensor in matrix form; None where it has none."""
        shown = fold(tensor, lambda t, args: t if args == t.args else _rebuilt(t, args), self.leaves(but))
        known = {**self.d.variables, **dict.fromkeys(self.names.values(), self.d.expr)}
        form, plain = (matrix_form(t, self.d.expr, known, as_row) for t in (shown, tensor))
        if form is None or plain is None:
            return None
        shown_form = differential_last(form)
        return Line(to_text(shown_form), to_latex(shown_form), tensor, plain, turned)

    def whole(self, tensor: Tensor) -> Line:
        """A tensor in matrix form where it has one, else in index notation."""
        return self.matrix(tensor) or self.indexed(tensor)

    def definitions(self) -> list[Line]:
        """What the names stand for, entry by entry, in the order in which they are needed."""
        return [self.definition(part, name) for part, name in self.names.items()]

    def definition(self, part: Tensor, name: str) -> Line:
        """What one name stands for, entry by entry."""
        free, shown = self.letters[: part.rank], self.renamed(part, but=part)
        text, below = to_index(shown, self.order, free, self.taken), free[::-1] if _counts_last(part) else free
        return Line(f"{subscripted(name, below)} = {text}", f"{entry(symbol(name), below)} = {index_to_latex(shown, free)}")

    def clause(self) -> Line | None:
        """What the names stand for, in matrix form; None where there are no names."""
        parts = []
        for part, name in self.names.items():
            form = self.matrix(part, but=part)
            if form is None:
                parts.append(self.definition(part, name))
            else:
                parts.append(Line(f"{name} = {form.text}", f"{symbol(name)} = {form.latex}"))
        return Line(", ".join(p.text for p in parts), r",\; ".join(p.latex for p in parts)) if parts else None

    def symbol_of(self, function: str, rank: int) -> Line:
        """The function or one of its entries: f, f_i, f_ij."""
        free = self.letters[:rank]
        return Line(subscripted(function, free), entry(symbol(function), free))

    def quotient(self, function: str, rank: int, wrt: str, axes: int) -> Line:
        """An entry of the derivative: df_i/dx_j."""
        above, below = self.letters[:rank], self.letters[rank : rank + axes]
        latex = rf"\frac{{\partial {entry(symbol(function), above)}}}{{\partial {entry(symbol(wrt), below)}}}"
        return Line(f"d{subscripted(function, above)}/d{subscripted(wrt, below)}", latex)


def subscripted(name: str, indices: Sequence[str]) -> str:
    """A name with its indices below it."""
    return f"{name}_{''.join(indices)}" if indices else name


def differential_last(node: Expr) -> Expr:
    """The expression with the differential last in every trace of a product, as it is read off: tr(G^T dX)."""

    def visit(part: Expr, args: tuple[Expr, ...]) -> Expr:
        part = part.with_args(args) if args else part
        inner = part.args[0] if part.head == "tr" else part
        at = [n for n, a in enumerate(inner.args) if a.head == "differential"] if inner.head == "product" else []
        if part.head != "tr" or len(at) != 1 or any(a.shape.is_scalar for a in inner.args):
            return part
        return e.APPLY["tr"](e.product([*inner.args[at[0] + 1 :], *inner.args[: at[0] + 1]]))

    return fold(node, visit)


def _variable(name: str, part: Tensor) -> Tensor:
    """A variable in the place of a part; of a part that varies over data, a family, whose members its first axis counts."""
    if _counts_last(part):
        return b.transpose(b.var(name, part.axes[::-1], family=True))
    return b.var(name, part.axes, family=any(over_data(part)[:1]))


def _counts_last(part: Tensor) -> bool:
    """Whether the second axis of two counts data, and the first does not."""
    return part.rank == 2 and tuple(map(bool, over_data(part))) == (False, True)


def _rebuilt(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
    return _raw(node, args) if node.head in UNEVALUATED else rebuild(node, args)


def _raw(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
    """The node on other arguments, deltas as they are; signs of the arguments go to the front."""
    signs = [-1 if _is_negative(new) and new is not old else 1 for new, old in zip(args, node.args, strict=True)]
    if -1 not in signs:
        return Tensor.make(node.head, args, node.data, node.axes)
    bare = tuple(t.args[0] if s < 0 else t for t, s in zip(args, signs, strict=True))
    if node.head == "lin":
        return Tensor.make("lin", bare, tuple(c * s for c, s in zip(node.coefficients, signs, strict=True)), node.axes)
    if node.head == "pow":
        return b.power(*args)
    if node.head not in ("contract", *UNEVALUATED):
        return Tensor.make(node.head, args, node.data, node.axes)
    inner = Tensor.make(node.head, bare, node.data, node.axes)
    return inner if signs.count(-1) % 2 == 0 else Tensor.make("lin", (inner,), (-ONE,), node.axes)


def _is_negative(node: Tensor) -> bool:
    return node.head == "lin" and node.coefficients == (-ONE,)


def _sums(node: Tensor) -> bool:
    """Whether a bound index occurs before the next function."""
    if node.head == "lin":
        return any(_sums(t) for t in node.args)
    return node.head == "contract" and any(i >= node.rank for _, idx in factors_of(node) for i in idx)
