"""The machinery of the faults: every registry is walked, faults are planted and caught, and nothing is caught that is not there."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

from tests.mutation.__main__ import FIRST, LATER
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.faults import KINDS, Source
from tests.mutation.plant import Module
from tests.mutation.same import SAME
from tests.mutation.tables import CODE, modules

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
REGISTRIES = (
    "diff.differentiate.RULES", "diff.scalar_rules.UNARY", "lowering.lower.LOWERINGS", "lowering.components.LOWERINGS",
    "lowering.components.REDUCTIONS", "expr.build.APPLY", "expr.rebuild.REBUILD", "expr.text._OPERATORS", "emit.latex.LATEX",
    "emit.latex_index.INDEX_LATEX", "emit.numpy_ops.OPERATIONS", "simplify.recognise.REDUCTIONS",
)


def changes(text: str, printer: bool = False) -> set[str]:
    """What can go wrong in some code, in words."""
    return {f"{c.kind}: {ast.unparse(c.old)} -> {ast.unparse(c.new)}" for c in Source(text, printer).changes()}


@pytest.mark.parametrize("path", REGISTRIES)
def test_every_entry_of_a_registry_is_broken(path: str) -> None:
    module, table = path.rsplit(".", 1)
    walked = {import_module(f"matcalc.{name}").__file__ for names in CODE.values() for name in names}
    for value in getattr(import_module(f"matcalc.{module}"), table).values():
        for function in [value] if callable(value) else [found for _, found in value]:
            assert not isinstance(function, FunctionType) or function.__code__.co_filename in walked, function


def test_every_change_compiles_and_has_a_name() -> None:
    for module in modules(["derivative rules", "text"]):
        names = module.names()
        assert len(set(names.values())) == len(names)
        assert {change.kind for change in names} <= set(KINDS)
    module = Module("matcalc.expr.text", "", printer=True)
    for n in range(0, len(list(module.source.changes())), 20):
        source = Source(Path(module.path).read_text(encoding="utf-8"), printer=True)
        compile(source.changed(list(source.changes())[n]), "", "exec")


def test_what_is_said_to_be_the_same_has_a_reason() -> None:
    assert all(SAME.values())
    assert all(EQUIVALENT.values())


@pytest.mark.parametrize("module", sorted({".".join(name.split(".")[:2]) for name in EQUIVALENT}))
def test_functions_of_equivalent_mutants_are_there(module: str) -> None:
    known = {name for name, _ in Module(f"matcalc.{module}", "").source.functions()}
    assert {name.split(" ")[0].removeprefix(f"{module}.") for name in EQUIVALENT if name.startswith(f"{module}.")} <= known


@pytest.mark.parametrize(("text", "expected"), [
    ("def f(a, b): return add(a, b)", {"term: add(a, b) -> add(a)", "term: add(a, b) -> add(b)"}),
    ("def f(a, b): return a - b", {"sign: a - b -> a + b", "term: a - b -> a", "term: a - b -> b", "swapped: a - b -> b - a"}),
    ("def f(t): return contract([(t, ('i', 'j'))], ('j', 'i'))", {
        "transpose: ('i', 'j') -> ('j', 'i')", "transpose: ('j', 'i') -> ('i', 'j')"}),
    ("def f(t): return (delta(n), ('i', 'j'))", set()),
    ("def f(x): return scale(-c, x)", {"sign: -c -> c", "factor: scale(-c, x) -> x", "sign: scale(-c, x) -> scale(--c, x)"}),
    ("def f(x):\n    s = 0\n    s += x", {"constant: 0 -> 1", "overwritten: s += x -> s = x"}),
    ("def f(m):\n    if m < 2:\n        raise ValueError", {"check: if m < 2:\n    raise ValueError -> if False:\n    raise ValueError"}),
    ("def f(a): return a.rows", {"transpose: a.rows -> a.cols"}),
    ("def f(a): return transpose(a)", {"transpose: transpose(a) -> a"}),
    ("def f(u, p): return power(u, p)", {"swapped: power(u, p) -> power(p, u)"}),
])
def test_changes(text: str, expected: set[str]) -> None:
    assert changes(text) == expected


def test_printed_pieces() -> None:
    found = changes("def f(a, b): return f'{a} - {b}'", printer=True)
    assert found == {"text: f'{a} - {b}' -> f'{a}{b}'", "sign: f'{a} - {b}' -> f'{a} + {b}'", "swapped: f'{a} - {b}' -> f'{b} - {a}'"}


def test_the_tests_that_are_named_are_there() -> None:
    assert all((ROOT / "tests" / name).exists() for name in (*FIRST, *LATER))
    assert not set(FIRST) & set(LATER)


def planted(*options: str) -> str:
    """What the command prints."""
    done = subprocess.run([sys.executable, "-m", "tests.mutation", *options], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_faults_in_rules_are_caught() -> None:
    found = planted("--table", "derivative rules", "--table", "derivatives of functions", "--sample", "12", "--seed", "2",
                    "--tests", "diff/test_rules.py", "diff/test_scalar_rules.py")
    assert "12 caught / 12 planted" in found, found


def test_tests_that_do_not_look_catch_nothing() -> None:
    found = planted("--table", "derivatives of functions", "--match", "sigmoid", "--tests", "core/test_dims.py")
    assert "\n0 caught / " in found, found
    assert "survives 0 tests: derivatives of functions | diff.scalar_rules.d_sigmoid" in found
