"""Functions that an emitted module defines for itself, where a library has none, or none that does what is needed."""

from __future__ import annotations

from collections.abc import Mapping

_STANDARD: dict[str, str] = {
    "_kind": '''
def _kind(xp, values):
    """The floating type that the arrays have in common, and their device; Python numbers have none."""
    dtype, place = (None, None)
    for value in values:
        if not isinstance(value, (int, float)):
            own = value.dtype if xp.isdtype(value.dtype, "real floating") else xp.asarray(1.0).dtype
            dtype = own if dtype is None else xp.result_type(dtype, own)
            place = device(value)
    return (dtype, place)
''',
    "_array": '''
def _array(xp, value, kind, name, space, ndim):
    """The argument as an array of the type and on the device, with the right number of axes."""
    if not isinstance(value, (int, float)) and xp.isdtype(value.dtype, "complex floating"):
        raise TypeError(f"{name} must hold real numbers, not {value.dtype}")
    array = xp.asarray(value, dtype=kind[0], device=kind[1])
    if array.ndim != ndim:
        raise ValueError(f"{name} must be in {space}, not an array of shape {tuple(array.shape)}")
    return array
''',
    "_pad": '''
def _pad(xp, z, widths):
    """The array with zeros before and after it along each axis."""
    for axis in range(z.ndim):
        first, rest = (z.shape[:axis], z.shape[axis + 1 :])
        before, after = widths[axis]
        before = xp.zeros((*first, before, *rest), dtype=z.dtype, device=device(z))
        after = xp.zeros((*first, after, *rest), dtype=z.dtype, device=device(z))
        z = xp.concat([before, z, after], axis=axis)
    return z
''',
    "_bounded_exp": '''
def _bounded_exp(xp, z):
    """exp(z), of large arguments a large number that is finite."""
    return xp.exp(xp.clip(z, max=float(math.floor(math.log(xp.finfo(z.dtype).max)))))
''',
    "_sigmoid": '''
def _sigmoid(xp, z):
    """1 / (1 + exp(-z)), without overflow."""
    e = xp.exp(-xp.abs(z))
    return xp.where(z >= 0, xp.ones_like(e), e) / (1.0 + e)
''',
    "_softmax": '''
def _softmax(xp, z, axis=None):
    """exp(z) over its sum, without overflow."""
    e = xp.exp(z - xp.max(z, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)
''',
    "_logsumexp": '''
def _logsumexp(xp, z, axis=None):
    """log(sum(exp(z))), without overflow."""
    top = xp.max(z, axis=axis, keepdims=True)
    total = xp.log(xp.sum(xp.exp(z - top), axis=axis, keepdims=True)) + top
    return xp.squeeze(total, axis=tuple(range(z.ndim)) if axis is None else axis)
''',
    "_expm": '''
def _expm(xp, A):
    """The matrix exponential: a Pade approximant of order 6, scaling and squaring."""
    norm = float(xp.max(xp.sum(xp.abs(A), axis=0))) if A.shape[0] else 0.0
    squarings = max(0, math.frexp(norm)[1] + 1)
    X = A / 2.0**squarings
    even = odd = term = xp.eye(A.shape[0], dtype=A.dtype, device=device(A))
    for k in range(1, 7):
        term = (7 - k) / (k * (13 - k)) * (X @ term)
        even, odd = (even + term, odd + (-1.0) ** k * term)
    result = xp.linalg.solve(odd, even)
    for k in range(squarings):
        result = result @ result
    return result
''',
    "_erf": '''
def _erf(xp, z):
    """The error function, by the rational approximations of Cody (1969)."""
    a = (1.85777706184603153e-1, 3.16112374387056560, 113.864154151050156, 377.485237685302021, 3209.37758913846947)
    b = (1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062)
    c = (2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
         881.952221241769090, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725)
    d = (1.0, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019,
         3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942)
    x = xp.clip(xp.abs(z), max=6.0)
    near, above, below = (xp.clip(x * x, max=0.25), a[0], b[0])
    for p, q in zip(a[1:], b[1:]):
        above, below = (above * near + p, below * near + q)
    small, above, below = (z * above / below, c[0], d[0])
    for p, q in zip(c[1:], d[1:]):
        above, below = (above * x + p, below * x + q)
    return xp.where(x <= 0.46875, small, xp.sign(z) * (1.0 - xp.exp(-x * x) * above / below))
''',
}

_JAX: dict[str, str] = {
    "_array": '''
def _array(value, name, space, ndim):
    """The argument as an array of real numbers with the right number of axes."""
    array = jnp.asarray(value)
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise TypeError(f"{name} must hold real numbers, not {array.dtype}")
    if array.ndim != ndim:
        raise ValueError(f"{name} must be in {space}, not an array of shape {array.shape}")
    return array
''',
    "_bounded_exp": '''
def _bounded_exp(z):
    """exp(z), of large arguments a large number that is finite."""
    return jnp.exp(jnp.minimum(z, math.floor(math.log(jnp.finfo(z.dtype).max))))
''',
}

_TORCH: dict[str, str] = {
    "_kind": '''
def _kind(values):
    """The floating type that the tensors have in common, and their device; Python numbers have none."""
    dtype, device = (None, None)
    for value in values:
        if not isinstance(value, (int, float)):
            tensor = torch.as_tensor(value)
            own = tensor.dtype if tensor.is_floating_point() else torch.get_default_dtype()
            dtype, device = (own if dtype is None else torch.promote_types(dtype, own), tensor.device)
    return (dtype or torch.get_default_dtype(), device)
''',
    "_tensor": '''
def _tensor(value, kind, name, space, ndim):
    """The argument as a tensor of the type, with the right number of axes; a Python number goes to the device."""
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(value, dtype=kind[0], device=kind[1])
    if tensor.is_complex():
        raise TypeError(f"{name} must hold real numbers, not {tensor.dtype}")
    if tensor.ndim != ndim:
        raise ValueError(f"{name} must be in {space}, not a tensor of shape {tuple(tensor.shape)}")
    return tensor.to(kind[0])
''',
    "_bounded_exp": '''
def _bounded_exp(z):
    """exp(z), of large arguments a large number that is finite."""
    return torch.exp(torch.clamp(z, max=math.floor(math.log(torch.finfo(z.dtype).max))))
''',
}

LIBRARY_HELPERS: Mapping[str, Mapping[str, str]] = {"array-api": _STANDARD, "jax": _JAX, "torch": _TORCH}
"""By target and name; none of them calls another."""
