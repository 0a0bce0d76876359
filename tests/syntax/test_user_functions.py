"""Functions that a formula defines: values, derivatives against SymPy, spellings, errors."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from matcalc import LimitError, MatcalcError, NotDifferentiableError, ParseError, derive, gradients, parse
from matcalc.expr.text import to_text
from matcalc.reading import read_program

Z, A, B = sympy.symbols("z a b", positive=True)

BODIES = {
    "z^2 sin(z)": Z**2 * sympy.sin(Z),
    "z/(1 + z^2)": Z / (1 + Z**2),
    "z sigmoid(z)": Z / (1 + sympy.exp(-Z)),
    "a z^3 - b z + pi": A * Z**3 - B * Z + sympy.pi,
    "1/z + sqrt(z)/2": 1 / Z + sympy.sqrt(Z) / 2,
    "log(1 + exp(a z))": sympy.log(1 + sympy.exp(A * Z)),
    "exp(-z^2/(2 a^2))": sympy.exp(-Z**2 / (2 * A**2)),
    "2^z + z^a": 2**Z + Z**A,
    "tanh(z)^2 cos(b z)": sympy.tanh(Z) ** 2 * sympy.cos(B * Z),
    "erf(z) atan(z)": sympy.erf(Z) * sympy.atan(Z),
    "1/2 z (1 + tanh(a (z + b z^3)))": Z / 2 * (1 + sympy.tanh(A * (Z + B * Z**3))),
    "|z - 3|^3": sympy.Abs(Z - 3) ** 3,
    "a": A,
}


@pytest.mark.parametrize("body", BODIES)
def test_derivatives_are_those_of_sympy(body: str) -> None:
    point = {"x": np.array([0.3, 1.7, 0.9]), "a": np.asarray(0.7), "b": np.asarray(1.3)}
    spaces = {"x": "R^3", "a": "R", "b": "R"}
    f = f"sum(f(x)) + 0 x^T x + 0 a b where f(z) = {body}"
    for order, text in enumerate((f, f.replace("f(x)", "f'(x)")), 1):
        d = derive(text, "x", declare=spaces)
        wanted = sympy.diff(BODIES[body], Z, order)
        expected = [float(wanted.subs({Z: z, A: point["a"], B: point["b"]})) for z in point["x"]]
        assert np.allclose(d(**{n: point[n] for n in d.variables}), expected)


@pytest.mark.parametrize(("text", "wrt"), [
    ("sum(f(A x)) where f(z) = z^2 sin(z)", "x"),
    ("f(A x) where f(z) = z^2 sin(z)", "A"),
    ("sum(h(x, y)) where h(u, v) = u exp(v)", "y"),
    ("tr(f(X Y)) where f(z) = z/(1 + z^2)", "Y"),
    ("sum_{n=1}^N h(y_n, w^T x_n) where h(u, v) = log(1 + exp(-u v)), y_n in R", "w"),
    ("f(g(f(t))) where f(z) = g(z)^2, g(z) = sin(z) + a", "t"),
    ("sum(f(x)) where f(z) = z/||x||", "x"),
    ("sum(f(X)) where f(x) = x^2 s, s = tr(X)", "X"),
    ("f'(w^T x) where f(z) = exp(z)/z", "w"),
])
def test_derivatives_pass_their_check(text: str, wrt: str) -> None:
    assert derive(text, wrt).check().passed


def test_repeated_arguments_get_a_name() -> None:
    d = derive("sum(f(A x)) where f(z) = z^2 sin(z)", "x")
    assert str(d).endswith("where z = A x")
    assert str(derive("sum(f(x)) where f(z) = 2^z", "x")) == "log(2) exp(log(2) x)^T"


def test_several_gradients() -> None:
    g = gradients("||y - W f(V x)||^2 where f(z) = z/(1 + |z|)", ["W", "V"])
    assert all(d.check().passed for d in g.values())


@pytest.mark.parametrize("text", [
    r"f\left(x\right) where f\left( z \right) = z^{2} \sin z, x in R^n",
    r"\psi(x) \text{ where } \psi(\zeta) = \zeta^2 \sin \zeta, x \in \mathbb{R}^n",
    "ψ (x) where ψ(ζ) = ζ² sin(ζ), x ∈ ℝ^n",
    "\\mathrm{act}(x) where act(z) = z sin(z) z, x in R^n",
    "f_1(x) where f1(x) = x^2 sin(x), x in R^n",
])
def test_spellings(text: str) -> None:
    book = parse("x.^2 .* sin(x) where x in R^n")
    point = {"x": np.array([0.2, -1.0])}
    found = derive(text, "x")
    assert np.allclose(found(**point), derive(to_text(book.expr), "x", declare={"x": "R^n"})(**point))


def test_primes() -> None:
    program = read_program("f'(x) + f''(x) where f(z) = z^3 + a z, x in R^n")
    assert to_text(program.expr) == "3 x.^2 + a ones(n) + 6 x"
    assert to_text(read_program(r"f^{\prime}(2) where f(z) = z^3").expr) == "3 2^2"


@pytest.mark.parametrize(("text", "error", "words"), [
    ("f(x, y) where f(z) = z", ParseError, "`f` takes 1 argument, not 2"),
    ("h(x) where h(u, v) = u v", ParseError, "`h` takes 2 arguments, not 1"),
    ("f(x) where f(z) = softmax(z)", ParseError, "`softmax` has no meaning in `f`"),
    ("f(x) where f(z) = [z, 1]", ParseError, "an explicit matrix"),
    ("f(x) where f(z) = kron(z, 2)", ParseError, "`kron`"),
    ("f(x) where f(z) = z', x in R", ParseError, "a transpose"),
    ("f(x) where f(z) = ||z||", ParseError, "`norm`"),
    ("f(x) where f(pi) = pi", MatcalcError, "cannot be called `pi`"),
    ("f(x) where f(exp) = 2", MatcalcError, "cannot be called `exp`"),
    ("f(x) where f(u, u) = u", MatcalcError, "two parameters `u`"),
    ("f(x) where pi(z) = z", MatcalcError, "`pi` is a constant"),
    ("f(x) where f(z) = z, f(u) = u", MatcalcError, "defined twice"),
    ("f(x) where f(z) = z, f = 2", MatcalcError, "defined twice"),
    ("h'(x, x) where h(u, v) = u v", ParseError, "a function of one argument"),
    ("f'''''''(x) where f(z) = z^9", LimitError, "at most 6"),
    ("f(x) where f(z) = sum_{n=1}^N exp(a_n z)", ParseError, "a sum over data has no meaning"),
    ("sum_{n=1}^N f'(x) where f(z) = a_n z^2, x in R", NotDifferentiableError, "no closed form"),
    ("f(x) where f(z) = z^", ParseError, "ends too soon"),
])
def test_errors(text: str, error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error) as caught:
        derive(text, "x")
    assert words in str(caught.value)


def test_definitions_that_grow_are_refused() -> None:
    chain = ", ".join(f"f{n}(z) = f{n - 1}(z) f{n - 1}(z + 1)" for n in range(1, 40))
    with pytest.raises(LimitError):
        parse(f"f39(x) where f0(z) = z, {chain}")
    deep = ", ".join(f"f{n}(z) = 1 + f{n - 1}(z)" for n in range(1, 300))
    assert parse(f"f299(t) where f0(z) = z, {deep}, t in R").expr.shape.is_scalar
