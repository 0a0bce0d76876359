"""Sums over data on Dask: as in memory, each block loaded once, memory bounded by the block, and errors in words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from matcalc import MatcalcError, NotDifferentiableError, derive, gradients, hessian, value_and_gradient
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.emit.numpy_checks import parameter_of

pytestmark = pytest.mark.slow

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
convert_legacy_graph = pytest.importorskip("dask._task_spec").convert_legacy_graph
distributed = pytest.importorskip("distributed")

Array = np.ndarray
LOGISTIC = "1/N sum_{n=1}^N log(1 + exp(-y_n w^T x_n)) + lambda/2 ||w||^2"
CASES: list[tuple[Callable[..., Any], str, str | list[str], str | None, dict[str, str]]] = [
    (derive, "1/(2 N) sum_{n=1}^N (y_n - w^T x_n)^2", "w", None, {}),
    (hessian, LOGISTIC, "w", None, {"y_n": "R"}), (value_and_gradient, LOGISTIC, "w", None, {"y_n": "R"}),
    (gradients, "1/(2 N) sum_{n=1}^N (w2^T relu(W1 x_n + b1) + b2 - y_n)^2", ["W1", "b1", "w2", "b2"], None, {"b2": "R"}),
    (gradients, "||A^T w - y||^2 + ||w||^3", ["w"], "n", {"A": "R^{m x n}"}),
    (derive, "1/2 logdet(S) where S = I_d + 1/N sum_{n=1}^N (x_n - mu) (x_n - mu)^T", "mu", None, {"x_n": "R^d"}),
    (gradients, "sum_{n=1}^N tr(B_n C) + sum(C)", ["C"], None, {"B_n": "R^{p x q}"}),
    (derive, "sum_{n=1}^N y_n + tr(A W)", "W", None, {"y_n": "R", "A": "R^{p x q}"}),
    (derive, "sum_{n=1}^N y_n + sum(W)", "W", None, {"y_n": "R", "W": "R^{p x q}"}),
]


@pytest.mark.parametrize(("make", "text", "wrt", "over", "declare"), CASES)
def test_as_in_memory(make: Callable[..., Any], text: str, wrt: str | list[str], over: str | None, declare: dict[str, str]) -> None:
    """For blocks that do not lie alike, split along other axes too, along an axis that need not be the first."""
    d = make(text, wrt, declare=declare)
    chunked, rng = d.chunked(over), np.random.default_rng(0)
    sizes = {**draw_sizes((d.expr, *d.variables.values()), rng), str(chunked.stages.length): 23}
    point = draw_point(d.variables, sizes, rng)
    cut = {}
    for k, n in enumerate(chunked.data):
        axes = parameter_of(d.variables[n]).axes
        cut[n] = da.from_array(point[n], chunks=tuple(5 + 2 * k if dim == chunked.stages.length else 2 for dim in axes))
    lazy = chunked(**{**point, **cut})
    for whole, part, declared in zip(arrays(d(**point)), arrays(dask.compute(lazy, scheduler="sync")[0]), arrays(lazy), strict=True):
        assert isinstance(declared, da.Array) and (declared.shape, declared.dtype) == (np.shape(whole), np.asarray(part).dtype)
        assert np.allclose(part, whole, rtol=1e-12, atol=1e-12)


def arrays(found: Any) -> list[Any]:
    if not isinstance(found, tuple):
        return [found]
    return [a for part in found for a in (part.values() if isinstance(part, dict) else [part])]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1GB") as cluster, \
            distributed.Client(cluster) as found:
        yield found


def loaded(number: int, count: int, width: int, log: str) -> Array:
    """A block of data; that it was loaded is noted in a file."""
    with open(log, "a") as file:
        file.write(f"{number}\n")
    return np.random.default_rng(number).normal(size=(count, width))


def from_loads(blocks: int, count: int, width: int, log: Path) -> Any:
    parts = [da.from_delayed(dask.delayed(loaded)(k, count, width, str(log)), (count, width), float) for k in range(blocks)]
    return da.concatenate(parts)


def test_one_pass_on_a_cluster(client: Any, tmp_path: Path) -> None:
    """Two families read from one array, value and three gradients of two arrays: each block is loaded once."""
    g = gradients("1/N sum_{n=1}^N (v^T tanh(W x_n + b) - y_n)^2", ["W", "v", "b"])
    log = tmp_path / "log"
    table = from_loads(9, 50, 4, log)
    rng = np.random.default_rng(5)
    parameters = {"W": rng.normal(size=(5, 3)), "v": rng.normal(size=5), "b": rng.normal(size=5)}
    found = dask.compute(g.chunked()(x=table[:, 1:], y=table[:, 0], **parameters))[0]
    assert sorted(map(int, log.read_text().split())) == list(range(9))
    whole = np.concatenate([np.random.default_rng(k).normal(size=(50, 4)) for k in range(9)])
    for a, b in zip(arrays(g(x=whole[:, 1:], y=whole[:, 0], **parameters)), arrays(found), strict=True):
        assert np.allclose(a, b, rtol=1e-12)


def test_memory_is_bounded_by_the_block(client: Any, tmp_path: Path) -> None:
    """A pass over 320 MB in blocks of 8 MB leaves no trace of the data in the workers."""
    d = value_and_gradient("1/N sum_{n=1}^N (w^T x_n)^2", "w").chunked()
    x = from_loads(40, 50_000, 20, tmp_path / "log")
    before = client.run(peak)
    value, slope = dask.compute(*d(x=x, w=np.ones(20)))
    grown = {worker: after - before[worker] for worker, after in client.run(peak).items()}
    assert x.nbytes == 320e6 and max(grown.values()) < 100e6, grown
    assert np.isclose(value, slope.sum() / 2)


def peak() -> int:
    """The largest memory that the process has had, in bytes."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def test_an_optimiser_calls_it(client: Any) -> None:
    d = value_and_gradient("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    x = np.random.default_rng(0).normal(size=(600, 3))
    y = x @ [1.0, -2.0, 3.0]
    data = {"x": da.from_array(x, chunks=(300, 3)).persist(), "y": da.from_array(y, chunks=300).persist()}
    found = minimize(lambda w: dask.compute(*d(w=w, **data)), np.zeros(3), jac=True, tol=1e-3)
    assert np.allclose(found.x, [1, -2, 3], atol=1e-2)


def test_a_singular_matrix_is_said_in_words_across_processes(client: Any) -> None:
    d = derive("a^T S^-1 a where S = sum_{n=1}^N x_n x_n^T", "a").chunked()
    with pytest.raises(NotDifferentiableError, match="no value"):
        d(x=da.zeros((6, 2), chunks=3), a=np.ones(2)).compute()


def test_parameters_are_one_task_each_and_may_be_lazy() -> None:
    d = derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    x, y, w = da.ones((100, 3), chunks=(5, 3)), da.ones(100, chunks=5), np.arange(3.0)
    (found,) = dask.optimize(d(x=x, y=y, w=w))
    assert sum("arange" not in str(key) and np.array_equal(getattr(task, "value", None), w)
               for key, task in found.__dask_graph__().items()) == 1
    lazy = d(x=x, y=y, w=da.from_array(w, chunks=2) + 0)
    assert np.array_equal(lazy.compute(), found.compute())


def test_sums_form_a_tree() -> None:
    d = derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    with dask.config.set(split_every=4):
        found = d(x=da.ones((640, 3), chunks=(10, 3)), y=da.ones(640, chunks=10), w=np.ones(3))
    graph = found.__dask_graph__()
    sums = [task for key, task in convert_legacy_graph(dict(graph)).items() if str(key).startswith("('matcalc-total")]
    assert len(sums) > 16 and max(len(task.dependencies) for task in sums) <= 4
    assert np.allclose(found.compute(), 4)


def test_the_same_call_has_the_same_keys() -> None:
    d = derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    values = {"x": da.ones((64, 3), chunks=(10, 3)), "y": da.ones(64, chunks=10)}
    assert d(w=np.ones(3), **values).__dask_keys__() == d(w=np.ones(3), **values).__dask_keys__()
    assert d(w=np.ones(3), **values).__dask_keys__() != d(w=np.zeros(3), **values).__dask_keys__()


@pytest.mark.parametrize(("kinds", "result"), [("ff", "float32"), ("fd", "float64"), ("if", "float64"), ("ee", "float16"), ("ii", "float64")])
def test_precision(kinds: str, result: str) -> None:
    """Totals are in double precision, the result in that of the arguments, as in memory."""
    d = derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w")
    x, y, w = np.ones((70_000, 3), kinds[0]), np.ones(70_000, kinds[1]), np.zeros(3, kinds[1])
    found = d.chunked()(x=da.from_array(x, chunks=(7_000, 3)), y=da.from_array(y, chunks=7_000), w=w)
    assert found.dtype == result == d(x=x, y=y, w=w).dtype
    assert np.array_equal(found.compute(), [-2, -2, -2])


def test_blocks_of_another_length() -> None:
    d = derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()
    found = d(7, x=da.ones((100, 3), chunks=(100, 3)), y=np.ones(100), w=np.ones(3))
    assert sum(str(key).startswith("('matcalc-partial") for key in dict(found.__dask_graph__())) == 15
    assert np.allclose(found.compute(), 4)


X, Y, W = da.ones((10, 3), chunks=(5, 3)), da.ones(10, chunks=5), np.ones(3)


@pytest.mark.parametrize(("values", "said"), [
    ({"x": X, "y": Y}, "missing: w"),
    ({"x": X, "y": Y, "w": W, "z": W}, "not in the formula: z"),
    ({"x": np.ones((10, 3)), "y": np.ones(10), "w": da.ones(3)}, "no data are a Dask array: y, x"),
    ({"x": X[X[:, 0] > 0], "y": Y, "w": W}, "lengths of the blocks of `x` are not known"),
    ({"x": X, "y": da.ones(11, chunks=5), "w": W}, "N = 11 as in `y`"),
    ({"x": X, "y": Y, "w": np.ones(4)}, "as in `w`, but its shape is"),
    ({"x": X[:, 0], "y": Y, "w": W}, "must be in R"),
    ({"x": X.astype(complex), "y": Y, "w": W}, "`x` must hold real numbers, not complex"),
    ({"x": X, "y": Y, "w": ["a"]}, "`w` must hold real numbers"),
    ({"x": X, "y": dask.delayed(np.ones)(10), "w": W}, "`y` must be a Dask array or a NumPy array"),
    ({"x": X, "y": Y, "w": [[1, 2], [3]]}, "rows"),
])
def test_bad_calls(values: dict[str, Any], said: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        derive("1/N sum_{n=1}^N (y_n - w^T x_n)^2", "w").chunked()(**values)
    assert said in caught.value.message and caught.value.hint


def test_what_does_not_split_is_refused() -> None:
    with pytest.raises(NotDifferentiableError, match="block by block"):
        derive("log(sum_{n=1}^N exp(w^T x_n))", "w").chunked()


@pytest.mark.wide
def test_more_data_than_a_worker_may_hold() -> None:
    """1.5 GB on workers that are allowed 400 MB each; one that is asked for all of it is ended."""
    run = subprocess.run([sys.executable, "-m", "benchmarks.dask", "--gigabytes", "1.5", "--limit", "400MB", "--control"],
                         cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=300)
    assert "all data at once    KilledWorker" in run.stdout
    assert float(re.findall(r"relative error +(\S+)", run.stdout)[0]) < 1e-12
