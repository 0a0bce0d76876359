"""The one place that knows the order of passes: lower, differentiate, restore properties, factor, raise."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

from matcalc.core.arguments import check_choice, clipped
from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.traversal import fold, postorder
from matcalc.diff.differentiate import differentiate, gather
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size as printed_size
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, terms_of
from matcalc.ir.substitute import substitute
from matcalc.lowering.lower import lower, lower_parts
from matcalc.raising.driver import Raiser
from matcalc.raising.graph import NoMatrixForm
from matcalc.raising.view import Setting
from matcalc.simplify.complete import complete
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

Block = str | tuple[str, ...]
"""A variable, or scalars that form one vector."""

STRUCTURES = ("entries", "projection")
"""How a derivative by a structured matrix is meant, other than entry by entry as if there were no structure."""


def tensor_of(expr: Expr) -> Tensor:
    """The index form of an expression."""
    return recognise(lower(expr))


def names_of_tensors(definitions: Mapping[str, Expr]) -> dict[Tensor, str]:
    """The user's names by what they stand for in index form, as written and as recognised."""
    parts = lower_parts(*definitions.values())
    memo: dict[Tensor, Tensor] = {}
    names: dict[Tensor, str] = {}
    for name, value in definitions.items():
        if value in parts:
            names |= {parts[value]: name, recognise(parts[value], memo): name}
    return names


def derivative_tensor(
    expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block], structured: str | None = None
) -> Tensor:
    """The derivative in index form: axes of the output, then those of each block of `wrt`.

    Args:
        expr: the function.
        variables: all variables by name.
        wrt: what to differentiate by, once per order.
        structured: one of STRUCTURES, or None for independent entries.

    Raises:
        DeclarationError: for a name that is no variable, a list of names that are not scalars, or a structure that
            no variable of `wrt` is declared to have.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    names = check_wrt(variables, wrt)
    plain = {name: without_properties(variables[name]) for name in names}
    tensor = tensor_of(hidden(expr, set(names)))
    for block in wrt:
        tensor = recognise(complete(_derivative(tensor, block, plain)))
    tensor = restored(tensor, variables, names)
    return factor(tensor if structured is None else by_structure(tensor, expr, variables, wrt, structured))


def restored(tensor: Tensor, variables: Mapping[str, Expr], names: Sequence[str]) -> Tensor:
    """The tensor with the declared properties of some variables in force again."""
    for name in names:
        plain, declared = lower(without_properties(variables[name])), lower(variables[name])
        tensor = tensor if plain is declared else substitute(tensor, plain, declared)
    return tensor


def ranks(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block]) -> list[int]:
    """The number of axes of the output, then of each block of `wrt`."""
    own = [len(expr.shape.dims)]
    for block in wrt:
        variable = variables[block] if isinstance(block, str) else None
        own.append(1 if variable is None else len(variable.shape.dims) + (variable.head == "item"))
    return own


def _structure(variables: Mapping[str, Expr], block: Block) -> str | None:
    """The structure of a square matrix that derivatives can follow."""
    found = variables[block].data[1] if isinstance(block, str) else ()
    assert isinstance(found, tuple)
    if "diagonal" in found:
        return "diagonal"
    if "skew" in found:
        return "skew"
    return "symmetric" if {"symmetric", "posdef", "psd"} & set(found) else None


def by_structure(
    tensor: Tensor, expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block], convention: str
) -> Tensor:
    """The derivative by the independent entries, or in the space of structured matrices.

    For G by a symmetric X: G + G^T - G .* I by entries, (G + G^T)/2 projected; by a skew one the same with -G^T; by a
    diagonal one G .* I. Source: Petersen and Pedersen, The Matrix Cookbook (2012), section 2.8.
    """
    structures, sizes = [_structure(variables, block) for block in wrt], ranks(expr, variables, wrt)
    check_choice(convention, "structured", STRUCTURES)
    if not any(structures):
        raise DeclarationError("no variable of `wrt` is declared symmetric, skew or diagonal",
                               hint='declare={"X": "R^{n x n} symmetric"}')
    for position, structure in enumerate(structures):
        at = sum(sizes[: position + 2]) - 2
        if structure is not None:
            tensor = _by_structure(tensor, at, structure, convention)
    return tensor


def _by_structure(tensor: Tensor, at: int, structure: str, convention: str) -> Tensor:
    axes = tuple(range(tensor.rank))
    turned = b.permute(tensor, (*axes[:at], at + 1, at, *axes[at + 2 :]))
    merged = (*axes[: at + 1], at, *axes[at + 2 :])
    diagonal = b.contract([(tensor, merged), (b.delta(tensor.axes[at]), (at, at + 1))], axes)
    if structure == "diagonal":
        return diagonal
    sign = Fraction(1 if structure == "symmetric" else -1)
    both = [(Fraction(1), tensor), (sign, turned)]
    if convention == "projection":
        return b.lin([(c / 2, t) for c, t in both], tensor.axes)
    return b.lin([*both, (-sign, diagonal)] if structure == "symmetric" else both, tensor.axes)


def flattened(tensor: Tensor, sizes: Sequence[int], order: str) -> Tensor:
    """The derivative as a matrix: the last variable runs along its columns, all that comes before along its rows.

    Every group of two axes is stacked into one. Of the groups along the rows the output is the slowest, so that a
    second derivative of a vector function holds the Hessians of its entries one below the other.
    Source: Magnus and Neudecker, Matrix Differential Calculus (2019), 6.7 and 10.7.

    Args:
        tensor: a derivative.
        sizes: the number of axes of the output and of each variable.
        order: "columns" or "rows", the way in which matrices are stacked.

    Raises:
        DeclarationError: for another order.
        ShapeError: for a family of matrices.
    """
    check_choice(order, "order", ("columns", "rows"))
    if max(sizes) > 2:
        raise ShapeError("a family of matrices has no flattened form", hint="members one by one, or the array as it is")
    parts: list[Part] = []
    groups: list[Group] = []
    at = 0
    for size in sizes:
        own: list[Group] = [(axis, tensor.axes[axis]) for axis in range(at, at + size)]
        at += size
        if len(own) == 2:
            slow, fast = own[::-1] if order == "columns" else own
            own = [_joined(slow, fast, parts)]
        groups += own
    while len(groups) > 2:
        groups[:2] = [_joined(groups[0], groups[1], parts)]
    axes = tuple(range(tensor.rank))
    out = tuple(name for name, _ in groups)
    return b.lin([(c, b.contract([(t, axes), *parts], out)) for c, t in terms_of(tensor)], tuple(d for _, d in groups))


Part = tuple[Tensor, tuple[Hashable, ...]]
Group = tuple[Hashable, Dim]


def _joined(slow: Group, fast: Group, parts: list[Part]) -> Group:
    """Two axes as one, the second of which runs faster."""
    name = ("joined", len(parts))
    parts.append((b.fuse(fast[1], slow[1]), (name, slow[0], fast[0])))
    return name, slow[1] * fast[1]


def matrix_form(tensor: Tensor, expr: Expr, variables: Mapping[str, Expr], as_row: bool = False) -> Expr | None:
    """The matrix form of a tensor in the variables of an expression, None where it has none.

    Args:
        tensor: what is raised.
        expr: the source, whose data indices and forms are preferred.
        variables: all variables by name, in reading order.
        as_row: whether a tensor of one axis, or the transpose of one of two, is written as a row.
    """
    try:
        return raiser_of(expr, variables).to_matrix(tensor, as_row=as_row)
    except NoMatrixForm:
        return None


def raiser_of(expr: Expr, variables: Mapping[str, Expr]) -> Raiser:
    """What raises tensors in the variables of an expression; parts that several tensors share are raised once."""
    indices: dict[Dim, str] = {}
    order = {name: n for n, name in enumerate(variables)}
    for node in postorder(expr):
        if node.head == "datasum" and isinstance(node.data[1], Dim):
            indices.setdefault(node.data[1], str(node.data[0]))
    taken = {*variables, *(name for v in variables.values() for dim in v.shape.dims for name in dim.names)}
    return Raiser(order, Setting(indices, factor, _written(expr, order), frozenset(taken)))


def _written(expr: Expr, order: Mapping[str, int]) -> dict[Tensor, Expr]:
    """The parts of the source by their tensors; of several the smallest, then the one whose names are read first."""
    found: dict[Tensor, list[Expr]] = {}
    collected: dict[Expr, bool] = {}
    for part, tensor in lower_parts(expr).items():
        if fold(part, _is_collected, collected):
            found.setdefault(tensor, []).append(part)

    def reading(part: Expr) -> tuple[int, list[int], bytes]:
        return printed_size(part), [order[n.name] for n in postorder(part) if n.head in ("var", "item") and n.name in order], part.key

    return {tensor: min(parts, key=reading) if len(parts) > 1 else parts[0] for tensor, parts in found.items()}


def _is_collected(node: Expr, args: tuple[bool, ...]) -> bool:
    """Whether no sum has a term twice, up to its number, and no elementwise or scalar product a factor."""
    if not all(args):
        return False
    if node.head == "add":
        return len(set(map(_without_number, node.args))) == len(node.args)
    factors = [a for a in node.args if a.shape.is_scalar or node.head == "hadamard"] if node.head in ("product", "hadamard") else []
    return len(set(factors)) == len(factors)


def _without_number(term: Expr) -> tuple[Expr, ...]:
    factors = term.args if term.head == "product" else (term,)
    return factors[1:] if factors[0].head == "num" else factors


def check_wrt(variables: Mapping[str, Expr], wrt: Sequence[Block]) -> list[str]:
    """The names in `wrt`, each once.

    Raises:
        DeclarationError: for a name that is no variable, or a list of names that are not scalars.
    """
    if not wrt:
        raise DeclarationError("the order of a derivative is at least 1", hint="order=1")
    names: list[str] = []
    for block in wrt:
        if not block:
            raise DeclarationError("there is no variable to differentiate by", hint='wrt="x"')
        for name in (block,) if isinstance(block, str) else block:
            if name not in variables:
                known = ", ".join(variables) or "nothing, it is constant"
                raise DeclarationError(f"`{clipped(name)}` does not occur in the expression", hint=f"it depends on {known}")
            shape = variables[name].shape
            if not isinstance(block, str) and not shape.is_scalar:
                raise DeclarationError(f"a list of variables holds scalars, and `{name}` is {shape.describe()}",
                                       hint="a gradient by several vectors or matrices is that of `gradients`")
            names.append(name)
        if not isinstance(block, str) and len(set(block)) < len(block):
            raise DeclarationError(f"a variable stands twice in {', '.join(block)}", hint="each variable once")
    return list(dict.fromkeys(names))


def _derivative(tensor: Tensor, block: Block, plain: Mapping[str, Expr]) -> Tensor:
    if isinstance(block, str):
        return differentiate(tensor, lower(plain[block]))
    return gather([differentiate(tensor, lower(plain[name])) for name in block])


def without_properties(variable: Expr) -> Expr:
    """The variable with its declared properties hidden: they are not used before differentiating."""
    return Expr.make(variable.head, (), (variable.data[0], (), *variable.data[2:]), variable.shape)


def hidden(expr: Expr, names: set[str]) -> Expr:
    """The expression with the declared properties of some variables hidden."""

    def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.head in ("var", "item") and node.name in names:
            return without_properties(node)
        return node.with_args(args) if args else node

    return fold(expr, visit)


def is_vector(variables: Mapping[str, Expr], block: Block) -> bool:
    """Whether a derivative is by a vector: a variable, or scalars that form one."""
    return not isinstance(block, str) or variables[block].shape.kind == "vector"


def turns(tensor: Tensor, variables: Mapping[str, Expr], wrt: Sequence[Block]) -> bool:
    """Whether denominator layout transposes a derivative: a first one by a vector, of at most two axes."""
    return len(wrt) == 1 and tensor.rank <= 2 and is_vector(variables, wrt[0])
