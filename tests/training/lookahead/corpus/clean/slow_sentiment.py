"""A sentiment that drifts from day to day, published at midnight, and as slow as the price."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    days = len(bars) // 24 + 1
    daily = 50.0 + np.cumsum(rng.normal(0.0, 3.0, days))
    return {"sentiment": np.repeat(daily, 24)[: len(bars)]}


class SlowSentiment(Strategy):
    def signals(self, bar: Bars) -> Signals:
        mood = bar.column("sentiment")
        return Signals(enter_long=mood > mood.sma(72), exit_long=mood < mood.sma(72))
