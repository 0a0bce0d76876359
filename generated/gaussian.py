# Written by `matcalc generate`; never edit it by hand, edit the catalogue.
# mypy: ignore-errors
# ruff: noqa
"""The negative logarithm of a Gaussian density, without its constant."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ['energy_by_mean', 'energy_by_covariance']

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


def _arguments_of_energy_by_mean(x, mu, Sigma):
    """The arguments as arrays of floats, their shapes held against each other."""
    x = _array(x, 'x', 'R^n', 1)
    mu = _array(mu, 'mu', 'R^n', 1)
    Sigma = _array(Sigma, 'Sigma', 'R^{n x n}', 2)
    n = len(x)
    if mu.shape != (n,):
        raise ValueError(f'mu must be in R^n, n = {n} as in x, but its shape is {mu.shape}')
    if Sigma.shape != (n, n):
        raise ValueError(f'Sigma must be in R^{{n x n}}, n = {n} as in x, but its shape is {Sigma.shape}')
    return (x, mu, Sigma)


def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if len(u) * len(v) > 1000000:
        return np.einsum('i,j->ij', u, v)
    return u[:, None].dot(v[None, :])


def _arguments_of_energy_by_covariance(x, mu, Sigma):
    """The arguments as arrays of floats, their shapes held against each other."""
    x = _array(x, 'x', 'R^n', 1)
    mu = _array(mu, 'mu', 'R^n', 1)
    Sigma = _array(Sigma, 'Sigma', 'R^{n x n}', 2)
    n = len(x)
    if mu.shape != (n,):
        raise ValueError(f'mu must be in R^n, n = {n} as in x, but its shape is {mu.shape}')
    if Sigma.shape != (n, n):
        raise ValueError(f'Sigma must be in R^{{n x n}}, n = {n} as in x, but its shape is {Sigma.shape}')
    return (x, mu, Sigma)


def energy_by_mean(x: ArrayLike, mu: ArrayLike, Sigma: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 (x - mu)^T Sigma^-1 (x - mu) + 1/2 logdet(Sigma) by mu.

    Formula: (mu - x)^T Sigma^-1
    Shapes: x in R^n, mu in R^n, Sigma in R^{n x n}
    Returns an array of shape (n,).
    """
    if not (type(x) is type(mu) is type(Sigma) is _ndarray and x.dtype is mu.dtype is Sigma.dtype is _float64 and (x.ndim == mu.ndim == 1) and (len(mu) == len(x)) and (Sigma.shape == (len(x), len(x)))):
        return _cast(energy_by_mean(*_arguments_of_energy_by_mean(x, mu, Sigma)), np.result_type(_like(x), _like(mu), _like(Sigma)))
    return np.linalg.solve(Sigma, mu - x)


def energy_by_covariance(x: ArrayLike, mu: ArrayLike, Sigma: ArrayLike) -> NDArray[np.float64]:
    """Derivative of 1/2 (x - mu)^T Sigma^-1 (x - mu) + 1/2 logdet(Sigma) by Sigma.

    Formula: 1/2 (Z - Z (x - mu) (x - mu)^T Z) where Z = Sigma^-1
    Shapes: x in R^n, mu in R^n, Sigma in R^{n x n}
    Returns an array of shape (n, n).
    """
    if not (type(x) is type(mu) is type(Sigma) is _ndarray and x.dtype is mu.dtype is Sigma.dtype is _float64 and (x.ndim == mu.ndim == 1) and (len(mu) == len(x)) and (Sigma.shape == (len(x), len(x)))):
        return _cast(energy_by_covariance(*_arguments_of_energy_by_covariance(x, mu, Sigma)), np.result_type(_like(x), _like(mu), _like(Sigma)))
    Sigma_inv = np.linalg.inv(Sigma)
    u = Sigma_inv.dot(x - mu)
    Sigma_inv -= _outer(u, u)
    Sigma_inv *= 0.5
    return Sigma_inv
