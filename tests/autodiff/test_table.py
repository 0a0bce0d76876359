"""The accumulation as a table: rules, formulas, both modes, LaTeX."""

from __future__ import annotations

import pytest

from matcalc import derive, graph
from matcalc.autodiff.accumulate import Accumulated
from tests.autodiff.test_graph import LECTURE, NETWORK


def accumulated(text: str, wrt: str | list[str], mode: str = "reverse") -> dict[str, Accumulated]:
    """The accumulated derivatives by their symbols."""
    return {a.symbol.text: a for row in graph(text, wrt).table(mode).rows for a in row.accumulated}


@pytest.mark.parametrize(
    ("symbol", "rule", "step"),
    [
        ("df/dd", "∂f/∂d", "1"),
        ("df/dc", "df/dd ∂d/∂c + df/dg ∂g/∂c", "(df/dd)/(2 sqrt(c)) - (df/dg) sin(c)"),
        ("df/db", "df/dc ∂c/∂b", "df/dc"),
        ("df/da", "df/db ∂b/∂a + df/dc ∂c/∂a", "(df/db) exp(a) + df/dc"),
        ("df/dx", "df/da ∂a/∂x", "2 (df/da) x"),
    ],
)
def test_reverse_accumulation_of_the_worked_example(symbol: str, rule: str, step: str) -> None:
    """Equations (43) to (50) of the lecture."""
    found = accumulated(LECTURE, "x")[symbol]
    assert (str(found.rule), str(found.step)) == (rule, step)


def test_closed_form_of_the_worked_example() -> None:
    assert str(accumulated(LECTURE, "x")["df/dc"].closed) == "1/(2 sqrt(c)) - sin(c)"
    text = LECTURE.replace("d + g", str(accumulated(LECTURE, "x")["df/dx"].closed))
    whole = derive(LECTURE, "x")
    assert derive(text, "x")(x=0.7) == pytest.approx(derive(LECTURE, "x", order=2)(x=0.7), rel=1e-12)
    assert whole.check().passed


@pytest.mark.parametrize(
    ("symbol", "rule", "step"),
    [
        ("dx/dx", "None", "1"),
        ("da/dx", "∂a/∂x", "2 x"),
        ("dc/dx", "∂c/∂a da/dx + ∂c/∂b db/dx", "da/dx + db/dx"),
        ("dg/dx", "∂g/∂c dc/dx", "-(dc/dx) sin(c)"),
        ("df/dx", "∂f/∂d dd/dx + ∂f/∂g dg/dx", "dd/dx + dg/dx"),
    ],
)
def test_forward_accumulation_of_the_worked_example(symbol: str, rule: str, step: str) -> None:
    found = accumulated(LECTURE, "x", "forward")[symbol]
    assert (str(found.rule), str(found.step)) == (rule, step)


@pytest.mark.parametrize(
    ("symbol", "step", "closed"),
    [
        ("dL/de", "e^T", "e^T"),
        ("dL/df", "-dL/de", "-e^T"),
        ("dL/dz", "(dL/df) .* (1 - tanh(z).^2)^T", "-((1 - tanh(z).^2) .* e)^T"),
        ("dL/dx", "(dL/dz) A", "-((1 - tanh(z).^2) .* e)^T A"),
        ("dL/dA", "(dL/dz)^T x^T", "-((1 - tanh(z).^2) .* e) x^T"),
    ],
)
def test_reverse_accumulation_of_a_network(symbol: str, step: str, closed: str) -> None:
    found = accumulated(NETWORK, ["A", "x"])[symbol]
    assert (str(found.step), str(found.closed)) == (step, closed)


def test_index_notation_names_the_entries() -> None:
    text = str(graph(NETWORK, "A").table("forward"))
    assert "∂z_i/∂A_jk = x_k delta_ij" in text
    assert "df_i/dA_jk = (1 - tanh(z_i)^2) (dz/dA)_ijk" in text
    assert r"\frac{\partial z_{i}}{\partial A_{jk}} = \delta_{ij} x_{k}" in graph(NETWORK, "A").table().latex()


def test_direct_and_indirect_paths_to_the_output() -> None:
    found = accumulated("x a where a = x^2, x in R", "x")["df/dx"]
    assert (str(found.rule), str(found.step)) == ("df/da ∂a/∂x + ∂f/∂x", "2 (df/da) x + a")


def test_gradients_are_rows() -> None:
    found = accumulated("x^T A x", "x")["df/dx"]
    assert str(found.step) == "(df/dv1) A + v1^T"
    assert str(accumulated("x^T A x", "x", "forward")["df/dx"].step) == "x^T (dv1/dx) + v1^T"


def test_forward_mode_has_one_derivative_for_each_variable_that_reaches_a_node() -> None:
    rows = {row.name: [a.symbol.text for a in row.accumulated] for row in graph(
        "a + b where a = x^2, b = x y, x in R, y in R", ["x", "y"]).table("forward").rows}
    assert rows == {"x": ["dx/dx"], "y": ["dy/dy"], "a": ["da/dx"], "b": ["db/dx", "db/dy"], "f": ["df/dx", "df/dy"]}


def test_names_of_the_user_are_never_taken_for_derivatives() -> None:
    found = accumulated("Dq0 Dq1 a where a = sin(Dq0), Dq0 in R, Dq1 in R", "Dq0")
    assert str(found["df/dDq0"].step) == "(df/da) cos(Dq0) + Dq1 a"


def test_large_closed_forms_are_left_out() -> None:
    """The number of paths grows exponentially with the definitions, the table does not."""
    parts = ", ".join(f"u{n + 2} = sin(u{n + 1} u{n})" for n in range(16))
    table = graph(f"u17 where {parts}, u1 = exp(u0), u0 in R", "u0").table()
    last = table.rows[-1].accumulated[0]
    assert last.closed is None and len(str(table)) < 60_000


def test_latex_has_one_equation_a_line() -> None:
    latex = graph(LECTURE, "x").table().latex()
    assert latex.startswith("\\begin{align*}\na &= x^{2}") and latex.endswith("\n\\end{align*}")
    assert latex.count(" \\\\\n") == 6 + 7 - 1 and latex.count("{") == latex.count("}")
