"""Exchange with SymPy: values there and back, derivatives against SymPy's, names and parts that are refused."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from matcalc import DeclarationError, MatcalcError, ShapeError, UnknownFunctionError, derive, gradients, parse, to_sympy
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.interop.to_sympy import BINARY, ELEMENTWISE
from tests.interop.numbers import number

FORMULAS = (
    "x^T A x", "log(sum(exp(x)))", "tanh(A x + b)", "softmax(A x) .* (B y)", "det(A) inv(A)^T A^3", "||X||_F ||v||_1 logdet(B)",
    "A .* B.^2 + 1", "[s; t^2; s t]", "[A, b; c^T, 2] [s; t] where s in R^n, c in R^n, t in R", "max(u, v) .* u + min(u, v)", "1[A x > 0] + relu(A x)",
    "A ⊗ B", "a ⊗ b", "diag(x) A diag(x) + diag(diag(B))", "x^T y z", "x y^T z", "2^s + s^(1/2) where s in R positive",
    "mean(X) n where X in R^{n x m}", "sum_{n=1}^N (y_n - s)^2 where y_n in R, s in R", "x^T/||x||", "tr(A^-1 B)",
    "u.^v where u in R^n positive", "u.^3 ./ (1 + u.^2)", "sum(X) - sum(x)^2", "max(x, 0) + min(t, x) where t in R", "1[x >= y] .* 1[x < 1]",
    "sigmoid(x) + softplus(x) + erf(x) + step(x) + abs(x) + sign(x)", "logsumexp(X) + mean(x)", "softmax(x)^T y", "(A x)^T (A x) A",
    "|s| + pi s^3/4", "x^T (A + A^T)", "||A x - b||^2/(2 s^2) where s in R", "A^T A + 2 I", "ones(3)^T x + zeros(3)^T x", "asin(s) + acos(s)",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_values_there_and_back(text: str) -> None:
    program = parse(text)
    there = to_sympy(program)
    back = parse(there)
    for seed in range(2):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes((program.expr, *program.variables.values()), rng)
        point = draw_point(program.variables, sizes, rng, scale=0.5)
        wanted = np.asarray(evaluate(program.expr, point, sizes))
        found = number(there, point, sizes)
        assert np.allclose(found.reshape(wanted.shape), wanted, rtol=1e-9)
        returned = np.asarray(evaluate(back.expr, {name: point[name] for name in back.variables}, sizes))
        assert np.allclose(returned.reshape(wanted.shape), wanted, rtol=1e-12)
        assert back.expr.shape == program.expr.shape


@pytest.mark.parametrize(("text", "wrt"), [
    ("sin(t) exp(-t^2/2)", "t"), ("log(1 + t^2)/t", "t"), ("tanh(s t)^3", "s"), ("t^s where t in R positive, s in R", "s"),
    ("erf(t) sqrt(1 + t^4)", "t"), ("sigmoid(t) softplus(t)", "t"), ("atan(t/s) asin(t/4)", "t"), ("1/(1 + 1/(1 + 1/t))", "t"),
])
def test_derivatives_of_scalars_are_those_of_sympy(text: str, wrt: str) -> None:
    spaces = {} if "where" in text else {"t": "R", "s": "R"}
    d = derive(text, wrt, declare=spaces)
    function, derivative = to_sympy(text, declare=spaces), d.to_sympy()
    assert isinstance(function, sp.Expr) and isinstance(derivative, sp.Expr)
    symbol = next(s for s in function.free_symbols if str(s) == wrt)
    for values in ((0.3, 0.7), (1.2, 0.4)):
        point = dict(zip(sorted(function.free_symbols, key=str), values, strict=False))
        assert abs(complex((sp.diff(function, symbol) - derivative).subs(point).evalf())) < 1e-9


n, m, N = sp.symbols("n m N", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
x, A, B = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", m, n)
u, v, z = sp.symbols("u v z", real=True)
p = sp.Symbol("p", positive=True)
y = sp.IndexedBase("y")


@pytest.mark.parametrize(("formula", "wrt", "text"), [
    (sp.sin(u) * v, u, "v cos(u)"),
    (sp.sin(u) * v, "u", "v cos(u)"),
    (x.T * A * x, x, "x^T (A + A^T)"),
    (B * x, x, "B"),
    (sp.log(sp.Determinant(A)), A, "A^-T"),
    (u**2 * v + u * v**3, [u, v], "[2 u v + v^3, u (u + 3 v^2)]"),
    (u**2 * v + u * v**3, sp.Matrix([u, v]), "[2 u v + v^3, u (u + 3 v^2)]"),
    (sp.Sum((y[i] - u) ** 2, (i, 1, N)), u, "2 sum_{i=1}^{N} (u - y_i)"),
    (sp.Matrix([u**2, u * v]), u, "[2 u; v]"),
    (sp.Piecewise((u**2, u > 0), (sp.exp(u) - 1, True)), u, "2 relu(u) + exp(u) 1[u <= 0]"),
    (sp.MatrixSymbol("r", 1, n) * x, "r", "x^T"),
    (sp.HadamardProduct(x, A * x), x, "diag(x) A + diag(A x)"),
    (sp.Max(u, v, 0), u, None),
    (sp.sec(u) * sp.asinh(u), u, None),
    (sp.Heaviside(u) * u**2 + sp.Heaviside(u, 1) * u**2, u, None),
    (sp.Piecewise((0, u < -1), (u**2, sp.And(u >= -1, u < 2)), (1, sp.Or(u > 3, v > 0)), (v, True)), v, None),
    (sp.KroneckerProduct(x, B), x, None),
    (sp.BlockMatrix([[A, x], [x.T, sp.Matrix([[u]])]]), u, None),
    (sp.Rational(1, 3) * sp.Float("0.25") * u**2 + sp.E**u, u, None),
    (sp.OneMatrix(1, n) * x.applyfunc(sp.Lambda(z, z**2 * u)), x, "2 u x^T"),
    (n * u**2 * sp.Trace(A), u, "2 n u tr(A)"),
])
def test_derivatives_of_sympy_expressions(formula: object, wrt: object, text: str | None) -> None:
    d = derive(formula, wrt)  # type: ignore[arg-type]
    assert text is None or str(d) == text
    assert d.check().passed


def test_names_sizes_and_assumptions() -> None:
    d = derive(sp.sqrt(p) * sp.Symbol("x_1"), p)
    assert d.space("p") == "R positive" and "x1" in d.variables
    assert derive(B * x, x).shapes == {"B": "R^{m x n}", "x": "R^n"}
    d = derive(x.T * A * x, x, declare={"A": "R^{n x n} symmetric"})
    assert str(d) == "2 x^T A"
    assert derive(sp.MatrixSymbol("Q", 2 * n + 1, 3) * sp.MatrixSymbol("q", 3, 1), "q").shape == ("1 + 2 n", "3")


def test_several_gradients() -> None:
    assert [str(d) for d in gradients(u**2 * v, [u, "v"]).values()] == ["2 u v", "u^2"]


def test_functions() -> None:
    square = {"f": sp.Lambda(z, z**2 * sp.sin(z))}
    text = derive("sum(f(A x)) where f(z) = z^2 sin(z)", "x")
    assert str(derive("sum(f(A x))", "x", functions=square)) == str(text)
    assert derive("sum(h(x, y))", "x", functions={"h": sp.Lambda((u, v), u * sp.exp(v))}).check().passed
    d = derive("sum(f(A x)) + p", "p", functions={"f": sp.Lambda(z, p * z**2)})
    assert str(d) == "1 + ||A x||^2" and d.space("p") == "R positive"
    assert str(derive("f'(x) + g(x) where g(z) = f(z)^2", "x", functions={"f": sp.sin}, declare={"x": "R"})) == (
        str(derive("cos(x) + sin(x)^2", "x", declare={"x": "R"})))


@pytest.mark.parametrize(("formula", "error", "words"), [
    (sp.Symbol("a b") * u, DeclarationError, "'a b' is not a name"),
    (sp.Symbol("θ") * u, DeclarationError, "is not a name"),
    (sp.Symbol("pi") * u, DeclarationError, "is not a name"),
    (sp.Symbol("I_n") * u, DeclarationError, "is not a name"),
    (sp.Symbol("__import__('os')") * u, DeclarationError, "is not a name"),
    (sp.Symbol("u", positive=True) * u, DeclarationError, "two SymPy symbols"),
    (sp.Symbol("x_1") * u * sp.Symbol("x1"), DeclarationError, "two SymPy symbols are called `x1`"),
    (sp.I * u, UnknownFunctionError, "ImaginaryUnit"),
    (u + sp.oo, UnknownFunctionError, "not a number"),
    (sp.gamma(u), UnknownFunctionError, "`gamma`"),
    (sp.Function("f")(u), UnknownFunctionError, "`f`"),
    (sp.Derivative(sp.Function("f")(u), u), UnknownFunctionError, "doit"),
    (A[0, 1] * u, UnknownFunctionError, "MatrixElement"),
    (sp.Sum(y[i], (i, 0, N)) * u, DeclarationError, "starts at 1"),
    (sp.Sum(i * y[i], (i, 1, N)) * u, DeclarationError, "cannot be used as a number"),
    (sp.Sum(y[i], (i, 1, N)) * u + sp.Sum(y[i], (i, 1, n)), DeclarationError, "runs to"),
    (y[i] * u, UnknownFunctionError, "under a sum"),
    (sp.Piecewise((sp.log(u), u > 0), (0, True)), UnknownFunctionError, "finite everywhere"),
    (sp.Piecewise((u, u > 0)), UnknownFunctionError, "no value"),
    (sp.Symbol("t", imaginary=True) * u, DeclarationError, "no real symbol"),
    (sp.MatrixSymbol("Q", n - 1, 1).T * sp.MatrixSymbol("R", n - 1, 1), DeclarationError, "no size"),
    (sp.exp(A), UnknownFunctionError, "applyfunc"),
])
def test_what_the_language_has_not(formula: object, error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error) as caught:
        derive(formula, "u")  # type: ignore[arg-type]
    assert words in str(caught.value)


@pytest.mark.parametrize(("text", "words"), [("vec(A) + x", "`vec(A)`"), ("expm(A)", "`expm(A)`"),
                                             ("sum_{n=1}^N x_n^T x_n where x_n in R^d", "x_n")])
def test_what_sympy_has_not(text: str, words: str) -> None:
    with pytest.raises(UnknownFunctionError) as caught:
        to_sympy(text)
    assert words in str(caught.value)


def test_a_tensor_is_refused() -> None:
    with pytest.raises(ShapeError):
        derive("A x", "A").to_sympy()


def test_bad_functions() -> None:
    for functions in ({"exp": sp.sin}, {"f": sp.sin(u)}, {"f": "z"}, {"f g": sp.sin}, {"f": sp.Lambda(z, x)}):
        with pytest.raises(MatcalcError):
            derive("f(x)", "x", functions=functions)  # type: ignore[arg-type]
    with pytest.raises(ShapeError):
        derive("sum(f(A x)) + p^T x", "x", functions={"f": sp.Lambda(z, sp.Symbol("p") * z)}, declare={"p": "R^n"})
    with pytest.raises(DeclarationError):
        derive("f(x) where p = 3", "x", functions={"f": sp.Lambda(z, sp.Symbol("p") * z)})
    with pytest.raises(DeclarationError):
        derive("f(x) where f(z) = z", "x", functions={"f": sp.sin})


def test_scalars_simplified_by_sympy() -> None:
    d = derive("(t^3 - 1)/(t - 1)", "t", simplify="sympy")
    assert str(d) == "2 t + 1" and d.check().passed
    d = derive("tr(A)^2 t/(tr(A) t)", "t", declare={"t": "R"}, simplify="sympy")
    assert str(d) == "0"
    assert str(derive("s t^2", "t", declare={"s": "R", "t": "R"}, simplify="sympy")) == "2 s t"
    with pytest.raises(DeclarationError):
        derive("x^T x", "x", simplify="sympy")
    with pytest.raises(DeclarationError):
        derive("t^2", "t", simplify="maple")


def test_tables_are_complete() -> None:
    assert set(ELEMENTWISE) | {"max", "min"} == set(FUNCTIONS)
    assert set(BINARY) == {"max", "min", *COMPARISONS}
