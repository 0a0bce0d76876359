"""The answers: what is shown is what the engine says, and a wrong question is an error with a cause."""

from __future__ import annotations

import json
import shlex
from xml.etree import ElementTree as ET

import pytest

from matcalc import derive, gradients, parse
from matcalc.cli.main import main
from matcalc.web.answers import TASKS, answer
from matcalc.web.call import as_command, as_python
from matcalc.web.question import Question
from matcalc.web.variables import fitting

FORMULAS = [("x^T A x", "x"), ("tanh(A x + b)", "A"), ("logdet(X)", "X"), ("x1^2 x2", "x1, x2"), ("d + c where d = sqrt(c), c = x^2", "x"),
            ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta"), ("f(A x)^T b where f(z) = z^3, b in R^m", "x"), ("θ^T θ", "θ")]


@pytest.mark.parametrize(("formula", "by"), FORMULAS)
def test_every_task(formula: str, by: str) -> None:
    asked = {"formula": formula, "wrt": by}
    found = {task: answer(task, asked) for task in TASKS if task != "choose"}
    assert not any("error" in a for a in found.values()), found
    json.dumps(found, allow_nan=False)
    names = [n.strip() for n in by.split(",")]
    d = derive(formula, names[0] if len(names) == 1 else names)
    assert found["derive"]["sources"]["latex"] == d.latex()
    assert found["derive"]["numpy"]["checked"] == d.numpy()
    assert [len(part["steps"]) for part in found["steps"]["parts"]] == [len(d.steps())]
    assert found["derive"]["shapes"] == {"": list(d.shape)}
    assert found["check"]["passed"] is True and found["check"]["worst_error"] < found["check"]["tolerance"]
    assert ET.fromstring(found["graph"]["svg"]).tag.endswith("svg")
    assert found["preview"]["by"] == ([d.wrt[0]] if isinstance(d.wrt[0], str) else list(d.wrt[0]))


@pytest.mark.parametrize(("formula", "by", "declare"), [
    ("||y - V tanh(W x + b)||^2", "V, W, b", {}), ("x^T A x", "A, x", {"A": "R^{n x n} symmetric"}), ("A x", "A, x", {}), ("a s^2 + b", "s,a", {}),
])
def test_a_gradient_by_each_of_several_variables(formula: str, by: str, declare: dict[str, str]) -> None:
    asked = {"formula": formula, "wrt": by, "each": True, "declare": declare}
    found = {task: answer(task, asked) for task in TASKS if task != "choose"}
    assert not any("error" in a for a in found.values()), found
    json.dumps(found, allow_nan=False)
    names = [n.strip() for n in by.split(",")]
    g = gradients(formula, names, declare)
    assert found["derive"]["sources"]["text"] == str(g) and found["derive"]["sources"]["latex"] == g.latex()
    assert found["derive"]["shapes"] == {name: list(d.shape) for name, d in g.items()}
    assert found["derive"]["numpy"]["checked"] == g.numpy("value_and_gradients")
    assert [len(part["steps"]) for part in found["steps"]["parts"]] == [len(d.steps()) for d in g.values()]
    assert found["check"]["passed"] is True and found["preview"]["by"] == names
    assert str(eval(found["derive"]["sources"]["python"], {"gradients": gradients})) == str(g)


def test_each_is_true_or_false() -> None:
    assert "`each` is true or false" in answer("derive", {"formula": "A x", "wrt": "A, x", "each": "1"})["error"]["message"]


def test_the_variables() -> None:
    found = answer("preview", {"formula": "x^T A x + b^T x where b in R^n", "declare": {"A": "R^{n x n} symmetric"}})["variables"]
    assert [(v["name"], v["kind"], v["space"], v["declared"]) for v in found] == [
        ("x", "vector", "R^n", None), ("A", "matrix", "R^{n x n} symmetric", "page"), ("b", "vector", "R^n", "formula")]


@pytest.mark.parametrize(("formula", "expected"), [("a^T X b", "X"), ("u^T v", "u"), ("A B", "A"), ("2 + 2", None), ("y^T theta", "theta")])
def test_what_is_suggested(formula: str, expected: str | None) -> None:
    assert answer("preview", {"formula": formula})["wrt"] == expected


FITTING = [
    ("x y", "y", "vector", (), {}, "R^n"),
    ("x^T y", "y", "vector", (), {"x": "R^n"}, "R^n"),
    ("x^T y", "y", "scalar", (), {}, "R"),
    ("A x", "x", "matrix", (), {}, "R^{n x m}"),
    ("A x", "A", "matrix", ("symmetric",), {}, "R^{n x n} symmetric"),
    ("A x + b", "A", "matrix", ("posdef",), {"b": "R^k"}, "R^{k x k} posdef"),
    ("n x", "x", "vector", (), {}, "R^m"),
    ("A x", "A", "matrix", ("positive",), {}, "R^{m x n} positive"),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "x_n", "vector", (), {}, "R^m"),
]


@pytest.mark.parametrize(("formula", "name", "kind", "properties", "declare", "space"), FITTING)
def test_the_space_that_a_click_means(
    formula: str, name: str, kind: str, properties: tuple[str, ...], declare: dict[str, str], space: str
) -> None:
    assert fitting(Question(formula, declare=declare), name, kind, properties) == space
    before, after = parse(formula, declare), parse(formula, {**declare, name: space})
    assert before.variables.keys() == after.variables.keys()
    own = after.variables.get(name) or after.variables[name.partition("_")[0]]
    assert own.shape.kind == kind and own.data[1] == properties


def test_a_click_that_cannot_be() -> None:
    error = answer("choose", {"formula": "tr(A)", "name": "A", "kind": "vector"})["error"]
    assert error["kind"] == "ShapeError" and error["message"]


WRONG = [[], None, 3, {}, {"formula": 1}, {"formula": "x", "order": "1"}, {"formula": "x", "order": True}, {"formula": "x", "declare": [1]},
         {"formula": "x", "declare": {"x": 1}}, {"formula": "x", "layout": 1, "wrt": "x"}, {"formula": "x", "wrt": "x", "layout": "up"},
         {"formula": "x", "wrt": ""}, {"formula": "x", "wrt": "y"}, {"formula": "", "wrt": "x"}, {"formula": "x", "wrt": "x", "order": 99},
         {"formula": "x", "wrt": "x", "structured": "no"}, {"formula": "x", "wrt": "x", "structured": 1}, {"formula": "x\x00", "wrt": "x"}]


@pytest.mark.parametrize("body", WRONG, ids=str)
@pytest.mark.parametrize("task", ["derive", "steps", "graph", "check"])
def test_wrong_questions(task: str, body: object) -> None:
    error = answer(task, body)["error"]
    assert error["kind"].endswith("Error") and error["message"]
    json.dumps(error)


@pytest.mark.parametrize("body", [{"formula": "x", "name": "x"}, {"formula": "x", "name": "x", "kind": "row"},
                                  {"formula": "x", "name": "x", "kind": "scalar", "properties": ["fast"]},
                                  {"formula": "x", "name": "x", "kind": "scalar", "properties": "positive"},
                                  {"formula": "x", "name": 1, "kind": "scalar"}, {"formula": "x", "name": "x y", "kind": "scalar"}], ids=str)
def test_wrong_clicks(body: dict[str, object]) -> None:
    assert answer("choose", body)["error"]["message"]


def test_the_calls_give_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Question('x^T A x where b = "', "x", 2, {"A": "R^{n x n} symmetric"}, "denominator", "entries")
    call = as_python(asked)
    namespace = {"derive": lambda *args, **words: (args, words)}
    args, words = eval(call, namespace)
    assert args == (asked.formula,) and words == {
        "wrt": "x", "order": 2, "declare": asked.declare, "layout": "denominator", "structured": "entries"}
    asked = Question("x^T A x", "x", declare={"A": "R^{n x n} symmetric"})
    assert main(shlex.split(as_command(asked))[1:]) == 0
    assert capsys.readouterr().out == "2 x^T A\n"
