"""The wheel: what is in it, and that it works without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import lark
import pytest

import matcalc
from matcalc.generate import write

pytestmark = pytest.mark.slow

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
    others = {p.relative_to(ROOT).as_posix() for p in (ROOT / "matcalc").rglob("*") if p.is_file() and _is_shipped(p)}
    assert {"matcalc/py.typed", "matcalc/_grammar/matcalc.lark"} | others <= set(names)
    static = {p.relative_to(ROOT).as_posix() for p in (ROOT / "matcalc" / "web" / "static").rglob("*") if p.is_file()}
    assert len(static) > 30 and static <= set(names)
    assert {name.split("/")[0] for name in names} == {"matcalc", f"matcalc_engine-{matcalc.__version__}.dist-info"}


def test_wheel_needs_the_stated_packages_and_has_the_command(wheel: Path) -> None:
    archive, info = zipfile.ZipFile(wheel), f"matcalc_engine-{matcalc.__version__}.dist-info"
    metadata = archive.read(f"{info}/METADATA").decode()
    assert all(f"Requires-Dist: {name}" in metadata for name in ("lark", "numpy", "sympy"))
    assert "matcalc = matcalc.cli.main:main" in archive.read(f"{info}/entry_points.txt").decode()


def _is_shipped(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc"


def test_wheel_states_its_licence_and_its_pythons(wheel: Path) -> None:
    archive, info = zipfile.ZipFile(wheel), f"matcalc_engine-{matcalc.__version__}.dist-info"
    metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
    assert metadata["License-Expression"] == "BSD-3-Clause" and metadata["Requires-Python"] == ">=3.11"
    for name in PROJECT["license-files"]:
        assert archive.read(f"{info}/licenses/{name}") == (ROOT / name).read_bytes()


def test_wheel_from_the_source_distribution_is_the_same(wheel: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path), "-t"]
    subprocess.run([*build, "sdist"], cwd=ROOT, check=True, capture_output=True, timeout=120)
    (archive,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    subprocess.run([*build, "wheel"], cwd=archive.with_suffix("").with_suffix(""), check=True, capture_output=True, timeout=120)
    (again,) = tmp_path.glob("*.whl")
    contents = [{name: z.read(name) for name in z.namelist()} for z in map(zipfile.ZipFile, (wheel, again))]
    assert contents[0] == contents[1]


def _interpreter(version: str) -> str:
    """The interpreter of a version of Python; the test is skipped where there is none."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*/bin/python"))
    for found in (shutil.which(f"python{version}"), *map(str, pyenv)):
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    pytest.skip(f"no Python {version} here")


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_installed_wheel_derives_on_each_python(wheel: Path, tmp_path: Path, version: str) -> None:
    """Lark, which is plain Python, is lent by the running environment; deriving needs nothing else."""
    subprocess.run([_interpreter(version), "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True, timeout=60)
    (site,) = tmp_path.glob("env/lib/*/site-packages")
    shutil.copytree(Path(lark.__file__).parent, site / "lark")
    python = tmp_path / "env" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"XDG_CACHE_HOME": str(tmp_path)}
    command = [str(tmp_path / "env" / "bin" / "matcalc"), "derive", "tanh(A x + b)", "--wrt", "x"]
    assert _output(command, tmp_path, environment) == "diag(1 - tanh(A x + b).^2) A\n"
    assert "return" in _output([*command, "--to", "numpy"], tmp_path, environment)


def test_types_hold_for_a_user_of_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """A module outside the project passes the strict checks of mypy, by `py.typed` alone."""
    pytest.importorskip("mypy")
    venv.create(tmp_path / "env")
    (site,) = tmp_path.glob("env/lib/*/site-packages")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    (site / "others.pth").write_text(str(Path(lark.__file__).parent.parent) + "\n", encoding="utf-8")
    shutil.copy(ROOT / "tests" / "downstream" / "consumer.py", tmp_path / "consumer.py")
    write(ROOT / "generated" / "catalogue.toml", tmp_path / "generated")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    check = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", str(tmp_path / "env/bin/python"),
             "--cache-dir", str(tmp_path / "cache"), "consumer.py"]
    done = subprocess.run(check, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


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
