"""Differentiation one rule at a time: derivatives that are not worked out yet, and the rules that work them out.

The rules are those of `diff/differentiate.py`: the local Jacobian of a node is its rule applied to deltas, and the chain
rule contracts it with the derivatives of the arguments, which stay as they are until their own turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from matcalc.core.traversal import contains, fold
from matcalc.diff.differentiate import RULES
from matcalc.ir import build as b
from matcalc.ir.nodes import UNEVALUATED, UNIT, Tensor, factors_of, terms_of
from matcalc.ir.substitute import rebuild

LEAF = "leaf"


def unevaluated(head: str, u: Tensor, v: Tensor) -> Tensor:
    """du along dv, or the derivative of u by v with the axes of v last; zero where u does not depend on v, dv/dv is 1.

    Args:
        head: "differential" or "partial".
        u: any tensor.
        v: a variable.
    """
    if u is v and head == "partial" and not v.rank:
        return UNIT
    axes = u.axes if head == "differential" else u.axes + v.axes
    return Tensor.make(head, (u, v), (), axes) if contains(u, [v]) else b.zero(axes)


def pending(state: Tensor) -> list[Tensor]:
    """The derivatives in a state that are not worked out, each once."""
    found: dict[Tensor, None] = {}
    seen: set[Tensor] = set()
    stack = [state]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.head in UNEVALUATED:
            found[node] = None
        else:
            stack.extend(reversed(node.args))
    return list(found)


def rule_of(node: Tensor) -> str:
    """The rule that works a derivative out: LEAF, or the name under which the catalogue has it."""
    u, v = node.args
    if u is v:
        return LEAF
    if u.head == "contract":
        active = sum(contains(t, [v]) for t, _ in factors_of(u))
        return "d-contract" if active > 1 else "d-lin"
    return f"d-{u.data[0]}" if u.head == "map" else f"d-{u.head}"


def worked(state: Tensor, chosen: Collection[Tensor]) -> Tensor:
    """The state with some of its derivatives worked out by the rule of their heads, the others left."""
    known = {node: expanded(node) if node in chosen else node for node in pending(state)}
    return fold(state, lambda t, args: rebuild(t, args), dict(known))


def expanded(node: Tensor) -> Tensor:
    """A derivative by the rule of its argument's head: local Jacobians times the derivatives of the parts.

    A derivative of the variable itself becomes deltas.
    """
    u, v = node.args
    if u is v:
        return node if node.head == "differential" else _identity(v, normal=True)
    lead = tuple(f"o{i}" for i in range(u.rank))
    seed = b.contract([(b.delta(d), (o, f"s{i}")) for i, (o, d) in enumerate(zip(lead, u.axes, strict=True))],
                      (*lead, *(f"s{i}" for i in range(u.rank))))
    terms = []
    for child, jacobian in RULES[u.head](u, seed, lead, lambda part: contains(part, [v])):
        if contains(child, [v]):
            inner = unevaluated(node.head, child, v)
            terms += [(c, _chained(part, inner, u.rank)) for c, part in terms_of(jacobian)]
    return b.lin(terms, node.axes)


def _chained(jacobian: Tensor, inner: Tensor, rank: int) -> Tensor:
    """The sum over the axes of an argument: its Jacobian times its derivative."""
    out, own = tuple(("o", i) for i in range(rank)), tuple(("c", i) for i in range(jacobian.rank - rank))
    extra = tuple(("e", i) for i in range(inner.rank - len(own)))
    return b.contract([(jacobian, (*out, *own)), (inner, (*own, *extra))], (*out, *extra))


def with_deltas(state: Tensor) -> Tensor:
    """The state with dv/dv as deltas that are not contracted yet."""
    leaves = {node: _identity(node.args[0], normal=False) for node in pending(state) if node.args[0] is node.args[1]}

    def visit(node: Tensor, args: tuple[Tensor, ...]) -> Tensor:
        if node.head != "contract":
            return Tensor.make(node.head, args, node.data, node.axes)
        flat = list(_opened(zip(args, node.indices, strict=True), set(leaves.values())))
        return Tensor.make("contract", tuple(t for t, _ in flat), tuple(idx for _, idx in flat), node.axes)

    return fold(state, visit, dict(leaves))


def _opened(factors: Iterator[tuple[Tensor, tuple[int, ...]]],
            products: Collection[Tensor]) -> Iterator[tuple[Tensor, tuple[int, ...]]]:
    """The factors, those that are products of deltas as their deltas."""
    for node, idx in factors:
        if node in products and node.head == "contract":
            yield from ((t, tuple(idx[i] for i in own)) for t, own in factors_of(node))
        else:
            yield node, idx


def _identity(v: Tensor, normal: bool) -> Tensor:
    """dv/dv: one delta for each axis, as a product in normal form or as it is first written down."""
    rank = v.rank
    if not rank:
        return UNIT
    factors = [(b.delta(d), (i, rank + i)) for i, d in enumerate(v.axes)]
    if normal:
        return b.contract(factors, tuple(range(2 * rank)))
    if rank == 1:
        return factors[0][0]
    return Tensor.make("contract", tuple(t for t, _ in factors), tuple(i for _, i in factors), v.axes + v.axes)
