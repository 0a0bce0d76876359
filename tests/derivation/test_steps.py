"""The work that leads to a derivative: every line keeps the value, the last one is the result, the rules are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcalc import DeclarationError, derive
from matcalc.core.dims import Dim
from matcalc.derivation.rewriting import _identity
from matcalc.derivation.rules import rule
from matcalc.derivation.steps import Derivation
from matcalc.derivative import Derivative
from matcalc.ir import build as b
from matcalc.simplify.recognise import REDUCTIONS
from tests.conformance import cases

CASES = [case for kind, case in cases() if kind in ("case", "structured_case")]

MORE: list[tuple[str, str | list[str], int]] = [
    ("relu(W x + b)", "W", 1),
    ("softmax(A x)", "x", 1),
    ("tr(expm(X))", "X", 1),
    ("expm(t A)", "t", 1),
    ("sum(exp(A x))", "x", 3),
    ("norm(x)", "x", 2),
    ("||y - W2 tanh(W1 x + b1) - b2||^2", "W1", 1),
    ("||y - W2 tanh(W1 x + b1) - b2||^2", "b1", 1),
    ("[sin(t); cos(t)]", "t", 1),
    ("[x1^2 + x2; sin(x1)]", ["x1", "x2"], 1),
    ("x1^2 + sin(x2)", ["x1", "x2"], 2),
    ("sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "w", 1),
    ("sum(max(x, y))", "x", 1),
    ("logdet(X)", "X", 2),
    ("kron(A, X)", "X", 1),
    ("d + g where g = cos(c), d = sqrt(c), c = a + b, b = exp(a), a = x^2", "x", 1),
    ("(x^T A x)/(x^T x)", "x", 1),
    ("||A - U V^T||^2", "U", 1),
]


def body(text: str) -> str:
    """A result without its clause of names."""
    return text.partition(" where ")[0]


def printed(d: Derivative) -> str:
    return body(str(d.named()) if d.matrix is not None else d.index())


def holds(d: Derivative) -> Derivation:
    """The steps of a derivative, which keep the value and end at the result."""
    steps = d.steps()
    report = steps.check()
    assert report.passed, str(report)
    assert body(steps[-1].after) == printed(d)
    return steps


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"], marks=pytest.mark.slow if n % 4 else ()) for n, case in enumerate(CASES)])
def test_steps_of_a_case(case: dict[str, Any]) -> None:
    convention = case.get("convention")
    holds(derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"),
                 structured="entries" if convention == "diagonal" else convention))


@pytest.mark.parametrize(("text", "wrt", "order"), MORE)
def test_steps_of_a_formula(text: str, wrt: str | list[str], order: int) -> None:
    holds(derive(text, wrt, order))


@pytest.mark.parametrize("text", ["x^T A x", "||X b - y||^2", "sum(tanh(W x))"])
def test_both_methods(text: str) -> None:
    d = derive(text, "b" if "b" in text else "x")
    for method in ("components", "differentials"):
        assert d.steps(method).check().passed


def test_layout_and_structure() -> None:
    holds(derive("x^T A x", "x", layout="denominator"))
    holds(derive("tr(A X)", "X", declare={"X": "R^{n x n} symmetric"}, structured="entries"))


def test_rules_are_in_the_order_of_a_lecture() -> None:
    titles = [(s.rule, s.after) for s in derive("A v", "v").steps()]
    assert titles == [
        ("components", "sum_j A_ij v_j"),
        ("d-lin", "sum_k A_ik dv_k/dv_j"),
        ("leaf-vector", "sum_k A_ik delta_kj"),
        ("contract-deltas", "A_ij"),
        ("read-off-shape", "A_ij"),
        ("matrix-form", "A"),
    ]


def test_third_order_tensor() -> None:
    steps = derive("tanh(A x + b)", "A").steps()
    assert [s.after for s in steps] == [
        "tanh(z_i),  z_i = sum_j A_ij x_j + b_i",
        "(1 - tanh(z_i)^2) dz_i/dA_jk",
        "sum_l (1 - tanh(z_i)^2) dA_il/dA_jk x_l",
        "sum_l (1 - tanh(z_i)^2) x_l delta_ij delta_lk",
        "(1 - tanh(z_i)^2) x_k delta_ij",
        "(1 - tanh(z_i)^2) x_k delta_ij",
    ]
    assert steps[-1].space is not None and steps[-1].space.text == "R^{m x m x n}: i of f; j, k of A"


def test_scalar_by_matrix_goes_by_differentials() -> None:
    steps = derive("logdet(A X B)", "X").steps()
    assert [(s.left, s.after) for s in steps[:3]] == [
        ("df", "tr((A X B)^-1 d(A X B))"),
        ("df", "tr(B (A X B)^-1 A dX)"),
        ("df/dX", "(B (A X B)^-1 A)^T"),
    ]


def test_names_of_the_user_are_kept() -> None:
    steps = derive("1/2 ||e||^2 where e = y - A x", "x").steps()
    assert steps.head.text.startswith("f = 1/2 ||e||^2 with e = y - A x, by x")
    assert any("de_j/dx_i" in s.after for s in steps)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES[::9]])
def test_every_step_names_a_rule_with_source(case: dict[str, Any]) -> None:
    d = derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
    for s in d.steps():
        assert s.title and s.formula and s.source
        for name in s.rule.split(" + "):
            assert name == "components" or rule(name).formula


def test_a_wrong_step_is_caught() -> None:
    steps = derive("x^T A x", "x").steps()
    other = derive("2 x^T A x", "x").steps()
    wrong = Derivation(steps.d, steps.head, [*steps[:-1], replace(steps[-1], lines=other[-1].lines[:1] + (steps[-1].lines[1], other[-1].lines[2]))])
    report = wrong.check()
    assert not report.passed and f"step {len(steps)}" in report.failures[0]


def test_markdown_and_latex() -> None:
    steps = derive("A x", "x").steps()
    assert steps.latex().startswith("\\begin{align*}\n  f_{i} &= \\sum_{j} A_{ij} x_{j} && \\text{Write in components} \\\\")
    assert "\\frac{\\partial f}{\\partial x} &\\in \\mathbb{R}^{m \\times n}" in steps.latex()
    assert "6. **Return to matrix form.** `sum_j A_ij x_j = (A x)_i`" in steps.markdown()


def test_methods_that_do_not_apply() -> None:
    with pytest.raises(DeclarationError, match="`method` is \"components\" or \"differentials\", not 'magic'"):
        derive("A x", "x").steps("magic")
    with pytest.raises(DeclarationError, match="differentials are for a scalar"):
        derive("A x", "x").steps("differentials")


@pytest.mark.parametrize("name", [name for rewrites in REDUCTIONS.values() for name, _ in rewrites])
def test_every_rewrite_goes_by_the_name_of_an_identity(name: str) -> None:
    assert rule(name).source


def test_an_absolute_value_from_its_sign() -> None:
    d = derive("abs(s det([s^2 + 2, 2; s, abs(||m||^2)]))", "m", declare={"s": "R", "m": "R^k"})
    assert d.steps().check().passed


def test_the_derivative_of_an_array_by_itself_has_its_axes_twice() -> None:
    for axes in ((), (Dim.of("n"),), (Dim.of("m"), Dim.of("n")), (Dim.of("N"), Dim.of("m"), Dim.of("n"))):
        for normal in (True, False):
            assert _identity(b.var("v", axes), normal).axes == axes + axes
