"""Index notation as a language of its own: derive, simplify, and the way to and from the matrix language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, overload

from matcalc.core.arguments import check_choice, check_flag, described
from matcalc.core.errors import DeclarationError, LimitError, NotDifferentiableError
from matcalc.core.limits import limits, timed
from matcalc.core.traversal import fold, postorder
from matcalc.diff.differentiate import differentiate
from matcalc.expr.components import Components, Index
from matcalc.formula import Definition, IndexFormula, MatrixFormula, arrays_of, indexed
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import rebuild, substitute
from matcalc.ir.text import index_names
from matcalc.lowering.components import Lowered, lower_components, select
from matcalc.pipeline import hidden, matrix_form, tensor_of
from matcalc.reading import NOTATIONS, read_program
from matcalc.simplify.deltas import eliminate_deltas
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.simplify.size import size
from matcalc.syntax.index_elaborate import elaborate_index


def check_notation(notation: str, einstein: bool) -> None:
    """Refuses a notation that there is not, and the summation convention outside of index notation.

    Raises:
        DeclarationError: in these cases.
    """
    check_choice(notation, "notation", NOTATIONS)
    if check_flag(einstein, "einstein") and notation != "index":
        raise DeclarationError("the summation convention is one of index notation", hint='notation="index"')


@overload
def simplify(
    text: str, declare: Mapping[str, str] | None = ..., *, notation: Literal["index"], einstein: bool = ...
) -> IndexFormula: ...


@overload
def simplify(
    text: str, declare: Mapping[str, str] | None = ..., *, notation: Literal["matrix"] = ..., einstein: bool = ...
) -> MatrixFormula | IndexFormula: ...


@timed
def simplify(
    text: str, declare: Mapping[str, str] | None = None, *, notation: str = "matrix", einstein: bool = False
) -> MatrixFormula | IndexFormula:
    """A formula in its simplest form, without a derivative.

    Args:
        text: the formula, with an optional `where` clause.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        notation: the language of the formula: "matrix", or "index" for components.
        einstein: in index notation, whether an index that occurs twice in a product is summed.

    Returns:
        The formula in the same notation; in index notation where there is no matrix form.

    Raises:
        MatcalcError: for anything in the text or the declarations that is not understood.

    Example:
        >>> print(simplify("A x + A^T x"))
        (A + A^T) x
        >>> print(simplify("sum_i delta_ik A_ij", notation="index"))
        A_kj
    """
    check_notation(notation, einstein)
    return simplify_index(text, declare, einstein) if notation == "index" else simplify_matrix(text, declare)


@timed
def derive_index(
    text: str,
    wrt: str | Sequence[str],
    order: int = 1,
    declare: Mapping[str, str] | None = None,
    einstein: bool = False,
    notation: str = "index",
    of_matrices: bool = False,
) -> IndexFormula:
    """The derivative of a formula in index notation by a component.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: a component such as `v_k`; for higher orders a list with one for each differentiation.
        order: how often to differentiate.
        declare: the space of variables, such as `{"A": "R^{m x n}"}`.
        einstein: whether an index that occurs twice in a product is summed.
        notation: "index"; anything else is refused.
        of_matrices: whether a layout or anything else was asked for that index notation does not have.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of component that is not understood.

    Example:
        >>> print(derive_index("sum_j A_ij v_j", "v_k"))
        A_ik
    """
    check_notation(notation, einstein)
    if of_matrices:
        raise DeclarationError("layouts, structured variables, functions of SymPy and its simplification are of the matrix "
                               "language", hint="in index notation every axis has its index, and components are independent")
    components = (wrt,) if isinstance(wrt, str) else tuple(wrt) if isinstance(wrt, Sequence) else ()
    if not components or not all(isinstance(c, str) for c in components) or len(components) not in (1, order):
        raise DeclarationError(f"{described(wrt)} is no component to differentiate by",
                               hint='wrt="x_k", or wrt=["x_j", "x_k"] with order=2')
    program = elaborate_index(text, declare, einstein, components)
    if len(components) < order:
        components = tuple(_again(program, components[0], order))
        program = elaborate_index(text, declare, einstein, components)
    return _differentiated(program)


def _differentiated(program: Components) -> IndexFormula:
    """The derivative of a formula by its components."""
    names = {name for name, _ in program.wrt}
    plain = lower_components(_without_properties(program, names))
    tensor = recognise(plain.tensor)
    for name, _ in program.wrt:
        tensor = recognise(differentiate(tensor, plain.variables[name]))
    declared = lower_components(program)
    for name in sorted(names):
        tensor = substitute(tensor, plain.variables[name], declared.variables[name])
    found = select(tensor, (*program.free, *(s for _, slots in program.wrt for s in slots)))
    return _result(_simplest(found.tensor), found.indices, program, declared)


def _again(program: Components, component: str, order: int) -> Sequence[str]:
    """The component once for each differentiation, with new letters for indices that the formula does not have."""
    name, slots = program.wrt[0]
    taken = {*program.arrays, *program.definitions, *(i.letter for i in program.free)}
    taken.update(n for a in program.arrays.values() for d in a.axes for n in d.names)
    taken.update(s.letter for s in slots if isinstance(s, Index))
    fresh = index_names(taken)
    found = [component]
    for _ in range(order - 1):
        new = {s: s.letter if s in program.free else next(fresh) for s in dict.fromkeys(slots) if isinstance(s, Index)}
        found.append(f"{name}_{{{','.join(str(new[s]) if isinstance(s, Index) else str(s) for s in slots)}}}" if slots else name)
    return found


def _without_properties(program: Components, names: set[str]) -> Components:
    """The formula with the declared properties of some variables hidden: they are not used before differentiating."""
    arrays = {n: replace(a, properties=()) if n in names else a for n, a in program.arrays.items()}
    islands = {k: hidden(v, names) for k, v in program.islands.items()}
    definitions = {n: replace(d, expr=hidden(d.expr, names)) if d.expr is not None else d for n, d in program.definitions.items()}
    return replace(program, arrays=arrays, islands=islands, definitions=definitions)


def simplify_index(text: str, declare: Mapping[str, str] | None = None, einstein: bool = False) -> IndexFormula:
    """A formula in index notation with its deltas contracted, like terms merged and common factors taken out.

    Args:
        text: the formula, with an optional `where` clause.
        declare: the space of variables.
        einstein: whether an index that occurs twice in a product is summed.

    Raises:
        MatcalcError: for anything that is not understood.

    Example:
        >>> print(simplify_index("sum_i delta_ik A_ij"))
        A_kj
    """
    program = elaborate_index(text, declare, einstein)
    lowered = lower_components(program)
    return _result(_simplest(recognise(lowered.tensor)), program.free, program, lowered)


def _simplest(tensor: Tensor) -> Tensor:
    """The tensor with its deltas contracted and common factors taken out."""
    return factor(eliminate_deltas(factor(eliminate_deltas(tensor))))


def _smaller(tensor: Tensor) -> Tensor:
    """The tensor factored, or written out and then factored where that is smaller."""
    found = factor(tensor)
    try:
        other = factor(expand(tensor))
    except LimitError:
        return found
    return other if size(other) < size(found) else found


def _result(tensor: Tensor, indices: Sequence[Index], program: Components, lowered: Lowered) -> IndexFormula:
    if tensor.rank > limits().axes:
        raise NotDifferentiableError(f"the result has more than {limits().axes} axes",
                                     hint="a lower order, or fewer variables")
    folded, definitions = _named(tensor, program, lowered)
    return IndexFormula(folded, program.arrays, program, program.wrt, indices=tuple(i.letter for i in indices),
                        letters=program.letters, definitions=definitions)


def _named(tensor: Tensor, program: Components, lowered: Lowered) -> tuple[Tensor, tuple[Definition, ...]]:
    """The result with the user's names for the parts that they stand for, and what they stand for."""
    leaves: dict[Tensor, Tensor] = {}
    values: dict[str, Tensor] = {}
    for name, value in lowered.definitions.items():
        known = recognise(value)
        if value.args and any(t.head == "var" for t in postorder(value)):
            values[name] = fold(known, lambda t, args: rebuild(t, args), dict(leaves))
            leaves |= {value: b.var(name, value.axes), known: b.var(name, value.axes)}
    folded = fold(tensor, lambda t, args: rebuild(t, args), dict(leaves))
    used = _used(folded, values)
    definitions = []
    for name, value in values.items():
        defined = program.definitions[name]
        if name in used:
            shown = value if defined.expr is None else defined.expr
            definitions.append(Definition(name, tuple(i.letter for i in defined.formals), shown))
    return folded, tuple(definitions)


def _used(tensor: Tensor, values: Mapping[str, Tensor]) -> set[str]:
    """The names of definitions that a result needs, directly or through one another."""
    used: set[str] = set()
    stack = [tensor]
    while stack:
        for part in postorder(stack.pop()):
            name = str(part.data[0]) if part.head == "var" else ""
            if name in values and name not in used:
                used.add(name)
                stack.append(values[name])
    return used


def simplify_matrix(text: str, declare: Mapping[str, str] | None = None) -> MatrixFormula | IndexFormula:
    """A formula of the matrix language in its simplest closed form; in index notation where there is none.

    Args:
        text: the formula, with an optional `where` clause.
        declare: the space of variables.

    Raises:
        MatcalcError: for anything that is not understood.

    Example:
        >>> print(simplify_matrix("A x + A^T x"))
        (A + A^T) x
    """
    program = read_program(text, declare)
    tensor = _smaller(tensor_of(program.expr))
    form = matrix_form(tensor, program.expr, program.variables, program.expr.shape.kind == "row")
    arrays = arrays_of(program.variables)
    if form is None:
        return indexed(tensor, program.expr, arrays, program.definitions)
    return MatrixFormula(tensor, arrays, program.expr, expr=form)


@timed
def to_matrix(text: str, declare: Mapping[str, str] | None = None, einstein: bool = False) -> MatrixFormula:
    """A formula in index notation as an expression of the matrix language.

    Args:
        text: a formula in index notation with at most two free indices: its rows and columns, in that order.
        declare: the space of variables.
        einstein: whether an index that occurs twice in a product is summed.

    Raises:
        ShapeError: where there is no matrix form.

    Example:
        >>> print(to_matrix("sum_j A_ij v_j"))
        A v
    """
    return simplify_index(text, declare, check_flag(einstein, "einstein")).to_matrix()


@timed
def to_index(text: str, declare: Mapping[str, str] | None = None) -> IndexFormula:
    """An expression of the matrix language in index notation.

    Args:
        text: a formula of the matrix language.
        declare: the space of variables.

    Raises:
        MatcalcError: for anything that is not understood.

    Example:
        >>> print(to_index("x^T A x"))
        sum_{i, j} x_i A_ij x_j
    """
    program = read_program(text, declare)
    return indexed(tensor_of(program.expr), program.expr, arrays_of(program.variables), program.definitions)
