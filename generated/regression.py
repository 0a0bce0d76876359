# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
# mypy: ignore-errors
# ruff: noqa
"""Losses of linear models: gradients and Hessians by the weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['least_squares_gradient', 'ridge_gradient', 'logistic_gradient', 'logistic_hessian']

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


def _arguments_of_least_squares_gradient(X, w, y):
    """The arguments as arrays of floats, their shapes held against each other."""
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    y = _array(y, 'y', 'R^m', 1)
    n = len(w)
    m = len(y)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (X, w, y)


def _arguments_of_ridge_gradient(X, w, y, lambda_):
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


def _arguments_of_logistic_gradient(y, X, w):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^m', 1)
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    m = len(y)
    n = len(w)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (y, X, w)


def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some 60 columns on by one triangle of B.T.dot(B)."""
    XT = X.T
    if len(XT) < 60:
        return (XT * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)


def _arguments_of_logistic_hessian(y, X, w):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^m', 1)
    X = _array(X, 'X', 'R^{m x n}', 2)
    w = _array(w, 'w', 'R^n', 1)
    m = len(y)
    n = len(w)
    if X.shape != (m, n):
        raise ValueError(f'X must be in R^{{m x n}}, m = {m} as in y, n = {n} as in w, but its shape is {X.shape}')
    return (y, X, w)


def least_squares_gradient(X: ArrayLike, w: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Derivative of ||X w - y||^2 by w.

    Formula: 2 (X w - y)^T X
    Shapes: X in R^{m x n}, w in R^n, y in R^m
    Returns an array of shape (n,).
    """
    if not (type(X) is type(w) is type(y) is _ndarray and X.dtype is w.dtype is y.dtype is _float64 and (w.ndim == y.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(least_squares_gradient(*_arguments_of_least_squares_gradient(X, w, y)), np.result_type(_like(X), _like(w), _like(y)))
    return 2.0 * (X.dot(w) - y).dot(X)


def ridge_gradient(X: ArrayLike, w: ArrayLike, y: ArrayLike, lambda_: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 ||X w - y||^2 + lambda/2 ||w||^2 by w.

    Formula: (X^T (X w - y) + lambda w)^T
    Shapes: X in R^{m x n}, w in R^n, y in R^m, lambda in R
    Returns an array of shape (n,).
    """
    if not (isinstance(lambda_, float) and type(X) is type(w) is type(y) is _ndarray and (X.dtype is w.dtype is y.dtype is _float64) and (w.ndim == y.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(ridge_gradient(*_arguments_of_ridge_gradient(X, w, y, lambda_)), np.result_type(_like(X), _like(w), _like(y), _like(lambda_)))
    lambda_ = np.float64(lambda_)
    return lambda_ * w + (X.dot(w) - y).dot(X)


def logistic_gradient(y: ArrayLike, X: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Derivative of sum(log(1 + exp(-y .* X w))) by w.

    Formula: -(y .* sigmoid(-y .* X w))^T X
    Shapes: y in R^m, X in R^{m x n}, w in R^n
    Returns an array of shape (n,).
    """
    if not (type(y) is type(X) is type(w) is _ndarray and y.dtype is X.dtype is w.dtype is _float64 and (y.ndim == w.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(logistic_gradient(*_arguments_of_logistic_gradient(y, X, w)), np.result_type(_like(y), _like(X), _like(w)))
    return (y / (-1.0 - np.exp(np.minimum(y * X.dot(w), 709.0)))).dot(X)


def logistic_hessian(y: ArrayLike, X: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Derivative of sum(log(1 + exp(-y .* X w))) by w, then w.

    Formula: X^T diag(y.^2 .* z .* (1 - z)) X where z = sigmoid(y .* X w)
    Shapes: y in R^m, X in R^{m x n}, w in R^n
    Returns an array of shape (n, n).
    """
    if not (type(y) is type(X) is type(w) is _ndarray and y.dtype is X.dtype is w.dtype is _float64 and (y.ndim == w.ndim == 1) and (X.shape == (len(y), len(w)))):
        return _cast(logistic_hessian(*_arguments_of_logistic_hessian(y, X, w)), np.result_type(_like(y), _like(X), _like(w)))
    s = 1.0 / (1.0 + np.exp(np.minimum(y * X.dot(w), 709.0)))
    return _weighted_gram(X, (1.0 - s) * (y ** 2 * s))
