"""The page on training does what it shows: its code prints it, draws its figures, and its gradients are right."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matcalc import derive, gradients
from tests.docs import DOCS
from tests.pages import OUTPUT, agree, blocks
from tests.test_generate import GENERATED, load

pytestmark = pytest.mark.slow

PAGE = (DOCS / "training.md").read_text(encoding="utf-8")
FIGURES = re.findall(r"!\[[^\]]+\]\((images/[\w-]+\.svg)\)", PAGE)
ENERGY = "-1/2 logdet(P) + 1/(2 N) sum_{n=1}^N (x_n - mu)^T P (x_n - mu) where P = L L^T"
LABEL = re.compile(r"<!-- (.*?) -->")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the page was run, and the page with what it printed there."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("training")
    (folder / "docs" / "images").mkdir(parents=True)
    shutil.copytree(GENERATED, folder / "generated")
    done = subprocess.run(
        [sys.executable, "-m", "tests.pages", str(DOCS / "training.md")],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(DOCS.parent)}, capture_output=True, encoding="utf-8",
        check=False, timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_page_shows_what_it_prints(run: tuple[Path, str]) -> None:
    shown, printed = blocks(PAGE), blocks(run[1])
    assert len(shown) == len(printed) > 20
    for block, now in zip(shown, printed, strict=True):
        assert agree(block.text, now.text), f"python -m tests.docs writes it anew:\n{now.text}"


def test_every_block_is_run_or_compared() -> None:
    fences = {block.fence for block in blocks(PAGE)}
    assert fences <= OUTPUT | {"python", "toml"}
    catalogue = (GENERATED / "catalogue.toml").read_text(encoding="utf-8")
    assert all(block.text in catalogue for block in blocks(PAGE) if block.fence == "toml")


def test_figures_are_drawn_and_labelled_as_kept(run: tuple[Path, str]) -> None:
    assert sorted(FIGURES) == sorted(p.relative_to(DOCS).as_posix() for p in (DOCS / "images").glob("training-*.svg"))
    for name in FIGURES:
        kept, drawn = ((folder / name).read_text(encoding="utf-8") for folder in (DOCS, run[0] / "docs"))
        assert LABEL.findall(drawn) == LABEL.findall(kept) and len(LABEL.findall(kept)) > 10


def differences(function, values: dict[str, np.ndarray], name: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Central differences of the first result of a function by one argument, entry by entry."""
    found = np.zeros(np.shape(values[name]))
    for place in np.ndindex(found.shape):
        change = np.zeros(found.shape)
        change[place] = 1e-6
        ahead, behind = (function(**values | {name: values[name] + s * change})[0] for s in (1, -1))
        found[place] = (ahead - behind) / 2e-6
    return found


def test_gradients_of_the_network_agree_with_differences() -> None:
    rng = np.random.default_rng(3)
    shapes = {"W1": (5, 3), "b1": (5,), "w2": (5,), "b2": ()}
    values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    values |= {"x": rng.normal(size=(7, 3)), "y": rng.normal(size=7)}
    cost = load("networks").relu_network_cost
    for name, slope in zip(shapes, cost(**values)[1:], strict=True):
        assert np.allclose(slope, differences(cost, values, name), atol=1e-7), name


def test_gradients_of_the_gaussian_agree_with_differences() -> None:
    rng = np.random.default_rng(4)
    fit = gradients(ENERGY, wrt=["mu", "L"], declare={"x_n": "R^m", "mu": "R^m", "L": "R^{m x m} lower"})
    values = {"x": rng.normal(size=(7, 3)), "mu": rng.normal(size=3), "L": np.tril(rng.normal(size=(3, 3))) + 3 * np.eye(3)}
    slopes = fit(**values)[1]
    for name in slopes:
        assert np.allclose(slopes[name], differences(fit, values, name), atol=1e-7), name


def test_code_over_a_batch_has_no_loop() -> None:
    sources = [
        (GENERATED / "networks.py").read_text(encoding="utf-8"),
        gradients(ENERGY, wrt=["mu", "L"], declare={"x_n": "R^m", "mu": "R^m"}).numpy(),
        derive("sum_{n=1}^N (y_n - theta0 - theta1 x_n - theta2 x_n^2)^2", wrt=["theta0", "theta1", "theta2"]).numpy(),
    ]
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    for source in sources:
        assert not any(isinstance(node, loops) for node in ast.walk(ast.parse(source)))
