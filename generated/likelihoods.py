# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
# mypy: ignore-errors
# ruff: noqa
"""Losses of models by their weights: value, gradient and Hessian from shared parts, and products with the Hessian."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['least_squares', 'ridge', 'logistic', 'logistic_hvp', 'poisson', 'softmax_regression', 'gaussian_covariance', 'gaussian_process_evidence']

_ndarray, _float64 = (np.ndarray, np.dtype(float))


def _array(value, name, space, ndim):
    """The argument as an array of floats with the right number of axes."""
    array = np.asarray(value)
    if array.dtype is not _float64:
        if array.dtype.kind not in 'fiub':
            raise TypeError(f'{name} must hold real numbers, not {array.dtype}')
        array = array.astype(_float64)
    if array.ndim != ndim:
        raise ValueError(f'{name} must be in {space}, not an array of shape {array.shape}')
    return array


def _like(value):
    """What tells the precision of an argument; a Python number has none."""
    return value if isinstance(value, (int, float)) else np.asarray(value)


def _cast(result, kind):
    """The result in single precision where no argument has more."""
    if kind.char not in 'ef':
        return result
    return tuple(map(kind.type, result)) if isinstance(result, tuple) else kind.type(result)


def _gram(X, c=1.0):
    """c X^T X; from some 60 columns on NumPy gains by computing one triangle of X.T.dot(X) alone."""
    XT = X.T
    if len(XT) < 60:
        return (c * XT).dot(X)
    out = XT.dot(X)
    if c != 1.0:
        out *= c
    return out


def _arguments_of_least_squares(X, w, y):
    """The arguments as arrays of floats, their shapes held against each other."""
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    y = _array(y, 'y', 'R^m', 1)
    n = len(w)
    m = len(y)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (X, w, y)


def _arguments_of_ridge(X, w, y, lambda_):
    """The arguments as arrays of floats, their shapes held against each other."""
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    y = _array(y, 'y', 'R^m', 1)
    lambda_ = float(_array(lambda_, 'lambda', 'R', 0))
    n = len(w)
    m = len(y)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (X, w, y, lambda_)


def _softplus(z):
    """log(1 + exp(z)), without overflow; one call where calls are what takes the time."""
    if z.size < 150:
        return np.logaddexp(0.0, z)
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)


def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some 60 columns on by one triangle of B.T.dot(B)."""
    XT = X.T
    if len(XT) < 60:
        return (XT * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)


def _arguments_of_logistic(y, X, w):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^m', 1)
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    m = len(y)
    n = len(w)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (y, X, w)


def _arguments_of_logistic_hvp(y, X, w, v):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^m', 1)
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    v = _array(v, 'v', 'R^n', 1)
    m = len(y)
    n = len(w)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    if v.shape != (n,):
        raise ValueError(f'v must be in R^n, n = {n} as in w, but its shape is {v.shape}')
    return (y, X, w, v)


def _arguments_of_poisson(X, w, y):
    """The arguments as arrays of floats, their shapes held against each other."""
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    y = _array(y, 'y', 'R^m', 1)
    n = len(w)
    m = len(y)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (X, w, y)


def _softmax_along(z, axis):
    """exp(z) over its sum along axes, without overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _logsumexp_along(z, axis):
    """log(sum(exp(z))) along axes, without overflow."""
    top = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def _arguments_of_softmax_regression(W, x, y):
    """The arguments as arrays of floats, their shapes held against each other."""
    W = _array(W, 'W', 'R^{k x d}', 2)
    x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
    y = _array(y, 'y', 'R^k for each of N along axis 0', 2)
    k = len(W)
    N = len(x)
    d = W.shape[1]
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, d = {d} as in W, but its shape is {x.shape}')
    if y.shape != (N, k):
        raise ValueError(f'y must be in R^k for each of N along axis 0, N = {N} as in x, k = {k} as in W, but its shape is {y.shape}')
    return (W, x, y)


def _arguments_of_gaussian_covariance(Sigma, x, mu):
    """The arguments as arrays of floats, their shapes held against each other."""
    Sigma = _array(Sigma, 'Sigma', 'R^{d x d}', 2)
    x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
    mu = _array(mu, 'mu', 'R^d', 1)
    d = len(mu)
    N = len(x)
    if Sigma.shape != (d, d):
        raise ValueError(f'Sigma must be in R^{{d x d}}, d = {d} as in mu, but its shape is {Sigma.shape}')
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, d = {d} as in mu, but its shape is {x.shape}')
    return (Sigma, x, mu)


def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if len(u) * len(v) > 1000000:
        return np.einsum('i,j->ij', u, v)
    return u[:, None].dot(v[None, :])


def _arguments_of_gaussian_process_evidence(y, K):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^n', 1)
    K = _array(K, 'K', 'R^{n x n}', 2)
    n = len(y)
    if K.shape != (n, n):
        raise ValueError(f'K must be in R^{{n x n}}, n = {n} as in y, but its shape is {K.shape}')
    return (y, K)


def least_squares(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of 1/2 ||X w - y||^2 by w.

    gradient: (X w - y)^T X
    hessian: X^T X

    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (type(X) is type(w) is type(y) is _ndarray and X.dtype is w.dtype is y.dtype is _float64 and (w.ndim == y.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(least_squares(*_arguments_of_least_squares(X, w, y)), np.result_type(_like(X), _like(w), _like(y)))
    r = X.dot(w) - y
    return (0.5 * r.dot(r), r.dot(X), _gram(X))


def ridge(X: ArrayLike, w: ArrayLike, y: ArrayLike, lambda_: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of 1/2 ||X w - y||^2 + lambda/2 ||w||^2 by w.

    gradient: (X^T (X w - y) + lambda w)^T
    hessian: X^T X + lambda I

    Shapes: X in R^{m x n}, w in R^n, y in R^m, lambda in R
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (isinstance(lambda_, float) and type(X) is type(w) is type(y) is _ndarray and (X.dtype is w.dtype is y.dtype is _float64) and (w.ndim == y.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(ridge(*_arguments_of_ridge(X, w, y, lambda_)), np.result_type(_like(X), _like(w), _like(y), _like(lambda_)))
    lambda_ = np.float64(lambda_)
    n = len(w)
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
    if not (type(y) is type(X) is type(w) is _ndarray and y.dtype is X.dtype is w.dtype is _float64 and (y.ndim == w.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(logistic(*_arguments_of_logistic(y, X, w)), np.result_type(_like(y), _like(X), _like(w)))
    v = y * X.dot(w)
    s = 1.0 / (1.0 + np.exp(np.minimum(v, 709.0)))
    return (_softplus(-v).sum(), -(y * s).dot(X), _weighted_gram(X, (1.0 - s) * (y ** 2 * s)))


def logistic_hvp(y: ArrayLike, X: ArrayLike, w: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
    """Hvp of sum(softplus(-y .* X w)) by w.

    hvp: X^T (y.^2 .* z .* (1 - z) .* X v) where z = sigmoid(y .* X w)

    Shapes: y in R^m, X in R^{m x n}, w in R^n, v in R^n
    Returns hvp (n).
    """
    if not (type(y) is type(X) is type(w) is type(v) is _ndarray and y.dtype is X.dtype is w.dtype is v.dtype is _float64 and (y.ndim == w.ndim == v.ndim == 1) and (X.shape == (len(y), len(w))) and (len(v) == len(w))):
        return _cast(logistic_hvp(*_arguments_of_logistic_hvp(y, X, w, v)), np.result_type(_like(y), _like(X), _like(w), _like(v)))
    s = 1.0 / (1.0 + np.exp(np.minimum(y * X.dot(w), 709.0)))
    return (X.dot(v) * ((1.0 - s) * (y ** 2 * s))).dot(X)


def poisson(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of sum(exp(X w)) - y^T X w by w.

    gradient: (exp(X w) - y)^T X
    hessian: X^T diag(exp(X w)) X

    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (type(X) is type(w) is type(y) is _ndarray and X.dtype is w.dtype is y.dtype is _float64 and (w.ndim == y.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(poisson(*_arguments_of_poisson(X, w, y)), np.result_type(_like(X), _like(w), _like(y)))
    e = np.exp(X.dot(w))
    return (e.sum() - y.dot(X).dot(w), (e - y).dot(X), _weighted_gram(X, e))


def softmax_regression(W: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of sum_{n=1}^{N} (logsumexp(W x_n) - y_n^T W x_n) by W.

    gradient: sum_{n=1}^{N} (softmax(W x_n) - y_n) x_n^T

    Shapes: W in R^{k x d}, x in R^d for each of N along axis 0, y in R^k for each of N along axis 0
    Returns value (), gradient (k, d).
    """
    if not (type(W) is type(x) is type(y) is _ndarray and W.dtype is x.dtype is y.dtype is _float64 and (W.ndim == x.ndim == 2) and (x.shape[1] == W.shape[1]) and (y.shape == (len(x), len(W)))):
        return _cast(softmax_regression(*_arguments_of_softmax_regression(W, x, y)), np.result_type(_like(W), _like(x), _like(y)))
    xW = x.dot(W.T)
    return ((_logsumexp_along(xW, 1) - (x * y.dot(W)).sum(1)).sum(), (_softmax_along(xW, 1) - y).T.dot(x))


def gaussian_covariance(Sigma: ArrayLike, x: ArrayLike, mu: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value and derivatives of N/2 logdet(Sigma) + 1/2 sum_{n=1}^{N} (x_n - mu)^T Sigma^-1 (x_n - mu).

    value: N/2 logdet(Sigma) + 1/2 sum_{n=1}^{N} (x_n - mu)^T Sigma^-1 (x_n - mu)
    by mu: sum_{n=1}^{N} (mu - x_n)^T Sigma^-1
    by Sigma: 1/2 (N Sigma^-1 - sum_{n=1}^{N} Sigma^-1 (x_n - mu) (x_n - mu)^T Sigma^-1)

    Shapes: Sigma in R^{d x d}, x in R^d for each of N along axis 0, mu in R^d
    Returns the value, then the derivatives: mu (d,), Sigma (d, d).
    """
    if not (type(Sigma) is type(x) is type(mu) is _ndarray and Sigma.dtype is x.dtype is mu.dtype is _float64 and (mu.ndim == 1) and (x.ndim == 2) and (Sigma.shape == (len(mu), len(mu))) and (x.shape[1] == len(mu))):
        return _cast(gaussian_covariance(*_arguments_of_gaussian_covariance(Sigma, x, mu)), np.result_type(_like(Sigma), _like(x), _like(mu)))
    N = len(x)
    r = mu - x
    t = _gram(r)
    Sigma_inv = np.linalg.inv(Sigma)
    c = 2.0 * np.log(np.linalg.cholesky(Sigma).diagonal()).sum() * N
    r1 = N * Sigma_inv
    r1 -= Sigma_inv.dot(t.dot(Sigma_inv.T))
    r1 *= 0.5
    return (0.5 * (c + np.vdot(Sigma_inv, t)), Sigma_inv.dot(r.sum(0)), r1)


def gaussian_process_evidence(y: ArrayLike, K: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of 1/2 y^T K^-1 y + 1/2 logdet(K) by K.

    gradient: 1/2 (Z - Z y y^T Z) where Z = K^-1

    Shapes: y in R^n, K in R^{n x n}
    Returns value (), gradient (n, n).
    """
    if not (type(y) is type(K) is _ndarray and y.dtype is K.dtype is _float64 and (y.ndim == 1) and (K.shape == (len(y), len(y)))):
        return _cast(gaussian_process_evidence(*_arguments_of_gaussian_process_evidence(y, K)), np.result_type(_like(y), _like(K)))
    K_inv = np.linalg.inv(K)
    u = K_inv.dot(y)
    K_inv -= _outer(u, u)
    K_inv *= 0.5
    return (0.5 * (y.dot(u) + 2.0 * np.log(np.linalg.cholesky(K).diagonal()).sum()), K_inv)
