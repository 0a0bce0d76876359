"""The meaning of index notation, as loops over the values of its indices, and the check of results against it.

It shares nothing with lowering, simplification and the emitters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from matcalc.check.differences import is_analytic as is_analytic_expr
from matcalc.check.evaluate import MAPS, Array, evaluate
from matcalc.core.dims import Dim
from matcalc.core.functions import FUNCTIONS
from matcalc.expr.components import Components, Index, Slot, Term

Point = Mapping[str, Array]
Env = dict[Index, int]


class Interpreter:
    """Values of a formula at a point.

    Args:
        program: the formula.
        point: an array for each variable.
        sizes: a number for each named dimension.
    """

    def __init__(self, program: Components, point: Point, sizes: Mapping[str, int]) -> None:
        self.program = program
        self.arrays: dict[str, Any] = {n: np.asarray(point[n]) for n in program.arrays}
        self.sizes = sizes
        self.islands: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            for name, defined in program.definitions.items():
                if defined.body is not None:
                    self.arrays[name] = self.array(defined.body, defined.formals)
                elif defined.expr is not None:
                    self.arrays[name] = evaluate(defined.expr, self.arrays, sizes)

    def array(self, term: Term, indices: Sequence[Index], env: Env | None = None) -> Array:
        """The array of the values of a term, one axis an index."""
        lengths = [self.length(i) for i in indices]
        entries = [self.value(term, {**(env or {}), **dict(zip(indices, at, strict=True))})
                   for at in product(*(range(1, n + 1) for n in lengths))]
        return np.asarray(entries).reshape(lengths) if entries else np.zeros(lengths)

    def island(self, key: int) -> Array:
        """The value of a part in the matrix language."""
        if key not in self.islands:
            self.islands[key] = evaluate(self.program.islands[key], self.arrays, self.sizes)
        return self.islands[key]

    def length(self, index: Index) -> int:
        """How far an index runs."""
        return index.extent.evaluate(self.sizes)

    def value(self, term: Term, env: Env) -> Any:
        """The value of a term where its free indices have the values of `env`, counted from 1."""
        if term.op == "sum":
            return self.total(term, env)
        if term.op in ("of_array", "matpow"):
            return self.of_array(term, env)
        if term.op in ("array", "defined"):
            return self.arrays[term.word][self.places(term.slots, env)]
        if term.op == "island":
            return self.island(int(term.word))[self.places(term.slots, env)]
        if term.op in _PLACES:
            at = [s if isinstance(s, int) else env[s] for s in term.slots]
            return 1.0 if _PLACES[term.op](self, term, at) else 0.0
        args = [self.value(a, env) for a in term.args]
        return _VALUES[term.op](self, term, args)

    def places(self, slots: Sequence[Slot], env: Env) -> tuple[int, ...]:
        """Positions in an array, counted from 0."""
        return tuple((s if isinstance(s, int) else env[s]) - 1 for s in slots)

    def total(self, term: Term, env: Env) -> Any:
        """A sum, one value after the other."""
        indices = [i for i in term.data if isinstance(i, Index)]
        total = 0.0
        for at in product(*(range(1, self.length(i) + 1) for i in indices)):
            total = total + self.value(term.args[0], {**env, **dict(zip(indices, at, strict=True))})
        return total

    def of_array(self, term: Term, env: Env) -> Any:
        """A component of a function of the array that is written by its entries."""
        gather = term.args[0]
        array = self.array(gather.args[0], [i for i in gather.data if isinstance(i, Index)], env)
        found = np.linalg.matrix_power(array, int(term.word)) if term.op == "matpow" else _FUNCTIONS[term.word](array)
        return np.asarray(found)[self.places(term.slots, env)]


def _dim(term: Term) -> Dim:
    dim = term.data[0]
    assert isinstance(dim, Dim)
    return dim


def _pair(interpreter: Interpreter, term: Term, at: Sequence[int]) -> bool:
    row = term.slots[1]
    assert isinstance(row, Index)
    return at[0] == at[1] + interpreter.length(row) * (at[2] - 1)


_PLACES: dict[str, Callable[[Interpreter, Term, Sequence[int]], bool]] = {
    "delta": lambda _, term, at: at[0] == at[1],
    "ones": lambda *_: True,
    "position": lambda i, term, at: at[0] == _dim(term).evaluate(i.sizes),
    "shift": lambda i, term, at: at[0] == at[1] + _dim(term).evaluate(i.sizes),
    "pair": _pair,
}


def _product(interpreter: Interpreter, term: Term, args: Sequence[Any]) -> Any:
    value = 1.0
    for op, arg in zip(term.data, args, strict=True):
        value = value * arg if op == "*" else value / arg
    return value


def _power(interpreter: Interpreter, term: Term, args: Sequence[Any]) -> Any:
    base, exponent = (np.asarray(a) for a in args)
    if exponent.dtype.kind != "c" and float(exponent).is_integer() and abs(float(exponent)) <= 64:
        value = np.prod([base] * abs(int(exponent))) if int(exponent) else 1.0
        return 1.0 / value if exponent < 0 else value
    if base.dtype.kind == "c" or exponent.dtype.kind == "c":
        return np.exp(exponent * np.log(base.astype(complex)))
    return np.power(base.astype(float), exponent)


_VALUES: dict[str, Callable[[Interpreter, Term, Sequence[Any]], Any]] = {
    "num": lambda _, term, args: float(term.data[0]),  # type: ignore[arg-type]
    "pi": lambda *_: math.pi,
    "size": lambda i, term, args: float(_dim(term).evaluate(i.sizes)),
    "add": lambda _, term, args: sum(int(str(s)) * a for s, a in zip(term.data, args, strict=True)),
    "product": _product,
    "power": _power,
    "call": lambda _, term, args: MAPS[term.word](*(np.asarray(a) for a in args)),
}


def _softmax(a: Array) -> Array:
    weights = np.exp(a - a.real.max())
    return np.asarray(weights / weights.sum())


def _expm(a: Array) -> Array:
    """The power series of a scaled matrix, squared."""
    term = total = np.eye(len(a)) + 0 * a
    for k in range(1, 40):
        term = term @ (a / 1024) / k
        total = total + term
    for _ in range(10):
        total = total @ total
    return np.asarray(total)


_FUNCTIONS: dict[str, Callable[[Array], Any]] = {
    "det": np.linalg.det,
    "logdet": lambda a: np.log(np.linalg.det(a) * np.sign(np.linalg.det(a).real)),
    "tr": np.trace,
    "sum": np.sum,
    "mean": np.mean,
    "norm": lambda a: np.sqrt((a * a).sum()),
    "norm1": lambda a: (a * np.sign(a.real)).sum(),
    "logsumexp": lambda a: a.real.max() + np.log(np.exp(a - a.real.max()).sum()),
    "softmax": _softmax,
    "expm": _expm,
}
"""What an array that is written by its entries can stand in."""


def evaluate_components(program: Components, point: Point, sizes: Mapping[str, int]) -> Array:
    """The array of a formula, its axes in the order of the free indices."""
    with np.errstate(all="ignore"):
        return Interpreter(program, point, sizes).array(program.body, program.free)


def evaluate_along(
    program: Components, point: Point, sizes: Mapping[str, int], letters: Sequence[str], lengths: Sequence[int]
) -> Array:
    """The array of a formula along given indices, by name; it is constant along those that it does not have."""
    interpreter = Interpreter(program, point, sizes)
    own = {i.letter: i for i in program.free}
    found = np.zeros(lengths)
    with np.errstate(all="ignore"):
        for at in product(*map(range, lengths)):
            env = {own[letter]: k + 1 for letter, k in zip(letters, at, strict=True) if letter in own}
            found[at] = interpreter.value(program.body, env)
    return found


def terms(program: Components) -> Iterator[Term]:
    """All terms of a formula and of its definitions."""
    stack = [program.body, *(d.body for d in program.definitions.values() if d.body is not None)]
    while stack:
        term = stack.pop()
        yield term
        stack.extend(term.args)


def is_analytic(program: Components) -> bool:
    """Whether every function in the formula is smooth."""
    names = [t.word for t in terms(program) if t.op == "call"]
    exprs = [*program.islands.values(), *(d.expr for d in program.definitions.values() if d.expr is not None)]
    arrays = [t.word for t in terms(program) if t.op == "of_array"]
    return (all(n in FUNCTIONS and FUNCTIONS[n].smooth for n in names) and all(map(is_analytic_expr, exprs))
            and "norm1" not in arrays)
