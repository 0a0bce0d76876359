"""The wheel: what is in it, and that it works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import matcalc

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built by the build back end that is installed."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (path,) = folder.glob("*.whl")
    return path


def test_name_and_version(wheel: Path) -> None:
    assert PROJECT["name"] == "matcalc-engine"
    assert wheel.name == f"matcalc_engine-{matcalc.__version__}-py3-none-any.whl"


def test_wheel_holds_the_package_and_the_grammar_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "matcalc").rglob("*.py")}
    assert modules <= set(names)
    assert {"matcalc/py.typed", "matcalc/_grammar/matcalc.lark"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"matcalc", f"matcalc_engine-{matcalc.__version__}.dist-info"}


def test_wheel_needs_the_stated_packages_and_has_the_command(wheel: Path) -> None:
    archive, info = zipfile.ZipFile(wheel), f"matcalc_engine-{matcalc.__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    assert all(f"Requires-Dist: {name}" in metadata for name in ("lark", "numpy", "sympy"))
    assert "matcalc = matcalc.cli.main:main" in archive.read(f"{info}/entry_points.txt").decode()


def test_installed_wheel_works_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    environment = {**os.environ, "PYTHONPATH": str(site), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    script = "import matcalc; print(matcalc.__file__)"
    found = _output([sys.executable, "-c", script], tmp_path, environment)
    assert Path(found.strip()).is_relative_to(site)
    command = [str(site / "bin" / "matcalc"), "derive", "x^T A x", "--wrt", "x"]
    for _ in range(2):
        assert _output(command, tmp_path, environment) == "x^T (A + A^T)\n"
    assert list((tmp_path / "cache" / "matcalc").glob("grammar-*.json"))


def _output(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_names_of_the_package() -> None:
    assert all(getattr(matcalc, name) is not None for name in matcalc.__all__)
    assert set(matcalc.__all__) <= set(dir(matcalc))
    errors = [getattr(matcalc, name) for name in matcalc.__all__ if name.endswith("Error")]
    assert len(errors) == 7 and all(issubclass(error, matcalc.MatcalcError) for error in errors)
    assert issubclass(matcalc.MatcalcError, ValueError)
    with pytest.raises(AttributeError):
        _ = matcalc.no_such_name  # type: ignore[attr-defined]
