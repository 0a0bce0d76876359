"""The processes: one that hangs is ended while others answer, and another takes its place."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable

import pytest

from matcalc.core.errors import LimitError
from matcalc.web.pool import Busy, Pool

pytestmark = pytest.mark.slow

TASKS = ("hang", "end", "hoard", "fault", "print", "quick")
SLOW = "tests.web.slow"


def with_pool(test: Callable[[Pool], Awaitable[None]], size: int = 2, seconds: float = 1.0, waiting: int = 8) -> None:
    async def run() -> None:
        pool = Pool(TASKS, size, seconds, waiting, SLOW)
        pool.start()
        try:
            await test(pool)
        finally:
            await pool.close()

    asyncio.run(run())


async def process_of(pool: Pool) -> int:
    return int(json.loads((await pool.ask("quick", b"{}")).body)["process"])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_request_that_hangs_is_ended_while_another_is_answered() -> None:
    async def test(pool: Pool) -> None:
        hanging = asyncio.create_task(pool.ask("hang", b"{}"))
        await asyncio.sleep(0.1)
        start = time.perf_counter()
        assert json.loads((await pool.ask("quick", b"[1]")).body)["body"] == [1]
        quick = time.perf_counter() - start
        assert not hanging.done()
        with pytest.raises(LimitError, match="more than 3 seconds"):
            await hanging
        assert quick < 3

    with_pool(test, seconds=3)


def test_light_requests_do_not_wait_for_more_that_hang_than_there_are_processes() -> None:
    async def test(pool: Pool) -> None:
        await process_of(pool)
        hanging = [asyncio.create_task(pool.ask("hang", b"{}")) for _ in range(3)]
        await asyncio.sleep(0.2)
        start = time.perf_counter()
        assert await process_of(pool)
        assert time.perf_counter() - start < 12 and not any(task.done() for task in hanging)
        await asyncio.sleep(0.2)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        for _ in range(100):
            if pool._count() == 2:
                break
            await asyncio.sleep(0.2)
            await process_of(pool)
        assert pool._count() == 2

    with_pool(test, seconds=60)


def test_the_one_that_has_worked_longest_is_ended_where_others_wait() -> None:
    async def test(pool: Pool) -> None:
        first = asyncio.create_task(pool.ask("hang", b"{}"))
        while not pool._working:
            await asyncio.sleep(0.1)
        second = asyncio.create_task(pool.ask("hang", b"{}"))
        while len(pool._working) < 2:
            await asyncio.sleep(0.1)
        assert await process_of(pool)
        with pytest.raises(LimitError, match="other formulas wait"):
            await first
        assert not second.done()
        second.cancel()

    with_pool(test, size=1, seconds=60)


def test_all_processes_hang_and_others_come() -> None:
    async def test(pool: Pool) -> None:
        before = {await process_of(pool)}
        found = await asyncio.gather(*(pool.ask("hang", b"{}") for _ in range(2)), return_exceptions=True)
        assert all(isinstance(f, LimitError) for f in found)
        after = await process_of(pool)
        assert after not in before and not any(map(alive, before))

    with_pool(test)


def test_who_gives_up_leaves_no_work_behind() -> None:
    async def test(pool: Pool) -> None:
        first = await process_of(pool)
        hanging = asyncio.create_task(pool.ask("hang", b"{}"))
        await asyncio.sleep(0.2)
        hanging.cancel()
        second = await process_of(pool)
        assert second != first and not alive(first)

    with_pool(test, size=1, seconds=60)


@pytest.mark.parametrize("task", ["end", "hoard"])
def test_a_process_that_ends_or_hoards_is_an_error_of_the_formula(task: str) -> None:
    async def test(pool: Pool) -> None:
        try:
            error = json.loads((await pool.ask(task, b"{}")).body)["error"]
            assert error["kind"] == "LimitError"
        except LimitError as refused:
            assert "memory" in refused.message
        assert await process_of(pool)

    with_pool(test, size=1, seconds=20)


def test_a_fault_is_told_without_its_insides() -> None:
    async def test(pool: Pool) -> None:
        reply = await pool.ask("fault", b"{}")
        assert reply.status == 500 and b"KeyError" not in reply.body and b"Traceback" not in reply.body

    with_pool(test, size=1)


def test_what_a_library_prints_is_no_answer() -> None:
    async def test(pool: Pool) -> None:
        assert json.loads((await pool.ask("print", b"{}")).body)["task"] == "print"

    with_pool(test, size=1)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60000])
def test_what_is_not_json(body: bytes) -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.ask("quick", body)).status == 400
        assert (await pool.ask("quick", b"{}")).status == 200

    with_pool(test, size=1)


def test_too_many_wait() -> None:
    async def test(pool: Pool) -> None:
        found = await asyncio.gather(*(pool.ask("quick", b"{}") for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(f, Busy) for f in found) == 4

    with_pool(test, size=1, waiting=2)


def test_nothing_stays_after_the_end() -> None:
    found: list[int] = []

    async def test(pool: Pool) -> None:
        found.append(await process_of(pool))

    with_pool(test)
    assert found and not any(map(alive, found))
