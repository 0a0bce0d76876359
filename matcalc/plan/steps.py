"""Straight-line programs: numbered steps, equal ones made once, target-neutral operations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from matcalc.core.dims import Dim

Indices = tuple[int, ...]
Axes = tuple[Dim, ...]
Comparison = tuple[Dim, tuple[Dim, ...]]
"""Whether a number is greater than a product of others."""


OPERATIONS: dict[str, str] = {
    "var": "a parameter; data = (name, properties)",
    "number": "a rational number; data = (Fraction,)",
    "pi": "the number pi",
    "size": "a dimension as a number; data = (Dim,)",
    "full": "one number everywhere; data = (Fraction,)",
    "repeat": "a value repeated along missing axes; data = (indices of the operand)",
    "combine": "a sum; data = (coefficients, a number added, indices of each operand, indices of the result)",
    "multiply": "an elementwise product; data = (indices, indices, indices of the result)",
    "divide": "an elementwise quotient; data as for multiply",
    "nonzero": "the value with its zeros replaced by ones: a divisor of what is zero where it is",
    "matmul": "a product of matrices or vectors, one axis contracted; data = (first turned, second turned)",
    "gram": "X^T diag(w) X, X first, weights if any; data = (the axis summed, the sign of the weights or '', a factor)",
    "outer": "a column times a row",
    "inner": "the sum of the entries of an elementwise product of arrays of equal axes",
    "tensordot": "a contraction; data = (axes of the first, axes of the second)",
    "einsum": "any contraction of two; data = (indices, indices, indices of the result)",
    "sum": "a sum along axes; data = (axes,)",
    "trace": "the trace of a matrix",
    "diagonal": "the diagonal of a matrix, or of two axes, put last; data = the two axes",
    "permute": "axes in another order; data = the order",
    "take": "one position of an axis; data = (axis, Dim)",
    "slice": "a range of an axis; data = (axis, start Dim, length Dim)",
    "reshape": "entries in row order under other axes",
    "stack": "vectors and matrices side by side as the columns of a matrix",
    "solve": "A^-1 b; data = (whether A is turned, whether b is)",
    "lstsq": "least squares; operands = a matrix and what it should give, once for each stretch of rows",
    "lu": "the factors of a matrix, of which solves, inverses and determinants are made",
    "cholesky": "the factor of a matrix that is declared positive definite, for the same",
    "inv": "the inverse",
    "matpow": "a power of a matrix; data = (k,)",
    "det": "the determinant",
    "logdet": "log |det|",
    "expm": "the matrix exponential",
    "map": "an elementwise function; data = (name,)",
    "bounded_exp": "exp, of large arguments the largest number that is finite",
    "power": "a power with a rational exponent; data = (Fraction,)",
    "pow": "a power with any exponent",
    "norm": "the root of the sum of squares along axes; data = (axes,), None for all",
    "softmax": "over the axes from one on; data = (axis,)",
    "logsumexp": "over the axes from one on; data = (axis,)",
    "assemble": "values written into an array of zeros, or into the first operand; data = (whether, places, modes)",
}


@dataclass(frozen=True)
class Step:
    """One assignment.

    Attributes:
        target: number of the value that is assigned.
        op: what is done, a key of OPERATIONS.
        operands: numbers of values.
        data: what else the operation needs: names, index tuples, numbers, dimensions.
        axes: the dimensions of the value.
    """

    target: int
    op: str
    operands: tuple[int, ...]
    data: tuple[object, ...]
    axes: Axes


@dataclass
class Program:
    """Steps in order, and the numbers of the values that are returned.

    `instead` is a program with the same results that is faster where its comparison holds.
    """

    steps: list[Step] = field(default_factory=list)
    results: tuple[int, ...] = ()
    instead: tuple[Comparison, Program] | None = None
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def emit(self, op: str, operands: tuple[int, ...], data: tuple[object, ...], axes: Axes) -> int:
        """The value of an operation; an equal one is not repeated."""
        identity = (op, operands, data, axes)
        found = self.known.get(identity)
        if found is None:
            found = self.known[identity] = len(self.steps)
            self.steps.append(Step(found, op, operands, data, axes))
        return found

    def has(self, value: int, *properties: str) -> bool:
        """Whether a value is a parameter that was declared with one of the properties."""
        step = self.steps[value]
        declared = step.data[1] if step.op == "var" else ()
        assert isinstance(declared, tuple)
        return bool(set(properties) & set(declared))

    def is_symmetric(self, value: int) -> bool:
        """Whether a value is known to equal its transpose: as declared, A^T A, or a function of such a matrix."""
        step = self.steps[value]
        while step.op in ("inv", "lu", "cholesky", "matpow", "expm"):
            step = self.steps[step.operands[0]]
        if step.op == "gram":
            return True
        if step.op == "matmul" and len(step.axes) == 2:
            return step.operands[0] == step.operands[1] and step.data[0] != step.data[1]
        return self.has(step.target, "symmetric", "posdef", "psd", "diagonal")


def pruned(program: Program) -> Program:
    """The steps that a result needs, renumbered."""
    live = set(program.results)
    for step in reversed(program.steps):
        if step.target in live:
            live.update(step.operands)
    number: dict[int, int] = {}
    kept: list[Step] = []
    for step in program.steps:
        if step.target in live:
            number[step.target] = len(kept)
            kept.append(replace(step, target=len(kept), operands=tuple(number[o] for o in step.operands)))
    return Program(kept, tuple(number[r] for r in program.results))
