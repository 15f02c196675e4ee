"""When accounts are compared: each at its own point of the minute, whatever happened before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from tradepulse.engine.account_check import AccountCheck
from tradepulse.execution.venue import AccountSnapshot

MINUTE = 60_000


class Drive:
    """As much of an engine's hands as asking needs."""

    def __init__(self) -> None:
        self.now = 7 * MINUTE
        self.contradicts = False
        self.touched: set[str] = set()
        self.venue = type("Venue", (), {"now": staticmethod(lambda: 0)})

    def clock(self) -> int:
        return self.now


class Desk:
    """One that holds nothing."""

    orders: dict[str, Any] = {}  # noqa: RUF012  (read only)
    account = type("Account", (), {"position": None, "pair": "BTC/USDT", "is_perpetual": False})


class Asked:
    """Where snapshots come from: never an answer."""

    def __init__(self, drive: Drive) -> None:
        self.times: list[int] = []
        self._drive = drive

    def ask(self, pairs: Sequence[str], since_ms: int) -> None:
        self.times.append(self._drive.now)

    def take(self) -> AccountSnapshot | None:
        return None


def asked_at(phase: int | None, minutes: int, soon: tuple[int, ...] = ()) -> list[int]:
    """When an account was asked for, ms after the start; `soon`: when that was wanted at once."""
    drive = Drive()
    asked = Asked(drive)
    check = AccountCheck(drive, asked, MINUTE, phase)  # type: ignore[arg-type]
    began = drive.now
    for at in range(0, minutes * MINUTE, 100):
        drive.now = began + at
        if at in soon:
            check.soon()
        check.turn([Desk()])  # type: ignore[list-item]
    return [time - began for time in asked.times]


@pytest.mark.parametrize("phase", [0, 14_000, 16_000, 59_900])
def test_each_has_its_own_point_of_the_minute(phase: int) -> None:
    times = asked_at(phase, 6)
    assert times[0] == 0
    assert all(time % MINUTE == phase for time in times[1:])
    assert len(times) in (6, 7)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert all(MINUTE // 4 <= gap < MINUTE + MINUTE // 4 for gap in gaps)
    assert set(gaps[1:]) == {MINUTE}


def test_after_an_outage_of_all_each_goes_back_to_its_own() -> None:
    for phase in (5_000, 25_000, 45_000):
        times = asked_at(phase, 5, soon=(130_000,))
        assert 130_000 in times
        assert all(time % MINUTE == phase for time in times if time not in (0, 130_000))


def test_without_a_point_of_its_own_it_asks_a_minute_after_the_last_time() -> None:
    assert asked_at(None, 3, soon=(70_000,)) == [0, 60_000, 70_000, 130_000]
