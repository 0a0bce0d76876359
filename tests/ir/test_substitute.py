"""One tensor in the place of another, through every head."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import HEADS, Tensor
from matcalc.ir.substitute import rebuild, substitute

M, N = Dim.of("m"), Dim.of("n")
x, y, z = b.var("x", (N,)), b.var("y", (N,)), b.var("z", (N,))
S, C, A = b.var("S", (N, N)), b.var("C", (N, N)), b.var("A", (M, N))

OF_VECTORS: dict[str, Callable[[Tensor], Tensor]] = {
    "var": lambda u: u, "lin": lambda u: b.add(b.scale(Fraction(2), u), z), "contract": lambda u: b.contract([(A, ("i", "j")), (u, ("j",))], ("i",)),
    "map": lambda u: b.apply("max", z, b.apply("tanh", u)), "pow": lambda u: b.power(b.add(u, z), b.const(Fraction(1, 3))), "pow, above": lambda u: b.power(z, u),
    "softmax": lambda u: b.normalised("softmax", u), "logsumexp": lambda u: b.normalised("logsumexp", b.add(u, z)), "nothing": lambda u: z,
}
OF_MATRICES: dict[str, Callable[[Tensor], Tensor]] = {
    "matpow": lambda u: b.matpow(u, -2), "matpow, 3": lambda u: b.matpow(u, 3), "det": b.det, "logdet": b.logdet, "expm": lambda u: b.of_matrix("expm", u),
    "softmax, rows": lambda u: b.normalised("softmax", u, 1), "logsumexp, rows": lambda u: b.normalised("logsumexp", u, 1), "whole": lambda u: b.normalised("logsumexp", u),
}


@pytest.mark.parametrize("make", OF_VECTORS.values(), ids=OF_VECTORS)
def test_vectors(make: Callable[[Tensor], Tensor]) -> None:
    assert substitute(make(x), x, y) is make(y)
    assert substitute(make(x), x, x) is make(x)
    assert substitute(make(x), x, b.zero((N,))) is make(b.zero((N,)))


@pytest.mark.parametrize("make", OF_MATRICES.values(), ids=OF_MATRICES)
def test_matrices(make: Callable[[Tensor], Tensor]) -> None:
    for new in (C, b.add(C, b.delta(N)), b.transpose(C), b.delta(N)):
        assert substitute(make(S), S, new) is make(new)


@pytest.mark.parametrize("head", ["differential", "partial"])
def test_what_is_not_worked_out(head: str) -> None:
    node = Tensor.make(head, (b.apply("tanh", x), x), (), (N,) if head == "differential" else (N, N))
    other = rebuild(node, (b.apply("exp", x), x))
    assert (other.head, other.args, other.axes) == (head, (b.apply("exp", x), x), node.axes)


def test_every_head_with_operands_is_here() -> None:
    made = {*(make(x).head for make in OF_VECTORS.values()), *(make(S).head for make in OF_MATRICES.values())}
    assert set(HEADS) - made == {"delta", "ones", "size", "pi", "basis", "embed", "fuse"}
