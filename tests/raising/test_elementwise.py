"""Products of matrices entry by entry come back as they were, whichever of them stands transposed and whatever their names."""

import itertools

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.raising.driver import Raiser
from matcalc.raising.view import Setting
from matcalc.simplify.factor import factor

N = Dim.of("n")
NAMES = "ABCDKS"
SIZES = {"n": 3}


def same(node: Tensor) -> None:
    """The matrix form of a tensor has its value."""
    point = {name: np.random.default_rng(n).uniform(0.5, 1.5, (3, 3) if name.isupper() else (3,)) for n, name in enumerate((*NAMES, "x", "y"))}
    raised = Raiser({b.var(name, (N, N)): n for n, name in enumerate(NAMES)}, Setting({}, factor)).to_matrix(node)
    np.testing.assert_allclose(np.asarray(evaluate(raised, point, SIZES)).reshape(evaluate_tensor(node, point, SIZES).shape), evaluate_tensor(node, point, SIZES), rtol=1e-12)


@pytest.mark.parametrize("names", list(itertools.permutations("AKS", 2)))
@pytest.mark.parametrize("turns", list(itertools.product((("i", "j"), ("j", "i")), repeat=2)))
def test_two_matrices(names: tuple[str, str], turns: tuple[tuple[str, str], tuple[str, str]]) -> None:
    pairs = [(b.var(name, (N, N)), idx) for name, idx in zip(names, turns, strict=True)]
    x, y = b.var("x", (N,)), b.var("y", (N,))
    for others in ([], [(x, ("i",))], [(x, ("j",)), (y, ("i",))], [(b.var("B", (N, N)), ("j", "k"))], [(b.var("B", (N, N)), ("k", "i"))], [(b.var("B", (N, N)), ("j", "k")), (b.var("C", (N, N)), ("l", "i"))]):
        free = tuple(dict.fromkeys(i for _, idx in (*pairs, *others) for i in idx if i in "kl"))
        for out in ((), ("i",), ("j",), ("i", "j"), ("j", "i"), free, (*free[:1], "i"), ("j", *free[:1])):
            same(b.contract([*pairs, *others], out))
