"""Circuit breakers: when the world is not as usual, entries wait until it is.

Every breaker is the same machine over a yes or no, whatever the question: it trips when the answer
has been bad for long enough, and closes when it has been good for long enough. What is asked is in
`readings.py` and `volatility.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tradepulse.domain.settings import BreakerSettings

VOLATILITY, STALE_FEED, DISCONNECTED = "abnormal_volatility", "stale_feed", "feed_disconnected"
REJECTIONS, CLOCK_SKEW, OUTAGE = "repeated_rejections", "clock_skew", "exchange_outage"
BREAKER_CODES = frozenset({VOLATILITY, STALE_FEED, DISCONNECTED, REJECTIONS, CLOCK_SKEW, OUTAGE})


class Reading(NamedTuple):
    """What was seen at `now_ms`: whether it is bad, and in words what was expected and found."""

    now_ms: int
    bad: bool
    expected: str
    found: str


class Change(NamedTuple):
    """A breaker has tripped, or (`tripped` False) closed again after `open_ms`."""

    code: str
    scope: str
    tripped: bool
    time_ms: int
    expected: str
    found: str
    open_ms: int = 0


@dataclass(frozen=True)
class Breaker:
    """Trips after `trip_after_ms` of bad readings without a good one between, closes after
    `calm_ms` of good ones without a bad one. `tripped_at`: since when it is open, None closed."""

    code: str
    scope: str
    trip_after_ms: int = 0
    calm_ms: int = 0
    tripped_at: int | None = None
    bad_since: int | None = None
    good_since: int | None = None

    def step(self, reading: Reading) -> tuple[Breaker, Change | None]:
        """(the breaker after `reading`, what changed)."""
        now = reading.now_ms
        if reading.bad:
            since = now if self.bad_since is None else self.bad_since
            seen = replace(self, bad_since=since, good_since=None)
            if self.tripped_at is None and now - since >= self.trip_after_ms:
                return replace(seen, tripped_at=now), self._change(reading, tripped=True)
            return seen, None
        since = now if self.good_since is None else self.good_since
        seen = replace(self, bad_since=None, good_since=since)
        if self.tripped_at is not None and now - since >= self.calm_ms:
            return replace(seen, tripped_at=None), self._change(reading, tripped=False)
        return seen, None

    def _change(self, reading: Reading, *, tripped: bool) -> Change:
        lasted = 0 if self.tripped_at is None else reading.now_ms - self.tripped_at
        return Change(
            self.code, self.scope, tripped, reading.now_ms, reading.expected, reading.found, lasted
        )


def breaker_of(code: str, scope: str, settings: BreakerSettings) -> Breaker:
    """A closed breaker of that code as the settings want it."""
    calm = int(1000 * settings.calm_s)
    trips = {OUTAGE: settings.outage_s, DISCONNECTED: settings.disconnected_s}
    if code == VOLATILITY:
        calm = settings.volatility_calm_minutes * 60_000
    elif code == REJECTIONS:
        calm = int(1000 * settings.rejections_pause_s)
    return Breaker(code, scope, int(1000 * trips.get(code, 0.0)), calm)


@dataclass(frozen=True)
class BreakerPanel:
    """All breakers of an engine, by code and scope. A scope is what one may trip for: a pair at an
    exchange, a connection, a wallet; an entry waits for those of every scope it lies in."""

    settings: BreakerSettings = field(default_factory=BreakerSettings)
    breakers: Mapping[tuple[str, str], Breaker] = field(default_factory=dict)

    def step(self, code: str, scope: str, reading: Reading) -> tuple[BreakerPanel, Change | None]:
        """(the panel after a reading, what changed)."""
        before = self.breakers.get((code, scope)) or breaker_of(code, scope, self.settings)
        after, change = before.step(reading)
        if after == before:
            return self, change
        return replace(self, breakers={**self.breakers, (code, scope): after}), change

    def tripped(self, scopes: Iterable[str]) -> tuple[str, ...]:
        """The codes of the open breakers of any of `scopes`, the longest open first."""
        asked = frozenset(scopes)
        held = [
            (b.tripped_at, b.code) for b in self.breakers.values()
            if b.tripped_at is not None and b.scope in asked
        ]  # fmt: skip
        return tuple(dict.fromkeys(code for _, code in sorted(held)))
