"""Sources of several functions as one module: imports and helpers once."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from matcalc.core.errors import DeclarationError
from matcalc.core.python import read_module


def _whole(imports: Collection[str]) -> list[str]:
    """The imports without those that are the beginning of another one."""
    return [text for text in imports if not any(other.startswith(f"{text}, ") for other in imports)]


def merged(sources: Sequence[str], head: str = "", public: Sequence[str] = ()) -> str:
    """One module of several: imports and helpers once, then the functions in order.

    Args:
        sources: modules whose last statement is their function; statements before it are imports and helpers.
        head: what stands before the imports.
        public: the names in `__all__`, which is left out where there are none.

    Raises:
        DeclarationError: where two functions have one name.
    """
    imports: dict[str, None] = {}
    constants: dict[str, None] = {}
    helpers: dict[str, str] = {}
    functions: dict[str, str] = {}
    for source in sources:
        *before, last = read_module(source).body
        assert isinstance(last, ast.FunctionDef | ast.ClassDef)
        if last.name in functions:
            raise DeclarationError(f"the function `{last.name}` stands twice in a module",
                                   hint="a name of its own for each function")
        for node in before:
            text = ast.get_source_segment(source, node) or ""
            if isinstance(node, ast.FunctionDef):
                helpers.setdefault(node.name, text)
            elif isinstance(node, ast.Assign):
                constants.setdefault(text)
            else:
                imports.setdefault(text)
        functions[last.name] = ast.get_source_segment(source, last) or ""
    for name in functions:
        if name in helpers:
            raise DeclarationError(f"`{name}` is a name that the module uses itself", hint="choose another one")
    if public:
        imports[f"\n__all__ = [{', '.join(repr(name) for name in public)}]"] = None
    listed = sorted(_whole(imports), key=lambda line: (line.startswith("\n"), "__future__" not in line, line.startswith("from"), line))
    listed = [f"{line}\n" if "__future__" in line else line for line in listed]
    top = "\n".join([*([f"{head}\n"] if head else []), *listed])
    top = "\n\n".join([top, *constants])
    return "\n\n\n".join([top, *helpers.values(), *functions.values()]) + "\n"
