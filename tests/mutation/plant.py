"""Faults in a running process: code and data exchanged in memory, so that whoever imported a function has the broken one.

No file is written. Faults are for a process that ends with them, as nothing is put back.
"""

from __future__ import annotations

import ast
import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType

from tests.mutation.faults import CHECK, Change, Source

HIT = "__reached__"
"""The name under which probes find what they call."""


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing that is wrong.

    Attributes:
        table: the registry that it is in.
        kind: what goes wrong.
        name: what it says in reports, the same in every run.
        plant: breaks it, in this process.
        probe: the number of the probe beside it; None where it is data, which any test may read.
        line: where it is in its file, 0 for data.
    """

    table: str
    kind: str
    name: str
    plant: Callable[[], None]
    probe: int | None = None
    line: int = 0

    @property
    def record(self) -> str:
        """The name of the record that it is in, as tests have it in their names."""
        quoted = self.name.split("'")
        return f"[{quoted[1]}]" if "['" in self.name else self.name.partition(":")[0].partition(".")[0]

    @property
    def group(self) -> str:
        """Its function or record; faults of one are caught by the same tests."""
        return self.name.rpartition(f" {self.kind}: ")[0] or self.name.partition(":")[0].partition(" = ")[0]


@dataclass
class Module:
    """A module whose functions can be broken.

    Args:
        name: under which it is imported.
        table: the registry to which its functions belong.
        printer: whether they print.
    """

    name: str
    table: str
    printer: bool = False
    path: str = field(init=False)
    lines: list[str] = field(init=False)
    source: Source = field(init=False)
    codes: list[CodeType] = field(init=False)
    holders: dict[CodeType, list[FunctionType]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        path = import_module(self.name).__file__
        assert path is not None
        self.path = path
        text = Path(path).read_text(encoding="utf-8")
        self.lines, self.source = text.splitlines(), Source(text, self.printer)
        self.codes = list(_codes(compile(self.source.tree, path, "exec", dont_inherit=True)))

    def faults(self, first_probe: int) -> tuple[list[Fault], dict[ast.AST, int]]:
        """The faults of its functions, and the statements that need probes with their numbers."""
        probes: dict[ast.AST, int] = {}
        faults = []
        names = self.names()
        for change in names:
            statement = change.old.body[-1] if change.kind == CHECK else self.source.statement(change.old)  # type: ignore[attr-defined]
            probe = probes.setdefault(statement, first_probe + len(probes))
            name = names[change]
            faults.append(Fault(self.table, change.kind, name, lambda change=change: self.break_at(change),  # type: ignore[misc]
                                probe, change.line))
        return faults, probes

    def names(self) -> dict[Change, str]:
        """What can go wrong with its name, in the order of the file; those that read the same are numbered."""
        seen = Counter[str]()
        names = {}
        for change in self.source.changes():
            name = f"{self.name.removeprefix('matcalc.')}.{change}"
            seen[name] += 1
            names[change] = name if seen[name] == 1 else f"{name} #{seen[name]}"
        return names

    def break_at(self, change: Change) -> None:
        """Breaks one of its functions."""
        self.exchange(self.source.changed(change))

    def differs(self, tree: ast.Module) -> bool:
        """Whether the functions of a tree have other code; annotations alone make none."""
        return list(_codes(compile(tree, self.path, "exec", dont_inherit=True))) != self.codes

    def instrument(self, probes: dict[ast.AST, int], reached: Callable[[int], None]) -> None:
        """Puts a call before each of some statements."""
        vars(sys.modules[self.name])[HIT] = reached
        for statement, number in probes.items():
            call = ast.Call(ast.Name(HIT, ast.Load()), [ast.Constant(number)], [])
            if isinstance(statement, ast.Lambda):
                pair = ast.Tuple([call, statement.body], ast.Load())
                statement.body = ast.copy_location(ast.Subscript(pair, ast.Constant(1), ast.Load()), statement.body)
            else:
                parent, where, _ = self.source.places[statement]
                body = getattr(parent, where)
                body.insert(body.index(statement), ast.copy_location(ast.Expr(call), statement))
        self.exchange(ast.fix_missing_locations(self.source.tree))

    def exchange(self, tree: ast.Module) -> None:
        """Gives the code of a tree to the functions that there are."""
        fresh = list(_codes(compile(tree, self.path, "exec", dont_inherit=True)))
        for old, new in _matched(self.codes, fresh):
            if old != new:
                for function in self.holders.get(old, ()):
                    function.__code__ = new


def find_functions(modules: Sequence[Module]) -> None:
    """Notes which functions there are, so that faults are planted quickly."""
    by_path = {module.path: module for module in modules}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in by_path:
            by_path[thing.__code__.co_filename].holders.setdefault(thing.__code__, []).append(thing)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of every function, each before those inside it."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _matched(old: Sequence[CodeType], new: Sequence[CodeType]) -> list[tuple[CodeType, CodeType]]:
    """The code of each function before and after; by name and line where a function is gone."""
    if len(old) == len(new):
        return list(zip(old, new, strict=True))
    left: dict[tuple[str, int], list[CodeType]] = {}
    for code in new:
        left.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    found = []
    for code in old:
        same = left.get((code.co_qualname, code.co_firstlineno), [])
        if same:
            found.append((code, same.pop(0)))
    return found
