"""Random typed expressions: a shape first, then something of that shape, with a value on safe ground at a known point.

What is built is evaluated at once, so that logarithms get positive arguments, inverses get matrices whose least singular
value is away from zero, and functions with kinks get arguments away from them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from matcalc.check.evaluate import EVALUATORS, Array, Scope
from matcalc.core.dims import SCALAR, Dim, Shape, matrix, row, vector
from matcalc.core.errors import MatcalcError
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as b
from matcalc.expr.functions import Elementwise, parameter
from matcalc.expr.nodes import Expr
from tests.fuzz.pool import FAMILY_INDEX, FAMILY_SIZE, Pool

LARGEST = 30.0
LEAST_SINGULAR = 0.25
KINK = 0.03
AWAY = 0.15
MAX_AXIS = 12
"""Lengths of axes that products and sums of dimensions may reach."""


class Grower:
    """Builds expressions over a pool of variables.

    Attributes:
        pool: the variables and their values.
        calls: what stands for `f(args)` with a function of the user, by the expression that it is.
        functions: the user's functions by name.
    """

    def __init__(self, pool: Pool, rough: bool = True) -> None:
        self.pool = pool
        self.pick = pool.pick
        self.rough = rough
        self.in_sum = False
        self.functions: dict[str, Elementwise] = {}
        self.calls: dict[Expr, tuple[str, tuple[Expr, ...]]] = {}

    # ------------------------------------------------------------ what a value is like
    def arrays(self, node: Expr) -> list[Array]:
        """The value of an expression, for every member of the families in it."""
        count = self.pool.sizes[FAMILY_SIZE] if _is_free(node) else 1
        found = []
        for k in range(count):
            scope = Scope(self.pool.values, self.pool.sizes, {FAMILY_INDEX: k})
            with np.errstate(all="ignore"):
                found.append(fold(node, lambda n, args, s=scope: np.asarray(EVALUATORS[n.head](n, args, s)),  # type: ignore[misc]
                                  {d: np.asarray(EVALUATORS["datasum"](d, (), scope)) for d in _sums(node)}))
        return found

    def low(self, node: Expr) -> float:
        """The least entry."""
        return min(float(a.min(initial=np.inf)) for a in self.arrays(node))

    def near(self, node: Expr) -> float:
        """How close an entry comes to zero."""
        return min(float(np.abs(a).min(initial=np.inf)) for a in self.arrays(node))

    def far(self, node: Expr) -> float:
        """The largest entry in size, infinite where one is not a number."""
        sizes = [float(np.abs(a).max(initial=0.0)) for a in self.arrays(node)]
        return max(s if np.isfinite(s) else np.inf for s in sizes)

    def singular(self, node: Expr) -> float:
        """The least singular value of a square matrix."""
        return min(float(np.linalg.svd(a, compute_uv=False).min(initial=np.inf)) for a in self.arrays(node))

    # ------------------------------------------------------------ made safe
    def positive(self, node: Expr) -> Expr:
        """The expression, or a positive one made of it."""
        if self.low(node) > AWAY:
            return node
        forms: list[Callable[[], Expr]] = [
            lambda: b.add([b.number(1), b.power(node, b.number(2))]),
            lambda: b.elementwise("exp", [b.elementwise("tanh", [node])]),
            lambda: b.add([b.number(Fraction(3, 2)), b.elementwise("sin", [node])]),
            lambda: b.elementwise("sigmoid", [node]),
        ]
        made = self.pick.choice(forms)()
        return made if self.low(made) > AWAY else forms[0]()

    def away(self, node: Expr) -> Expr:
        """The expression, or one made of it that is nowhere near zero."""
        return node if self.near(node) > AWAY else self.positive(node)

    def invertible(self, node: Expr) -> Expr:
        """The matrix, or one made of it whose least singular value is away from zero."""
        size = b.identity(node.shape.rows)
        two = b.number(2)
        forms: list[Callable[[], Expr]] = [
            lambda: node,
            lambda: b.add([node, b.product([two, size])]),
            lambda: b.add([b.product([node, b.transpose(node)]), size]),
            lambda: b.add([b.product([b.number(Fraction(1, 4)), b.elementwise("tanh", [node])]), size]),
            lambda: b.add([b.product([b.number(6), size]), b.elementwise("sin", [node])]),
        ]
        for form in forms:
            made = form()
            if self.far(made) < LARGEST and self.singular(made) > LEAST_SINGULAR:
                return made
        raise Refused

    def tame(self, node: Expr) -> Expr:
        """The expression, or one made of it whose entries are not large."""
        size = self.far(node)
        if size < LARGEST:
            return node
        if not np.isfinite(size) or size > 1e6:
            raise Refused
        return b.elementwise(self.pick.choice(("tanh", "sin", "atan")), [node])

    # ------------------------------------------------------------ shapes
    def dim(self) -> Dim:
        """A named dimension."""
        return self.pick.choice(self.pool.dims)

    def shape(self) -> Shape:
        """Any shape; of vectors and matrices now and then one whose length is a product or a sum."""
        kind = self.pick.choice(_KINDS)
        m, n = self.dim(), self.dim()
        if kind == "scalar":
            return SCALAR
        if kind == "square":
            return matrix(m, m)
        if kind in ("long", "large"):
            long = m * n if self.pick.random() < 0.5 else m + n
            shape = vector(long) if kind == "long" else matrix(long, self.dim())
            return shape if long.evaluate(self.pool.sizes) <= MAX_AXIS else SCALAR
        return {"vector": vector(m), "row": row(m), "matrix": matrix(m, n)}[kind]

    # ------------------------------------------------------------ growing
    def grow(self, shape: Shape, depth: int) -> Expr:
        """A random expression of a shape; a leaf at depth 0."""
        if depth <= 0 or self.pick.random() < 0.06:
            return self.leaf(shape)
        for _ in range(4):
            table = [ANYWHERE, _OWN[shape.kind], _OWN[shape.kind]]
            form = self.pick.choice(self.pick.choice(table))
            try:
                made = form(self, shape, depth)
                if made is not None and made.shape == shape:
                    return self.tame(made)
            except (Refused, MatcalcError):
                continue
        return self.leaf(shape)

    def one(self, shape: Shape, depth: int) -> Expr:
        """An operand with the depth that is left."""
        return self.grow(shape, depth - 1)

    def two(self, first: Shape, second: Shape, depth: int) -> list[Expr]:
        """Two operands, one of them deep and the other one shallow, so that size grows with depth and not with 2^depth."""
        deep = self.pick.random() < 0.5
        shallow = min(depth - 1, self.pick.randint(0, 2))
        return [self.grow(first, depth - 1 if deep else shallow), self.grow(second, shallow if deep else depth - 1)]

    def leaf(self, shape: Shape) -> Expr:
        """A variable, a member of a family or a constant."""
        chance = self.pick.random()
        if shape.is_scalar and chance < 0.12:
            return self.pick.choice([b.pi(), b.number(2), b.number(Fraction(3, 4)), b.dim_number(self.dim())])
        if shape.is_square and chance < 0.1:
            return b.identity(shape.rows)
        if not shape.is_scalar and chance < 0.06:
            return b.ones(shape) if chance > 0.01 else b.zeros(shape)
        if shape.kind == "row":
            return b.transpose(self.leaf(shape.transposed()))
        found = self.pool.variable(shape, family=self.in_sum and self.pick.random() < 0.6)
        return found or self.pool.variable(shape) or (b.pi() if shape.is_scalar else b.ones(shape))


class Refused(Exception):
    """What was asked for has no safe value here."""


def _is_free(node: Expr) -> bool:
    """Whether members of families occur outside of sums over data."""
    stack = [node]
    while stack:
        part = stack.pop()
        if part.head == "item":
            return True
        if part.head != "datasum":
            stack.extend(part.args)
    return False


def _sums(node: Expr) -> list[Expr]:
    return [part for part in postorder(node) if part.head == "datasum"]


_KINDS = ("scalar", "scalar", "vector", "vector", "matrix", "matrix", "square", "row", "long", "large")

Form = Callable[[Grower, Shape, int], "Expr | None"]


# ---------------------------------------------------------------- for every shape
def _sum(g: Grower, shape: Shape, depth: int) -> Expr:
    terms = g.two(shape, shape, depth)
    terms = [b.negate(t) if g.pick.random() < 0.35 else t for t in terms]
    if g.pick.random() < 0.15:
        terms.append(b.number(g.pick.choice((1, 2, -3, Fraction(1, 2)))))
    return b.add(terms)


def _scaled(g: Grower, shape: Shape, depth: int) -> Expr:
    if g.pick.random() < 0.5:
        number = b.number(g.pick.choice((2, -1, Fraction(1, 3), Fraction(-5, 2), 3)))
        return b.product([number, g.one(shape, depth)])
    factors = g.two(SCALAR, shape, depth)
    return b.product(factors if g.pick.random() < 0.7 else factors[::-1])


def _hadamard(g: Grower, shape: Shape, depth: int) -> Expr:
    left, right = g.two(shape, shape, depth)
    return b.hadamard([left, b.power(g.away(right), b.number(-1))] if g.pick.random() < 0.25 else [left, right])


def _fraction(g: Grower, shape: Shape, depth: int) -> Expr:
    above, below = g.two(shape, SCALAR, depth)
    return b.divide(above, g.away(below))


_SMOOTH = [name for name, f in FUNCTIONS.items() if f.smooth and f.arity == 1]
_ROUGH = [name for name, f in FUNCTIONS.items() if not f.smooth and f.arity == 1]


def _map(g: Grower, shape: Shape, depth: int) -> Expr:
    inner = g.one(shape, depth)
    if g.rough and g.pick.random() < 0.25:
        return b.elementwise(g.pick.choice(_ROUGH), [_off_zero(g, inner)])
    name = g.pick.choice(_SMOOTH)
    domain = FUNCTIONS[name].domain
    if domain in ("positive", "nonnegative"):
        inner = g.positive(inner)
    elif domain == "unit" and g.far(inner) > 0.85:
        inner = b.product([b.number(Fraction(4, 5)), b.elementwise("sin", [inner])])
    elif name in ("exp", "sinh", "cosh") and g.far(inner) > 3:
        inner = b.elementwise("atan", [inner])
    elif name == "tan" and g.far(inner) > 1.2:
        inner = b.elementwise("sin", [inner])
    return b.elementwise(name, [inner])


def _off_zero(g: Grower, node: Expr) -> Expr:
    for shift in (0, Fraction(1, 10), Fraction(-1, 7), Fraction(2, 5), 3):
        moved = b.add([node, b.number(shift)]) if shift else node
        if g.near(moved) > KINK:
            return moved
    raise Refused


def _two_arguments(g: Grower, shape: Shape, depth: int) -> Expr:
    left, right = g.two(shape, shape if g.pick.random() < 0.7 else SCALAR, depth)
    if not g.rough or g.near(b.add([_broadcast(left, right), b.negate(_broadcast(right, left))])) < KINK:
        raise Refused
    name = g.pick.choice(("max", "min", *COMPARISONS))
    made = b.elementwise(name, [left, right] if g.pick.random() < 0.7 else [right, left])
    return made if name in FUNCTIONS else b.hadamard([made, g.grow(shape, 1)])


def _broadcast(node: Expr, other: Expr) -> Expr:
    """A scalar beside an array as an array of equal entries."""
    return b.product([node, b.ones(other.shape)]) if node.shape.is_scalar and not other.shape.is_scalar else node


def _power(g: Grower, shape: Shape, depth: int) -> Expr:
    chance = g.pick.random()
    if chance < 0.4:
        return b.power(g.one(shape, depth), b.number(g.pick.choice((2, 3, 2, 4))))
    if chance < 0.7:
        exponent = b.number(g.pick.choice((Fraction(1, 2), -2, Fraction(3, 2), Fraction(-1, 2), -1)))
        return b.power(g.positive(g.one(shape, depth)), exponent)
    base, exponent = g.two(shape, shape if g.pick.random() < 0.5 else SCALAR, depth)
    return b.power(g.positive(base), exponent if g.far(exponent) < 4 else b.elementwise("sin", [exponent]))


def _own_function(g: Grower, shape: Shape, depth: int) -> Expr:
    name = g.pick.choice(tuple(_BODIES))
    if name not in g.functions:
        parameters = [parameter(name, letter) for letter in _BODIES[name][0]]
        g.functions[name] = Elementwise(name, tuple(parameters), _BODIES[name][1](*parameters))
    function = g.functions[name]
    args = [g.one(shape, depth)] if len(function.parameters) == 1 else g.two(shape, shape, depth)
    value = function(args)
    g.calls[value] = (name, tuple(args))
    return value


_BODIES: dict[str, tuple[str, Callable[..., Expr]]] = {
    "f": ("a", lambda a: b.product([b.power(a, b.number(2)), b.elementwise("sin", [a])])),
    "g": ("a", lambda a: b.divide(a, b.add([b.number(1), b.power(a, b.number(2))]))),
    "psi": ("ac", lambda a, c: b.add([b.product([a, b.elementwise("cos", [c])]), b.power(c, b.number(2))])),
}
"""Functions of the user: parameters and body."""


def _datasum(g: Grower, shape: Shape, depth: int) -> Expr:
    if g.in_sum:
        raise Refused
    g.in_sum = True
    try:
        body = g.one(shape, min(depth, 4))
    finally:
        g.in_sum = False
    if not _is_free(body):
        raise Refused
    return b.datasum(FAMILY_INDEX, Dim.of(FAMILY_SIZE), body)


def _transposed(g: Grower, shape: Shape, depth: int) -> Expr:
    return b.transpose(g.one(shape.transposed(), depth))


ANYWHERE: tuple[Form, ...] = (
    _sum, _sum, _scaled, _scaled, _hadamard, _fraction, _map, _map, _two_arguments, _power, _own_function, _datasum,
)


# ---------------------------------------------------------------- scalars
def _inner(g: Grower, shape: Shape, depth: int) -> Expr:
    inside = vector(g.dim())
    left, right = g.two(inside, inside, depth)
    if g.pick.random() < 0.4:
        middle = g.grow(matrix(inside.rows, inside.rows), min(2, depth - 1))
        return b.product([b.transpose(left), middle, right])
    return b.product([b.transpose(left), right])


def _reduced(g: Grower, shape: Shape, depth: int) -> Expr:
    head = g.pick.choice(("sum", "mean", "logsumexp", "norm", "norm", "norm1"))
    inside = g.shape()
    inner = g.one(inside if not inside.is_scalar else vector(g.dim()), depth)
    if head == "norm1":
        inner = _off_zero(g, inner) if g.rough else inner
    value = b.APPLY[head](inner)
    if head == "norm":
        if g.pick.random() < 0.5:
            return b.power(value, b.number(2))
        return value if g.low(value) > AWAY else b.power(value, b.number(2))
    return value


def _of_square(g: Grower, shape: Shape, depth: int) -> Expr:
    head, size = g.pick.choice(("tr", "tr", "det", "logdet", "log det")), g.dim()
    inner = g.one(matrix(size, size), depth)
    if head == "tr":
        return b.APPLY["tr"](inner)
    inner = g.invertible(inner)
    if head == "log det":
        value = b.APPLY["det"](inner)
        return b.elementwise("log", [value if g.low(value) > AWAY else b.power(value, b.number(2))])
    return b.APPLY[head](inner)


def _absolute(g: Grower, shape: Shape, depth: int) -> Expr:
    if not g.rough:
        raise Refused
    return b.elementwise("abs", [_off_zero(g, g.one(shape, depth))])


def _trace_of_product(g: Grower, shape: Shape, depth: int) -> Expr:
    rows, cols = g.dim(), g.dim()
    return b.APPLY["tr"](b.product(g.two(matrix(rows, cols), matrix(cols, rows), depth)))


def _small_det(g: Grower, shape: Shape, depth: int) -> Expr:
    one, other = g.two(SCALAR, SCALAR, depth)
    rows = [[one, b.number(2)], [g.leaf(SCALAR), other]]
    return b.APPLY["det"](g.invertible(b.block(rows)))


# ---------------------------------------------------------------- vectors and rows
def _times_vector(g: Grower, shape: Shape, depth: int) -> Expr:
    middle = g.dim()
    return b.product(g.two(matrix(shape.rows, middle), vector(middle), depth))


def _solve(g: Grower, shape: Shape, depth: int) -> Expr:
    left, right = g.two(matrix(shape.rows, shape.rows), shape, depth)
    inverse = b.matpow(g.invertible(left), -1)
    return b.product([b.transpose(inverse) if g.pick.random() < 0.3 else inverse, right])


def _softmax(g: Grower, shape: Shape, depth: int) -> Expr:
    return b.softmax(g.one(shape, depth))


def _diagonal(g: Grower, shape: Shape, depth: int) -> Expr:
    return b.diag(g.one(matrix(shape.rows, shape.rows), depth))


def _factors(g: Grower, size: Dim) -> tuple[Dim, Dim]:
    """Two named dimensions whose product is a dimension."""
    for m in g.pool.dims:
        for n in g.pool.dims:
            if m * n == size:
                return (m, n) if g.pick.random() < 0.5 else (n, m)
    raise Refused


def _parts(g: Grower, size: Dim) -> tuple[Dim, Dim]:
    """Two named dimensions whose sum is a dimension."""
    for m in g.pool.dims:
        for n in g.pool.dims:
            if m + n == size:
                return (m, n) if g.pick.random() < 0.5 else (n, m)
    raise Refused


def _long(g: Grower, shape: Shape, depth: int) -> Expr:
    """A vector whose length is a product: a vec, a Kronecker product, a commutation; or a sum: blocks."""
    size = shape.rows
    if any(len(names) == 2 for names, _ in size.terms):
        m, n = _factors(g, size)
        kind = g.pick.randrange(3)
        if kind == 0:
            return b.vec(g.one(matrix(m, n), depth))
        if kind == 1:
            return b.kron(*g.two(vector(m), vector(n), depth))
        return b.product([b.commutation(m, n), b.vec(g.one(matrix(m, n), depth))])
    m, n = _parts(g, size)
    return b.block([[part] for part in g.two(vector(m), vector(n), depth)])


def _row_times(g: Grower, shape: Shape, depth: int) -> Expr:
    middle = g.dim()
    return b.product(g.two(row(middle), matrix(middle, shape.cols), depth))


# ---------------------------------------------------------------- matrices
def _times(g: Grower, shape: Shape, depth: int) -> Expr:
    middle = g.dim()
    return b.product(g.two(matrix(shape.rows, middle), matrix(middle, shape.cols), depth))


def _outer(g: Grower, shape: Shape, depth: int) -> Expr:
    left, right = g.two(vector(shape.rows), vector(shape.cols), depth)
    return b.product([left, b.transpose(right)])


def _square(g: Grower, shape: Shape, depth: int) -> Expr:
    """What only a square matrix can be."""
    if not shape.is_square:
        return _transposed(g, shape, depth)
    kind = g.pick.choice(("diag", "inverse", "inverse", "power", "expm", "diag diag"))
    if kind == "diag":
        return b.diag(g.one(vector(shape.rows), depth))
    inner = g.one(shape, depth)
    if kind == "inverse":
        return b.matpow(g.invertible(inner), g.pick.choice((-1, -1, -2)))
    if kind == "power":
        return b.matpow(inner, g.pick.choice((2, 3)))
    if kind == "diag diag":
        return b.diag(b.diag(inner))
    # the exponential has a derivative rule along what commutes with its argument: t A, for a scalar t
    fixed = g.leaf(shape)
    return b.APPLY["expm"](b.product([g.leaf(SCALAR), fixed]) if g.pick.random() < 0.5 else fixed)


def _large(g: Grower, shape: Shape, depth: int) -> Expr:
    """A matrix whose sizes are products or sums: Kronecker products, blocks; of named sizes: a vector unstacked."""
    rows, cols = shape.rows, shape.cols
    if any(len(names) == 2 for names, _ in rows.terms):
        m, n = _factors(g, rows)
        if shape.is_square:
            if g.pick.random() < 0.3:
                return b.commutation(m, n)
            return b.kron(*g.two(matrix(m, m), matrix(n, n), depth))
        return b.kron(*g.two(matrix(m, cols), vector(n), depth))
    if len(rows.terms) == 2:
        m, n = _parts(g, rows)
        return b.block([[part] for part in g.two(matrix(m, cols), matrix(n, cols), depth)])
    if (rows * cols).evaluate(g.pool.sizes) > MAX_AXIS:
        raise Refused
    return b.unvec(g.one(vector(rows * cols), depth), rows, cols)


_OWN: dict[str, tuple[Form, ...]] = {
    "scalar": (_inner, _inner, _reduced, _reduced, _of_square, _of_square, _trace_of_product, _small_det, _absolute),
    "vector": (_times_vector, _times_vector, _solve, _softmax, _diagonal, _long, _long),
    "row": (_transposed, _transposed, _row_times),
    "matrix": (_times, _times, _outer, _square, _square, _transposed, _large),
}
"""What is made of a kind of shape alone."""
