"""The normal form: equal products are one node, whatever the order of factors and the names of bound indices."""

import random
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.canonical import is_symmetric

M, N = Dim.of("m"), Dim.of("n")
A, B, C = b.var("A", (M, N)), b.var("B", (N, N)), b.var("C", (N, N))
X, Y = b.var("x", (N,)), b.var("y", (N,))
S = b.var("S", (N, N), ("symmetric",))
TWO = b.const(2)


def test_order_and_names_do_not_matter() -> None:
    factors = [(X, "i"), (B, "ij"), (C, "jk"), (C, "kl"), (A, "ml"), (A, "mp"), (Y, "p")]
    first = b.contract([(t, tuple(i)) for t, i in factors], ())
    for seed in range(20):
        random.Random(seed).shuffle(factors)
        names = dict(zip("ijklmp", random.Random(seed).sample("abcdefgh", 6), strict=True))
        assert b.contract([(t, tuple(names[c] for c in i)) for t, i in factors], ()) is first


def test_traces_are_cyclic_and_quadratic_forms_symmetric() -> None:
    assert b.contract([(B, "ij"), (C, "ji")], ()) is b.contract([(C, "ij"), (B, "ji")], ())
    assert b.contract([(X, "i"), (B, "ij"), (X, "j")], ()) is b.contract([(X, "i"), (B, "ji"), (X, "j")], ())
    assert b.contract([(B, "ij"), (X, "j")], ("i",)) is not b.contract([(B, "ji"), (X, "j")], ("i",))
    assert b.contract([(S, "ij"), (X, "j")], ("i",)) is b.contract([(S, "ji"), (X, "j")], ("i",))


def test_deltas_are_eliminated() -> None:
    d = b.delta(N)
    assert b.contract([(d, "ik"), (B, "kj")], ("i", "j")) is B
    assert b.contract([(d, "ij"), (d, "jk")], ("i", "k")) is d
    assert b.contract([(d, "ii")], ()) is b.size(N)
    assert b.contract([(d, "ij")], ("j",)) is b.ones((N,))
    assert b.contract([(d, "ij"), (X, "i")], ("i", "j")) is b.contract([(d, "ij"), (X, "j")], ("i", "j"))
    assert b.contract([(B, "ij"), (d, "ij")], ()) is b.contract([(B, "ii")], ())


def test_inverses_and_powers_cancel() -> None:
    inverse = b.matpow(B, -1)
    assert b.contract([(B, "ij"), (inverse, "jk")], ("i", "k")) is b.delta(N)
    assert b.contract([(B, "ij"), (B, "jk")], ("i", "k")) is b.matpow(B, 2)
    assert b.contract([(inverse, "ji"), (X, "j"), (B, "kj"), (Y, "k")], ("i",)) is not b.ones((N,))
    u = b.contract([(X, "i"), (Y, "i")], ())
    assert b.multiply(u, b.power(u, b.const(-1))) is b.UNIT
    assert b.multiply(b.power(X, TWO), b.power(X, b.const(-1))) is X


def test_like_terms_merge_and_numbers_are_exact() -> None:
    bx = b.contract([(B, "ij"), (X, "j")], ("i",))
    third = b.scale(Fraction(1, 3), bx)
    assert b.add(third, third, third) is bx
    assert b.is_zero(b.add(bx, b.scale(Fraction(-1), bx)))
    assert b.power(b.scale(Fraction(3), X), TWO) is b.scale(Fraction(9), b.power(X, TWO))


def test_symmetry_of_composites() -> None:
    bt = b.transpose(B)
    assert is_symmetric(b.add(B, bt)) and not is_symmetric(B)
    assert is_symmetric(b.contract([(B, "ki"), (B, "kj")], ("i", "j")))
    assert not is_symmetric(b.contract([(B, "ki"), (C, "kj")], ("i", "j")))
    assert b.transpose(b.add(B, bt)) is b.add(B, bt)
