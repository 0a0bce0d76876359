# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""Networks of two layers: the loss of one example and the cost over a batch, with the gradients by all parameters; a
layer by its weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['two_layer_loss', 'relu_network_cost', 'layer_by_weights']


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


def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if u.size * v.size > 1000000:
        return np.einsum('i,j->ij', u, v)
    return u[:, None].dot(v[None, :])


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
    if not (type(y) is type(W2) is type(W1) is type(x) is type(b1) is type(b2) is np.ndarray and y.dtype == W2.dtype == W1.dtype == x.dtype == b1.dtype == b2.dtype == float and (y.ndim == 1)):
        y = _array(y, 'y', 'R^k', 1)
        W2 = _array(W2, 'W2', 'R^{k x h}', 2)
        W1 = _array(W1, 'W1', 'R^{h x n}', 2)
        x = _array(x, 'x', 'R^n', 1)
        b1 = _array(b1, 'b1', 'R^h', 1)
        b2 = _array(b2, 'b2', 'R^k', 1)
    k = y.shape[0]
    h = W2.shape[1]
    n = W1.shape[1]
    if W2.shape != (k, h):
        raise ValueError(f'W2 must be in R^{{k x h}}, k = {k} as in y, but its shape is {W2.shape}')
    if W1.shape != (h, n):
        raise ValueError(f'W1 must be in R^{{h x n}}, h = {h} as in W2, but its shape is {W1.shape}')
    if x.shape != (n,):
        raise ValueError(f'x must be in R^n, n = {n} as in W1, but its shape is {x.shape}')
    if b1.shape != (h,):
        raise ValueError(f'b1 must be in R^h, h = {h} as in W2, but its shape is {b1.shape}')
    if b2.shape != (k,):
        raise ValueError(f'b2 must be in R^k, k = {k} as in y, but its shape is {b2.shape}')
    h1 = np.tanh(W1.dot(x) + b1)
    r = W2.dot(h1) + b2 - y
    z = 2.0 * (1.0 - h1 ** 2) * r.dot(W2)
    return (r.dot(r), _outer(z, x), z, _outer(r, 2.0 * h1), 2.0 * r)


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

    Shapes: w2 in R^h, W1 in R^{h x d}, x in R^d, b1 in R^h, b2 in R, y in R
    Returns the value, then the derivatives: W1 (h, d), b1 (h,), w2 (h,), b2 ().
    """
    b2 = _array(b2, 'b2', 'R', 0)
    if not (type(w2) is type(W1) is type(x) is type(b1) is type(y) is np.ndarray and w2.dtype == W1.dtype == x.dtype == b1.dtype == y.dtype == float and (w2.ndim == 1)):
        w2 = _array(w2, 'w2', 'R^h', 1)
        W1 = _array(W1, 'W1', 'R^{h x d}', 2)
        x = _array(x, 'x', 'R^d for each of N along axis 0', 2)
        b1 = _array(b1, 'b1', 'R^h', 1)
        y = _array(y, 'y', 'R for each of N along axis 0', 1)
    h = w2.shape[0]
    d = W1.shape[1]
    N = x.shape[0]
    if W1.shape != (h, d):
        raise ValueError(f'W1 must be in R^{{h x d}}, h = {h} as in w2, but its shape is {W1.shape}')
    if x.shape != (N, d):
        raise ValueError(f'x must be in R^d for each of N along axis 0, d = {d} as in W1, but its shape is {x.shape}')
    if b1.shape != (h,):
        raise ValueError(f'b1 must be in R^h, h = {h} as in w2, but its shape is {b1.shape}')
    if y.shape != (N,):
        raise ValueError(f'y must be in R for each of N along axis 0, N = {N} as in x, but its shape is {y.shape}')
    z = x.dot(W1.T)
    z += b1
    h1 = np.maximum(z, 0.0)
    r = h1.dot(w2) + b2 - y
    q = r / N
    v = q[:, None] * (w2 * np.heaviside(z, 0.0))
    return (0.5 * r.dot(r) / N, v.T.dot(x), v.sum(0), q.dot(h1), q.sum())


def layer_by_weights(A: ArrayLike, x: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Derivative of tanh(A x + b) by A.

    Formula: (1 - tanh(z_i)^2) x_k delta_ij where z = A x + b  (index notation)
    Shapes: A in R^{m x n}, x in R^n, b in R^m
    Returns an array of shape (m, m, n).
    """
    if not (type(A) is type(x) is type(b) is np.ndarray and A.dtype == x.dtype == b.dtype == float and (A.ndim == 2)):
        A = _array(A, 'A', 'R^{m x n}', 2)
        x = _array(x, 'x', 'R^n', 1)
        b = _array(b, 'b', 'R^m', 1)
    m, n = A.shape
    if x.shape != (n,):
        raise ValueError(f'x must be in R^n, n = {n} as in A, but its shape is {x.shape}')
    if b.shape != (m,):
        raise ValueError(f'b must be in R^m, m = {m} as in A, but its shape is {b.shape}')
    out = np.zeros((m, m, n))
    out.reshape(m * m, n)[::m + 1] = _outer(1.0 - np.tanh(A.dot(x) + b) ** 2, x)
    return out
