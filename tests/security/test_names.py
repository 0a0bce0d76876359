"""Names that would be code, or that look like other names: refused in text, in arguments and in the constructors."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from matcalc import derive, gradients
from matcalc.core.dims import SCALAR, Dim, vector
from matcalc.core.errors import MatcalcError
from matcalc.expr import build as e

HOSTILE = [
    "__import__('os').system('true')", "x); import os; (", "x\nimport os", "x;y", "x=1", "os.system", "x y", "", "1x", "_", "__class__",
    "x\u2028import os", '"""', "'", "\\", "x\0", "lambda: 0", "x" * 65, "\ud800", "x\u200b", "\u202ex",
]
CONFUSABLE = ["\uff4e\uff50", "\ufb01", "\u210c", "\u0430", "\u017f", "\u2168", "x\u0301", "\u1d431\u0435", "\u2170", "\u0441lass"]
"""Letters that Python folds into ASCII when it compiles, and letters of other alphabets that look like ASCII."""


@pytest.mark.parametrize("name", [*HOSTILE, *CONFUSABLE], ids=ascii)
def test_constructors_check_names(name: str) -> None:
    for build in (lambda: e.variable(name, SCALAR), lambda: Dim.of(name), lambda: e.item(name, SCALAR, "n", Dim.of("N")),
                  lambda: e.item("x", SCALAR, name, Dim.of("N")), lambda: e.datasum(name, Dim.of("N"), e.number(1))):
        with pytest.raises(MatcalcError):
            build()


@pytest.mark.parametrize("name", [*HOSTILE, *CONFUSABLE], ids=ascii)
def test_arguments_check_names(name: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: derive("x^T x", "x").numpy(name if name not in ("_", "x" * 65) else ""), lambda: derive("x^T x", name), lambda: derive("x", "x", declare={name: "R"}),
        lambda: derive("x^T x", "x").hvp(name if name != "_" else ""), lambda: gradients("x^T x", ["x"]).numpy(name if name not in ("_", "x" * 65) else ""),
        lambda: derive("x", "x", declare={"x": f"R^{{{name}}}"}) if name not in ("", "_") else derive("", "x"),
        lambda: derive("x", "x", declare={"x": f"R {name}"}) if name.strip() else derive("", "x"),
    ]
    for call in calls:
        with pytest.raises(MatcalcError):
            call()


@pytest.mark.parametrize("name", [n for n in (*HOSTILE, *CONFUSABLE) if n not in ("x;y", "x y", "")], ids=ascii)
def test_text_with_such_names_gives_no_code(name: str) -> None:
    """It is refused, or read as other names that are plain."""
    try:
        source = derive(f"{name} + t", "t", declare={"t": "R"}).numpy()
    except MatcalcError:
        return
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, ast.Name) or (node.id.isascii() and not node.id.startswith("__"))
        assert not isinstance(node, ast.Import) or node.names[0].name in ("numpy", "math")


@pytest.mark.parametrize("name", ["lambda", "class", "def", "None", "True", "np", "numpy", "float", "ValueError", "value", "import"])
def test_words_of_python_are_names_that_work(name: str) -> None:
    d = derive(f"{name}^T x", "x", declare={name: "R^n", "x": "R^n"})
    array = d(**{name: [1.0, 2.0], "x": [3.0, 4.0]})
    assert list(array) == [1.0, 2.0]  # type: ignore[call-overload]


def test_names_do_not_meet() -> None:
    """Names that would be one after renaming stay apart."""
    names = ["lambda", "lambda_a", "np", "np_a", "n", "v1", "t1"]
    d = derive(" + ".join(f"{k + 1} {name}^T x" for k, name in enumerate(names)), "x", declare={n: "R^n" for n in (*names, "x")})
    found = d(**{name: [10.0**k] for k, name in enumerate(names)}, x=[0.0])
    assert float(found[0]) == sum((k + 1) * 10.0**k for k in range(len(names)))  # type: ignore[index]


def test_shapes_are_checked_too() -> None:
    with pytest.raises(MatcalcError):
        e.variable("x", vector(Dim.of("n); import os; (")))
