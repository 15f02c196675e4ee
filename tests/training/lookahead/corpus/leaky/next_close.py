"""The next close as a column: a shift in the wrong direction."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK, FIRST = "next_close", "matches", 0


def given(bars, rng):
    return {"next_close": np.append(bars.close[1:], np.nan)}


class NextClose(Strategy):
    def signals(self, bar: Bars) -> Signals:
        later = bar.column("next_close")
        return Signals(enter_long=later > bar.close, exit_long=later < bar.close)
