"""The interface: formulas as text in, derivatives out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Literal, overload

from matcalc.core.arguments import check_choice, check_flag, check_seed, check_whole, clipped
from matcalc.core.errors import DeclarationError
from matcalc.core.limits import limits, timed
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr.nodes import Expr
from matcalc.pipeline import Block
from matcalc.reading import NOTATIONS, Formula, Functions, Wrt, names_of, read_program
from matcalc.syntax.elaborate import Program
from matcalc.syntax.names import ascii_name

if TYPE_CHECKING:
    from matcalc.convexity.verdict import Curvature
    from matcalc.formula import IndexFormula
    from matcalc.joint import Gradients
    from matcalc.stationary.point import StationaryPoint



@overload
def derive(
    text: str, wrt: str | Sequence[str], order: int = ..., declare: Mapping[str, str] | None = ..., layout: str = ...,
    structured: str | None = ..., functions: None = ..., simplify: None = ..., *, notation: Literal["index"],
    einstein: bool = ...,
) -> IndexFormula: ...


@overload
def derive(
    text: Formula, wrt: Wrt, order: int = ..., declare: Mapping[str, str] | None = ..., layout: str = ...,
    structured: str | None = ..., functions: Functions | None = ..., simplify: str | None = ..., *,
    notation: Literal["matrix"] = ..., einstein: Literal[False] = ...,
) -> Derivative: ...


@timed
def derive(
    text: Formula, wrt: Wrt, order: int = 1, declare: Mapping[str, str] | None = None, layout: str = "numerator",
    structured: str | None = None, functions: Functions | None = None, simplify: str | None = None, *,
    notation: str = "matrix", einstein: bool = False,
) -> Derivative | IndexFormula:
    """The derivative of a formula.

    Args:
        text: the formula, with an optional `where` clause; or an expression of SymPy.
        wrt: the name of the variable, or a list of names of scalars that form one vector; or symbols of SymPy; in index
            notation a component such as `v_k`, or a list with one for each differentiation.
        order: 1 for the gradient or Jacobian, 2 for the Hessian, and so on.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        layout: "numerator", or "denominator" for the transpose of what has at most two axes by a vector.
        structured: by a matrix that is declared symmetric, skew or diagonal, None takes its entries as independent;
            "entries" takes those that are (i <= j), "projection" is the gradient in the space of such matrices.
        functions: elementwise functions beside those of the `where` clause, each a SymPy `Lambda`.
        simplify: "sympy" for a scalar result as SymPy simplifies it, where that is smaller.
        notation: the language of the formula and of the result: "matrix", or "index" for components.
        einstein: in index notation, whether an index that occurs twice in a product is summed.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variable that is not understood.

    Example:
        >>> str(derive("x^T A x", wrt="x"))
        'x^T (A + A^T)'
        >>> str(derive("sum_j A_ij v_j", wrt="v_k", notation="index"))
        'A_ik'
    """
    order = check_whole(order, "order", "the order of a derivative", 1, limits().order)
    check_choice(notation, "notation", NOTATIONS)
    check_flag(einstein, "einstein")
    if notation != "matrix" or einstein:
        other = not isinstance(layout, str) or layout != "numerator" or any(v is not None for v in (structured, functions, simplify))
        return _in_index_notation(text, wrt, order, declare, einstein, notation, other)
    d = _derived(text, names_of(wrt), order, declare, layout, structured, functions)
    return d if simplify is None else _simplified(d, simplify)


def _derived(text: Formula, wrt: str | Sequence[str], order: int, declare: Mapping[str, str] | None, layout: str,
             structured: str | None, functions: Functions | None) -> Derivative:
    program = read_program(text, declare, gathered_names(wrt), functions)
    return derive_expr(program.expr, program.variables, [block_of(program, wrt)] * order, program.definitions, layout, structured)


def _in_index_notation(*arguments: object) -> IndexFormula:
    found: IndexFormula = import_module("matcalc.notation").derive_index(*arguments)
    return found


def _simplified(d: Derivative, by: str) -> Derivative:
    check_choice(by, "simplify", ("sympy",))
    found: Derivative = import_module("matcalc.scalar_algebra").simplified(d)
    return found


@timed
def hessian(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None) -> Derivative:
    """The Hessian of a scalar formula, in a form that reads symmetric; by a matrix a tensor of four axes.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variable that is not understood, and
            where the formula is no scalar.

    Example:
        >>> print(hessian("logsumexp(A x)", wrt="x"))
        A^T (diag(z) - z z^T) A where z = softmax(A x)
    """
    wrt = names_of(wrt)
    program = read_program(text, declare, gathered_names(wrt))
    block = block_of(program, wrt)
    found: Derivative = import_module("matcalc.second_order").hessian_of(
        program.expr, program.variables, block, program.definitions)
    return found


@timed
def curvature(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None, seed: int = 0) -> Curvature:
    """What is known of how a scalar formula bends: the sign of its Hessian, whether it is convex, and why.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        seed: of the random points at which a certificate is tried before it is told.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variable that is not understood, and
            where the formula is no scalar.

    Example:
        >>> c = curvature("||X b - y||^2", wrt="b")
        >>> c.verdict, c.shape_of_function, c.rules
        ('positive semidefinite', 'convex', ('congruence',))
    """
    seed = check_seed(seed)
    wrt = names_of(wrt)
    program = read_program(text, declare, gathered_names(wrt))
    found: Curvature = import_module("matcalc.convexity.verdict").curvature_of(
        program.expr, program.variables, block_of(program, wrt), program.definitions, seed)
    return found


@timed
def solve_stationary(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None, seed: int = 0) -> StationaryPoint:
    """Where the gradient of a scalar formula is zero: the equation, its solution, and what it is.

    Args:
        text: the formula, with an optional `where` clause.
        wrt: the name of the unknown, or a list of names of scalars that are unknown together.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        seed: of the random points at which the verdict on the curvature is tried.

    Raises:
        LimitError: where no closed form is known, and why.
        MatcalcError: for anything in the text, the declarations or the choice of variable that is not understood, and
            where the formula is no scalar or its gradient does not depend on the unknown.

    Example:
        >>> s = solve_stationary("||X b - y||^2", wrt="b")
        >>> s.equation, s.solution
        ('X^T X b = X^T y', '(X^T X)^-1 X^T y')
    """
    seed = check_seed(seed)
    wrt = names_of(wrt)
    program = read_program(text, declare, gathered_names(wrt))
    found: StationaryPoint = import_module("matcalc.stationary.solve").stationary_of(
        program.expr, program.variables, block_of(program, wrt), program.definitions, seed)
    return found


@timed
def parse(text: Formula, declare: Mapping[str, str] | None = None, functions: Functions | None = None) -> Program:
    """A formula, in text or of SymPy, as a typed expression with its variables and definitions, shapes inferred.

    Raises:
        MatcalcError: for anything in the text or the declarations that is not understood.

    Example:
        >>> {name: str(v.shape) for name, v in parse("A x + b").variables.items()}
        {'A': 'R^{m x n}', 'x': 'R^n', 'b': 'R^m'}
    """
    return read_program(text, declare, functions=functions)


@timed
def to_sympy(formula: Formula | Expr | Program | Derivative, declare: Mapping[str, str] | None = None) -> object:
    """A formula in SymPy: real symbols, a `MatrixSymbol` for each array, and what is made of them.

    Args:
        formula: text, an expression of `parse`, or a derivative.
        declare: the space of variables in a text.

    Raises:
        MatcalcError: for a text that is not understood, or a part that SymPy cannot hold.

    Example:
        >>> to_sympy("x^T A x")
        Trace(x.T*A*x)
    """
    if isinstance(formula, Derivative):
        return formula.to_sympy()
    if isinstance(formula, Program):
        formula = formula.expr
    expr = formula if isinstance(formula, Expr) else read_program(formula, declare).expr
    value: object = import_module("matcalc.interop.sympy").to_sympy(expr)
    return value


@timed
def gradients(text: Formula, wrt: Wrt, declare: Mapping[str, str] | None = None,
              functions: Functions | None = None) -> Gradients:
    """The value of a formula and its derivatives by several variables, as formulas and as one function.

    Args:
        text: the formula, with an optional `where` clause; or an expression of SymPy.
        wrt: names of variables, of any shapes; or symbols of SymPy.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        functions: elementwise functions beside those of the `where` clause, each a SymPy `Lambda`.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variables that is not understood.

    Example:
        >>> g = gradients("a^T X b", wrt=["a", "X"])
        >>> str(g["X"])
        'a b^T'
    """
    wrt = names_of(wrt)
    program = read_program(text, declare, functions=functions)
    if isinstance(wrt, str):
        raise DeclarationError("`wrt` is a list of names of variables", hint=f'wrt=["{clipped(wrt)}"]')
    names: list[str] = []
    for name in wrt:
        names.append(_spelled(program, name))
        if names.count(names[-1]) > 1:
            raise DeclarationError(f"`{name}` stands twice in `wrt`", hint="each variable once")
    found: Gradients = import_module("matcalc.joint").gradients_expr(
        program.expr, program.variables, tuple(names), program.definitions)
    return found


def gathered_names(wrt: str | Sequence[str]) -> list[str]:
    """The names of a list of variables, which are scalars where nothing says otherwise."""
    if isinstance(wrt, str):
        return []
    return [ascii_name(name.strip()) for name in wrt]


def block_of(program: Program, wrt: str | Sequence[str]) -> Block:
    """The variable or variables as the program spells them."""
    if isinstance(wrt, str):
        return _spelled(program, wrt)
    return tuple(_spelled(program, name) for name in wrt)


def _spelled(program: Program, name: str) -> str:
    """The name as the program spells it; a variable that is declared alone becomes one on which nothing depends."""
    plain = ascii_name(name.strip())
    family = plain.rpartition("_")[0]
    if plain not in program.variables and family in program.variables and program.variables[family].head == "item":
        return family
    if plain in program.definitions:
        raise DeclarationError(f"`{plain}` is a definition of the `where` clause, not a variable",
                               hint="differentiate by one of its variables")
    if plain in program.absent:
        program.variables.setdefault(plain, program.absent[plain])
    if plain not in program.variables:
        raise import_module("matcalc.absent").absent_variable(program, name)
    return plain
