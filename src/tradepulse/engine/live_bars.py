"""Closed bars into a live engine: pulled for each activation, taken in the order they closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

from tradepulse.domain.errors import TradePulseError
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS
from tradepulse.engine.member import Member
from tradepulse.engine.ports import AWAY, UNREACHABLE, BarFeed, Source
from tradepulse.engine.venue_drive import VenueDrive
from tradepulse.execution.events import BarClosed, BarOpened

log = logging.getLogger(__name__)

_BATCH_BARS = 512
# Bars that could not be had are asked for again after this.
_REST_MS = 2_000
# The feed's or the database's trouble: nobody is sold out for it.
_NOT_ITS_FAULT = UNREACHABLE | AWAY


# Has the settlement rates of a source kept: (source, since when, the market's now).
KeepFunding = Callable[[Source, int, int], None]


class Waiting(NamedTuple):
    """A closed bar that is to be taken; `place` and `row`: which of the members, which of its
    bars."""

    close_time: int
    place: int
    row: int
    member: Member


class BarTaker:
    """Takes the bars of a wallet's activations. `start` notes the first bar of one, `fault` gives
    one up; `stale_bars`: how many bars old a signal may be and still be acted on."""

    def __init__(
        self, drive: VenueDrive, feed: BarFeed, start: Callable[[Member, int], None],
        fault: Callable[[str, TradePulseError], None], stale_bars: float,
        keep_funding: KeepFunding,
    ) -> None:  # fmt: skip
        self._drive = drive
        self._feed = feed
        self._start = start
        self._fault = fault
        self._stale_bars = stale_bars
        self._keep_funding = keep_funding
        self._resting: dict[str, int] = {}
        self._waiting: list[Waiting] = []

    def pull(self, members: Sequence[Member], besides: Container[str]) -> bool:
        """Whether bars of `members` (but those) have closed that `take` will take; their programs
        have run over them. Nothing new is pulled before the last ones were taken: a turn that
        failed between loses none."""
        if self._waiting:
            return True
        wall = self._drive.clock()
        for place, member in enumerate(members):
            if member.id in besides or wall < self._resting.get(member.id, 0):
                continue
            ends = self._pulled(member)
            self._waiting += [Waiting(end, place, row, member) for row, end in enumerate(ends)]
        # The last first: they are taken from the end.
        self._waiting.sort(key=lambda bar: (bar.close_time, bar.place), reverse=True)
        return bool(self._waiting)

    def take(self) -> int:
        """How many bars were taken, in the order they closed: all that were pulled."""
        count = 0
        while self._waiting:
            bar = self._waiting.pop()
            self._take_bar(bar.member, bar.row, bar.close_time)
            count += 1
        return count

    def forget(self, activation_id: str) -> None:
        """It has left."""
        self._resting.pop(activation_id, None)
        self._waiting = [bar for bar in self._waiting if bar.member.id != activation_id]

    def _pulled(self, member: Member) -> list[int]:
        """When the bars at hand closed; its program has run over them."""
        try:
            member.pull(self._feed, _BATCH_BARS)
            if member.session_start is None and len(member.ahead):
                self._start(member, int(member.ahead.open_time[0]))
            bars = member.advance()
        except TradePulseError as error:
            if error.code in _NOT_ITS_FAULT:
                log.warning("no bars of %s for now: %s", member.lane.pair, error)
                self._rest(member)
            else:
                self._fault(member.id, error)
            return []
        if len(bars):
            self._renew_terms(member)
            if member.lane.rules.is_perpetual:
                since = (member.session_start or 0) - FUNDING_LOOK_BACK_MS
                self._keep_funding(member.run.source, since, self._drive.venue.now())
        elif len(member.ahead):
            self._rest(member)  # a settlement is not told yet: asked for again in a while
        ends: list[int] = (bars.open_time + bars.interval_ms).tolist()
        return ends

    def _rest(self, member: Member) -> None:
        self._resting[member.id] = self._drive.clock() + _REST_MS

    def _renew_terms(self, member: Member) -> None:
        """Filters change while a position is held; the venue's cache is asked, not the venue."""
        try:
            self._drive.side(member.id).terms = self._drive.venue.terms(member.lane.pair)
        except TradePulseError as error:
            log.warning("the terms of %s stay as they were: %s", member.lane.pair, error)

    def _take_bar(self, member: Member, row: int, close_time: int) -> None:
        lane, bars = member.lane, member.lane.stretch()
        open_time = int(bars.open_time[row])
        late = self._drive.venue.now() - close_time
        name, number = lane.activation_id, lane.first_index + row
        self._drive.send(BarOpened(name, number, open_time, float(bars.open[row])))
        self._drive.send(
            BarClosed(
                name, open_time, close_time, float(bars.high[row]), float(bars.low[row]),
                float(bars.close[row]), lane.signals_at(row),
                late > self._stale_bars * lane.interval_ms,
            )
        )  # fmt: skip
        lane.row = row + 1
        self._drive.bar_done(name, open_time)
