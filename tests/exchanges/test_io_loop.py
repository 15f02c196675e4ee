"""The exchange thread: waits with a limit, keeps order, ends cleanly."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from tradepulse.domain.errors import FailedError
from tradepulse.exchanges.loop import IoLoop, shared_loop


async def _after(seconds: float, answer: str) -> str:
    await asyncio.sleep(seconds)
    return answer


def test_it_runs_elsewhere_and_gives_the_answer() -> None:
    with IoLoop() as loop:
        assert loop.run(_after(0.0, "yes"), 5) == "yes"
        seen: list[bool] = []
        loop.call(lambda: seen.append(loop.on_loop()))
        loop.run(_after(0.0, ""))
        assert seen == [True]
        assert not loop.on_loop()


def test_calls_keep_their_order_from_one_thread() -> None:
    seen: list[int] = []
    with IoLoop() as loop:
        for n in range(200):
            loop.call(seen.append, n)
        loop.run(_after(0.0, ""))
    assert seen == list(range(200))


def test_waiting_too_long_cancels_the_work() -> None:
    cancelled = threading.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with IoLoop() as loop:
        with pytest.raises(TimeoutError):
            loop.run(stubborn(), 0.05)
        assert cancelled.wait(2)


def test_it_cannot_wait_for_itself() -> None:
    with IoLoop() as loop:

        async def inside() -> str:
            return loop.run(_after(0.0, "never"))

        with pytest.raises(FailedError, match="cannot wait for itself"):
            loop.run(inside(), 5)


def test_stop_ends_what_runs_and_is_final() -> None:
    loop = IoLoop("ends-cleanly").start()
    waiting = loop.submit(_after(60, "never"))
    began = time.monotonic()
    loop.stop()
    loop.stop()
    assert time.monotonic() - began < 2
    assert waiting.cancelled()
    assert "ends-cleanly" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(FailedError, match="stopped"):
        loop.start()
    with pytest.raises(FailedError, match="stopped"):
        loop.call(print)


def test_a_loop_that_never_started_can_be_stopped() -> None:
    IoLoop().stop()


def test_the_process_shares_one() -> None:
    assert shared_loop() is shared_loop()
    assert shared_loop().run(_after(0.0, "here"), 5) == "here"
