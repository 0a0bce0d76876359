"""Names that touch, the exponential written with its base, and variables that are declared alone."""

import pytest

from matcalc.api import derive
from matcalc.core.errors import DeclarationError, ParseError, ShapeError
from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import elaborate


@pytest.mark.parametrize(("text", "meant"), [
    ("x_1^2x_2 + x_1x_2^3", "x1^2 x2 + x1 x2^3"),
    (r"\theta_0 + \theta_1x + \theta_2x^2", "theta0 + theta1 x + theta2 x^2"),
    ("w_5relu(w_1x_1 + b_1)", "w5 relu(w1 x1 + b1)"),
    (r"\mathbf{W}_2\mathbf{x}_1", "W2 x1"),
    ("x_12 + x_1_2 + x_max", "x12 + x1_2 + x_max"),
])
def test_names_that_touch(text: str, meant: str) -> None:
    declare = {name: "R" for name in ("x", "x1", "x2", "x12", "x1_2", "x_max", "w1", "w5", "b1", "theta0")}
    assert elaborate(text, declare).expr is elaborate(meant, declare).expr


def test_the_second_of_two_names_has_its_own_place() -> None:
    with pytest.raises(ParseError) as caught:
        elaborate("a_1b_2[1]")
    assert caught.value.span is not None and (caught.value.span.start, caught.value.span.end) == (3, 6)


@pytest.mark.parametrize(("text", "names"), [
    ("tanh(Wx x + Wh h + b)", ["Wx", "x", "Wh", "h", "b"]),
    ("q^T k where q = Wq x, k = Wk x", ["Wq", "x", "Wk"]),
    ("||Ax - b||^2 + x^T x where Ax in R^n", ["Ax", "b", "x"]),
    ("tr(Sx^-1) + y", ["Sx", "y"]),
    ("h (x)", ["h", "x"]),
])
def test_names_of_two_letters(text: str, names: list[str]) -> None:
    assert list(elaborate(text).variables) == names


@pytest.mark.parametrize(("text", "name"), [("||Ax - b||^2 + x^T x", "Ax"), ("tanh(Wx + b)^T x", "Wx"), ("||y - Xbeta|| + ||beta||", "Xbeta")])
def test_a_product_run_together_is_no_name(text: str, name: str) -> None:
    with pytest.raises(ParseError) as caught:
        elaborate(text)
    span = caught.value.span
    assert span is not None and text[span.start : span.end] == name


@pytest.mark.parametrize(("text", "meant"), [
    ("e^x", "exp(x)"),
    (r"\frac{1}{1 + e^{-x}}", "1/(1 + exp(-x))"),
    ("x e^{-x^2/2} where x in R", "x exp(-x^2/2) where x in R"),
    ("c + 1 where c = e^a, a = x^2", "exp(x^2) + 1"),
    ("e^{a^T x}", "exp(a^T x)"),
])
def test_exponential(text: str, meant: str) -> None:
    assert to_text(elaborate(text, {"x": "R"} if "a^T" not in text else None).expr) == to_text(
        elaborate(meant, {"x": "R"} if "a^T" not in text else None).expr)


@pytest.mark.parametrize("text", ["e^T e", "e^2 where e = y - a^T x", "e^x where e in R, x in R", "f(x) where f(e) = e^k"])
def test_e_as_a_variable(text: str) -> None:
    assert "exp" not in to_text(elaborate(text).expr)


def test_both_meanings_of_e_are_refused() -> None:
    with pytest.raises(DeclarationError, match="`e` is the base"):
        elaborate("e^x + e^T y")
    with pytest.raises(ShapeError, match="not a scalar"):
        elaborate("e^A where A in R^{n x n}")


def test_derivative_by_what_is_declared_and_does_not_occur() -> None:
    assert str(derive("3", "x", declare={"x": "R"})) == "0"
    assert str(derive("x1^2 where x1, x2 in R", ["x1", "x2"])) == "[2 x1, 0]"
    d = derive("A x", "c", declare={"A": "R^{m x n}", "c": "R^k"})
    assert d.shape == ("m", "k") and d.check().passed
    with pytest.raises(DeclarationError, match="does not occur"):
        derive("a^T x", "c")
    with pytest.raises(DeclarationError, match="does not occur"):
        derive("x1^2", ["x1", "x2"])
