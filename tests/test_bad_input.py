"""Every wrong input is refused in the right class, at the right place, in words that help; so does the command line."""

from __future__ import annotations

import pytest

from matcalc.core.errors import MatcalcError
from tests.bad_input.corpus import Input, command_complaints, complaints, inputs, run

INPUTS = inputs()
KINDS = {kind.__name__ for kind in MatcalcError.__subclasses__()}


@pytest.mark.parametrize("entry", INPUTS, ids=lambda entry: f"{entry.file}:{entry.title}".encode("unicode_escape").decode())
def test_wrong_input_is_refused(entry: Input) -> None:
    outcome = run(entry)
    assert complaints(entry, outcome) == []
    assert command_complaints(entry, outcome) == []


def test_there_are_inputs_of_every_class() -> None:
    assert {entry.kind for entry in INPUTS} == KINDS
    assert len(INPUTS) >= 300
