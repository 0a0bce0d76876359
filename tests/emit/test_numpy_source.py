"""Emitted source reads like code written by hand: whole bodies, and what never stands in them."""

import ast

import pytest

from matcalc.api import derive

Declare = dict[str, str]

BODIES: list[tuple[str, str | list[str], int, Declare, str]] = [
    ("x^T A x", "x", 1, {}, "return A.dot(x) + x.dot(A)"),
    ("||y - A x||^2", "x", 1, {}, "return 2.0 * (A.dot(x) - y).dot(A)"),
    ("1/2 ||y - tanh(A x + b)||^2", "A", 1, {}, "h = np.tanh(A.dot(x) + b)\nreturn _outer((1.0 - h ** 2) * (h - y), x)"),
    ("logdet(X)", "X", 1, {}, "return np.linalg.inv(X).T"),
    ("||x||", "x", 1, {}, "return x / (np.linalg.norm(x) or 1.0)"),
    ("A x", "A", 1, {}, "n = len(x)\nm = len(A)\nout = np.zeros((m, m, n))\nout.reshape(m * m, n)[::m + 1] = x\nreturn out"),
    ("(x - mu)^T Sigma^-1 (x - mu)", "mu", 1, {"Sigma": "R^{n x n} posdef"},
     "return 2.0 * np.linalg.solve(Sigma, mu - x)"),
    ("x1^2 x2", ["x1", "x2"], 1, {}, "return np.array([2.0 * x1 * x2, x1 ** 2], dtype=np.float64)"),
    ("||T - U V^T||^2", "U", 1, {},
     ("if m * n > 4 * p * (m + n):\n    r = U.dot(_gram(V))\n    r -= T.dot(V)\n    r *= 2.0\n    return r\n"
      "r = U.dot(V.T)\nr -= T\nreturn 2.0 * r.dot(V)")),
    ("softmax(x)", "x", 1, {},
     "n = len(x)\np = _softmax(x)\nout = _outer(-p, p)\nout.flat[::n + 1] += p\nreturn out"),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta", 1, {}, "return 2.0 * (x.dot(theta) - y).dot(x)"),
    ("v^T X^-1 v + logdet(X)", "X", 1, {"X": "R^{n x n} posdef", "v": "R^n"},
     "X_inv = np.linalg.inv(X)\nu = X_inv.dot(v)\nX_inv -= _outer(u, u)\nreturn X_inv"),
    ("vec(A)", "A", 1, {"A": "R^{m x n}"}, """m = len(A)
n = A.shape[1]
out = np.zeros((m * n, m, n))
np.einsum('ijji->ij', out.reshape(n, m, m, n))[...] = 1.0
return out"""),
    ("[x .* x; z]", "x", 1, {"x": "R^n", "z": "R^m"},
     "n = len(x)\nm = len(z)\nout = np.zeros((m + n, n))\nnp.einsum('ii->i', out[:n])[...] = 2.0 * x\nreturn out"),
    ("x^T A B y", "x", 1, {}, "return A.dot(B.dot(y))"),
    ("y^T A^-1 x", "x", 1, {}, "return np.linalg.solve(A.T, y)"),
]


def body(text: str, wrt: str | list[str], order: int, declare: Declare) -> str:
    """The statements after the docstring, without checks; sizes only where arrays are made."""
    function = ast.parse(derive(text, wrt, order, declare).numpy(checks=False)).body[-1]
    assert isinstance(function, ast.FunctionDef)
    lines = [ast.unparse(line) for line in function.body[1:]]
    if not any(word in line for line in lines for word in ("zeros", "flat")):
        lines = [line for line in lines if ".shape[" not in line and "= len(" not in line]
    return "\n".join(lines)


@pytest.mark.parametrize(("text", "wrt", "order", "declare", "expected"), BODIES, ids=[case[0] for case in BODIES])
def test_bodies(text: str, wrt: str | list[str], order: int, declare: Declare, expected: str) -> None:
    assert body(text, wrt, order, declare) == expected


@pytest.mark.parametrize(("text", "wrt", "order", "declare", "banned"), [
    ("a^T X^-1 b", "X", 1, {}, ["inv(", "einsum"]),
    ("b^T A^-2 x", "x", 1, {}, ["inv(", "matrix_power"]),
    ("diag(x) A", "x", 1, {}, ["eye(", "diag("]),
    ("A diag(x) b", "x", 1, {}, ["diag(", "einsum", "eye("]),
    ("x^T (I + u v^T) y", "x", 1, {}, ["eye(", "[:, None]"]),
    ("(I + A)^-1 x", "x", 1, {"x": "R^n"}, ["matrix_power"]),
    ("sum(log(1 + exp(-y .* (X w))))", "w", 2, {}, ["eye(", "diag(", "einsum"]),
    ("tr(A X B)", "X", 1, {}, ["eye(", "einsum", "trace"]),
    ("kron(x, y)^T c", "x", 1, {"x": "R^m", "y": "R^n"}, ["einsum", "kron", "eye("]),
    ("1/2 ||A X B - C||^2", "X", 1, {}, ["einsum", "eye("]),
    ("sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "w", 1, {}, ["einsum", "for "]),
    ("[x; z]^T S [x; z]", "x", 1, {"x": "R^n", "z": "R^m"}, ["eye(", "einsum", "inv("]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_nothing_superfluous(text: str, wrt: str, order: int, declare: Declare, banned: list[str]) -> None:
    found = body(text, wrt, order, declare)
    assert not [word for word in banned if word in found], found


def test_one_solve_for_two_right_hand_sides() -> None:
    found = body("a^T X^-1 b + c^T X^-1 d", "X", 1, {})
    assert found.count("solve(") == found.count("column_stack") == 2


def test_cholesky_where_declared() -> None:
    found = body("t logdet(S)", "t", 1, {"S": "R^{n x n} posdef", "t": "R"})
    assert found == "return 2.0 * np.log(np.linalg.cholesky(S).diagonal()).sum()"


def test_docstring() -> None:
    source = derive("x^T A x", "x").numpy("gradient")
    function = ast.parse(source).body[-1]
    assert isinstance(function, ast.FunctionDef) and function.name == "gradient"
    doc = ast.get_docstring(function)
    assert doc is not None and "x^T (A + A^T)" in doc and "A in R^{n x n}" in doc


def test_lines_stay_short() -> None:
    text = "||y - f3||^2 where f1 = tanh(A0 x + b0), f2 = sigmoid(A1 f1 + b1), f3 = tanh(A2 f2 + b2)"
    found = body(text, "A0", 1, {})
    assert max(map(len, found.split("\n"))) <= 100
    assert found.count("tanh(") == 2 and found.count("np.exp(") == 1
