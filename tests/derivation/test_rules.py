"""What a derivation says of entries: each formula is of the operation under whose head it stands, and holds."""

import re

import numpy as np
import pytest

from matcalc.check.components import evaluate_along
from matcalc.check.evaluate import evaluate
from matcalc.core.traversal import postorder
from matcalc.derivation.rules import COMPONENTS
from matcalc.expr.nodes import HEADS
from matcalc.syntax.elaborate import elaborate
from matcalc.syntax.index_elaborate import elaborate_index

SPACES = {"A": "R^{n x n}", "B": "R^{m x p}", "u": "R^n", "v": "R^n", "x": "R^n", "p": "R"}
SIZES = {"m": 2, "n": 3, "p": 5}
POINT = {"A": np.arange(1.0, 10.0).reshape(3, 3), "B": np.arange(2.0, 12.0).reshape(2, 5), "u": np.array([1.0, 2.0, 4.0]), "v": np.array([0.5, 3.0, 0.25]),
         "x": np.array([2.0, 5.0, 7.0]), "p": np.array(3.0)}


def sides(head: str) -> tuple[str, str, str]:
    """The operation, the indices of an entry, and the entry; tanh for the function `f`, which stands for any."""
    left, right = re.sub(r"\bf\(", "tanh(", COMPONENTS[head]).split(" = ", 1)
    found = re.fullmatch(r"(.*?)(?:_([a-z]{1,2}))?", left)
    assert found is not None
    operation = re.sub(r"^\((.*)\)$", r"\1", found[1])
    return {"I": "I_n"}.get(operation, operation), found[2] or "", right


def spaces(text: str) -> dict[str, str]:
    """The declarations of the names in a formula."""
    return {name: space for name, space in SPACES.items() if re.search(rf"(?<![A-Za-z]){name}(?![a-z(])", text)}


@pytest.mark.parametrize("head", COMPONENTS)
def test_formula_is_of_its_head(head: str) -> None:
    operation, _, _ = sides(head)
    heads = {node.head for node in postorder(elaborate(operation, spaces(operation)).expr)}
    assert head in HEADS and head in heads
    assert heads & set(COMPONENTS) <= {head, "power"} if head == "norm" else heads & set(COMPONENTS) == {head}


@pytest.mark.parametrize("head", [head for head in COMPONENTS if head not in ("kron", "vec")])
def test_formula_holds(head: str) -> None:
    operation, letters, entry = sides(head)
    value = np.asarray(evaluate(elaborate(operation, spaces(operation)).expr, POINT, SIZES))
    found = evaluate_along(elaborate_index(entry, spaces(entry)), POINT, SIZES, list(letters), value.shape)
    np.testing.assert_allclose(found, value, rtol=1e-14)


def test_stacked_formulas_hold() -> None:
    A, B = POINT["A"], POINT["B"]
    assert COMPONENTS["kron"] == "kron(A, B)_rc = A_ij B_kl" and COMPONENTS["vec"] == "vec(A)_k = A_ij, k = i + m (j - 1)"
    whole = np.asarray(evaluate(elaborate("kron(A, B)", spaces("A B")).expr, POINT, SIZES))
    stacked = np.asarray(evaluate(elaborate("vec(B)", spaces("B")).expr, POINT, SIZES))
    for i, j, k, q in np.ndindex(3, 3, 2, 5):
        assert whole[k + 2 * i, q + 5 * j] == A[i, j] * B[k, q]
        assert stacked[k + 2 * q] == B[k, q]
