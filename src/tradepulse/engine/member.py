"""An activation inside a running engine: its lane, its feed's position, its funding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import FailedError, NotFoundError, TradePulseError
from tradepulse.domain.funding import FUNDING_COLUMN, FundingSeries
from tradepulse.domain.interval import Interval
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS, empty_bars
from tradepulse.engine.lane import Around, Lane
from tradepulse.engine.ports import BarFeed, Running
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.signals.graph import Graph
from tradepulse.signals.program import Program, required_columns
from tradepulse.simulation.funding import check_coverage, no_funding, read_funding
from tradepulse.simulation.inputs import frozen
from tradepulse.simulation.rules import Rules

_EIGHT_HOURS = 8 * 3_600_000
_FAR = 1 << 62


def rules_of(run: Running) -> Rules:
    """The rules frozen with the configuration, on the activation's allotment."""
    rules = Rules.from_json(run.configuration.rules)
    return rules.changed(initial_cash=float(run.activation.allotment))


def program_of(run: Running) -> Program:
    """A fresh program of the graph stored with the configuration, whatever the strategy file
    says."""
    graph = Graph.from_json(run.configuration.graph)
    interval = Interval.parse(run.configuration.interval)
    return Program(graph, interval.ms, required_columns(graph))


def lane_of(run: Running) -> Lane:
    """A lane at the start of the activation's session."""
    return Lane(run.activation.id, run.configuration.pair, rules_of(run), program_of(run))


@dataclass(eq=False)
class Member:
    """`ahead`: bars pulled but not processed. `session_start`: open time of the first bar, None
    until one is seen. `covered`: end of the time whose funding is known, ms; `funding`: what is
    known. `columns`: the named inputs its graph reads."""

    run: Running
    lane: Lane
    state: ActivationState
    session_start: int | None
    ahead: BarSeries
    covered: int | None = None
    funding: FundingSeries | None = None
    columns: tuple[str, ...] = ()
    at_venue: bool = False

    @classmethod
    def of(cls, run: Running, *, at_venue: bool = False) -> Member:
        """`at_venue`: it pays its funding there, and reads rates only if its graph does."""
        lane = lane_of(run)
        return cls(
            run, lane, run.activation.state, run.activation.session_start,
            empty_bars(lane.interval_ms), columns=required_columns(lane.program.graph),
            at_venue=at_venue,
        )  # fmt: skip

    @property
    def id(self) -> str:
        return self.run.activation.id

    @property
    def bars_done(self) -> int:
        """Bars processed since the session started."""
        return self.lane.first_index + len(self.lane)

    @property
    def is_warm(self) -> bool:
        """Whether the next bar may enter."""
        return self.bars_done >= self.lane.program.warmup_bars

    def after(self) -> int | None:
        """The open time after which its next bar comes; None: from the feed's first."""
        if self.lane.last_bar is not None:
            return self.lane.last_bar
        return None if self.session_start is None else self.session_start - 1

    def pull(self, feed: BarFeed, limit: int) -> None:
        """Fills `ahead` from the feed; on a perpetual only with bars whose funding is known."""
        if not len(self.ahead):
            self.ahead = feed.closed_bars(self.run.source, self.after(), limit)
        self.cover(feed, self.ahead)

    def take(self, until_ms: int) -> BarSeries:
        """The bars of `ahead` that close by `until_ms`; the rest stays."""
        known = until_ms if self.covered is None else min(until_ms, self.covered)
        count = int(
            np.searchsorted(self.ahead.open_time, known - self.lane.interval_ms, side="right")
        )
        taken = self.ahead.slice(0, count)
        self.ahead = self.ahead.slice(count, len(self.ahead))
        return taken

    def advance(self) -> BarSeries:
        """The bars at hand, its program run over them.

        Whatever a strategy raises is its own (`strategy_failed`): its neighbours go on.
        """
        bars = self.take(_FAR)
        if len(bars):
            inputs = self.with_columns(bars)
            try:
                self.lane.take(inputs)
            except TradePulseError:
                raise
            except Exception as error:
                raise FailedError("strategy_failed", f"the strategy failed: {error!r}") from error
        return bars

    def with_columns(self, bars: BarSeries) -> BarSeries:
        """The bars with the named inputs its graph reads, as far as they can be made. Error
        `unknown_column`."""
        return with_inputs(bars, self.columns, self.funding)

    def cover(self, feed: BarFeed, bars: BarSeries) -> None:
        """On a perpetual, fetches the settlements that `bars` need, as far as they are known.

        Error `missing_funding` for a hole in them, or where there are none at all.
        """
        if not len(bars) or not self.lane.rules.is_perpetual:
            return
        if self.at_venue and FUNDING_COLUMN not in self.columns:
            return
        first = int(bars.open_time[0])
        last = int(bars.open_time[-1]) + self.lane.interval_ms
        if self.covered is not None and last <= self.covered:
            return
        start = self.session_start if self.session_start is not None else first
        try:
            series = feed.funding(self.run.source, start - FUNDING_LOOK_BACK_MS)
        except NotFoundError as error:
            raise no_funding() from error
        times, rates = read_funding(series)
        if len(times) == 0:
            raise no_funding()
        steps = np.diff(times)
        spacing = int(np.median(steps)) if len(steps) else _EIGHT_HOURS
        covered = int(times[-1]) + spacing
        check_coverage(times, start, min(last, covered))
        inside = times >= start
        self.lane.around = Around(
            frozen(times[inside], np.int64), frozen(rates[inside], np.float64)
        )
        self.covered, self.funding = covered, FundingSeries(times, rates)
