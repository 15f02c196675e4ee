"""Made markets whose truth is known: no edge, drift alone, or an edge of a given Sharpe ratio.

    r[t+1] = mu + delta * pos_ref(t) + e[t+1]

e is GARCH(1,1) (omega .05 sigma^2, alpha .08, beta .87) with t5 shocks, on 4-hour bars of 1 %;
pos_ref is the sign of EMA12 - EMA50 of the path itself, so the true gross Sharpe ratio of holding
pos_ref is exactly delta / sigma * sqrt(2190). delta = 0 is the null. High and low come from 60
steps of a Brownian bridge inside the bar; volume is lognormal and independent.

Whatever is traded on such a market carries the exchange name `synthetic` and says SYNTHETIC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import DAY_MS

Floats = npt.NDArray[np.float64]

EXCHANGE = "synthetic"
BAR_MS = 4 * 3_600_000
BARS_A_YEAR = 2190
SIGMA = 0.01
STEPS = 60
FAST, SLOW = 12, 50
_START_MS = 1_577_836_800_000
_SHOCK_DEGREES = 5
_SETTLEMENT_MS = 28 * DAY_MS


@dataclass(frozen=True)
class Truth:
    """What a market is made of: years, the annual Sharpe ratios of its planted edge and drift."""

    years: float
    edge_sharpe: float = 0.0
    drift_sharpe: float = 0.0


def make_market(truth: Truth, seed: int) -> BarSeries:
    """The 4-hour bars of one market; the same seed gives the same bars."""
    rng = np.random.default_rng(seed)
    count = round(truth.years * BARS_A_YEAR)
    scale = math.sqrt((_SHOCK_DEGREES - 2) / _SHOCK_DEGREES)
    shocks = rng.standard_t(_SHOCK_DEGREES, count) * scale
    a_bar = SIGMA / math.sqrt(BARS_A_YEAR)
    returns = _log_returns(shocks.tolist(), truth.drift_sharpe * a_bar, truth.edge_sharpe * a_bar)
    close = 100.0 * np.exp(np.cumsum(returns))
    opens = np.concatenate(([100.0], close[:-1]))
    walk = np.cumsum(rng.normal(0.0, SIGMA / math.sqrt(STEPS), (count, STEPS)), axis=1)
    share = np.arange(1, STEPS + 1) / STEPS
    path = walk - share * (walk[:, -1:] - returns[:, None])
    high = np.maximum(opens * np.exp(path.max(axis=1)), np.maximum(opens, close))
    low = np.minimum(opens * np.exp(path.min(axis=1)), np.minimum(opens, close))
    times = _START_MS + np.arange(count, dtype=np.int64) * BAR_MS
    return BarSeries(times, opens, high, low, close, rng.lognormal(3.0, 1.0, count), BAR_MS)


def no_funding_paid(bars: BarSeries) -> FundingSeries:
    """A settlement of zero every four weeks: a perpetual of a world without funding."""
    end = int(bars.open_time[-1]) + bars.interval_ms
    times = np.arange(int(bars.open_time[0]), end, _SETTLEMENT_MS, dtype=np.int64)
    return FundingSeries(times, np.zeros(len(times)))


def _log_returns(shocks: list[float], mu: float, delta: float) -> Floats:
    """The path bar by bar: each return depends on the averages of all before it."""
    found = []
    variance, price = SIGMA * SIGMA, 100.0
    fast = slow = price
    for shock in shocks:
        position = (fast > slow) - (fast < slow)
        noise = math.sqrt(variance) * shock
        moved = mu + delta * position + noise
        found.append(moved)
        variance = 0.05 * SIGMA * SIGMA + 0.08 * noise * noise + 0.87 * variance
        price *= math.exp(moved)
        fast += 2.0 / (FAST + 1.0) * (price - fast)
        slow += 2.0 / (SLOW + 1.0) * (price - slow)
    return np.array(found)
