"""Generated modules: the files in `generated/` are those of the catalogue, and they import and agree with the engine."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from matcalc import DeclarationError, derive
from matcalc.cli.main import main
from matcalc.generate import modules, write

GENERATED = Path(__file__).parent.parent / "generated"
CATALOGUE = GENERATED / "catalogue.toml"
ONE = '[[module]]\nname = "m"\n[[module.function]]\nname = "f"\n'


def test_files_are_those_of_the_catalogue() -> None:
    sources = modules(CATALOGUE.read_text(encoding="utf-8"))
    assert {p.name for p in GENERATED.glob("*.py")} == set(sources)
    for name, source in sources.items():
        assert (GENERATED / name).read_text(encoding="utf-8") == source, "matcalc generate writes it anew"


def load(name: str, folder: Path = GENERATED) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_functions_agree_with_the_engine() -> None:
    rng = np.random.default_rng(0)
    X, w, y = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=5)
    regression = load("regression")
    expected = derive("||X w - y||^2", "w", declare={"X": "R^{m x n}"})(X=X, w=w, y=y)
    assert np.allclose(regression.least_squares_gradient(X, w, y), expected)
    assert regression.logistic_hessian(y, X, w).shape == (3, 3)
    networks = load("networks")
    value, *gradients = networks.two_layer_loss(
        y, rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), w, rng.normal(size=4), rng.normal(size=5)
    )
    assert np.ndim(value) == 0 and [g.shape for g in gradients] == [(4, 3), (4,), (5, 4), (5,)]


@pytest.mark.slow
def test_the_command_writes_and_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", str(CATALOGUE), "--out", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "new" / p.name) for p in write(CATALOGUE, tmp_path)]
    assert main(["generate", str(tmp_path / "missing.toml"), "--out", str(tmp_path)]) == 2


@pytest.mark.parametrize("text", [
    "", "module = 3", "not toml", ONE, ONE + 'expr = "x^T x"', ONE + 'expr = "x^T x"\nwrt = "x"\nwhat = 1',
    ONE + 'expr = "x^T x"\nwrt = "z"', ONE.replace('"m"', '"../m"') + 'expr = "x^T x"\nwrt = "x"',
    ONE + 'expr = "x^T x"\ngradients = "x"', ONE + 'expr = "x^T x"\nwrt = "x"\noutputs = ["jacobian"]',
    ONE + 'expr = "x^T x"\nwrt = "x"\noutputs = []', ONE + 'expr = "x^T x"\nwrt = "x"\noutputs = "value"',
    ONE + 'expr = "x^T x"\nwrt = "x"\noutputs = ["value", "value"]', ONE + 'expr = "A x"\nwrt = "x"\noutputs = ["value"]',
    ONE + 'expr = "x^T x"\nwrt = "x"\norder = 2\noutputs = ["value"]', ONE + 'expr = "x^T x"\nwrt = "x"\ngradients = ["x"]',
    ONE + 'expr = 3\nwrt = "x"', ONE + 'expr = "x^T x"\nwrt = 3\noutputs = ["value"]', ONE + 'expr = "x^T x"\nwrt = "x"\ndeclare = 3',
    ONE + 'expr = "x^T x"\nwrt = "x"\ndeclare = { x = 3 }', ONE.replace('"f"', '"_array"') + 'expr = "x^T x"\nwrt = "x"',
    ONE.replace('"f"', '"np"') + 'expr = "x^T x"\nwrt = "x"', ONE.replace('"m"', '"__init__"') + 'expr = "x^T x"\nwrt = "x"',
    ONE.replace('"f"', '"f(x):\\n import os"') + 'expr = "x^T x"\nwrt = "x"', ONE.replace('"m"', '3') + 'expr = "x^T x"\nwrt = "x"',
    'stray = 1\n' + ONE + 'expr = "x^T x"\nwrt = "x"', ONE.replace('"m"', '"m"\nstray = 1') + 'expr = "x^T x"\nwrt = "x"',
    ONE.replace('"m"', '"m"\ndoc = 1') + 'expr = "x^T x"\nwrt = "x"',
])
def test_bad_catalogues_are_refused(text: str) -> None:
    with pytest.raises(DeclarationError):
        modules(text)


def test_outputs_share_one_function() -> None:
    rng = np.random.default_rng(0)
    X, w, y, v = rng.normal(size=(5, 3)), rng.normal(size=3), np.sign(rng.normal(size=5)), rng.normal(size=3)
    likelihoods = load("likelihoods")
    value, gradient, hessian = likelihoods.logistic(y, X, w)
    assert np.isclose(value, np.log1p(np.exp(-y * (X @ w))).sum())
    step = 1e-6 * v
    assert np.isclose(likelihoods.logistic(y, X, w + step)[0] - likelihoods.logistic(y, X, w - step)[0], 2 * gradient @ step, rtol=1e-6)
    assert np.allclose(likelihoods.logistic(y, X, w + step)[1] - likelihoods.logistic(y, X, w - step)[1], 2 * hessian @ step, rtol=1e-5)
    assert np.allclose(likelihoods.logistic_hvp(y, X, w, v), hessian @ v)
    A = X.T @ X
    value, gradient, product = load("matrices").rayleigh_quotient(w, A, v)
    assert np.isclose(value, w @ A @ w / (w @ w)) and np.isclose(gradient @ w, 0) and product.shape == (3,)


def test_every_function_has_types_shapes_and_its_source() -> None:
    for path in GENERATED.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert node.returns is not None and all(a.annotation is not None for a in node.args.args)
                assert "Shapes: " in (ast.get_docstring(node) or "") and "Returns " in (ast.get_docstring(node) or "")


def test_the_folder_is_a_package(tmp_path: Path) -> None:
    write(CATALOGUE, tmp_path / "package")
    script = "import package; from package import *; print(regression.__name__, likelihoods.__all__[0], package.__all__[0])"
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "package.regression least_squares gaussian\n"


def test_files_of_others_are_kept(tmp_path: Path) -> None:
    own = tmp_path / "networks.py"
    own.write_text("mine = 1\n")
    with pytest.raises(DeclarationError, match="not written by this command"):
        write(CATALOGUE, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["networks.py"] and own.read_text() == "mine = 1\n"


def test_linear_algebra_by_scipy_beside_numpy(tmp_path: Path) -> None:
    """Both libraries in one module: their helpers have names of their own."""
    entry = ONE + 'expr = "logdet(X) + v^T X^-1 v"\nwrt = "X"\noutputs = ["value", "gradient"]\n'
    catalogue = entry + entry.replace('[[module]]\nname = "m"\n', "").replace('"f"', '"g"') + 'linalg = "scipy"\n'
    catalogue += '[[module.function]]\nname = "h"\nexpr = "||A x - b||^2"\ngradients = ["A", "x"]\nlinalg = "scipy"\n'
    catalogue += '[[module.function]]\nname = "k"\nexpr = "||A x - b||^2"\nwrt = "x"\norder = 2\nlinalg = "scipy"\n'
    catalogue += '[[module.function]]\nname = "l"\nexpr = "||A x - b||^2"\nwrt = "x"\norder = 2\n'
    sources = modules(catalogue)
    assert "need NumPy alone, m SciPy too" in sources["__init__.py"]
    (tmp_path / "m.py").write_text(sources["m.py"], encoding="utf-8")
    m = load("m", tmp_path)
    X, v = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.0])
    for one, other in zip(m.f(X, v), m.g(X, v), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    A = np.random.default_rng(0).normal(size=(150, 130))
    np.testing.assert_allclose(m.k(A, A[0], A[:, 0]), m.l(A, A[0], A[:, 0]), rtol=1e-9, atol=1e-9)
    with pytest.raises(DeclarationError, match="`linalg` is"):
        modules(ONE + 'expr = "x^T x"\nwrt = "x"\nlinalg = "mkl"\n')
