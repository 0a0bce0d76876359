"""What workers of these tests answer with: things that hang, take too much memory, or end the process."""

from __future__ import annotations

import os
from collections.abc import Sequence


def warm(tasks: Sequence[str]) -> None:
    """Nothing is needed."""


def answer(task: str, body: object) -> dict[str, object]:
    """Does what the task says."""
    if task == "hang":
        while True:
            pass
    if task == "end":
        os._exit(3)
    if task == "hoard":
        return {"kept": len(bytearray(1 << 34))}
    if task == "fault":
        raise KeyError("of the program")
    if task == "print":
        print("not an answer")
    return {"task": task, "body": body, "process": os.getpid()}
