"""What time it is in the market: replayed bars run at a speed, stand still, or go step by step."""

from __future__ import annotations

from collections.abc import Callable

# Behind by more than this, the replay cannot keep the speed it was asked for; the clock is set
# anew. Without it every later turn would have more to catch up with and answer no request.
_HOPELESS_LAG_S = 1.0


class Pacer:
    """Turns passing seconds into market time. `elapsed` is a monotonic clock in seconds."""

    def __init__(self, market_ms: int, speed: float, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._speed = speed
        self._paused = speed <= 0
        self._anchor = (elapsed(), market_ms)
        self.lost_ms = 0

    @property
    def speed(self) -> float:
        """Market seconds a second; 0 while the market stands still."""
        return 0.0 if self._paused else self._speed

    @property
    def tolerance(self) -> float:
        """How much longer than on a wall clock a span may seem to a client: at least 1."""
        return max(self._speed, 1.0)

    def due(self, market_ms: int) -> int:
        """The market time to advance to now, not before `market_ms`, where the market is."""
        if self._paused:
            return market_ms
        started, anchor_ms = self._anchor
        wanted = anchor_ms + round((self._elapsed() - started) * self._speed * 1000)
        most = market_ms + int(_HOPELESS_LAG_S * self._speed * 1000)
        if wanted > most:
            self.lost_ms += wanted - most
            self._anchor = (self._elapsed(), most)
            return most
        return max(wanted, market_ms)

    def run_at(self, speed: float, market_ms: int) -> None:
        """Goes on from `market_ms` at `speed`; 0 or less stands still."""
        self._speed = speed
        self._paused = speed <= 0
        self._anchor = (self._elapsed(), market_ms)

    def pause(self, paused: bool, market_ms: int) -> None:
        """Stands still, or goes on from `market_ms` at the speed it had."""
        self._paused = paused or self._speed <= 0
        self._anchor = (self._elapsed(), market_ms)
