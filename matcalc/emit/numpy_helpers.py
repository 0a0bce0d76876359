"""Functions that an emitted module defines for itself, where NumPy has none that is stable, or none at all."""

from __future__ import annotations

import ast

ARRAY = '''
def _array(value, name, space, ndim):
    """The argument as an array of floats with the right number of axes."""
    array = np.asarray(value)
    if array.dtype.char != "d":
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} must hold real numbers, not {array.dtype}")
        array = array.astype(np.float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} must be in {space}, not an array of shape {array.shape}")
    return array
'''

HELPERS: dict[str, str] = {
    "_array": ARRAY,
    "_sigmoid": '''
def _sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)
''',
    "_softplus": '''
def _softplus(z):
    """log(1 + exp(z)), without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
''',
    "_softmax": '''
def _softmax(z, axis=None):
    """exp(z) over its sum, without overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
''',
    "_logsumexp": '''
def _logsumexp(z, axis=None):
    """log(sum(exp(z))), without overflow."""
    top = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - top).sum(axis=axis)) + np.squeeze(top, axis=axis)
''',
    "_erf": '''
def _erf(z):
    """The error function."""
    return np.vectorize(math.erf, otypes=[np.float64])(z)[()]
''',
    "_expm": '''
def _expm(A):
    """The matrix exponential: a Pade approximant of order 6, scaling and squaring."""
    squarings = max(0, math.frexp(np.linalg.norm(A, 1))[1] + 1) if A.size else 0
    X = A / 2.0 ** squarings
    even = odd = term = np.eye(A.shape[0])
    for k in range(1, 7):
        term = (7 - k) / (k * (13 - k)) * (X @ term)
        even, odd = even + term, odd + (-1) ** k * term
    result = np.linalg.solve(odd, even)
    return np.linalg.matrix_power(result, 2 ** squarings)
''',
}

NEED_MATH = frozenset(("_erf", "_expm"))


def helper(which: str) -> ast.stmt:
    """The definition of a helper."""
    return ast.parse(HELPERS[which].strip()).body[0]
