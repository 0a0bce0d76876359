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


def _sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _softplus(z):
    """log(1 + exp(z)), without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _softmax(z, axis=None):
    """exp(z) over its sum, without overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _logsumexp(z, axis=None):
    """log(sum(exp(z))), without overflow."""
    top = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


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
    r = X @ w - y
    return (0.5 * (r @ r), X.T @ r, X.T @ X)


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
    r = X @ w - y
    out = X.T @ X
    out.flat[::n + 1] += lambda_
    return (0.5 * (r @ r) + 0.5 * (w @ w) * lambda_, lambda_ * w + X.T @ r, out)


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
    v = y * (X @ w)
    z = -v
    s = _sigmoid(v)
    return (_softplus(z).sum(), -(X.T @ (y * _sigmoid(z))), X.T @ ((y ** 2 * ((1 - s) * s))[:, None] * X))


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
    s = _sigmoid(y * (X @ w))
    return X.T @ (X @ v * (y ** 2 * ((1 - s) * s)))


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
    e = np.exp(X @ w)
    return (e.sum() - X.T @ y @ w, -(X.T @ (y - e)), X.T @ (e[:, None] * X))


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
    xW = x @ W.T
    return (-((x * (y @ W)).sum(axis=1) - _logsumexp(xW, axis=1)).sum(), (_softmax(xW, axis=1) - y).T @ x)


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
    Sigma_inv = np.linalg.inv(Sigma)
    c = 0.5 * 2 * np.log(np.linalg.cholesky(Sigma).diagonal()).sum() * N
    return (0.5 * np.vdot(r, r @ Sigma_inv.T) + c, Sigma_inv @ r.sum(axis=0), 0.5 * N * Sigma_inv - 0.5 * (Sigma_inv @ (r.T @ r) @ Sigma_inv.T))


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
    u = K_inv @ y
    return (0.5 * (y @ u) + 0.5 * 2 * np.log(np.linalg.cholesky(K).diagonal()).sum(), 0.5 * K_inv - (K_inv @ (0.5 * y))[:, None] * u)
