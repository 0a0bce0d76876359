"""Value and gradients as one function, from one sweep."""

from itertools import pairwise

import numpy as np
import pytest

from matcalc import DeclarationError, derive, gradients
from matcalc.evaluation import check_gradients, compiled
from matcalc.sweep import size_of
from tests.docs import DOCS
from tests.pages import agree, executed

LOSS = "||y - W2 tanh(W1 x)||^2"
SPACES = {"y": "R^k", "W2": "R^{k x h}", "W1": "R^{h x n}", "x": "R^n"}


def point() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"y": rng.normal(size=2), "W2": rng.normal(size=(2, 3)), "W1": rng.normal(size=(3, 5)), "x": rng.normal(size=5)}


def test_value_and_gradients_agree_with_those_of_each() -> None:
    g, p = gradients(LOSS, ["W1", "W2"], SPACES), point()
    value, found = g(**p)
    assert np.isclose(value, np.sum((p["y"] - p["W2"] @ np.tanh(p["W1"] @ p["x"])) ** 2))
    assert list(found) == ["W1", "W2"]
    for name, array in found.items():
        assert np.allclose(array, derive(LOSS, name, declare=SPACES)(**p), rtol=1e-13)
        assert g[name].check().passed


def test_the_code_shares_the_hidden_layer() -> None:
    source = gradients(LOSS, ["W1", "W2"], SPACES).numpy(name="loss")
    assert source.count("np.tanh(") == 1
    assert len(compiled(source, "loss")(*point().values())) == 3


@pytest.mark.parametrize("wrt", ["W1", [], ["W1", "W1"], ["nothing"], [1], None])
def test_bad_lists(wrt: object) -> None:
    with pytest.raises(DeclarationError):
        gradients(LOSS, wrt, SPACES)


def network(layers: int, biases: bool = True) -> tuple[str, list[str]]:
    """The loss of a network of so many layers, and its parameters."""
    inputs = ["x", *(f"h{n}" for n in range(1, layers))]
    lines = [f"h{n} = tanh(W{n} {h}{f' + b{n}' if biases else ''})" for n, h in enumerate(inputs, 1)]
    names = [f"W{n}" for n in range(1, layers + 1)] + [f"b{n}" for n in range(1, layers + 1)] * biases
    return f"1/2 ||y - h{layers}||^2 where {', '.join(lines)}", names


def test_a_network_reads_as_backpropagation() -> None:
    assert str(gradients(*network(2))).splitlines() == [
        "value: 1/2 ||y - h2||^2",
        "by W1: delta2 x^T", "by W2: delta1 h1^T", "by b1: delta2^T", "by b2: delta1^T",
        "where",
        "  h1 = tanh(W1 x + b1)", "  h2 = tanh(W2 h1 + b2)",
        "  delta1 = (h2 - y) .* (1 - h2.^2)", "  delta2 = (1 - h1.^2) .* W2^T delta1",
    ]


def test_every_layer_adds_the_same() -> None:
    """Formulas and statements grow by equal amounts from layer to layer; symbols too but for signs."""
    found, sizes = [], []
    for layers in (4, 8, 12, 16):
        g = gradients(*network(layers))
        body = g.numpy().rpartition('"""\n')[2]
        found.append((len(g.lines()), body.count("\n"), body.count("np.tanh(")))
        sizes.append(size_of(g.swept))
    assert len({tuple(b - a for a, b in zip(*pair, strict=True)) for pair in pairwise(found)}) == 1
    assert found[-1][-1] == 16
    assert all(b - a <= 4 * 16 for a, b in pairwise(sizes))


def test_deep_networks_are_derived_and_right() -> None:
    g = gradients(*network(60))
    rng = np.random.default_rng(0)
    values = {n: rng.normal(size=[4] * len(v.shape.dims)) / 2 for n, v in g.variables.items()}
    value, found = g(**values)
    delta, hidden = None, [values["x"]]
    for n in range(1, 61):
        hidden.append(np.tanh(values[f"W{n}"] @ hidden[-1] + values[f"b{n}"]))
    delta = hidden[-1] - values["y"]
    assert np.isclose(value, 0.5 * delta @ delta)
    for n in range(60, 0, -1):
        delta = delta * (1 - hidden[n] ** 2)
        assert np.allclose(found[f"b{n}"], delta, rtol=1e-12, atol=0)
        assert np.allclose(found[f"W{n}"], np.outer(delta, hidden[n - 1]), rtol=1e-12, atol=0)
        delta = values[f"W{n}"].T @ delta


FORMULAS = [
    (*network(1), {}), (*network(3, biases=False), {}), ("||T - U V^T||^2", ["U", "V"], {}),
    ("1/(2 N) sum_{n=1}^N (w2^T relu(W1 x_n + b1) + b2 - y_n)^2", ["W1", "b1", "w2", "b2", "x_n"], {"b2": "R", "y_n": "R"}),
    ("||tanh(X W1 + ones(N) b1^T) W2 - Y||^2", ["X", "W1", "b1", "W2"], {"X": "R^{N x d}"}),
    ("logdet(S) + x^T S^-1 x", ["S", "x"], {"S": "R^{n x n} posdef"}),
    ("1/2 ||h3||^2 where h1 = x + tanh(A x), h2 = h1 + tanh(B h1), h3 = h2 + tanh(A h2)", ["A", "B", "x"], {}),
    ("sum_{n=1}^N (logsumexp(z) - z^T y_n) where z = W tanh(V x_n)", ["V", "W"], {}),
    ("tr(A X B X^T)", ["A", "X", "B"], {}), ("A x", ["A", "x"], {}), ("s t u", ["s", "t", "u"], {}), ("kron(A, B)", ["A", "B"], {}),
    ("-sum(y .* log(s) + (1 - y) .* log(1 - s)) where s = sigmoid(W2 tanh(W1 x))", ["W1", "W2"], {"y": "R^k positive"}),
    ("delta1^T tanh(A tanh(delta2 B x))", ["A", "B", "delta1"], {"delta2": "R"}),
    ("||A x|| + norm1(A) + det(A)", ["A", "x"], {}),
]


@pytest.mark.parametrize(("text", "wrt", "declare"), FORMULAS)
def test_code_and_formulas_agree_with_differences(text: str, wrt: list[str], declare: dict[str, str]) -> None:
    g = gradients(text, wrt, declare)
    assert g.check(seed=3).passed, g.check(seed=3)
    for d in g.values():
        assert d.check(seed=4).passed
    assert g.latex().count(r"\partial f") == len(wrt)


def test_a_check_names_the_wrong_gradient() -> None:
    g = gradients(LOSS, ["W1", "W2"], SPACES)
    assert "by W2: entry" in str(check_gradients(g.expr, g.variables, g.wrt, lambda p: _wrong(g(**p), "W2"), 0))
    assert "value: the value" in str(check_gradients(g.expr, g.variables, g.wrt, lambda p: _wrong(g(**p), None), 0))


def _wrong(found: tuple[object, dict[str, np.ndarray]], name: str | None) -> list[np.ndarray]:
    value, arrays = np.asarray(found[0]), {n: a * (1 + (n == name)) for n, a in found[1].items()}
    return [value + (name is None), *arrays.values()]


def test_one_variable_at_a_time_where_the_joint_sweep_has_no_rule() -> None:
    g = gradients("tr(expm(t A)) where t in R", ["t", "A"])
    assert g.check().passed


def test_the_page_shows_what_it_prints() -> None:
    page = (DOCS / "gradients.md").read_text(encoding="utf-8")
    assert agree(page, executed(page))
