"""Functions of structured matrices keep their value, at structures of every kind and their multiples."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.lowering.lower import lower
from matcalc.simplify.matrix_functions import kron, kron_of
from matcalc.simplify.recognise import recognise
from matcalc.syntax.elaborate import elaborate

DECLARE = {"M": "R^{n x n}", "H": "R^{m x m}", "P": "R^{n x n} posdef", "Q": "R^{n x n} orthogonal", "v": "R^n", "u": "R^n", "s": "R", "t": "R",
           "K": "R^{n x n}", "w": "R^{n m}"}

# A formula, and the head of the language of tensors that is gone from it.
CASES = [
    ("expm(0 M)", "expm"), ("expm(I_n)", "expm"), ("expm(2 s t I_n)", "expm"), ("expm(diag(v))", "expm"), ("expm(-3 diag(v))", "expm"),
    ("expm(s diag(u .* v))", "expm"), ("logdet(Q)", "logdet"), ("logdet(diag(v))", "logdet"), ("logdet(-2 diag(v))", "logdet"),
    ("logdet(expm(M))", "logdet"), ("det(expm(2 M))", "det"), ("(M ⊗ H)^3", None), ("(s M ⊗ H)^-1", None),
    ("det(M ⊗ H)", None), ("det(s M ⊗ H)", None), ("logdet(M ⊗ H)", None), ("logdet(M K ⊗ H)", None), ("det(diag(v) ⊗ H)", None),
    ("(diag(v) ⊗ H)^-1", None), ("(I_n ⊗ H)^2", None), ("(M ⊗ ones(m, m))^2", None), ("(diag(w) (M ⊗ H))^2", None), ("((M ⊗ H) diag(w))^2", None),
    ("(diag(w) (M ⊗ H) diag(w))^2", None), ("logdet(diag(w) .* (M ⊗ H))", None), ("(s M K ⊗ t H)^2", None), ("commutation(m, n)^-1", "matpow"),
    ("commutation(n, n)^2", "matpow"), ("commutation(n, n)^3", "matpow"), ("commutation(n, n)^-1", "matpow"),
    ("logdet(commutation(m, n))", "logdet"), ("||2 v||", None), ("||3/2 s v||", None), ("||2 v||^3", None), ("||2 v||^-1", None),
    ("1/sqrt(4 s^2 + 4 t^2)", None), ("(9/4 v^T v)^(3/2)", None), ("(9/4 v^T v)^(-5/2)", None), ("(2 v^T v)^(1/2)", None),
    ("(4 v^T v)^(1/4)", None), ("diag(s v)^-1", None), ("diag(v)^-2 M", None), ("log(det(P))", "det"), ("logdet(det(K) (M ⊗ H))", None), ("(s det(K) tr(M) M ⊗ H)^-1", None),
]


@pytest.mark.parametrize(("text", "gone"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_value_is_kept(text: str, gone: str | None, seed: int) -> None:
    read = elaborate(text, {name: space for name, space in DECLARE.items() if name in text.replace("logdet", "").replace("det", "")})
    rng = np.random.default_rng(seed)
    sizes = draw_sizes([read.expr, *read.variables.values()], rng)
    point = draw_point(read.variables, sizes, rng)
    found = recognise(lower(read.expr))
    np.testing.assert_allclose(evaluate_tensor(found, point, sizes), evaluate(read.expr, point, sizes), rtol=1e-8, atol=1e-10)
    assert gone not in {node.head for node in postorder(found)}


def test_a_square_kronecker_product_of_two_that_are_not_is_none_of_squares() -> None:
    m, n = Dim.of("m"), Dim.of("n")
    a, c = b.var("A", (m, n)), b.var("C", (n, m))
    assert kron_of(kron(a, c)) is None
    square, other = b.var("A", (m, m)), b.var("C", (n, n))
    assert kron_of(kron(square, other)) == (square, other)
