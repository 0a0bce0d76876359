r"""A process that answers one request after the other, from standard input to standard output.

A request is a line `TASK LENGTH`, then so many bytes of JSON; an answer a line `STATUS LENGTH`, then JSON. The server ends a
process that takes too long: no request leaves anything behind that the next one would see.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from typing import BinaryIO

MEMORY = 2 << 30
"""Bytes of address space."""
ALONE = 60
"""Seconds after which a request ends the process by itself, for the case that the server is gone."""


def main(module: str, tasks: list[str]) -> None:
    """Answers until the input ends.

    Args:
        module: what answers: `answer(task, body)`, and `warm(tasks)`, which is called once at first.
        tasks: that this process gets.
    """
    requests, replies = _channel()
    _bounded()
    answers = import_module(module)
    answers.warm(tasks)
    try:
        _serve(answers.answer, requests, replies)
    except BrokenPipeError:  # the server is gone
        os._exit(0)


def _serve(answer: object, requests: BinaryIO, replies: BinaryIO) -> None:
    replies.write(b"ready\n")
    replies.flush()
    while header := requests.readline():
        task, length = header.split()
        _alarm(ALONE)
        status, reply = _answered(answer, task.decode(), requests.read(int(length)))
        _alarm(0)
        replies.write(b"%d %d\n%b" % (status, len(reply), reply))
        replies.flush()


def _answered(answer: object, task: str, body: bytes) -> tuple[int, bytes]:
    """The status and the JSON of an answer; a fault of the program is told without its insides."""
    assert callable(answer)
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return 400, _error("ParseError", "the question is not JSON")
    try:
        return 200, json.dumps(answer(task, asked), allow_nan=False, ensure_ascii=True).encode()
    except (RecursionError, MemoryError):
        return 200, _error("LimitError", "the formula is too large")
    except Exception as fault:  # noqa: BLE001 (the page is told that there was one, whatever it is)
        print(f"a fault of matcalc, not of the input: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 500, _error("Fault", "a fault of matcalc, not of the input: the terminal that serves this page says more")


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"kind": kind, "message": message, "place": None, "hint": None}}).encode()


def _channel() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for this module alone; what a library prints goes to standard error."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, replies


def _bounded() -> None:
    """Bounds on memory, where the system has them; the terminal's interrupt is for the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        resource = import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, AttributeError, ValueError, OSError):  # a system without the module or this bound
        return


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
