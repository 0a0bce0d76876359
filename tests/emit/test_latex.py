"""LaTeX of the matrix language: golden strings, complete tables, names, equations, balanced fences."""

import re
from fractions import Fraction

import pytest

from matcalc.core.dims import SCALAR, Dim, Shape, matrix, row, vector
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.emit.latex import LATEX, derivative, equation, to_latex
from matcalc.emit.latex_names import COMMANDS, dimension, space, symbol
from matcalc.expr import build as b
from matcalc.expr.nodes import HEADS, UNEVALUATED, Expr
from matcalc.syntax.elaborate import elaborate
from matcalc.syntax.names import GREEK, ascii_name

M, N, P = Dim.of("m"), Dim.of("n"), Dim.of("p")
DECLARE = {
    "A": "R^{m x n}", "B": "R^{n x n}", "X": "R^{n x n}", "S": "R^{n x n}", "x": "R^n", "y": "R^n", "a": "R^n",
    "z": "R^m", "s": "R", "t": "R", "c": "R", "k": "R", "theta": "R^n", "lambda": "R", "T": "R",
}

GOLDEN = [
    # products, sums, signs
    ("x^T B x", r"x^{\top} B x"),
    ("1/2 ||y - B x||^2", r"\frac{1}{2} \lVert y - B x \rVert^{2}"),
    ("-(x + y)^T B", r"-(x + y)^{\top} B"),
    ("x - (y - a)", r"x - (y - a)"),
    ("-2 x + y", r"-2 x + y"),
    ("A^T (A x - z)", r"A^{\top} (A x - z)"),
    ("(x^T y) a", r"(x^{\top} y) a"),
    ("2 (x^T y) a", r"2 (x^{\top} y) a"),
    ("2 x^T y a", r"2 (x^{\top} y) a"),
    ("s * 3", r"s \cdot 3"),
    ("2 lambda theta", r"2 \lambda \theta"),
    ("x y^T", r"x y^{\top}"),
    # powers and fractions
    ("s^2 / t", r"\frac{s^{2}}{t}"),
    ("s / (t^2 c)", r"\frac{s}{t^{2} c}"),
    ("1/(2 sqrt(s))", r"\frac{1}{2 \sqrt{s}}"),
    ("-3/2 s / t", r"-\frac{3 s}{2 t}"),
    ("x^T B x / 2", r"\frac{x^{\top} B x}{2}"),
    ("exp(-s / 2)", r"\exp\left(-\frac{s}{2} \right)"),
    ("(1/2)^s", r"\left(\frac{1}{2} \right)^{s}"),
    ("1/2 s", r"\frac{1}{2} s"),
    ("s (-3)", r"-s \cdot 3"),
    ("2^s 3^t", r"2^{s} \cdot 3^{t}"),
    ("x^T B y x^T", r"(x^{\top} B y) x^{\top}"),
    ("(s / t)^2", r"\left(\frac{s}{t} \right)^{2}"),
    ("s^(1/2)", r"\sqrt{s}"),
    ("s^(-1/2)", r"\frac{1}{\sqrt{s}}"),
    ("s^(3/2)", r"s^{3/2}"),
    ("s^(k - 1)", r"s^{k - 1}"),
    ("s^(T)", r"s^{{T}}"),
    ("1 - tanh(s)^2", r"1 - \tanh^{2}(s)"),
    ("exp(s)^2", r"\exp(s)^{2}"),
    ("(x^T B x) / (x^T x) y", r"\frac{x^{\top} B x}{x^{\top} x} y"),
    ("x x^T / ||x||^3", r"\frac{x x^{\top}}{\lVert x \rVert^{3}}"),
    # elementwise
    ("x .* (B y)", r"x \odot (B y)"),
    ("-x .* y", r"-x \odot y"),
    ("y - x .* a", r"y - x \odot a"),
    ("x ./ y", r"x \oslash y"),
    ("1 ./ x", r"1 \oslash x"),
    ("x.^2", r"x^{\odot 2}"),
    ("1 ./ x.^2", r"1 \oslash x^{\odot 2}"),
    ("1 - tanh(x).^2", r"1 - \tanh(x)^{\odot 2}"),
    ("1[B x > 0]", r"\mathbb{1}[B x > 0]"),
    ("1[x <= y]", r"\mathbb{1}[x \leq y]"),
    ("|s|", r"\lvert s \rvert"),
    ("abs(x)", r"\operatorname{abs}(x)"),
    ("max(x, y)", r"\max(x, y)"),
    # matrices
    ("X^-1 x", r"X^{-1} x"),
    ("X^-T", r"X^{-\top}"),
    ("(X^T)^2", r"(X^{\top})^{2}"),
    ("(X + B)^-1", r"(X + B)^{-1}"),
    ("det(X) X^-T", r"\det(X) X^{-\top}"),
    ("logdet(X)", r"\operatorname{logdet}(X)"),
    ("tr(X B)", r"\operatorname{tr}(X B)"),
    ("||A||^2", r"\lVert A \rVert_{F}^{2}"),
    ("||x||_1", r"\lVert x \rVert_{1}"),
    ("(X B) kron A", r"(X B) \otimes A"),
    ("-kron(X, B)", r"-(X \otimes B)"),
    ("X + I", r"X + I"),
    ("s I + x y^T", r"s I + x y^{\top}"),
    ("diag(diag(X))", r"\operatorname{diag}(\operatorname{diag}(X))"),
    ("expm(X)", r"\operatorname{expm}(X)"),
    ("vec(A)", r"\operatorname{vec}(A)"),
    ("unvec(x ⊗ z, m, n)", r"\operatorname{unvec}(x \otimes z, m, n)"),
    ("commutation(m, n) vec(A)", r"\mathbf{K}_{m, n} \operatorname{vec}(A)"),
    ("ones(m) x^T", r"\mathbf{1}_{m} x^{\top}"),
    ("ones(m, n)", r"\mathbf{1}_{m \times n}"),
    ("ones(1, n) x", r"\mathbf{1}_{n}^{\top} x"),
    ("[s, t; c, 1/2]", r"\begin{bmatrix} s & t \\ c & \frac{1}{2} \end{bmatrix}"),
    ("[s; t]^T", r"\begin{bmatrix} s \\ t \end{bmatrix}^{\top}"),
    # data
    ("-2 sum_{i=1}^N (y_i - s) y_i where y_i in R", r"-2 \sum_{i=1}^{N} (y_{i} - s) y_{i}"),
    ("(sum_{i=1}^N y_i) s where y_i in R", r"\left(\sum_{i=1}^{N} y_{i} \right) s"),
    ("1/N sum_{i=1}^N x_i where x_i in R^n", r"\frac{1}{N} \sum_{i=1}^{N} x_{i}"),
    ("2 pi s", r"2 \pi s"),
]


def expr(text: str) -> Expr:
    families = {name for name in ("x", "y") if f"{name}_i in" in text}
    return elaborate(text, {k: v for k, v in DECLARE.items() if k not in families}).expr


@pytest.mark.parametrize(("text", "latex"), GOLDEN)
def test_golden(text: str, latex: str) -> None:
    assert to_latex(expr(text)) == latex


def test_identity_shows_its_size_where_nothing_else_does() -> None:
    identity = b.identity(N)
    square = b.variable("X", matrix(N, N))
    assert to_latex(identity) == "I_{n}"
    assert to_latex(b.kron(square, b.identity(P))) == r"X \otimes I_{p}"
    assert to_latex(b.add([square, identity])) == "X + I"
    assert to_latex(b.APPLY["tr"](b.product([b.number(2), identity]))) == r"\operatorname{tr}(2 I_{n})"
    assert to_latex(b.hadamard([square, b.power(b.APPLY["det"](identity), b.number(-1))])).count("I_{n}") == 1


# ---------------------------------------------------------------- completeness
def samples() -> dict[str, Expr]:
    """One expression for each head, name of a function and comparison."""
    s, x, X = b.variable("s", SCALAR), b.variable("x", vector(N)), b.variable("X", matrix(N, N))
    item = b.item("y", SCALAR, "i", M)
    found = {
        "num": b.number(Fraction(-1, 2)), "pi": b.pi(), "dim": b.dim_number(N * M + Dim.of(1)), "var": x, "item": item,
        "identity": b.identity(N * M), "ones": b.ones(row(N)), "zeros": b.zeros(matrix(M, N)),
        "add": b.add([x, x]), "product": b.product([s, X]), "hadamard": b.hadamard([x, x]),
        "power": b.power(x, s), "matpow": b.matpow(X, -2), "transpose": b.transpose(X), "kron": b.kron(X, X),
        "commutation": b.commutation(M, N), "unvec": b.unvec(b.vec(X), N, N),
        "block": b.block([[X, X], [X, X]]), "datasum": b.datasum("i", M, item),
    }
    for head in ("tr", "det", "logdet", "vec", "expm", "sum", "mean", "softmax", "logsumexp", "norm", "norm1"):
        found[head] = b.APPLY[head](X)
    found |= {"diag": b.diag(x), "diagonal": b.diag(X), "map": b.elementwise("exp", [x])}
    for name in (*FUNCTIONS, *COMPARISONS):
        arity = FUNCTIONS[name].arity if name in FUNCTIONS else 2
        found |= {f"map {name}": b.elementwise(name, [x] * arity), f"scalar {name}": b.elementwise(name, [s] * arity)}
    return found


def test_every_head_has_an_entry() -> None:
    assert set(LATEX) == set(HEADS) | set(UNEVALUATED)
    assert set(HEADS) <= set(samples())


@pytest.mark.parametrize("expression", samples().values(), ids=samples().keys())
def test_every_head_and_function_is_well_formed(expression: Expr) -> None:
    for bold in (False, True):
        check_well_formed(to_latex(expression, bold))
        check_well_formed(equation(expression, "x", expression, bold=bold))


def check_well_formed(latex: str) -> None:
    r"""Braces, \left and \right, environments and bars are balanced; no character is left over from plain text."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, latex
    assert depth == 0, latex
    assert latex.count(r"\left") == latex.count(r"\right"), latex
    assert len(re.findall(r"\\lVert", latex)) == len(re.findall(r"\\rVert", latex)), latex
    assert len(re.findall(r"\\lvert", latex)) == len(re.findall(r"\\rvert", latex)), latex
    assert re.findall(r"\\begin\{(\w+)\}", latex).count("bmatrix") == latex.count(r"\end{bmatrix}"), latex
    assert not re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_|\*|%|#|\$|\x00", latex), latex
    plain = re.sub(r"\\(?:mathrm|mathbf|operatorname|begin|end)\{[^{}]*\}|\\[A-Za-z]+", " ", latex)
    assert not re.search(r"[A-Za-z]{2,}", re.sub(r"_\{[^{}]*\}", "", plain)), latex


def test_deep_expressions_need_no_recursion() -> None:
    x = b.variable("x", vector(N))
    node = x
    for _ in range(3_000):
        node = b.elementwise("tanh", [b.product([b.variable("s", SCALAR), node])])
    assert to_latex(node).count(r"\tanh") == 3_000


# ---------------------------------------------------------------- names, dimensions, spaces
@pytest.mark.parametrize(("name", "latex"), [
    ("x", "x"), ("x1", "x_{1}"), ("W12", "W_{12}"), ("theta", r"\theta"), ("theta0", r"\theta_{0}"),
    ("Sigma", r"\Sigma"), ("Alpha", r"\mathrm{Alpha}"), ("omicron", r"\mathrm{omicron}"), ("beta2", r"\beta_{2}"),
    ("loss", r"\mathrm{loss}"), ("loss2", r"\mathrm{loss}_{2}"), ("x_n", "x_{n}"), ("W1_2", "W_{1,2}"),
    ("x_max", r"x_{\mathrm{max}}"), ("x_theta", r"x_{\theta}"), ("y_hat", r"\hat{y}"), ("y_hat1", r"\hat{y}_{1}"),
    ("theta_bar_n", r"\bar{\theta}_{n}"), ("x1a", r"\mathrm{x1a}"),
])
def test_names_are_read_back(name: str, latex: str) -> None:
    assert symbol(name) == latex
    assert ascii_name(latex) == name


def test_names_that_no_text_can_spell_still_compile() -> None:
    assert symbol("x_") == r"\mathrm{x\_}"
    assert symbol("a__b") == r"\mathrm{a\_\_b}"


def test_greek_letters_are_commands_of_latex() -> None:
    assert COMMANDS >= GREEK - {"omicron"}
    assert {c.lower() for c in COMMANDS} <= GREEK


def test_bold() -> None:
    formula = expr("s x^T B theta")
    assert to_latex(formula, bold=True) == (
        r"s \boldsymbol{x}^{\top} \boldsymbol{B} \boldsymbol{\theta}"
    )
    assert symbol("W1", bold=True) == r"\boldsymbol{W}_{1}"
    assert symbol("loss", bold=True) == r"\mathbf{loss}"


def test_dimensions_and_spaces() -> None:
    assert dimension(N * N * M + Dim.of(2)) == "2 + m n^{2}"
    assert space(SCALAR) == r"\mathbb{R}"
    assert space(vector(N)) == r"\mathbb{R}^{n}"
    assert space(row(N)) == r"\mathbb{R}^{1 \times n}"
    assert space(matrix(M + Dim.of(1), N)) == r"\mathbb{R}^{(1 + m) \times n}"
    assert space(["d1", "n"]) == r"\mathbb{R}^{d_{1} \times n}"


# ---------------------------------------------------------------- equations
def test_equations() -> None:
    x, s, square = expr("x"), expr("s"), expr("B")
    hessian = expr("B + B^T")
    assert equation("f", x, expr("x^T (B + B^T)")) == (
        r"\frac{\partial f}{\partial x} = x^{\top} (B + B^{\top}) \in \mathbb{R}^{1 \times n}"
    )
    assert equation("f", [x, x], hessian) == (
        r"\frac{\partial^{2} f}{\partial x\,\partial x^{\top}} = B + B^{\top} \in \mathbb{R}^{n \times n}"
    )
    assert derivative("f", [s, s]) == r"\frac{\partial^{2} f}{\partial s^{2}}"
    assert derivative("f", [s, x]) == r"\frac{\partial^{2} f}{\partial s\,\partial x}"
    assert derivative(expr("x^T x"), x) == r"\frac{\partial}{\partial x} (x^{\top} x)"
    assert derivative(s, (s, expr("t"))) == r"\frac{\partial s}{\partial (s, t)}"
    assert derivative("f", [square, square], ["", "ij", "kl"]) == (
        r"\frac{\partial^{2} f}{\partial B_{ij}\,\partial B_{kl}}"
    )
    assert equation("f", "W_{1}", r"\delta_{ij} x_{k}", dims=["m", "m", "n"], indices=["i", "jk"]) == (
        r"\frac{\partial f_{i}}{\partial (W_{1})_{jk}} = \delta_{ij} x_{k}, "
        r"\qquad \frac{\partial f}{\partial W_{1}} \in \mathbb{R}^{m \times m \times n}"
    )
    third = equation("f", [x, x], "0", dims=["m", "n", "n"], indices=["i", "j", "k"])
    assert r"\qquad \frac{\partial^{2} f}{\partial x^{2}} \in" in third


def test_equation_takes_shapes() -> None:
    assert equation("f", "x", "a", dims=Shape("row", (N,))).endswith(r"\in \mathbb{R}^{1 \times n}")
