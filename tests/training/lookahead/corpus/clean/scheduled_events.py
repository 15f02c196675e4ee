"""Hours to the next release of a calendar that has been public for months."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    releases = np.arange(300, len(bars) + 700, 701)
    to_next = releases[np.searchsorted(releases, np.arange(len(bars)))] - np.arange(len(bars))
    return {"hours_to_release": to_next.astype(float)}


class ScheduledEvents(Strategy):
    def signals(self, bar: Bars) -> Signals:
        quiet = bar.column("hours_to_release") > 24.0
        return Signals(enter_long=quiet & (bar.close > bar.close.sma(50)), exit_long=~quiet)
