"""Long sums and deep chains: time and code grow with their length, no faster."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np
import pytest

from matcalc import derive, gradients
from matcalc.core.limits import limited

pytestmark = pytest.mark.slow


def seconds(call: Callable[[], object]) -> float:
    """Processor time, without that of collecting what was there before."""
    gc.collect()
    start = time.process_time()
    call()
    return time.process_time() - start


@pytest.mark.parametrize("term", ["x^T x", "{n} x^T A x"])
def test_ten_thousand_terms(term: str) -> None:
    with limited(seconds=60):
        assert seconds(lambda: derive(" + ".join(term.format(n=n) for n in range(1, 10_001)), "x")) < 6


@pytest.mark.parametrize("term", ["a{n}^T x", "tanh(a{n}^T x)", "A{n} x", "s{n} sin(x)^T x"])
def test_sums_of_many_terms(term: str) -> None:
    """Three times as long takes no more than some five times the time, in formula, code and LaTeX."""

    def all_of(count: int, first: int) -> Callable[[], object]:
        text = " + ".join(term.format(n=n) for n in range(first, first + count))

        def call() -> None:
            d = derive(text, "x", declare={"x": "R^n"})
            str(d), d.latex(), d.numpy(), d.index()

        return call

    with limited(seconds=60):
        all_of(20, 0)()
        for first in (1_000, 3_000, 5_000):  # another time where something else took the processor's caches
            short, long = seconds(all_of(100, first)), seconds(all_of(300, first))
            if long < 5 * short + 0.2:
                return
    assert long < 5 * short + 0.2


@pytest.mark.parametrize("sign", [" * ", " .* ", ", "])
def test_products_and_lists_of_many_parts(sign: str) -> None:
    def all_of(count: int) -> Callable[[], object]:
        text = sign.join(f"sin({n}^T x)" if sign == " * " else f"{n} sin(x)" for n in ("a", "b") * (count // 2))
        return lambda: derive(f"[{text}]" if sign == ", " else text, "x", declare={"x": "R^n" if sign != ", " else "R"})

    with limited(seconds=60):
        all_of(20)()
        assert seconds(all_of(600)) < 6 * seconds(all_of(200)) + 0.3


def test_code_of_long_sums_runs() -> None:
    d = derive(" - ".join(f"a{n}^T x" for n in range(600)), "x")
    rng = np.random.default_rng(0)
    point = {name: rng.standard_normal(3) for name in d.variables}
    expected = point["a0"] - sum(point[f"a{n}"] for n in range(1, 600))
    np.testing.assert_allclose(np.asarray(d(**point)), expected, rtol=1e-10, atol=1e-10)


def layers(count: int) -> str:
    """A network of so many layers, its layers named."""
    return f"sum(y{count}) where y0 = x, " + ", ".join(f"y{n} = tanh(W{n} y{n - 1})" for n in range(1, count + 1))


def test_deep_chains() -> None:
    d = derive(layers(300), "W1")
    source, formula = d.numpy(), str(d)
    third = derive(layers(100), "W1")
    assert len(source.splitlines()) < 3.3 * len(third.numpy().splitlines())
    assert len(formula) < 3.5 * len(str(third))
    with limited(seconds=60):
        deep = seconds(lambda: derive(layers(120), "x").numpy())
        assert deep < 5 * seconds(lambda: derive(layers(40), "x").numpy()) + 0.3


def test_gradients_of_a_deep_chain() -> None:
    names = [f"W{n}" for n in range(1, 301)]
    g = gradients(layers(300), names)
    lines = len(g.numpy().splitlines())
    assert lines < 3.3 * len(gradients(layers(100), names[:100]).numpy().splitlines())


def test_names_of_the_user_are_kept_in_long_and_short_programs() -> None:
    """The formula of a long program reads like that of a short one."""
    short, long = str(derive(layers(3), "W1")), str(derive(layers(40), "W1"))
    assert "where" in short and all(f"y{n} = tanh(W{n} y{n - 1})" in long for n in range(2, 40))


def test_the_formula_of_a_long_program_is_right() -> None:
    assert derive(layers(30), "x").check().passed
