"""Networks of L layers against backpropagation by hand: `python -m benchmarks.depth [L ...]`.

Prints for each L the symbols of value and gradients, the statements of the emitted function, the seconds (process time,
medians) to derive and to write it, its time over that of the hand-written function, and the same for peak memory.
"""

from __future__ import annotations

import ast
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median

import numpy as np

from matcalc.api import gradients
from matcalc.evaluation import compiled
from matcalc.sweep import size_of

Array = np.ndarray
WIDTH, ROUNDS = 200, 9
DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128, 300)


def network(layers: int) -> tuple[str, list[str]]:
    """The loss of a network of so many layers, and its parameters."""
    inputs = ["x", *(f"h{n}" for n in range(1, layers))]
    lines = [f"h{n} = tanh(W{n} {h} + b{n})" for n, h in enumerate(inputs, 1)]
    return f"1/2 ||y - h{layers}||^2 where {', '.join(lines)}", [f"{p}{n}" for p in "Wb" for n in range(1, layers + 1)]


def by_hand(values: dict[str, Array], layers: int) -> list[Array]:
    """The value and all gradients by backpropagation."""
    hidden = [values["x"]]
    for n in range(1, layers + 1):
        hidden.append(np.tanh(values[f"W{n}"].dot(hidden[-1]) + values[f"b{n}"]))
    error = hidden[-1] - values["y"]
    weights: list[Array] = []
    biases: list[Array] = []
    delta = error
    for n in range(layers, 0, -1):
        delta = delta * (1 - hidden[n] * hidden[n])
        weights.append(delta[:, None] * hidden[n - 1])
        biases.append(delta)
        delta = values[f"W{n}"].T.dot(delta) if n > 1 else delta
    return [0.5 * error.dot(error), *weights[::-1], *biases[::-1]]


def seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median process time of a call."""
    samples = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        samples.append(time.process_time() - start)
    return median(samples)


def peak(call: Callable[[], object]) -> int:
    """The most memory that a call takes on top, in bytes."""
    tracemalloc.start()
    call()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def line(layers: int) -> str:
    """One line of the table."""
    text, names = network(layers)
    g = gradients(text, names)
    source = g.numpy("emitted")
    emitted = compiled(source, "emitted")
    rng = np.random.default_rng(0)
    values = {n: rng.normal(size=(WIDTH,) * len(v.shape.dims)) / np.sqrt(WIDTH) for n, v in g.variables.items()}
    arrays = list(values.values())
    for own, hand in zip(emitted(*arrays), by_hand(values, layers), strict=True):
        np.testing.assert_allclose(own, hand, rtol=1e-9, atol=1e-300)
    statements = sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(source)))
    derive, write = seconds(lambda: gradients(text, names), 3), seconds(lambda: gradients(text, names).numpy(), 3)
    pairs = [(seconds(lambda: emitted(*arrays), 1), seconds(lambda: by_hand(values, layers), 1)) for _ in range(ROUNDS)]
    ratio = median(own / max(hand, 1e-9) for own, hand in pairs)
    memory = peak(lambda: emitted(*arrays)) / peak(lambda: by_hand(values, layers))
    return f"{layers:5d} {size_of(g.swept):8d} {statements:11d} {derive:10.3f} {write - derive:10.3f} {ratio:8.2f} {memory:8.2f}"


def main() -> None:
    """Prints the table."""
    print("    L  symbols  statements     derive      write     time   memory")
    for layers in map(int, sys.argv[1:]) if sys.argv[1:] else DEPTHS:
        print(line(layers), flush=True)


if __name__ == "__main__":
    main()
