"""Time-series momentum: with the sign of the past return, smaller where prices swing more."""

from __future__ import annotations

import math

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy

# Under any real volatility: prices that stand still must not become a position without a size.
LEAST_SWING = 1e-9
# Of the price: a stop further away is none, and a short would be liquidated before it.
FURTHEST_STOP = 0.5


class Momentum(Strategy):
    """Looks every `rebalance_bars` bars: long while the return over the look-back is positive, out
    (or short) when it is not. The size is `target_pct` over the volatility of one such period, at
    most all; the stop lies `stop_sigmas` of it away.

    The size is set at the entry and kept until the sign flips: resizing in between would pay two
    fees for a small change. Source: time-series momentum, one day to three months, in bars here.
    Evidence: one-day to one-month momentum existed in crypto and seems to have disappeared after
    bitcoin futures (Tinbergen seminar, 3,100 coins, 2013-2018); it crashes (Grobys et al.). A
    hypothesis.
    """

    lookback_bars = Int(24, 2160, default=168, allow=(1, 100_000))
    rebalance_bars = Int(24, 336, default=24, allow=(2, 10_000))
    volatility_bars = Int(24, 720, default=168, allow=(2, 10_000))
    target_pct = Float(1.0, 10.0, default=4.0, allow=(0.01, 1000.0))
    stop_sigmas = Float(2.0, 6.0, default=4.0, allow=(0.1, 100.0))

    def signals(self, bar: Bars) -> Signals:
        look = bar.at(f"x{self.rebalance_bars}").just_closed()
        before = bar.close.previous(self.lookback_bars)
        gained, lost = look & (bar.close > before), look & (bar.close < before)
        returns = (bar.close / bar.close.previous()).log()
        swing = returns.rolling_std(self.volatility_bars) * math.sqrt(self.rebalance_bars)
        swing = swing.maximum(LEAST_SWING)
        return Signals(
            enter_long=gained,
            exit_long=lost,
            enter_short=lost,
            exit_short=gained,
            stop=(self.stop_sigmas * swing).minimum(FURTHEST_STOP) * bar.close,
            strength=((self.target_pct / 100.0) / swing).minimum(1.0),
        )
