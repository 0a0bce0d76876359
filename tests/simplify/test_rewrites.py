"""Single rewrites on tensors that are built directly: what they become, what stays beside it, and what they leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, terms_of
from matcalc.simplify.cancel import MAX_AXES, flat, written_out
from matcalc.simplify.complete import complete
from matcalc.simplify.deltas import eliminate_deltas
from matcalc.simplify.expand import MAX_TERMS, expand
from matcalc.simplify.matrix_functions import diagonal_of, kron, kron_of, root_of_multiple
from matcalc.simplify.recognise import recognise

M, N, TWO, THREE = Dim.of("m"), Dim.of("n"), Dim.of(2), Dim.of(3)
SIZES = {"m": 2, "n": 3}
x, y, z, u, v = (b.var(name, (N,)) for name in "xyzuv")
s, t = b.var("s", ()), b.var("t", ())
A, S, C = b.var("A", (M, N)), b.var("S", (N, N)), b.var("C", (N, N))
p, q, B = b.var("p", (TWO,)), b.var("q", (THREE,)), b.var("B", (THREE, THREE))
LEAVES = {**{name: node for name, node in zip("xyzuv", (x, y, z, u, v), strict=True)}, "s": s, "t": t, "A": A, "S": S, "C": C, "p": p, "q": q, "B": B}
ONES = b.ones((N,))


def f(name: str, *args: Tensor) -> Tensor:
    """An elementwise function."""
    return b.apply(name, *args)


def less(first: Tensor, *others: Tensor) -> Tensor:
    """The first without the others."""
    return b.add(first, *(b.scale(Fraction(-1), o) for o in others))


def over(first: Tensor, second: Tensor) -> Tensor:
    """A quotient, elementwise."""
    return b.multiply(first, b.power(second, b.const(-1)))


def square(node: Tensor) -> Tensor:
    """The square, elementwise."""
    return b.power(node, b.const(2))


def same_value(first: Tensor, second: Tensor) -> None:
    """Both have the same axes and entries at a random point."""
    assert first.axes == second.axes
    rng = np.random.default_rng(41)
    point = {name: rng.uniform(0.5, 1.5, [d.evaluate(SIZES) for d in leaf.axes]) for name, leaf in LEAVES.items()}
    np.testing.assert_allclose(evaluate_tensor(first, point, SIZES), evaluate_tensor(second, point, SIZES), rtol=1e-10, atol=1e-12)


def dot(first: Tensor, second: Tensor) -> Tensor:
    """The scalar product."""
    return b.contract([(first, ("i",)), (second, ("i",))], ())


def outer(first: Tensor, second: Tensor) -> Tensor:
    """The matrix of all products."""
    return b.contract([(first, (0,)), (second, (1,))], (0, 1))


def named() -> Iterator[tuple[Tensor, Tensor]]:
    """Formulas, and what is recognised in them."""
    soft = b.normalised("softmax", A, 1)
    Ax = b.contract([(A, ("i", "j")), (x, ("j",))], ("i",))
    exp_sum = b.contract([(f("exp", x), ("i",))], ())
    yield from [
        (b.contract([(soft, ("i", "j"))], ("i",)), b.ones((M,))), (b.contract([(soft, ("i", "j")), (Ax, ("i",))], ("i",)), Ax), (b.contract([(soft, ("i", "j"))], ()), b.size(M)),
        (b.contract([(b.normalised("softmax", x), ("i",)), (s, ())], ()), s), (b.contract([(b.normalised("softmax", x), ("i",)), (y, ("j",))], ("j",)), y),
        (b.multiply(y, f("exp", x), b.power(exp_sum, b.const(-1))), b.multiply(y, b.normalised("softmax", x))),
        (b.multiply(s, f("log", exp_sum)), b.multiply(s, b.normalised("logsumexp", x))),
        (b.multiply(f("sign", dot(x, y)), dot(x, y)), f("abs", dot(x, y))), (b.multiply(f("sign", dot(x, y)), dot(x, y), z), b.multiply(f("abs", dot(x, y)), z)),
        (b.multiply(f("sign", b.multiply(x, y)), x, y), f("abs", b.multiply(x, y))), (b.multiply(f("sign", b.multiply(x, y)), x, y, z), b.multiply(f("abs", b.multiply(x, y)), z)),
        (b.multiply(f("cos", z), f("sign", b.multiply(x, y)), x, y), b.multiply(f("cos", z), f("abs", b.multiply(x, y)))),
        (b.contract([(less(outer(b.normalised("softmax", x), y), outer(b.normalised("softmax", x), z)), ("i", "j"))], ("j",)), less(y, z)),
        (b.multiply(f("sign", less(x, y)), less(x, y), z), b.multiply(f("abs", less(x, y)), z)), (b.multiply(f("sign", less(y, x)), less(y, x)), f("abs", less(y, x))),
        (b.multiply(f("sign", b.scale(Fraction(3), b.multiply(x, y))), x, y), b.scale(Fraction(1, 3), f("abs", b.scale(Fraction(3), b.multiply(x, y))))),
        (b.multiply(f("sign", less(b.scale(Fraction(2), x), b.scale(Fraction(4), y))), less(x, b.scale(Fraction(2), y))),
         b.scale(Fraction(1, 2), f("abs", less(b.scale(Fraction(2), x), b.scale(Fraction(4), y))))),
        (b.add(square(f("cos", x)), square(f("sin", x)), y), b.add(ONES, y)), (b.add(b.scale(Fraction(3), square(f("cos", x))), b.scale(Fraction(3), square(f("sin", x))), y), b.add(b.scale(Fraction(3), ONES), y)),
        (b.add(b.scale(Fraction(-2), square(f("cos", x))), b.scale(Fraction(-2), square(f("sin", x)))), b.scale(Fraction(-2), ONES)),
        (b.add(b.scale(Fraction(5), ONES), b.scale(Fraction(-5), square(f("cos", x)))), b.scale(Fraction(5), square(f("sin", x)))),
        (b.add(y, b.scale(Fraction(5), square(f("cosh", x))), b.scale(Fraction(-5), square(f("sinh", x)))), b.add(y, b.scale(Fraction(5), ONES))),
        (b.multiply(z, f("exp", x), f("exp", y)), b.multiply(z, f("exp", b.add(x, y)))), (b.multiply(f("step", x), x, y), b.multiply(y, f("relu", x))),
        (b.multiply(f("sin", x), y, b.power(f("cos", x), b.const(-1))), b.multiply(y, f("tan", x))),
        (b.power(b.scale(Fraction(4), dot(x, x)), b.const(Fraction(1, 2))), b.scale(Fraction(2), b.power(dot(x, x), b.const(Fraction(1, 2))))),
        (b.power(b.scale(Fraction(9, 4), dot(x, y)), b.const(Fraction(-3, 2))), b.scale(Fraction(8, 27), b.power(dot(x, y), b.const(Fraction(-3, 2))))),
        (b.power(b.multiply(square(x), y), b.const(Fraction(1, 2))), b.multiply(f("abs", x), b.power(y, b.const(Fraction(1, 2))))),
    ]


def test_recognised() -> None:
    for n, (node, expected) in enumerate(named()):
        found = recognise(node)
        same_value(found, node)
        assert found is recognise(expected), (n, str(found), str(expected))


def test_neighbours_are_left_alone() -> None:
    Ax = b.contract([(A, ("i", "j")), (x, ("j",))], ("i",))
    along = b.contract([(f("sign", Ax), (0,)), (A, (0, 1)), (x, (1,)), (y, (1,))], (0,))
    for node in (
        along, b.multiply(f("sign", b.multiply(x, y)), x), b.multiply(f("sign", dot(x, y)), dot(x, z)), b.add(square(f("cos", x)), square(f("sin", y))),
        b.add(b.scale(Fraction(2), square(f("cos", x))), b.scale(Fraction(3), square(f("sin", x)))), less(square(f("cos", x)), square(f("sin", x))),
        b.contract([(b.normalised("softmax", A, 1), ("i", "j"))], ("j",)), b.contract([(b.normalised("softmax", A, 1), ("i", "j")), (x, ("j",))], ("i",)),
        f("log", b.contract([(f("cos", x), ("i",))], ())), b.multiply(f("cos", y), b.power(b.contract([(f("cos", y), ("i",))], ()), b.const(-1))),
        b.multiply(f("sin", x), b.power(f("cos", y), b.const(-1))), b.power(b.scale(Fraction(2), dot(x, x)), b.const(Fraction(1, 2))), b.multiply(f("exp", x), b.power(b.contract([(f("exp", y), ("i",))], ()), b.const(-1))),
    ):
        assert recognise(node) is node, str(node)


def test_roots_of_multiples() -> None:
    assert root_of_multiple(b.power(b.scale(Fraction(-4), dot(x, y)), b.const(Fraction(1, 2)))) is None
    assert root_of_multiple(b.power(b.scale(Fraction(4), dot(x, y)), b.const(Fraction(1, 3)))) is None
    found = root_of_multiple(b.power(b.scale(Fraction(25, 9), dot(x, y)), b.const(Fraction(-1, 2))))
    assert found is b.scale(Fraction(3, 5), b.power(dot(x, y), b.const(Fraction(-1, 2))))


def test_diagonals_and_kronecker_products() -> None:
    diag = b.contract([(b.multiply(x, y), (0,)), (b.delta(N), (0, 1))], (0, 1))
    assert diagonal_of(diag) is b.multiply(x, y) and diagonal_of(b.scale(Fraction(3), diag)) is b.scale(Fraction(3), b.multiply(x, y))
    assert diagonal_of(b.contract([(s, ()), (t, ()), (b.delta(N), (0, 1))], (0, 1))) is b.multiply(s, t, ONES)
    for node in (S, b.add(diag, S), b.contract([(x, (0,)), (y, (1,))], (0, 1))):
        assert diagonal_of(node) is None
    assert kron_of(kron(S, C)) == (S, C)
    scaled = b.contract([(kron(S, C), (0, 1)), (s, ())], (0, 1))
    assert kron_of(scaled) == (b.contract([(S, (0, 1)), (s, ())], (0, 1)), C)
    assert kron_of(b.multiply(S, C)) is None


# ---------------------------------------------------------------- parts put together
def unit(position: int, length: Dim = THREE) -> Tensor:
    """A unit vector."""
    return b.basis(Dim.of(position), length)


def summed(terms: Iterator[Tensor]) -> Tensor:
    """The sum of some tensors."""
    return b.add(*terms)


def test_sums_over_all_positions() -> None:
    rows = summed(b.contract([(unit(n), ("i",)), (unit(n), ("j",)), (B, ("i", "k"))], ("j", "k")) for n in range(3))
    trace = summed(b.contract([(unit(n), ("i",)), (unit(n), ("j",)), (B, ("i", "j"))], ()) for n in range(3))
    total = summed(b.contract([(unit(n), ("i",)), (q, ("i",))], ()) for n in range(3))
    first = summed(b.contract([(unit(n), ("i",)), (q, ("i",)), (unit(1), ("j",))], ("j",)) for n in range(3))
    vector = summed(b.contract([(unit(n), ("i",)), (q, ("i",)), (unit(n), ("j",))], ("j",)) for n in range(3))
    products = summed(b.contract([(unit(n), ("i",)), (q, ("i",)), (unit(n), ("j",)), (B, ("j", "k"))], ("k",)) for n in range(3))
    for node, expected in (
        (rows, B), (trace, b.contract([(B, ("i", "i"))], ())), (total, b.contract([(q, ("i",))], ())), (first, b.contract([(q, ("i",)), (unit(1), ("j",))], ("j",))), (vector, q),
        (products, b.contract([(q, ("i",)), (B, ("i", "k"))], ("k",))), (b.scale(Fraction(2), vector), b.scale(Fraction(2), q)),
    ):
        same_value(node, expected)
        assert complete(node) is expected, str(complete(node))
    for node in (less(vector, b.contract([(unit(1), ("i",)), (q, ("i",)), (unit(1), ("j",))], ("j",))), b.add(total, b.contract([(unit(0), ("i",)), (q, ("i",))], ()))):
        same_value(complete(node), node)
        assert node is not vector


def test_deltas_that_all_terms_of_a_sum_hold() -> None:
    delta = b.delta(N)
    inner = b.add(b.contract([(delta, ("i", "j")), (x, ("k",))], ("i", "j", "k")), b.contract([(delta, ("i", "j")), (y, ("j",)), (z, ("k",))], ("i", "j", "k")))
    node = b.contract([(inner, ("i", "j", "k")), (u, ("j",)), (v, ("k",))], ("i",))
    found = eliminate_deltas(node)
    same_value(found, node)
    assert found is b.add(b.multiply(u, dot(x, v)), b.multiply(y, u, dot(z, v)))
    other = b.add(b.contract([(delta, ("i", "j")), (x, ("k",))], ("i", "j", "k")), b.contract([(S, ("i", "j")), (z, ("k",))], ("i", "j", "k")))
    kept = b.contract([(other, ("i", "j", "k")), (u, ("j",)), (v, ("k",))], ("i",))
    assert eliminate_deltas(kept) is kept
    assert eliminate_deltas(S) is S and eliminate_deltas(inner) is inner


def test_factors_of_many_axes_are_written_over_their_terms() -> None:
    tall = b.add(b.contract([(S, ("i", "j")), (x, ("k",))], ("i", "j", "k")), b.contract([(C, ("i", "k")), (y, ("j",))], ("i", "j", "k")))
    assert tall.rank > MAX_AXES
    node = b.contract([(tall, ("i", "j", "k")), (f("tanh", C), ("j", "k"))], ("i",))
    for whole in (node, b.add(node, b.scale(Fraction(3), z)), b.scale(Fraction(2), node)):
        found = flat(whole)
        same_value(found, whole)
        assert all(part.rank <= MAX_AXES for _, term in terms_of(found) for part in term.args)
    assert flat(tall) is tall and flat(x) is x and flat(b.add(x, y)) is b.add(x, y)


# ---------------------------------------------------------------- written out
def test_products_are_written_out() -> None:
    root = b.power(b.add(s, t), b.const(Fraction(1, 2)))
    node = b.multiply(f("exp", s), root, b.add(root, b.const(1)))
    found = expand(node)
    same_value(found, node)
    assert found is b.add(b.multiply(f("exp", s), s), b.multiply(f("exp", s), t), b.multiply(f("exp", s), root))


def test_written_out_sums_have_a_limit() -> None:
    sums = [b.add(b.var(f"a{n}", ()), b.var(f"b{n}", ())) for n in range(13)]
    assert len(terms_of(expand(b.multiply(*sums[:6])))) == 64
    with pytest.raises(LimitError, match=f"more than {MAX_TERMS} terms"):
        expand(b.multiply(*sums))


def test_divisors_below_a_bar_are_multiplied_into_it() -> None:
    for node, expected in (
        (b.multiply(b.power(y, b.const(-1)), b.power(b.add(ONES, over(x, y)), b.const(-1))), b.power(b.add(x, y), b.const(-1))),
        (b.multiply(z, b.power(s, b.const(-1)), b.power(b.add(ONES, over(x, s)), b.const(-1))), b.multiply(z, b.power(b.add(b.multiply(s, ONES), x), b.const(-1)))),
        (b.multiply(z, b.power(y, b.const(-1)), b.power(b.add(b.scale(Fraction(2), ONES), over(x, y)), b.const(-1))), b.multiply(z, b.power(b.add(x, b.scale(Fraction(2), y)), b.const(-1)))),
    ):
        same_value(node, expected)
        found = list(written_out(node))
        for other in found:
            same_value(other, node)
        assert expected in found, [str(other) for other in found]


def test_products_are_written_out_only_where_factors_cancel() -> None:
    root = b.power(x, b.const(Fraction(1, 2)))
    assert not list(written_out(b.multiply(root, b.add(root, y))))
    assert not list(written_out(b.multiply(x, b.add(x, y))))
    node = b.multiply(x, y, less(over(u, x), over(v, y)))
    found = list(written_out(node))
    assert less(b.multiply(u, y), b.multiply(v, x)) in found
    for other in found:
        same_value(other, node)
