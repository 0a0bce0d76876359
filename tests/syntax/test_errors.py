"""Bad input: the class, the place, the cause in the user's words, the hint."""

import pytest

from matcalc.core.errors import (
    DeclarationError,
    LimitError,
    MatcalcError,
    ParseError,
    ShapeError,
    UnknownFunctionError,
)
from matcalc.syntax.elaborate import elaborate

CASES = [
    # text, class, what the caret marks, part of the message, part of the hint
    ("", ParseError, None, "empty", "x^T A x"),
    ("   ", ParseError, None, "empty", None),
    ("(A x", ParseError, "(", "`(` is never closed", None),
    ("A x)", ParseError, ")", "`)` closes nothing", "remove it"),
    ("x^T A x)", ParseError, ")", "`)` closes nothing", None),
    ("(A x]", ParseError, "]", "`]` does not close `(`", None),
    ("exp(x", ParseError, "(", "never closed", None),
    ("|a", ParseError, "|", "`|` is never closed", None),
    ("||x| + 1", ParseError, "|", "never closed", None),
    ("||", ParseError, "||", "an operand is missing", None),
    ("(|a)|", ParseError, "|", "never closed", None),
    ("2x^", ParseError, "", "ends too soon", "missing at the end"),
    ("A x +", ParseError, "", "ends too soon", "missing at the end"),
    ("x where", ParseError, "", "ends too soon", None),
    ("x ** 2", ParseError, "*", "did not expect `*`", "powers are written ^"),
    ("x +* y", ParseError, "*", "did not expect `*`", "missing before it"),
    ("exp()", ParseError, ")", "did not expect `)`", "missing before it"),
    ("[a,]", ParseError, "]", "did not expect `]`", "missing before it"),
    ("^T x", ParseError, "^T", "did not expect `^T`", None),
    ("A[1]", ParseError, "A", "looks like indexing", "space before `[`"),
    ("A.T", ParseError, ".", "means nothing", "A^T"),
    ("x # y", ParseError, "#", "means nothing", None),
    ("x & y", ParseError, "&", "did not expect", "[a, b; c, d]"),
    ("||A||_3", ParseError, "_", "means nothing", "||A||_F"),
    ("x_", ParseError, "_", "means nothing", "subscript"),
    ("2 3", ParseError, "2 3", "two numbers", "2*3"),
    ("[1 2]", ParseError, "1 2", "two numbers", "[2, 3]"),
    (r"\tanh A x", ParseError, r"\tanh A x", "one factor or to the whole product", "tanh(...)"),
    (r"\operatorname{tr} A B", ParseError, None, "one factor", "tr(...)"),
    ("tr A", ParseError, "tr", "needs its argument in brackets", "tr(A)"),
    ("x^2^3", ParseError, "x^2^3", "power of a power", "(x^a)^b"),
    ("1/0", ParseError, "0", "division by zero", None),
    ("0^-1", ParseError, "0^-1", "division by zero", None),
    ("x ./ 0", ParseError, "0", "division by zero", None),
    ("exp(x, y)", ParseError, "exp(x, y)", "`exp` takes one argument, not 2", None),
    ("max(x)", ParseError, "max(x)", "`max` takes two arguments, not 1", None),
    ("ones(0)", ParseError, "0", "at least 1", None),
    ("ones(n, m, p)", ParseError, None, "one or two sizes", "ones(m, n)"),
    ("(x, y)", ParseError, "(x, y)", "comma", "[a, b]"),
    ("[a, b; c]", ParseError, "[a, b; c]", "different numbers of entries", None),
    ("1[x]", ParseError, "x", "needs a comparison", "1[a > b]"),
    ("a < b < c", ParseError, "<", "did not expect `<`", "do not chain"),
    (r"\sqrt[3]{x}", ParseError, r"\sqrt", "higher order", "x^(1/3)"),
    ("A x = b", ParseError, "=", "did not expect `=`", "after `where`"),
    ("x in R^n", ParseError, "in R^n", "did not expect", "after `where`"),
    ("sum_{n=0}^N x_n", ParseError, "sum_{n=0}^N ", "starts at 1", "shift the index"),
    ("sum_{n=1}^n x_n", ParseError, None, "both the index and the end", None),
    ("sum_i x_i", ParseError, "sum_i", "says where it ends", "sum_{i=1}^N"),
    ("min_x ||x||", ParseError, "min_x", "no minimum", "min(a, b)"),
    (r"\sum_i x_i", ParseError, "_", None, "sum_{i=1}^N"),
    ("trce(A B)", UnknownFunctionError, "trce", "`trce` is not a function", "did you mean trace"),
    ("tanhh(x)", UnknownFunctionError, "tanhh", "`tanhh` is not a function", "did you mean tanh"),
    ("foo(x)", UnknownFunctionError, "foo", "`foo` is not a function", "foo * (...)"),
    ("sigma(x)", UnknownFunctionError, "sigma", None, "did you mean sigmoid"),
    ("log2(x)", UnknownFunctionError, "log2", "natural logarithm", "log(x)/log(2)"),
    (r"\foo x", UnknownFunctionError, r"\foo", r"`\foo` is not a command", None),
    (r"\tahn(x)", UnknownFunctionError, r"\tahn", None, "did you mean"),
    (r"\operatorname{foo}(x)", UnknownFunctionError, None, "not a command", None),
    ("A x where A in R^{2 x 3}, x in R^2", ShapeError, "A x", "`A` is a 2 x 3 matrix and `x` is a vector of length 2",
     None),
    ("A + B where A in R^{2 x 3}, B in R^{3 x 2}", ShapeError, "A + B", "a 2 x 3 matrix and `B` is a 3 x 2", None),
    ("x y where x in R^n, y in R^n", ShapeError, "x y", "cannot multiply", "inner product"),
    ("x + x^T where x in R^n", ShapeError, "x + x^T", "a vector of length n and `x^T` is a row", "transpose one"),
    ("y + s where y in R^n, s in R", ShapeError, "y + s", "`y` is a vector of length n and `s` is a scalar",
     "does not broadcast"),
    ("inv(A) where A in R^{m x n}", ShapeError, "inv(A)", "needs a square matrix: `A` is a m x n matrix", None),
    ("A^-1 where A in R^{2 x 3}", ShapeError, "A^-1", "`A` is a 2 x 3 matrix", None),
    ("A^x where A in R^{n x n}", ShapeError, "A^x", "whole number, not `x`", "X.^p"),
    ("x^2 where x in R^n", ShapeError, "x^2", "`x` is a vector of length n", "x.^2"),
    ("x / y where x in R^n, y in R^n", ShapeError, "y", "cannot divide by `y`", "./ divides elementwise"),
    ("tr(A) where A in R^{m x n}", ShapeError, "tr(A)", "`tr` needs a square matrix", None),
    ("|x| where x in R^n", ShapeError, "|x|", "for scalars", "||v|| is the norm"),
    ("||A||_2 where A in R^{n x n}", ShapeError, "||A||_2", "spectral", "||A||_F"),
    ("x .* y where x in R^2, y in R^3", ShapeError, "x .* y", "elementwise", None),
    ("[x; y^T] where x in R^2, y in R^3", ShapeError, "[x; y^T]", "differ in columns", None),
    ("x where x in R^n, x in R^m", DeclarationError, "x in R^m", "`x` is declared twice", None),
    ("x where x in R^n weird", DeclarationError, "x in R^n weird", "`weird` is not a property", "symmetric"),
    ("x where x in R^n symmetric", DeclarationError, None, "only a square matrix can be symmetric", None),
    ("A where A in R^{n x n} skew posdef", DeclarationError, None, "cannot be skew and posdef", None),
    ("x where x in S", DeclarationError, "x in S", "not a space", "R^{m x n}"),
    ("x where x in R^{n x n x n}", DeclarationError, None, "3 dimensions", None),
    ("x where x in R^0", DeclarationError, None, "is 0", None),
    ("x^T A x where x in R^n where A in R^{n x n}", DeclarationError, None, "second `where`", "one `where`"),
    ("x where y = 2 where z = 3", ParseError, "where", "did not expect `where`", "one `where`"),
    ("y where y = y + 1", DeclarationError, "y", "defined by itself", None),
    ("y where y = z, z = y", DeclarationError, "y", "defined by itself", None),
    ("y where y = 1, y = 2", DeclarationError, "y", "`y` is defined twice", None),
    ("y where y = x, x in R^n, y in R^m", DeclarationError, "y", "declared as a vector of length m, but", None),
    ("sum_{n=1}^N x_n + x_n", DeclarationError, "x_n", "outside the sum over `n`", "brackets"),
    ("sum_{n=1}^N n x_n", DeclarationError, "n", "cannot be used as a number", "family"),
    ("sum_{n=1}^N sum_{n=1}^M x_n", DeclarationError, None, "bound twice", None),
    ("x where x in R^n, n in", DeclarationError, None, "not a space", None),
    ("A^65", LimitError, "A^65", "64", None),
    ("1e500", LimitError, "1e500", "300 digits", None),
]


@pytest.mark.parametrize(("text", "kind", "marked", "message", "hint"), CASES, ids=[c[0] for c in CASES])
def test_errors_say_where_and_why(
    text: str, kind: type[MatcalcError], marked: str | None, message: str | None, hint: str | None
) -> None:
    with pytest.raises(MatcalcError) as caught:
        elaborate(text)
    error = caught.value
    assert type(error) is kind
    assert message is None or message in error.message
    assert hint is None or (error.hint is not None and hint in error.hint)
    if marked is not None:
        assert error.span is not None and error.text == text
        assert text[error.span.start : error.span.end].strip() == marked.strip()
        assert "^" in str(error).splitlines()[2]


def test_the_caret_stands_under_the_cause() -> None:
    with pytest.raises(ParseError) as caught:
        elaborate("x^T A x)")
    assert str(caught.value).splitlines() == [
        "`)` closes nothing", "  x^T A x)", "         ^", "hint: remove it or open a bracket",
    ]


@pytest.mark.parametrize("text", [None, 3, b"x", ["x"], 1.5])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(ParseError, match="not text"):
        elaborate(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "declare",
    [{"x": 3}, {"x": None}, {3: "R"}, {"": "R"}, {"x": ""}, {"x": "R^"}, {"x": "R^{n"}, {"x": "R^{n x}"}, {"x": "R^-1"},
     {"x y": "R"}, {"x": "R^{n x n} posdef skew"}, {"x": "R" * 2_000}, ["x"], {"x": "R^{1.5}"}, {"1": "R"}, {"x": "C"},
     {"x+": "R"}, {"x_": "R"}],
)
def test_bad_declarations_are_refused(declare: object) -> None:
    with pytest.raises(MatcalcError):
        elaborate("x", declare)  # type: ignore[arg-type]


def test_all_errors_are_value_errors() -> None:
    for kind in (ParseError, ShapeError, UnknownFunctionError, DeclarationError, LimitError):
        assert issubclass(kind, MatcalcError)
    assert issubclass(MatcalcError, ValueError)
