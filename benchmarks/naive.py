"""What a textbook formula becomes word for word: nothing shared, inverses and diagonal matrices formed."""

from __future__ import annotations

import numpy as np

from benchmarks.hand import Array, Variants


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    return np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))


def logistic_gradient(X: Array, w: Array, y: Array) -> Array:
    return -X.T @ (y * sigmoid(-y * (X @ w)))


def logistic_hessian(X: Array, w: Array, y: Array) -> Array:
    return X.T @ np.diag(y**2 * sigmoid(y * (X @ w)) * (1 - sigmoid(y * (X @ w)))) @ X


def class_hessian(X: Array, w: Array) -> Array:
    p = softmax(X @ w)
    return X.T @ (np.diag(p) - np.outer(p, p)) @ X


def normal(x: Array, mu: Array, Sigma: Array) -> tuple[object, ...]:
    r = x - mu
    value = 0.5 * len(x) * np.linalg.slogdet(Sigma)[1] + 0.5 * np.sum(r @ np.linalg.inv(Sigma) * r)
    by_mu = -np.linalg.inv(Sigma) @ r.sum(axis=0)
    whitened = r @ np.linalg.inv(Sigma)
    return value, by_mu, 0.5 * (len(x) * np.linalg.inv(Sigma) - whitened.T @ whitened)


def evidence(X: Array, v: Array) -> Array:
    return np.linalg.inv(X).T - np.linalg.inv(X).T @ np.outer(v, v) @ np.linalg.inv(X).T


def layer_curvature(A: Array, x: Array, y: Array) -> Array:
    h = np.tanh(A @ x)
    return (1 - h**2) * (1 - h**2 - 2 * h * (h - y))


NAIVE: Variants = {
    "P1.grad": lambda x, A: (A + A.T) @ x,
    "P2.grad": lambda X, beta, Y: 2 * X.T @ (X @ beta - Y),
    "P2.hess": lambda X: 2 * (X.T @ X),
    "P3.grad": logistic_gradient,
    "P3.hess": logistic_hessian,
    "P4.grad": lambda W, x, b, y: np.diag(1 - np.tanh(W @ x + b) ** 2) @ np.outer(np.tanh(W @ x + b) - y, x),
    "P5.jx": lambda A, x, b: np.diag(1 - np.tanh(A @ x + b) ** 2) @ A,
    "P5.jb": lambda A, x, b: np.diag(1 - np.tanh(A @ x + b) ** 2),
    "P5.jA": lambda A, x, b: np.einsum("i,ij,k->ijk", 1 - np.tanh(A @ x + b) ** 2, np.eye(len(b)), x),
    "P7.vgrad": normal,
    "P8.gen": evidence,
    "P8.spd": evidence,
    "P9.grad": lambda T, U, V: (-2 * (T - U @ V.T) @ V, -2 * (T - U @ V.T).T @ U),
    "P9.hessU": lambda U, V: np.einsum("ik,jl->ijkl", np.eye(len(U)), 2 * V.T @ V),
    "P10.hx": lambda A, x, y: A.T @ np.diag(layer_curvature(A, x, y)) @ A,
    "P10.hA": lambda A, x, y: np.einsum("i,ik,j,l->ijkl", layer_curvature(A, x, y), np.eye(len(A)), x, x),
    "P11.grad": lambda X, w: X.T @ softmax(X @ w),
    "P11.hess": class_hessian,
    "P12.jac": lambda X: -np.einsum("ik,lj->ijkl", np.linalg.inv(X), np.linalg.inv(X)),
}
