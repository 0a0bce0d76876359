"""Equations in a few scalars, solved by SymPy. What does not hold an unknown counts as a symbol, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sympy
from sympy.functions.elementary.trigonometric import TrigonometricFunction

from matcalc.core.errors import MatcalcError, UnknownFunctionError
from matcalc.core.limits import interrupted
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.interop.from_sympy import Reader
from matcalc.interop.to_sympy import to_sympy

MAX_DEGREE = 8
"""Polynomials are tried up to this degree; solved are those whose factors are, by radicals."""
MAX_OPERATIONS = 60
"""Other equations are tried up to this size."""
MAX_UNKNOWNS = 3
SHARE = 0.6
"""Of the time that is left: the equations are shown where it is not enough."""

Sign = Callable[[Expr], str]
"""The sign of a scalar: "positive", "negative", "nonnegative", "nonpositive" or "real"."""


def solve(equations: Sequence[Expr], unknowns: Sequence[Expr], sign: Sign) -> list[tuple[Expr, ...]]:
    """The real solutions of equations e = 0, each as the values of the unknowns; none where SymPy finds no formula.

    Args:
        equations: scalars.
        unknowns: scalar variables.
        sign: what is known of the sign of a scalar.
    """
    leaves: dict[Expr, sympy.Symbol] = {}
    symbols = [_symbol(u, sign, f"u{n}") for n, u in enumerate(unknowns)]
    known = dict(zip(unknowns, symbols, strict=True))
    try:
        with interrupted(SHARE):
            values = [_converted(equation, known, leaves, sign) for equation in equations]
            found = list(_solved(values, symbols))
            reader = Reader({}, leaves={symbol: part for part, symbol in {**leaves, **known}.items()})
            return [tuple(reader.read(value) for value in solution) for solution in found]
    except (MatcalcError, NotImplementedError, TypeError):  # SymPy raises TypeError where it cannot order what it compares
        return []


def _symbol(part: Expr, sign: Sign, name: str) -> sympy.Symbol:
    return sympy.Dummy(name, real=True, **({} if sign(part) == "real" else {sign(part): True}))


def _converted(node: Expr, known: dict[Expr, sympy.Symbol], leaves: dict[Expr, sympy.Symbol], sign: Sign) -> sympy.Expr:
    """The equation, with a symbol for the largest parts that hold no unknown."""
    memo: dict[Expr, bool] = {}
    fold(node, lambda e, args: e in known or any(args), memo)
    stack, given = [node], dict[Expr, sympy.Basic](known)
    while stack:
        part = stack.pop()
        if part in given:
            continue
        if memo[part]:
            if part.head == "datasum" or any(not arg.shape.is_scalar for arg in part.args):
                raise UnknownFunctionError("an unknown inside of an array or of a sum over data",
                                           hint="an unknown that stands outside of arrays and sums")
            stack.extend(part.args)
        elif part.head not in ("num", "pi"):
            if not part.shape.is_scalar:
                raise UnknownFunctionError("an unknown inside of an array",
                                           hint="an unknown that stands outside of arrays")
            given[part] = leaves.setdefault(part, _symbol(part, sign, f"c{len(leaves)}"))
    return to_sympy(node, given)


def _solved(values: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol]) -> Iterator[tuple[sympy.Expr, ...]]:
    """Solutions that are real as far as SymPy can tell, in its order."""
    if len(symbols) == 1:
        (value,), (symbol,) = values, symbols
        numerator = sympy.numer(sympy.together(value))
        roots = _roots(numerator, symbol)
    else:
        if len(symbols) > MAX_UNKNOWNS or sum(v.count_ops() for v in values) > MAX_OPERATIONS:
            return
        numerators = [sympy.numer(sympy.together(v)) for v in values]
        if any(part.has(*symbols) for v in numerators for part in v.atoms(TrigonometricFunction)):
            return
        found = sympy.solve(numerators, list(symbols), dict=True)
        roots = sorted((tuple(s.get(symbol, symbol) for symbol in symbols) for s in found),
                       key=lambda root: tuple(map(sympy.default_sort_key, root)))
    for root in roots:
        held = [sympy.simplify(r) for r in root]
        if all(_fits(r, symbol, symbols) for r, symbol in zip(held, symbols, strict=True)) and _is_defined(values, symbols, held):
            yield tuple(held)


def _roots(numerator: sympy.Expr, symbol: sympy.Symbol) -> list[tuple[sympy.Expr, ...]]:
    polynomial = numerator.as_poly(symbol) if numerator.is_polynomial(symbol) else None
    if polynomial is not None and not polynomial.degree() > MAX_DEGREE:
        found = sympy.roots(polynomial, multiple=False)
        return [(root,) for root in sorted(found, key=_order)] if sum(found.values()) == polynomial.degree() else []
    if polynomial is not None or numerator.count_ops() > MAX_OPERATIONS:
        return []
    if any(part.has(symbol) for part in numerator.atoms(TrigonometricFunction)):
        return []  # infinitely many
    found = sympy.solve(numerator, symbol)
    return [(root,) for root in found] if isinstance(found, list) else []


def _order(root: sympy.Expr) -> tuple[object, ...]:
    """Numbers by size, then formulas."""
    if root.is_number and root.is_real:
        return 0, float(root)
    return 1, sympy.default_sort_key(root)


def _fits(root: sympy.Expr, symbol: sympy.Symbol, symbols: Sequence[sympy.Symbol]) -> bool:
    """Whether a value may be real, has the sign of its unknown, and holds no unknown."""
    if root.has(*symbols) or root.is_real is False or root.has(sympy.I, sympy.Piecewise, sympy.zoo, sympy.nan):
        return False
    return all(getattr(root, f"is_{kind}") is not False
               for kind in ("positive", "negative", "nonnegative", "nonpositive") if getattr(symbol, f"is_{kind}"))


def _is_defined(values: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol], root: Sequence[sympy.Expr]) -> bool:
    """Whether no equation divides by zero at the solution."""
    placed = dict(zip(symbols, root, strict=True))
    return all(sympy.simplify(sympy.denom(sympy.together(v)).subs(placed)) != 0 for v in values)
