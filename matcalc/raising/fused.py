"""Tensors with a pair of axes fused into one: vec, unvec, Kronecker products and commutation matrices."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, components, factors_of
from matcalc.raising.graph import NoMatrixForm
from matcalc.raising.orient import Orientation, arranged, scalars_and_chain
from matcalc.raising.wires import Plan, plan_of
from matcalc.raising.writing import scaled


@dataclass(frozen=True)
class Fused:
    """How the parts make the whole."""

    plan: Plan
    parts: tuple[Tensor, ...]


def fused_of(node: Tensor) -> Fused | None:
    """The parts of a tensor whose axes, or some of them, are fused; None for any other."""
    found = plan_of(node)
    if found is not None:
        return Fused(*found)
    factors = factors_of(node) if node.head == "contract" and node.rank == 2 else []
    for n, (t, idx) in enumerate(factors):
        rest = factors[:n] + factors[n + 1 :]
        if t.head == "fuse" and {*idx[1:]} == {0, 1} and not any({0, 1} & {*other} for _, other in rest):
            plan = Plan("unvec", (Plan("part", part=0),), dims=t.axes[:0:-1])
            return Fused(plan if idx[1:] == (1, 0) else Plan("turned", (plan,)), (b.contract(rest, idx[:1]),))
    return None


def raise_fused(fused: Fused, args: tuple[Expr, ...], orientation: Orientation) -> Expr:
    """The matrix form."""
    return _raised(fused.plan, args, orientation)


def _raised(plan: Plan, args: tuple[Expr, ...], orientation: Orientation) -> Expr:
    """The expression of a plan; it is as deep as its wires are many."""
    if plan.kind == "part":
        return args[plan.part]
    if plan.kind == "commutation":
        rows, cols = plan.dims
        return e.identity(rows * cols) if 1 in (rows.value, cols.value) else e.commutation(rows, cols)
    if plan.kind == "identity":
        return e.identity(plan.dims[0])
    inner = [_raised(p, args, orientation) for p in plan.inner]
    if plan.kind == "least":
        return min(inner, key=size)
    if plan.kind == "turned":
        return orientation.turn(inner[0])
    if plan.kind == "kron":
        return kron(inner)
    if plan.kind == "product":
        return chained(inner)
    scalars, chain = scalars_and_chain(inner[0])
    core = e.product(chain)
    if plan.kind == "unvec":
        return _scaled(scalars, e.unvec(core.args[0] if core.head == "transpose" else core, *plan.dims))
    return _scaled(scalars, e.vec(core) if plan.kind == "vec" else e.diag(core))


def _scaled(scalars: list[Expr], *chain: Expr) -> Expr:
    """The product, all numbers among the scalars as one."""
    numbers = [Fraction(str(s.data[0])) for s in scalars if s.head == "num"]
    return scaled(prod(numbers, start=Fraction(1)), arranged([s for s in scalars if s.head != "num"], chain))


def chained(factors: list[Expr]) -> Expr:
    """The product, scalars outside, identities left out, Kronecker products side by side as one."""
    taken = [scalars_and_chain(factor) for factor in factors]
    chain: list[Expr] = []
    for link in [link for _, links in taken for link in links]:
        merged = _mixed(chain[-1], link) if chain else None
        if merged is not None:
            chain[-1] = merged
        elif link.head != "identity":
            chain.append(link)
    return _scaled([s for scalars, _ in taken for s in scalars], *(chain or taken[0][1][:1]))


def _mixed(left: Expr, right: Expr) -> Expr | None:
    """(A kron B) (C kron D) = A C kron B D, where the sizes fit. Source: Magnus and Neudecker (2019), 2.2."""
    if left.head != "kron" or right.head != "kron":
        return None
    pairs = list(zip(left.args, right.args, strict=True))
    if any(a.shape.cols != c.shape.rows or a.shape.kind == "vector" or c.shape.kind == "row" for a, c in pairs):
        return None
    return kron([chained([a, c]) for a, c in pairs])


def kron(factors: list[Expr]) -> Expr:
    """The Kronecker product, scalars in front; of identities, or of vectors of ones, it is one."""
    taken = [scalars_and_chain(factor) for factor in factors]
    result = e.product(taken[-1][1])
    for _, chain in reversed(taken[:-1]):
        left, core = e.product(chain), e.kron(e.product(chain), result)
        if left.head == "identity" and result.head == "kron" and result.args[0].head == "identity":
            core = e.kron(e.identity(left.shape.rows * result.args[0].shape.rows), result.args[1])
        if left.head == result.head == "identity":
            core = e.identity(core.shape.rows)
        elif left.head == result.head == "ones" and core.shape.kind == "vector":
            core = e.ones(core.shape)
        result = core
    return _scaled([s for scalars, _ in taken for s in scalars], result)


def grouped(node: Tensor) -> list[Factor]:
    """The factors of a product; those around a fused axis are one factor on their outer indices.

    Raises:
        NoMatrixForm: where all of the product is around one fused axis.
    """
    factors = unstacked(factors_of(node), node.rank)
    cuts = {idx[0] for t, idx in factors if t.head == "fuse"}
    if not cuts:
        return factors
    outer = cuts | set(range(node.rank))
    groups = components(factors, outer)
    result: list[Factor] = []
    for inner, members in groups:
        if not any(t.head == "fuse" for t, _ in members):
            result.extend(members)
            continue
        out = tuple(sorted({i for _, idx in members for i in idx} - inner))
        part = b.contract(members, out)
        if part is node or len(groups) == 1:
            raise NoMatrixForm
        result.append((part, out))
    return result


def unstacked(factors: list[Factor], rank: int) -> list[Factor]:
    """The factors, vectors whose entries fill a matrix that has more than two outer indices with others as that matrix.

    A fusion with its long index summed reads a vector as a matrix. Where what is around its short indices leads to two
    places, the vector becomes `unvec` of itself there; where it leads to one, it is a Kronecker product or a vec.
    """
    while True:
        found = next((f for f in factors if f[0].head == "fuse" and _reads(f, factors, rank)), None)
        if found is None:
            return factors
        long = found[1][0]
        inside = next(members for _, members in components([f for f in factors if f is not found])
                      if any(long in idx for _, idx in members))
        v = b.contract(inside, (long,))
        matrix = b.contract([(v, ("long",)), (found[0], ("long", "j", "i"))], ("i", "j"))
        factors = [*(f for f in factors if f is not found and f not in inside), (matrix, found[1][:0:-1])]


def _reads(fusion: Factor, factors: list[Factor], rank: int) -> bool:
    """Whether a fusion reads a vector, that nothing else holds, as a matrix that leads to two outer indices."""
    long, j, i = fusion[1]
    others = [f for f in factors if f is not fusion]
    if long < rank or not others:
        return False
    inside = next((indices for indices, _ in components(others) if long in indices), set())
    if not inside or {j, i} & inside or inside & set(range(rank)):
        return False
    cuts = {idx[0] for t, idx in factors if t.head == "fuse"} | set(range(rank))
    around = next(members for _, members in components(factors, cuts) if fusion in members)
    return len({x for _, idx in around for x in idx} & cuts) > 2
