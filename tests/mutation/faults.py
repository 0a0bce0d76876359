"""Faults in the code of a function, found by walking its syntax tree.

A fault puts one expression or statement in place of another. What it replaces stays behind a branch that is never taken,
so that the names that a function shares with those around it remain the same and its code can be exchanged in place.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

SIGN, TRANSPOSE, TERM, FACTOR, SWAPPED, OVERWRITTEN = "sign", "transpose", "term", "factor", "swapped", "overwritten"
CONSTANT, CONDITION, CHECK, TEXT = "constant", "condition", "check", "text"

KINDS = {
    SIGN: "the sign of a number or term is flipped, a sum becomes a difference",
    TRANSPOSE: "two indices change places, or a transpose is dropped",
    TERM: "a term of a sum is dropped",
    FACTOR: "a factor of a product is lost",
    SWAPPED: "two factors or arguments change places",
    OVERWRITTEN: "what should be accumulated is overwritten",
    CONSTANT: "a number is one more",
    CONDITION: "a condition is turned around",
    CHECK: "a check that raises an error is left out",
    TEXT: "a piece of printed text is lost",
}
"""What can go wrong, in the words of the summary."""

SUMS = frozenset(("add", "lin", "combine", "added", "_combined"))
"""Functions whose arguments are terms."""

PRODUCTS = frozenset(("contract", "multiply", "product", "times", "hadamard"))
"""Functions whose arguments are factors."""

ORDERED = frozenset((
    "_minus", "power", "kron", "matrix", "fuse", "embed", "basis", "unvec", "commutation", "pow", "divide", "tensordot", "binary",
    "place", "Shape", "_place", "d_binary",
))
"""Functions whose first two arguments must not change places."""

TURNS = frozenset(("transpose", "transposed", "turned"))
"""Functions and methods that transpose."""

OPPOSITE = {"rows": "cols", "cols": "rows"}
NOT_PRINTED = frozenset(("startswith", "endswith", "removeprefix", "removesuffix", "getattr", "compile", "NotDifferentiableError"))
FUNCTIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True, eq=False)
class Change:
    """One node of a syntax tree in place of another.

    Attributes:
        kind: one of `KINDS`.
        old: what stands in the tree.
        new: what stands there instead.
        function: the name of the outermost function around it.
        line: where it stands.
    """

    kind: str
    old: ast.AST
    new: ast.AST
    function: str
    line: int

    def __str__(self) -> str:
        old, new = (" ".join(ast.unparse(node).split()) for node in (self.old, self.new))
        return f"{self.function} {self.kind}: {_short(old)} -> {_short(new)}"


def _short(text: str, width: int = 90) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


class Source:
    """The syntax tree of a module, with the place of each node in it.

    Args:
        text: what the file holds.
        printer: whether the functions print, so that each piece of text counts.
    """

    def __init__(self, text: str, printer: bool = False) -> None:
        self.tree = ast.parse(text)
        self.printer = printer
        self.places: dict[ast.AST, tuple[ast.AST, str, int | None]] = {}
        for parent in ast.walk(self.tree):
            for name, value in ast.iter_fields(parent):
                children = value if isinstance(value, list) else [value]
                for n, child in enumerate(children):
                    if isinstance(child, ast.AST):
                        self.places[child] = (parent, name, n if isinstance(value, list) else None)

    def put(self, old: ast.AST, new: ast.AST) -> None:
        """Puts one node in the place of another."""
        parent, name, position = self.places[old]
        if position is None:
            setattr(parent, name, new)
        else:
            getattr(parent, name)[position] = new

    def changed(self, change: Change) -> ast.Module:
        """The tree with a fault, and what it replaces behind a branch that is never taken."""
        never = ast.Constant(True)
        new: ast.AST
        if isinstance(change.old, ast.stmt):
            assert isinstance(change.new, ast.stmt)
            new = ast.If(never, [change.new], [change.old])
        else:
            assert isinstance(change.old, ast.expr) and isinstance(change.new, ast.expr)
            new = ast.IfExp(never, change.new, change.old)
        self.put(change.old, ast.copy_location(new, change.old))
        ast.fix_missing_locations(self.tree)
        return self.tree

    def parent(self, node: ast.AST) -> ast.AST:
        """What a node stands in."""
        return self.places[node][0]

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement around a node, or the function without statements."""
        while not isinstance(node, (ast.stmt, ast.Lambda)):
            node = self.parent(node)
        return node

    # ------------------------------------------------------------ functions
    def functions(self) -> Iterator[tuple[str, ast.AST]]:
        """The outermost functions, methods, and functions without names in tables."""
        stack: list[tuple[str, ast.AST]] = [("", self.tree)]
        while stack:
            prefix, node = stack.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, FUNCTIONS):
                    yield prefix + self._name(child), child
                else:
                    inner = f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix
                    stack.append((inner, child))

    def _name(self, function: ast.AST) -> str:
        if isinstance(function, ast.FunctionDef):
            return function.name
        parent, _, position = self.places[function]
        if isinstance(parent, ast.Dict) and position is not None and isinstance(parent.keys[position], ast.Constant):
            return repr(parent.keys[position].value)  # type: ignore[union-attr]
        return f"lambda {getattr(function, 'lineno', 0)}"

    def changes(self) -> Iterator[Change]:
        """Every fault in every function, in the order of the file."""
        found = [
            Change(kind, node, ast.fix_missing_locations(ast.copy_location(new, node)), name, getattr(node, "lineno", 0))
            for name, function in self.functions()
            for node in self._inside(function)
            for kind, new in self._of(node)
        ]
        yield from sorted(found, key=lambda c: (c.line, getattr(c.old, "col_offset", 0)))

    def _inside(self, function: ast.AST) -> Iterator[ast.AST]:
        """The nodes of a function that compute: no annotations, decorators, assertions, or docstrings."""
        body = function.body if isinstance(function, ast.FunctionDef) else [function.body]  # type: ignore[attr-defined]
        stack: list[ast.AST] = list(body)
        while stack:
            node = stack.pop()
            if isinstance(node, (ast.Assert, ast.Raise, ast.pattern)):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            yield node
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns", "decorator_list", "ctx", "args" if isinstance(node, FUNCTIONS) else ""):
                    stack += [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]

    # ------------------------------------------------------------ what can go wrong at a node
    def _of(self, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.BinOp):
            yield from _in_operation(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not self._is_subscript(node):
            yield SIGN, node.operand
        elif isinstance(node, (ast.If, ast.IfExp)):
            yield from _in_branch(node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield OVERWRITTEN, ast.Assign([node.target], node.value)
        elif isinstance(node, (ast.List, ast.Tuple)) and isinstance(node.ctx, ast.Load):
            yield from self._in_sequence(node)
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            yield from _in_name(node)
        elif isinstance(node, ast.Constant):
            yield from self._in_constant(node)
        elif isinstance(node, ast.JoinedStr) and self.printer:
            yield from _in_text(node)

    def _is_subscript(self, node: ast.AST) -> bool:
        parent, name, _ = self.places[node]
        if isinstance(parent, (ast.UnaryOp, ast.Slice)):
            return self._is_subscript(parent)
        return isinstance(parent, ast.Subscript) and name == "slice"

    def _in_sequence(self, node: ast.List | ast.Tuple) -> Iterator[tuple[str, ast.AST]]:
        parent = self.parent(node)
        if isinstance(node, ast.List) and len(node.elts) > 1:
            function = _called(parent) if isinstance(parent, ast.Call) else ""
            kind = TERM if function in SUMS else FACTOR
            for n in range(len(node.elts)):
                yield kind, ast.List([*node.elts[:n], *node.elts[n + 1 :]], ast.Load())
        if isinstance(node, ast.Tuple) and not isinstance(parent, (ast.Compare, ast.Subscript)) and len(node.elts) > 1:
            left, right = node.elts[-2:]
            simple = (ast.Name, ast.Starred) if not isinstance(left, ast.Constant) else (ast.Constant,)
            if isinstance(left, simple) and isinstance(right, (*simple, ast.Constant)) and not self._is_alike(node, left, right):
                yield TRANSPOSE, ast.Tuple([*node.elts[:-2], right, left], ast.Load())

    def _is_alike(self, node: ast.Tuple, left: ast.AST, right: ast.AST) -> bool:
        """Whether nothing changes when two indices change places: they are the same, or those of a delta."""
        parent = self.parent(node)
        tensor = parent.elts[0] if isinstance(parent, ast.Tuple) else None
        while isinstance(tensor, ast.Call) and _called(tensor) == "Indexed":
            tensor = tensor.args[0]
        is_leaf = isinstance(tensor, ast.Call) and _called(tensor) == "_leaf" and ast.unparse(tensor.args[0]) == "'delta'"
        return ast.dump(left) == ast.dump(right) or is_leaf or (tensor is not None and _called(tensor) == "delta")

    def _in_constant(self, node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
        parent, value = self.parent(node), node.value
        if self._is_subscript(node) or isinstance(parent, (ast.Compare, ast.JoinedStr, ast.FormattedValue, ast.keyword)):
            return
        if isinstance(value, bool):
            yield CONDITION, ast.Constant(not value)
        elif isinstance(value, (int, float)):
            yield CONSTANT, ast.Constant(value + 1)
        elif isinstance(value, str) and value.strip() and self.printer and _is_printed(parent):
            yield TEXT, ast.Constant("")


def _is_printed(parent: ast.AST) -> bool:
    """Whether text that stands in a node goes into the result: it is no key and no argument of a question."""
    return not isinstance(parent, (ast.Tuple, ast.Dict, ast.Set)) and _called(parent) not in NOT_PRINTED


def _called(node: ast.AST) -> str:
    """The last name of what is called."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _in_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    which, args = _called(node), node.args
    if which in SUMS | PRODUCTS and len(args) > 1 and not isinstance(args[0], (ast.List, ast.GeneratorExp)):
        first = 0 if which in ("add", "multiply", "times") else len(args)
        for n in range(first, len(args)):
            yield TERM if which in SUMS else FACTOR, _with_args(node, [*args[:n], *args[n + 1 :]])
    if which in SUMS and len(args) == 1 and isinstance(args[0], ast.Starred):
        values = ast.Call(ast.Name("list", ast.Load()), [args[0].value], [])
        last = ast.Subscript(values, ast.Slice(ast.Constant(-1)), ast.Load())
        yield OVERWRITTEN, _with_args(node, [ast.Starred(last, ast.Load())])
    single = len(args) > 1 and not any(isinstance(a, (ast.Starred, ast.List)) for a in args[:2])
    if which in ORDERED and single and ast.dump(args[0]) != ast.dump(args[1]):
        yield SWAPPED, _with_args(node, [args[1], args[0], *args[2:]])
    if which in TURNS and isinstance(node.func, ast.Attribute) and not args:
        yield TRANSPOSE, node.func.value
    elif which in TURNS and len(args) in (1, 2):
        yield TRANSPOSE, args[0]
    if which == "Fraction" and args and isinstance(args[0], ast.Constant) and args[0].value:
        yield SIGN, ast.UnaryOp(ast.USub(), node)
    if which == "scale" and len(args) == 2:
        yield FACTOR, args[1]
        yield SIGN, _with_args(node, [ast.UnaryOp(ast.USub(), args[0]), args[1]])
    if which in ("append", "extend") and isinstance(node.func, ast.Attribute) and len(args) == 1:
        held = node.func.value
        fresh = args[0] if which == "extend" else ast.List([args[0]], ast.Load())
        store = ast.Call(ast.Attribute(held, "__setitem__", ast.Load()),
                         [ast.Call(ast.Name("slice", ast.Load()), [ast.Constant(None)], []), fresh], [])
        yield OVERWRITTEN, store


def _with_args(node: ast.Call, args: list[ast.expr]) -> ast.Call:
    return ast.Call(node.func, args, node.keywords)


def _in_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    left, right = node.left, node.right
    if isinstance(node.op, (ast.Add, ast.Sub)):
        opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        if not any(isinstance(side, (ast.Tuple, ast.List, ast.JoinedStr)) for side in (left, right)):
            yield SIGN, ast.BinOp(left, opposite, right)
        yield TERM, left
        yield TERM, right
    elif isinstance(node.op, (ast.Mult, ast.Div, ast.MatMult, ast.Pow)):
        yield FACTOR, left
        yield FACTOR, right
    if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
        yield SWAPPED, ast.BinOp(right, node.op, left)


def _in_branch(node: ast.If | ast.IfExp) -> Iterator[tuple[str, ast.AST]]:
    raises = isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise)
    changed = copy.copy(node)
    changed.test = ast.Constant(False) if raises else ast.UnaryOp(ast.Not(), node.test)
    yield (CHECK if raises else CONDITION), changed


def _in_name(node: ast.Name | ast.Attribute) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Name) and node.id in ("MINUS", "ONE"):
        yield SIGN, ast.UnaryOp(ast.USub(), node)
    if isinstance(node, ast.Attribute) and node.attr in ("rows", "cols"):
        yield TRANSPOSE, ast.Attribute(node.value, OPPOSITE[node.attr], ast.Load())


def _in_text(node: ast.JoinedStr) -> Iterator[tuple[str, ast.AST]]:
    values = node.values
    for n, part in enumerate(values):
        if isinstance(part, ast.Constant) and str(part.value).strip():
            yield TEXT, ast.JoinedStr([*values[:n], *values[n + 1 :]])
            if str(part.value).strip() in ("+", "-"):
                opposite = str(part.value).translate({ord("+"): "-", ord("-"): "+"})
                yield SIGN, ast.JoinedStr([*values[:n], ast.Constant(opposite), *values[n + 1 :]])
    places = [n for n, part in enumerate(values) if isinstance(part, ast.FormattedValue)]
    for first, second in pairwise(places):
        turned = list(values)
        turned[first], turned[second] = values[second], values[first]
        yield SWAPPED, ast.JoinedStr(turned)
