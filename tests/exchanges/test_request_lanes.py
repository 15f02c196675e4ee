"""Requests of one pair leave in order; a hanging one holds the next up only for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from tradepulse.exchanges.ccxt_venue.lanes import Lane


def run(scene: Coroutine[Any, Any, None]) -> float:
    began = time.monotonic()
    asyncio.run(scene)
    return time.monotonic() - began


class Requests:
    """Jobs that note when they leave and when they are answered."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def job(self, name: str, seconds: float = 0.0) -> Any:
        async def ask() -> None:
            self.log.append(f"{name} left")
            await asyncio.sleep(seconds)
            self.log.append(f"{name} answered")

        return ask


def test_each_waits_for_the_answer_before_it() -> None:
    asked = Requests()

    async def scene() -> None:
        lane = Lane(5.0)
        for name in "abc":
            lane.put(name, asked.job(name, 0.02))
        await asyncio.sleep(0.15)

    run(scene())
    assert asked.log == [f"{n} {w}" for n in "abc" for w in ("left", "answered")]


def test_one_that_hangs_is_passed_after_a_while() -> None:
    asked = Requests()

    async def scene() -> None:
        lane = Lane(0.05)
        lane.put("slow", asked.job("slow", 0.3))
        lane.put("stop", asked.job("stop"))
        await asyncio.sleep(0.15)
        assert asked.log == ["slow left", "stop left", "stop answered"]
        await asyncio.sleep(0.2)

    run(scene())
    assert asked.log[-1] == "slow answered"


def test_one_whose_outcome_is_known_is_passed_at_once() -> None:
    asked = Requests()

    async def scene() -> None:
        lane = Lane(5.0)
        lane.put("entry", asked.job("entry", 0.3))
        lane.put("stop", asked.job("stop"))
        await asyncio.sleep(0.02)
        assert asked.log == ["entry left"]
        lane.release("nobody")
        lane.release("entry")
        await asyncio.sleep(0.02)
        assert asked.log == ["entry left", "stop left", "stop answered"]
        lane.cancel()

    run(scene())


def test_what_has_not_left_can_be_taken_back() -> None:
    asked = Requests()

    async def scene() -> None:
        lane = Lane(5.0)
        for name in "abc":
            lane.put(name, asked.job(name, 0.05))
        await asyncio.sleep(0.01)
        assert lane.unsent() == ["b", "c"]
        assert len(lane.under_way()) == 1
        await asyncio.gather(*lane.under_way())

    run(scene())
    assert asked.log == ["a left", "a answered"]


def test_a_job_that_fails_does_not_end_the_lane() -> None:
    asked = Requests()

    async def broken() -> None:
        raise RuntimeError("a defect")

    async def scene() -> None:
        lane = Lane(5.0)
        lane.put("x", broken)
        lane.put("y", asked.job("y"))
        await asyncio.sleep(0.05)

    run(scene())
    assert asked.log == ["y left", "y answered"]
