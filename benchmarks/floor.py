"""The kernels that no code can do without, at the shapes of each problem; their results are thrown away."""

from __future__ import annotations

import numpy as np

from benchmarks.hand import Array, Variants


def two_passes(X: Array, w: Array) -> None:
    X.dot(w)
    np.ones(len(X)).dot(X)


def network(X: Array, *weights: Array) -> None:
    """Three products for each layer, less one for the input."""
    layers = [W for W in weights if W.ndim == 2]
    H = X
    for n, W in enumerate(layers):
        Z = H.dot(W)
        H.T.dot(Z)
        if n:
            Z.dot(W.T)
        H = Z


def normal(x: Array, Sigma: Array) -> None:
    S = x.T.dot(x)
    np.linalg.inv(Sigma)
    S.dot(S).dot(S)


def factors(T: Array, U: Array, V: Array) -> None:
    T.dot(V)
    T.T.dot(U)


FLOOR: Variants = {
    "P1.grad": lambda x, A: (A.dot(x), x.dot(A)),
    "P2.grad": lambda X, beta: two_passes(X, beta),
    "P2.hess": lambda X: X.T.dot(X),
    "P3.grad": lambda X, w: two_passes(X, w),
    "P3.hess": lambda X, w: (X.dot(w), X.T.dot(X)),
    "P3.all": lambda X, w: (two_passes(X, w), X.T.dot(X)),
    "P4.grad": lambda W, x, b: (W.dot(x), np.empty_like(W).fill(1.0)),
    "P5.jx": lambda A, x: (A.dot(x), A * 2.0),
    "P5.jb": lambda A, x: (A.dot(x), np.tanh(x)),
    "P5.jA": lambda A, x: (A.dot(x), np.tanh(x)),
    "P6.mlp2": lambda X, W1, W2: network(X, W1, W2),
    "P6.mlp4": lambda X, W1, W2, W3, W4: network(X, W1, W2, W3, W4),
    "P7.vgrad": lambda x, Sigma: normal(x, Sigma),
    "P8.gen": lambda X: np.linalg.inv(X),
    "P8.spd": lambda X: np.linalg.inv(X),
    "P9.grad": factors,
    "P9.hessU": lambda V: V.T.dot(V),
    "P10.hx": lambda A, x: (A.dot(x), A.T.dot(A)),
    "P10.hA": lambda A, x: (A.dot(x), np.tanh(x)),
    "P11.grad": lambda X, w: two_passes(X, w),
    "P11.hess": lambda X, w: (two_passes(X, w), X.T.dot(X)),
    "P11.all": lambda X, w: (two_passes(X, w), X.T.dot(X)),
    "P12.jac": lambda X: np.linalg.inv(X),
}
