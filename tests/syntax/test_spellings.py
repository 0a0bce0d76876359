"""Spellings that mean the same are the same node."""

import pytest

from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import elaborate

SPELLINGS = {
    "names": ["x1", "x_1", "x_{1}", r"\mathbf{x}_1", r"\mathbf{x_1}", r"\boldsymbol{x}_{1}", "x₁", r"\bm x_1"],
    "layers": ["W^{(1)} x", "W1 x", "W_1 x", "W_{1} x", r"\mathbf{W}^{(1)} x"],
    "greek": ["theta x", "θ x", r"\theta x", r"\boldsymbol{\theta} x", r"\boldsymbol\theta x", r"\theta  x"],
    "variants": ["epsilon + phi", r"\varepsilon + \varphi", "ε + φ", "ϵ + ϕ"],
    "upper case Greek": ["Sigma x", "Σ x", r"\Sigma x", r"\mathbf{\Sigma} x"],
    "accents": ["y_hat - y", r"\hat{y} - y", r"\hat y - y", r"\widehat{y} - y"],
    "product": ["A x", "A*x", "A·x", "A @ x", r"A \cdot x", "A (x)", "(A) x", "A  x", r"A\,x", "A × x", "A ⋅ x"],
    "transpose": ["A^T", "A'", r"A^\top", r"A^{\top}", "Aᵀ", "A^{T}", r"A^{\mathsf T}", r"A^{\mathsf{T}}",
                  r"A^{\mathrm{T}}", r"A^\mathsf{T}", r"A^{\intercal}", "A^ T", "A ^T", "A′", "A^⊤", "A^{⊤}"],
    "inverse": ["A^-1", "A^{-1}", "inv(A)", "A⁻¹", "A^(-1)", "A^ -1", r"A^{ - 1 }"],
    "inverse transpose": ["A^-T", "A^{-T}", r"A^{-\top}", "(A^-1)^T", "A⁻ᵀ", "inv(A)'", r"A^{-\mathsf{T}}"],
    "scalar power": ["s^3", "s^{3}", "s³", "s^(3)"],
    "matrix power": ["tr(A^2)", "tr(A^{2})", "tr(A²)", "tr(A^(2))"],
    "negative power": ["x^-2 y^2", "x^{-2} y^2", "x⁻² y²", "x^(-2) y^2", "1/x^2 y^2", "1/x^2*y^2"],
    "fractional power": ["x^(1/2)", r"x^{\frac{1}{2}}", "x^0.5", r"x^\frac12", "x^{1/2}"],
    "elementwise power": ["v.^2", "v.^{2}", "v.^(2)", "v .^ 2"],
    "hadamard": ["x .* y", "x ∘ y", "x ⊙ y", r"x \odot y", r"x \circ y", "x.*y"],
    "elementwise quotient": ["x ./ y", "x ⊘ y", r"x \oslash y", "x./y"],
    "kronecker": ["kron(A, B)", "A ⊗ B", r"A \otimes B", "A kron B"],
    "function": ["tanh(x)", r"\tanh(x)", r"\tanh x", r"\tanh{x}", r"\tanh\left(x\right)", r"\operatorname{tanh}(x)"],
    "aliases": ["log(x)", "ln(x)", r"\ln x", r"\log(x)"],
    "inverse sine": ["asin(x)", "arcsin(x)", r"\arcsin(x)"],
    "square root": ["sqrt(x)", r"\sqrt{x}", r"\sqrt x"],
    "power of a function": [r"\tanh^2(x)", "tanh(x)^2", r"\tanh(x)^2", "tanh^2(x)", r"\tanh^{2} x"],
    "indicator": ["1[A x + b > 0]", "A x + b > 0", r"\mathbb{1}[A x + b > 0]", r"1[A x + b \gt 0]", "𝟙[A x + b > 0]"],
    "at least": ["1[x >= 0]", "1[x ≥ 0]", r"1[x \geq 0]", r"1[x \ge 0]"],
    "at most": ["1[x <= 0]", "1[x ≤ 0]", r"1[x \leq 0]", r"1[x \le 0]"],
    "trace": ["tr(A B)", "trace(A B)", "Tr(A B)", r"\operatorname{tr}(A B)", r"\mathrm{tr}(A B)", r"\text{tr}(A B)"],
    "log of determinant": ["log(det(X))", r"\log\det X", r"\log\det(X)", r"\log(\det(X))", r"\ln \det X"],
    "norm": ["||v||", "‖v‖", r"\|v\|", "norm(v)", r"\lVert v \rVert", r"\left\|v\right\|", "||v||_2", "||v||_{2}",
             r"\Vert v \Vert"],
    "norm1": ["||v||_1", "norm1(v)", r"\|v\|_1", "‖v‖_{1}", r"\lVert v \rVert_1"],
    "Frobenius": ["||A||_F^2", "||A||^2", "norm(A)^2", r"\|A\|_F^2", r"\lVert A \rVert_{F}^2"],
    "absolute value": ["|s|", "abs(s) where s in R", r"\lvert s \rvert", r"\left| s \right|"],
    "half": ["1/2 x^T x", r"\frac{1}{2} x^T x", r"\frac12 x^T x", "0.5 x^T x", ".5 x^T x", r"\tfrac{1}{2} x^T x",
             r"\dfrac12 x^T x", "(1/2) x^T x", "2/4 x^T x", "5e-1 x^T x"],
    "quotient": ["x/||x||", r"\frac{x}{\|x\|}", "x / ||x||", "x ÷ ||x||"],
    "pi": ["pi x", r"\pi x", "π x"],
    "brackets": ["2 (x + y)", r"2 \left( x + y \right)", r"2 \bigl( x + y \bigr)", "2(x+y)", "2*(x + y)", "2 {x + y}"],
    "minus": ["x - y", "x − y", "x – y", "x + -y", "x - (y)", "x-y"],
    "double minus": ["x + y", "x - -y", "x--y", "+x + +y"],
    "sign in front": ["-x y^T", "x * -y^T", "x (-1) y^T", "-(x y^T)", "-1 x y^T"],
    "sum over data": ["sum_{n=1}^N (y_n - theta^T x_n)^2", r"\sum_{n=1}^{N} (y_n - \theta^T x_n)^2",
                      r"\sum\limits_{n=1}^N (y_n - θ^T x_n)^2", "∑_{n=1}^N (y_n - theta' x_n)^2",
                      "sum^N_{n=1} (y_n - theta^T x_n)^2", "sum_{ n = 1 }^{ N } (y_n - theta^T x_{n})^2"],
    "where": ["||y - A x||", "||e|| where e = y - A x", "||e|| where e = y - z, z = A x",
              r"||e|| \text{where} e = y - A x", "||e|| where e = y - A x, x in R^n, A in R^{m x n}"],
}
DECLARED = {
    "scalar power": {"s": "R"}, "absolute value": {"s": "R"}, "where": {"y": "R^m", "A": "R^{m x n}"},
    "fractional power": {"x": "R"}, "negative power": {"x": "R", "y": "R"}, "double minus": {"x": "R^n"},
}


@pytest.mark.parametrize("part", SPELLINGS)
def test_spellings_mean_the_same(part: str) -> None:
    first, *others = SPELLINGS[part]
    wanted = elaborate(first, DECLARED.get(part)).expr
    for text in others:
        found = elaborate(text, DECLARED.get(part)).expr
        assert found is wanted, f"{text}: {to_text(found)}"


@pytest.mark.parametrize(
    ("one", "other"),
    [("logdet(X)", "log(det(X))"), ("tanh(X)", "expm(X)"), ("A x", "x^T A"), ("||v||", "||v||_1"), ("x .* y", "x y^T"),
     ("A^2", "A.^2"), ("[a, b]", "[a; b]"), ("x_n", "x_m"), ("x", "X"), ("y_hat", "y_bar"), ("I_2", "I_3")],
)
def test_what_differs_is_not_the_same(one: str, other: str) -> None:
    assert elaborate(one).expr is not elaborate(other).expr


@pytest.mark.parametrize(
    ("text", "bracketed"),
    [
        ("1/2 x^T A x", "(1/2) (x^T) A x"), ("A x / t", "(A x) / t"), ("A x^T^T", "A (x^T)^T"),
        ("-x^T x", "-(x^T x)"), ("y .* X w", "y .* (X w)"), ("a + b .* c", "a + (b .* c)"),
        ("a .* -b", "a .* (-b)"), ("2^-1 x", "(1/2) x"), ("-s^2", "-(s^2)"), ("a ./ b .* c", "(a ./ b) .* c"),
        ("a - b - c", "(a - b) - c"), ("a - b + c", "(a - b) + c"), ("x / s / t", "(x / s) / t"),
        ("A x > b + c", "(A x) > (b + c)"), ("2 v.^2", "2 (v.^2)"), ("A B ⊗ C", "(A B) ⊗ C"),
        ("sum_{n=1}^N a x_n + b", "(sum_{n=1}^N (a x_n)) + b"), ("x y^T/2", "(x y^T)/2"),
        (r"\sin x \cos x", "sin(x) cos(x)"), (r"\exp x + 1", "exp(x) + 1"), ("tr(A)'", "tr(A)"),
    ],
)
def test_precedence(text: str, bracketed: str) -> None:
    shapes = {"s": "R", "t": "R"}
    assert elaborate(text, shapes).expr is elaborate(bracketed, shapes).expr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("A (x + b)", "A (x + b)"), ("||x|| + ||y||", "||x|| + ||y||"), ("|a| |b|", "abs(a) abs(b)"),
        ("|a||b|", "abs(a) abs(b)"), ("||x|| ||y||", "||x|| ||y||"), ("||x||||y||", "||x|| ||y||"),
        ("||x| + |y||", "abs(abs(x) + abs(y))"), ("||x| - |y||", "abs(abs(x) - abs(y))"),
        ("|||x|||", "abs(||x||)"), ("| ||x|| - 1 |", "abs(||x|| - 1)"), ("||x - |a| y||", "||x - abs(a) y||"),
        ("|a - |b||", "abs(a - abs(b))"), ("||x||^2 |a|^2", "||x||^2 abs(a)^2"), ("max(|a|, |b|)", "max(abs(a), abs(b))"),
        ("||(||x|| y)||", "norm(||x|| y)"), ("1[|a| > |b|]", "1[abs(a) > abs(b)]"), ("|x^T y|", "abs(x^T y)"),
        ("|a|/|b|", "abs(a)/abs(b)"), ("2|a|", "2 abs(a)"), ("|-a|", "abs(-a)"), ("[|a|; |b|]", "[abs(a); abs(b)]"),
    ],
)
def test_bars(text: str, printed: str) -> None:
    assert to_text(elaborate(text).expr) == printed


@pytest.mark.parametrize(
    "text",
    ["0", "ones(n)", "ones(m, n)", "ones(3)", "ones(m n)", "ones(m + 1)", "I_n", "I_3", "I_{m n}", "I x", "pi",
     "[a; b; c]", "[a, b]", "[a, b; c, d]", "[A, b; c^T, d]", "[A; B]", "[A, B]", "zeros(3)", "n x where x in R^n",
     "max(x, 0)", "min(x, y)", "softmax(x)", "logsumexp(x)", "mean(x)", "vec(A)", "diag(x)", "diag(A)", "expm(A)"],
)
def test_other_forms_are_accepted(text: str) -> None:
    assert elaborate(text).expr is elaborate(f"({text})" if "where" not in text else text).expr


def test_numbers_stay_exact() -> None:
    assert to_text(elaborate("0.1 + 1/3").expr) == "1/10 + 1/3"
    assert to_text(elaborate("1/3 x").expr) == "1/3 x"
    assert to_text(elaborate("12345678901234567890123").expr) == "12345678901234567890123"
