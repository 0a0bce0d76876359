# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
# mypy: ignore-errors
# ruff: noqa
"""Functions of matrices: factorisation, principal components, learned distances, barriers and quotients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['matrix_factorisation', 'matrix_factorisation_hvp', 'principal_components', 'metric_learning', 'log_barrier', 'rayleigh_quotient']

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


def _arguments_of_matrix_factorisation(T, U, V):
    """The arguments as arrays of floats, their shapes held against each other."""
    T = _array(T, 'T', 'R^{m x n}', 2)
    U = _array(U, 'U', 'R^{m x k}', 2)
    V = _array(V, 'V', 'R^{n x k}', 2)
    m = len(U)
    n = len(V)
    k = U.shape[1]
    if T.shape != (m, n):
        raise ValueError(f'T must be in R^{{m x n}}, m = {m} as in U, n = {n} as in V, but its shape is {T.shape}')
    if V.shape != (n, k):
        raise ValueError(f'V must be in R^{{n x k}}, k = {k} as in U, but its shape is {V.shape}')
    return (T, U, V)


def _gram(X, c=1.0):
    """c X^T X; from some 60 columns on NumPy gains by computing one triangle of X.T.dot(X) alone."""
    XT = X.T
    if len(XT) < 60:
        return (c * XT).dot(X)
    out = XT.dot(X)
    if c != 1.0:
        out *= c
    return out


def _arguments_of_matrix_factorisation_hvp(T, U, V, v):
    """The arguments as arrays of floats, their shapes held against each other."""
    T = _array(T, 'T', 'R^{m x n}', 2)
    U = _array(U, 'U', 'R^{m x k}', 2)
    V = _array(V, 'V', 'R^{n x k}', 2)
    v = _array(v, 'v', 'R^{m x k}', 2)
    m = len(U)
    n = len(V)
    k = U.shape[1]
    if T.shape != (m, n):
        raise ValueError(f'T must be in R^{{m x n}}, m = {m} as in U, n = {n} as in V, but its shape is {T.shape}')
    if V.shape != (n, k):
        raise ValueError(f'V must be in R^{{n x k}}, k = {k} as in U, but its shape is {V.shape}')
    if v.shape != (m, k):
        raise ValueError(f'v must be in R^{{m x k}}, m = {m} as in U, k = {k} as in U, but its shape is {v.shape}')
    return (T, U, V, v)


def _arguments_of_principal_components(X, B):
    """The arguments as arrays of floats, their shapes held against each other."""
    X = _array(X, 'X', 'R^{N x d}', 2)
    B = _array(B, 'B', 'R^{d x k}', 2)
    d = len(B)
    N = len(X)
    if X.shape != (N, d):
        raise ValueError(f'X must be in R^{{N x d}}, d = {d} as in B, but its shape is {X.shape}')
    return (X, B)


def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some 60 columns on by one triangle of B.T.dot(B)."""
    XT = X.T
    if len(XT) < 60:
        return (XT * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)


def _arguments_of_metric_learning(L, a, b):
    """The arguments as arrays of floats, their shapes held against each other."""
    L = _array(L, 'L', 'R^{k x d}', 2)
    a = _array(a, 'a', 'R^d for each of N along axis 0', 2)
    b = _array(b, 'b', 'R^d for each of N along axis 0', 2)
    N = len(a)
    d = L.shape[1]
    if a.shape != (N, d):
        raise ValueError(f'a must be in R^d for each of N along axis 0, d = {d} as in L, but its shape is {a.shape}')
    if b.shape != (N, d):
        raise ValueError(f'b must be in R^d for each of N along axis 0, N = {N} as in a, d = {d} as in L, but its shape is {b.shape}')
    return (L, a, b)


def _arguments_of_log_barrier(t, c, x, b, A):
    """The arguments as arrays of floats, their shapes held against each other."""
    t = float(_array(t, 't', 'R', 0))
    c = _array(c, 'c', 'R^n', 1)
    x = _array(x, 'x', 'R^n', 1)
    b = _array(b, 'b', 'R^m', 1)
    A = _array(A, 'A', 'R^{m x n}', 2)
    n = len(c)
    m = len(b)
    if x.shape != (n,):
        raise ValueError(f'x must be in R^n, n = {n} as in c, but its shape is {x.shape}')
    if A.shape != (m, n):
        raise ValueError(f'A must be in R^{{m x n}}, m = {m} as in b, n = {n} as in c, but its shape is {A.shape}')
    return (t, c, x, b, A)


def _arguments_of_rayleigh_quotient(x, A, v):
    """The arguments as arrays of floats, their shapes held against each other."""
    x = _array(x, 'x', 'R^n', 1)
    A = _array(A, 'A', 'R^{n x n}', 2)
    v = _array(v, 'v', 'R^n', 1)
    n = len(x)
    if A.shape != (n, n):
        raise ValueError(f'A must be in R^{{n x n}}, n = {n} as in x, but its shape is {A.shape}')
    if v.shape != (n,):
        raise ValueError(f'v must be in R^n, n = {n} as in x, but its shape is {v.shape}')
    return (x, A, v)


def matrix_factorisation(T: ArrayLike, U: ArrayLike, V: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value and derivatives of ||T - U V^T||^2.

    value: ||T - U V^T||^2
    by U: 2 Z1 V
    by V: 2 Z1^T U
    where
      Z1 = U V^T - T

    Shapes: T in R^{m x n}, U in R^{m x k}, V in R^{n x k}
    Returns the value, then the derivatives: U (m, k), V (n, k).
    """
    if not (type(T) is type(U) is type(V) is _ndarray and T.dtype is U.dtype is V.dtype is _float64 and (U.ndim == V.ndim == 2) and (T.shape == (len(U), len(V))) and (V.shape[1] == U.shape[1])):
        return _cast(matrix_factorisation(*_arguments_of_matrix_factorisation(T, U, V)), np.result_type(_like(T), _like(U), _like(V)))
    r = U.dot(V.T)
    r -= T
    return (np.vdot(r, r), 2.0 * r.dot(V), 2.0 * r.T.dot(U))


def matrix_factorisation_hvp(T: ArrayLike, U: ArrayLike, V: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
    """Hvp of ||T - U V^T||^2 by U.

    hvp: 2 v V^T V

    Shapes: T in R^{m x n}, U in R^{m x k}, V in R^{n x k}, v in R^{m x k}
    Returns hvp (m, k).
    """
    if not (type(T) is type(U) is type(V) is type(v) is _ndarray and T.dtype is U.dtype is V.dtype is v.dtype is _float64 and (U.ndim == V.ndim == 2) and (T.shape == (len(U), len(V))) and (V.shape[1] == U.shape[1]) and (v.shape == (len(U), U.shape[1]))):
        return _cast(matrix_factorisation_hvp(*_arguments_of_matrix_factorisation_hvp(T, U, V, v)), np.result_type(_like(T), _like(U), _like(V), _like(v)))
    return 2.0 * v.dot(_gram(V))


def principal_components(X: ArrayLike, B: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of ||X - X B B^T||^2 by B.

    gradient: 2 (X^T X B B^T + B B^T X^T X - 2 X^T X) B

    Shapes: X in R^{N x d}, B in R^{d x k}
    Returns value (), gradient (d, k).
    """
    if not (type(X) is type(B) is _ndarray and X.dtype is B.dtype is _float64 and (X.ndim == B.ndim == 2) and (X.shape[1] == len(B))):
        return _cast(principal_components(*_arguments_of_principal_components(X, B)), np.result_type(_like(X), _like(B)))
    t = _gram(B.T)
    r = X - X.dot(t)
    t1 = _gram(X)
    t1t = t1.dot(t)
    t1t += t1t.T
    t1t -= 2.0 * t1
    return (np.vdot(r, r), 2.0 * t1t.dot(B))


def metric_learning(L: ArrayLike, a: ArrayLike, b: ArrayLike) -> tuple[np.float64, NDArray[np.float64]]:
    """Value, gradient of sum_{n=1}^{N} relu(1 + ||L a_n||^2 - ||L b_n||^2) by L.

    gradient: 2 L (sum_{n=1}^{N} 1[1 + ||L a_n||^2 - ||L b_n||^2 > 0] a_n a_n^T - sum_{n=1}^{N} 1[1 + ||L a_n||^2 - ||L b_n||^2 > 0] b_n b_n^T)

    Shapes: L in R^{k x d}, a in R^d for each of N along axis 0, b in R^d for each of N along axis 0
    Returns value (), gradient (k, d).
    """
    if not (type(L) is type(a) is type(b) is _ndarray and L.dtype is a.dtype is b.dtype is _float64 and (L.ndim == a.ndim == 2) and (a.shape[1] == L.shape[1]) and (b.shape == (len(a), L.shape[1]))):
        return _cast(metric_learning(*_arguments_of_metric_learning(L, a, b)), np.result_type(_like(L), _like(a), _like(b)))
    r = 1.0 + (a.dot(L.T) ** 2).sum(1) - (b.dot(L.T) ** 2).sum(1)
    active = np.heaviside(r, 0.0)
    out = _weighted_gram(a, active)
    out -= _weighted_gram(b, active)
    return (np.maximum(r, 0.0).sum(), (2.0 * out.dot(L.T)).T)


def log_barrier(t: ArrayLike, c: ArrayLike, x: ArrayLike, b: ArrayLike, A: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hessian of t c^T x - sum(log(b - A x)) by x.

    gradient: (t c - A^T (1 ./ (A x - b)))^T
    hessian: A^T diag((b - A x).^-2) A

    Shapes: t in R, c in R^n, x in R^n, b in R^m, A in R^{m x n}
    Returns value (), gradient (n), hessian (n, n).
    """
    if not (isinstance(t, float) and type(c) is type(x) is type(b) is type(A) is _ndarray and (c.dtype is x.dtype is b.dtype is A.dtype is _float64) and (c.ndim == x.ndim == b.ndim == 1) and (len(x) == len(c)) and (A.shape == (len(b), len(c)))):
        return _cast(log_barrier(*_arguments_of_log_barrier(t, c, x, b, A)), np.result_type(_like(t), _like(c), _like(x), _like(b), _like(A)))
    t = np.float64(t)
    r = A.dot(x) - b
    return (t * c.dot(x) - np.log(-r).sum(), t * c - (1.0 / r).dot(A), A.T.dot(A / (r ** 2)[:, None]))


def rayleigh_quotient(x: ArrayLike, A: ArrayLike, v: ArrayLike) -> tuple[np.float64, NDArray[np.float64], NDArray[np.float64]]:
    """Value, gradient, hvp of x^T A x/(x^T x) by x.

    gradient: 2 x^T (A - A x x^T/(x^T x))/(x^T x)
    hvp: 2 (A v/s - (2 x v^T A + 2 (x^T v) (A - 2 x x^T A/s) + v x^T A) x/s^2) where s = x^T x

    Shapes: x in R^n, A in R^{n x n}, v in R^n
    Returns value (), gradient (n), hvp (n).
    """
    if not (type(x) is type(A) is type(v) is _ndarray and x.dtype is A.dtype is v.dtype is _float64 and (x.ndim == v.ndim == 1) and (A.shape == (len(x), len(x))) and (len(v) == len(x))):
        return _cast(rayleigh_quotient(*_arguments_of_rayleigh_quotient(x, A, v)), np.result_type(_like(x), _like(A), _like(v)))
    Ax = A.dot(x)
    Axx = Ax.dot(x)
    xx = x.dot(x)
    q = Axx / xx
    v1 = 2.0 * v.dot(x) * (2.0 * Axx / xx * x - Ax)
    return (q, 2.0 / xx * (Ax - q * x), 2.0 * ((v1 - Axx * v - 2.0 * v.dot(Ax) * x) / xx ** 2 + A.dot(v) / xx))
