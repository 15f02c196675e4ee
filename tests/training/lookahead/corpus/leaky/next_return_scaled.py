"""A feature table made with its label: the return of the next twelve bars over its spread."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "feature", "foresight"


def given(bars, rng):
    ahead = np.full(len(bars), np.nan)
    ahead[:-12] = np.log(bars.close[12:] / bars.close[:-12])
    return {"feature": ahead / np.nanstd(ahead)}


class NextReturnScaled(Strategy):
    def signals(self, bar: Bars) -> Signals:
        feature = bar.column("feature")
        return Signals(enter_long=feature > 1.0, exit_long=feature < 0.0)
