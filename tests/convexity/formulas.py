"""Random scalar formulas of x, many of them convex or concave, with kinks, edges of domains and unknown signs between."""

from __future__ import annotations

import random
import re

SPACES = {
    "A": "R^{m x n}", "B": "R^{m x n} nonnegative", "y": "R^n", "b": "R^m", "c": "R^n", "w": "R^n positive",
    "P": "R^{n x n} posdef", "S": "R^{n x n} symmetric", "Q": "R^{n x n} orthogonal", "W": "R^{n x n} psd",
    "D": "R^{n x n} diagonal nonnegative", "s": "R positive", "t": "R",
}
VECTORS = (
    "x", "A x", "A x - b", "x - y", "B x", "x .* w", "P x", "abs(x)", "exp(x)", "relu(A x)", "x + c", "-x", "2 x", "sigmoid(x)",
    "x.^2", "sqrt(x)", "log(x)", "softplus(A x)", "cosh(x)", "1 ./ x", "x.^3", "max(x, y)", "softmax(x)", "min(x, w)", "Q x",
    "P^-1 x", "tanh(x)", "D x", "sinh(x)", "x ./ w", "1 - x", "w - x",
)
FUNCTIONS = ("exp", "log", "sqrt", "softplus", "relu", "abs", "cosh", "sinh", "tanh", "sigmoid", "sin", "atan", "asin")
FORMS = (
    "x^T P x", "x^T S x", "x^T A^T A x", "x^T (P + A^T A)^-1 x", "x^T D x", "x^T W x", "(x - y)^T P^-1 (x - y)",
    "x^T (P .* (A^T A)) x", "x^T P^2 x", "x^T S^2 x", "x^T (P - I) x", "x^T expm(S) x", "c^T x", "(c^T x)^2", "(c^T x)(y^T x)",
    "(c^T x)^3", "exp(c^T x)", "1/(1 + x^T x)", "c^T x + t", "(w^T abs(x))^2", "log(1 + x^T x)", "x^T x/(c^T c)", "sum(x)^2",
    "x^T log(x)", "-sum(log(w - x))", "sum(w .* exp(-x))", "sum(1 ./ x)", "sum(x .* exp(x))", "sum(x.^2 .* log(x))",
)


def vector(draw: random.Random, depth: int) -> str:
    """A vector in x."""
    kind = draw.random()
    if depth <= 0 or kind < 0.4:
        return draw.choice(VECTORS)
    if kind < 0.65:
        return f"{draw.choice(FUNCTIONS)}({vector(draw, depth - 1)})"
    if kind < 0.8:
        return f"({vector(draw, depth - 1)}).^{draw.choice(('2', '3', '4', '(1/2)', '(3/2)', '-1', '-2'))}"
    return f"({draw.choice((*VECTORS, 'w'))}) .* ({vector(draw, depth - 1)})"


def scalar(draw: random.Random, depth: int) -> str:
    """A scalar in x."""
    kind = draw.random() * (1.0 if depth > 0 else 0.6)
    inner = vector(draw, depth)
    if kind < 0.4:
        return draw.choice(("||{}||^2", "||{}||", "||{}||^3", "||{}||_1", "sum({})", "logsumexp({})")).format(inner)
    if kind < 0.6:
        return draw.choice(FORMS)
    first, second = scalar(draw, depth - 1), scalar(draw, depth - 1)
    if kind < 0.75:
        return f"{first} {draw.choice('+-')} {draw.choice(('', 's ', '2 ', 't ', '1/3 '))}({second})"
    if kind < 0.85:
        return f"{draw.choice(FUNCTIONS)}({first})"
    if kind < 0.92:
        return f"({first})^{draw.choice(('2', '3', '1/2', '4', '-1', '3/2'))}"
    return f"({first}) ({second})" if kind < 0.96 else f"max({first}, {second})"


def formula(seed: int) -> tuple[str, dict[str, str]]:
    """A formula and the spaces of its variables."""
    draw = random.Random(seed)
    text = f"{scalar(draw, draw.choice((1, 2, 2)))} + 0 sum(x)"
    words = set(re.findall(r"[A-Za-z]\w*", text))
    space = draw.choice(("R^n", "R^n", "R^n positive", "R^n nonnegative"))
    return text, {**{name: s for name, s in SPACES.items() if name in words}, "x": space}
