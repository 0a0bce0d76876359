"""Programs compute the tensor, each shared part once, in an order that does not waste work."""

import itertools

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import Parameter
from matcalc.emit.numpy_ops import OPERATIONS as EMITTED
from matcalc.ir import build as b
from matcalc.ir.nodes import HEADS, Tensor
from matcalc.lowering.lower import lower
from matcalc.plan.order import Network, contraction_order
from matcalc.plan.program import CONSTANTS, MAX_DISTRIBUTED, plan
from matcalc.plan.steps import OPERATIONS
from matcalc.syntax.elaborate import elaborate

M, N, P = Dim.of("m"), Dim.of("n"), Dim.of("p")
A, B, S = b.var("A", (M, N)), b.var("B", (N, P)), b.var("S", (N, N))
x, y, z = b.var("x", (N,)), b.var("y", (N,)), b.var("z", (P,))
SIZES = {"m": 2, "n": 3, "p": 5}
LEAVES = {"A": A, "B": B, "S": S, "x": x, "y": y, "z": z}


def run(node: Tensor) -> np.ndarray:
    """The value that the emitted program returns."""
    parameters = {name: Parameter(leaf.axes, str(leaf.axes)) for name, leaf in LEAVES.items()}
    scope: dict[str, object] = {}
    exec(to_numpy(plan(node), parameters, "f", "A tensor."), scope)  # noqa: S102
    return scope["f"](*point().values())  # type: ignore[operator,no-any-return]


def point() -> dict[str, np.ndarray]:
    """Random arrays."""
    rng = np.random.default_rng(5)
    return {name: rng.standard_normal([d.evaluate(SIZES) for d in leaf.axes]) for name, leaf in LEAVES.items()}


def constants() -> list[tuple[Tensor, tuple[str, ...]]]:
    """Constants with a long axis `k` of length m + n, by what their other axes are called."""
    long = M + N
    return [
        (b.basis(Dim.of(1), long), ("k",)), (b.embed(M, N, long), ("a", "k")), (b.embed(Dim.of(0), M, long), ("c", "k")),
    ]


@pytest.mark.parametrize("outputs", list(itertools.product((False, True), repeat=3)))
def test_constants_in_every_role(outputs: tuple[bool, bool, bool]) -> None:
    """Each constant alone, its axes summed or kept, beside factors on the same indices."""
    for constant, names in constants():
        others = {"a": x, "c": b.contract([(A, ("c", "n")), (x, ("n",))], ("c",))}
        held = [(others[n], (n,)) for n in names[:-1]] if outputs[0] else []
        kept = tuple(n for n, keep in zip(names, outputs[1:], strict=False) if keep)
        node = b.contract([(constant, names), *held], kept)
        np.testing.assert_allclose(run(node), evaluate_tensor(node, point(), SIZES), atol=1e-12)


@pytest.mark.parametrize("kept", list(itertools.permutations("kji")) + [("k",), ("j", "k"), ("i",), ()])
@pytest.mark.parametrize("held", ["", "k", "ji", "j", "kji"])
def test_fusions(kept: tuple[str, ...], held: str) -> None:
    flat = b.contract([(b.fuse(N, P), ("k", "j", "i")), (x, ("i",)), (z, ("j",))], ("k",))
    factors = {"k": (b.apply("tanh", flat), ("k",)), "j": (z, ("j",)), "i": (x, ("i",)), "ji": (B, ("i", "j"))}
    chosen = [factors[key] for key in ({"kji": ["k", "ji"]}.get(held, [held] if held else []))]
    node = b.contract([(b.fuse(N, P), ("k", "j", "i")), *chosen], kept)
    np.testing.assert_allclose(run(node), evaluate_tensor(node, point(), SIZES), atol=1e-12)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_axes_in_any_order(order: tuple[int, ...]) -> None:
    cases = [
        [(S, (0, 1)), (A, (2, 4)), (B, (4, 3))], [(b.delta(N), (0, 1)), (A, (2, 4)), (B, (4, 3))],
        [(x, (0,)), (b.delta(N), (1, 3)), (z, (2,))], [(b.delta(N), (0, 2)), (b.delta(P), (1, 3))],
        [(S, (0, 1)), (S, (1, 2)), (z, (3,)), (x, (1,))],
    ]
    for factors in cases:
        node = b.contract(factors, order)
        np.testing.assert_allclose(run(node), evaluate_tensor(node, point(), SIZES), atol=1e-12)


def test_random_networks() -> None:
    rng = np.random.default_rng(11)
    pool = [A, B, S, x, y, z, b.apply("exp", S), b.power(x, b.const(-1)), b.matpow(S, -1), b.matpow(S, -2), b.delta(N)]
    for _ in range(200):
        factors: list[tuple[Tensor, tuple[tuple[str, int], ...]]] = []
        for pick in rng.integers(len(pool), size=rng.integers(1, 6)):
            node = pool[pick]
            factors.append((node, tuple((str(d), int(rng.integers(3))) for d in node.axes)))
        names = sorted({i for _, idx in factors for i in idx})
        out = tuple(i for i in names if rng.random() < 0.4)[:4]
        node = b.contract(factors, out)
        expected = evaluate_tensor(node, point(), SIZES)
        np.testing.assert_allclose(run(node), expected, rtol=1e-7, atol=1e-7 * (1 + np.abs(expected).max()))


def test_vectors_come_first() -> None:
    sizes = {0: 100.0, 1: 100.0, 2: 100.0, 3: 100.0}
    chain = [frozenset((0, 1)), frozenset((1, 2)), frozenset((2, 3)), frozenset((3,))]
    assert contraction_order(Network(chain, frozenset((0,)), sizes, frozenset())) == [(2, 3), (1, 4), (0, 5)]


def test_thin_products_come_first() -> None:
    sizes = {0: 100.0, 1: 100.0, 2: 3.0, 3: 100.0}
    chain = [frozenset((0, 1)), frozenset((1, 2)), frozenset((2, 3))]
    assert contraction_order(Network(chain, frozenset((0, 3)), sizes, frozenset()))[0] == (0, 1)


def test_long_chains_are_ordered_soon() -> None:
    chain = [frozenset((n, n + 1)) for n in range(40)] + [frozenset((40,))]
    order = contraction_order(Network(chain, frozenset((0,)), dict.fromkeys(range(41), 100.0), frozenset()))
    assert order[0] == (39, 40)


def test_shared_parts_are_made_once() -> None:
    layer = b.apply("tanh", b.contract([(A, (0, 1)), (x, (1,))], (0,)))
    program = plan(b.power(layer, b.const(2)), b.contract([(layer, (0,)), (A, (0, 1))], (1,)))
    assert sum(step.op == "map" for step in program.steps) == 1
    assert len(program.results) == 2


def test_tables_cover_every_head() -> None:
    assert set(EMITTED) | {"assemble", "lu", "cholesky"} == set(OPERATIONS)
    planned = {"lin": "combine", "contract": "matmul"}
    for head in set(HEADS) - CONSTANTS:
        assert planned.get(head, head) in OPERATIONS


def test_elementwise_products_over_any_two_axes() -> None:
    d = derive("sum_{j,k} A_ij s A_ii z_k + sum_{j,k} A_ii z_j z_k", wrt="A_pq", notation="index")
    assert d.check().passed


def test_products_in_sums_in_products_to_any_depth() -> None:
    chain = ", ".join(f"H{k} = H{k - 1} A + C" if k else "H0 = C" for k in range(150))
    d = derive(f"x^T H149 y where {chain}", "x", declare={**dict.fromkeys("AC", "R^{n x n}"), **dict.fromkeys("xy", "R^n")})
    rng = np.random.default_rng(0)
    A, C, y = 0.3 * rng.standard_normal((4, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)
    H = C
    for _ in range(149):
        H = H @ A + C
    np.testing.assert_allclose(d(x=np.zeros(4), A=A, C=C, y=y), H @ y, rtol=1e-12)


def test_vectors_are_taken_through_sums_as_deep_as_the_limit() -> None:
    spaces = {**dict.fromkeys("AC", "R^{n x n}"), "x": "R^n"}
    for depth, formed in ((MAX_DISTRIBUTED, 0), (MAX_DISTRIBUTED + 1, 1), (2 * MAX_DISTRIBUTED + 2, MAX_DISTRIBUTED + 2)):
        chain = ", ".join(f"H{k} = H{k - 1} A + C" if k else "H0 = C" for k in range(depth + 1))
        steps = plan(lower(elaborate(f"x^T H{depth} where {chain}", spaces).expr)).steps
        assert sum(step.op == "matmul" and len(step.axes) == 2 for step in steps) == formed
