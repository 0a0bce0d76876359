"""Derivatives of elaborated expressions, printed; symmetry of the variable is used after differentiating only."""

from matcalc.api import derive
from matcalc.core.dims import Dim, matrix, vector
from matcalc.derivative import derive_expr
from matcalc.expr import build as e

M, N = Dim.of("m"), Dim.of("n")
A, S = e.variable("A", matrix(M, N)), e.variable("S", matrix(N, N), ["symmetric"])
x, b = e.variable("x", vector(N)), e.variable("b", vector(M))
LAYER = e.elementwise("tanh", [e.add([e.product([A, x]), b])])
VARIABLES = {v.name: v for v in (A, x, b, S)}


def test_quadratic_form_by_each_of_its_names() -> None:
    form = e.product([e.transpose(x), S, x])
    assert str(derive_expr(form, VARIABLES, ["x"])) == "2 x^T S"
    assert str(derive_expr(form, VARIABLES, ["S"])) == "x x^T"
    assert str(derive_expr(form, VARIABLES, ["x", "x"])) == "2 S"


def test_layer_by_its_weights_is_a_tensor_of_order_three() -> None:
    d = derive_expr(LAYER, VARIABLES, ["A"])
    assert d.matrix is None and d.shape == ("m", "m", "n")
    assert "delta_ij" in d.index() and "x_k" in d.index()


def test_determinant_by_a_symmetric_matrix_treats_entries_as_independent() -> None:
    assert str(derive_expr(e.APPLY["logdet"](S), VARIABLES, ["S"])) == "S^-1"


def test_emitted_function_is_called_by_name_and_checked() -> None:
    d = derive_expr(LAYER, VARIABLES, ["A"])
    report = d.check()
    assert report.passed, report
    assert "def gradient(A, x, b, S)" in d.numpy("gradient")


def test_left_hand_side_has_the_names_of_the_clause() -> None:
    d = derive("1/2 ||e||^2 where e = y - f, f = tanh(A x + b)", "b")
    assert d.latex(equation=True) == (
        r"\frac{\partial}{\partial b} \left(\frac{1}{2} \lVert y - f \rVert^{2} \right) = "
        r"((f - y) \odot (1 - f^{\odot 2}))^{\top} \in \mathbb{R}^{1 \times m} \quad \text{where } f = \tanh(A x + b)"
    )
