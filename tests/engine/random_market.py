"""Random bars, signals and rules, and a run of them through the engine and the paper exchange."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.engine.clock import Drive, run_stretches
from tradepulse.engine.lane import Around, Lane
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.execution.account import ClosedTrade
from tradepulse.execution.effects import TradeClosed
from tradepulse.execution.process import ExecutionCore
from tradepulse.signals.output import SignalBlock
from tradepulse.simulation import layout as at
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FixedQuote, FractionOfEquity, RiskPerTrade

HOUR = 3_600_000
START = 1_600_000_000_000 // HOUR * HOUR
NAME = "activation"


def random_bars(rng: np.random.Generator, count: int, interval_ms: int = HOUR) -> BarSeries:
    """A walk with jumps between bars, a missing bar now and then, and bars without volume."""
    jump = np.where(rng.random(count) < 0.05, rng.normal(0, 0.04, count), 0.0)
    move = rng.normal(0, 0.01, count)
    logs = np.cumsum(jump + move)
    close = 100.0 * np.exp(logs)
    opened = 100.0 * np.exp(logs - move)
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0, 0.005, count)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0, 0.005, count)))
    volume = np.where(rng.random(count) < 0.05, 0.0, rng.uniform(1, 100, count))
    steps = np.where(rng.random(count) < 0.02, 3, 1)
    times = START + interval_ms * np.cumsum(steps).astype(np.int64)
    return BarSeries(times, opened, high, low, close, volume, interval_ms)


def random_signals(rng: np.random.Generator, count: int) -> SignalBlock:
    """Flags on one bar in twenty, and any of the levels."""

    def flags() -> Any:
        return (rng.random(count) < 0.05).astype(np.uint8)

    def level(least: float, most: float) -> Any:
        if rng.random() < 0.4:
            return None
        return np.where(rng.random(count) < 0.3, np.nan, rng.uniform(least, most, count))

    return SignalBlock(
        flags(), flags(), flags(), flags(), stop=level(0.5, 5), target=level(0.5, 5),
        trail=level(0.5, 5), stop_price=None if rng.random() < 0.7 else level(60, 140),
        target_price=None if rng.random() < 0.7 else level(60, 140), max_bars=level(1, 20),
        strength=level(0, 1), tag="surge" if rng.random() < 0.5 else None,
    )  # fmt: skip


def random_rules(rng: np.random.Generator) -> Rules:
    """Spot or perpetual, with and without steps, caps, leverage, impact; every sizing."""
    perpetual = bool(rng.random() < 0.6)
    values: dict[str, Any] = {
        "market": "perpetual" if perpetual else "spot",
        "allow_short": bool(rng.random() < 0.8),
        "half_spread_bps": 1.0,
        "impact": float(rng.choice([0.0, 0.01])),
        "sizing": [FractionOfEquity(0.3), FractionOfEquity(1.0), FixedQuote(2000.0),
                   RiskPerTrade(0.02)][rng.integers(4)],
    }  # fmt: skip
    if perpetual:
        values["leverage"] = float(rng.choice([1, 3, 10, 20]))
    if rng.random() < 0.5:
        values |= {"tick": 0.01, "lot": 0.001, "min_notional": 5.0}
    if rng.random() < 0.4:
        values["participation_cap"] = float(rng.choice([0.02, 0.2]))
    return Rules(**values)


def random_funding(rng: np.random.Generator, bars: BarSeries) -> dict[str, Any]:
    """A stamp every eight hours over the range of the bars."""
    eight = 8 * HOUR
    first, last = int(bars.open_time[0]) // eight, int(bars.open_time[-1]) // eight
    times = np.arange(first - 1, last + 3, dtype=np.int64) * eight
    return {"time": times, "rate": rng.normal(0, 1e-3, len(times))}


def cut(signals: SignalBlock, start: int, stop: int) -> SignalBlock:
    """Rows [start, stop) of the signals."""
    values = {field.name: getattr(signals, field.name) for field in fields(SignalBlock)}
    return SignalBlock(
        **{
            name: value if value is None or isinstance(value, str) else value[start:stop]
            for name, value in values.items()
        }
    )


@dataclass
class NoProgram:
    """Stands where signals are ready-made: only its interval is asked for."""

    interval_ms: int


@dataclass
class EngineRun:
    """What the engine and the paper exchange made of some bars."""

    core: ExecutionCore
    exchange: PaperExchange
    drive: Drive

    @property
    def trades(self) -> list[ClosedTrade]:
        return [row.trade for row in self.drive.rows if isinstance(row, TradeClosed)]


def run_engine(
    bars: BarSeries, signals: SignalBlock, rules: Rules, *, block: int | None = None,
    hurry: bool = True, funding: Any = None, detail: BarSeries | None = None,
    mark: BarSeries | None = None, watched: type[Drive] = Drive,
) -> EngineRun:  # fmt: skip
    """The engine over `bars` in blocks of `block` (None: one)."""
    feed = market_inputs(bars, rules, detail, funding, mark).feed
    around = Around(feed.funding_time, feed.funding_rate, detail, mark)
    core, exchange = ExecutionCore(), PaperExchange()
    lane = Lane(NAME, "BTC/USDT", rules, NoProgram(bars.interval_ms), around)  # type: ignore[arg-type]
    core.add(NAME, lane.pair, rules)
    exchange.open_account(NAME, rules, bars.interval_ms, has_mark=mark is not None)
    drive = watched(core, exchange)
    size = block or len(bars)
    for start in range(0, len(bars), size):
        stop = min(start + size, len(bars))
        stretch = lane.take(bars.slice(start, stop), cut(signals, start, stop))
        exchange.load(NAME, stretch)
        run_stretches(drive, exchange, [lane], hurry=hurry)
    return EngineRun(core, exchange, drive)


def assert_same_trades(trades: list[ClosedTrade], result: BacktestResult) -> None:
    """Law P1: same bars, sides, prices, quantities, reasons and money: here to the last bit."""
    columns = [
        at.T_SIDE, at.T_ENTRY_TIME, at.T_ENTRY_PRICE, at.T_QUANTITY, at.T_EXIT_TIME,
        at.T_EXIT_PRICE, at.T_FEES, at.T_FUNDING, at.T_PNL, at.T_PNL_PCT, at.T_MAE_PCT,
        at.T_MFE_PCT, at.T_BARS_HELD,
    ]  # fmt: skip
    for trade, row in zip(trades, result.trade_rows, strict=False):
        mine = (
            trade.side.sign, trade.entry_time, trade.entry_price, trade.quantity, trade.exit_time,
            trade.exit_price, trade.fees, trade.funding, trade.pnl, trade.pnl_pct, trade.mae_pct,
            trade.mfe_pct, trade.bars_held,
        )  # fmt: skip
        assert mine == tuple(row[columns])
        assert trade.exit_reason is at.EXIT_REASONS[int(row[at.T_REASON])]
        assert trade.tag == result.tag_of(row[at.T_TAG])
    assert len(trades) == len(result.trade_rows)
