"""Code whose linear algebra is by SciPy: the values of the code by NumPy, its errors, memory and modules."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import blas

from matcalc import derive, gradients, hessian, hvp, jvp, value_and_gradient, vjp
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.emit.allowed import NotAllowed, check_source
from matcalc.emit.numpy_helpers import HELPERS, helper
from matcalc.emit.scipy_helpers import SCIPY_HELPERS, needed
from matcalc.emit.scipy_ops import SCIPY_OPERATIONS
from matcalc.evaluation import compiled
from matcalc.plan.steps import OPERATIONS
from tests.conformance import cases
from tests.kinds.derivative import points

pytestmark = pytest.mark.slow

SQUARE = {"X": "R^{n x n}", "A": "R^{n x n}", "B": "R^{n x n}", "v": "R^n", "u": "R^n"}
POSDEF = {"X": "R^{n x n} posdef", "S": "R^{n x n} posdef", "v": "R^n"}
DATA = "1/2 N logdet(S) + 1/2 sum_{n=1}^N (x_n - m)^T S^-1 (x_n - m)"
CASES: dict[str, Any] = {
    "two products": derive("x^T A x", "x"), "outer": derive("u^T A v", "A"), "symmetric": derive("v^T A v", "v", declare={"A": "R^{n x n} symmetric"}),
    "gram": hessian("||A x - b||^2", "x"), "weights": hessian("sum(log(1 + exp(A x)))", "x"), "signed weights": hessian("sum(sin(A x))", "x"),
    "layer": derive("1/2 ||y - tanh(A x + b)||^2", "A"), "chain": derive("tr(A B C D)", "B"), "tensor": derive("A B C", "B"),
    "third order": derive("sum(exp(A x))", "x", order=3), "norm": derive("||A x - b||", "x"), "rows": derive("sum_{n=1}^N ||x_n||", "x"),
    "inverse": derive("X^-1", "X"), "evidence": derive("logdet(X) + v^T X^-1 v", "X"), "solve": derive("u^T X^-1 v", "v", declare=SQUARE),
    "turned solve": derive("v^T X^-1 u", "v", declare=SQUARE), "two solves": derive("u^T X^-1 v", "X", declare=SQUARE),
    "matrix solve": derive("tr(X^-1 B A)", "A", declare=SQUARE), "det": derive("det(X)", "X"), "det of a product": derive("det(A^T B)", "A"),
    "negative power": derive("tr(X^-2 A)", "A", declare=SQUARE), "power": derive("tr(X^5)", "X"), "exponential": derive("tr(expm(X) A)", "A", declare=SQUARE),
    "posdef evidence": derive("logdet(X) + v^T X^-1 v", "X", declare=POSDEF), "posdef det": derive("det(X)", "X", declare=POSDEF),
    "posdef solve": derive("v^T X^-1 v", "v", declare=POSDEF), "posdef hessian": hessian("logdet(X)", "X", declare=POSDEF),
    "ridge": derive("logdet(A^T A + s I)", "A", declare={"s": "R"}), "value": value_and_gradient("logdet(X) + v^T X^-1 v", "X"),
    "network": gradients("||y - W2 tanh(W1 x + b1) - b2||^2", ["W1", "b1", "W2", "b2"]),
    "likelihood": gradients(DATA, ["m", "S"], {"x_n": "R^d", "m": "R^d", "S": "R^{d x d} posdef"}),
    "any likelihood": gradients(DATA, ["m", "S"], {"x_n": "R^d", "m": "R^d", "S": "R^{d x d}"}), "factors": gradients("||T - U V^T||^2", ["U", "V"]),
    "times a direction": hvp("logdet(X) + v^T X^-1 v", "X"), "forward": jvp("X^-1 v", "X"), "reverse": vjp("X^-1 v", "X"),
    "size one": derive("x^T y", "x"), "names": derive("blas^T lapack np", "blas", declare={"lapack": "R^{n x n}", "blas": "R^n", "np": "R^n"}),
}


def flat(found: Any) -> list[np.ndarray]:
    parts = found if isinstance(found, tuple) else (found,)
    return [np.asarray(part) for part in parts]


def kinds(found: Any) -> list[type]:
    return [type(part) for part in (found if isinstance(found, tuple) else (found,))]


def drawn(d: Any, seed: int, least: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = {name: size + least for name, size in draw_sizes((d.expr, *d.variables.values()), rng).items()}
    return draw_point(d.variables, sizes, rng)


def both(d: Any) -> tuple[Any, Any]:
    return compiled(d.numpy("f"), "f"), compiled(d.numpy("f", linalg="scipy"), "f")


def agree(one: Any, other: Any, tolerance: float = 1e-9) -> bool:
    pairs = list(zip(flat(one), flat(other), strict=True))
    return all(a.shape == b.shape and a.dtype == b.dtype and np.allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, np.abs(a).max(initial=0.0)))
               for a, b in pairs)


@pytest.mark.parametrize("d", CASES.values(), ids=list(CASES))
def test_values_are_those_of_numpy(d: Any) -> None:
    by_numpy, by_scipy = both(d)
    for seed in range(2):
        point = drawn(d, seed)
        kept = {name: array.copy() for name, array in point.items()}
        wanted, found = by_numpy(*point.values()), by_scipy(*point.values())
        assert agree(wanted, found) and kinds(wanted) == kinds(found)
        assert all(np.array_equal(kept[name], point[name]) for name in point)
        assert not any(np.shares_memory(a, b) for a in flat(found) for b in point.values())
        for n, part in enumerate(flat(found)):
            assert part.flags.writeable and not any(np.shares_memory(part, other) for other in flat(found)[n + 1 :])


@pytest.mark.parametrize("d", CASES.values(), ids=list(CASES))
def test_any_layout_in_memory_will_do(d: Any) -> None:
    by_numpy, by_scipy = both(d)
    point = drawn(d, 7)
    wanted = by_numpy(*point.values())
    assert agree(wanted, by_scipy(*(a.copy("F") if a.ndim else a for a in point.values())))
    spaced = []
    for array in point.values():
        wide = np.zeros([2 * n for n in array.shape])
        view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
        if array.ndim:
            view[...] = array
        spaced.append(view if array.ndim else array)
    assert agree(wanted, by_scipy(*spaced))


@pytest.mark.parametrize("key", ["gram", "weights", "signed weights", "likelihood", "posdef evidence", "posdef hessian"])
def test_triangles_of_large_matrices_are_mirrored(key: str) -> None:
    d = CASES[key]
    if key == "posdef hessian":
        d = derive("logdet(X)", "X", declare=POSDEF)
    by_numpy, by_scipy = both(d)
    point = drawn(d, 1, least=140)
    assert agree(by_numpy(*point.values()), by_scipy(*point.values()))


@pytest.mark.parametrize(("kind", "case"), [(k, c) for k, c in cases() if k in ("case", "structured_case")
                                            and any(part in c["expr"] for part in ("^-1", "inv", "det", "^{-1}", "expm", "^-2"))],
                         ids=lambda part: part["id"] if isinstance(part, dict) else "")
def test_conformance_formulas_have_the_values_of_numpy(kind: str, case: Any) -> None:
    d = derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
    by_numpy, by_scipy = both(d)
    for point, _ in points(d, case):
        assert agree(by_numpy(*point.values()), by_scipy(*point.values()))


def test_a_singular_matrix_is_refused() -> None:
    for key in ("inverse", "evidence", "turned solve", "two solves", "matrix solve"):
        d = CASES[key]
        point = drawn(d, 0)
        point["X"] = np.ones_like(point["X"])
        for function in both(d):
            with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
                function(*point.values())


def test_what_is_not_positive_definite_is_refused() -> None:
    function = both(CASES["posdef evidence"])[1]
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        function(-np.eye(3), np.ones(3))
    assert np.isnan(function(np.full((3, 3), np.nan), np.ones(3))).all()


def test_determinants_of_singular_matrices_are_zero() -> None:
    value = compiled(value_and_gradient("det(A) x^T x", "x", {"A": "R^{n x n}"}).numpy("f", linalg="scipy"), "f")
    assert value(np.zeros((2, 2)), np.ones(2))[0] == 0.0
    logdet = compiled(value_and_gradient("logdet(A) + x^T x", "x", {"A": "R^{n x n}"}).numpy("f", linalg="scipy"), "f")
    assert logdet(np.zeros((2, 2)), np.ones(2))[0] == -np.inf
    assert np.isnan(logdet(np.full((2, 2), np.nan), np.ones(2))[0])


def test_signs_of_determinants() -> None:
    value = compiled(value_and_gradient("det(A) x^T x", "x", {"A": "R^{n x n}"}).numpy("f", linalg="scipy"), "f")
    rng = np.random.default_rng(0)
    for n in range(1, 8):
        for A in (rng.normal(size=(n, n)), np.eye(n)[rng.permutation(n)]):
            assert np.isclose(value(A, np.ones(n))[0], n * np.linalg.det(A))


@pytest.mark.parametrize("key", [key for key in CASES if key not in ("size one", "third order")])
def test_empty_arrays(key: str, capfd: pytest.CaptureFixture[str]) -> None:
    """An array with no entries gives what the code by NumPy gives, or the same kind of error; LAPACK prints nothing."""
    d = CASES[key]
    names = sorted({dim.name for v in d.variables.values() for dim in v.shape.dims if dim.name})
    for empty in names:
        rng = np.random.default_rng(0)
        sizes = {**draw_sizes((d.expr, *d.variables.values()), rng), empty: 0}
        point = draw_point(d.variables, sizes, rng)
        outcomes = []
        for function in both(d):
            try:
                outcomes.append(function(*point.values()))
            except ValueError as error:
                outcomes.append(type(error))
        assert isinstance(outcomes[0], type) == isinstance(outcomes[1], type)
        assert isinstance(outcomes[0], type) or agree(*outcomes)
    assert capfd.readouterr() == ("", "")


def test_single_precision_and_lists_are_converted() -> None:
    by_numpy, by_scipy = both(CASES["evidence"])
    X, v = np.array([[4, 1], [1, 3]]), [1, 2]
    assert agree(by_numpy(X, v), by_scipy(X.tolist(), v))
    assert by_scipy(X.astype(np.float32), np.array(v, np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match="X must be in R"):
        by_scipy(X, [1, 2, 3])


def test_one_factorisation_of_each_matrix() -> None:
    source = CASES["likelihood"].numpy("f", linalg="scipy")
    body = source[source.index("def f(") :]
    assert body.count("_cholesky(") == 1 and "_lu" not in body
    body = CASES["any likelihood"].numpy("f", linalg="scipy")
    assert body[body.index("def f(") :].count("_lu(") == 1
    d = value_and_gradient("logdet(X) + u^T X^-1 v + v^T X^-1 u", "u", {"X": "R^{n x n}"})
    body = d.numpy("f", linalg="scipy")
    assert body[body.index("def f(") :].count("_lu(") == 1


@pytest.mark.parametrize("d", CASES.values(), ids=list(CASES))
def test_no_linear_algebra_of_numpy_beside_it(d: Any) -> None:
    for node in ast.walk(ast.parse(d.numpy("f", linalg="scipy"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("dot", "vdot", "inner", "matmul", "tensordot", "inv", "solve", "det", "slogdet", "cholesky", "norm", "matrix_power")
        assert not isinstance(node, ast.MatMult)


def test_tables_are_complete() -> None:
    assert set(SCIPY_OPERATIONS) | {"assemble", "lstsq"} == set(OPERATIONS)
    assert not set(SCIPY_HELPERS) & set(HELPERS)
    order = list(SCIPY_HELPERS)
    for which in order:
        assert all(order.index(other) <= order.index(which) for other in needed({which}))


def test_helpers_are_on_the_list() -> None:
    imports = "import math\nimport numpy as np\nfrom scipy.linalg import blas\nfrom scipy.linalg import lapack\n"
    check_source(imports + "\n".join(helper(which, "np") for which in SCIPY_HELPERS))


@pytest.mark.parametrize("line", ["from scipy.linalg import solve", "from scipy import linalg", "from scipy.linalg import blas as np", "import scipy",
                                  "from .linalg import blas", "from numpy import blas", "from scipy.linalg import *", "from os import blas"])
def test_other_imports_are_refused(line: str) -> None:
    with pytest.raises(NotAllowed):
        check_source(f"{line}\n")


def test_workspace_chunks_and_factors_have_it_too() -> None:
    d = CASES["evidence"]
    made = compiled(d.numpy("F", workspace=True, linalg="scipy"), "F")
    point = drawn(d, 3)
    n = len(point["v"])
    assert agree(d(**point), made(n)(*(point[name] for name in d.array_names)))
    g = gradients("1/N sum_{n=1}^N (v^T tanh(W x_n) - y_n)^2", wrt=["W", "v"])
    source = g.numpy(chunked=True, linalg="scipy")
    partial, combine = compiled(source, "partial"), compiled(source, "combine")
    point = {"v": np.ones(3), "W": np.ones((3, 2)), "x": np.arange(8.0).reshape(4, 2) / 8, "y": np.ones(4)}
    blocks = g.chunked()
    found = combine([partial(*(point[name] for name in blocks.of_block))], *(point[name] for name in blocks.of_totals))
    assert np.isclose(found[0], g(**point)[0])
    d = derive("||T - U V^T||^2", "U", order=2)
    assert "_syrk" in d.numpy(form="factored", linalg="scipy")
    flat_form = derive("A X^-1 B", "X").flat()
    by_numpy, by_scipy = compiled(flat_form.numpy("f"), "f"), compiled(flat_form.numpy("f", linalg="scipy"), "f")
    point = drawn(flat_form.derivative, 0)
    assert agree(by_numpy(*point.values()), by_scipy(*point.values()))


def test_other_libraries_are_refused() -> None:
    for make in (derive("x^T A x", "x").numpy, gradients("x^T A x", ["x"]).numpy, value_and_gradient("x^T A x", "x").numpy, derive("A X", "X").flat().numpy):
        for wrong in ("scypy", "", None, 3, ["scipy"]):
            with pytest.raises(DeclarationError, match="`linalg` is"):
                make(linalg=wrong)  # type: ignore[operator]
    for name in ("blas", "lapack", "_gemm", "_lu"):
        with pytest.raises(MatcalcError):
            derive("X^-1", "X").numpy(name, linalg="scipy")


def test_scipy_is_imported_by_the_function_alone() -> None:
    script = "import sys; from matcalc import derive; derive('logdet(X)', 'X').numpy(linalg='scipy'); print('scipy' in sys.modules, 'numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]
    assert any("scipy" in line for line in project["optional-dependencies"]["scipy"])
    assert not any("scipy" in line for line in project["dependencies"])


def test_arrays_by_rows_are_not_copied() -> None:
    """A routine that writes into its argument writes into the array whose transpose it was given."""
    A = np.zeros((2, 3))
    assert np.shares_memory(blas.dger(1.0, np.ones(3), np.ones(2), a=A.T, overwrite_a=1), A)
    assert A.sum() == 6.0
