"""Index notation as text, to the letter: brackets, signs, names of indices."""

from itertools import islice

import numpy as np
import pytest

from matcalc.check.components import evaluate_along
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import LimitError
from matcalc.core.limits import limits
from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import UNEVALUATED, Tensor
from matcalc.ir.text import depth, index_names, names_in, subscript, to_index
from matcalc.syntax.index_elaborate import elaborate_index
from tests.index_forms import INDEX_FORMS, A, Ax, M, N, P, S, x, y

ORDER = {name: n for n, name in enumerate("ASTxyzst")}


@pytest.mark.parametrize(("node", "text"), [(node, text) for node, text, _ in INDEX_FORMS])
def test_form(node: Tensor, text: str) -> None:
    assert to_index(node, ORDER) == text


SIZES = {"m": 11, "n": 10, "p": 3}
READ = [(node, form) for node, text, latex in INDEX_FORMS if not any(t.head in UNEVALUATED for t in postorder(node))
        for form in (text, latex) if not (form is latex and ("ones_" in text or r"\," in form or "(e_" in form))]


@pytest.mark.parametrize(("node", "text"), READ, ids=[text for _, text in READ])
def test_form_has_the_value_of_the_tensor(node: Tensor, text: str) -> None:
    rng = np.random.default_rng(0)
    variables = {str(t.data[0]): t for t in postorder(node) if t.head == "var"}
    point = {name: rng.uniform(0.5, 1.5, [d.evaluate(SIZES) for d in v.axes]) for name, v in variables.items()}
    spaces = {name: f"R^{{{' x '.join(map(str, v.axes))}}}" if v.axes else "R" for name, v in variables.items()}
    spaces |= dict.fromkeys(names_in(node) & SIZES.keys(), "N")
    shape = [d.evaluate(SIZES) for d in node.axes]
    read = elaborate_index(text, spaces)
    values = {name: np.asarray(float(SIZES[name])) for name in read.arrays if name in SIZES}
    found = evaluate_along(read, {**point, **values}, SIZES, list(islice(index_names({*names_in(node), *SIZES}), len(shape))), shape)
    np.testing.assert_allclose(found, evaluate_tensor(node, point, SIZES), rtol=1e-12)


@pytest.mark.parametrize(("name", "written"), [
    ("x", "x_i"), ("delta", "(delta)_i"), ("I", "(I)_i"), ("x_t", "x_{t}_i"), ("x_max", "x_{max}_i"), ("x_hat", "x_hat_i"), ("x_hat_t", "x_hat_{t}_i"),
    ("x_long", "x_long_i"), ("x_1", "x_1_i"),
])
def test_names_that_could_be_read_as_indices_are_set_apart(name: str, written: str) -> None:
    assert to_index(b.var(name, (N,))) == written


def test_names_of_scalars() -> None:
    assert [to_index(b.var(name, ())) for name in ("x", "delta", "x_t")] == ["x", "delta", "(x_t)_{}"]


def test_names_of_indices() -> None:
    assert to_index(b.multiply(b.var("i", (N,)), b.var("k", (N,))), {"i": 0, "k": 1}) == "i_j k_j"
    assert to_index(b.multiply(b.size(Dim.of("i")), x)) == "i x_j"
    assert to_index(x, taken=("i", "j")) == "x_k"
    assert to_index(Ax, letters=("q", "i")) == "sum_i A_qi x_i"
    assert to_index(Ax, letters=("A", "q")) == "sum_i A_qi x_i"
    assert to_index(Ax, free=("r",)) == "sum_i A_ri x_i"
    assert to_index(A, free=("q", "p")) == "A_qp"
    assert to_index(b.delta(N), free=("q", "p")) == "delta_pq"


def test_sums_side_by_side_share_their_indices() -> None:
    u = b.contract([(S, ("i", "j")), (x, ("j",))], ("i",))
    assert to_index(b.add(u, b.contract([(S, ("j", "i")), (y, ("j",))], ("i",))), ORDER) == "sum_j S_ij x_j + sum_j S_ji y_j"
    squared = b.contract([(S, ("i", "j")), (b.apply("tanh", u), ("j",))], ("i",))
    assert to_index(squared, ORDER) == "sum_j tanh(sum_k S_jk x_k) S_ij"


def test_the_order_of_variables_is_kept() -> None:
    both = b.multiply(x, y), b.add(x, y)
    assert [to_index(node, {"x": 0, "y": 1}) for node in both] == ["x_i y_i", "x_i + y_i"]
    assert [to_index(node, {"y": 0, "x": 1}) for node in both] == ["y_i x_i", "y_i + x_i"]


def test_index_names_go_on_with_primes() -> None:
    assert list(islice(index_names(), 24, 28)) == ["y", "z", "i'", "j'"]
    assert list(islice(index_names(), 52, 54)) == ["i''", "j''"]
    assert list(islice(index_names(("i", "j'")), 25, 28)) == ["i'", "k'", "l'"]


@pytest.mark.parametrize(("names", "text"), [
    ([], "{}"), (["i"], "i"), (["i", "j"], "ij"), (["i'"], "{i'}"), (["i", "j'"], "{i j'}"), (["12"], "12"), (["1", "2"], "12"), (["2", "13"], "{2,13}"),
    (["i", "10"], "{i,10}"), (["alpha"], "alpha"), (["alpha'"], r"{\alpha'}"), (["alpha", "mu"], r"{alpha \mu}"), (["mu"], r"{\mu}"), (["mu'"], r"{\mu'}"),
    (["n", "u"], "{n u}"), (["x", "i"], "{x i}"), (["i", "x"], "ix"), (["i", "nu"], r"{i \nu}"), (["abc", "d"], "{abc d}"), (["abc"], "abc"),
])
def test_subscript(names: list[str], text: str) -> None:
    assert subscript(names) == text


def test_names_and_depth() -> None:
    assert names_in(b.contract([(b.embed(P, N, M + N), ("i", "k")), (x, ("i",))], ("k",))) == {"m", "n", "p", "x"}
    assert [depth(node) for node in (x, b.apply("tanh", x), b.apply("tanh", b.add(x, b.apply("exp", x))))] == [1, 2, 4]


def test_what_nests_too_deeply_to_be_read_is_not_written() -> None:
    node = x
    for _ in range(limits().index_depth - 1):
        node = b.apply("tanh", node)
    assert to_index(node).count("tanh") == limits().index_depth - 1
    with pytest.raises(LimitError, match="index notation nests deeper than"):
        to_index(b.apply("tanh", node))
