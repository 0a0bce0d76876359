# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
# mypy: ignore-errors
# ruff: noqa
"""Networks of two layers: the loss of one example and the cost over a batch, with the gradients by all parameters; a
layer by its weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['two_layer_loss', 'relu_network_cost', 'layer_by_weights']

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


def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if len(u) * len(v) > 1000000:
        return np.einsum('i,j->ij', u, v)
    return u[:, None].dot(v[None, :])


def _arguments_of_two_layer_loss(y, W2, W1, x, b1, b2):
    """The arguments as arrays of floats, their shapes held against each other."""
    y = _array(y, 'y', 'R^k', 1)
    W2 = _array(W2, 'W2', 'R^{k x h}', 2)
    W1 = _array(W1, 'W1', 'R^{h x n}', 2)
    x = _array(x, 'x', 'R^n', 1)
    b1 = _array(b1, 'b1', 'R^h', 1)
    b2 = _array(b2, 'b2', 'R^k', 1)
    k = len(y)
    n = len(x)
    h = len(b1)
    if W2.shape != (k, h):
        raise ValueError(f'W2 must be in R^{{k x h}}, k = {k} as in y, h = {h} as in b1, but its shape is {W2.shape}')
    if W1.shape != (h, n):
        raise ValueError(f'W1 must be in R^{{h x n}}, h = {h} as in b1, n = {n} as in x, but its shape is {W1.shape}')
    if b2.shape != (k,):
        raise ValueError(f'b2 must be in R^k, k = {k} as in y, but its shape is {b2.shape}')
    return (y, W2, W1, x, b1, b2)


def _arguments_of_relu_network_cost(w2, W1, x, b1, b2, y):
    """The arguments as arrays of floats, their shapes held against each other."""
    w2 = _array(w2, 'w2', 'R^h', 1)
    W1 = _array(W1, 'W1', 'R^{h x d}', 2)
    x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
    b1 = _array(b1, 'b1', 'R^h', 1)
    b2 = float(_array(b2, 'b2', 'R', 0))
    y = _array(y, 'y', 'R for each of N along axis 0', 1)
    h = len(w2)
    N = len(y)
    d = W1.shape[1]
    if W1.shape != (h, d):
        raise ValueError(f'W1 must be in R^{{h x d}}, h = {h} as in w2, but its shape is {W1.shape}')
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, N = {N} as in y, d = {d} as in W1, but its shape is {x.shape}')
    if b1.shape != (h,):
        raise ValueError(f'b1 must be in R^h, h = {h} as in w2, but its shape is {b1.shape}')
    return (w2, W1, x, b1, b2, y)


def _arguments_of_layer_by_weights(A, x, b):
    """The arguments as arrays of floats, their shapes held against each other."""
    A = _array(A, 'A', 'R^{m x n}', 2)
    x = _array(x, 'x', 'R^n', 1)
    b = _array(b, 'b', 'R^m', 1)
    n = len(x)
    m = len(b)
    if A.shape != (m, n):
        raise ValueError(f'A must be in R^{{m x n}}, m = {m} as in b, n = {n} as in x, but its shape is {A.shape}')
    return (A, x, b)


def two_layer_loss(y: ArrayLike, W2: ArrayLike, W1: ArrayLike, x: ArrayLike, b1: ArrayLike, b2: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Value and derivatives of ||y - W2 tanh(W1 x + b1) - b2||^2.

    value: ||y - W2 z1 - b2||^2
    by W1: delta1 x^T
    by b1: delta1^T
    by W2: 2 z2 z1^T
    by b2: 2 z2^T
    where
      z1 = tanh(W1 x + b1)
      z2 = W2 z1 + b2 - y
      delta1 = 2 ((1 - z1.^2) .* W2^T z2)

    Shapes: y in R^k, W2 in R^{k x h}, W1 in R^{h x n}, x in R^n, b1 in R^h, b2 in R^k
    Returns the value, then the derivatives: W1 (h, n), b1 (h,), W2 (k, h), b2 (k,).
    """
    if not (type(y) is type(W2) is type(W1) is type(x) is type(b1) is type(b2) is _ndarray and y.dtype is W2.dtype is W1.dtype is x.dtype is b1.dtype is b2.dtype is _float64 and (y.ndim == x.ndim == b1.ndim == b2.ndim == 1) and (W2.shape == (len(y), len(b1))) and (W1.shape == (len(b1), len(x))) and (len(b2) == len(y))):
        return _cast(two_layer_loss(*_arguments_of_two_layer_loss(y, W2, W1, x, b1, b2)), np.result_type(_like(y), _like(W2), _like(W1), _like(x), _like(b1), _like(b2)))
    h1 = np.tanh(W1.dot(x) + b1)
    r = W2.dot(h1) + b2 - y
    value = r.dot(r)
    grad_W2 = _outer(r, 2.0 * h1)
    grad_b2 = 2.0 * r
    grad_b1 = 2.0 * (1.0 - h1 ** 2) * r.dot(W2)
    grad_W1 = _outer(grad_b1, x)
    return (value, grad_W1, grad_b1, grad_W2, grad_b2)


def relu_network_cost(w2: ArrayLike, W1: ArrayLike, x: ArrayLike, b1: ArrayLike, b2: ArrayLike, y: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], np.float64]:
    """Value and derivatives of 1/(2 N) sum_{n=1}^{N} (w2^T relu(W1 x_n + b1) + b2 - y_n)^2.

    value: 1/(2 N) sum_{n=1}^{N} (w2^T relu(W1 x_n + b1) + b2 - y_n)^2
    by W1: sum_{n=1}^{N} delta2_n x_n^T
    by b1: sum_{n=1}^{N} delta2_n^T
    by w2: sum_{n=1}^{N} delta1_n relu(W1 x_n + b1)^T
    by b2: sum_{n=1}^{N} delta1_n
    where
      delta1_n = (w2^T relu(W1 x_n + b1) + b2 - y_n)/N
      delta2_n = delta1_n (w2 .* 1[W1 x_n + b1 > 0])

    Shapes: w2 in R^h, W1 in R^{h x d}, x in R^d for each of N along axis 0, b1 in R^h, b2 in R, y in R for each of N along axis 0
    Returns the value, then the derivatives: W1 (h, d), b1 (h,), w2 (h,), b2 ().
    """
    if not (isinstance(b2, float) and type(w2) is type(W1) is type(x) is type(b1) is type(y) is _ndarray and (w2.dtype is W1.dtype is x.dtype is b1.dtype is y.dtype is _float64) and (w2.ndim == b1.ndim == y.ndim == 1) and (W1.ndim == 2) and (len(W1) == len(w2)) and (x.shape == (len(y), W1.shape[1])) and (len(b1) == len(w2))):
        return _cast(relu_network_cost(*_arguments_of_relu_network_cost(w2, W1, x, b1, b2, y)), np.result_type(_like(w2), _like(W1), _like(x), _like(b1), _like(b2), _like(y)))
    b2 = np.float64(b2)
    N = len(y)
    z = x.dot(W1.T)
    z += b1
    h1 = np.maximum(z, 0.0)
    r = h1.dot(w2) + b2 - y
    value = 0.5 * r.dot(r) / N
    q = r / N
    grad_w2 = q.dot(h1)
    grad_b2 = q.sum()
    v = q[:, None] * (w2 * np.heaviside(z, 0.0))
    grad_W1 = v.T.dot(x)
    grad_b1 = v.sum(0)
    return (value, grad_W1, grad_b1, grad_w2, grad_b2)


def layer_by_weights(A: ArrayLike, x: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Derivative of tanh(A x + b) by A.

    Formula: (1 - tanh(z_i)^2) x_k delta_ij where z = A x + b  (index notation)
    Shapes: A in R^{m x n}, x in R^n, b in R^m
    Returns an array of shape (m, m, n).
    """
    if not (type(A) is type(x) is type(b) is _ndarray and A.dtype is x.dtype is b.dtype is _float64 and (x.ndim == b.ndim == 1) and (A.shape == (len(b), len(x)))):
        return _cast(layer_by_weights(*_arguments_of_layer_by_weights(A, x, b)), np.result_type(_like(A), _like(x), _like(b)))
    n = len(x)
    m = len(b)
    out = np.zeros((m, m, n))
    out.reshape(m * m, n)[::m + 1] = _outer(1.0 - np.tanh(A.dot(x) + b) ** 2, x)
    return out
