"""Every wrong input is refused in the right class, at the right place, in words that help; so does the command line."""

from __future__ import annotations

import pytest

from matcalc.core.errors import MatcalcError
from tests.bad_input.corpus import Input, command_complaints, complaints, inputs, run

INPUTS = inputs()
CHUNKS = 20
KINDS = {kind.__name__ for kind in MatcalcError.__subclasses__()}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_wrong_input_is_refused(chunk: int) -> None:
    found = {f"{entry.file}:{entry.title}": said(entry) for entry in INPUTS[chunk::CHUNKS]}
    assert {title: words for title, words in found.items() if words} == {}


def said(entry: Input) -> list[str]:
    """What is wrong with how an input is refused, here and by the command."""
    outcome = run(entry)
    return [*complaints(entry, outcome), *command_complaints(entry, outcome)]


def test_there_are_inputs_of_every_class() -> None:
    assert {entry.kind for entry in INPUTS} == KINDS
    assert len(INPUTS) >= 300
