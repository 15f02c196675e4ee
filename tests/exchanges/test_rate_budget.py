"""The rate budget: ceilings by priority, the venue's own count, and silence when it asks for it."""

from __future__ import annotations

import asyncio

import pytest

from exchanges.simulated_loop import run_simulated
from tradepulse.exchanges.budget import (
    BudgetExceeded,
    BudgetLimits,
    Errand,
    Priority,
    RateBudget,
    current_errand,
    errand,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def budget(**limits: int) -> tuple[RateBudget, Clock]:
    clock = Clock()
    return RateBudget(BudgetLimits(**{"weight_1m": 100, **limits}), clock), clock


def spend(of: RateBudget, weight: int, orders: int = 0, account: str = "") -> None:
    asyncio.run(of.acquire(weight, orders, Errand(Priority.PROTECT, 0), account))
    of.answered(weight)


@pytest.mark.parametrize(
    ("priority", "room"),
    [(Priority.DATA, 45), (Priority.RECONCILE, 60), (Priority.LOOK, 70), (Priority.PROTECT, 97)],
)
def test_each_priority_has_its_own_ceiling(priority: Priority, room: int) -> None:
    of, clock = budget()
    spend(of, room - 1)
    assert of.wait_s(1, 0, priority) == 0.0
    assert of.wait_s(2, 0, priority) == pytest.approx(60.0)
    clock.now += 60.0
    assert of.wait_s(room, 0, priority) == 0.0


def test_cancels_pass_when_data_must_wait() -> None:
    of, _ = budget()
    spend(of, 80)
    assert of.wait_s(5, 0, Priority.DATA) > 0
    assert of.wait_s(5, 0, Priority.PROTECT) == 0.0


def test_the_venues_count_is_believed_when_it_is_higher() -> None:
    of, clock = budget()
    spend(of, 5)
    of.observe(200, {"X-MBX-USED-WEIGHT-1M": "95"})
    assert of.weight_used() == 95
    assert of.wait_s(1, 0, Priority.ENTRY) == pytest.approx(60.0)
    assert of.wait_s(1, 0, Priority.PROTECT) == 0.0
    # What has left and is not answered yet may not be in that count.
    asyncio.run(of.acquire(1, 0, Errand(Priority.PROTECT, 0)))
    assert of.weight_used() == 96
    of.answered(1)
    assert of.weight_used() == 95
    clock.now += 60.0
    assert of.weight_used() == 0
    assert of.wait_s(45, 0, Priority.DATA) == 0.0


@pytest.mark.parametrize(
    ("date", "left_s"),
    [("Wed, 20 Nov 2026 17:24:48 GMT", 13), ("Wed, 20 Nov 2026 17:24:00 GMT", 61), ("soon", 60)],
)
def test_the_venues_count_ends_with_the_venues_minute(date: str, left_s: int) -> None:
    of, clock = budget()
    of.observe(200, {"x-mbx-used-weight-1m": "99", "Date": date})
    assert of.wait_s(1, 0, Priority.PROTECT) == pytest.approx(left_s)
    clock.now += left_s
    assert of.wait_s(1, 0, Priority.PROTECT) == 0.0


def test_orders_are_counted_for_each_account() -> None:
    of, clock = budget(orders_10s=10)
    for _ in range(9):
        spend(of, 0, 1, "a")
    assert of.orders_10s("a") == 9
    assert of.wait_s(0, 1, Priority.PROTECT, "a") == pytest.approx(10.0)
    assert of.wait_s(0, 1, Priority.ENTRY, "a") == pytest.approx(10.0)
    assert of.wait_s(0, 1, Priority.ENTRY, "b") == 0.0
    clock.now += 10.0
    assert of.wait_s(0, 1, Priority.ENTRY, "a") == 0.0


def test_an_entry_keeps_room_for_what_follows_from_it() -> None:
    of, clock = budget(orders_10s=10)
    asyncio.run(of.acquire(20, 1, Errand(Priority.ENTRY, 0), "a"))
    # 20 spent, 40 promised to its stop and its exit: nothing is left of the 60 that routine has.
    assert of.wait_s(1, 0, Priority.RECONCILE) > 0.0
    assert of.wait_s(70, 0, Priority.PROTECT) == 0.0
    # One order sent and two promised leave five of eight: two more entries' one, no third's three.
    asyncio.run(of.acquire(0, 1, Errand(Priority.ENTRY, 0), "a"))
    assert of.wait_s(0, 1, Priority.ENTRY, "a") > 0.0
    assert of.wait_s(0, 1, Priority.ENTRY, "b") == 0.0
    spend(of, 20, 1, "a")
    assert of.wait_s(20, 0, Priority.RECONCILE) == 0.0 or of.weight_used() + 20 + 20 > 60
    clock.now += 10.0  # a stop that has not come by now is not on its way
    assert of.wait_s(20, 0, Priority.RECONCILE) == 0.0
    assert of.wait_s(0, 1, Priority.ENTRY, "a") == 0.0


def test_who_waits_is_served_by_rank_and_then_by_turn() -> None:
    """A heavy question is not passed over for ever by light ones, and a stop stands behind none."""

    async def scene() -> list[str]:
        loop = asyncio.get_running_loop()
        of = RateBudget(BudgetLimits(weight_1m=100), loop.time)
        left: list[str] = []

        async def ask(name: str, weight: int, priority: Priority) -> None:
            await of.acquire(weight, 0, Errand(priority, 300_000))
            of.answered(weight)
            left.append(name)

        await ask("all", 97, Priority.PROTECT)
        names = [("data", 5, Priority.DATA), ("heavy", 40, Priority.RECONCILE),
                 ("light", 5, Priority.RECONCILE), ("look", 5, Priority.LOOK),
                 ("stop", 1, Priority.PROTECT)]  # fmt: skip
        async with asyncio.TaskGroup() as group:
            for name, weight, priority in names:
                group.create_task(ask(name, weight, priority))
                await asyncio.sleep(1.0)
        return left

    assert run_simulated(scene()) == ["all", "stop", "look", "heavy", "light", "data"]


@pytest.mark.parametrize(
    ("status", "headers", "quiet_s", "banned"),
    [
        (429, {"Retry-After": "7"}, 7, False),
        (429, {}, 60, False),
        (418, {"retry-after": "300"}, 300, True),
        (418, {}, 120, True),
    ],
)
def test_trap_of_418_nothing_leaves_while_the_venue_wants_silence(
    status: int, headers: dict[str, str], quiet_s: int, banned: bool
) -> None:
    of, clock = budget()
    of.observe(status, headers)
    assert of.quiet_ms() == quiet_s * 1000
    assert of.banned is banned
    assert of.wait_s(1, 0, Priority.PROTECT) == pytest.approx(quiet_s)
    clock.now += quiet_s
    assert (of.quiet_ms(), of.banned) == (0, False)
    assert of.wait_s(1, 0, Priority.DATA) == 0.0


def test_a_request_that_would_wait_too_long_does_not_leave() -> None:
    of, _ = budget()
    of.observe(429, {"Retry-After": "30"})
    with pytest.raises(BudgetExceeded) as refused:
        asyncio.run(of.acquire(1, 0, Errand(Priority.ENTRY, 1_000)))
    assert refused.value.retry_ms == 30_000
    assert of.weight_used() == 0


def test_for_our_own_lack_of_room_one_is_not_sent_away_for_a_minute() -> None:
    """Whoever has a position without a stop would stay away for as long as he is told to."""
    of, _ = budget()
    spend(of, 97)
    with pytest.raises(BudgetExceeded) as refused:
        asyncio.run(of.acquire(1, 1, Errand(Priority.PROTECT, 4_000)))
    assert refused.value.retry_ms <= 1_000


def test_an_errand_is_known_to_what_runs_inside_it() -> None:
    async def inside() -> Errand:
        return current_errand()

    async def main() -> tuple[Errand, Errand]:
        with errand(Priority.PROTECT, 5):
            mine = await asyncio.create_task(inside())
        return mine, await inside()

    mine, outside = asyncio.run(main())
    assert (mine.priority, mine.max_wait_ms) == (Priority.PROTECT, 5)
    assert outside.priority is Priority.DATA
