"""Functions that an emitted module defines for itself, where NumPy has none that is stable, or none at all."""

from __future__ import annotations

import ast
from functools import cache

from matcalc.core.python import read_module
from matcalc.emit.scipy_helpers import SCIPY_HELPERS
from matcalc.plan.costs import GRAM_COLUMNS, OUTER_ENTRIES, SOFTPLUS_ENTRIES, SYRK_COLUMNS

ARRAY = '''
def _array(value, name, space, ndim):
    """The argument as an array of floats with the right number of axes."""
    array = np.asarray(value)
    if array.dtype is not _float64:
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{name} must hold real numbers, not {array.dtype}")
        array = array.astype(_float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} must be in {space}, not an array of shape {array.shape}")
    return array
'''

LIKE = '''
def _like(value):
    """What tells the precision of an argument; a Python number has none."""
    return value if isinstance(value, (int, float)) else np.asarray(value)
'''

CAST = '''
def _cast(result, kind):
    """The result in single precision where no argument has more."""
    if kind.char not in "ef":
        return result
    return tuple(map(kind.type, result)) if isinstance(result, tuple) else kind.type(result)
'''

HELPERS: dict[str, str] = {
    "_array": ARRAY,
    "_like": LIKE,
    "_cast": CAST,
    "_softplus": '''
def _softplus(z):
    """log(1 + exp(z)), without overflow; one call where calls are what takes the time."""
    if z.size < SOFTPLUS_ENTRIES:
        return np.logaddexp(0.0, z)
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)
''',
    "_softmax": '''
def _softmax(z):
    """exp(z) over its sum, without overflow."""
    e = np.exp(z - z.max())
    return e / e.sum()
''',
    "_softmax_along": '''
def _softmax_along(z, axis):
    """exp(z) over its sum along axes, without overflow."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
''',
    "_logsumexp": '''
def _logsumexp(z):
    """log(sum(exp(z))), without overflow."""
    top = z.max()
    return np.log(np.exp(z - top).sum()) + top
''',
    "_logsumexp_along": '''
def _logsumexp_along(z, axis):
    """log(sum(exp(z))) along axes, without overflow."""
    top = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - top).sum(axis=axis)) + np.squeeze(top, axis=axis)
''',
    "_gram": '''
def _gram(X, c=1.0):
    """c X^T X; from some GRAM_COLUMNS columns on NumPy gains by computing one triangle of X.T.dot(X) alone."""
    XT = X.T
    if len(XT) < GRAM_COLUMNS:
        return (c * XT).dot(X)
    out = XT.dot(X)
    if c != 1.0:
        out *= c
    return out
''',
    "_weighted_gram": '''
def _weighted_gram(X, w):
    """X^T diag(w) X for w >= 0; from some GRAM_COLUMNS columns on by one triangle of B.T.dot(B)."""
    XT = X.T
    if len(XT) < GRAM_COLUMNS:
        return (XT * w).dot(X)
    B = np.sqrt(w)[:, None] * X
    return B.T.dot(B)
''',
    "_signed_gram": '''
def _signed_gram(X, w):
    """X^T diag(w) X; from some GRAM_COLUMNS columns on rows of positive and of negative weight apart, one triangle each."""
    XT = X.T
    if len(XT) < GRAM_COLUMNS:
        return (XT * w).dot(X)
    B = np.sqrt(np.abs(w))[:, None] * X
    positive = w > 0
    P, M = B[positive], B[~positive]
    out = P.T.dot(P)
    out -= M.T.dot(M)
    return out
''',
    "_outer": '''
def _outer(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if len(u) * len(v) > OUTER_ENTRIES:
        return np.einsum("i,j->ij", u, v)
    return u[:, None].dot(v[None, :])
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

NEED_MATH = frozenset(("_erf", "_expm", "_exponential"))
NEED_FLOAT64 = frozenset(("_array", "_float64"))


_COSTS = {"GRAM_COLUMNS": GRAM_COLUMNS, "SOFTPLUS_ENTRIES": SOFTPLUS_ENTRIES, "OUTER_ENTRIES": OUTER_ENTRIES, "SYRK_COLUMNS": SYRK_COLUMNS}


@cache
def helper(which: str, numpy: str) -> str:
    """The definition of a helper, with the numbers that it decides by, for a module that has NumPy under this name."""
    source = (HELPERS.get(which) or SCIPY_HELPERS[which]).strip()
    for cost, value in _COSTS.items():
        source = source.replace(cost, str(value))
    tree = read_module(source)
    for part in ast.walk(tree):
        if isinstance(part, ast.Name) and part.id == "np":
            part.id = numpy
    return ast.unparse(tree)
