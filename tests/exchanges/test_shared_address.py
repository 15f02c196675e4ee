"""Forty accounts behind one address: the stop of one never waits for the routine of the others."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from email.utils import formatdate

import pytest

from exchanges.simulated_loop import run_simulated
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.binance.costs import LIMITS
from tradepulse.exchanges.budget import BudgetExceeded, Errand, Priority, RateBudget
from tradepulse.sandbox.server.limits import Meter, RateLimits, RateRefusedError

_PAIRS = 5
_PERPETUAL = Market.PERPETUAL
# (weight, orders, how it is meant, how long it may wait, ms)
_ENTRY = (1, 1, Priority.ENTRY, 1_000)
_STOP = (1, 1, Priority.PROTECT, 4_000)
_CANCEL = (1, 0, Priority.PROTECT, 4_000)
_EXIT = (1, 1, Priority.PROTECT, 4_000)
_LOOK = (6, 0, Priority.LOOK, 2_000)


@dataclass
class Address:
    """One budget, and the venue's own meter behind it with 50 ms on the way."""

    budget: RateBudget
    meter: Meter = field(default_factory=lambda: Meter(RateLimits()))
    waits: dict[Priority, list[float]] = field(default_factory=dict)
    given_up: dict[Priority, int] = field(default_factory=dict)

    async def ask(self, weight: int, orders: int, priority: Priority, patience_ms: int,
                  account: str) -> bool:  # fmt: skip
        """Whether the request left."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self.budget.acquire(weight, orders, Errand(priority, patience_ms), account)
        except BudgetExceeded:
            self.given_up[priority] = self.given_up.get(priority, 0) + 1
            return False
        self.waits.setdefault(priority, []).append(loop.time() - began)
        await asyncio.sleep(0.05)
        self._answer(weight, orders, account, round(loop.time() * 1000))
        self.budget.answered(weight)
        return True

    def _answer(self, weight: int, orders: int, account: str, now_ms: int) -> None:
        try:
            used = self.meter.charge(_PERPETUAL, "here", weight, now_ms)
            if orders:
                self.meter.count_orders(_PERPETUAL, account, orders, now_ms)
        except RateRefusedError as refused:
            self.budget.observe(429, {"Retry-After": str(refused.retry_after_s)})
        else:
            date = formatdate(now_ms / 1000, usegmt=True)
            self.budget.observe(200, {"X-MBX-USED-WEIGHT-1M": str(used), "Date": date})

    def longest(self, priority: Priority) -> float:
        return max(self.waits.get(priority, [0.0]))


async def compares(address: Address, account: str, weight: int, seconds: float) -> None:
    """An account that is compared every minute, all of them at the same moment."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        for _ in range(weight // 5):
            await address.ask(5, 0, Priority.RECONCILE, 6_000, account)
        await asyncio.sleep(60.0)


async def back_fills(address: Address, seconds: float) -> None:
    """A download that takes what it can get."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await address.ask(5, 0, Priority.DATA, 90_000, "")


async def trades(address: Address, account: str, every_s: float, seconds: float, seed: int) -> None:
    """An activation that enters and leaves; now and then an outcome is open and looked up."""
    rng, loop = random.Random(seed), asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await asyncio.sleep(every_s * rng.uniform(0.7, 1.3))
        if not await address.ask(*_ENTRY, account):
            continue
        while not await address.ask(*_STOP, account):
            await asyncio.sleep(0.5)
        if rng.random() < 0.1:
            await address.ask(*_LOOK, account)
        await asyncio.sleep(every_s * rng.uniform(0.2, 0.7))
        for step in (_CANCEL, _EXIT):
            while not await address.ask(*step, account):
                await asyncio.sleep(0.5)


async def minutes(connections: int, reading: int, every_s: float, seconds: float) -> Address:
    loop = asyncio.get_running_loop()
    address = Address(RateBudget(LIMITS[_PERPETUAL], loop.time))
    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            account = f"key {number}"
            group.create_task(compares(address, account, reading, seconds))
            for pair in range(_PAIRS):
                seed = number * _PAIRS + pair
                group.create_task(trades(address, account, every_s, seconds, seed))
        group.create_task(back_fills(address, seconds))
    return address


@pytest.mark.parametrize(
    ("connections", "reading", "every_s"),
    [(10, 75, 60.0), (40, 75, 60.0), (40, 45, 60.0), (40, 75, 20.0)],
    ids=["ten", "forty that ask for everything", "forty", "forty in a hurry"],
)
def test_a_stop_never_waits_for_routine(connections: int, reading: int, every_s: float) -> None:
    address = run_simulated(minutes(connections, reading, every_s, 240.0), 1_000_000.0)
    assert address.meter.refused == 0
    assert address.given_up.get(Priority.PROTECT, 0) == 0
    assert address.longest(Priority.PROTECT) == 0.0
    assert len(address.waits[Priority.PROTECT]) > connections * _PAIRS
    # And routine is not starved: of four minutes at least one is for it.
    assert 5 * len(address.waits[Priority.RECONCILE]) >= min(connections * reading, 1_440)


def test_an_entry_leaves_only_with_room_for_its_stop_and_its_way_out() -> None:
    """Entries alone, as fast as they may: what they need afterwards always finds room."""

    async def rush() -> tuple[int, int]:
        address = Address(RateBudget(LIMITS[_PERPETUAL], asyncio.get_running_loop().time))
        entered = stopped = 0
        for number in range(3_000):
            if await address.ask(*_ENTRY, f"key {number % 40}"):
                entered += 1
                for step in (_STOP, _EXIT):
                    stopped += await address.ask(*step, f"key {number % 40}")
        assert address.meter.refused == 0
        assert address.longest(Priority.PROTECT) == 0.0
        return entered, stopped

    entered, stopped = run_simulated(rush(), 1_000_000.0)
    assert entered > 600
    assert stopped == 2 * entered


def test_the_longest_wait_is_the_minutes_end_not_a_minute_from_now() -> None:
    """Another program has used the address up: its count ends with the venue's minute, although
    nobody may ask again and be told so."""

    async def scene() -> float:
        loop = asyncio.get_running_loop()
        address = Address(RateBudget(LIMITS[_PERPETUAL], loop.time))
        address.meter.charge(_PERPETUAL, "here", 2_390, round(loop.time() * 1000))
        await address.ask(1, 0, Priority.PROTECT, 0, "a")
        began = loop.time()
        assert await address.ask(1, 1, Priority.PROTECT, 20_000, "a")
        assert address.meter.refused == 0
        return loop.time() - began

    assert run_simulated(scene(), 16_667 * 60.0 + 50.0) < 11.5
