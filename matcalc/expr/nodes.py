"""Nodes of the matrix language: one class, a closed list of heads.

A head is a name; each meaning of it is a table keyed by head (text, LaTeX, lowering, evaluation), and
`tests/registries` holds every table against `HEADS`.
"""

from __future__ import annotations

from collections.abc import Hashable

from matcalc.core.dims import Shape
from matcalc.core.interning import Node

HEADS: dict[str, str] = {
    "num": "an exact rational number; data = (Fraction,)",
    "pi": "the number pi",
    "dim": "a dimension used as a number; data = (Dim,)",
    "var": "a variable; data = (name, properties)",
    "item": "a member of a family, x_n under a sum over n; data = (name, properties, index, Dim of the family)",
    "identity": "the identity matrix",
    "ones": "a vector, row or matrix of ones",
    "zeros": "a vector, row or matrix of zeros",
    "commutation": "the matrix that takes vec(A) to vec(A^T) for A of m rows and n columns; data = (m, n)",
    "add": "a sum of two or more terms of one shape; numbers broadcast",
    "product": "scalars and matrices multiplied from left to right, two or more factors",
    "hadamard": "an elementwise product of two or more factors; scalars broadcast",
    "power": "args (base, exponent): elementwise; the exponent is a scalar or has the shape of the base",
    "matpow": "an integer power of a square matrix, -1 for the inverse; data = (k,)",
    "transpose": "the transpose",
    "map": "an elementwise function; data = (name,), one of FUNCTIONS or COMPARISONS",
    "tr": "the trace",
    "det": "the determinant",
    "logdet": "log |det X|",
    "diag": "the diagonal matrix of a vector",
    "diagonal": "the vector of diagonal entries of a square matrix (written diag too)",
    "vec": "the columns of a matrix stacked into a vector",
    "unvec": "the matrix whose columns a vector holds one after the other; data = (rows, columns)",
    "kron": "the Kronecker product of two",
    "expm": "the matrix exponential",
    "sum": "the sum of all entries",
    "mean": "the mean of all entries",
    "softmax": "exp(v) / sum(exp(v))",
    "logsumexp": "log(sum(exp(v)))",
    "norm": "the Euclidean or Frobenius norm",
    "norm1": "the sum of absolute values of the entries",
    "block": "explicit entries, row by row; data = (rows, columns)",
    "datasum": "a sum over data; data = (index, Dim)",
}

UNEVALUATED: dict[str, str] = {
    "differential": "du along dv, not worked out yet: args (u, v), the shape of u",
    "partial": "the derivative of u by a scalar v, not worked out yet: args (u, v), the shape of u",
}
"""Heads of derivations alone; v is a variable."""

PROPERTIES = (
    "symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "posdef", "psd", "positive", "nonnegative",
)


class Expr(Node):
    """An expression of the matrix language. `type` is its shape."""

    __slots__ = ()

    args: tuple[Expr, ...]
    type: Shape

    @property
    def shape(self) -> Shape:
        """Kind and dimensions."""
        return self.type

    @property
    def name(self) -> str:
        """The name of a variable, a family member or an elementwise function."""
        name = self.data[0]
        assert isinstance(name, str)
        return name

    def with_args(self, args: tuple[Expr, ...], shape: Shape | None = None) -> Expr:
        """The same head and data on other arguments, unchecked; for rebuilding with arguments of the same shapes."""
        return Expr.make(self.head, args, self.data, shape or self.type)


Data = tuple[Hashable, ...]
