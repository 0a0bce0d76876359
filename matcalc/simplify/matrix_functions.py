"""Functions of structured matrices: exponentials, diagonals, orthogonal matrices, Kronecker products.

Each function here states its identity and gives None where it does not fit. They hold before differentiating too, so
that the derivative of logdet(A kron B) by A is m A^-T. The registry in `identities.py` proves them.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of

Pair = tuple[Tensor, Tensor]


def of_structured(node: Tensor) -> Tensor | None:
    """A determinant, an exponential or a power of a structured matrix; None where nothing is known."""
    if node.head == "map" and node.data == ("log",):
        return _log_det(node.args[0])
    if node.head not in ("matpow", "det", "logdet", "expm"):
        return None
    (base,) = node.args
    if node.head == "expm":
        return _expm(base)
    if node.head != "matpow" and base.head == "expm":
        trace = b.contract([(base.args[0], (0, 0))], ())
        return trace if node.head == "logdet" else b.apply("exp", trace)
    if node.head == "logdet":
        found = _logdet(base)
        if found is not None:
            return found
    if node.head in ("matpow", "logdet") and is_commutation(base):
        return b.zero(()) if node.head == "logdet" else _commutation_power(base, int(str(node.data[0])))
    pair = kron_of(base)
    return None if pair is None else _of_kron(node, pair)


def _log_det(node: Tensor) -> Tensor | None:
    """log(det(P)) = logdet(P) for positive definite P."""
    return b.logdet(node.args[0]) if node.head == "det" and _is(node.args[0], "posdef") else None


def _is(node: Tensor, prop: str) -> bool:
    properties = node.data[1] if node.head == "var" else ()
    assert isinstance(properties, tuple)
    return prop in properties


def _expm(node: Tensor) -> Tensor | None:
    """expm(0) = I; expm(s I) = exp(s) I; expm(diag(v)) = diag(exp(v))."""
    size = node.axes[0]
    if b.is_zero(node):
        return b.delta(size)
    number, scalars, core = b.split_scalars(node)
    if core.head == "delta":
        s = b.scale(number, b.contract([(t, ()) for t in scalars], ()))
        return b.contract([(b.apply("exp", s), ()), (core, (0, 1))], (0, 1))
    v = diagonal_of(node)
    return None if v is None else b.contract([(b.apply("exp", v), (0,)), (b.delta(size), (0, 1))], (0, 1))


def _logdet(node: Tensor) -> Tensor | None:
    """logdet(Q) = 0 for orthogonal Q; logdet(diag(v)) = sum(log(abs(v)))."""
    if _is(node, "orthogonal"):
        return b.zero(())
    v = diagonal_of(node)
    return None if v is None else b.contract([(b.apply("log", b.apply("abs", v)), (0,))], ())


def is_commutation(node: Tensor) -> bool:
    """Whether the node takes vec(A) to vec(A^T): two fusions whose short axes are crossed."""
    if node.head != "contract" or [t.head for t in node.args] != ["fuse", "fuse"] or node.rank != 2:
        return False
    (k, j, i), (other, q, p) = node.indices
    return {k, other} == {0, 1} and (j, i) == (p, q)


def _commutation_power(node: Tensor, k: int) -> Tensor | None:
    """K_mn^-1 = K_nm, the transpose; K_nn^2 = I. Source: Magnus and Neudecker (2019), 3.7."""
    if node.args[0] is node.args[1]:
        return node if k % 2 else b.delta(node.axes[0])
    if k < 0:
        return b.matpow(b.transpose(node), -k)
    return None


def diagonal_of(node: Tensor) -> Tensor | None:
    """v, where the node is diag(v) times a number."""
    if node.head == "lin" and len(node.args) == 1:
        v = diagonal_of(node.args[0])
        return None if v is None else b.scale(node.coefficients[0], v)
    if node.head != "contract" or not any(t.head == "delta" and idx == (0, 1) for t, idx in factors_of(node)):
        return None
    rest = [(t, idx) for t, idx in factors_of(node) if t.head != "delta"]
    if len(rest) != len(node.args) - 1 or not all(set(idx) <= {0} for _, idx in rest):
        return None
    return b.contract(rest if any(idx for _, idx in rest) else [*rest, (b.ones(node.axes[:1]), (0,))], (0,))


def _of_kron(node: Tensor, pair: Pair) -> Tensor:
    """(A kron B)^k = A^k kron B^k; det(A kron B) = det(A)^m det(B)^n for A in R^{n x n}, B in R^{m x m}.

    Source: Magnus and Neudecker (2019), 2.1 and 2.2.
    """
    left, right = pair
    n, m = b.size(left.axes[0]), b.size(right.axes[0])
    if node.head == "matpow":
        k = int(str(node.data[0]))
        return kron(b.matpow(left, k), b.matpow(right, k))
    if node.head == "det":
        return b.multiply(b.power(b.det(left), m), b.power(b.det(right), n))
    return b.add(b.multiply(m, b.logdet(left)), b.multiply(n, b.logdet(right)))


def kron(left: Tensor, right: Tensor) -> Tensor:
    """The Kronecker product of two matrices."""
    rows, cols = (b.fuse(right.axes[axis], left.axes[axis]) for axis in (0, 1))
    return b.contract([(rows, ("r", "j", "i")), (cols, ("c", "q", "p")), (left, ("j", "q")), (right, ("i", "p"))], ("r", "c"))


def kron_of(node: Tensor) -> Pair | None:
    """A and B, both square, where the node is A kron B; scalars go with A."""
    factors = factors_of(node)
    fuses = {idx[0]: (t, idx) for t, idx in factors if t.head == "fuse"}
    if node.head != "contract" or node.rank != 2 or set(fuses) != {0, 1} or fuses[0][0] is not fuses[1][0]:
        return None
    rest = [f for f in factors if f[0].head != "fuse"]
    if any(i in (0, 1) for _, idx in rest for i in idx):
        return None
    (_, (_, j, i)), (_, (_, q, p)) = fuses[0], fuses[1]
    reached = _reach(rest, {j, q})
    if reached & {i, p}:
        return None
    left = [f for f in rest if not f[1] or set(f[1]) & reached]
    right = [f for f in rest if f not in left]
    _, cols, rows = fuses[0][0].axes
    return _side(left, (j, q), cols), _side(right, (i, p), rows)


def _reach(factors: list[Factor], start: set[int]) -> set[int]:
    """The indices that hang together with some."""
    reached = set(start)
    while True:
        wider = reached.union(*(idx for _, idx in factors if set(idx) & reached))
        if wider == reached:
            return reached
        reached = wider


def _side(factors: list[Factor], ends: tuple[int, int], size: Dim) -> Tensor:
    """One side of a Kronecker product: its row and column index, tied where they are one."""
    row, col = ends
    if row == col:
        parts: list[tuple[Tensor, tuple[object, ...]]] = [*factors, (b.delta(size), (row, "col"))]
        return b.contract(parts, (row, "col"))
    held = {i for _, idx in factors for i in idx}
    ones = [(b.ones((size,)), (i,)) for i in ends if i not in held]
    return b.contract([*factors, *ones], ends)


def root_of_multiple(node: Tensor) -> Tensor | None:
    """(c u)^(1/2) = sqrt(c) u^(1/2) where c is the square of a rational number."""
    exponent = b.number_of(node.args[1])
    if exponent is None or exponent.denominator != 2 or node.args[0].head != "lin" or len(node.args[0].args) != 1:
        return None
    (c,), (u,) = node.args[0].coefficients, node.args[0].args
    if c < 0 or b.number_of(u) is not None:
        return None
    root = Fraction(isqrt(c.numerator), isqrt(c.denominator))
    if root * root != c:
        return None
    return b.scale(root ** int(2 * exponent), b.power(u, node.args[1]))
