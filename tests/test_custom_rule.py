"""Functions that bring their own derivative to JAX and PyTorch: against differences, and against what those derive themselves."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc import DeclarationError, MatcalcError, gradients
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.custom_rule import CustomVjp

pytestmark = pytest.mark.slow

Array = np.ndarray
CASES: list[tuple[str, list[str], dict[str, str]]] = [
    ("tanh(A x + b)", ["A", "x", "b"], {}), ("x^T A x + lambda ||x||^2", ["lambda", "x"], {}), ("A X B", ["X", "A"], {"X": "R^{m x n}"}),
    ("logdet(X) + tr(X^-1 A)", ["X"], {"X": "R^{n x n}"}), ("x^T A", ["x", "A"], {"A": "R^{m x n}"}), ("X^-1 b", ["X", "b"], {}),
    ("1/N sum_{n=1}^N (v^T tanh(W x_n + c) - y_n)^2", ["W", "v", "c", "y_n"], {}), ("softmax(A x)", ["A", "x"], {}),
    ("f(A x) where f(z) = z^2 sin(z)", ["x"], {}), ("a * exp(b)", ["a", "b"], {"a": "R", "b": "R"}), ("u^T x", ["x"], {"u": "R^n"}),
    ("A tanh(A x)", ["A"], {"A": "R^{n x n}"}), ("d_x^T A ctx + kept^T d_x", ["ctx", "d_x"], {"A": "R^{m x n}", "kept": "R^m", "ctx": "R^n"}),
]


def point_of(text: str, wrt: list[str], declare: dict[str, str]) -> tuple[Any, dict[str, Array], Array]:
    """The function, a point, and the value there by the interpreter."""
    g, rng = gradients(text, wrt, declare=declare), np.random.default_rng(0)
    sizes = draw_sizes((g.expr, *g.variables.values()), rng)
    point = draw_point(g.variables, sizes, rng)
    return g, point, evaluate(g.expr, point, sizes)


class TestJax:
    """Under `jax.grad`, `jit`, `vmap`."""

    @pytest.fixture(autouse=True)
    def jax(self) -> Iterator[Any]:
        jax = pytest.importorskip("jax")
        with jax.enable_x64(True):
            yield jax

    @pytest.mark.parametrize(("text", "wrt", "declare"), CASES)
    def test_first_and_second_derivatives(self, text: str, wrt: list[str], declare: dict[str, str]) -> None:
        g, point, expected = point_of(text, wrt, declare)
        f = g.custom_vjp("jax")
        assert np.allclose(f(**point), expected)
        own = {"y_n": "y"}
        names = [own.get(n, n) for n in wrt]

        def moved(*arrays: Any) -> Any:
            return f(**{**point, **dict(zip(names, arrays, strict=True))})

        check_grads = pytest.importorskip("jax.test_util").check_grads
        check_grads(moved, tuple(np.asarray(point[n]) for n in names), order=2 if len(text) < 11 else 1, modes=["rev"], atol=1e-4, rtol=1e-4)

    def test_as_jax_derives(self, jax: Any) -> None:
        g, point, _ = point_of("tanh(A x + b)", ["A", "x"], {})
        f, arrays = g.custom_vjp("jax"), [jax.numpy.asarray(point[n]) for n in ("A", "x", "b")]
        batch = jax.numpy.asarray(np.random.default_rng(1).normal(size=(5, len(point["x"]))))

        def by_hand(A: Any, x: Any, b: Any) -> Any:
            return jax.numpy.tanh(A @ x + b)

        def loss(h: Any) -> Any:
            return lambda *a: jax.numpy.sum(h(*a) ** 3)

        for transform in (lambda h: jax.jit(jax.grad(loss(h), (0, 1))), lambda h: jax.hessian(loss(h), 1), lambda h: jax.jit(h)):
            for a, b in zip(jax.tree.leaves(transform(f)(*arrays)), jax.tree.leaves(transform(by_hand)(*arrays)), strict=True):
                assert np.allclose(a, b, rtol=1e-12, atol=1e-12)
        for transform in (lambda h: jax.vmap(h, (None, 0, None)), lambda h: jax.vmap(jax.grad(loss(h), (0, 1)), (None, 0, None))):
            for a, b in zip(jax.tree.leaves(transform(f)(arrays[0], batch, arrays[2])),
                            jax.tree.leaves(transform(by_hand)(arrays[0], batch, arrays[2])), strict=True):
                assert np.allclose(a, b, rtol=1e-12, atol=1e-12)

    def test_a_derivative_by_a_constant_is_refused(self, jax: Any) -> None:
        g, point, _ = point_of("tanh(A x + b)", ["A", "x"], {})
        f, arrays = g.custom_vjp("jax"), [point[n] for n in ("A", "x", "b")]
        for call in (jax.grad(lambda b: f(*arrays[:2], b).sum()), jax.jit(jax.grad(lambda b: f(*arrays[:2], b).sum()))):
            with pytest.raises(ValueError, match="no rule for a derivative by b"):
                call(arrays[2])
        twice = jax.grad(lambda x: f(arrays[0], x, jax.lax.stop_gradient(x[: len(arrays[2])])).sum())
        assert np.all(np.isfinite(twice(np.ones(len(arrays[1])))))

    def test_types(self, jax: Any) -> None:
        """Cotangents have the type of their argument; integers and Python numbers are taken."""
        f = gradients("lambda x^T A x", ["x", "lambda"], declare={"A": "R^{n x n}"}).custom_vjp("jax")
        A, x = np.array([[1, 2], [3, 4]]), np.ones(2, "f")
        for wrt, found in ((0, jax.grad(lambda x: f(x=x, A=A, **{"lambda": 2}))(x)), (1, jax.grad(lambda s: f(x=x, A=A, **{"lambda": s}))(2.0))):
            assert np.allclose(found, [2 * (A + A.T) @ x, 10][wrt])
        assert jax.grad(lambda x: f(x=x, A=A, **{"lambda": 2}))(x).dtype == "float32"


class TestTorch:
    """Under `backward`, `gradcheck`, `torch.func`."""

    @pytest.fixture(autouse=True)
    def torch(self) -> Any:
        return pytest.importorskip("torch")

    @pytest.mark.parametrize(("text", "wrt", "declare"), CASES)
    def test_first_and_second_derivatives(self, torch: Any, text: str, wrt: list[str], declare: dict[str, str]) -> None:
        g, point, expected = point_of(text, wrt, declare)
        f = g.custom_vjp("torch")
        tensors = [torch.tensor(point[n], dtype=torch.float64, requires_grad=n in g.wrt) for n in g.array_names]
        assert np.allclose(f(*tensors).detach(), expected)
        assert torch.autograd.gradcheck(f, tensors, check_forward_ad=True) and torch.autograd.gradgradcheck(f, tensors)

    def test_transforms(self, torch: Any) -> None:
        g, point, _ = point_of("tanh(A x + b)", ["A", "x"], {})
        f, (A, x, b) = g.custom_vjp("torch"), [torch.tensor(point[n]) for n in ("A", "x", "b")]
        batch = torch.tensor(np.random.default_rng(1).normal(size=(5, len(x))))

        def by_hand(A: Any, x: Any, b: Any) -> Any:
            return torch.tanh(A @ x + b)

        def loss(h: Any) -> Any:
            return lambda *a: (h(*a) ** 3).sum()

        func = torch.func
        for transform in (lambda h: func.grad(loss(h), 0)(A, x, b), lambda h: func.jacrev(h, 1)(A, x, b), lambda h: func.jacfwd(h, 0)(A, x, b),
                          lambda h: func.hessian(loss(h), 1)(A, x, b), lambda h: func.jvp(lambda z: h(A, z, b), (x,), (x,))[1],
                          lambda h: func.vmap(h, (None, 0, None))(A, batch, b),
                          lambda h: func.vmap(func.grad(loss(h), 1), (None, 0, None))(A, batch, b)):
            assert torch.allclose(transform(f), transform(by_hand), rtol=1e-12, atol=1e-12)

    def test_a_derivative_by_a_constant_is_refused(self, torch: Any) -> None:
        g, point, _ = point_of("tanh(A x + b)", ["A", "x"], {})
        tensors = [torch.tensor(point[n], requires_grad=True) for n in ("A", "x", "b")]
        with pytest.raises(ValueError, match="no rule for a derivative by b"):
            g.custom_vjp("torch")(*tensors).sum().backward()
        with pytest.raises(ValueError, match="no rule for a derivative by b"):
            torch.func.jacfwd(g.custom_vjp("torch"), 2)(*(t.detach() for t in tensors))
        with torch.no_grad():
            assert g.custom_vjp("torch")(*tensors).shape == tensors[2].shape

    def test_behind_a_symmetric_matrix(self, torch: Any) -> None:
        """Of a matrix declared `posdef` the code reads one triangle; the chain to what the matrix is made of is right."""
        f = gradients("logdet(S) + v^T S^-1 v", ["S", "v"], declare={"S": "R^{n x n} posdef"}).custom_vjp("torch")
        L = torch.tensor([[2.0, 0, 0], [1, 3, 0], [-1, 2, 1]], dtype=torch.float64, requires_grad=True)
        v = torch.tensor([1.0, 2, 3], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda L, v: f(L @ L.T, v), (L, v), check_forward_ad=True)

    def test_nothing_arrives(self, torch: Any) -> None:
        """A function after it that has no derivative by its value."""
        f = gradients("||A x||^2", ["x"]).custom_vjp("torch")

        class Cut(torch.autograd.Function):  # type: ignore[name-defined,misc]
            @staticmethod
            def forward(ctx: Any, a: Any, b: Any) -> Any:
                return a + b

            @staticmethod
            def backward(ctx: Any, u: Any) -> Any:
                return None, u

        x = torch.ones(2, requires_grad=True)
        Cut.apply(f(torch.ones(3, 2), x), x.sum()).backward()
        assert torch.equal(x.grad, torch.ones(2))

    def test_types(self, torch: Any) -> None:
        f = gradients("lambda x^T A x", ["x", "lambda"], declare={"A": "R^{n x n}"}).custom_vjp("torch")
        x = torch.ones(2, requires_grad=True)
        value = f(x=x, A=torch.tensor([[1.0, 2], [3, 4]]), **{"lambda": 0.5})
        value.backward()
        assert value.dtype == x.grad.dtype == torch.float32 and torch.allclose(x.grad, torch.tensor([3.5, 6.5]))
        double = torch.ones(2, requires_grad=True)
        f(x=double, A=np.array([[1.0, 2], [3, 4]]), **{"lambda": 0.5}).backward()
        assert double.grad.dtype == torch.float32 and torch.allclose(double.grad, x.grad)

    def test_arguments_changed_before_the_backward_pass_are_noticed(self, torch: Any) -> None:
        f = gradients("||A x||^2", ["x"]).custom_vjp("torch")
        A, x = torch.ones(3, 2), torch.ones(2, requires_grad=True)
        value = f(A, x)
        A.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            value.backward()


def imported(source: str, folder: Path) -> Any:
    """A module of the source."""
    path = folder / "emitted.py"
    path.write_text(source, encoding="utf-8")
    specification = importlib.util.spec_from_file_location("emitted", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize(("text", "wrt"), [("tanh(A x + lambda b)", ["A"]), ("||x||^2", ["x"]), ("x^T A x", ["A", "x"])])
def test_source_stands_alone(target: str, text: str, wrt: list[str], tmp_path: Path) -> None:
    library = pytest.importorskip(target)
    g, point, expected = point_of(text, wrt, {})
    source = g.custom_vjp(target).source("layer")
    assert "matcalc" not in source and source.isascii()
    layer = imported(source, tmp_path).layer
    arrays = [np.asarray(point[n]) for n in g.array_names]
    given = [library.as_tensor(a) for a in arrays] if target == "torch" else arrays
    assert np.allclose(layer(*given), expected, atol=1e-5)
    at = g.array_names.index(wrt[0])
    if target == "torch":
        given[at].requires_grad_()
        layer(*given).sum().backward()
        found = given[at].grad
    else:
        found = library.grad(lambda *a: layer(*a).sum(), at)(*given)
    slope = g(**point)[1][wrt[0]]
    assert np.allclose(found, slope.sum(axis=tuple(range(np.ndim(expected)))), atol=1e-5)
    assert g.custom_vjp(target).source("layer") == source


@pytest.mark.parametrize("target", ["jax", "torch"])
def test_bad_calls(target: str) -> None:
    pytest.importorskip(target)
    f = gradients("tanh(A x + b)", ["A"]).custom_vjp(target)
    A, x, b = np.ones((2, 3)), np.ones(3), np.ones(2)
    for call in (lambda: f(A, x), lambda: f(A, x, b, b), lambda: f(A, x, b=b, x=x), lambda: f(A, x, c=b), lambda: f(A, x, x), lambda: f(A, A, b),
                 lambda: f.source("no name"), lambda: f.source("x"), lambda: f.source("_value"), lambda: f.source(target)):
        with pytest.raises(MatcalcError) as caught:
            call()
        assert caught.value.hint


def test_other_targets_are_refused() -> None:
    with pytest.raises(DeclarationError, match="target"):
        gradients("x^T x", ["x"]).custom_vjp("numpy")
    assert isinstance(gradients("x^T x", ["x"]).custom_vjp("jax"), CustomVjp)
