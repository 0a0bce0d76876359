"""Generated modules: the files in `generated/` are those of the catalogue, and they import and agree with the engine."""

from __future__ import annotations

import importlib.util
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


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, GENERATED / f"{name}.py")
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


def test_the_command_writes_and_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", str(CATALOGUE), "--out", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "new" / p.name) for p in write(CATALOGUE, tmp_path)]
    assert main(["generate", str(tmp_path / "missing.toml"), "--out", str(tmp_path)]) == 2


@pytest.mark.parametrize("text", [
    "", "module = 3", "not toml", ONE, ONE + 'expr = "x^T x"', ONE + 'expr = "x^T x"\nwrt = "x"\nwhat = 1',
    ONE + 'expr = "x^T x"\nwrt = "z"', ONE.replace('"m"', '"../m"') + 'expr = "x^T x"\nwrt = "x"',
    ONE + 'expr = "x^T x"\ngradients = "x"',
])
def test_bad_catalogues_are_refused(text: str) -> None:
    with pytest.raises(DeclarationError):
        modules(text)
