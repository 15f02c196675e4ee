"""A crowd that cheers after rises: follows the last week's return, noisily."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    moves = pd.Series(np.log(bars.close)).diff()
    return {"cheer": (moves.ewm(span=168).mean() / moves.std()).to_numpy()
            + rng.normal(0.0, 0.05, len(bars))}  # fmt: skip


class SentimentOfThePast(Strategy):
    def signals(self, bar: Bars) -> Signals:
        cheer = bar.column("cheer")
        return Signals(enter_long=cheer > 0.1, exit_long=cheer < 0.0)
