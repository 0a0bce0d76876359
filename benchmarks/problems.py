"""The problems: formula, what to return, the letters of the sizes, and arguments at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray
Point = dict[str, Array]
SIZES = ("small", "medium", "large")


@dataclass(frozen=True)
class Problem:
    """One task of the benchmark.

    Attributes:
        key: the problem and what is asked for, as in "P3.hess".
        kind: "gradient", or "hessian" for everything with more axes than the variable.
        formula: the function.
        wrt: what it is differentiated by.
        outputs: which of "value", "gradient" and "hessian" (for a Jacobian, "gradient") are returned.
        declare: spaces of the variables.
        letters: the names of the sizes, apart by spaces.
        sizes: what they are at each of the three sizes.
        positive: matrices that are drawn positive definite.
        signs: variables whose entries are 1 or -1.
    """

    key: str
    kind: str
    formula: str
    wrt: Sequence[str]
    outputs: tuple[str, ...]
    declare: dict[str, str]
    letters: str
    sizes: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    positive: tuple[str, ...] = ()
    signs: tuple[str, ...] = field(default=())

    def lengths(self, size: str) -> dict[str, int]:
        """The length of each named dimension."""
        return dict(zip(self.letters.split(), self.sizes[SIZES.index(size)], strict=True))

    def point(self, size: str, variables: dict[str, tuple[str, ...]]) -> Point:
        """Arguments by name: entries of order one, products with them too."""
        rng = np.random.default_rng(0)
        lengths = self.lengths(size)
        return {name: self.draw(name, [lengths[d] for d in dims], rng) for name, dims in variables.items()}

    def draw(self, name: str, shape: list[int], rng: np.random.Generator) -> Array:
        """One argument."""
        if name in self.signs:
            return rng.choice((-1.0, 1.0), size=shape)
        array = rng.standard_normal(shape)
        if len(shape) == 2:
            array /= np.sqrt(shape[-1])
        if len(shape) == 2 and shape[0] == shape[1] and (name in self.positive or name == "X"):
            array = array.dot(array.T) + np.eye(shape[0]) if name in self.positive else array + 2 * np.eye(shape[0])
        return array


LEAST = {"X": "R^{N x d}", "beta": "R^d", "Y": "R^N"}
LOGISTIC = {"X": "R^{N x d}", "w": "R^d", "y": "R^N"}
LAYER = {"A": "R^{m x n}", "x": "R^n", "b": "R^m"}
FACTORS = {"T": "R^{m x n}", "U": "R^{m x k}", "V": "R^{n x k}"}
DATA = ((20, 10), (300, 100), (3000, 1000))
LOSS = "sum(log(1 + exp(-y .* (X w))))"
CLASS = "logsumexp(X w)"
NORMAL = "1/2 N logdet(Sigma) + 1/2 sum_{n=1}^N (x_n - mu)^T Sigma^-1 (x_n - mu)"
EVIDENCE = "logdet(X) + v^T X^-1 v"
MLP2 = "1/2 ||Y - tanh(X W1 + ones(N) b1^T) W2 - ones(N) b2^T||^2"
MLP4 = (
    "1/2 ||Y - Z3 W4 - ones(N) b4^T||^2 where Z1 = tanh(X W1 + ones(N) b1^T), "
    "Z2 = tanh(Z1 W2 + ones(N) b2^T), Z3 = tanh(Z2 W3 + ones(N) b3^T)"
)
WEIGHTS2 = {"X": "R^{N x p}", "W1": "R^{p x h}", "b1": "R^h", "W2": "R^{h x c}", "b2": "R^c", "Y": "R^{N x c}"}
WEIGHTS4 = {
    "X": "R^{N x p}", "W1": "R^{p x h}", "b1": "R^h", "W2": "R^{h x h}", "b2": "R^h", "W3": "R^{h x h}", "b3": "R^h",
    "W4": "R^{h x c}", "b4": "R^c", "Y": "R^{N x c}",
}
NETWORK = ((10, 10, 10, 3), (128, 100, 100, 10), (1000, 1000, 1000, 100))
LAYERED = "1/2 ||y - tanh(A x)||^2"

GRADIENT, HESSIAN, ALL = ("gradient",), ("hessian",), ("value", "gradient", "hessian")
PROBLEMS = [
    Problem("P1.grad", "gradient", "x^T A x", ["x"], GRADIENT, {}, "n", ((10,), (300,), (3000,))),
    Problem("P2.grad", "gradient", "||X beta - Y||^2", ["beta"], GRADIENT, LEAST, "N d", DATA),
    Problem("P2.hess", "hessian", "||X beta - Y||^2", ["beta"], HESSIAN, LEAST, "N d", DATA),
    Problem("P3.grad", "gradient", LOSS, ["w"], GRADIENT, LOGISTIC, "N d", DATA, signs=("y",)),
    Problem("P3.hess", "hessian", LOSS, ["w"], HESSIAN, LOGISTIC, "N d", DATA, signs=("y",)),
    Problem("P3.all", "hessian", LOSS, ["w"], ALL, LOGISTIC, "N d", DATA, signs=("y",)),
    Problem("P4.grad", "gradient", "1/2 ||y - tanh(W x + b)||^2", ["W"], GRADIENT,
            {"W": "R^{m x n}", "x": "R^n", "b": "R^m", "y": "R^m"}, "m n", ((12, 10), (300, 200), (2000, 1000))),
    Problem("P5.jx", "hessian", "tanh(A x + b)", ["x"], GRADIENT, LAYER, "m n", ((10, 10), (200, 200), (2000, 2000))),
    Problem("P5.jb", "hessian", "tanh(A x + b)", ["b"], GRADIENT, LAYER, "m n", ((10, 10), (200, 200), (2000, 2000))),
    Problem("P5.jA", "hessian", "tanh(A x + b)", ["A"], GRADIENT, LAYER, "m n", ((10, 10), (100, 100), (300, 300))),
    Problem("P6.mlp2", "gradient", MLP2, ["W1", "b1", "W2", "b2"], ("value", "gradient"), WEIGHTS2, "N p h c", NETWORK),
    Problem("P6.mlp4", "gradient", MLP4, ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"], ("value", "gradient"),
            WEIGHTS4, "N p h c", NETWORK),
    Problem("P7.vgrad", "gradient", NORMAL, ["mu", "Sigma"], ("value", "gradient"),
            {"x_n": "R^d", "mu": "R^d", "Sigma": "R^{d x d} posdef"}, "N d", ((20, 10), (1000, 100), (3000, 1000)),
            positive=("Sigma",)),
    Problem("P8.gen", "gradient", EVIDENCE, ["X"], GRADIENT, {"X": "R^{n x n}", "v": "R^n"}, "n",
            ((10,), (200,), (1500,))),
    Problem("P8.spd", "gradient", EVIDENCE, ["X"], GRADIENT, {"X": "R^{n x n} posdef", "v": "R^n"}, "n",
            ((10,), (200,), (1500,)), positive=("X",)),
    Problem("P9.grad", "gradient", "||T - U V^T||^2", ["U", "V"], GRADIENT, FACTORS, "m n k",
            ((10, 10, 3), (300, 200, 20), (3000, 2000, 50))),
    Problem("P9.hessU", "hessian", "||T - U V^T||^2", ["U"], HESSIAN, FACTORS, "m n k",
            ((10, 10, 3), (100, 100, 10), (200, 200, 20))),
    Problem("P10.hx", "hessian", LAYERED, ["x"], HESSIAN, {"A": "R^{m x n}", "x": "R^n", "y": "R^m"}, "m n",
            ((10, 10), (300, 100), (3000, 1000))),
    Problem("P10.hA", "hessian", LAYERED, ["A"], HESSIAN, {"A": "R^{m x n}", "x": "R^n", "y": "R^m"}, "m n",
            ((10, 10), (40, 40), (60, 60))),
    Problem("P11.grad", "gradient", CLASS, ["w"], GRADIENT, LOGISTIC, "N d", DATA),
    Problem("P11.hess", "hessian", CLASS, ["w"], HESSIAN, LOGISTIC, "N d", DATA),
    Problem("P11.all", "hessian", CLASS, ["w"], ALL, LOGISTIC, "N d", DATA),
    Problem("P12.jac", "hessian", "X^-1", ["X"], GRADIENT, {"X": "R^{n x n}"}, "n", ((10,), (30,), (60,))),
]

Function = Callable[..., object]
