"""Bars and signals made for tests: random ones with every kind of trouble, and small written
ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from reference_rulebook import Book

from tradepulse.domain.bars import BarSeries
from tradepulse.simulation.backtest import BacktestResult, signal_block, simulate
from tradepulse.simulation.rules import Rules

HOUR = 3_600_000
START = 1_700_006_400_000  # 2023-11-15 00:00 UTC
NAN = float("nan")

FREE = {"taker_fee_bps": 0, "maker_fee_bps": 0, "slippage_bps": 0}


def bars_of(
    rows: Sequence[Sequence[float]], interval_ms: int = HOUR, start: int = START
) -> BarSeries:
    """Bars from (open, high, low, close[, volume]) rows, one after the other."""
    table = np.array([[*row, 1e6][:5] for row in rows], dtype=np.float64)
    time = start + np.arange(len(rows), dtype=np.int64) * interval_ms
    return BarSeries(time, *(np.ascontiguousarray(table[:, k]) for k in range(5)), interval_ms)


def random_bars(
    rng: np.random.Generator, count: int, *, interval_ms: int = HOUR, tick: float = 0.0,
    wild: float = 0.02, price: float = 100.0,
) -> BarSeries:  # fmt: skip
    """A random walk with gaps between bars, spikes, bars without volume and missing bars."""
    steps = rng.normal(0, wild, count)
    gaps = np.where(rng.random(count) < 0.15, rng.normal(0, 2 * wild, count), 0.0)
    close = price * np.exp(np.cumsum(steps + gaps))
    open_ = close * np.exp(-steps)
    reach = np.where(rng.random(count) < 0.1, 4.0, 1.0) * wild
    high = np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 1, count)) * reach)
    low = np.minimum(open_, close) * (1 - np.minimum(np.abs(rng.normal(0, 1, count)) * reach, 0.9))
    volume = np.where(rng.random(count) < 0.07, 0.0, rng.uniform(1, 2000, count))
    if tick:
        open_, high, low, close = (
            np.maximum(np.round(x / tick), 1) / round(1 / tick) for x in (open_, high, low, close)
        )
    index = np.cumsum(np.where(rng.random(count) < 0.03, 3, 1)) - 1
    time = START + index.astype(np.int64) * interval_ms
    return BarSeries(time, open_, high, low, close, volume, interval_ms)


def random_signals(rng: np.random.Generator, bars: BarSeries) -> dict[str, Any]:
    """Flags of random density and a random choice of levels, some of them NaN, some unusable."""
    count, close = len(bars), bars.close
    density = rng.choice([0.02, 0.1, 0.4])
    values: dict[str, Any] = {
        name: rng.random(count) < density
        for name in ("enter_long", "exit_long", "enter_short", "exit_short")
    }
    scale = {"stop": 0.03, "target": 0.05, "trail": 0.04}
    for name, part in scale.items():
        if rng.random() < 0.5:
            distance = close * part * rng.uniform(0.2, 3, count)
            values[name] = np.where(rng.random(count) < 0.1, np.nan, distance)
    if rng.random() < 0.25:
        away = rng.choice([-1.0, 1.0], count) * rng.uniform(0, 0.06, count)
        values["stop_price"] = np.where(rng.random(count) < 0.3, np.nan, close * (1 + away))
    if rng.random() < 0.25:
        away = rng.choice([-1.0, 1.0], count) * rng.uniform(0, 0.08, count)
        values["target_price"] = np.where(rng.random(count) < 0.3, np.nan, close * (1 + away))
    if rng.random() < 0.4:
        values["max_bars"] = rng.integers(1, 12, count).astype(float)
    if rng.random() < 0.3:
        values["strength"] = rng.choice([0.0, 0.25, 1.0, np.nan], count)
    if rng.random() < 0.2:
        values["stop"] = np.where(rng.random(count) < 0.1, -1.0, values.get("stop", close * 0.02))
    return values


def plain_rules(rules: Rules, *, has_mark: bool) -> dict[str, Any]:
    """The rules as the reference reads them."""
    kinds = {"fraction_of_equity": "fraction", "fixed_quote": "quote", "risk_per_trade": "risk"}
    return {
        "cash": rules.initial_cash, "taker": rules.taker_fee_bps / 1e4,
        "maker": rules.maker_fee_bps / 1e4,
        "slip": (rules.half_spread_bps + rules.slippage_bps) / 1e4, "impact": rules.impact,
        "cap": rules.participation_cap, "tick": rules.tick or 0.0, "lot": rules.lot or 0.0,
        "min_notional": rules.min_notional, "leverage": rules.leverage,
        "perpetual": rules.is_perpetual, "shorts": rules.allow_short and rules.is_perpetual,
        "mmr": rules.maintenance_margin_rate, "sizing": (kinds[rules.sizing.kind], rules.sizing.x),
        "has_mark": has_mark,
        "tiers": [
            (t.notional_floor, t.maintenance_margin_rate, t.maintenance_amount, t.max_leverage)
            for t in rules.leverage_tiers or ()
        ],
    }  # fmt: skip


def run_reference(
    bars: BarSeries, signals: dict[str, Any], rules: Rules, *, detail: BarSeries | None = None,
    funding: Any = None, mark: BarSeries | None = None,
) -> Book:  # fmt: skip
    """The slow rulebook over the same inputs."""
    book = Book(plain_rules(rules, has_mark=mark is not None), bars.interval_ms)
    book.stamps = [(time // 1000 * 1000, rate) for time, rate in funding or ()]
    if detail is not None:
        book.detail = [
            {"time": int(detail.open_time[k]), "open": float(detail.open[k]),
             "high": float(detail.high[k]), "low": float(detail.low[k]),
             "volume": float(detail.volume[k])}
            for k in range(len(detail))
        ]  # fmt: skip
    marks = mark or bars
    block = signal_block(signals, len(bars))
    levels = ("stop", "target", "trail", "stop_price", "target_price", "max_bars", "strength")
    for k in range(len(bars)):
        signal: dict[str, Any] = {
            name: bool(getattr(block, name)[k])
            for name in ("enter_long", "exit_long", "enter_short", "exit_short")
        }
        for name in levels:
            column = getattr(block, name)
            signal[name] = NAN if column is None else float(column[k])
        book.bar(
            {
                "time": int(bars.open_time[k]), "open": float(bars.open[k]),
                "high": float(bars.high[k]), "low": float(bars.low[k]),
                "close": float(bars.close[k]), "volume": float(bars.volume[k]),
                "mark_open": float(marks.open[k]), "mark_high": float(marks.high[k]),
                "mark_low": float(marks.low[k]),
            },
            signal,
        )  # fmt: skip
    return book


def run(
    rows: Sequence[Sequence[float]], signals: dict[int, dict[str, Any]], rules: Rules, **inputs: Any
) -> BacktestResult:
    """The kernel over written bars; `signals` maps a bar's number to what it says."""
    bars = bars_of(rows)
    names = {name for said in signals.values() for name in said}
    columns: dict[str, Any] = {}
    for name in names:
        flag = name.startswith(("enter", "exit"))
        column = np.zeros(len(bars), bool) if flag else np.full(len(bars), np.nan)
        for row, said in signals.items():
            if name in said:
                column[row] = said[name]
        columns[name] = column
    return simulate(bars, signal_block(columns, len(bars)), rules, **inputs)
