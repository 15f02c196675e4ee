"""What circuit breakers ask: is the feed fresh, the clock right, the venue there, are orders
taken?"""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.settings import BreakerSettings
from tradepulse.risk.breakers import Reading


def feed_reading(now_ms: int, last_message_ms: int, settings: BreakerSettings) -> Reading:
    """Bad when a feed has said nothing for too long (`stale_feed`), connected or not."""
    silent = (now_ms - last_message_ms) / 1000.0
    most = settings.stale_feed_s
    return Reading(now_ms, silent > most, f"a message within {most:g} s", f"none for {silent:.1f}")


def connection_reading(now_ms: int, *, connected: bool) -> Reading:
    """Bad while a stream is down (`feed_disconnected`); the breaker lets a short one pass."""
    return Reading(now_ms, not connected, "a connection", "connected" if connected else "none")


def clock_reading(now_ms: int, skew_ms: float, settings: BreakerSettings) -> Reading:
    """Bad when the venue's clock and ours differ too much, either way (`clock_skew`)."""
    most = settings.clock_skew_ms
    return Reading(now_ms, abs(skew_ms) > most, f"within {most:g} ms", f"{skew_ms:+.0f} ms")


def reach_reading(now_ms: int, *, reached: bool, found: str = "") -> Reading:
    """Bad when a request did not get an answer from the venue (`exchange_outage`)."""
    return Reading(now_ms, not reached, "an answer", found or ("one" if reached else "none"))


@dataclass(frozen=True)
class Rejections:
    """When the last orders were rejected (`repeated_rejections`), oldest first. One that the venue
    takes ends the row: what is counted is that nothing gets through."""

    times: tuple[int, ...] = ()

    def answered(
        self, now_ms: int, settings: BreakerSettings, *, rejected: bool | None
    ) -> tuple[Rejections, Reading]:
        """(the row, its reading) after an order was rejected, was taken, or (None) time passed."""
        within = int(1000 * settings.rejections_within_s)
        times = () if rejected is False else self.times
        times = tuple(time for time in times if now_ms - time < within)
        times = (*times, now_ms)[-settings.rejections :] if rejected else times
        bad = len(times) >= settings.rejections
        expected = f"fewer than {settings.rejections} rejections in a row within {within // 1000} s"
        return Rejections(times), Reading(now_ms, bad, expected, str(len(times)))
