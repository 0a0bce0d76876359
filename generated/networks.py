# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""A network of two layers: its loss with the gradients by all parameters, and a layer by its weights."""

import numpy as np


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


def two_layer_loss(y, W2, W1, x, b1, b2):
    """Value and derivatives of ||y - W2 tanh(W1 x + b1) - b2||^2.

    By W1: 2 ((1 - z.^2) .* W2^T (W2 z + b2 - y)) x^T where z = tanh(W1 x + b1), shape (h, n).
    By b1: 2 ((1 - z.^2) .* W2^T (W2 z + b2 - y))^T where z = tanh(W1 x + b1), shape (h,).
    By W2: 2 (W2 z + b2 - y) z^T where z = tanh(W1 x + b1), shape (k, h).
    By b2: 2 (W2 tanh(W1 x + b1) + b2 - y)^T, shape (k,).
    Shapes: y in R^k, W2 in R^{k x h}, W1 in R^{h x n}, x in R^n, b1 in R^h, b2 in R^k
    Returns the value, then the derivatives by W1, b1, W2, b2.
    """
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
    h1 = np.tanh(W1 @ x + b1)
    W2h1 = W2 @ h1
    r = W2h1 + b2 - y
    r1 = h1 ** 2 - 1
    u = W2.T @ r
    return (r @ r, -((2 * r1 * u)[:, None] * x), -2 * r1 * u, 2 * h1 * r[:, None], 2 * W2h1 + 2 * b2 - 2 * y)


def layer_by_weights(A, x, b):
    """Derivative of tanh(A x + b) by A.

    Formula: (1 - tanh(z_i)^2) x_k delta_ij where z = A x + b  (index notation)
    Shapes: A in R^{m x n}, x in R^n, b in R^m
    Returns an array of shape (m, m, n).
    """
    A = _array(A, 'A', 'R^{m x n}', 2)
    x = _array(x, 'x', 'R^n', 1)
    b = _array(b, 'b', 'R^m', 1)
    m, n = A.shape
    if x.shape != (n,):
        raise ValueError(f'x must be in R^n, n = {n} as in A, but its shape is {x.shape}')
    if b.shape != (m,):
        raise ValueError(f'b must be in R^m, m = {m} as in A, but its shape is {b.shape}')
    out = np.zeros((m, m, n))
    np.einsum('iij->ij', out)[...] = (1 - np.tanh(A @ x + b) ** 2)[:, None] * x
    return out
