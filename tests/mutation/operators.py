"""Mutants of whole packages by the operators of cosmic-ray, run by the machinery of the planted faults."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

from tests.mutation.plant import Fault, Module

SKIPPED = ("_Is", "_IsNot", "Variable", "RemoveDecorator", "ExceptionReplacer")
"""Operators that are not used: nodes are interned, so that `is` and `==` are one; decorators here are caches; no test is for
another exception than the right one; variables are replaced by the faults of the registries."""


@dataclass(frozen=True)
class Spot:
    """A place that operators can change.

    Attributes:
        module: what it is in.
        line, column: where.
        changes: the operators that apply, each with the count of its earlier places in the file.
    """

    module: Module
    line: int
    column: int
    changes: tuple[tuple[str, int], ...]

    @property
    def is_assertion(self) -> bool:
        """Whether it is `strict=True`, which only says that two lengths are equal."""
        return self.module.lines[self.line - 1][: self.column].endswith("strict=")


def operators() -> dict[str, Operator]:
    """The operators by name."""
    chosen = [n for n in operator_names() if not any(n.endswith(word) or f"/{word}" in n for word in SKIPPED)]
    return {name: get_operator(name)() for name in sorted(chosen)}


def spots(module: Module) -> list[Spot]:
    """The places in the functions of a module, apart from annotations and texts of errors."""
    nodes = list(ast_nodes(get_ast(Path(module.path).read_text(encoding="utf-8"))))
    inside = _inside(module)
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for name, operator in operators().items():
        count = 0
        for node in nodes:
            for (line, column), _ in operator.mutation_positions(node):
                if any(first <= (line, column) < last for first, last in inside):
                    found.setdefault((line, column), []).append((name, count))
                count += 1
    return [Spot(module, line, column, tuple(changes)) for (line, column), changes in sorted(found.items())]


def _inside(module: Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the statements of functions stand."""
    spans = []
    for _, function in module.source.functions():
        body = function.body if isinstance(function, ast.FunctionDef) else [function.body]  # type: ignore[attr-defined]
        for node in body:
            spans.append(((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)))
    return spans


def mutants(package: str, modules: list[Module], count: int, seed: int, first_probe: int) -> tuple[list[Fault], list[dict[ast.AST, int]]]:
    """Mutants of a package, drawn by place and then by operator, and the statements that get probes."""
    rng = random.Random(f"{package} {seed}")
    places = [spot for module in modules for spot in spots(module)]
    probes: list[dict[ast.AST, int]] = [{} for _ in modules]
    faults: list[Fault] = []
    for spot in rng.sample(places, len(places)):
        if len(faults) == count:
            break
        name, occurrence = rng.choice(spot.changes)
        if spot.is_assertion:
            continue
        text = mutate_code(Path(spot.module.path).read_text(encoding="utf-8"), operators()[name], occurrence)
        statement = _statement(spot)
        tree = None if text is None else _parsed(text)
        if text is None or tree is None or statement is None or not spot.module.differs(tree):
            continue
        own = probes[modules.index(spot.module)]
        probe = own.setdefault(statement, first_probe + sum(map(len, probes)))
        line = text.splitlines()[spot.line - 1].strip()
        where, kind = f"{spot.module.name.removeprefix('matcalc.')}.{_function(spot)}", name.removeprefix("core/")
        faults.append(Fault(package, kind, f"{where} {kind}: {line}",
                            lambda module=spot.module, tree=tree: module.exchange(tree), probe, spot.line))  # type: ignore[misc]
    return faults, probes


def _function(spot: Spot) -> str:
    """The name of the outermost function around a place."""
    return next(name for name, function in spot.module.source.functions()
                if function.lineno <= spot.line <= function.end_lineno)  # type: ignore[attr-defined]


def _parsed(text: str) -> ast.Module | None:
    """The syntax of a mutant, None where it has none: `**` of a call or of a dictionary is no power."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _statement(spot: Spot) -> ast.AST | None:
    """The innermost statement around a place, None for one that raises an error."""
    found: ast.AST | None = None
    for node in _statements(spot.module.source.tree):
        if (node.lineno, node.col_offset) <= (spot.line, spot.column) <= (node.end_lineno or 0, node.end_col_offset or 0):
            found = node
    return None if isinstance(found, (ast.Raise, ast.Assert, type(None))) else found


def _statements(tree: ast.AST) -> Iterator[ast.stmt | ast.Lambda]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or isinstance(node, ast.Lambda):
            yield node  # type: ignore[misc]
        yield from _statements(node)
