"""The metrics of a run: one float64 vector for a sweep, one dict for people.

The fill kernel leaves accumulators in its state vector and the equity at the end of every period;
from these two everything here follows, so a sweep keeps neither equity curves nor trades. A period
is a UTC day for bars shorter than a day, else one bar. Return metrics (growth, volatility, Sharpe,
Sortino, tails) are over periods, the drawdown family over bar closes, all on net equity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.domain.interval import DAY_MS
from tradepulse.signals.jit import kernel
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import drawdown_squares, longest_drawdown
from tradepulse.simulation.drawdown import calmar, share, ulcer_index
from tradepulse.simulation.returns import (
    annual_volatility,
    cagr,
    mean_at_or_below,
    percentiles,
    period_returns,
    sharpe,
    sortino,
)
from tradepulse.simulation.trade_statistics import (
    TradeSums,
    expectancy,
    kelly,
    profit_factor,
    sqn,
    win_rate,
)

# The order of the vector, of the dict, and of a sweep's columns.
METRICS = (
    "total_return", "cagr", "annual_volatility", "sharpe", "sortino", "max_drawdown", "calmar",
    "drawdown_duration_bars", "time_under_water", "ulcer_index", "tail_ratio", "var_95", "cvar_95",
    "profit_factor", "win_rate", "expectancy", "expectancy_r", "sqn", "exposure", "kelly",
    "turnover", "trade_count", "fees", "funding", "net_profit", "buy_and_hold_return",
    "ambiguous_exits",
)  # fmt: skip
COUNTS = frozenset({"drawdown_duration_bars", "trade_count", "ambiguous_exits"})
LENGTH = len(METRICS)


def periods_per_year(interval_ms: int) -> float:
    """Return periods in a 365-day year: 365 for bars below a day, else 365 / days of a bar."""
    return 365.0 * DAY_MS / max(interval_ms, DAY_MS)


@kernel
def summarise(state: Floats, period_equity: Floats, initial: float, a_year: float) -> Floats:
    """The metrics of one run as a vector in the order of `METRICS`; NaN means not defined.

    `state` is the kernel's state after the last bar; `period_equity` the equity at the end of each
    *completed* period: the last one, still open, ends here, at the equity of the last close.
    `initial` is the starting equity, `a_year` the periods in a year. `fees` and `turnover` are in
    quote units; `funding` is what was received (negative: paid).
    """
    out = np.empty(LENGTH)
    bars = int(state[at.S_INDEX])
    closed = len(period_equity)
    curve = np.empty(closed + 1 if bars > 0 else 0)
    if bars > 0:
        curve[:closed] = period_equity
        curve[closed] = state[at.S_EQUITY]
    _describe_returns(period_returns(curve, initial), initial, state, a_year, out)
    _describe_drawdown(state, bars, out)
    _describe_trades(state, bars, out)
    out[24] = state[at.S_EQUITY] - initial
    out[25] = _buy_and_hold(state)
    return out


@kernel
def _describe_returns(
    returns: Floats, initial: float, state: Floats, a_year: float, out: Floats
) -> None:
    lower, upper = percentiles(returns)
    out[0] = state[at.S_EQUITY] / initial - 1.0
    out[1] = cagr(initial, state[at.S_EQUITY], len(returns), a_year)
    out[2] = annual_volatility(returns, a_year)
    out[3] = sharpe(returns, a_year)
    out[4] = sortino(returns, a_year)
    out[10] = abs(upper) / abs(lower) if lower != 0.0 else math.nan
    out[11] = lower
    out[12] = mean_at_or_below(returns, lower)


@kernel
def _describe_drawdown(state: Floats, bars: int, out: Floats) -> None:
    out[5] = state[at.S_MAX_DRAWDOWN]
    out[6] = calmar(out[1], state[at.S_MAX_DRAWDOWN])
    out[7] = longest_drawdown(state)
    out[8] = share(state[at.S_BARS_UNDER_WATER], bars)
    out[9] = ulcer_index(drawdown_squares(state), bars)


@kernel
def _describe_trades(state: Floats, bars: int, out: Floats) -> None:
    sums = TradeSums(
        int(state[at.S_TRADES]), int(state[at.S_WINS]), int(state[at.S_LOSSES]),
        state[at.S_GROSS_PROFIT], state[at.S_GROSS_LOSS],
        int(state[at.S_R_COUNT]), state[at.S_R_SUM], state[at.S_R_SQUARES],
    )  # fmt: skip
    out[13] = profit_factor(sums.gross_profit, sums.gross_loss)
    out[14] = win_rate(sums.wins, sums.losses)
    out[15] = expectancy(sums.gross_profit + sums.gross_loss, sums.trades)
    out[16] = expectancy(sums.sum_r, sums.with_r)
    out[17] = sqn(sums.with_r, sums.sum_r, sums.sum_r_squared)
    out[18] = share(state[at.S_BARS_IN_POSITION], bars)
    out[19] = kelly(sums)
    out[20] = state[at.S_TURNOVER]
    out[21] = sums.trades
    out[22] = state[at.S_FEES]
    out[23] = state[at.S_FUNDING]
    out[26] = state[at.S_AMBIGUOUS]


@kernel
def _buy_and_hold(state: Floats) -> float:
    """Last close over first close, minus 1: the market over the same closes that mark equity."""
    first = state[at.S_FIRST_CLOSE]
    return state[at.S_LAST_CLOSE] / first - 1.0 if first > 0.0 else math.nan


def as_dict(vector: Floats | Sequence[float]) -> dict[str, float | int | None]:
    """Metrics by name: None where not defined, counts as int."""
    named: dict[str, float | int | None] = {}
    for name, value in zip(METRICS, vector, strict=True):
        number = float(value)
        if not math.isfinite(number):
            named[name] = None
        else:
            named[name] = int(number) if name in COUNTS else number
    return named
