"""Every metric of a backtest as an objective, signed so that higher is better."""

from __future__ import annotations

import math

from tradepulse.training.objectives.port import Metrics, Returns

# Less of these is better. Drawdown, VaR and CVaR are negative numbers already, and `funding` is
# what was received, so more of them is better.
LOWER_IS_BETTER = frozenset({
    "annual_volatility", "drawdown_duration_bars", "time_under_water", "ulcer_index", "exposure",
    "turnover", "fees", "ambiguous_exits",
})  # fmt: skip


class MetricObjective:
    """The metric of that name; not defined (None, NaN, infinite) is NaN."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._sign = -1.0 if name in LOWER_IS_BETTER else 1.0

    def score(self, metrics: Metrics, daily_returns: Returns) -> float:
        del daily_returns
        value = metrics.get(self.name)
        if value is None or not math.isfinite(value):
            return math.nan
        # + 0.0: no turnover is 0.0, not -0.0.
        return self._sign * float(value) + 0.0
