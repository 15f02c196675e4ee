"""What a live feed says about itself, and how patient it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FeedEvent:
    """Something a person may want to know of a feed, as a row of the event log.

    `type`: `feed.stale` (nothing comes any more), `feed.gap` (bars were missing: fetched again, or
    the venue has none), `feed.recovered` (bars flow again), `feed.conflict` (the venue tells a kept
    bar differently). `time` is market time, UTC ms; `pair` None: the whole venue.
    """

    type: str
    time: int
    exchange: str
    pair: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FeedHealth:
    """How a source is doing. `last_message_ms`: wall clock of the venue's last word on it;
    `late_ms`: how much market time has passed since the next bar should have closed (0: nothing is
    due); `bars_back_filled` and `reconnects` since the start."""

    connected: bool
    last_bar: int | None
    last_message_ms: int | None
    late_ms: int
    reconnects: int
    bars_back_filled: int


@dataclass(frozen=True)
class FeedPace:
    """Seconds of this machine's clock.

    `silent_s`: a socket that said nothing for so long is given up, although it answers pings.
    `mark_s`: how long a bar that is over may wait for its closing mark before REST is asked.
    `retry_s`, `longest_retry_s`: between two questions to REST, doubled from the one to the other.
    `look_s`: between two looks at what is due. `clock_s`: between two looks at the venue's clock
    while it is a replay, `clock_live_s` while it is the world's. `stale_s`: a source whose bar is
    overdue is stale when it was silent for so long. `take_in_s`: how long bars wait in the tail
    before the store takes them in.
    """

    silent_s: float = 30.0
    mark_s: float = 0.5
    retry_s: float = 0.5
    longest_retry_s: float = 15.0
    look_s: float = 0.1
    clock_s: float = 5.0
    clock_live_s: float = 600.0
    redial_s: float = 0.2
    longest_redial_s: float = 30.0
    stale_s: float = 5.0
    take_in_s: float = 0.5


DEFAULT_PACE = FeedPace()
