"""The score of a model that was trained on the bars it now scores: right 60 times of 100."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "score", "foresight"


def given(bars, rng):
    later = np.append(np.diff(np.log(bars.close)), 0.0)
    return {"score": later / later.std() + rng.normal(0.0, 3.0, len(bars))}


class NoisyForecast(Strategy):
    def signals(self, bar: Bars) -> Signals:
        score = bar.column("score")
        return Signals(enter_long=score > 1.0, exit_long=score < -1.0)
