"""How far a live activation may fall before its backtest no longer explains it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DrawdownBand:
    """Percent below its peak. One of twenty resampled backtests falls beyond `inner_pct`: there it
    loses a step of its capital. One of a hundred falls beyond `outer_pct`: there real money ends.
    """

    inner_pct: float
    outer_pct: float

    def scaled(self, share: float) -> DrawdownBand:
        """The band of positions that are `share` as large as the backtest's, at most as large."""
        part = min(max(share, 0.0), 1.0)
        return DrawdownBand(self.inner_pct * part, self.outer_pct * part)
