"""A recorded signal derived again from the stored bars and graph: equal, or where it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from tradepulse.domain.errors import DataError
from tradepulse.domain.ledger import SignalRecord
from tradepulse.domain.money import to_decimal, to_text
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS
from tradepulse.engine.member import lane_of
from tradepulse.engine.ports import BarFeed, Running
from tradepulse.execution.events import SignalRow
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.signals.output import LEVEL_NAMES
from tradepulse.signals.program import required_columns

EQUAL, UNEQUAL = "equal", "unequal"
_FLAGS = ("enter_long", "exit_long", "enter_short", "exit_short")


class Said(NamedTuple):
    """What the graph says on a bar: its flags, the levels that are set, and the bar's close."""

    flags: dict[str, bool]
    values: dict[str, Any]
    close: str


class Mismatch(NamedTuple):
    """`expected` is what was recorded, `found` what is derived now."""

    name: str
    expected: str
    found: str


@dataclass(frozen=True)
class Recomputed:
    """`verdict` is equal or unequal; `bars` were run from the start of the session."""

    verdict: str
    said: Said
    mismatches: tuple[Mismatch, ...]
    bars: int


def recompute(run: Running, feed: BarFeed, recorded: SignalRecord) -> Recomputed:
    """The signal of a bar anew, compared with the recorded one, digit by digit.

    Errors: `history_changed` where a bar of the session is gone; `unknown_column`.
    """
    said, bars = said_at(run, feed, recorded.bar_time)
    wrong = tuple(_mismatches(recorded, said))
    return Recomputed(UNEQUAL if wrong else EQUAL, said, wrong, bars)


def said_at(run: Running, feed: BarFeed, bar_time: int) -> tuple[Said, int]:
    """(what the activation's graph says on the bar, bars run to know it). Error
    `history_changed`."""
    start = run.activation.session_start
    bars = feed.history(run.source, bar_time if start is None else start, bar_time + 1)
    if not len(bars) or int(bars.open_time[-1]) != bar_time:
        raise DataError(
            "history_changed", f"bars of {run.configuration.pair} that were decided on are gone",
            expected=f"a bar at {bar_time}", found="none",
        )  # fmt: skip
    lane = lane_of(run)
    columns = required_columns(lane.program.graph)
    funding = None
    if columns and lane.rules.is_perpetual:
        first = int(bars.open_time[0])
        funding = feed.funding(run.source, first - FUNDING_LOOK_BACK_MS)
    lane.take(with_inputs(bars, columns, funding))
    row = lane.signals_at(len(bars) - 1)
    close = to_text(to_decimal(float(bars.close[-1])))
    return Said({name: bool(getattr(row, name)) for name in _FLAGS}, _values(row), close), len(bars)


def _values(row: SignalRow) -> dict[str, Any]:
    given = {name: float(getattr(row, name)) for name in LEVEL_NAMES}
    found: dict[str, Any] = {name: v for name, v in given.items() if math.isfinite(v)}
    if row.tag is not None:
        found["tag"] = row.tag
    return found


def _mismatches(recorded: SignalRecord, said: Said) -> list[Mismatch]:
    found = []
    if not said.flags.get(recorded.action, False):
        found.append(Mismatch(recorded.action, "True", "False"))
    if to_text(recorded.close) != said.close:
        found.append(Mismatch("close", to_text(recorded.close), said.close))
    for name in sorted({*recorded.values, *said.values}):
        before, now = recorded.values.get(name), said.values.get(name)
        if before != now:
            found.append(Mismatch(name, repr(before), repr(now)))
    return found
