"""The kernel against the slow rulebook, over random markets and rules; and against itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import HOUR, bars_of, random_bars, random_signals, run_reference
from tradepulse.domain.bars import BarSeries
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import drawdown_squares, longest_drawdown
from tradepulse.simulation.backtest import BacktestResult, Simulation, signal_block, simulate
from tradepulse.simulation.inputs import NO_FEED
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FixedQuote, FractionOfEquity, RiskPerTrade

SEEDS = st.integers(0, 2**32 - 1)
COLUMNS = (
    "entry_time", "entry_price", "quantity", "exit_time", "exit_price", "fees", "funding", "pnl",
    "pnl_pct", "mae_pct", "mfe_pct", "bars_held",
)  # fmt: skip


def random_rules(rng: np.random.Generator, tick: float) -> Rules:
    perpetual = bool(rng.random() < 0.6)
    sizing = [
        FractionOfEquity(float(rng.uniform(0.2, 1.0))),
        FixedQuote(3000.0),
        RiskPerTrade(0.02),
    ]
    tiers = None
    if perpetual and rng.random() < 0.3:
        tiers = ((0, 0.004, 30), (8_000, 0.01, 12), (60_000, 0.05, 4))
    return Rules(
        market="perpetual" if perpetual else "spot",
        initial_cash=10_000,
        taker_fee_bps=float(rng.choice([0.0, 5.0, 10.0])),
        maker_fee_bps=float(rng.choice([0.0, 2.0])),
        half_spread_bps=float(rng.choice([0.0, 1.0])),
        slippage_bps=float(rng.choice([0.0, 2.0])),
        impact=float(rng.choice([0.0, 0.01])),
        participation_cap=float(rng.choice([0.05, 0.3])) if rng.random() < 0.3 else None,
        tick=tick or None,
        lot=float(rng.choice([0.001, 0.1])) if rng.random() < 0.4 else None,
        min_notional=float(rng.choice([0.0, 500.0])),
        sizing=sizing[int(rng.integers(3))],
        leverage=float(rng.choice([1.0, 3.0, 10.0])) if perpetual else 1.0,
        allow_short=bool(rng.random() < 0.7),
        leverage_tiers=tiers,
    )


def finer(rng: np.random.Generator, bars: BarSeries, parts: int = 4) -> BarSeries:
    """Finer bars inside every bar, with the same extremes, some left out."""
    rows, times = [], []
    step = bars.interval_ms // parts
    for k in range(len(bars)):
        inner = rng.uniform(bars.low[k], bars.high[k], parts - 1)
        edges = [bars.open[k], *inner, bars.close[k]]
        peak, trough = rng.integers(parts, size=2)
        for j in range(parts):
            high, low = max(edges[j : j + 2]), min(edges[j : j + 2])
            high = bars.high[k] if j == peak else high
            low = bars.low[k] if j == trough else low
            if rng.random() < 0.95:
                rows.append((edges[j], high, low, edges[j + 1], float(rng.random() < 0.9)))
                times.append(int(bars.open_time[k]) + j * step)
    series = bars_of(rows, step)
    return BarSeries(
        np.array(times), series.open, series.high, series.low, series.close, series.volume, step
    )


def random_case(
    seed: int, count: int = 220
) -> tuple[BarSeries, dict[str, Any], Rules, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    tick = float(rng.choice([0.0, 0.0, 0.01, 0.5]))
    bars = random_bars(rng, count, tick=tick, wild=float(rng.choice([0.004, 0.02, 0.05])))
    rules = random_rules(rng, tick)
    inputs: dict[str, Any] = {}
    if rules.is_perpetual:
        hours = np.arange(int(bars.open_time[0]), int(bars.open_time[-1]) + 9 * HOUR, 8 * HOUR)
        late = rng.choice([0, 3, 30 * 60_000])
        inputs["funding"] = [(int(t) + int(late), float(rng.normal(0, 0.001))) for t in hours]
        if rng.random() < 0.5:
            part = 1 + rng.normal(0, 0.003, len(bars))
            inputs["mark"] = BarSeries(
                bars.open_time, bars.open * part, bars.high * part, bars.low * part,
                bars.close * part, bars.volume, bars.interval_ms,
            )  # fmt: skip
    if rng.random() < 0.5:
        inputs["detail"] = finer(rng, bars)
    return bars, random_signals(rng, bars), rules, inputs


def check_same_trades(result: BacktestResult, expected: list[dict[str, Any]]) -> None:
    found = result.trades
    assert found["exit_reason"].to_list() == [trade["exit_reason"] for trade in expected]
    assert found["side"].to_list() == ["long" if t["side"] > 0 else "short" for t in expected]
    for name in COLUMNS:
        np.testing.assert_allclose(
            found[name].to_numpy(), [trade[name] for trade in expected],
            rtol=1e-9, atol=1e-8, err_msg=name,
        )  # fmt: skip
    np.testing.assert_allclose(
        result.trade_rows[:, at.T_R], [t["r"] for t in expected], rtol=1e-7, atol=1e-9
    )


@settings(max_examples=150)
@given(SEEDS)
def test_the_kernel_agrees_with_the_slow_rulebook(seed: int) -> None:
    bars, signals, rules, inputs = random_case(seed)
    book = run_reference(bars, signals, rules, **inputs)
    result = simulate(bars, signal_block(signals, len(bars)), rules, **inputs)
    check_same_trades(result, book.trades)
    np.testing.assert_allclose(result.equity_values, book.equity, rtol=1e-9, atol=1e-7)
    assert result.refusals == book.refused
    assert result.state[at.S_AMBIGUOUS] == book.ambiguous
    assert (result.open_position is None) == (book.position is None)


def check_identical(left: BacktestResult, right: BacktestResult) -> None:
    np.testing.assert_array_equal(left.trade_rows, right.trade_rows)
    np.testing.assert_array_equal(left.equity_values, right.equity_values)
    np.testing.assert_array_equal(left.period_equity, right.period_equity)
    np.testing.assert_array_equal(left.state, right.state)


@given(SEEDS)
def test_hurrying_changes_nothing(seed: int) -> None:
    bars, signals, rules, inputs = random_case(seed, count=500)
    block = signal_block(signals, len(bars))
    check_identical(
        simulate(bars, block, rules, **inputs), simulate(bars, block, rules, hurry=False, **inputs)
    )


def cut(block: Any, first: int, last: int) -> Any:
    parts = {
        name: column[first:last] if isinstance(column, (np.ndarray, list)) else column
        for name, column in vars(block).items()
    }
    return type(block)(**parts)


@given(SEEDS)
def test_S1_any_cut_of_the_bars_gives_the_same_run_bit_for_bit(seed: int) -> None:
    bars, signals, rules, inputs = random_case(seed, count=400)
    rng = np.random.default_rng(seed)
    signals["tag"] = [
        str(rng.integers(5)) if rng.random() < 0.8 else None for _ in range(len(bars))
    ]
    block = signal_block(signals, len(bars))
    whole = simulate(bars, block, rules, **inputs)
    feed = market_inputs(bars, rules, **inputs).feed if inputs else NO_FEED
    stream = Simulation(rules, bars.interval_ms, feed, has_mark="mark" in inputs)
    trades, row, snapshot = [], 0, stream.snapshot()
    while row < len(bars):
        end = min(row + int(rng.choice([1, 1, 2, 7, 64, 100])), len(bars))
        mark = inputs["mark"].slice(row, end) if "mark" in inputs else None
        if rng.random() < 0.3:
            # S3: what happens between a snapshot and its return leaves no trace.
            snapshot = stream.snapshot()
            stream.advance(bars.slice(row, end), cut(block, row, end), mark)
            stream.restore(snapshot)
        trades.append(stream.advance(bars.slice(row, end), cut(block, row, end), mark))
        row = end
    np.testing.assert_array_equal(np.concatenate(trades), whole.trade_rows)
    # The stream keeps no buffer of period equities, so only their count may differ.
    expected = whole.state.copy()
    expected[at.S_PERIOD_ROWS] = 0
    np.testing.assert_array_equal(stream.state, expected)
    assert stream.tags == whole.tags


@given(SEEDS)
def test_S2_later_bars_change_no_earlier_trade(seed: int) -> None:
    bars, signals, rules, _ = random_case(seed, count=300)
    rules = rules.changed(market="spot", leverage=1.0, leverage_tiers=None)
    k = 150
    rng = np.random.default_rng(seed)
    other = random_bars(rng, len(bars) - k)
    mixed = BarSeries(
        bars.open_time,
        *(
            np.concatenate([getattr(bars, name)[:k], getattr(other, name)])
            for name in ("open", "high", "low", "close", "volume")
        ),
        bars.interval_ms,
    )
    block = signal_block(signals, len(bars))
    one, two = simulate(bars, block, rules), simulate(mixed, block, rules)
    np.testing.assert_array_equal(one.equity_values[:k], two.equity_values[:k])
    early = one.trade_rows[one.trade_rows[:, at.T_EXIT_INDEX] < k]
    np.testing.assert_array_equal(early, two.trade_rows[: len(early)])


@given(SEEDS)
def test_accumulators_say_what_the_equity_curve_says(seed: int) -> None:
    bars, signals, rules, inputs = random_case(seed, count=400)
    result = simulate(bars, signal_block(signals, len(bars)), rules, **inputs)
    curve = np.concatenate(([rules.initial_cash], result.equity_values))
    peak = np.maximum.accumulate(curve)
    depth = (curve / peak - 1)[1:]
    state = result.state
    assert state[at.S_MAX_DRAWDOWN] == pytest.approx(min(depth.min(), 0), abs=1e-12)
    assert drawdown_squares(state) == pytest.approx((depth**2).sum(), rel=1e-9, abs=1e-12)
    assert state[at.S_BARS_UNDER_WATER] == (curve < peak)[1:].sum()
    at_peak = np.flatnonzero(curve >= peak)
    spans = np.diff(np.append(at_peak, [len(curve)]))
    spans[-1] -= 1  # an open drawdown ends with the last bar
    closed = [span for span in spans[:-1] if span > 1]
    assert longest_drawdown(state) == max([*closed, spans[-1]])
    day = bars.open_time // 86_400_000
    last_of_day = np.flatnonzero(np.diff(day))
    np.testing.assert_array_equal(result.period_equity, result.equity_values[last_of_day])
    rows = result.trade_rows
    pnl = rows[:, at.T_PNL]
    assert state[at.S_TRADES] == len(rows)
    assert state[at.S_GROSS_PROFIT] == pytest.approx(pnl[pnl > 0].sum())
    assert state[at.S_GROSS_LOSS] == pytest.approx(pnl[pnl < 0].sum())


@given(SEEDS)
def test_money_is_neither_made_nor_lost_by_bookkeeping(seed: int) -> None:
    bars, signals, rules, inputs = random_case(seed)
    result = simulate(bars, signal_block(signals, len(bars)), rules, **inputs)
    state, rows = result.state, result.trade_rows
    position = result.open_position
    expected = rules.initial_cash + rows[:, at.T_PNL].sum()
    if position is None:
        assert state[at.S_WALLET] == pytest.approx(expected, rel=1e-9)
        assert state[at.S_FEES] == pytest.approx(rows[:, at.T_FEES].sum(), rel=1e-9, abs=1e-9)
        assert state[at.S_FUNDING] == pytest.approx(rows[:, at.T_FUNDING].sum(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("series", ["binance/BTCUSDT/1h", "binanceusdm/BTCUSDT/1h"])
def test_real_bars_agree_with_the_slow_rulebook(shared: Any, series: str) -> None:
    import polars

    path = shared / "data" / "bars" / f"{series}.parquet"
    if not path.exists():
        pytest.skip(f"no bars at {series}")
    frame = polars.read_parquet(path).head(4000)
    bars = BarSeries(
        frame["ts"].to_numpy(), *(frame[name].to_numpy().astype(float) for name in "ohlcv"), HOUR
    )
    rng = np.random.default_rng(5)
    signals = random_signals(rng, bars)
    signals["trail"] = bars.close * 0.02
    perpetual = series.startswith("binanceusdm")
    rules = Rules(
        market="perpetual" if perpetual else "spot", allow_short=perpetual,
        leverage=5.0 if perpetual else 1.0, tick=0.01, lot=0.00001, min_notional=10,
    )  # fmt: skip
    inputs: dict[str, Any] = {}
    if perpetual:
        stamps = np.arange(int(bars.open_time[0]), int(bars.open_time[-1]) + HOUR, 8 * HOUR)
        inputs["funding"] = [(int(t), 0.0001) for t in stamps]
    block = signal_block(signals, len(bars))
    result = simulate(bars, block, rules, **inputs)
    assert len(result.trade_rows) > 50
    check_same_trades(result, run_reference(bars, signals, rules, **inputs).trades)
    check_identical(result, simulate(bars, block, rules, hurry=False, **inputs))
