"""Index notation as text: signs, names, order of factors."""

import pytest

from matcalc.api import derive


@pytest.mark.parametrize(("text", "wrt", "order", "index"), [
    ("A X B", "X", 1, "A_ik B_lj"),
    ("tanh(A x + b)", "A", 1, "(1 - tanh(z_i)^2) x_k delta_ij where z = A x + b"),
    ("tanh(A x + b)", "x", 2, "-2 tanh(z_i) (1 - tanh(z_i)^2) A_ij A_ik where z = A x + b"),
    ("tanh(X)", "X", 2, "-2 (1 - tanh(X_ij)^2) tanh(X_ij) delta_ik delta_ip delta_jl delta_jq"),
    ("X^-1", "X", 1, "-Z_ik Z_lj where Z = X^-1"),
])
def test_reads_as_a_book_writes_it(text: str, wrt: str, order: int, index: str) -> None:
    assert derive(text, wrt, order).index() == index
