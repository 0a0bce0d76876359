"""Kinds and dimensions of undeclared names."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.syntax.elaborate import elaborate


def shapes(text: str, declare: dict[str, str] | None = None) -> dict[str, str]:
    return {name: str(v.shape) for name, v in elaborate(text, declare).variables.items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x^T B x", {"x": "R^n", "B": "R^{n x n}"}),
        ("x1^2 x2 + x1 x2^3", {"x1": "R", "x2": "R"}),
        ("(x - mu)^T Sigma^-1 (x - mu)", {"x": "R^n", "mu": "R^n", "Sigma": "R^{n x n}"}),
        ("alpha x", {"alpha": "R", "x": "R^n"}),
        ("A x + b", {"A": "R^{m x n}", "x": "R^n", "b": "R^m"}),
        ("tanh(A x + b)", {"A": "R^{m x n}", "x": "R^n", "b": "R^m"}),
        ("1/2 ||y - tanh(A x + b)||^2", {"y": "R^m", "A": "R^{m x n}", "x": "R^n", "b": "R^m"}),
        ("A B C", {"A": "R^{m x n}", "B": "R^{n x p}", "C": "R^{p x q}"}),
        ("tr(A B)", {"A": "R^{m x n}", "B": "R^{n x m}"}),
        ("logdet(X)", {"X": "R^{n x n}"}),
        ("x y^T", {"x": "R^m", "y": "R^n"}),
        ("theta^T x", {"theta": "R^n", "x": "R^n"}),
        ("lambda ||w||^2", {"lambda": "R", "w": "R^n"}),
        ("y^T log(softmax(A x))", {"y": "R^m", "A": "R^{m x n}", "x": "R^n"}),
        ("[sin(t); t^2]", {"t": "R"}),
        ("[a; b; c]", {"a": "R", "b": "R", "c": "R"}),
        ("[A, b; c^T, d]", {"A": "R^{m x n}", "b": "R^m", "c": "R^n", "d": "R"}),
        ("a .* b", {"a": "R^n", "b": "R^n"}),
        ("x / t", {"x": "R^n", "t": "R"}),
        ("s^2 + t", {"s": "R", "t": "R"}),
        ("exp(x)", {"x": "R^n"}),
        ("diag(x) A", {"x": "R^m", "A": "R^{m x n}"}),
        ("kron(A, B) vec(C)", {"A": "R^{m x n}", "B": "R^{p x q}", "C": "R^{q x n}"}),
        ("ones(3)^T x", {"x": "R^3"}),
        ("ones(m)^T A ones(n)", {"A": "R^{m x n}"}),
        ("A + I_3", {"A": "R^{3 x 3}"}),
        ("x n where x in R^n", {"x": "R^n"}),
        ("sum_{n=1}^N (y_n - theta^T x_n)^2", {"y": "R", "theta": "R^n", "x": "R^n"}),
        ("x_n^T A", {"x_n": "R^m", "A": "R^{m x n}"}),
    ],
)
def test_shapes_are_inferred(text: str, wanted: dict[str, str]) -> None:
    found = shapes(text)
    if "sum_" in text:
        assert set(found) == set(wanted)
        assert found["y"] == "R"
        assert found["theta"] == found["x"] != "R"
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("text", "declare", "wanted"),
    [
        ("A x", {"A": "R^{2 x 3}"}, {"A": "R^{2 x 3}", "x": "R^3"}),
        ("A x", {"x": "R^k"}, {"A": "R^{n x k}", "x": "R^k"}),
        ("A x", {"A": "R^{N x D}"}, {"A": "R^{N x D}", "x": "R^D"}),
        ("a x", {"x": "R"}, {"a": "R^n", "x": "R"}),
        ("theta x", {"theta": "R^{m x n}"}, {"theta": "R^{m x n}", "x": "R^n"}),
        ("A", {"A": "R"}, {"A": "R"}),
        ("f + x", {"f": "R^{1 x n}"}, {"f": "R^{1 x n}", "x": "R^{1 x n}"}),
        (r"\theta^T x", {r"\theta": "R^3"}, {"theta": "R^3", "x": "R^3"}),
        ("sum_{n=1}^N (y_n - w^T x_n)^2", {"x_n": "R^D", "y_n": "R"}, {"y": "R", "w": "R^D", "x": "R^D"}),
    ],
)
def test_declarations_come_first(text: str, declare: dict[str, str], wanted: dict[str, str]) -> None:
    assert shapes(text, declare) == wanted


def test_where_and_declare_agree() -> None:
    one = elaborate("x^T A x where A in R^{n x n} symmetric, x in R^n").expr
    other = elaborate("x^T A x", {"A": "R^{n x n} symmetric", "x": "R^n"}).expr
    assert one is other
    assert elaborate("x^T A x where A in R^{n x n}, x in R^n").expr is not one


@pytest.mark.parametrize(
    "space",
    ["R^{m x n}", "R^{m×n}", r"\mathbb{R}^{m \times n}", "ℝ^{m x n}", "R^(m x n)", "in R^{m x n}", "∈ R^{m x n}"],
)
def test_spellings_of_spaces(space: str) -> None:
    assert shapes("A", {"A": space}) == {"A": "R^{m x n}"}


def test_properties_are_kept_and_joined() -> None:
    twice = elaborate("tr(A) where A in R^{n x n} symmetric, A in R^{n x n} posdef")
    assert twice.variables["A"].data == ("A", ("posdef", "symmetric"))
    commas = elaborate("tr(A)", {"A": "R^{n x n} symmetric, posdef"})
    assert commas.expr is twice.expr
    assert elaborate("s", {"s": "R positive"}).variables["s"].data == ("s", ("positive",))


def test_a_matrix_of_one_entry_is_no_scalar() -> None:
    assert shapes("A x where A in R^{1 x 1}") == {"A": "R^{1 x 1}", "x": "R^1"}
    assert shapes("s x where s in R") == {"s": "R", "x": "R^n"}
    assert str(elaborate("x^T y").expr.shape) == "R"
    assert str(elaborate("[s] where s in R").expr.shape) == "R^1"
    assert str(elaborate("A x where A in R^{1 x n}").expr.shape) == "R^1"
    for text in ("A + s where A in R^{1 x 1}, s in R", "v + s where v in R^1, s in R",
                 "A / B where B in R^{1 x 1}", "A^B where B in R^{1 x 1}", "A x where A in R^{1 x n}, x in R"):
        if text.startswith("A x"):
            assert str(elaborate(text).expr.shape) == "R^{1 x n}"
            continue
        with pytest.raises(ShapeError):
            elaborate(text)


def test_numbers_broadcast_and_scalars_do_not() -> None:
    assert str(elaborate("1 - tanh(z).^2").expr.shape) == "R^n"
    assert str(elaborate("A + 2 pi").expr.shape) == "R^{m x n}"
    assert str(elaborate("x + n where x in R^n").expr.shape) == "R^n"
    with pytest.raises(ShapeError, match="cannot add: `y` is a vector of length n and `s` is a scalar") as caught:
        elaborate("y + s where y in R^n, s in R")
    assert caught.value.hint is not None and "s ones(...)" in caught.value.hint
    with pytest.raises(ShapeError) as caught:
        elaborate("A + s where A in R^{n x n}, s in R")
    assert caught.value.hint is not None and "s I" in caught.value.hint


def test_definitions_have_the_shape_of_their_body() -> None:
    program = elaborate("||e||^2 where e = y - A x, A in R^{m x n}")
    assert {name: str(e.shape) for name, e in program.definitions.items()} == {"e": "R^m"}
    assert list(program.variables) == ["y", "A", "x"]


def test_the_size_of_identities_follows_from_beside_them() -> None:
    assert shapes("A + I") == {"A": "R^{n x n}"}
    assert shapes("(I - X)^-1 b") == {"X": "R^{n x n}", "b": "R^n"}
    assert str(elaborate("kron(X^T, I) + kron(I, X)", {"X": "R^{n x n}"}).expr.shape) == "R^{m n x m n}"
    found = elaborate("diag(vec(exp(A X))) kron(I, A)", {"A": "R^{m x n}", "X": "R^{n x p}"})
    assert str(found.expr.shape) == "R^{m p x n p}"


@pytest.mark.parametrize(("text", "declare"), [
    ("2 n x", {"n": "N"}), ("2 n x where n in N", {}), ("2 n x where n ∈ ℕ", {}), (r"2 n x where n \in \mathbb{N}", {}), ("2 n x where x in R^n", {}),
])
def test_sizes_stand_as_numbers_where_something_tells_that_they_are(text: str, declare: dict[str, str]) -> None:
    program = elaborate(text, declare)
    assert list(program.variables) == ["x"]
    assert np.allclose(evaluate(program.expr, {"x": np.ones(3)}, {"n": 3, "m": 3}), 6 * np.ones(3))


@pytest.mark.parametrize("text", ["n x where n in N, n = 3", "n x where n in N, n in R", "n x where n in N positive"])
def test_a_size_is_nothing_else(text: str) -> None:
    with pytest.raises(DeclarationError):
        elaborate(text)


@pytest.mark.parametrize("text", ["sum_{n=1}^N (y_n - w^T x_n)^2", "sum_{i=1}^n (y_i - w^T x_i)^2", "sum_{k=1}^M ||A x_k - b||^2 + sum_{n=1}^N ||y_n||^2"])
def test_a_size_without_a_name_gets_none_that_a_data_index_has(text: str) -> None:
    program = elaborate(text)
    sizes = {name for v in program.variables.values() for dim in v.shape.dims for name in dim.names}
    assert sizes and sizes.isdisjoint("ikn")
