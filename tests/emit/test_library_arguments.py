"""Functions for JAX, PyTorch and the standard: types of arguments and results, edges, tracing, what is refused."""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from matcalc import derive, gradients, hessian, value_and_gradient
from matcalc.cli.main import main
from matcalc.core.errors import DeclarationError
from matcalc.evaluation import compiled
from matcalc.generate import modules
from tests.emit.libraries import RUNNERS, Runner, are_equal, is_there, jax

pytestmark = pytest.mark.slow

NAMES = [pytest.param(name, marks=pytest.mark.skipif(not is_there(RUNNERS[name].package), reason=f"{name} is not installed"))
         for name in ("jax jit", "torch", "strict", "array-api numpy", "array-api torch")]
SCALED = "t ||A x - b||^2"


def made(d: Any, runner: Runner, **options: Any) -> Callable[..., Any]:
    return runner.around(compiled(d.numpy("f", target=runner.target, **options), "f"))


def parts(runner: Runner, found: Any) -> list[np.ndarray]:
    return [runner.back(part) for part in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["t sum(softplus(A x + b))", "t ||A x - b|| + n", "t sum(erf(A x)) + sqrt(2 pi) logsumexp(b)", "t sum(relu(A x) .* step(b))", "det(A^T A) t"])
def test_single_precision_stays(name: str, text: str) -> None:
    runner = RUNNERS[name]
    d = gradients(text, ["A", "t"], {"A": "R^{m x n}", "t": "R", "n": "R"} if "n" in text.split() else {"A": "R^{m x n}", "t": "R"})
    rng = np.random.default_rng(0)
    sizes = {"A": (3, 2), "x": (2,), "b": (3,)}
    point = {n: np.asarray(rng.normal(size=sizes.get(n, ())), np.float32) for n in d.variables}
    found = parts(runner, made(d, runner)(*map(runner.to, point.values())))
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    value, gradient = d(**{n: a.astype(float) for n, a in point.items()})
    assert are_equal(found, [value, *gradient.values()], 1e-4)  # type: ignore[list-item]


@pytest.mark.parametrize("name", NAMES)
def test_integers_and_plain_numbers_are_taken(name: str) -> None:
    runner = RUNNERS[name]
    f = made(gradients(SCALED, ["x", "t"], {"t": "R"}), runner)
    t, A, x, b = 0.1, np.array([[1, 2], [3, 4], [5, 6]]), np.array([1, 2]), np.array([0.5, 0.0, 1.0])
    found = parts(runner, f(t, *map(runner.to, (A, x, b))))
    r = A @ x - b
    assert are_equal(found, [0.1 * r @ r, 0.2 * A.T @ r, r @ r], 1e-12)
    whole = parts(runner, made(derive("2 x^T x / 3", "x"), runner)(runner.to(x)))
    assert whole[0].dtype.kind == "f" and np.allclose(whole[0], 4 * x / 3, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_results_that_are_numbers_are_arrays(name: str) -> None:
    runner = RUNNERS[name]
    for text, wrt, wanted in (("3 x + y", "x", 3.0), ("sqrt(2) x", "x", 2**0.5), ("exp(1) x + y", "x", np.e), ("x y", "x", 2.0), ("log(2 pi) x", "x", np.log(2 * np.pi))):
        d = derive(text, wrt, 1, {"x": "R", "y": "R"})
        found = made(d, runner)(*(runner.to(np.asarray(2.0)) for _ in d.array_names))
        assert type(found) is type(runner.to(np.asarray(2.0))) or name == "array-api numpy"
        assert np.allclose(runner.back(found), wanted) and runner.back(found).dtype == float


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("text", "wrt", "point", "wanted"), [
    ("sum(sigmoid(x))", "x", [1000, -1000, 0], [0, 0, 0.25]), ("sum(softplus(x))", "x", [1000, -1000], [1, 0]), ("logsumexp(x)", "x", [1000, 1000], [0.5, 0.5]),
    ("sum(log(1 + exp(x)))", "x", [1000, -1000], [1, 0]), ("||x||", "x", [0, 0], [0, 0]), ("norm1(x)", "x", [0, 2, -3], [0, 1, -1]), ("sum(relu(x))", "x", [0, 2, -3], [0, 1, 0]),
    ("sum(x sigmoid(t))", "t", [1000], [0]), ("sum(tanh(x))", "x", [1000, -1000], [0, 0]), ("x^T x", "x", [], []),
])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_edges(name: str, text: str, wrt: str, point: list[float], wanted: list[float], kind: type) -> None:
    runner = RUNNERS[name]
    d = derive(text.replace("x sigmoid(t)", "sigmoid(t)") if wrt == "t" else text, wrt, 1, {wrt: "R^n"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = runner.back(made(d, runner)(runner.to(np.asarray(point, kind))))
    assert found.dtype == kind and np.allclose(found, wanted)


@pytest.mark.parametrize("name", NAMES)
def test_second_derivatives_do_not_overflow(name: str) -> None:
    runner = RUNNERS[name]
    for text in ("sum(softplus(x))", "sum(sigmoid(x))", "logsumexp(x)"):
        for kind in (np.float64, np.float32):
            found = runner.back(made(hessian(text, "x"), runner)(runner.to(np.asarray([800.0, -800.0, 90.0], kind))))
            assert np.isfinite(found).all() and found.dtype == kind, text


@pytest.mark.parametrize("name", NAMES)
def test_wrong_arguments_are_refused_in_words(name: str) -> None:
    runner = RUNNERS[name]
    f = made(derive("x^T A x", "x"), runner)
    with pytest.raises(ValueError, match=r"A must be in R\^\{n x n\}, n = 3 as in x, but its shape is \(3, 2\)"):
        f(runner.to(np.zeros(3)), runner.to(np.zeros((3, 2))))
    with pytest.raises(ValueError, match=r"A must be in R\^\{n x n\}, not an? \w+ of shape \(3,\)"):
        f(runner.to(np.zeros(3)), runner.to(np.zeros(3)))
    with pytest.raises(TypeError, match="x must hold real numbers, not .*complex128"):
        f(runner.to(np.zeros(3, complex)), runner.to(np.zeros((3, 3))))


@pytest.mark.skipif(not is_there("torch"), reason="torch is not installed")
def test_a_tensor_without_axes_does_not_decide_the_type() -> None:
    torch = import_module("torch")
    f = compiled(derive("t x^T x", "x", declare={"t": "R"}).numpy("f", target="torch"), "f")
    assert f(torch.tensor(2.0, dtype=torch.float64), torch.ones(3)).dtype == torch.float32
    assert torch.equal(f(0.1, torch.ones(2, dtype=torch.float64)), torch.full((2,), 0.2, dtype=torch.float64))
    batch = torch.func.vmap(compiled(derive("diag(x) A", "x").numpy("f", target="torch"), "f"), in_dims=(0, None))
    assert batch(torch.ones(4, 3), torch.ones(3, 2)).shape == (4, 3, 2, 3)


@pytest.mark.skipif(not is_there("torch"), reason="torch is not installed")
def test_pytorch_differentiates_what_is_emitted() -> None:
    torch = import_module("torch")
    A, x = torch.rand(3, 3, dtype=torch.float64), torch.rand(3, dtype=torch.float64, requires_grad=True)
    gradient = compiled(derive("sum(tanh(A x))", "x").numpy("f", target="torch"), "f")
    by_torch = torch.autograd.functional.jacobian(lambda y: gradient(A, y), x)
    assert np.allclose(by_torch, hessian("sum(tanh(A x))", "x")(A=A.numpy(), x=x.detach().numpy()))


@pytest.mark.skipif(not is_there("jax"), reason="jax is not installed")
def test_jax_maps_and_traces_what_is_emitted() -> None:
    x, jnp = jax(), jax().numpy
    rng = np.random.default_rng(0)
    X, w, y = rng.normal(size=(6, 3)), rng.normal(size=(4, 3)), rng.normal(size=6)
    d = value_and_gradient("sum(softplus(X w) - y .* (X w))", "w")
    f = compiled(d.numpy("f", target="jax"), "f")
    values, rows = x.jit(x.vmap(f, in_axes=(None, 0, None)))(X, w, y)
    assert all(np.allclose(value, d(X=X, w=v, y=y)[0]) and np.allclose(row, d(X=X, w=v, y=y)[1]) for value, row, v in zip(values, rows, w, strict=True))
    assert np.allclose(rows[0], x.grad(lambda v: f(X, v, y)[0])(jnp.asarray(w[0])))
    with pytest.raises(ValueError, match="X must be in"):
        x.jit(f)(X.T, w[0], y)
    with x.enable_x64(False):
        value, row = x.jit(f)(X, w[0], y)
        assert value.dtype == row.dtype == np.float32 and np.allclose(row, rows[0], rtol=1e-4)


@pytest.mark.skipif(not is_there("dask"), reason="dask is not installed")
@pytest.mark.parametrize("text", ["sum(softplus(X w) - y .* (X w))", "1/2 ||X w - y||^2", "sum(tanh(X w) .* y)", "||X w - y||", "logsumexp(X w)"])
def test_dask_arrays_are_taken_block_by_block(text: str) -> None:
    da = pytest.importorskip("dask.array")
    rng = np.random.default_rng(0)
    arrays = {"X": rng.normal(size=(40, 3)), "w": rng.normal(size=3), "y": rng.normal(size=40)}
    d = value_and_gradient(text, "w")
    f = compiled(d.numpy("f", target="array-api"), "f")
    found = f(*(da.from_array(arrays[n], chunks=(10,) + (3,) * (arrays[n].ndim - 1) if n != "w" else -1) for n in d.array_names))
    assert all(hasattr(part, "dask") for part in found)
    assert are_equal([np.asarray(part) for part in found], [np.asarray(part) for part in d(**{n: arrays[n] for n in d.array_names})])


def test_the_error_function_of_the_standard_is_that_of_python() -> None:
    f = compiled(derive("sum(x erf(y))", "x", declare={"x": "R", "y": "R^n"}).numpy("f", target="array-api", checks=False), "f")
    for y in np.concatenate([np.linspace(-7, 7, 701), [0.46875, -0.46875, 4.0, 1e-8, 0.0]]):
        assert abs(f(np.asarray(1.0), np.asarray([y])) - math.erf(y)) <= 4e-16, y


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, wanted in ((["derive", "x^T A x", "--wrt", "x"], "return A @ x + x @ A"), (["stationary", "||A x - b||^2", "--wrt", "x"], "jnp.linalg.lstsq(A, b)[0]"),
                              (["taylor", "sum(exp(x))", "--wrt", "x", "--degree", "1"], "jnp.exp("), (["simplify", "tr(A B)", "--name", "g"], "def g(A, B)"),
                              (["derive", "sum_j A_ij v_j", "--wrt", "v_k", "--notation", "index"], "import jax")):
        assert main([*arguments, "--to", "numpy", "--target", "jax"]) == 0
        assert wanted in capsys.readouterr().out
    for wrong in (["--target", "jax"], ["--to", "numpy", "--target", "jaxx"], ["--to", "numpy", "--target", "jax", "--linalg", "scipy"]):
        assert main(["derive", "x^T x", "--wrt", "x", *wrong]) == 2
        assert "target" in capsys.readouterr().err


ENTRY = '[[module]]\nname = "m"\ntarget = "{0}"\n[[module.function]]\nname = "f"\nexpr = "tanh(A x)"\nwrt = "A"\n[[module.function]]\nname = "g"\nexpr = "||A x||^2"\ngradients = ["A", "x"]\n'


@pytest.mark.parametrize("target", ["jax", "torch", "array-api"])
def test_generated_modules(target: str, tmp_path: Any) -> None:
    package = {"array-api": "array_api_compat"}.get(target, target)
    source = modules(ENTRY.format(target))["m.py"]
    assert f"import {package}" in source or f"from {package} import" in source
    assert "numpy as np" not in source and "numpy.typing" not in source
    if not is_there(package):
        pytest.skip(f"{package} is not installed")
    (tmp_path / "m.py").write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("m", tmp_path / "m.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    runner = RUNNERS[{"array-api": "array-api numpy", "jax": "jax jit"}.get(target, target)]
    A, x = np.arange(6.0).reshape(2, 3) / 7, np.ones(3)
    assert np.allclose(runner.back(module.f(runner.to(A), runner.to(x))), derive("tanh(A x)", "A")(A=A, x=x))
    assert np.allclose(runner.back(module.g(runner.to(A), runner.to(x))[2]), 2 * A.T @ A @ x)


def test_a_module_has_one_target() -> None:
    with pytest.raises(DeclarationError, match="jax and for torch"):
        modules(ENTRY.format("jax").replace('name = "g"\n', 'name = "g"\ntarget = "torch"\n'))
    with pytest.raises(DeclarationError, match="routines of code for NumPy"):
        modules(ENTRY.format("jax") + 'linalg = "scipy"\n')


@pytest.mark.parametrize("name", NAMES)
def test_infinite_entries_stay_where_they_are(name: str) -> None:
    runner = RUNNERS[name]
    for text, wrt in (("log(x)", "x"), ("diag(log(x)) A", "x"), ("log(x) .* (A x)", "x")):
        d = derive(text, wrt, declare={"A": "R^{n x n}"} if "A" in text else None)
        point = {n: np.array([0.0, 1.0, 2.0]) if n == "x" else np.ones((3, 3)) for n in d.variables}
        with np.errstate(all="ignore"):
            found = runner.back(made(d, runner)(*map(runner.to, point.values())))
            assert are_equal([found], [np.asarray(d(**point))]) and np.isinf(found).any(), text


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_data_add_up(name: str) -> None:
    runner = RUNNERS[name]
    g = gradients("1/N sum_{n=1}^N (y_n - tanh(w^T x_n))^2 + l ||w||^2", ["w", "l"], {"x_n": "R^d", "y_n": "R"})
    chunked, source = g.chunked(), g.numpy(chunked=True, target=runner.target)
    partial, combine = (compiled(source, which) for which in ("partial", "combine"))
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(7, 3)), "y": rng.normal(size=7), "w": rng.normal(size=3), "l": np.asarray(0.3)}
    blocks = [partial(*(runner.to(arrays[n][i : i + 3] if n in chunked.data else arrays[n]) for n in chunked.of_block)) for i in (0, 3, 6)]
    value, gradient = g(**arrays)
    found = parts(runner, combine(blocks, *(runner.to(arrays[n]) for n in chunked.of_totals)))
    assert are_equal(found, [np.asarray(part) for part in (value, *gradient.values())])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("variable", ["jnp", "xp", "jax", "torch", "device", "array_namespace", "kind", "dtype", "math", "int", "tuple", "lambda", "f"])
def test_variables_may_have_any_name(name: str, variable: str) -> None:
    runner = RUNNERS[name]
    d = derive(f"{variable}^T A {variable}", variable, declare={variable: "R^n"})
    point = [np.ones(2) if len(v.shape.dims) == 1 else np.eye(2) for v in d.variables.values()]
    assert np.allclose(runner.back(made(d, runner)(*map(runner.to, point))), 2)
