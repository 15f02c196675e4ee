"""The drawdown that a backtest makes ordinary for what trades real money by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.training.lifecycle.demotion import DRAWDOWN_PATHS, Expectation

# Edges at one in twenty and one in a hundred, as live results are judged by (demotion).
_INNER, _OUTER = 0.05, 0.01


class Exposed(NamedTuple):
    """A trade's notional at entry, and the equity it was entered with, both in quote units."""

    notional: float
    equity: float


def band_of(promised: Expectation, days: int, *, seed: int = 0) -> DrawdownBand | None:
    """The band of the deepest fall within `days`, from 5000 resampled backtests of that length
    (stationary bootstrap); None for a backtest that never moved or of under two days."""
    returns = promised.daily_returns
    if len(returns) < 2 or not np.any(returns):
        return None
    from tradepulse.training.significance.drawdown_band import bootstrap_drawdowns

    depths = bootstrap_drawdowns(returns, days, DRAWDOWN_PATHS, promised.block, seed)
    inner, outer = (float(value) for value in np.quantile(depths, (_INNER, _OUTER)))
    return DrawdownBand(-100.0 * inner, -100.0 * outer)


def mean_share(trades: Iterable[Exposed]) -> float | None:
    """How large positions are on average, as a share of the equity; None without any."""
    shares = [trade.notional / trade.equity for trade in trades if trade.equity > 0.0]
    return float(np.mean(shares)) if shares else None


def scaled_band(
    band: DrawdownBand | None, promised: float | None, used: float | None
) -> DrawdownBand | None:
    """The band for positions of the mean share `used` of the equity where the backtest's were
    `promised`: caps make real positions smaller, and a band of the whole allotment around a
    twentieth of it would never be left. Unchanged while nothing was traded; never wider."""
    if band is None or promised is None or promised <= 0.0 or used is None:
        return band
    return band.scaled(used / promised)
