"""A pause that a person released, and pauses that others found."""

from __future__ import annotations

import pytest

from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.risk import ClosedTradeView, Lock, RiskManager

RULES = ProtectionSettings.model_validate({"cool_down": {"minutes": 10}})


def manager(*closed_at: int) -> RiskManager:
    made = RiskManager(protections=RULES)
    for number, time in enumerate(closed_at):
        trade = ClosedTradeView(str(number), "a", "BTC/USDT", time, ExitReason.STOP, -1.0, -1.0)
        made.closed(trade, time)
    return made


def cool_down(since: int, activation: str = "a") -> Lock:
    return Lock("cool_down", "why", since, since + 10 * MINUTE_MS, activation, None)


# (rows kept, rows released) -> when the pauses in force began, at five minutes past the second one
CASES: dict[str, tuple[list[Lock], list[Lock], list[int]]] = {
    "as found": ([], [], [60_000]),
    "its own row": ([cool_down(60_000)], [], [60_000]),
    "released": ([], [cool_down(60_000)], []),
    "an earlier one released": ([], [cool_down(0)], [60_000]),
    "the later one released, the earlier one kept": ([cool_down(0)], [cool_down(60_000)], []),
    "of somebody else": ([], [cool_down(60_000, "b")], [60_000]),
    "found by another engine": ([cool_down(120_000, "b")], [], [60_000, 120_000]),
    "which has ended": ([cool_down(-900_000, "b")], [], [60_000]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_rows_say_is_heeded(case: str) -> None:
    kept, released, begin = CASES[case]
    risk = manager(0, 60_000)
    risk.heed(kept, released)
    assert sorted(lock.from_ms for lock in risk.locks(5 * MINUTE_MS, 1_000.0)) == begin


def test_a_release_is_not_for_the_next_time() -> None:
    risk = manager(0)
    risk.heed([], [cool_down(0)])
    assert risk.locks(MINUTE_MS, 1_000.0) == ()
    trade = ClosedTradeView("9", "a", "BTC/USDT", 120_000, ExitReason.STOP, -1.0, -1.0)
    risk.closed(trade, 120_000)
    assert [lock.from_ms for lock in risk.locks(180_000, 1_000.0)] == [120_000]
