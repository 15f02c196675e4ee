"""Bars the strategies are tested on: drawn by hand, mirrored, bundled; and what a strategy says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.marketdata.funding_column import with_funding_rate
from tradepulse.marketdata.samples import SAMPLES, read_bundled
from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars
from tradepulse.signals.program import Program, required_columns
from tradepulse.strategies.registry import Registry
from tradepulse.strategies.strategy import Strategy

# 2023-11-14 00:00 UTC: a whole hour, four hours and day.
START_MS = 1_699_920_000_000
EIGHT_HOURS = 8 * HOUR_MS
# Prices are mirrored about this one; halves and quarters stay exact.
MIRROR = 200.0
NAMES = [entry.name for entry in Registry()]


def drawn_bars(
    closes: Sequence[float],
    *,
    reach: float = 0.5,
    volume: Mapping[int, float] | None = None,
    low: Mapping[int, float] | None = None,
    rates: Sequence[float] | None = None,
) -> BarSeries:
    """Hourly bars that open at the last close and reach `reach` beyond body; volume 1."""
    close = np.array(closes, float)
    opens = np.concatenate((close[:1], close[:-1]))
    lows, volumes = np.minimum(opens, close) - reach, np.ones(len(close))
    for row, value in (low or {}).items():
        lows[row] = value
    for row, value in (volume or {}).items():
        volumes[row] = value
    times = START_MS + np.arange(len(close), dtype=np.int64) * HOUR_MS
    columns = {} if rates is None else {"funding_rate": np.array(rates, float)}
    high = np.maximum(opens, close) + reach
    return BarSeries(times, opens, high, lows, close, volumes, HOUR_MS, columns)


def mirrored(bars: BarSeries) -> BarSeries:
    """The market upside down: its highs are the lows, and those pay funding who received it."""
    return replace(
        bars, open=MIRROR - bars.open, high=MIRROR - bars.low, low=MIRROR - bars.high,
        close=MIRROR - bars.close, columns={name: -row for name, row in bars.columns.items()},
    )  # fmt: skip


def value(expression: Flag | Series | float | None, bars: BarSeries) -> np.ndarray:
    """The expression on every bar, before the warm-up closes entries; zeros for none."""
    if expression is None:
        return np.zeros(len(bars))
    slot = "exit_long" if isinstance(expression, Flag) else "stop"
    graph = Signals(enter_long=Bars().close > 0.0, **{slot: expression}).graph()
    program = Program(graph, bars.interval_ms, required_columns(graph))
    found = getattr(program.advance(bars), slot)
    return np.asarray(found, float)


def said(strategy: Strategy, bars: BarSeries) -> dict[str, np.ndarray]:
    """Entries and exits on every bar as 0 and 1, before the warm-up closes entries."""
    signals = strategy.signals(Bars())
    names = ("enter_long", "exit_long", "enter_short", "exit_short")
    return {name: value(getattr(signals, name), bars) for name in names}


def true_on(row: np.ndarray) -> list[int]:
    return np.flatnonzero(row == 1.0).tolist()


@cache
def bundled(market: str = "kraken/XBTUSD/1h", last: int | None = None) -> BarSeries:
    """The last bars of a bundled series, with a made funding rate for those who read one."""
    bars = read_bundled(Path(SAMPLES, f"{market}.parquet"))
    cut = bars.slice(len(bars) - (last or len(bars)), len(bars))
    return with_funding_rate(cut, made_funding(cut))


def made_funding(bars: BarSeries) -> FundingSeries:
    """Settlements every eight hours from two days before the bars: the usual basis point, waves of
    weeks in which one side crowds, and spikes. Not any market's."""
    first = int(bars.open_time[0]) // EIGHT_HOURS * EIGHT_HOURS - 6 * EIGHT_HOURS
    times = np.arange(first, int(bars.open_time[-1]) + 2 * EIGHT_HOURS, EIGHT_HOURS, dtype=np.int64)
    step = np.arange(len(times))
    waves = 4e-4 * np.sin(2.0 * np.pi * step / 120.0)
    spikes = np.where(step % 11 == 0, 8e-4, 0.0) * np.sign(waves)
    return FundingSeries(times, 1e-4 + waves + spikes)


def no_funding(bars: BarSeries) -> FundingSeries:
    """Settlements of nothing, every eight hours: a perpetual's rules without its payments."""
    paid = made_funding(bars)
    return FundingSeries(paid.time, paid.rate * 0.0)
