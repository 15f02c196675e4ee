"""Against the crowd that pays to hold its side of a perpetual, once price no longer follows it."""

from __future__ import annotations

from tradepulse.domain.funding import FUNDING_COLUMN
from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14
DAYS_A_YEAR = 365.0
# Funding has normalised once it pays half of what it had to pay at the entry.
NORMAL_SHARE = 0.5
# A hundredth of a basis point: where the rate stands still its deviation is a rounding error.
LEAST_EXCESS = 1e-6


class FundingCarry(Strategy):
    """Short a perpetual whose longs have paid, on the mean of the window, more than so many percent
    a year, and lately an extreme of that window, on a close below the low of the bars before; out
    when the mean has fallen to half of that, at a hard stop, or in time. Longs mirror shorts.

    Needs bars with the column `funding_rate` and earns the funding on one leg only: the spot leg
    that would hedge it is not traded here, so the whole risk of the price stays. Source: Schmeling,
    Schrimpf & Todorov, BIS WP 1087. Evidence: carry up to 40-60 % a year there, the strongest of
    the list, but of the hedged pair; the risk is the liquidation of the short. For this leg alone:
    a hypothesis.
    """

    window_bars = Int(168, 2160, default=168, allow=(2, 100_000))
    carry_pct = Float(5.0, 30.0, default=10.0, allow=(0.0, 10_000.0))
    crowd_z = Float(1.5, 3.0, default=1.5, allow=(0.0, 10.0))
    crowd_bars = Int(24, 168, default=72, allow=(1, 10_000))
    fail_bars = Int(6, 48, default=24, allow=(1, 10_000))
    stop_atr = Float(2.0, 6.0, default=4.0, allow=(0.01, 100.0))
    max_bars = Int(24, 336, default=168, allow=(1, 100_000))
    # A fact of the contract and nothing to search for: 3 is every eight hours.
    settlements_a_day = Int(3, 3, default=3, allow=(1, 1440))

    def signals(self, bar: Bars) -> Signals:
        rate = bar.column(FUNDING_COLUMN)
        mean = rate.rolling_mean(self.window_bars)
        yearly = mean * (100.0 * DAYS_A_YEAR * self.settlements_a_day)
        excess, deviation = rate - mean, rate.rolling_std(self.window_bars)
        extreme = (self.crowd_z * deviation).maximum(LEAST_EXCESS)
        longs_crowd = (excess > extreme).count(self.crowd_bars) > 0.0
        shorts_crowd = (excess < -extreme).count(self.crowd_bars) > 0.0
        ceiling, floor = bar.donchian(self.fail_bars)
        normal = NORMAL_SHARE * self.carry_pct
        return Signals(
            enter_long=(yearly < -self.carry_pct) & shorts_crowd & (bar.close > ceiling),
            exit_long=yearly > -normal,
            enter_short=(yearly > self.carry_pct) & longs_crowd & (bar.close < floor),
            exit_short=yearly < normal,
            stop=self.stop_atr * bar.atr(ATR_BARS),
            max_bars=self.max_bars,
        )
