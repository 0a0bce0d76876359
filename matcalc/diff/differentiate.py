"""Differentiation in reverse over the DAG, with the axes of the output carried in front.

The cotangent of a node V of the output F is dF/dV: the axes of F, then those of V. The seed is a product of deltas, so
scalars, vectors and matrices by anything are one sweep, each node once, and deltas are eliminated on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import contains, postorder
from matcalc.diff.scalar_rules import BINARY, UNARY, d_binary
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, factors_of, terms_of

Contribution = tuple[Tensor, Tensor]
Wanted = Callable[[Tensor], bool]
"""Whether a part depends on a variable that one differentiates by; the cotangents of others are not made."""
Rule = Callable[[Tensor, Tensor, tuple[str, ...], Wanted], Iterator[Contribution]]


def differentiate(output: Tensor, wrt: Tensor) -> Tensor:
    """The derivative of `output` by the variable `wrt`: axes of the output, then those of the variable.

    Raises:
        NotDifferentiableError: where a node that depends on the variable has no rule.
    """
    return derivatives(output, [wrt])[0]


def derivatives(
    output: Tensor, wrt: Sequence[Tensor], shared: Callable[[Tensor], Tensor] = lambda bar: bar
) -> list[Tensor]:
    """The derivatives of `output` by several variables, from one sweep.

    Args:
        output: what is differentiated.
        wrt: the variables.
        shared: called with each cotangent that goes on to more than one part; what it returns goes on in its place.

    Raises:
        NotDifferentiableError: where a node that depends on a variable has no rule.
    """
    leaves = dict.fromkeys(wrt)
    nodes = dict.fromkeys(postorder(output))
    active = _dependents(nodes, leaves)
    lead = tuple(f"o{i}" for i in range(output.rank))
    seed = b.contract(
        [(b.delta(d), (o, f"s{i}")) for i, (o, d) in enumerate(zip(lead, output.axes, strict=True))],
        (*lead, *(f"s{i}" for i in range(output.rank))),
    )
    cotangents: dict[Tensor, list[Tensor]] = {output: [seed]} if output in active else {}

    def wanted(t: Tensor) -> bool:
        return t in active if t in nodes else contains(t, leaves)

    for node in reversed(nodes):
        if node in leaves or node not in cotangents:
            continue
        bar = b.add(*cotangents.pop(node))
        if sum(arg in active for arg in dict.fromkeys(node.args)) > 1:
            bar = shared(bar)
        if node.head not in RULES:
            raise NotDifferentiableError(f"no rule for the derivative of `{node.head}`",
                                         hint="this is a fault of the package: please report the formula")
        for child, part in RULES[node.head](node, bar, lead, wanted):
            assert child in nodes, "a rule contributes to parts of its node"
            if child in active:
                cotangents.setdefault(child, []).append(part)
    return [b.add(*cotangents[v]) if v in cotangents else b.zero(output.axes + v.axes) for v in wrt]


def gather(parts: Sequence[Tensor]) -> Tensor:
    """Tensors of equal axes as the entries of one last axis."""
    axes, length = parts[0].axes, Dim.of(len(parts))
    slots = tuple(range(len(axes) + 1))
    return b.add(*(b.place(t, slots[:-1], [(b.basis(Dim.of(k), length), slots[-1:])], slots) for k, t in enumerate(parts)))


def _dependents(nodes: Iterable[Tensor], leaves: Container[Tensor]) -> set[Tensor]:
    """Those of the nodes, arguments first, that hold one of the leaves."""
    active: set[Tensor] = set()
    for node in nodes:
        if node in leaves or any(arg in active for arg in node.args):
            active.add(node)
    return active


def d_lin(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d(sum_t c_t T_t) = sum_t c_t dT_t."""
    for coefficient, term in terms_of(node):
        yield term, b.scale(coefficient, bar)


def d_contract(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d(T_1 ... T_k) = sum_i T_1 ... dT_i ... T_k.

    The cotangent of a factor with indices I is that of the product times all other factors, summed off I. A slot that
    repeats an index of its own factor, or an index that no other factor holds, is tied by a delta or ones.
    """
    factors = factors_of(node)
    out = tuple(range(node.rank))
    for position, (factor, idx) in enumerate(factors):
        if not wanted(factor):
            continue
        others = [f for n, f in enumerate(factors) if n != position]
        parts: list[tuple[Tensor, tuple[object, ...]]] = [(bar, (*lead, *out)), *others]
        slots: list[object] = []
        for slot, i in enumerate(idx):
            name = ("slot", slot)
            parts.append((b.delta(factor.axes[slot]), (i, name)))
            slots.append(name)
        yield factor, b.contract(parts, (*lead, *slots))


def _elementwise(node: Tensor, bar: Tensor, slope: Tensor, lead: tuple[str, ...]) -> Tensor:
    axes = tuple(range(node.rank))
    return b.contract([(bar, (*lead, *axes)), (slope, axes)], (*lead, *axes))


def d_map(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """df(u)_i = f'(u_i) du_i."""
    name = str(node.data[0])
    if name in BINARY:
        slopes: tuple[Tensor, ...] = d_binary(name, *node.args)
    elif name in UNARY:
        slopes = (UNARY[name](node.args[0]),)
    else:
        raise NotDifferentiableError(f"no rule for the derivative of the function `{name}`",
                                     hint="this is a fault of the package: please report the formula")
    for arg, slope in zip(node.args, slopes, strict=True):
        yield arg, _elementwise(node, bar, slope, lead)


def d_pow(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d(u^p) = p u^(p-1) du + u^p log(u) dp."""
    base, exponent = node.args
    lowered = b.lin([(Fraction(1), exponent), (Fraction(-1), b.ones(exponent.axes))], exponent.axes)
    if wanted(base):
        yield base, _elementwise(node, bar, b.multiply(exponent, b.power(base, lowered)), lead)
    if wanted(exponent):
        inner = _elementwise(node, bar, b.multiply(node, b.apply("log", base)), lead)
        axes = tuple(range(node.rank))
        yield exponent, b.contract([(inner, (*lead, *axes))], (*lead, *axes[: exponent.rank]))


def d_matpow(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """dX^k = sum_a X^a dX X^(k-1-a); dX^-k = -sum_a X^-(a+1) dX X^(a-k).

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), equations 59 and 90.
    """
    (base,), k = node.args, int(str(node.data[0]))
    pairs = [(a, k - 1 - a) for a in range(k)] if k > 0 else [(-a - 1, k + a) for a in range(-k)]
    sign = Fraction(1 if k > 0 else -1)
    for left, right in pairs:
        parts = [(bar, (*lead, "i", "j")), (b.matpow(base, left), ("i", "a")), (b.matpow(base, right), ("c", "j"))]
        yield base, b.scale(sign, b.contract(parts, (*lead, "a", "c")))


def d_det(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d det(X) = det(X) tr(X^-1 dX). Source: Magnus and Neudecker, Matrix Differential Calculus, 8.3."""
    inverse = b.matpow(node.args[0], -1)
    yield node.args[0], b.contract([(bar, lead), (node, ()), (inverse, ("c", "a"))], (*lead, "a", "c"))


def d_logdet(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d log|det X| = tr(X^-1 dX). Source: Magnus and Neudecker, Matrix Differential Calculus, 8.3."""
    inverse = b.matpow(node.args[0], -1)
    yield node.args[0], b.contract([(bar, lead), (inverse, ("c", "a"))], (*lead, "a", "c"))


def d_logsumexp(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d logsumexp(u) = sum_i softmax(u)_i du_i, for each index of the axes before."""
    (u,) = node.args
    slots = tuple(range(u.rank))
    p = b.normalised("softmax", u, node.rank)
    yield u, b.contract([(bar, (*lead, *slots[: node.rank])), (p, slots)], (*lead, *slots))


def d_softmax(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d p_i = p_i (du_i - sum_j p_j du_j) for p = softmax(u), for each index of the axes before."""
    (u,), kept = node.args, int(str(node.data[0]))
    slots = tuple(range(u.rank))
    others = (*slots[:kept], *(f"j{i}" for i in slots[kept:]))
    direct = _elementwise(node, bar, node, lead)
    pulled = b.contract([(bar, (*lead, *others)), (node, others), (node, slots)], (*lead, *slots))
    yield u, b.lin([(Fraction(1), direct), (Fraction(-1), pulled)], direct.axes)


def d_expm(node: Tensor, bar: Tensor, lead: tuple[str, ...], wanted: Wanted) -> Iterator[Contribution]:
    """d exp(s M) = ds M exp(s M) for a constant M; d tr(exp X) = tr(exp(X) dX).

    Source: Higham, Functions of Matrices (2008), section 10.2.

    Other directions need an integral over exp(t X).

    Raises:
        NotDifferentiableError: where the derivative has no closed form.
    """
    (x,) = node.args
    coefficient, scalars, core = b.split_scalars(x)
    if not wanted(core):
        for n, s in enumerate(scalars):
            others = [(t, ()) for m, t in enumerate(scalars) if m != n]
            parts = [(bar, (*lead, "i", "j")), (core, ("i", "a")), (node, ("a", "j")), *others]
            yield s, b.scale(coefficient, b.contract(parts, lead))
        return
    rank = len(lead)
    terms = []
    for c, term in terms_of(bar):
        factors = factors_of(term)
        traced = [n for n, (t, idx) in enumerate(factors) if t.head == "delta" and sorted(idx) == [rank, rank + 1]]
        beside = sum(bool({rank, rank + 1} & set(idx)) for _, idx in factors)
        if not traced or beside > 1:  # a trace with weights, as of diag(x) expm(X), is none
            raise NotDifferentiableError(
                "the derivative of `expm` has no closed form here",
                hint="it has one for expm(t A) by t, and for tr(expm(X)) by X",
            )
        rest = [f for n, f in enumerate(factors) if n != traced[0]]
        terms.append((c, b.contract([*rest, (node, (rank + 1, rank))], tuple(range(rank + 2)))))
    yield x, b.lin(terms, bar.axes)


RULES: dict[str, Rule] = {
    "lin": d_lin,
    "contract": d_contract,
    "map": d_map,
    "pow": d_pow,
    "matpow": d_matpow,
    "det": d_det,
    "logdet": d_logdet,
    "logsumexp": d_logsumexp,
    "softmax": d_softmax,
    "expm": d_expm,
}
