"""Is what trades now what was tested? The chart of disappointments, the drawdown against the
backtest's paths, and slippage measured against modelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import Feed
from tradepulse.marketdata.store import BarStore
from tradepulse.storage.database import Database
from tradepulse.storage.live_record import LiveRecord, live_record
from tradepulse.storage.measuring import expectation_of, measured_again
from tradepulse.training.lifecycle import cusum
from tradepulse.training.lifecycle.demotion import SLIPPAGE_ERRORS, Expectation
from tradepulse.training.lifecycle.expected_paths import ExpectedPaths, expected_paths
from tradepulse.training.lifecycle.rounds import Slippage
from tradepulse.training.lifecycle.tracking import SHRINKAGE

# The band is shown this far ahead, and never of fewer days: a band of one day says nothing.
_LEAST_DAYS = 30
_AHEAD = 1.25
_POINTS = 120


@dataclass(frozen=True, eq=False)
class CusumPath:
    """The sum after each trade. Above `watch` the stage is WATCH, above `decayed` DECAYED."""

    expected_mean: float
    deviation: float
    allowance: float
    watch: float
    decayed: float
    exit_times: tuple[int, ...]
    returns: Floats
    sums: Floats


@dataclass(frozen=True, eq=False)
class LiveDays:
    """The days it ran: `time` is a day's end; growth of one unit of money, and the fraction below
    the peak so far."""

    time: Times
    growth: Floats
    drawdown: Floats


@dataclass(frozen=True, eq=False)
class Tracking:
    """`feed`: whose results these are; None where nothing ran. `why_not`: why its backtest promises
    nothing to track by, which leaves `cusum` and `expected` out. `slippage_limit_bps`: above it
    execution costs more than modelled, beyond chance."""

    configuration: Configuration
    feed: Feed | None
    activations: int
    trades: int
    signal_match: float | None
    days: LiveDays
    cusum: CusumPath | None
    expected: ExpectedPaths | None
    slippage: Slippage | None
    why_not: str | None

    @property
    def slippage_limit_bps(self) -> float | None:
        found = self.slippage
        if found is None:
            return None
        return found.modelled_bps + SLIPPAGE_ERRORS * found.error_bps


def tracking(
    database: Database, store: BarStore, configuration_id: str, feed: Feed | None = None,
    belongs: Callable[[Activation], bool] = lambda _: True,
) -> Tracking:  # fmt: skip
    """The tracking of a configuration over its activations that `belongs` lets through, on `feed`
    (None: the best that one of them ran on).

    Errors: `configuration_not_found`; those of `live_record`.
    """
    with database.reading() as tx:
        configuration = tx.configurations.get(configuration_id)
        every = tx.activations.of_configuration(configuration_id)
    ran = [a for a in every if a.last_bar is not None and belongs(a)]
    chosen = _best(ran) if feed is None else feed
    mine = {a.id for a in ran if a.feed is chosen}
    found = live_record(database, store, configuration, lambda a: a.id in mine)
    promised, why_not = _promised(store, configuration)
    days = len(found.day_numbers)
    paths = None
    if promised is not None:
        paths = expected_paths(promised, max(round(_AHEAD * days), _LEAST_DAYS), _POINTS)
    chart = None if promised is None else _cusum(promised, found)
    return Tracking(
        configuration, chosen, len(mine), len(found.trades), found.signal_match,
        _live_days(found), chart, paths, found.slippage, why_not,
    )  # fmt: skip


def _best(ran: Sequence[Activation]) -> Feed | None:
    feeds = {activation.feed for activation in ran}
    return next((feed for feed in (Feed.LIVE, Feed.SANDBOX, Feed.REPLAY) if feed in feeds), None)


def _promised(
    store: BarStore, configuration: Configuration
) -> tuple[Expectation | None, str | None]:
    try:
        measured = measured_again(store, configuration)
    except TradePulseError as error:
        return None, f"{error.code}: {error.message}"
    if not measured.same_data:
        return None, "history_changed: the bars that it was found on have changed"
    return expectation_of(measured), None


def _cusum(promised: Expectation, found: LiveRecord) -> CusumPath | None:
    """None where the backtest promises nothing that could be lost."""
    trades = promised.trade_returns
    if len(trades) < 2:
        return None
    mean, deviation = float(np.mean(trades)), float(np.std(trades, ddof=1))
    chart = cusum.design(SHRINKAGE * mean, deviation)
    if chart is None:
        return None
    live = found.trade_returns
    return CusumPath(
        chart.mean, chart.deviation, chart.k, chart.h / 2.0, chart.h,
        tuple(trade.exit_time for trade in found.trades), live, cusum.path(live, chart),
    )  # fmt: skip


def _live_days(found: LiveRecord) -> LiveDays:
    growth = np.asarray(np.cumprod(1.0 + found.daily_returns), np.float64)
    peak = np.maximum.accumulate(np.concatenate(([1.0], growth)))[1:]
    drawdown = np.asarray(growth / peak - 1.0, np.float64)
    return LiveDays((found.day_numbers + 1) * DAY_MS, growth, drawdown)
