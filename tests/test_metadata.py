"""The files about the project: what they state in two places agrees, and what reads them can read them."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml

import matcalc

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
THIRD_PARTY = (ROOT / "THIRD-PARTY.md").read_text(encoding="utf-8")
LISTED = {m[1]: (m[2], m[0]) for m in re.finditer(r"^\| ([\w.-]+) \| ([^|]+) \|.*$", THIRD_PARTY, re.MULTILINE)}
EXTRAS = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
NEEDED = [(re.split(r"[^\w.-]", requirement)[0], extra) for extra, listed in EXTRAS.items() for requirement in listed]
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_version_is_stated_once() -> None:
    """In `matcalc/version.py`; the changelog has a heading for it or for what comes after it."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", matcalc.__version__) and "version" in PROJECT["dynamic"]
    stated = [p.name for p in (ROOT / "pyproject.toml", ROOT / "CITATION.cff", ROOT / "README.md") if matcalc.__version__ in p.read_text()]
    assert not stated
    first = re.search(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert first and (first[1] == "Unreleased" or first[1].startswith(matcalc.__version__))


@pytest.mark.parametrize(("package", "extra"), NEEDED)
def test_every_dependency_is_listed_with_its_licence(package: str, extra: str) -> None:
    licence, row = LISTED[package]
    assert re.search(rf"\b{extra}\b", row)
    try:
        expression = metadata(package).get("License-Expression")
    except PackageNotFoundError:
        return
    assert expression is None or licence.strip() in expression


def test_citation_can_be_read() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] == PROJECT["license"]


@pytest.mark.parametrize("path", [t for t in TEMPLATES if t.stem != "config"], ids=lambda p: p.stem)
def test_issue_templates_are_forms(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    for part in form["body"]:
        assert part["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        assert part["type"] == "markdown" or (part["id"] and part["attributes"]["label"])


def test_there_are_templates() -> None:
    assert len(TEMPLATES) >= 4


def test_hooks_call_what_the_checks_call() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert {"ruff", "mypy"} <= {hook["id"] for hook in hooks}


def test_top_level_is_what_it_should_be() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    folders = {"matcalc", "grammar", "tests", "generated", "docs", "benchmarks", ".ci", ".github"}
    files = {"pyproject.toml", "README.md", "SECURITY.md", "LICENSE", "THIRD-PARTY.md", "CITATION.cff", "CONTRIBUTING.md",
             ".gitignore", ".gitattributes", ".pre-commit-config.yaml"}
    assert top <= folders | files
