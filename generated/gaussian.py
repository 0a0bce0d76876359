# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
"""The negative logarithm of a Gaussian density, without its constant."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['energy_by_mean', 'energy_by_covariance']


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


def energy_by_mean(x: ArrayLike, mu: ArrayLike, Sigma: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 (x - mu)^T Sigma^-1 (x - mu) + 1/2 logdet(Sigma) by mu.

    Formula: (mu - x)^T Sigma^-1
    Shapes: x in R^n, mu in R^n, Sigma in R^{n x n}
    Returns an array of shape (n,).
    """
    if not (type(x) is type(mu) is type(Sigma) is np.ndarray and x.dtype == mu.dtype == Sigma.dtype == float and (x.ndim == 1)):
        x = _array(x, 'x', 'R^n', 1)
        mu = _array(mu, 'mu', 'R^n', 1)
        Sigma = _array(Sigma, 'Sigma', 'R^{n x n}', 2)
    n = x.shape[0]
    if mu.shape != (n,):
        raise ValueError(f'mu must be in R^n, n = {n} as in x, but its shape is {mu.shape}')
    if Sigma.shape != (n, n):
        raise ValueError(f'Sigma must be in R^{{n x n}}, n = {n} as in x, but its shape is {Sigma.shape}')
    return np.linalg.solve(Sigma, mu - x)


def energy_by_covariance(x: ArrayLike, mu: ArrayLike, Sigma: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 (x - mu)^T Sigma^-1 (x - mu) + 1/2 logdet(Sigma) by Sigma.

    Formula: 1/2 (Z - Z (x - mu) (x - mu)^T Z) where Z = Sigma^-1
    Shapes: x in R^n, mu in R^n, Sigma in R^{n x n}
    Returns an array of shape (n, n).
    """
    if not (type(x) is type(mu) is type(Sigma) is np.ndarray and x.dtype == mu.dtype == Sigma.dtype == float and (x.ndim == 1)):
        x = _array(x, 'x', 'R^n', 1)
        mu = _array(mu, 'mu', 'R^n', 1)
        Sigma = _array(Sigma, 'Sigma', 'R^{n x n}', 2)
    n = x.shape[0]
    if mu.shape != (n,):
        raise ValueError(f'mu must be in R^n, n = {n} as in x, but its shape is {mu.shape}')
    if Sigma.shape != (n, n):
        raise ValueError(f'Sigma must be in R^{{n x n}}, n = {n} as in x, but its shape is {Sigma.shape}')
    Sigma_inv = np.linalg.inv(Sigma)
    u = Sigma_inv.dot(x - mu)
    Sigma_inv -= _outer(u, u)
    return 0.5 * Sigma_inv
