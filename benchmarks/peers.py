"""The problems in JAX, PyTorch and autograd, where they are installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.problems import Problem

Build = Callable[[Problem, Sequence[str], dict[str, Any]], dict[str, Callable[[], object]]]


def functions(np: Any, logdet: Callable[[Any], Any], solve: Callable[[Any, Any], Any]) -> dict[str, Callable[..., Any]]:
    """The function of each problem over a library that speaks like NumPy, by the name before the dot."""

    def mlp(X: Any, Y: Any, *layers: Any) -> Any:
        H = X
        for W, b in zip(layers[:-2:2], layers[1:-2:2], strict=True):
            H = np.tanh(H @ W + b)
        return 0.5 * ((Y - H @ layers[-2] - layers[-1]) ** 2).sum()

    def normal(x: Any, mu: Any, Sigma: Any) -> Any:
        r = x - mu
        return 0.5 * len(x) * logdet(Sigma) + 0.5 * (r * solve(Sigma, r.T).T).sum()

    def logsumexp(z: Any) -> Any:
        top = z.max()
        return top + np.log(np.exp(z - top).sum())

    return {
        "P1": lambda x, A: x @ A @ x,
        "P2": lambda X, beta, Y: ((X @ beta - Y) ** 2).sum(),
        "P3": lambda X, w, y: np.logaddexp(0.0 * y, -y * (X @ w)).sum(),
        "P4": lambda W, x, b, y: 0.5 * ((y - np.tanh(W @ x + b)) ** 2).sum(),
        "P5": lambda A, x, b: np.tanh(A @ x + b),
        "P6": lambda X, Y, W1, b1, W2, b2, *rest: mlp(X, Y, W1, b1, W2, b2, *rest),
        "P7": normal,
        "P8": lambda X, v: logdet(X) + v @ solve(X, v),
        "P9": lambda T, U, V: ((T - U @ V.T) ** 2).sum(),
        "P10": lambda A, x, y: 0.5 * ((y - np.tanh(A @ x)) ** 2).sum(),
        "P11": lambda X, w: logsumexp(X @ w),
        "P12": lambda X: np.linalg.inv(X),
    }


ORDER = {
    "P1": "x A", "P2": "X beta Y", "P3": "X w y", "P4": "W x b y", "P5": "A x b", "P7": "x mu Sigma", "P8": "X v",
    "P9": "T U V", "P10": "A x y", "P11": "X w", "P12": "X", "P6.mlp2": "X Y W1 b1 W2 b2",
    "P6.mlp4": "X Y W1 b1 W2 b2 W3 b3 W4 b4",
}
"""The parameters of those functions."""


def jax_calls(problem: Problem, point: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """The jitted function in each order of modes; inputs are on the device, outputs are waited for."""
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    np = jax.numpy
    found = functions(np, lambda A: np.linalg.slogdet(A)[1], np.linalg.solve)
    first = problem.key.split(".")[0]
    names = ORDER.get(problem.key, ORDER.get(first, "")).split()
    f = found[first]
    at = tuple(names.index(n) for n in problem.wrt)
    at_one = at[0] if len(at) == 1 else at
    values = [jax.device_put(point[n]) for n in names]
    if problem.outputs == ("gradient",) and first in ("P5", "P12"):
        ways = {"rev": jax.jacrev(f, at_one), "fwd": jax.jacfwd(f, at_one)}
    elif problem.outputs == ("gradient",):
        ways = {"": jax.grad(f, at_one)}
    elif problem.outputs == ("value", "gradient"):
        ways = {"": jax.value_and_grad(f, at_one)}
    else:
        second = {"": jax.hessian(f, at_one), "rev": jax.jacrev(jax.jacrev(f, at_one), at_one)}
        if problem.outputs == ("hessian",):
            ways = second
        else:
            ways = {k: lambda *a, h=h: (*jax.value_and_grad(f, at_one)(*a), h(*a)) for k, h in second.items()}

    def call(way: Any) -> Callable[[], object]:
        compiled = jax.jit(way)
        return lambda: jax.block_until_ready(compiled(*values))

    return {f"jax {k}".strip(): call(way) for k, way in ways.items()}


def torch_calls(problem: Problem, point: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Eager gradients; Jacobians and Hessians by `torch.func`."""
    torch = import_module("torch")
    torch.set_num_threads(1)
    np = torch
    found = functions(np, torch.logdet if "spd" in problem.key else lambda A: torch.linalg.slogdet(A)[1], torch.linalg.solve)
    first = problem.key.split(".")[0]
    names = ORDER.get(problem.key, ORDER.get(first, "")).split()
    at = tuple(names.index(n) for n in problem.wrt)
    f = found[first]
    values = [torch.tensor(point[n]) for n in names]

    def gradient() -> object:
        leaves = [v.clone().requires_grad_(n in at) for n, v in enumerate(values)]
        value = f(*leaves)
        return value.detach(), *torch.autograd.grad(value, [leaves[n] for n in at])

    if "hessian" not in problem.outputs and first not in ("P5", "P12"):
        return {"torch": gradient}
    at_one = at[0]
    way = torch.func.jacrev(f, at_one) if first in ("P5", "P12") else torch.func.hessian(f, at_one)
    return {"torch": lambda: (gradient(), way(*values)) if "value" in problem.outputs else way(*values)}


def autograd_calls(problem: Problem, point: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """HIPS autograd."""
    autograd, np = import_module("autograd"), import_module("autograd.numpy")
    found = functions(np, lambda A: np.linalg.slogdet(A)[1], np.linalg.solve)
    first = problem.key.split(".")[0]
    names = ORDER.get(problem.key, ORDER.get(first, "")).split()
    at = tuple(names.index(n) for n in problem.wrt)
    values = [point[n] for n in names]
    f = found[first]
    if problem.outputs == ("value", "gradient"):
        by_all = autograd.value_and_grad(lambda picked: f(*(picked[at.index(n)] if n in at else v for n, v in enumerate(values))))
        return {"autograd": lambda: by_all(tuple(values[n] for n in at))}
    ways = {"gradient": autograd.jacobian if first in ("P5", "P12") else autograd.grad, "hessian": autograd.hessian}
    calls = [(lambda *a: f(*a)) if o == "value" else ways[o](f, n) for o in problem.outputs for n in at]
    return {"autograd": lambda: [call(*values) for call in calls]}


CALLS = {"jax": jax_calls, "torch": torch_calls, "autograd": autograd_calls}


def installed() -> list[str]:
    """The libraries that can be imported here."""
    return [name for name in CALLS if importlib.util.find_spec(name) is not None]
