"""Losses whose gradients are short once their factors cancel."""

from fractions import Fraction

import pytest

from matcalc.api import derive
from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.simplify.cancel import centred


@pytest.mark.parametrize(("text", "wrt", "declare", "printed"), [
    ("y^T log(sigmoid(X w)) + (1 - y)^T log(1 - sigmoid(X w))", "w", {}, "(y - sigmoid(X w))^T X"),
    ("-(y log(sigmoid(w^T x)) + (1 - y) log(1 - sigmoid(w^T x)))", "w", {"y": "R", "x": "R^n"}, "(sigmoid(w^T x) - y) x^T"),
    ("-y^T log(softmax(W x + b))", "W", {}, "(sum(y) softmax(W x + b) - y) x^T"),
    ("log(1 + (x - m)^2/(nu s^2))", "m", dict.fromkeys(("x", "m", "nu", "s"), "R"), "2 (m - x)/((x - m)^2 + nu s^2)"),
    ("log(u/(u + v)) where u = exp(a^T p)", "a", {"v": "R", "p": "R^n"}, "(p - u p/(u + v))^T where u = exp(a^T p)"),
    ("-log(exp(a^T p)/(exp(a^T p) + sum_{n=1}^N exp(a^T q_n)))", "a", {"p": "R^d", "q_n": "R^d"},
     "((s p + sum_{n=1}^{N} exp(a^T q_n) q_n)/(s + sum_{n=1}^{N} exp(a^T q_n)) - p)^T where s = exp(a^T p)"),
    ("||x - mean(x) ones(n)||^2", "x", {"x": "R^n"}, "2 (x - sum(x) ones(n)/n)^T"),
])
def test_factors_cancel(text: str, wrt: str, declare: dict[str, str], printed: str) -> None:
    d = derive(text, wrt, declare=declare)
    assert str(d) == printed
    assert d.check().passed


@pytest.mark.parametrize(("text", "wrt", "closed"), [
    ("q^T log(q ./ p) where q = softmax(z)", "z", "(q .* (u - (q^T u) ones(n)))^T where u = log(q ./ p), q = softmax(z)"),
    ("-softmax(x)^T log(softmax(x))", "x", "(z .* ((z^T log(z)) ones(n) - log(z)))^T where z = softmax(x)"),
    ("softmax(x)^T (a + 3 ones(n))", "x", "(softmax(x) .* (a - (softmax(x)^T a) ones(n)))^T"),
])
def test_what_adds_to_one_cancels(text: str, wrt: str, closed: str) -> None:
    d = derive(text, wrt)
    assert str(d) == closed
    assert d.check().passed


@pytest.mark.parametrize(("text", "wrt", "closed"), [
    ("x .* sin(x)", "x", "diag(sin(x) + x .* cos(x))"),
    ("x.^2 .* sin(x)", "x", "diag(x .* (2 sin(x) + x .* cos(x)))"),
    ("x .* (A x)", "x", "diag(x) A + diag(A x)"),
    ("||W a - W p||^2 - ||W a - W q||^2", "W", "-2 W ((a - p) p^T + (p - q) a^T + (q - a) q^T)"),
])
def test_what_diagonals_and_outer_products_share(text: str, wrt: str, closed: str) -> None:
    d = derive(text, wrt)
    assert str(d) == closed
    assert d.check().passed


def test_averages_alone_are_written_out() -> None:
    n = Dim.of("n")
    x, y, z, u = (b.var(name, (n,)) for name in "xyzu")
    p = b.normalised("softmax", x)

    def less_its_product(with_: Tensor) -> Tensor:
        product = b.contract([(with_, ("i",)), (b.add(y, z), ("i",))], ())
        return b.multiply(p, b.add(u, b.scale(Fraction(-1), b.multiply(product, b.ones((n,))))))

    assert len(list(centred(less_its_product(p)))) == 1
    assert not list(centred(less_its_product(y)))
