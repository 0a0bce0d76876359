"""Declarations as one text, and lists of names."""

import pytest

from matcalc.core.errors import DeclarationError
from matcalc.declarations import declarations, names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        (" , ;\n", {}),
        ("A: R^{m x n}, x: R^n", {"A": "R^{m x n}", "x": "R^n"}),
        ("A in R^{m x n}; x in R^n\nb in R^m", {"A": "R^{m x n}", "x": "R^n", "b": "R^m"}),
        (r"A \in \mathbb{R}^{m \times n}, x ∈ ℝ^n", {"A": r"\mathbb{R}^{m \times n}", "x": "ℝ^n"}),
        ("S: R^{n x n} symmetric, posdef, x: R^n", {"S": "R^{n x n} symmetric posdef", "x": "R^n"}),
        ("x, y in R^n, t: R", {"x": "R^n", "y": "R^n", "t": "R"}),
        ("x, y in R positive, nonnegative", {"x": "R positive nonnegative", "y": "R positive nonnegative"}),
        ("W_{1,2}: R^(m, n), x:R", {"W_{1,2}": "R^(m, n)", "x": "R"}),
        ("x_n in R^D, infinity: R", {"x_n": "R^D", "infinity": "R"}),
    ],
)
def test_declarations(text: str, found: dict[str, str]) -> None:
    assert declarations(text) == found


@pytest.mark.parametrize(
    ("text", "place"),
    [("x R^n", "x R^n"), ("A: R, x", "x"), (": R^n", ": R^n"), ("x: R, x: R^n", "x: R^n"), ("symmetric", "symmetric")],
)
def test_what_is_no_declaration_is_shown_with_its_place(text: str, place: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declarations(text)
    assert caught.value.span is not None and caught.value.hint
    assert text[slice(*caught.value.span)] == place


def test_names() -> None:
    assert names(" x ") == "x" and names("W^{(1)}") == "W^{(1)}" and names("") == ""
    assert names("x1, x2") == names("x1; x2") == ["x1", "x2"]
