# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""Losses of linear models: gradients and Hessians by the weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['least_squares_gradient', 'ridge_gradient', 'logistic_gradient', 'logistic_hessian']


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


def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some 60 columns on by one triangle of B.T.dot(B)."""
    if X.shape[1] < 60:
        return (X.T * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)


def least_squares_gradient(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Derivative of ||X w - y||^2 by w.

    Formula: 2 (X w - y)^T X
    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns an array of shape (n,).
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
    return 2.0 * (X.dot(w) - y).dot(X)


def ridge_gradient(X: ArrayLike, w: ArrayLike, y: ArrayLike, lambda_: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 ||X w - y||^2 + lambda/2 ||w||^2 by w.

    Formula: (X^T (X w - y) + lambda w)^T
    Shapes: X in R^{m x n}, w in R^n, y in R^m, lambda in R
    Returns an array of shape (n,).
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
    return lambda_ * w + (X.dot(w) - y).dot(X)


def logistic_gradient(y: ArrayLike, X: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Derivative of sum(log(1 + exp(-y .* X w))) by w.

    Formula: -(y .* sigmoid(-y .* X w))^T X
    Shapes: y in R^m, X in R^{m x n}, w in R^n
    Returns an array of shape (n,).
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
    return -(y / (1.0 + np.exp(np.minimum(y * X.dot(w), 709.0)))).dot(X)


def logistic_hessian(y: ArrayLike, X: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Derivative of sum(log(1 + exp(-y .* X w))) by w, then w.

    Formula: X^T diag(y.^2 .* z .* (1 - z)) X where z = sigmoid(y .* X w)
    Shapes: y in R^m, X in R^{m x n}, w in R^n
    Returns an array of shape (n, n).
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
    s = 1.0 / (1.0 + np.exp(np.minimum(y * X.dot(w), 709.0)))
    return _weighted_gram(X, (1.0 - s) * (y ** 2 * s))
