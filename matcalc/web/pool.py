"""Processes that are started beforehand, given one request at a time, and ended when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from matcalc.core.errors import LimitError

STARTING = 30.0
"""Seconds that a process has until it is ready."""
PAUSE = 1.0
"""Seconds between attempts to start a process."""
PATIENCE = 0.3
"""Seconds that a request waits before another process is started for it, or one that has had its turn is ended."""
TURN = 2.0
"""Seconds that a process may work while others wait."""
REQUESTS = 500
"""A process is replaced after so many, so that what libraries keep does not add up."""

_START = ("import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
          "from matcalc.web.worker import main; main(sys.argv[2], sys.argv[3:])")
"""The process finds the same modules as this one, wherever it is started."""
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Busy(Exception):
    """Too many requests wait already."""


@dataclass(frozen=True)
class Reply:
    """What a process answered: a status of HTTP and JSON."""

    status: int
    body: bytes


class Pool:
    """Processes for some tasks.

    Args:
        tasks: what they are asked.
        size: how many processes there are; as many again are started while all of them work and requests wait.
        seconds: that a request may take once a process works on it.
        waiting: so many requests may wait for a process.
        module: that answers, as `matcalc.web.worker` brings it in.
    """

    def __init__(self, tasks: Sequence[str], size: int, seconds: float, waiting: int = 32,
                 module: str = "matcalc.web.answers") -> None:
        self.tasks, self.size, self.seconds, self.waiting, self.module = tuple(tasks), size, seconds, waiting, module
        self._idle: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        self._all: set[_Process] = set()
        self._working: dict[_Process, float] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._waits = 0

    def start(self) -> None:
        """Starts the processes; requests wait until one is ready."""
        for _ in range(self.size):
            self._add()

    async def close(self) -> None:
        """Ends all processes."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(process.end() for process in self._all))

    async def ask(self, task: str, body: bytes) -> Reply:
        """The answer of a process; where the caller gives up, the process is ended too.

        Raises:
            Busy: where too many requests wait.
            LimitError: where it takes too long, or the process ended.
        """
        process = await self._free()
        self._working[process] = asyncio.get_running_loop().time()
        done = False
        try:
            reply = await asyncio.wait_for(process.exchange(task, body), self.seconds)
            done = True
        except TimeoutError:
            raise LimitError(f"this takes more than {self.seconds:g} seconds",
                             hint="a shorter formula, a lower order, or names for what it is made of") from None
        except (OSError, asyncio.IncompleteReadError, ValueError):
            if process.gave_way:
                raise LimitError("this takes long, and other formulas wait", hint="once more in a moment, or a shorter formula") from None
            raise LimitError("this takes more memory than there is for one formula",
                             hint="a shorter formula, or a lower order") from None
        finally:
            del self._working[process]
            self._give_back(process, done and process.served < REQUESTS)
        return reply

    def _give_back(self, process: _Process, is_fit: bool) -> None:
        """Keeps a process for the next request; another is started in its place where it is not fit, none where there are enough."""
        has_enough = self._count() >= self.size and not self._waits
        if is_fit and not has_enough:
            self._idle.put_nowait(process)
            return
        self._all.discard(process)
        process.kill()
        if not has_enough:
            self._add()

    def _count(self) -> int:
        """The processes that work, that are ready and that will be."""
        return len(self._working) + self._idle.qsize() + len(self._starting)

    async def _free(self) -> _Process:
        """A process that has nothing to do."""
        if self._idle.empty() and self._waits >= self.waiting:
            raise Busy
        self._waits += 1
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    return await asyncio.wait_for(self._idle.get(), PATIENCE)
                self._make_room()
        finally:
            self._waits -= 1

    def _make_room(self) -> None:
        """Starts another process for those that wait; where there are too many, ends the one that has worked longest."""
        if self._starting:
            return
        if self._count() < 2 * self.size:
            self._add()
            return
        longest = min(self._working, key=self._working.__getitem__, default=None)
        if longest is not None and asyncio.get_running_loop().time() - self._working[longest] > TURN:
            longest.gave_way = True
            longest.kill()

    def _add(self) -> None:
        task = asyncio.create_task(self._started())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _started(self) -> None:
        """Starts a process, and again where that fails."""
        while True:
            process = await _Process.started(self.module, self.tasks)
            self._all.add(process)
            try:
                await asyncio.wait_for(process.ready(), STARTING)
            except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
                self._all.discard(process)
                process.kill()
                await asyncio.sleep(PAUSE)
                continue
            self._idle.put_nowait(process)
            return


class _Process:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process, self.requests, self.replies = process, process.stdin, process.stdout
        self.served = 0
        self.gave_way = False

    @classmethod
    async def started(cls, module: str, tasks: Sequence[str]) -> _Process:
        """A new process."""
        return cls(await asyncio.create_subprocess_exec(
            sys.executable, "-c", _START, json.dumps(sys.path), module, *tasks, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, **_ONE_THREAD}))

    async def ready(self) -> None:
        """Waits until it has what it needs."""
        if await self.replies.readline() != b"ready\n":
            raise ValueError("the process ended before it was ready")

    async def exchange(self, task: str, body: bytes) -> Reply:
        """Sends a request and waits for the answer."""
        self.served += 1
        self.requests.write(b"%b %d\n%b" % (task.encode(), len(body), body))
        await self.requests.drain()
        status, length = (await self.replies.readline()).split()
        return Reply(int(status), await self.replies.readexactly(int(length)))

    def kill(self) -> None:
        """Ends it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def end(self) -> None:
        """Ends it and waits until it is gone."""
        self.kill()
        await self.process.wait()
