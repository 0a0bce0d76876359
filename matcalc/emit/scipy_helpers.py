"""Functions that a module defines for itself where it calls BLAS and LAPACK through SciPy.

The routines read arrays by columns, so an array that lies in rows goes in as its transpose: nothing is copied. They do not
know empty arrays, and they say in a number what went wrong; both is seen to here.
"""

from __future__ import annotations

import re

SCIPY_HELPERS: dict[str, str] = {
    "_dot": '''
def _dot(x, y):
    """The sum of the products of entries."""
    if not x.size:
        return np.float64(0.0)
    if not x.flags.c_contiguous:
        x, y = (x.T, y.T)
    return np.float64(blas.ddot(x.ravel(), y.ravel()))
''',
    "_gemv": '''
def _gemv(A, x):
    """A x."""
    if not A.size:
        return np.zeros(len(A))
    if A.flags.f_contiguous:
        return blas.dgemv(1.0, A, x)
    return blas.dgemv(1.0, A.T, x, trans=1)
''',
    "_symv": '''
def _symv(A, x):
    """A x for a symmetric A, of which the lower triangle is read."""
    if not A.size:
        return np.zeros(len(A))
    if A.flags.f_contiguous:
        return blas.dsymv(1.0, A, x, lower=1)
    return blas.dsymv(1.0, A.T, x)
''',
    "_gemm": '''
def _gemm(A, B, c=1.0):
    """c A B, computed as the transpose of c B^T A^T."""
    if not (A.size and B.size):
        return np.zeros((A.shape[0], B.shape[1]))
    a, b = (A.flags.f_contiguous, B.flags.f_contiguous)
    return blas.dgemm(c, B if b else B.T, A if a else A.T, trans_a=b, trans_b=a).T
''',
    "_tensor_dot": '''
def _tensor_dot(A, B, count=1):
    """The sum of the products of entries along the last axes of A and the first ones of B."""
    first, last = (A.shape[: A.ndim - count], B.shape[count:])
    summed = int(np.prod(B.shape[:count]))
    product = _gemm(A.reshape(int(np.prod(first)), summed), B.reshape(summed, int(np.prod(last))))
    return product.reshape(first + last)
''',
    "_triangle": '''
def _triangle(T, c, X):
    """T + c X^T X for a T that lies in columns: its lower triangle, in the memory of T."""
    if not X.size:
        return T
    by_columns = X.flags.f_contiguous
    return blas.dsyrk(c, X if by_columns else X.T, beta=1.0, c=T, trans=by_columns, lower=1, overwrite_c=1)
''',
    "_mirrored": '''
def _mirrored(T):
    """The symmetric matrix whose lower triangle T has, zeros above it; a large one block by block in the memory of T."""
    T.ravel("K")[:: len(T) + 1] *= 0.5
    if len(T) <= 128:
        return T + T.T
    for k in range(0, len(T), 128):
        T[k : k + 128, k : k + 128] += T[k : k + 128, k : k + 128].T
        T[k : k + 128, k + 128 :] = T[k + 128 :, k : k + 128].T
    return T
''',
    "_syrk": '''
def _syrk(X, c=1.0):
    """c X^T X; from some SYRK_COLUMNS columns on one triangle of it, mirrored."""
    n = X.shape[1]
    if n < SYRK_COLUMNS:
        return _gemm(X.T, X, c)
    return _mirrored(_triangle(np.zeros((n, n)).T, c, X))
''',
    "_weighted_syrk": '''
def _weighted_syrk(X, w):
    """X^T diag(w) X for w >= 0; from some SYRK_COLUMNS columns on one triangle of it, mirrored."""
    if X.shape[1] < SYRK_COLUMNS:
        return _gemm(X.T * w, X)
    return _syrk(np.sqrt(w)[:, None] * X)
''',
    "_signed_syrk": '''
def _signed_syrk(X, w):
    """X^T diag(w) X; from some SYRK_COLUMNS columns on by triangles, of rows of positive and of negative weight apart."""
    n = X.shape[1]
    if n < SYRK_COLUMNS:
        return _gemm(X.T * w, X)
    B = np.sqrt(np.abs(w))[:, None] * X
    positive = w > 0
    return _mirrored(_triangle(_triangle(np.zeros((n, n)).T, 1.0, B[positive]), -1.0, B[~positive]))
''',
    "_column_row": '''
def _column_row(u, v):
    """u v^T; a product with one column, beyond the caches einsum."""
    if len(u) * len(v) > OUTER_ENTRIES:
        return np.einsum("i,j->ij", u, v)
    return blas.dgemm(1.0, v[:, None], u[None, :]).T
''',
    "_ger": '''
def _ger(A, c, u, v):
    """A + c u v^T, in the memory of A."""
    if not A.size:
        return A
    if A.flags.f_contiguous:
        return blas.dger(c, u, v, a=A, overwrite_a=1)
    return blas.dger(c, v, u, a=A.T, overwrite_a=1).T
''',
    "_lu": '''
def _lu(A):
    """The factors of A, or of A^T where A lies by rows; interchanges; which of the two; not 0 where A is singular."""
    if not A.size:
        return (A, np.zeros(0), False, 0)
    by_rows = not A.flags.f_contiguous
    factors, rows, info = lapack.dgetrf(A.T if by_rows else A)
    return (factors, rows, by_rows, info)
''',
    "_lu_solve": '''
def _lu_solve(lu, b, turned=False):
    """A^-1 b, or A^-T b, from the factors of A."""
    factors, rows, by_rows, info = lu
    if info:
        raise np.linalg.LinAlgError("Singular matrix")
    return lapack.dgetrs(factors, rows, b, trans=by_rows != turned)[0] if b.size else b.copy()
''',
    "_lu_inverse": '''
def _lu_inverse(lu, last=False):
    """A^-1 from the factors of A, in their memory where nothing else needs them."""
    factors, rows, by_rows, info = lu
    if info:
        raise np.linalg.LinAlgError("Singular matrix")
    if not factors.size:
        return factors.copy()
    inverse = lapack.dgetri(factors, rows, lwork=64 * len(rows), overwrite_lu=last)[0]
    return inverse.T if by_rows else inverse
''',
    "_lu_logdet": '''
def _lu_logdet(lu):
    """log|det A| from the factors of A."""
    factors, rows, by_rows, info = lu
    return np.float64(-np.inf) if info else np.log(np.abs(factors.diagonal())).sum()
''',
    "_lu_det": '''
def _lu_det(lu):
    """det A from the factors of A; the sign is that of the factors and of the interchanges."""
    factors, rows, by_rows, info = lu
    if info:
        return np.float64(0.0)
    odd = ((factors.diagonal() < 0.0).sum() + (rows != np.arange(len(rows))).sum()) % 2
    return (1.0 - 2.0 * odd) * np.exp(_lu_logdet(lu))
''',
    "_cholesky": '''
def _cholesky(A):
    """The factor of a positive definite A, of which the lower triangle is read, and whether it is the lower one."""
    lower = A.flags.f_contiguous
    factor, info = lapack.dpotrf(A if lower else A.T, lower=lower)
    if info:
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    return (factor, lower)
''',
    "_cholesky_solve": '''
def _cholesky_solve(factor, b):
    """A^-1 b from the factor of A."""
    return lapack.dpotrs(factor[0], b, lower=factor[1])[0] if b.size else b.copy()
''',
    "_cholesky_inverse": '''
def _cholesky_inverse(factor, last=False):
    """A^-1 from the factor of A, in its memory where nothing else needs it."""
    if not factor[0].size:
        return factor[0].copy()
    inverse = lapack.dpotri(factor[0], lower=factor[1], overwrite_c=last)[0]
    return _mirrored(inverse if factor[1] else inverse.T)
''',
    "_cholesky_logdet": '''
def _cholesky_logdet(factor):
    """log det A from the factor of A."""
    return 2.0 * np.log(factor[0].diagonal()).sum()
''',
    "_cholesky_det": '''
def _cholesky_det(factor):
    """det A from the factor of A."""
    return np.exp(_cholesky_logdet(factor))
''',
    "_matrix_power": '''
def _matrix_power(A, k):
    """A^k for k >= 1, by squares."""
    if k == 1:
        return A
    root = _matrix_power(A, k // 2)
    square = _gemm(root, root)
    return _gemm(square, A) if k % 2 else square
''',
    "_exponential": '''
def _exponential(A):
    """The matrix exponential: a Pade approximant of order 6, scaling and squaring."""
    squarings = max(0, math.frexp(np.abs(A).sum(0).max())[1] + 1) if A.size else 0
    X = A / 2.0 ** squarings
    even = odd = term = np.eye(A.shape[0])
    for k in range(1, 7):
        term = (7 - k) / (k * (13 - k)) * _gemm(X, term)
        even, odd = (even + term, odd + (-1) ** k * term)
    result = _lu_solve(_lu(odd), even)
    for k in range(squarings):
        result = _gemm(result, result)
    return result
''',
}
"""By name, each after what it calls; no name is that of a function that calls NumPy, so that a module may have both."""


def needed(helpers: set[str]) -> set[str]:
    """The functions with those that they call."""
    found = set(helpers)
    for which in reversed(SCIPY_HELPERS):
        if which in found:
            found |= {other for other in SCIPY_HELPERS if re.search(rf"(?<!\w){other}\(", SCIPY_HELPERS[which])}
    return found


def libraries(helpers: set[str]) -> list[str]:
    """Which of SciPy's modules of routines the functions call."""
    return [library for library in ("blas", "lapack") if any(f"{library}." in SCIPY_HELPERS.get(which, "") for which in helpers)]
