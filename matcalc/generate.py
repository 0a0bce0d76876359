"""Modules of gradient functions from a catalogue: importable, the same bytes every time, needing the library of their arrays alone.

A catalogue is TOML: `[[module]]` with `name` and `doc`, and below it `[[module.function]]` with `name`, `expr`, `wrt`
(a name, or a list of scalars) and optionally `outputs` (of value, gradient, hessian, hvp), or `order`, and `declare`,
`layout`, `structured`, `linalg`, `target`; or, in the place of `wrt`, `gradients`, a list of variables of any shape, for a function that
returns the value and all derivatives. A `target` of a module is that of its functions: a module has one. The folder becomes
a package.
"""

from __future__ import annotations

import ast
import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from matcalc.api import derive, gradients
from matcalc.core.arguments import check_choice
from matcalc.core.errors import DeclarationError
from matcalc.core.names import check_function_name
from matcalc.core.python import read_expression, read_module
from matcalc.core.style import LINALG, TARGETS
from matcalc.emit.modules import merged
from matcalc.emit.numpy_ast import text
from matcalc.emit.numpy_names import RESERVED
from matcalc.outputs import joint_source

HEADER = "# Written by `matcalc generate`; never edit it by hand, edit the catalogue.\n"
LEFT_ALONE = "# mypy: ignore-errors\n# ruff: noqa\n"
"""Type checkers see the signatures; what is between them is not looked at, nor is its layout."""

_FIELDS = {"name", "expr", "wrt", "gradients", "order", "declare", "layout", "structured", "outputs", "linalg", "target"}
_MODULE_FIELDS = {"name", "doc", "function", "target"}
INIT = "__init__.py"

NEEDS = {"array-api": "array-api-compat", "jax": "JAX", "torch": "PyTorch"}
"""What a module for each target needs."""

TYPES = {"numpy": ("numpy.typing", ("ArrayLike", "NDArray"), "ArrayLike", "NDArray[np.float64]", "np.float64"),
         "jax": ("jax.typing", ("ArrayLike",), "ArrayLike", "jax.Array", "jax.Array"),
         "torch": ("torch", ("Tensor",), "Tensor | float", "Tensor", "Tensor")}
"""Where types come from and which: of what a function takes, of arrays and of scalars that it returns; the standard has none."""


def modules(catalogue: str) -> dict[str, str]:
    """The source of every module of a catalogue, by file name.

    Args:
        catalogue: the text of the TOML file.

    Raises:
        MatcalcError: for a catalogue or a formula that is not understood.
    """
    try:
        entries = tomllib.loads(catalogue)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"the catalogue is no TOML: {error}",
                               hint="tables, and texts in quotes: docs/generate.md") from None
    _known_fields(entries, {"module"}, "the catalogue")
    found: dict[str, str] = {}
    docs: dict[str, str] = {}
    targets: dict[str, str] = {}
    for entry in _tables(entries, "module"):
        name = _free_name(entry.get("name", ""))
        _known_fields(entry, _MODULE_FIELDS, f"the module `{name}`")
        if f"{name}.py" in found:
            raise DeclarationError(f"the module `{name}` stands twice in the catalogue",
                                   hint="a name of its own for each module")
        docs[name] = _text(entry.get("doc", ""), "doc").strip() or "Derivatives as functions of arrays."
        functions = _tables(entry, "function")
        targets[name] = _target(name, entry, functions)
        found[f"{name}.py"] = _module(docs[name], [_source(f, targets[name]) for f in functions], targets[name])
    if not found:
        raise DeclarationError("the catalogue has no [[module]]", hint="[[module]], with a name, and [[module.function]] below it")
    by_scipy = [name for name in sorted(docs) if "\nfrom scipy" in found[f"{name}.py"]]
    return {**found, INIT: _package(docs, by_scipy, targets)}


def _target(name: str, entry: Mapping[str, object], functions: Sequence[Mapping[str, object]]) -> str:
    """The library whose arrays the functions of a module take."""
    whole = check_choice(entry.get("target", TARGETS[0]), "target", TARGETS)
    own = {check_choice(f.get("target", whole), "target", TARGETS) for f in functions}
    if len(own) > 1:
        raise DeclarationError(f"the module `{name}` has functions for {' and for '.join(sorted(own))}", hint="a module for each target")
    return own.pop() if own else whole


def _package(docs: Mapping[str, str], by_scipy: Sequence[str], targets: Mapping[str, str]) -> str:
    """The source of `__init__.py`: what the modules are for."""
    more = f", {', '.join(by_scipy)} SciPy too" if by_scipy else ""
    for target in TARGETS[1:]:
        found = [name for name in sorted(targets) if targets[name] == target]
        more += f"; {', '.join(found)}: {NEEDS[target]}" if found else ""
    lines = [f"Values and derivatives as functions of arrays, which need NumPy alone{more}.", ""]
    lines += [f"{name}: {doc.splitlines()[0]}" for name, doc in sorted(docs.items())]
    names = ast.Assign([ast.Name("__all__", ast.Store())], ast.List([ast.Constant(name) for name in sorted(docs)], ast.Load()))
    body: list[ast.stmt] = [ast.Expr(ast.Constant("\n".join([*lines, ""]))), names]
    return HEADER + text(ast.Module(body, [])) + "\n"


def _known_fields(entry: Mapping[str, object], fields: set[str], what: str) -> None:
    unknown = sorted(set(entry) - fields)
    if unknown:
        raise DeclarationError(f"`{unknown[0]}` is no field of {what}", hint=f"one of {', '.join(sorted(fields))}")


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise DeclarationError(f"`{field}` is text, not {value!r}", hint=f'{field} = "..."')
    return value


def _free_name(value: object) -> str:
    """A name that a module or a function can have beside those that emitted code uses.

    Raises:
        DeclarationError: for any other.
    """
    name = check_function_name(_text(value, "name"))
    if name.startswith("_") or name in RESERVED:
        raise DeclarationError(f"`{name}` is a name that Python or emitted code uses itself", hint="choose another one")
    return name


def _tables(entry: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    tables = entry.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise DeclarationError(f"`{key}` is a list of tables: [[{key}]]", hint=f"[[{key}]] above each of them")
    return tables


def _source(entry: Mapping[str, object], target: str) -> tuple[str, list[int]]:
    """The source of one function, and the number of axes of each array that it returns."""
    name = _free_name(entry.get("name", ""))
    _known_fields(entry, _FIELDS, "a function")
    for field in ("expr", "gradients" if "gradients" in entry else "wrt"):
        if field not in entry:
            raise DeclarationError(f"the function `{name}` has no `{field}`", hint=f'{field} = "..."')
    expr, declare = _text(entry["expr"], "expr"), entry.get("declare", {})
    if not isinstance(declare, dict) or not all(isinstance(space, str) for space in declare.values()):
        raise DeclarationError(f"`declare` of the function `{name}` is a table of spaces", hint='declare = { x = "R^n" }')
    linalg = check_choice(entry.get("linalg", LINALG[0]), "linalg", LINALG)
    clash = {"gradients", "outputs"} & set(entry)
    for other in sorted({"wrt", "order", "layout", "structured"} & set(entry)):
        if "gradients" in clash or (clash and other != "wrt"):
            raise DeclarationError(f"the function `{name}` has `{other}` beside `{min(clash)}`", hint="one of the two")
    if "gradients" in entry:
        if "outputs" in entry:
            raise DeclarationError(f"the function `{name}` has `outputs` beside `gradients`", hint="one of the two")
        g = gradients(expr, entry["gradients"], declare)  # type: ignore[arg-type]
        return g.numpy(name, linalg=linalg, target=target), [g.swept.value.rank, *(t.rank for t in g.swept.results)]
    if "outputs" in entry:
        return joint_source(expr, entry["wrt"], entry["outputs"], declare, name, linalg, target)
    options = {key: entry[key] for key in ("order", "layout", "structured") if key in entry}
    d = derive(expr, entry["wrt"], declare=declare, **options)  # type: ignore[call-overload]
    return d.numpy(name, linalg=linalg, target=target), [d.tensor.rank]


def _module(doc: str, sources: list[tuple[str, list[int]]], target: str) -> str:
    head = HEADER + LEFT_ALONE + text(ast.Module([ast.Expr(ast.Constant(doc))], []))
    names = [read_module(source).body[-1].name for source, _ in sources]  # type: ignore[attr-defined]
    return merged([_annotated(source, ranks, target) for source, ranks in sources], head, names)


def _annotated(source: str, ranks: list[int], target: str) -> str:
    """The module with types for what its function takes and returns."""
    if target not in TYPES:
        return source
    home, imported, taken, array, scalar = TYPES[target]
    tree = read_module(source)
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    for argument in function.args.args:
        argument.annotation = read_expression(taken)
    kinds = [read_expression(array if rank else scalar) for rank in ranks]
    several = ast.Subscript(ast.Name("tuple", ast.Load()), ast.Tuple(kinds, ast.Load()), ast.Load())
    function.returns = kinds[0] if len(kinds) == 1 else several
    typing = ast.ImportFrom(home, [ast.alias(name, None) for name in imported], 0)
    future = ast.ImportFrom("__future__", [ast.alias("annotations", None)], 0)
    library = [ast.Import([ast.alias("jax", None)])] if target == "jax" and "import jax\n" not in source else []
    parts = [future, *library, *tree.body[:-1], typing, function]
    imports = [part for part in parts if isinstance(part, ast.Import | ast.ImportFrom)]
    others = [part for part in parts if part not in imports]
    return "\n\n\n".join(text(part) for part in [*imports, *others]) + "\n"


def write(catalogue: Path, folder: Path) -> list[Path]:
    """Writes every module of a catalogue into a folder, each file whole or not at all.

    Raises:
        MatcalcError: for a catalogue or a formula that is not understood, or where a file would be overwritten that was
            not written by this command; then nothing is written.
    """
    try:
        sources = modules(catalogue.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise DeclarationError(f"{catalogue} is no text in UTF-8", hint="save it as UTF-8") from None
    for name in sources:
        place = folder / name
        if place.exists() and not (place.is_file() and place.read_bytes().startswith(HEADER.encode())):
            raise DeclarationError(f"{place} was not written by this command", hint="name another folder, or move the file")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, source in sources.items():
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(source)
            os.chmod(temporary, 0o644)
            os.replace(temporary, folder / name)
        except BaseException:
            os.unlink(temporary)
            raise
        written.append(folder / name)
    return written
