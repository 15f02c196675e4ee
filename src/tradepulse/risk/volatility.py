"""Abnormal volatility: a minute that moved the price out of all proportion to the day before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.interval import DAY_MS, MINUTE_MS
from tradepulse.domain.settings import BreakerSettings
from tradepulse.risk.breakers import VOLATILITY, BreakerPanel, Change, Reading

WINDOW = DAY_MS // MINUTE_MS
# Before half a day has been seen there is no usual to be out of proportion to.
FEWEST = WINDOW // 2
_NONE: Floats = np.empty(0)


@dataclass(frozen=True, eq=False)
class Volatility:
    """The absolute one-minute returns of one pair over 24 hours, oldest first, and its last
    close."""

    returns: Floats = field(default_factory=lambda: _NONE)
    close: float = float("nan")
    close_time: int | None = None

    def step(
        self, close_time: int, close: float, settings: BreakerSettings
    ) -> tuple[Volatility, Reading]:
        """(the window, the reading) after a one-minute bar that closed at `close_time`.

        The minute is judged by the 24 hours before it, itself not among them. A return over a gap
        is no one-minute return: it is neither judged nor kept.
        """
        if self.close_time is None or close_time - self.close_time != MINUTE_MS:
            return (
                Volatility(self.returns, close, close_time),
                Reading(close_time, False, "a minute that follows the last one", "a gap"),
            )
        moved = abs(float(np.log(close / self.close)))
        kept = np.append(self.returns[-(WINDOW - 1) :], moved)
        after = Volatility(kept, close, close_time)
        floor = settings.volatility_floor_bps / 10_000.0
        if len(self.returns) < FEWEST or moved <= floor:
            # The floor alone lets it pass: the median of a day is not worth its microseconds.
            return after, Reading(close_time, False, _told(floor), f"{1e4 * moved:.1f} bps")
        usual = float(np.median(self.returns))
        most = max(settings.volatility_factor * usual, floor)
        expected = f"{_told(most)}, {1e4 * usual:.2f} are usual"
        return after, Reading(close_time, moved > most, expected, f"{1e4 * moved:.1f} bps")


def _told(most: float) -> str:
    return f"at most {1e4 * most:.1f} bps a minute"


def volatility_changes(bars: BarSeries, settings: BreakerSettings) -> list[Change]:
    """Every time the breaker would have tripped and closed over one-minute `bars`, in order."""
    window, panel, found = Volatility(), BreakerPanel(settings), list[Change]()
    closes_at = (bars.open_time + bars.interval_ms).tolist()
    for time, close in zip(closes_at, bars.close.tolist(), strict=True):
        window, reading = window.step(time, close, settings)
        panel, change = panel.step(VOLATILITY, "", reading)
        found += [] if change is None else [change]
    return found
