"""The best NumPy that we can write by hand for each problem, as variants of which the fastest at a size counts.

No variant checks its arguments. The results are in the order in which the problem lists them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Variants = dict[str, Callable[..., object]]
HAND: dict[str, Variants] = {}
"""Functions by problem; the names of their parameters are those of the variables."""


def by_hand(key: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Enters a function under a problem."""

    def enter(function: Callable[..., object]) -> Callable[..., object]:
        HAND.setdefault(key, {})[function.__name__] = function
        return function

    return enter


# ---------------------------------------------------------------- products of matrices and vectors
@by_hand("P1.grad")
def two_products(x: Array, A: Array) -> Array:
    return A.dot(x) + x.dot(A)


@by_hand("P2.grad")
def residual(X: Array, beta: Array, Y: Array) -> Array:
    r = X.dot(beta)
    r -= Y
    r *= 2.0
    return r.dot(X)


@by_hand("P2.grad")
def scaled_last(X: Array, beta: Array, Y: Array) -> Array:
    return 2.0 * (X.dot(beta) - Y).dot(X)


@by_hand("P2.hess")
def syrk(X: Array) -> Array:
    H = X.T.dot(X)
    H *= 2.0
    return H


@by_hand("P2.hess")
def gemm(X: Array) -> Array:
    return (2.0 * X.T).dot(X)


# ---------------------------------------------------------------- logistic regression
@by_hand("P3.grad")
def reciprocal(X: Array, w: Array, y: Array) -> Array:
    e = X.dot(w)
    e *= y
    np.exp(e, out=e)
    e += 1.0
    return (-y / e).dot(X)


@by_hand("P3.grad")
def plain(X: Array, w: Array, y: Array) -> Array:
    return -(y / (1.0 + np.exp(y * X.dot(w)))).dot(X)


@by_hand("P3.hess")
def weights_gemm(X: Array, w: Array, y: Array) -> Array:
    s = 1.0 / (1.0 + np.exp(y * X.dot(w)))
    return (X.T * (y * y * s * (1.0 - s))).dot(X)


@by_hand("P3.hess")
def weights_syrk(X: Array, w: Array, y: Array) -> Array:
    s = 1.0 / (1.0 + np.exp(y * X.dot(w)))
    B = (y * np.sqrt(s * (1.0 - s)))[:, None] * X
    return B.T.dot(B)


@by_hand("P3.all")
def all_gemm(X: Array, w: Array, y: Array) -> tuple[object, ...]:
    z = y * X.dot(w)
    e = np.exp(-np.abs(z))
    value = (np.log1p(e) - np.minimum(z, 0.0)).sum()
    s = 1.0 / (1.0 + np.exp(z))
    ys = y * s
    return value, -ys.dot(X), (X.T * (y * ys * (1.0 - s))).dot(X)


@by_hand("P3.all")
def all_syrk(X: Array, w: Array, y: Array) -> tuple[object, ...]:
    z = y * X.dot(w)
    e = np.exp(-np.abs(z))
    value = (np.log1p(e) - np.minimum(z, 0.0)).sum()
    s = 1.0 / (1.0 + np.exp(z))
    B = (y * np.sqrt(s * (1.0 - s)))[:, None] * X
    return value, -(y * s).dot(X), B.T.dot(B)


# ---------------------------------------------------------------- a layer
@by_hand("P4.grad")
def outer_gemm(W: Array, x: Array, b: Array, y: Array) -> Array:
    h = W.dot(x)
    h += b
    np.tanh(h, out=h)
    return ((h - y) * (1.0 - h * h))[:, None].dot(x[None, :])


@by_hand("P4.grad")
def outer_broadcast(W: Array, x: Array, b: Array, y: Array) -> Array:
    h = np.tanh(W.dot(x) + b)
    return ((h - y) * (1.0 - h * h))[:, None] * x


@by_hand("P4.grad")
def outer_einsum(W: Array, x: Array, b: Array, y: Array) -> Array:
    h = np.tanh(W.dot(x) + b)
    return np.einsum("i,j->ij", (h - y) * (1.0 - h * h), x)


def slope(A: Array, x: Array, b: Array) -> Array:
    """1 - tanh(A x + b)^2"""
    h = A.dot(x)
    h += b
    np.tanh(h, out=h)
    h *= h
    return np.subtract(1.0, h, out=h)


@by_hand("P5.jx")
def rows_scaled(A: Array, x: Array, b: Array) -> Array:
    return slope(A, x, b)[:, None] * A


@by_hand("P5.jb")
def strided_diagonal(A: Array, x: Array, b: Array) -> Array:
    h = np.tanh(A.dot(x) + b)
    m = len(h)
    J = np.zeros((m, m))
    J.reshape(-1)[:: m + 1] = 1.0 - h * h
    return J


@by_hand("P5.jA")
def strided(A: Array, x: Array, b: Array) -> Array:
    h = np.tanh(A.dot(x) + b)
    m, n = A.shape
    J = np.zeros((m, m, n))
    J.reshape(m * m, n)[:: m + 1] = (1.0 - h * h)[:, None] * x
    return J


# ---------------------------------------------------------------- networks
@by_hand("P6.mlp2")
def backpropagation2(X: Array, W1: Array, b1: Array, W2: Array, b2: Array, Y: Array) -> tuple[object, ...]:
    H = X.dot(W1)
    H += b1
    np.tanh(H, out=H)
    R = H.dot(W2)
    R += b2
    R -= Y
    G = R.dot(W2.T)
    r = R.reshape(-1)
    gW2 = H.T.dot(R)
    np.multiply(H, H, out=H)
    np.subtract(1.0, H, out=H)
    G *= H
    return 0.5 * r.dot(r), X.T.dot(G), np.add.reduce(G), gW2, np.add.reduce(R)


@by_hand("P6.mlp4")
def backpropagation4(X: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array, W4: Array, b4: Array,
                     Y: Array) -> tuple[object, ...]:
    activations = [X]
    for W, b in ((W1, b1), (W2, b2), (W3, b3)):
        H = activations[-1].dot(W)
        H += b
        np.tanh(H, out=H)
        activations.append(H)
    G = activations[-1].dot(W4)
    G += b4
    G -= Y
    r = G.reshape(-1)
    value = 0.5 * r.dot(r)
    gradients: list[Array] = []
    for H, W in zip(activations[:0:-1], (W4, W3, W2), strict=True):
        gradients += [np.add.reduce(G), H.T.dot(G)]
        G = G.dot(W.T)
        np.multiply(H, H, out=H)
        np.subtract(1.0, H, out=H)
        G *= H
    gradients += [np.add.reduce(G), X.T.dot(G)]
    return value, *reversed(gradients)


# ---------------------------------------------------------------- determinants and inverses
@by_hand("P7.vgrad")
def scatter(x: Array, mu: Array, Sigma: Array) -> tuple[object, ...]:
    N = len(x)
    r = x - mu
    S = r.T.dot(r)
    P = np.linalg.inv(Sigma)
    G = P.dot(S).dot(P)
    value = 0.5 * (N * np.linalg.slogdet(Sigma)[1] + P.reshape(-1).dot(S.reshape(-1)))
    G -= N * P
    G *= -0.5
    return value, -P.dot(np.add.reduce(r)), G


@by_hand("P7.vgrad")
def scatter_cholesky(x: Array, mu: Array, Sigma: Array) -> tuple[object, ...]:
    N = len(x)
    r = x - mu
    S = r.T.dot(r)
    P = np.linalg.inv(Sigma)
    logdet = 2.0 * np.log(np.linalg.cholesky(Sigma).diagonal()).sum()
    G = P.dot(S).dot(P)
    value = 0.5 * (N * logdet + P.reshape(-1).dot(S.reshape(-1)))
    G -= N * P
    G *= -0.5
    return value, -P.dot(np.add.reduce(r)), G


@by_hand("P8.gen")
def one_inverse(X: Array, v: Array) -> Array:
    P = np.linalg.inv(X).T
    return P - P.dot(v)[:, None].dot(v.dot(P)[None, :])


@by_hand("P8.gen")
def in_place(X: Array, v: Array) -> Array:
    P = np.linalg.inv(X)
    a, b = P.dot(v), v.dot(P)
    P -= a[:, None] * b
    return P.T


@by_hand("P8.spd")
def one_inverse_symmetric(X: Array, v: Array) -> Array:
    P = np.linalg.inv(X)
    a = P.dot(v)
    P -= a[:, None] * a
    return P


@by_hand("P12.jac")
def one_pass(X: Array) -> Array:
    P = np.linalg.inv(X)
    n = len(P)
    return (-P)[:, None, :, None] * np.ascontiguousarray(P.T)[None, :, None, :].reshape(1, n, 1, n)


# ---------------------------------------------------------------- factorisation
@by_hand("P9.grad")
def reassociated(T: Array, U: Array, V: Array) -> tuple[object, ...]:
    gU = U.dot(V.T.dot(V))
    gU -= T.dot(V)
    gU *= 2.0
    gV = V.dot(U.T.dot(U))
    gV -= T.T.dot(U)
    gV *= 2.0
    return gU, gV


@by_hand("P9.grad")
def through_residual(T: Array, U: Array, V: Array) -> tuple[object, ...]:
    R = U.dot(V.T)
    R -= T
    R *= 2.0
    return R.dot(V), R.T.dot(U)


@by_hand("P9.hessU")
def diagonal_blocks(U: Array, V: Array) -> Array:
    m, k = U.shape
    H = np.zeros((m, k, m, k))
    np.einsum("ijik->ijk", H)[...] = (2.0 * V.T).dot(V)
    return H


# ---------------------------------------------------------------- Hessians of a layer
def curvature(A: Array, x: Array, y: Array) -> Array:
    """The second derivative of 1/2 (y - tanh z)^2 by z."""
    h = np.tanh(A.dot(x))
    d = 1.0 - h * h
    return d * (d - 2.0 * h * (h - y))


@by_hand("P10.hx")
def any_sign_gemm(A: Array, x: Array, y: Array) -> Array:
    return (A.T * curvature(A, x, y)).dot(A)


@by_hand("P10.hx")
def split_syrk(A: Array, x: Array, y: Array) -> Array:
    c = curvature(A, x, y)
    root = np.sqrt(np.abs(c))
    up = np.flatnonzero(c > 0)
    down = np.flatnonzero(c < 0)
    P = A[up] * root[up, None]
    M = A[down] * root[down, None]
    H = P.T.dot(P)
    H -= M.T.dot(M)
    return H


@by_hand("P10.hA")
def outer_blocks(A: Array, x: Array, y: Array) -> Array:
    m, n = A.shape
    H = np.zeros((m, n, m, n))
    np.einsum("ijik->ijk", H)[...] = curvature(A, x, y)[:, None, None] * (x[:, None] * x)
    return H


# ---------------------------------------------------------------- softmax
def shares(z: Array) -> tuple[object, Array]:
    """logsumexp and softmax."""
    top = z.max()
    z -= top
    np.exp(z, out=z)
    total = np.add.reduce(z)
    z /= total
    return top + np.log(total), z


@by_hand("P11.grad")
def weights_of_rows(X: Array, w: Array) -> Array:
    return shares(X.dot(w))[1].dot(X)


@by_hand("P11.grad")
def divided_last(X: Array, w: Array) -> Array:
    z = X.dot(w)
    z -= z.max()
    e = np.exp(z)
    return e.dot(X) / e.sum()


@by_hand("P11.hess")
def moments_gemm(X: Array, w: Array) -> Array:
    p = shares(X.dot(w))[1]
    g = p.dot(X)
    H = (X.T * p).dot(X)
    H -= g[:, None].dot(g[None, :])
    return H


@by_hand("P11.hess")
def moments_syrk(X: Array, w: Array) -> Array:
    p = shares(X.dot(w))[1]
    g = p.dot(X)
    B = np.sqrt(p)[:, None] * X
    H = B.T.dot(B)
    H -= g[:, None] * g
    return H


@by_hand("P11.all")
def all_moments_gemm(X: Array, w: Array) -> tuple[object, ...]:
    value, p = shares(X.dot(w))
    g = p.dot(X)
    H = (X.T * p).dot(X)
    H -= g[:, None].dot(g[None, :])
    return value, g, H


@by_hand("P11.all")
def all_moments_syrk(X: Array, w: Array) -> tuple[object, ...]:
    value, p = shares(X.dot(w))
    g = p.dot(X)
    B = np.sqrt(p)[:, None] * X
    H = B.T.dot(B)
    H -= g[:, None] * g
    return value, g, H
