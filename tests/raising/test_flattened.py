"""Flattened derivatives with Kronecker products and commutation matrices: their form, and their value read back."""

from __future__ import annotations

import pytest

from matcalc.api import derive
from tests.flat import assert_flat_form

FORMS = [
    ("w .* vec(X^T)", "X", None, "diag(w)"),
    ("w .* vec(A X^T)", "X", None, None),
    ("X^T", "X", "commutation(m, n)", "commutation(n, m)"),
    ("A X B", "X", "kron(B^T, A)", "kron(A, B^T)"),
    ("A X^T B", "X", "kron(B^T, A) commutation(p, n)", "kron(A, B^T) commutation(n, p)"),
    ("X^T X", "X", "(I + commutation(n, n)) kron(I_n, X^T)", "(I + commutation(n, n)) kron(X^T, I_n)"),
    ("X X^T", "X", "(I + commutation(m, m)) kron(X, I_m)", "(I + commutation(m, m)) kron(I_m, X)"),
    ("X A X", "X", "kron(I_n, X A) + kron(X^T A^T, I_m)", "kron(X A, I_n) + kron(I_m, X^T A^T)"),
    ("X^2", "X", "kron(I_n, X) + kron(X^T, I_n)", "kron(X, I_n) + kron(I_n, X^T)"),
    ("X A X^T", "X", "kron(X A^T, I_m) + kron(I_m, X A) commutation(m, n)",
     "kron(I_m, X A^T) + kron(X A, I_m) commutation(n, m)"),
    ("X^T A X", "X", "kron(I_n, X^T A) + kron(X^T A^T, I_n) commutation(m, n)",
     "kron(X^T A, I_n) + kron(I_n, X^T A^T) commutation(n, m)"),
    ("X .* X^T", "X", "(I + commutation(n, n)) diag(vec(X^T))", "(I + commutation(n, n)) diag(vec(X))"),
    ("X^-1", "X", "-kron(X^-T, X^-1)", "-kron(X^-1, X^-T)"),
    ("X^-T", "X", "-kron(X^-1, X^-T) commutation(n, n)", "-kron(X^-T, X^-1) commutation(n, n)"),
    ("(X^T X)^-1", "X", "-(I + commutation(n, n)) kron(Z, Z X^T) where Z = (X^T X)^-1",
     "-(I + commutation(n, n)) kron(Z X^T, Z) where Z = (X^T X)^-1"),
    ("exp(X)", "X", "diag(vec(exp(X)))", "diag(vec(exp(X)^T))"),
    ("A tanh(B X)", "X", "kron(I_q, A) diag(vec(1 - tanh(B X).^2)) kron(I_q, B)", None),
    ("X .* (A X)", "X", "diag(vec(X)) kron(I_n, A) + diag(vec(A X))", None),
    ("diag(vec(A)) x", "A", "diag(x)", None),
    ("A .* (B X C)", "X", "diag(vec(A)) kron(C^T, B)", None),
    ("tr(X) X", "X", "tr(X) I + vec(X) vec(I_n)^T", None),
    ("softmax(X)", "X", "diag(z) - z z^T where z = vec(softmax(X))", None),
    ("vec(X)", "X", "I_{m n}", "commutation(n, m)"),
    ("A x", "A", "kron(x^T, I_m)", "kron(I_m, x^T)"),
    ("a^T X b", "X", "kron(b, a)^T", "kron(a, b)^T"),
    ("kron(X, A)", "X", "kron(I_n, commutation(q, m p) kron(I_m, vec(A^T)))", None),
    ("kron(A, X)", "X", None, None),
    ("kron(X, X)", "X", None, None),
    ("vec(X) vec(X)^T", "X", None, None),
    ("diag(x)", "x", "diag(vec(I_n)) kron(I_n, ones(n))", None),
    ("diag(X)", "X", "kron(I_n, ones(n)^T) diag(vec(I_n))", None),
    ("A diag(x) B", "x", None, None),
    ("diag(vec(A))", "A", None, None),
    ("X sigmoid(X)^T", "X", None, None),
    ("x^T X y X", "X", "(x^T X y) I + vec(X) kron(y, x)^T", None),
    ("X ./ sum(X)", "X", None, None),
    ("X^T A X^T B X", "X", None, None),
    ("(A X B)^T .* C", "X", None, None),
    ("unvec(M vec(X), p, q)", "X", "M", None),
    ("A unvec(M vec(X), p, q)", "X", "kron(I_q, A) M", None),
    ("[X, A]", "X", None, None),
    ("kron(X, y)", "X", "kron(I_{m n}, y)", None),
    ("kron(X, A) vec(B)", "X", "kron(I_m, A B) commutation(m, n)", None),
    ("kron(kron(X, A), X)", "X", None, None),
    ("kron(X, X^T)", "X", None, None),
    ("kron(X, A)^-1", "X", None, None),
    ("commutation(m, n) kron(X, A)", "X", None, None),
    ("X^T .* (A X)", "X", "diag(vec(X^T)) kron(I_n, A) + diag(vec(A X)) commutation(n, n)", None),
    ("A diag(X b) C", "X", None, None),
    ("A tanh(B X C) D", "X", "kron(D^T, A) diag(vec(1 - tanh(B X C).^2)) kron(C^T, B)", None),
    ("erf(S) (S .* W)", "S", None, None),
    ("S.^2 B z", "S", None, None),
    ("X S X^T X", "X", None, None),
    ("||y - M vec(X)||^2", "X", "2 (M vec(X) - y)^T M", None),
    ("tanh(W x + b)", "W", "kron(x^T, diag(1 - tanh(W x + b).^2))", "kron(diag(1 - tanh(W x + b).^2), x^T)"),
]
HESSIANS = [
    ("tr(X^T A X)", "X", "kron(I_n, A + A^T)", "kron(A + A^T, I_n)"),
    ("logdet(X)", "X", "-kron(X^-1, X^-T) commutation(n, n)", "-kron(X^-T, X^-1) commutation(n, n)"),
    ("tr(X^2)", "X", "2 commutation(n, n)", "2 commutation(n, n)"),
    ("tr(X A X B)", "X", "(kron(A, B^T) + kron(B, A^T)) commutation(m, n)", None),
    ("det(X)", "X", "det(X) (vec(Z^T) vec(Z^T)^T - kron(Z, Z^T) commutation(n, n)) where Z = X^-1", None),
    ("a^T X X^T b", "X", "kron(I_n, a b^T + b a^T)", "kron(a b^T + b a^T, I_n)"),
    ("||A X B - C||^2", "X", "2 kron(B B^T, A^T A)", "2 kron(A^T A, B B^T)"),
    ("||X^T X - A||^2", "X", None, None),
    ("a^T X^-1 b", "X", None, None),
    ("tr(X X^T X)", "X", None, None),
    ("tr(X^3)", "X", "3 (kron(X, I_n) + kron(I_n, X^T)) commutation(n, n)", None),
    ("vec(A)^T M vec(A)", "A", "M + M^T", None),
    ("X^-1", "X", None, None),
    ("kron(X, X)", "X", None, None),
    ("softmax(X)", "X", None, None),
    ("A X x (b^T x)", "x", None, None),
    ("log(sum(exp(X)))", "X", "diag(z) - z z^T where z = vec(softmax(X))", None),
]


@pytest.mark.parametrize("order", ["columns", "rows"])
@pytest.mark.parametrize(("text", "wrt", "by_columns", "by_rows"), FORMS, ids=[case[0] for case in FORMS])
def test_jacobian(text: str, wrt: str, by_columns: str | None, by_rows: str | None, order: str) -> None:
    found = assert_flat_form(derive(text, wrt), order)
    assert found == ((by_columns if order == "columns" else by_rows) or found)


@pytest.mark.parametrize(("text", "wrt", "form"), [
    ("||y - M vec(X)||^2", "X", "-2 unvec(M^T (y - M vec(X)), n, p)"),
    ("vec(A)^T M vec(A)", "A", "unvec((M + M^T) vec(A), m, n)"),
    ("vec(A)^T b", "A", "unvec(b, m, n)"),
    ("vec(A^T)^T b", "A", "unvec(b, n, m)^T"),
    ("tr(C unvec(v, m, n))", "v", "vec(C^T)^T"),
    ("b^T unvec(v, m, n) a", "v", "kron(a, b)^T"),
    ("t unvec(kron(b, a), m, n)", "t", "a b^T"),
])
def test_matrices_that_a_vector_holds(text: str, wrt: str, form: str) -> None:
    d = derive(text, wrt, declare={"t": "R"} if wrt == "t" else {})
    assert str(d) == form
    assert d.check().passed


@pytest.mark.parametrize("order", ["columns", "rows"])
@pytest.mark.parametrize(("text", "wrt", "by_columns", "by_rows"), HESSIANS, ids=[case[0] for case in HESSIANS])
def test_hessian(text: str, wrt: str, by_columns: str | None, by_rows: str | None, order: str) -> None:
    found = assert_flat_form(derive(text, wrt, order=2), order)
    assert found == ((by_columns if order == "columns" else by_rows) or found)
