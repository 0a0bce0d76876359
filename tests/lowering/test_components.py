"""Index notation in index form against its meaning as loops, at pairwise distinct sizes."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.check.component_report import draw_arrays, draw_sizes
from matcalc.check.components import evaluate_along
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.errors import ShapeError
from matcalc.ir.text import to_index
from matcalc.lowering.components import lower_components
from matcalc.syntax.index_elaborate import elaborate_index

FORMULAS = [
    "3/4", "pi x_i", "sum_{i=1}^n alpha", "A_ij", "A_ji x_j", "A_ii", "sum_i A_ii", "A_1j", "A_i2 + A_i1", "T_iji", "x_2 y_3",
    "delta_ij x_k", "delta_i2 x_i", "delta_{2,2} x_1", "delta_{1,2} + x_1", "x_i ones_j", "A_ij - 2 B_ji + x_i y_j", "x_i ones_j - y_j ones_i + 1/2 x_i ones_j",
    "x_i y_j/z_k", "x_i/(1 + y_j^2)", "alpha/x_i", "x_i^3", "alpha^x_i", "x_i^{y_j}", "(x_i + y_i)^{y_i}", "A_ij^2", "sqrt(x_i)", "sqrt(x_i y_j)",
    "exp(A_ij)", "max(x_i, y_j)", "1[x_i > y_j]", "1[x_i >= y_j]", "1[x_i < alpha]", "1[x_i <= y_i]", "sum_{i,j} A_ij", "sum_j x_i A_ij",
    "sum_j (A_ij + ones_i x_j)", "sum_{i=1}^m alpha ones_j x_j where A in R^{m x n}, x in R^n",
    "sum([A_ij x_k]_ijk)", "sum([A_ij x_k]_ij)", "mean([A_ij x_k]_ij)", "mean([A_ij]_i)", "norm([A_ij]_i)", "norm([sum_j A_ij x_j]_i)",
    "norm1([A_ij - x_j ones_i]_j)", "tr([A_ik B_kj]_ij)", "tr([sum_k A_ik B_kj]_ij)", "softmax([A_ij]_j)_k", "softmax([A_ij]_i)_k",
    "logsumexp([A_ij x_k]_jk)", "logsumexp([A_ij]_i)", "softmax([A_ij]_ij)_kl", "det([A_ij + B_ji]_ij)", "logdet([A_ij + B_ji]_ij)",
    "inv([A_ij + B_ji]_ij)_kl", "expm([A_ij + B_ji]_ij)_kl x_l", "expm([A_ij]_ij)_lk", "([A_ij + B_ji]_ij^-1)_lk", "([A_ij + B_ij]_ij^2)_kl", "(X^-1)_ij", "(X^3)_ji", "softmax(A x)_i", "tanh(A x)_i y_j",
    "(A x)_i (A x)_j", "sum_i z_i y_i where z = tanh(A x + b)", "z_i z_j where z_i = sum_k A_ik x_k", "z_j where z_i = sum_k A_ik x_k + b_i",
    "sum_k 1[i = k + m] A_kj where x in R^m, A in R^{n x p}", "1[i = k + 2] x_k", "sum_k 1[k = i + m (j - 1)] x_k where A in R^{m x n}, x in R^{m n}",
    "1[k = i + m (j - 1)] A_ij where A in R^{m x n}", "1[i = m] x_i where A in R^{m x n}, x in R^{m + n}",
    "1[i = m + 1] x_i where A in R^{m x n}, x in R^{m + n}",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_lowered_value(text: str) -> None:
    program = elaborate_index(text)
    rng = np.random.default_rng(29)
    sizes = draw_sizes(program, (), rng)
    point = draw_arrays(program.arrays, sizes, rng, positive=True)
    found = evaluate_tensor(lower_components(program).tensor, point, sizes)
    expected = evaluate_along(program, point, sizes, [i.letter for i in program.free], found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("text", ["det([A_ijk]_ij)", "expm([A_ijk]_ij)_pq", "([A_ijk]_ij^-1)_pq", "a_i b_j c_k d_l e_m f_n g_o h_p q_q r_r s_s t_t u_u"])
def test_what_has_no_index_form_is_refused(text: str) -> None:
    with pytest.raises(ShapeError):
        lower_components(elaborate_index(text))


@pytest.mark.parametrize("text", ["1[i = i + m (j - 1)] A_ij where A in R^{m x n}", "sum_j 1[k = j + m (j - 1)] x_k where A in R^{m x m}, x in R^{m m}"])
def test_a_pair_has_three_indices(text: str) -> None:
    with pytest.raises(ShapeError, match="three indices of a pair are different"):
        lower_components(elaborate_index(text))


@pytest.mark.parametrize(("text", "lowered"), [
    ("1[x_i > y_i]", "1[x_i - y_i > 0]"), ("1[x_i < y_i]", "1[y_i - x_i > 0]"), ("1[x_i >= y_i]", "1 - 1[y_i - x_i > 0]"), ("1[x_i <= y_i]", "1 - 1[x_i - y_i > 0]"),
    ("sqrt(x_i)", "x_i^(1/2)"), ("expm([A_ij + B_ji]_ij)_kl x_l", "expm([A_kl + B_lk]_kl)_ij x_j"), ("det([A_ij]_ij)", "det(A)"), ("tr([A_ij]_ij)", "sum_i A_ii"),
])
def test_lowered_form(text: str, lowered: str) -> None:
    order = {name: n for n, name in enumerate("ABxy")}
    assert to_index(lower_components(elaborate_index(text)).tensor, order) == lowered


def test_properties_are_kept() -> None:
    lowered = lower_components(elaborate_index("A_ij x_j", {"A": "R^{n x n} symmetric", "x": "R^n"}))
    assert lowered.variables["A"].data == ("A", ("symmetric",), False)
