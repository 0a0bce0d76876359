"""docs/api.md tells of every public name, and of every class that a public function or method returns."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import pytest

import matcalc
from tests.docs import DOCS

PAGE = (DOCS / "api.md").read_text(encoding="utf-8")
TOLD = re.findall(r"^\.\. auto\w+:: (\S+)$", PAGE, re.MULTILINE)
MEMBERS = re.findall(r"^\.\. autoclass:: (\S+)\n   :members: ((?:.+\n?)(?:      .+\n?)*)", PAGE, re.MULTILINE)


def found(name: str) -> object:
    """What a name on the page stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module or "matcalc"), attribute)


def test_every_public_name_is_told() -> None:
    assert set(matcalc.__all__) - {"__version__"} <= set(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_is_there_and_described(name: str) -> None:
    assert inspect.getdoc(found(name))


@pytest.mark.parametrize(("name", "members"), MEMBERS, ids=[name for name, _ in MEMBERS])
def test_members_are_there(name: str, members: str) -> None:
    told = found(name)
    for member in re.split(r",\s+", members.strip()):
        assert inspect.getdoc(getattr(told, member)), member


@pytest.mark.parametrize("name", [name for name in TOLD if inspect.isfunction(found(name))])
def test_classes_that_functions_return_are_told(name: str) -> None:
    returned = re.findall(r"[A-Z]\w+", str(inspect.signature(found(name)).return_annotation))  # type: ignore[arg-type]
    assert {kind for kind in returned if kind not in ("Iterator", "None", "Program")} <= {told.rpartition(".")[2] for told in TOLD}
