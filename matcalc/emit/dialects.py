"""How each library spells what a program computes, where its arrays are never written to.

A form is an expression in which some names stand for something else: `z`, `a`, `b`, `A`, `u`, `v` for operands, `shape`,
`axis`, `size` and the like for what the step says, `like` for an array whose type and device new arrays take. Other names
are those that a module imports; one that begins with an underscore is a function that the module defines for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """One library.

    Attributes:
        title: what it is called in text.
        alias: the name that its functions are reached by.
        imports: the statement that gives each name.
        forms: the expression for each operation; an operation that is not there is a function of that name.
        array: the type of an array in annotations, empty where there is none.
        argument: the type of what is taken for an array.
        lists_axes: whether an index names every axis.
    """

    title: str
    alias: str
    imports: Mapping[str, str]
    forms: Mapping[str, str]
    array: str = ""
    argument: str = ""
    lists_axes: bool = False


_MATH = {"math": "import math"}

STANDARD = Dialect(
    title="the array API standard",
    alias="xp",
    imports={**_MATH, "array_namespace": "from array_api_compat import array_namespace", "device": "from array_api_compat import device"},
    lists_axes=True,
    forms={
        # new arrays
        "zeros": "xp.zeros(shape, dtype=like.dtype, device=device(like))",
        "ones": "xp.ones(shape, dtype=like.dtype, device=device(like))",
        "full": "xp.full(shape, value, dtype=like.dtype, device=device(like))",
        "eye": "xp.eye(size, dtype=like.dtype, device=device(like))",
        "mask": "xp.eye(size, dtype=xp.bool, device=device(like))",
        "masked": "xp.where(mask, z, 0.0)",
        "number": "xp.asarray(value, dtype=like.dtype, device=device(like))",
        "literal": "xp.asarray(entries, dtype=like.dtype, device=device(like))",
        "copy": "xp.asarray(z, copy=True)",
        # axes
        "permute": "xp.permute_dims(z, order)",
        "flat": "xp.reshape(z, (-1,))",
        "reshape": "xp.reshape(z, shape)",
        "columns": "xp.concat(parts, axis=1)",
        "row_blocks": "xp.concat(parts, axis=0)",
        "diagonal": "xp.linalg.diagonal(A)",
        "diag": "xp.where(xp.eye(size, dtype=xp.bool, device=device(like)), v, 0.0)",
        "pad": "_pad(xp, z, widths)",
        # sums and products
        "sum": "xp.sum(z)",
        "sum_along": "xp.sum(z, axis=axis)",
        "inner": "xp.sum(a * b)",
        "outer": "xp.linalg.outer(u, v)",
        "trace": "xp.linalg.trace(A)",
        "tensordot": "xp.tensordot(a, b, axes=axes)",
        "norm": "xp.linalg.vector_norm(z)",
        "norm_along": "xp.linalg.vector_norm(z, axis=axis)",
        # linear algebra
        "solve": "xp.linalg.solve(A, b)",
        "lstsq": "xp.linalg.pinv(A) @ b",
        "inv": "xp.linalg.inv(A)",
        "matpow": "xp.linalg.matrix_power(A, k)",
        "det": "xp.linalg.det(A)",
        "logdet": "xp.linalg.slogdet(A)[1]",
        "logdet_posdef": "2.0 * xp.sum(xp.log(xp.linalg.diagonal(xp.linalg.cholesky(A))))",
        "expm": "_expm(xp, A)",
        # functions
        "softmax": "_softmax(xp, z)",
        "softmax_along": "_softmax(xp, z, axis)",
        "logsumexp": "_logsumexp(xp, z)",
        "logsumexp_along": "_logsumexp(xp, z, axis)",
        "bounded_exp": "_bounded_exp(xp, z)",
        "nonzero": "xp.where(z == 0, 1.0, z)",
        "sigmoid": "_sigmoid(xp, z)",
        "softplus": "xp.logaddexp(z, xp.zeros_like(z))",
        "relu": "xp.clip(z, min=0.0)",
        "step": "xp.astype(z > 0, z.dtype)",
        "erf": "_erf(xp, z)",
        "max": "xp.maximum(a, b)",
        "min": "xp.minimum(a, b)",
        "max_number": "xp.clip(z, min=value)",
        "min_number": "xp.clip(z, max=value)",
    },
)

JAX = Dialect(
    title="JAX",
    alias="jnp",
    imports={**_MATH, "jax": "import jax", "jnp": "import jax.numpy as jnp"},
    array="jax.Array",
    argument="jax.typing.ArrayLike",
    forms={
        # new arrays
        "zeros": "jnp.zeros(shape, dtype=like.dtype)",
        "ones": "jnp.ones(shape, dtype=like.dtype)",
        "full": "jnp.full(shape, value, dtype=like.dtype)",
        "eye": "jnp.eye(size, dtype=like.dtype)",
        "mask": "jnp.eye(size, dtype=jnp.bool_)",
        "masked": "jnp.where(mask, z, 0.0)",
        "number": "jnp.asarray(value, dtype=like.dtype)",
        "literal": "jnp.array(entries, dtype=like.dtype)",
        "copy": "z",
        # axes
        "permute": "jnp.transpose(z, order)",
        "flat": "z.ravel()",
        "reshape": "z.reshape(*shape)",
        "columns": "jnp.column_stack(parts)",
        "row_blocks": "jnp.concatenate(parts)",
        "concat": "jnp.concatenate(parts)",
        "diagonal": "jnp.diagonal(A)",
        "diagonal_of": "jnp.diagonal(A, axis1=first, axis2=second)",
        "diag": "jnp.diag(v)",
        "pad": "jnp.pad(z, widths)",
        # sums and products
        "sum": "jnp.sum(z)",
        "sum_along": "jnp.sum(z, axis=axis)",
        "inner": "jnp.vdot(a, b)",
        "outer": "jnp.outer(u, v)",
        "trace": "jnp.trace(A)",
        "tensordot": "jnp.tensordot(a, b, axes=axes)",
        "einsum": "jnp.einsum(pattern, a, b)",
        "norm": "jnp.linalg.norm(z)",
        "norm_along": "jnp.linalg.norm(z, axis=axis)",
        # linear algebra
        "solve": "jnp.linalg.solve(A, b)",
        "lstsq": "jnp.linalg.lstsq(A, b)[0]",
        "inv": "jnp.linalg.inv(A)",
        "matpow": "jnp.linalg.matrix_power(A, k)",
        "det": "jnp.linalg.det(A)",
        "logdet": "jnp.linalg.slogdet(A)[1]",
        "logdet_posdef": "2.0 * jnp.sum(jnp.log(jnp.diagonal(jnp.linalg.cholesky(A))))",
        "expm": "jax.scipy.linalg.expm(A)",
        # functions
        "softmax": "jax.nn.softmax(z, axis=None)",
        "softmax_along": "jax.nn.softmax(z, axis=axis)",
        "logsumexp": "jax.nn.logsumexp(z)",
        "logsumexp_along": "jax.nn.logsumexp(z, axis=axis)",
        "bounded_exp": "_bounded_exp(z)",
        "nonzero": "jnp.where(z == 0, 1.0, z)",
        "sigmoid": "jax.nn.sigmoid(z)",
        "softplus": "jax.nn.softplus(z)",
        "relu": "jax.nn.relu(z)",
        "step": "jnp.heaviside(z, 0.0)",
        "erf": "jax.scipy.special.erf(z)",
        "asin": "jnp.arcsin(z)",
        "acos": "jnp.arccos(z)",
        "atan": "jnp.arctan(z)",
        "max": "jnp.maximum(a, b)",
        "min": "jnp.minimum(a, b)",
        "max_number": "jnp.maximum(z, value)",
        "min_number": "jnp.minimum(z, value)",
    },
)

TORCH = Dialect(
    title="PyTorch",
    alias="torch",
    imports={**_MATH, "torch": "import torch"},
    array="torch.Tensor",
    argument="torch.Tensor",
    forms={
        # new arrays
        "zeros": "like.new_zeros(shape)",
        "ones": "like.new_ones(shape)",
        "full": "like.new_full(shape, value)",
        "eye": "torch.eye(size, dtype=like.dtype, device=like.device)",
        "mask": "torch.eye(size, dtype=torch.bool, device=like.device)",
        "masked": "torch.where(mask, z, 0.0)",
        "number": "like.new_tensor(value)",
        "literal": "like.new_tensor(entries)",
        "copy": "z.clone()",
        # axes
        "permute": "torch.permute(z, order)",
        "flat": "z.ravel()",
        "reshape": "z.reshape(*shape)",
        "columns": "torch.column_stack(parts)",
        "row_blocks": "torch.cat(parts)",
        "concat": "torch.cat(parts)",
        "diagonal": "torch.diagonal(A)",
        "diagonal_of": "torch.diagonal(A, dim1=first, dim2=second)",
        "diag": "torch.diag(v)",
        "pad": "torch.nn.functional.pad(z, widths)",
        # sums and products
        "sum": "torch.sum(z)",
        "sum_along": "torch.sum(z, dim=axis)",
        "inner": "torch.sum(a * b)",
        "outer": "torch.outer(u, v)",
        "trace": "torch.trace(A)",
        "tensordot": "torch.tensordot(a, b, dims=axes)",
        "einsum": "torch.einsum(pattern, a, b)",
        "norm": "torch.linalg.vector_norm(z)",
        "norm_along": "torch.linalg.vector_norm(z, dim=axis)",
        # linear algebra
        "solve": "torch.linalg.solve(A, b)",
        "lstsq": "torch.linalg.pinv(A) @ b",
        "inv": "torch.linalg.inv(A)",
        "matpow": "torch.linalg.matrix_power(A, k)",
        "det": "torch.linalg.det(A)",
        "logdet": "torch.linalg.slogdet(A)[1]",
        "logdet_posdef": "2.0 * torch.sum(torch.log(torch.diagonal(torch.linalg.cholesky(A))))",
        "expm": "torch.linalg.matrix_exp(A)",
        # functions
        "softmax": "torch.exp(z - torch.logsumexp(z, dim=axis, keepdim=True))",
        "softmax_along": "torch.exp(z - torch.logsumexp(z, dim=axis, keepdim=True))",
        "softmax_one": "torch.softmax(z, dim=axis)",
        "logsumexp": "torch.logsumexp(z, dim=axis)",
        "logsumexp_along": "torch.logsumexp(z, dim=axis)",
        "bounded_exp": "_bounded_exp(z)",
        "nonzero": "torch.where(z == 0, 1.0, z)",
        "sigmoid": "torch.sigmoid(z)",
        "softplus": "torch.nn.functional.softplus(z, threshold=40.0)",
        "relu": "torch.relu(z)",
        "step": "(z > 0).to(z.dtype)",
        "erf": "torch.erf(z)",
        "max": "torch.maximum(a, b)",
        "min": "torch.minimum(a, b)",
        "max_number": "torch.clamp(z, min=value)",
        "min_number": "torch.clamp(z, max=value)",
    },
)

DIALECTS: Mapping[str, Dialect] = {"array-api": STANDARD, "jax": JAX, "torch": TORCH}
"""By target."""
