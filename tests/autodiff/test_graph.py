"""Computation graphs: their nodes, their edges, and the numerical proof of both."""

from __future__ import annotations

import dataclasses

import pytest

from matcalc import DeclarationError, LimitError, ParseError, ShapeError, derive, graph
from matcalc.autodiff import operations
from matcalc.check import accumulation
from matcalc.ir import build as b

LECTURE = "d + g where g = cos(c), d = sqrt(c), c = a + b, b = exp(a), a = x^2"
NETWORK = "1/2 ||e||^2 where e = y - f, f = tanh(z), z = A x + b"
DEEP = "1/2 ||y - f3||^2 where f1 = tanh(A0 x + b0), f2 = sigmoid(A1 f1 + b1), f3 = tanh(A2 f2 + b2)"


def locals_of(text: str, wrt: str | list[str], **options: bool) -> dict[str, str]:
    """The local derivatives by the names of target and source."""
    return {f"{e.target}/{e.source}": str(e) for e in graph(text, wrt, **options).edges if e.active}


def test_worked_example_of_the_lecture() -> None:
    assert str(graph(LECTURE, "x")).splitlines() == [
        "a = x^2", "b = exp(a)", "c = a + b", "d = sqrt(c)", "g = cos(c)", "f = d + g",
    ]
    assert locals_of(LECTURE, "x") == {
        "a/x": "2 x", "b/a": "exp(a)", "c/a": "1", "c/b": "1", "d/c": "1/(2 sqrt(c))", "g/c": "-sin(c)", "f/d": "1", "f/g": "1",
    }


def test_network_in_names_of_its_intermediate_variables() -> None:
    assert locals_of(NETWORK, ["A", "x"]) == {
        "z/A": "x_k delta_ij", "z/x": "A", "f/z": "diag(1 - tanh(z).^2)", "e/f": "-I_m", "L/e": "e^T",
    }


@pytest.mark.parametrize(
    ("text", "wrt", "nodes"),
    [
        ("sqrt(x^2 + exp(x^2)) + cos(x^2 + exp(x^2))", "x",
         ["v1 = x^2", "v2 = exp(v1)", "v3 = v1 + v2", "v4 = sqrt(v3)", "v5 = cos(v3)", "f = v4 + v5"]),
        ("1/2 ||y - tanh(A x + b)||^2", "A",
         ["v1 = A x", "v2 = v1 + b", "v3 = tanh(v2)", "v4 = y - v3", "v5 = ||v4||^2", "f = 1/2 v5"]),
        ("x^T A x", "x", ["v1 = A x", "f = x^T v1"]),
        ("x^T A B C x", "x", ["v1 = C x", "v2 = B v1", "v3 = A v2", "f = x^T v3"]),
        ("tr(A X B)", "X", ["V1 = A X", "V2 = V1 B", "f = tr(V2)"]),
        ("2 X X^T", "X", ["V1 = X X^T", "F = 2 V1"]),
        ("t x y / s where t in R, s in R, x in R, y in R", ["x", "s"], ["v1 = x/s", "f = t y v1"]),
        ("a - exp(c) where a in R", ["a", "c"], ["v1 = exp(c)", "f = a - v1"]),
        ("-x", "x", ["f = -x"]),
        ("x", "x", ["f = x"]),
        ("v1 + exp(v1 y) where v1 in R, y in R", "v1", ["w1 = y v1", "w2 = exp(w1)", "f = v1 + w2"]),
        ("sum_{n=1}^N (y_n - theta^T x_n)^2 + lambda ||theta||^2", "theta",
         ["v1 = sum_{n=1}^{N} (y_n - theta^T x_n)^2", "v2 = ||theta||^2", "v3 = lambda v2", "f = v1 + v3"]),
        ("(f y L h g J) x where x in R, f in R, y in R, L in R, h in R, g in R, J in R", "x", ["f0 = f y L h g J x"]),
    ],
)
def test_elementary_operations(text: str, wrt: str | list[str], nodes: list[str]) -> None:
    assert str(graph(text, wrt)).splitlines() == nodes


def test_definitions_are_the_granularity_unless_all_is_broken_down() -> None:
    text = "u - w where u = exp(x) + 1, w = exp(x) + 2"
    assert str(graph(text, "x")).splitlines() == ["u = exp(x) + 1", "w = exp(x) + 2", "f = u - w"]
    assert str(graph(text, "x", elementary=True)).splitlines() == ["v1 = exp(x)", "u = v1 + 1", "w = v1 + 2", "f = u - w"]


def test_what_is_not_needed_is_not_there() -> None:
    names = [n.name for n in graph("x^2 where u = exp(x), x in R", "x").nodes]
    assert names == ["x", "f"]


def test_numbers_and_members_of_families_are_written_out() -> None:
    assert str(graph("x + c where c = 2, x in R^n", "x")) == "f = x + 2"
    assert str(graph("sum_{n=1}^N e_n^2 where e_n = y_n - t x_n, t in R, x_n in R", "t")) == "f = sum_{n=1}^{N} (y_n - t x_n)^2"


def test_an_expression_that_is_a_definition_keeps_its_name() -> None:
    g = graph("loss where loss = x^T x", "x")
    assert g.output.name == "loss" and [n.kind for n in g.nodes] == ["input", "output"]


def test_inputs_without_derivatives() -> None:
    g = graph(NETWORK, "A")
    assert [n.name for n in g.nodes if not n.active] == ["y", "x", "b"]
    assert {(e.source, e.target) for e in g.edges if not e.active} == {("y", "e"), ("x", "z"), ("b", "z")}


CASES: list[tuple[str, str | list[str]]] = [
    (LECTURE, "x"),
    (NETWORK, ["A", "x", "b", "y"]),
    (DEEP, ["A0", "b0", "A1", "b1", "A2", "b2", "x", "y"]),
    ("x^T A x", ["x", "A"]),
    ("tanh(A x + b)", ["A", "x"]),
    ("logdet(A X^-1 B) + tr(A^T X X^T)", "X"),
    ("x a b where a = x^2, b = a x, x in R", "x"),
    ("a b c where a = x y, b = a + x, c = a b, x in R, y in R", ["x", "y"]),
    ("softmax(W relu(V x)) ./ x", ["x", "W"]),
    ("u r where r = x^T A, u = ||x||^2", ["x", "A"]),
    ("sum_{n=1}^N ||x_n - mu||^2", ["x", "mu"]),
    ("sum_{n=1}^N log(sum(exp(W x_n + b)))", ["W", "b"]),
    ("w sum_{n=1}^N (y_n - w t_n)^2 where w = theta^2, theta in R", "theta"),
    ("tr(S X S) + sum(S .* X) where S in R^{n x n} symmetric", ["S", "X"]),
    ("kron(A, B) vec(X)", ["X", "A"]),
    ("[x; A x]^T [x; A x]", "x"),
    ("tr(H) where H = (A^T A + t I)^-1, A in R^{m x n}, t in R positive", "A"),
    ("t A x / s", ["t", "s", "x"]),
]


@pytest.mark.parametrize(("text", "wrt"), CASES, ids=[text for text, _ in CASES])
@pytest.mark.parametrize("elementary", [False, True])
def test_accumulation_is_the_derivative(text: str, wrt: str | list[str], elementary: bool) -> None:
    report = graph(text, wrt, elementary=elementary).check()
    assert report.passed, report


def test_a_wrong_local_derivative_is_found() -> None:
    """The check is no rubber stamp: each kind of claim fails when it is wrong."""
    g = graph("a + exp(a) where a = x^2, x in R", "x")
    local = [accumulation.Local(e.source, e.target, e.node.expr, e.node.parents, e.derivative.tensor) for e in g.edges]
    steps = {n.name: n.expr for n in g.nodes if n.kind != "input"}
    right = {"x": derive(g.program.source, "x").tensor}

    def check(edges: list[accumulation.Local], whole: dict[str, object]) -> tuple[str, ...]:
        flow = accumulation.Flow(g.program.expr, g.program.variables, steps, edges, whole)  # type: ignore[arg-type]
        return accumulation.check_flow(flow, 0).failures

    assert not check(local, right)  # type: ignore[arg-type]
    wrong = [dataclasses.replace(local[0], tensor=b.scale(-b.ONE, local[0].tensor)), *local[1:]]
    found = "\n".join(check(wrong, right))  # type: ignore[arg-type]
    assert all(part in found for part in ("reverse accumulation", "forward accumulation", "the local derivative of a by x"))
    assert "the derivative by x" in "\n".join(check(local, {"x": b.const(1)}))


@pytest.mark.parametrize(
    ("text", "wrt", "error"),
    [
        ("x^2", "q", DeclarationError),
        ("x^2", [], DeclarationError),
        ("x^2", ["x", "x"], DeclarationError),
        ("x^2", 3, DeclarationError),
        ("sin(c) where c = x^2", "c", DeclarationError),
        ("a where a = b, b = a", "a", DeclarationError),
        ("x +", "x", ParseError),
        ("A x + A^T x where A in R^{m x n}", "x", ShapeError),
        ("3", "x", DeclarationError),
    ],
)
def test_bad_input(text: str, wrt: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        graph(text, wrt)


def test_other_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    g = graph("x^2", "x")
    with pytest.raises(DeclarationError, match="mode"):
        g.table("sideways")
    with pytest.raises(DeclarationError, match="no node"):
        g["q"]
    monkeypatch.setattr(operations, "MAX_STEPS", 3)
    with pytest.raises(LimitError):
        graph("exp(exp(exp(exp(x))))", "x")


def test_deep_formulas_do_not_overflow() -> None:
    g = graph("sin(" * 150 + "x" + ")" * 150, "x", declare={"x": "R"})
    assert len(g.nodes) == 151 and g.check().passed
