# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""Losses of models by their weights: value, gradient and Hessian from shared parts, and products with the Hessian."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['least_squares', 'ridge', 'logistic', 'logistic_hvp', 'poisson', 'softmax_regression', 'gaussian_covariance', 'gaussian_process_evidence']


def _array(value, name, space, ndim):
    """The argument as an array of floats with the right number of axes."""
    array = np.asarray(value)
    if array.dtype.char != 'd':
        if array.dtype.kind not in 'fiub':
            raise TypeError(f'{name} must hold real numbers, not {array.dtype}')
        array = array.astype(np.float64)
    if array.ndim != ndim:
        raise ValueError(f'{name} must be in {space}, not an array of shape {array.shape}')
    return array


def _gram(X, c=1.0):
    """c X^T X; from some 60 columns on NumPy gains by computing one triangle of X.T.dot(X) alone."""
    if X.shape[1] < 60:
        return (c * X.T).dot(X)
    out = X.T.dot(X)
    if c != 1.0:
        out *= c
    return out


def _softplus(z):
    """log(1 + exp(z)), without overflow; one call where calls are what takes the time."""
    if z.size < 64:
        return np.logaddexp(0.0, z)
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)


def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some 60 columns on by one triangle of B.T.dot(B)."""
    if X.shape[1] < 60:
        return (X.T * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)


def _softmax_along(z, axis):
    """exp(z) over its sum along axes, without overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _logsumexp_along(z, axis):
    """log(sum(exp(z))) along axes, without overflow."""
    top = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if u.size * v.size > 1000000:
        return np.einsum('i,j->ij', u, v)
    return u[:, None].dot(v[None, :])


def least_squares(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of 1/2 ||X w - y||^2 by w.

    gradient: (X w - y)^T X
    hessian: X^T X

    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (type(X) is type(w) is type(y) is np.ndarray and X.dtype == w.dtype == y.dtype == float and (X.ndim == 2)):
        X = _array(X, 'X', 'R^{m x n}', 2)
        w = _array(w, 'w', 'R^n', 1)
        y = _array(y, 'y', 'R^m', 1)
    m, n = X.shape
    if w.shape != (n,):
        raise ValueError(f'w must be in R^n, n = {n} as in X, but its shape is {w.shape}')
    if y.shape != (m,):
        raise ValueError(f'y must be in R^m, m = {m} as in X, but its shape is {y.shape}')
    r = X.dot(w) - y
    return (0.5 * r.dot(r), r.dot(X), _gram(X))


def ridge(X: ArrayLike, w: ArrayLike, y: ArrayLike, lambda_: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of 1/2 ||X w - y||^2 + lambda/2 ||w||^2 by w.

    gradient: (X^T (X w - y) + lambda w)^T
    hessian: X^T X + lambda I

    Shapes: X in R^{m x n}, w in R^n, y in R^m, lambda in R
    Returns value (), gradient (n), hessian (n, n).
    """
    lambda_ = _array(lambda_, 'lambda', 'R', 0)
    if not (type(X) is type(w) is type(y) is np.ndarray and X.dtype == w.dtype == y.dtype == float and (X.ndim == 2)):
        X = _array(X, 'X', 'R^{m x n}', 2)
        w = _array(w, 'w', 'R^n', 1)
        y = _array(y, 'y', 'R^m', 1)
    m, n = X.shape
    if w.shape != (n,):
        raise ValueError(f'w must be in R^n, n = {n} as in X, but its shape is {w.shape}')
    if y.shape != (m,):
        raise ValueError(f'y must be in R^m, m = {m} as in X, but its shape is {y.shape}')
    r = X.dot(w) - y
    out = _gram(X)
    out.flat[::n + 1] += lambda_
    return (0.5 * (r.dot(r) + lambda_ * w.dot(w)), lambda_ * w + r.dot(X), out)


def logistic(y: ArrayLike, X: ArrayLike, w: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of sum(softplus(-y .* X w)) by w.

    gradient: -(y .* sigmoid(-y .* X w))^T X
    hessian: X^T diag(y.^2 .* z .* (1 - z)) X where z = sigmoid(y .* X w)

    Shapes: y in R^m, X in R^{m x n}, w in R^n
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (type(y) is type(X) is type(w) is np.ndarray and y.dtype == X.dtype == w.dtype == float and (y.ndim == 1)):
        y = _array(y, 'y', 'R^m', 1)
        X = _array(X, 'X', 'R^{m x n}', 2)
        w = _array(w, 'w', 'R^n', 1)
    m = y.shape[0]
    n = X.shape[1]
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, but its shape is {X.shape}')
    if w.shape != (n,):
        raise ValueError(f'w must be in R^n, n = {n} as in X, but its shape is {w.shape}')
    v = y * X.dot(w)
    s = 1.0 / (1.0 + np.exp(np.minimum(v, 709.0)))
    return (_softplus(-v).sum(), -(y * s).dot(X), _weighted_gram(X, (1.0 - s) * (y ** 2 * s)))


def logistic_hvp(y: ArrayLike, X: ArrayLike, w: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
    """Hvp of sum(softplus(-y .* X w)) by w.

    hvp: X^T (y.^2 .* z .* (1 - z) .* X v) where z = sigmoid(y .* X w)

    Shapes: y in R^m, X in R^{m x n}, w in R^n, v in R^n
    Returns hvp (n).
    """
    if not (type(y) is type(X) is type(w) is type(v) is np.ndarray and y.dtype == X.dtype == w.dtype == v.dtype == float and (y.ndim == 1)):
        y = _array(y, 'y', 'R^m', 1)
        X = _array(X, 'X', 'R^{m x n}', 2)
        w = _array(w, 'w', 'R^n', 1)
        v = _array(v, 'v', 'R^n', 1)
    m = y.shape[0]
    n = X.shape[1]
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, but its shape is {X.shape}')
    if w.shape != (n,):
        raise ValueError(f'w must be in R^n, n = {n} as in X, but its shape is {w.shape}')
    if v.shape != (n,):
        raise ValueError(f'v must be in R^n, n = {n} as in X, but its shape is {v.shape}')
    s = 1.0 / (1.0 + np.exp(np.minimum(y * X.dot(w), 709.0)))
    return (X.dot(v) * ((1.0 - s) * (y ** 2 * s))).dot(X)


def poisson(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of sum(exp(X w)) - y^T X w by w.

    gradient: (exp(X w) - y)^T X
    hessian: X^T diag(exp(X w)) X

    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (type(X) is type(w) is type(y) is np.ndarray and X.dtype == w.dtype == y.dtype == float and (X.ndim == 2)):
        X = _array(X, 'X', 'R^{m x n}', 2)
        w = _array(w, 'w', 'R^n', 1)
        y = _array(y, 'y', 'R^m', 1)
    m, n = X.shape
    if w.shape != (n,):
        raise ValueError(f'w must be in R^n, n = {n} as in X, but its shape is {w.shape}')
    if y.shape != (m,):
        raise ValueError(f'y must be in R^m, m = {m} as in X, but its shape is {y.shape}')
    e = np.exp(X.dot(w))
    return (e.sum() - y.dot(X).dot(w), (e - y).dot(X), _weighted_gram(X, e))


def softmax_regression(W: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of sum_{n=1}^{N} (logsumexp(W x_n) - y_n^T W x_n) by W.

    gradient: sum_{n=1}^{N} (softmax(W x_n) - y_n) x_n^T

    Shapes: W in R^{k x d}, x in R^d, y in R^k
    Returns value (), gradient (k, d).
    """
    if not (type(W) is type(x) is type(y) is np.ndarray and W.dtype == x.dtype == y.dtype == float and (W.ndim == 2)):
        W = _array(W, 'W', 'R^{k x d}', 2)
        x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
        y = _array(y, 'y', 'R^k for each of N along axis 0', 2)
    k, d = W.shape
    N = x.shape[0]
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, d = {d} as in W, but its shape is {x.shape}')
    if y.shape != (N, k):
        raise ValueError(f'y must be in R^k for each of N along axis 0, N = {N} as in x, k = {k} as in W, but its shape is {y.shape}')
    xW = x.dot(W.T)
    return ((_logsumexp_along(xW, 1) - (x * y.dot(W)).sum(1)).sum(), (_softmax_along(xW, 1) - y).T.dot(x))


def gaussian_covariance(Sigma: ArrayLike, x: ArrayLike, mu: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value and derivatives of N/2 logdet(Sigma) + 1/2 sum_{n=1}^{N} (x_n - mu)^T Sigma^-1 (x_n - mu).

    value: N/2 logdet(Sigma) + 1/2 sum_{n=1}^{N} (x_n - mu)^T Sigma^-1 (x_n - mu)
    by mu: sum_{n=1}^{N} (mu - x_n)^T Sigma^-1
    by Sigma: 1/2 (N Sigma^-1 - sum_{n=1}^{N} Sigma^-1 (x_n - mu) (x_n - mu)^T Sigma^-1)

    Shapes: Sigma in R^{d x d}, x in R^d, mu in R^d
    Returns the value, then the derivatives: mu (d,), Sigma (d, d).
    """
    if not (type(Sigma) is type(x) is type(mu) is np.ndarray and Sigma.dtype == x.dtype == mu.dtype == float):
        Sigma = _array(Sigma, 'Sigma', 'R^{d x d}', 2)
        x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
        mu = _array(mu, 'mu', 'R^d', 1)
    d = Sigma.shape[0]
    N = x.shape[0]
    if Sigma.shape != (d, d):
        raise ValueError(f'Sigma must be in R^{{d x d}}, but its shape is {Sigma.shape}')
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, d = {d} as in Sigma, but its shape is {x.shape}')
    if mu.shape != (d,):
        raise ValueError(f'mu must be in R^d, d = {d} as in Sigma, but its shape is {mu.shape}')
    r = mu - x
    t = _gram(r)
    Sigma_inv = np.linalg.inv(Sigma)
    c = 2.0 * np.log(np.linalg.cholesky(Sigma).diagonal()).sum() * N
    return (0.5 * (c + np.vdot(Sigma_inv, t)), Sigma_inv.dot(r.sum(0)), 0.5 * (N * Sigma_inv - Sigma_inv.dot(t.dot(Sigma_inv.T))))


def gaussian_process_evidence(y: ArrayLike, K: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of 1/2 y^T K^-1 y + 1/2 logdet(K) by K.

    gradient: 1/2 (Z - Z y y^T Z) where Z = K^-1

    Shapes: y in R^n, K in R^{n x n}
    Returns value (), gradient (n, n).
    """
    if not (type(y) is type(K) is np.ndarray and y.dtype == K.dtype == float and (y.ndim == 1)):
        y = _array(y, 'y', 'R^n', 1)
        K = _array(K, 'K', 'R^{n x n}', 2)
    n = y.shape[0]
    if K.shape != (n, n):
        raise ValueError(f'K must be in R^{{n x n}}, n = {n} as in y, but its shape is {K.shape}')
    K_inv = np.linalg.inv(K)
    u = K_inv.dot(y)
    K_inv -= _outer(u, u)
    return (0.5 * (y.dot(u) + 2.0 * np.log(np.linalg.cholesky(K).diagonal()).sum()), 0.5 * K_inv)
