"""Runs the tests against faults, each in a process of its own that starts from one set of imports.

First the tests run once with probes in the code, so that for each fault only those run that reach it, the quickest first;
tests that have caught a fault of the same function go before the others.
"""

from __future__ import annotations

import ast
import gc
import os
import pickle
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import wait
from pkgutil import walk_packages
from typing import Any, BinaryIO
from weakref import WeakKeyDictionary

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

import matcalc
from tests.mutation.plant import Fault, Module, find_functions

MEMORY = 4 << 30
SHARE = 3.0
"""How much longer than without a fault the tests may take, apart from `GRACE` seconds, before they count as hung."""

GRACE = 10


@dataclass
class Outcome:
    """What became of a fault.

    Attributes:
        fault: which.
        by: the test that failed, "hung" or "crashed"; "" where all passed, "unreached" where no test comes by.
        tests: how many ran against it.
    """

    fault: Fault
    by: str
    tests: int

    @property
    def caught(self) -> bool:
        """Whether some test noticed."""
        return self.by not in ("", "unreached")


@dataclass(frozen=True)
class Task:
    """Work for a process of its own.

    Attributes:
        work: what it does; its result is sent back.
        limit: seconds of processor time that it may take; None where it ends of itself.
        done: called with the result, None where it does not end as it should.
    """

    work: Callable[[], Any]
    limit: int | None
    done: Callable[[Any], None]


@dataclass
class Learned:
    """How long each test takes, and which probes it reaches."""

    seconds: dict[int, float] = field(default_factory=dict)
    reached: dict[int, set[int]] = field(default_factory=dict)


class Runner:
    """A plugin of pytest that runs faults in place of the collected tests.

    Args:
        modules: those with probes.
        probes: the statements of each that have one, with their numbers.
        faults: what is planted.
        longest: seconds that the tests of one fault may take together, as learned.
        report: called with each outcome.
        jobs: processes at a time.
    """

    def __init__(self, modules: Sequence[Module], probes: Sequence[dict[ast.AST, int]], faults: Sequence[Fault],
                 longest: float, report: Callable[[Outcome], None], jobs: int = 1) -> None:
        self.modules, self.probes, self.faults = modules, probes, faults
        self.longest, self.report, self.jobs = longest, report, jobs
        self.outcomes: list[Outcome] = []
        self.learned = Learned()
        self.killers: dict[str, Counter[int]] = {}
        self.sharp = Counter[int]()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Random tests take the same examples every time, and do not look for the least one; pytest itself prints nothing."""
        config.pluginmanager.unregister(name="terminalreporter")
        settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All faults."""
        items = session.items
        warm_up()
        forget()
        find_functions(self.modules)
        gc.collect()
        gc.freeze()
        run_all((Task(lambda n=n: self.learn(items, n), None, self.add) for n in range(self.jobs)), self.jobs)  # type: ignore[misc]
        run_all((self.task(fault, items) for fault in self.faults), self.jobs)
        return True

    def learn(self, items: Sequence[pytest.Item], share: int) -> Learned:
        """Runs a share of the tests once, with probes; those that fail anyway are left out."""
        learned, hits = Learned(), set[int]()
        for module, probes in zip(self.modules, self.probes, strict=True):
            module.instrument(probes, hits.add)
        own = range(share, len(items), self.jobs)
        for n in own:
            hits.clear()
            forget()
            start = time.process_time()
            if passes(items[n], items[n + self.jobs] if n != own[-1] else None):
                learned.seconds[n] = time.process_time() - start
                learned.reached[n] = set(hits)
        return learned

    def add(self, learned: Learned) -> None:
        """Keeps what was learned from a share of the tests."""
        self.learned.seconds |= learned.seconds
        self.learned.reached |= learned.reached

    def task(self, fault: Fault, items: Sequence[pytest.Item]) -> Task:
        """To find out what becomes of one fault."""
        chosen = self.chosen(fault, items)
        limit = int(GRACE + SHARE * sum(self.learned.seconds[n] for n in chosen))

        def done(result: tuple[int, int] | None) -> None:
            ran, failed = (len(chosen), None) if result is None else result
            if failed is None:
                outcome = Outcome(fault, "hung or crashed", ran)
            elif failed < 0:
                outcome = Outcome(fault, "" if chosen else "unreached", ran)
            else:
                self.killers.setdefault(fault.group, Counter())[failed] += 1
                self.sharp[failed] += 1
                outcome = Outcome(fault, items[failed].nodeid, ran)
            self.outcomes.append(outcome)
            self.report(outcome)

        return Task(lambda: self.attempt(fault, items, chosen), limit, done)

    def chosen(self, fault: Fault, items: Sequence[pytest.Item]) -> list[int]:
        """The tests to run, the most promising first: those that caught others beside it, those that name the record, those that
        caught most elsewhere, the quick ones. Half of the time is left for those that come by most of the code in a second.
        """
        seconds, known = self.learned.seconds, self.killers.get(fault.group, Counter())
        near = [n for n in seconds if fault.probe is None or fault.probe in self.learned.reached[n]]
        near.sort(key=lambda n: (-known[n], fault.probe is not None or fault.record not in items[n].nodeid, -self.sharp[n], seconds[n]))
        chosen = self._within(self.longest / 2, near)
        broad = sorted(set(near) - set(chosen), key=lambda n: seconds[n] / (1 + len(self.learned.reached[n])))
        return [*chosen, *self._within(self.longest / 2, broad)]

    def _within(self, most: float, tests: Iterable[int]) -> list[int]:
        """The first tests that take so many seconds, the first one in any case."""
        total, chosen = 0.0, list[int]()
        for n in tests:
            total += self.learned.seconds[n]
            if total > most and chosen:
                break
            chosen.append(n)
        return chosen

    def attempt(self, fault: Fault, items: Sequence[pytest.Item], chosen: Iterable[int]) -> tuple[int, int]:
        """Plants the fault; how many tests ran and the first that failed, -1 for none."""
        fault.plant()
        ran = 0
        for n in chosen:
            ran += 1
            if not passes(items[n], None):
                return ran, n
        return ran, -1


def warm_up() -> None:
    """Imports what is imported on demand, and loads the grammar, so that not every child has to."""
    for found in walk_packages(matcalc.__path__, "matcalc."):
        if not found.name.endswith("__main__") and not found.name.startswith(("matcalc.adapters.", "matcalc.web.")):
            import_module(found.name)
    matcalc.derive("warm^T up", "warm", declare={"warm": "R^n", "up": "R^n"}).numpy()


def forget() -> None:
    """Empties what the engine remembers, so that a test comes by all that it is about, whatever ran before; grammars stay."""
    for name, module in list(sys.modules.items()):
        if name.startswith("matcalc.") and not name.startswith("matcalc.syntax."):
            for value in vars(module).values():
                if isinstance(value, WeakKeyDictionary):
                    value.clear()
                elif hasattr(value, "cache_clear"):
                    value.cache_clear()


def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Whether a test passes."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def run_all(tasks: Iterable[Task], jobs: int) -> None:
    """Runs tasks in child processes without output, so many at a time; each is asked for when there is room for it."""
    left, running = iter(tasks), dict[BinaryIO, tuple[int, Task]]()
    while True:
        while len(running) < jobs and (task := next(left, None)) is not None:
            stream, child = _child(task)
            running[stream] = child, task
        if not running:
            return
        for stream in wait(list(running)):
            child, task = running.pop(stream)  # type: ignore[call-overload]
            with stream:  # type: ignore[union-attr]
                result = stream.read()  # type: ignore[union-attr]
            os.waitpid(child, 0)
            task.done(pickle.loads(result) if result else None)


def _child(task: Task) -> tuple[BinaryIO, int]:
    """A process that does some work, and where its result is read."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _work(task.work, writing, task.limit)
    os.close(writing)
    return os.fdopen(reading, "rb"), child


def _work(work: Callable[[], Any], writing: int, limit: int | None) -> None:
    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10 * limit)
    try:
        result = pickle.dumps(work())
        os.write(writing, result) if len(result) < 60_000 else os.fdopen(writing, "wb").write(result)
    finally:
        sys.stderr.flush()
        os._exit(0)
