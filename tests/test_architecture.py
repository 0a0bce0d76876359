"""The rooms of the package: who imports whom, where NumPy and SymPy live, how long files and functions are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "matcalc"
MODULES = sorted(p for p in ROOT.rglob("*.py") if "_grammar" not in p.parts)

LAYERS = {
    "version": 0, "core": 0,
    "expr": 1, "ir": 1,
    "syntax": 2, "lowering": 2, "diff": 2, "simplify": 2, "raising": 2, "plan": 2, "emit": 2, "check": 2, "interop": 2,
    "factored": 2, "structured": 2, "pipeline": 3, "catalogue": 3, "declarations": 3, "evaluation": 3, "source": 3, "typeset": 3,
    "derivative": 4, "reading": 4, "absent": 4, "sweep": 4, "joint": 5,  "second_order": 5, "derivation": 5, "scalar_algebra": 5, "flattening": 5,
    "directional": 6, "chunking": 5, "chunked": 6,
    "formula": 5, "api": 6, "notation": 6, "series": 7, "products": 7, "pairing": 7, "custom_rule": 8, "outputs": 7, "statements": 4, "display": 8, "notebook": 9, "batch": 8, "session": 8, "generate": 8, "autodiff": 7,
    "convexity": 6, "stationary": 7,
    "web": 8, "adapters": 8,
    "cli": 9,
    "__init__": 9,
    "__main__": 10,
}
"""The layer of each package and of each module beside them."""

ACROSS = {("emit", "plan")}
"""Imports between two packages of one layer: emitters print the programs that plans make."""

HOMES = {"numpy": ("check", "evaluation", "structured", "adapters"), "sympy": ("interop",), "lark": ("syntax",), "igraph": ("autodiff",), "ziamath": ("autodiff",),
         "starlette": ("web",), "uvicorn": ("web",), "dask": ("adapters",)}
"""Where a package from outside is imported."""

OUTSIDE = {"numpy", "sympy", "lark", "array_api_compat", "opt_einsum", "rich", "tomllib", "igraph", "ziamath", "starlette", "uvicorn", "dask"}
MAX_FILE = 400
MAX_FUNCTION = 40


@cache
def parsed(path: Path) -> ast.Module:
    """The tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    """The package, or the module beside the packages, that a file belongs to."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def dotted(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {dotted(p): p for p in MODULES}


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """The modules that a file imports when it runs, `from package import module` counted as the module."""
    tree = parsed(path)
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in (n for n in ast.walk(tree) if n not in for_types):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield (inner if inner in KNOWN else base), node


def inside(path: Path) -> list[str]:
    """The modules of this package that a file imports."""
    return [name for name, _ in imports(path) if name.split(".")[0] == "matcalc"]


def identity(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_every_room_has_a_layer(path: Path) -> None:
    assert room(path) in LAYERS


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_imports_go_down(path: Path) -> None:
    here = room(path)
    for name in inside(path):
        assert name in KNOWN, f"{name} is no module"
        there = room(KNOWN[name])
        if there == here and here not in ("__init__",):
            continue
        assert there != "__init__", "the package itself is imported by no one inside"
        assert (here, there) in ACROSS or LAYERS[there] < LAYERS[here], f"{here} imports {there}"


def test_no_cycles() -> None:
    graph = {dotted(path): set(inside(path)) for path in MODULES if room(path) != "__init__"}
    done: set[str] = set()
    while True:
        free = {name for name, needs in graph.items() if name not in done and needs <= done | (needs - graph.keys())}
        if not free:
            break
        done |= free
    assert set(graph) == done


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_packages_from_outside_stay_in_their_rooms(path: Path) -> None:
    for name, _ in imports(path):
        top = name.split(".")[0]
        assert top == "matcalc" or top in OUTSIDE or top in sys.stdlib_module_names, f"{top} is not a dependency"
        assert top not in HOMES or room(path) in HOMES[top], f"{top} is imported in {room(path)}"


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_no_import_inside_a_function(path: Path) -> None:
    tree = parsed(path)
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found = [node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
            assert room(path) == "interop" or not found, f"`{function.name}` imports"


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_no_code_is_run_from_text(path: Path) -> None:
    """`exec` runs emitted source in one module; nothing else turns text into code."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            assert name not in ("eval", "exec", "__import__") or (name, room(path)) == ("exec", "evaluation")


def test_deriving_needs_no_numpy_and_no_sympy() -> None:
    script = (
        "import sys, matcalc\n"
        "from matcalc.api import derive\n"
        "str(derive('x^T A x', 'x')); derive('logdet(X)', 'X').index()\n"
        "print([name for name in ('numpy', 'sympy') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MAX_FUNCTION, f"`{node.name}` has {lines} lines"


ERRORS = frozenset(("DeclarationError", "LimitError", "NotDifferentiableError", "ParseError", "ShapeError", "UnknownFunctionError"))


@pytest.mark.parametrize("path", MODULES, ids=identity)
def test_every_error_says_what_to_do(path: Path) -> None:
    """Errors have a hint; `**` passes on those of others."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
            assert {k.arg for k in node.keywords} & {"hint", None}, f"line {node.lineno}"
