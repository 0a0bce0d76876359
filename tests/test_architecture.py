"""The rooms of the package: who imports whom, where NumPy and SymPy live, how long files and functions are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
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
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ERRORS = frozenset(("DeclarationError", "LimitError", "NotDifferentiableError", "ParseError", "ShapeError", "UnknownFunctionError"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """The syntax of a module, outer parts first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def room(path: Path) -> str:
    """The package, or the module beside the packages, that a file belongs to."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def dotted(path: Path) -> str:
    """The name under which a file is imported."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {dotted(p): p for p in MODULES}


@cache
def imports(path: Path) -> list[tuple[str, ast.AST]]:
    """The modules that a file imports when it runs, `from package import module` counted as the module."""
    for_types = {
        inner
        for node in nodes(path)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: list[tuple[str, ast.AST]] = []
    for node in (n for n in nodes(path) if n not in for_types):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            base = node.module or ""
            inner = [f"{base}.{alias.name}" for alias in node.names]
            found += [(name if name in KNOWN else base, node) for name in inner]
    return found


def inside(path: Path) -> list[str]:
    """The modules of this package that a file imports."""
    return [name for name, _ in imports(path) if name.split(".")[0] == "matcalc"]


# ---------------------------------------------------------------- what is wrong with one module, in words
def layer(path: Path) -> Iterator[str]:
    """Every room has a layer."""
    if room(path) not in LAYERS:
        yield f"{room(path)} has no layer"


def imports_go_down(path: Path) -> Iterator[str]:
    """Rooms import from lower layers, and none of them the package itself."""
    here = room(path)
    for name in inside(path):
        if name not in KNOWN:
            yield f"{name} is no module"
            continue
        there = room(KNOWN[name])
        if there == here and here != "__init__":
            continue
        if there == "__init__" or not ((here, there) in ACROSS or LAYERS[there] < LAYERS[here]):
            yield f"{here} imports {there}"


def packages_from_outside(path: Path) -> Iterator[str]:
    """Packages from outside are dependencies, and stay in their rooms."""
    for name, _ in imports(path):
        top = name.split(".")[0]
        if top != "matcalc" and top not in OUTSIDE and top not in sys.stdlib_module_names:
            yield f"{top} is not a dependency"
        if top in HOMES and room(path) not in HOMES[top]:
            yield f"{top} is imported in {room(path)}"


def imports_inside_a_function(path: Path) -> Iterator[str]:
    """Imports stand at the head of a module."""
    for function in nodes(path):
        if isinstance(function, FUNCTIONS) and room(path) != "interop":
            found = [node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
            if found:
                yield f"`{function.name}` imports"


def code_run_from_text(path: Path) -> Iterator[str]:
    """`exec` runs emitted source in one module; nothing else turns text into code."""
    for node in nodes(path):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in ("eval", "exec", "__import__") and (called.id, room(path)) != ("exec", "evaluation"):
            yield f"line {called.lineno}: {called.id}"
        if isinstance(node, ast.Attribute) and node.attr == "parse" and ast.unparse(node) == "ast.parse" and path != ROOT / "core" / "python.py":
            yield f"line {node.lineno}: ast.parse, which threads call by turns through core/python.py"


def length_of_files(path: Path) -> Iterator[str]:
    """Files are short."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > MAX_FILE:
        yield f"{lines} lines"


def length_of_functions(path: Path) -> Iterator[str]:
    """Functions are short."""
    for node in nodes(path):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield f"`{node.name}` has {lines} lines"


def hints_of_errors(path: Path) -> Iterator[str]:
    """Errors have a hint; `**` passes on those of others."""
    for node in nodes(path):
        called = node.func if isinstance(node, ast.Call) and not {k.arg for k in node.keywords} & {"hint", None} else None
        if isinstance(called, ast.Name) and called.id in ERRORS:
            yield f"line {called.lineno}: an error without a hint"


RULES = (layer, imports_go_down, packages_from_outside, imports_inside_a_function, code_run_from_text, length_of_files,
         length_of_functions, hints_of_errors)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module(rule: Callable[[Path], Iterator[str]]) -> None:
    assert len(MODULES) > 200
    assert not [f"{path.relative_to(ROOT)}: {words}" for path in MODULES for words in rule(path)]


def test_no_cycles() -> None:
    graph = {dotted(path): set(inside(path)) for path in MODULES if room(path) != "__init__"}
    done: set[str] = set()
    while True:
        free = {name for name, needs in graph.items() if name not in done and needs <= done | (needs - graph.keys())}
        if not free:
            break
        done |= free
    assert set(graph) == done


def test_deriving_needs_no_numpy_and_no_sympy() -> None:
    script = (
        "import sys, matcalc\n"
        "from matcalc.api import derive\n"
        "str(derive('x^T A x', 'x')); derive('logdet(X)', 'X').index()\n"
        "print([name for name in ('numpy', 'sympy') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
