"""Misbehaviour on command: which faults are armed, and whether one strikes now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from tradepulse.domain.errors import UsageError


class Kind(StrEnum):
    """What can go wrong. Requests (R) and streamed messages (S) have their own ways."""

    DROP = "drop"  # R: the connection breaks before anything is done. S: the message is lost
    APPLY_THEN_DROP = "apply_then_drop"  # R: done, and the connection breaks before the answer
    DELAY = "delay"  # R: the answer waits `ms`. S: the message and all behind it wait `ms`
    DUPLICATE = "duplicate"  # S: the message comes twice
    REORDER = "reorder"  # S: the message comes after the one that follows it
    DISCONNECT = "disconnect"  # S: the socket closes, with close code `code`, 1006 without a frame
    SILENT = "silent"  # S: the socket stays open, answers pings (`pong`) and says nothing more
    MALFORMED = "malformed"  # R: 200 with half a document. S: a frame that is no JSON
    STATUS_429 = "status_429"  # R: too many requests, Retry-After `retry_after_s`
    STATUS_418 = "status_418"  # R: the same as a ban
    STATUS_5XX = "status_5xx"  # R: `status`, with `code` as JSON or without as HTML; see `apply`
    LAG_2013 = "lag_2013"  # R: an order is not found for `ms` after it was made
    CLOCK_SKEW = "clock_skew"  # the venue's clock is off by `ms`
    MAINTENANCE = "maintenance"  # R: every request is refused
    LISTEN_KEY_EXPIRED = "listen_key_expired"  # S: the user stream ends as if it had run out
    HALT = "halt"  # trading in `symbol` stops
    FILTER_CHANGE = "filter_change"  # `filters` of `symbol` change


# What holds until it is cleared; everything else strikes once, unless told otherwise.
LASTING = frozenset(
    {Kind.LAG_2013, Kind.CLOCK_SKEW, Kind.MAINTENANCE, Kind.HALT, Kind.FILTER_CHANGE}
)


@dataclass(frozen=True)
class Fault:
    """A fault to arm. `on`: a shell pattern on what it meets, a route (`POST /api/v3/order`,
    `/api/v3/*`, `WS order.place`) or a stream (`btcusdt@kline_1m`, `perpetual:*@depth*`, `user`).

    It strikes `times` times, or each time with `probability` from `seed`; with `for_ms` not longer
    than that. `key`: only requests and user streams of that API key.
    """

    kind: Kind
    on: str = "*"
    times: int | None = None
    probability: float | None = None
    seed: int = 0
    ms: int = 1000
    for_ms: int | None = None
    key: str | None = None
    status: int = 503
    code: int | None = None
    apply: bool = False
    retry_after_s: int = 2
    pong: bool = True
    symbol: str | None = None
    filters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, document: dict[str, Any]) -> Fault:
        """The fault in a JSON document. Errors: `unknown_fault`, `bad_fault`."""
        kinds = sorted(kind.value for kind in Kind)
        if document.get("kind") not in kinds:
            raise UsageError(
                "unknown_fault", "there is no such fault",
                expected=f"kind: one of {', '.join(kinds)}", found=repr(document.get("kind")),
            )  # fmt: skip
        names = {f.name for f in fields(cls)}
        unknown = sorted(set(document) - names)
        if unknown:
            raise UsageError(
                "bad_fault", f"a fault has no {', '.join(unknown)}",
                expected=", ".join(sorted(names)), found=", ".join(unknown),
            )  # fmt: skip
        return cls(**{**document, "kind": Kind(document["kind"])})


@dataclass
class Armed:
    """A fault that is waiting, and how often it has struck."""

    id: int
    fault: Fault
    armed_at: int
    left: int | None
    random: Random
    struck: int = 0
    undo: list[Callable[[], object]] = field(default_factory=list)

    def is_over(self, now_ms: int) -> bool:
        for_ms = self.fault.for_ms
        return self.left == 0 or (for_ms is not None and now_ms >= self.armed_at + for_ms)

    def meets(self, names: Collection[str], key: str | None) -> bool:
        wanted = self.fault.key
        return (wanted is None or wanted == key) and any(
            fnmatchcase(name, self.fault.on) for name in names
        )

    def strike(self) -> bool:
        """Whether it strikes this time, and if so counts it."""
        probability = self.fault.probability
        if probability is not None and self.random.random() >= probability:
            return False
        self.struck += 1
        if self.left is not None:
            self.left -= 1
        return True


class FaultBook:
    """The armed faults. The same seeds and the same questions give the same answers."""

    def __init__(self) -> None:
        self._armed: list[Armed] = []
        self._ids = 0
        self.struck: dict[str, int] = {}

    def arm(self, fault: Fault, now_ms: int) -> Armed:
        """The fault, waiting from now on."""
        self._ids += 1
        left = fault.times
        if left is None and fault.probability is None and fault.kind not in LASTING:
            left = 1
        armed = Armed(self._ids, fault, now_ms, left, Random(fault.seed))  # noqa: S311
        self._armed.append(armed)
        return armed

    def clear(self, number: int | None = None) -> list[Armed]:
        """The faults that are no longer armed: one by its number, or all."""
        gone = [a for a in self._armed if number in (None, a.id)]
        self._armed = [a for a in self._armed if a not in gone]
        return gone

    def armed(self, now_ms: int) -> list[Armed]:
        """The faults that still wait."""
        if self._armed:
            self._armed = [a for a in self._armed if not a.is_over(now_ms)]
        return list(self._armed)

    def strike(
        self, kinds: Iterable[Kind], names: Collection[str], now_ms: int, key: str | None = None
    ) -> Fault | None:
        """The first armed fault of these kinds that meets one of `names` and strikes now."""
        if not self._armed:
            return None
        wanted = frozenset(kinds)
        for armed in self.armed(now_ms):
            fault = armed.fault
            if fault.kind in wanted and armed.meets(names, key) and armed.strike():
                self.struck[fault.kind] = self.struck.get(fault.kind, 0) + 1
                return fault
        return None

    def skew_ms(self, now_ms: int) -> int:
        """How far the venue's clock is off."""
        return sum(a.fault.ms for a in self.armed(now_ms) if a.fault.kind is Kind.CLOCK_SKEW)
