"""Emitted code against hand-written NumPy, interleaved in one run: `python -m tests.bench [SIZE ...]`.

Prints the time of the hand-written function and the ratio of the emitted one to it, both as the median of rounds of
process time. The hand-written functions check nothing; the emitted ones convert and check their arguments.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from matcalc.api import derive
from matcalc.evaluation import compiled

Array = np.ndarray
ROUNDS, SAMPLE = 15, 0.003


def layer(y: Array, A: Array, x: Array, b: Array) -> Array:
    """1/2 ||y - tanh(A x + b)||^2 by A."""
    h = np.tanh(A.dot(x) + b)
    return ((h - y) * (1 - h * h))[:, None] * x


def logistic(y: Array, X: Array, w: Array) -> Array:
    """sum(log(1 + exp(-y .* (X w)))) by w, twice."""
    s = 1 / (1 + np.exp(-y * X.dot(w)))
    return X.T.dot((y * y * s * (1 - s))[:, None] * X)


def gaussian(v: Array, X: Array) -> Array:
    """v^T X^-1 v + logdet(X) by X, posdef."""
    inverse = np.linalg.inv(X)
    u = inverse.dot(v)
    return inverse - u[:, None] * u


def jacobian(A: Array, x: Array) -> Array:
    """A x by A."""
    m, n = A.shape
    out = np.zeros((m, m, n))
    out.reshape(m * m, n)[:: m + 1] = x
    return out


def softmax(x: Array) -> Array:
    """softmax(x) by x."""
    e = np.exp(x - x.max())
    p = e / e.sum()
    out = p[:, None] * -p
    out.flat[:: len(p) + 1] += p
    return out


CASES: list[tuple[str, str, int, dict[str, str], Callable[..., Array]]] = [
    ("x^T A x", "x", 1, {}, lambda x, A: A.dot(x) + x.dot(A)),
    ("||y - A x||^2", "x", 1, {}, lambda y, A, x: 2 * A.T.dot(A.dot(x) - y)),
    ("1/2 ||y - tanh(A x + b)||^2", "A", 1, {}, layer),
    ("sum(log(1 + exp(-y .* (X w))))", "w", 2, {}, logistic),
    ("v^T X^-1 v + logdet(X)", "X", 1, {"v": "R^n", "X": "R^{n x n} posdef"}, gaussian),
    ("A x", "A", 1, {}, jacobian),
    ("softmax(x)", "x", 1, {}, softmax),
    ("||T - U V^T||^2", "U", 1, {}, lambda T, U, V: 2 * (U.dot(V.T) - T).dot(V)),
    ("sum_{n=1}^N (y_n - w^T x_n)^2", "w", 1, {}, lambda y, w, x: 2 * x.T.dot(x.dot(w) - y)),
]


def seconds(function: Callable[..., Array], arguments: list[Array], repeats: int) -> float:
    """Process time of one call."""
    start = time.process_time()
    for _ in range(repeats):
        function(*arguments)
    return (time.process_time() - start) / repeats


def compare(size: int, text: str, wrt: str, order: int, declare: dict[str, str], hand: Callable[..., Array]) -> str:
    """One line of the table."""
    d = derive(text, wrt, order, declare)
    emitted = compiled(d.numpy("emitted"), "emitted")
    rng = np.random.default_rng(0)
    names = sorted({n for v in d.variables.values() for dim in (*v.shape.dims, *v.data) for n in getattr(dim, "names", ())})
    lengths = {n: size + 2 * k for k, n in enumerate(names)}
    arguments = []
    for variable in d.variables.values():
        shape = tuple(dim.evaluate(lengths) for dim in variable.shape.dims)
        shape = (variable.data[3].evaluate(lengths), *shape) if variable.head == "item" else shape
        array = rng.standard_normal(shape) / np.sqrt(size)
        arguments.append(array @ array.T + np.eye(size) if "posdef" in d.space(variable.name) else array)
    np.testing.assert_allclose(emitted(*arguments), hand(*arguments), rtol=1e-8, atol=1e-10)
    repeats = max(1, int(SAMPLE / max(seconds(hand, arguments, 3), 1e-7)))
    pairs = [(seconds(hand, arguments, repeats), seconds(emitted, arguments, repeats)) for _ in range(ROUNDS)]
    own = median(h for h, _ in pairs)
    return f"{size:5d}  {1e6 * own:10.1f} us  {median(e / h for h, e in pairs):6.2f}  {text} by {wrt}"


def main() -> None:
    """Prints the table for each size."""
    print(" size        hand   ratio  formula")
    for size in [int(word) for word in sys.argv[1:]] or [10, 100, 500]:
        for case in CASES:
            if size <= 200 or case[0] != "A x":
                print(compare(size, *case))


if __name__ == "__main__":
    main()
