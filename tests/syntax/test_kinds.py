"""The tables by which kinds are inferred say what the constructors do, for every kind of operand and in every direction."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from matcalc.core.dims import SCALAR, Dim, matrix, row, vector
from matcalc.core.errors import ShapeError
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.syntax import kinds as k

M, P = Dim.of("m"), Dim.of("p")
N = M * P
OPERANDS = {k.S: b.variable("s", SCALAR), k.V: b.variable("v", vector(N)), k.R: b.variable("r", row(N)), k.M: b.variable("A", matrix(N, N))}


def kind(build: Callable[[], Expr]) -> int:
    """The kind of what is built, 0 where that is refused."""
    try:
        return k.BITS[build().shape.kind]
    except ShapeError:
        return 0


BINARY: dict[str, Callable[[Expr, Expr], Expr]] = {
    "PRODUCT": lambda a, c: b.product([a, c]), "ELEMENTWISE": lambda a, c: b.hadamard([a, c]), "KRON": b.kron, "POWER_DOT": b.power,
}
POWERS = {"POWER": {(k.S, k.S): k.S, (k.M, k.S): k.M}, "SCALAR_POWER": {(k.S, k.S): k.S}}
UNARY: dict[str, Callable[[Expr], Expr]] = {
    "transpose": b.transpose, "same": lambda a: b.elementwise("exp", [a]), "reduce": b.APPLY["sum"], "trace": b.APPLY["tr"],
    "square": b.APPLY["expm"], "diag": b.diag, "vec": b.vec, "unvec": lambda a: b.unvec(a, M, P), "softmax": b.softmax,
}
SOME = {"inverse": {k.M: k.M, k.S: k.S}, "scalar": {k.S: k.S}, "vector_norm": {k.S: k.S, k.V: k.S, k.R: k.S}}
"""Relations of the language that no one constructor has."""


@pytest.mark.parametrize("name", [*BINARY, *POWERS])
def test_two_operands(name: str) -> None:
    table = getattr(k, name)
    for a, c in product(k.KINDS, k.KINDS):
        expected = kind(lambda: BINARY[name](OPERANDS[a], OPERANDS[c])) if name in BINARY else POWERS[name].get((a, c), 0)  # noqa: B023
        assert table.out[a][c] == expected, (k.NAMES[a], k.NAMES[c])


@pytest.mark.parametrize("name", [*BINARY, *POWERS])
def test_operands_are_told_from_the_result(name: str) -> None:
    table = getattr(k, name)
    triples = [(a, c, table.out[a][c]) for a, c in product(k.KINDS, k.KINDS) if table.out[a][c]]
    for first, second in product(range(16), range(16)):
        lefts = sum({a for a, c, out in triples if c & first and out & second})
        rights = sum({c for a, c, out in triples if a & first and out & second})
        outs = sum({out for a, c, out in triples if a & first and c & second})
        assert (table.out[first][second], table.left[first][second], table.right[first][second]) == (outs, lefts, rights)


@pytest.mark.parametrize("name", k.UNARY)
def test_one_operand(name: str) -> None:
    for a, operand in OPERANDS.items():
        expected = SOME[name].get(a, 0) if name in SOME else kind(lambda: UNARY[name](operand))  # noqa: B023
        assert k.UNARY[name].get(a, 0) == expected, k.NAMES[a]
