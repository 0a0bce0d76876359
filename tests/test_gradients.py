"""Value and gradients as one function."""

import numpy as np
import pytest

from matcalc import DeclarationError, derive, gradients
from matcalc.evaluation import compiled

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
