"""A program on a pseudo-terminal: what a person types, and what the screen gets."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cli.console import environment

SECONDS = 60.0
_TAKE_TERMINAL = """import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.close(os.open(sys.argv[1], os.O_RDWR))
os.execv(sys.executable, [sys.executable, "-m", "matcalc", *sys.argv[2:]])"""
"""The first terminal that a session opens becomes its own: its keys then send signals, also where the tests run in the background."""


class Terminal:
    """`matcalc` on a terminal of 100 columns.

    Args:
        folder: where it runs, and the user's home.
        argv: the arguments.
        piped: which of its streams are pipes all the same: "out".
    """

    def __init__(self, folder: Path, *argv: str, piped: str = "", **more: str) -> None:
        self.own, other = os.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, os.ttyname(other), *argv], stdin=other, stderr=other, cwd=folder, start_new_session=True,
            stdout=subprocess.PIPE if piped == "out" else other, env=environment(folder, **more),
        )
        os.close(other)
        self.screen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self.own)

    def until(self, pattern: str, seconds: float = SECONDS) -> str:
        """Reads on until a pattern is on the screen; what came before and with it, without colours."""
        end = time.monotonic() + seconds
        while True:
            shown = plain(self.screen[self.read :])
            found = re.search(pattern, shown)
            if found:
                self.read = len(self.screen)
                return shown
            if time.monotonic() > end or not self._more():
                raise AssertionError(f"{pattern!r} is not on the screen:\n{shown}")

    def _more(self) -> bool:
        if not select.select([self.own], [], [], 0.5)[0]:
            return True
        try:
            data = os.read(self.own, 65536)
        except OSError:
            return False
        self.screen = (self.screen + self.decoder.decode(data)).replace("\r\n", "\n")
        return bool(data)

    def type(self, text: str) -> None:
        """Types text."""
        os.write(self.own, text.encode())

    def ask(self, line: str, pattern: str) -> str:
        """Types a line until it is answered: a terminal drops what is typed while Ctrl-C is at work."""
        return self.press(f"\x15{line}\n", pattern)

    def press(self, keys: str, pattern: str) -> str:
        """Presses keys until they are answered: Python's `input` misses a Ctrl-C just before it waits for a key."""
        for _ in range(12):
            self.type(keys)
            try:
                return self.until(pattern, SECONDS / 12)
            except AssertionError:
                continue
        raise AssertionError(f"{keys!r} is not answered:\n{self.screen}")

    def leave(self) -> int:
        """Types Ctrl-D until the program has left; the exit code."""
        for _ in range(6):
            self.type("\x04")
            code = self.rest(SECONDS / 6)
            if code is not None:
                return code
        raise AssertionError(f"it does not leave:\n{self.screen}")

    def rest(self, seconds: float = SECONDS) -> int | None:
        """Reads to the end; the exit code, None where there is no end."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            if not self._more():
                break
        while select.select([self.own], [], [], 0.1)[0] and self._more():
            pass
        try:
            return self.process.wait(max(1.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None


def plain(text: str) -> str:
    """Text without what steers a terminal."""
    return re.sub(r"\x1b\[[?>\d;]*[A-Za-z]|[\x01\x02\x07]", "", text)
