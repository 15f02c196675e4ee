"""A wallet's equity against midnight and against its peak, whatever is paid in or taken out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tradepulse.domain.configuration import Json
from tradepulse.domain.interval import DAY_MS
from tradepulse.risk.limits import Limits
from tradepulse.risk.trading_state import DAILY_LOSS, DRAWDOWN, Latch, RiskState, TradingState


@dataclass(frozen=True)
class EquityTrack:
    """`day` counts UTC days since 1970; `day_start` is the equity it began with, `peak` the highest
    ever, all in quote units of today's scale (see `transferred`)."""

    equity: float
    day: int
    day_start: float
    peak: float

    @classmethod
    def started(cls, equity: float, now_ms: int) -> EquityTrack:
        return cls(equity, now_ms // DAY_MS, equity, equity)

    def marked(self, equity: float, now_ms: int) -> EquityTrack:
        """At a new mark. The day starts with the last mark of the day before: what a position does
        over midnight belongs to the day it is seen in."""
        day = now_ms // DAY_MS
        start = self.day_start if day <= self.day else self.equity
        return EquityTrack(equity, max(day, self.day), start, max(self.peak, equity))

    def transferred(self, amount: float) -> EquityTrack:
        """After `amount` came in (negative: went out). Start and peak are scaled along with the
        equity, so neither the day's loss nor the drawdown changes."""
        after = self.equity + amount
        if self.equity <= 0.0 or after <= 0.0:
            return replace(self, equity=after, day_start=after, peak=after)
        scale = after / self.equity
        return EquityTrack(after, self.day, self.day_start * scale, self.peak * scale)

    def forgiven(self, codes: Iterable[str]) -> EquityTrack:
        """After a person's reset of the latches `codes`: what led to them counts no more, or they
        would latch again at the next mark."""
        gone = frozenset(codes)
        start = self.equity if DAILY_LOSS in gone else self.day_start
        return replace(self, day_start=start, peak=self.equity if DRAWDOWN in gone else self.peak)

    @property
    def daily_loss_pct(self) -> float:
        """Percent lost since midnight UTC, 0 when nothing is lost."""
        return fall_pct(self.equity, self.day_start)

    @property
    def drawdown_pct(self) -> float:
        """Percent below the peak."""
        return fall_pct(self.equity, self.peak)

    def as_json(self) -> dict[str, Any]:
        return {
            "equity": self.equity, "day": self.day, "day_start": self.day_start, "peak": self.peak
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Json) -> EquityTrack:
        return cls(**document)


def fall_pct(now: float, before: float) -> float:
    """How far `now` is below `before` in percent, 0 when it is not; 100 when nothing is left."""
    if now >= before:
        return 0.0
    return 100.0 if before <= 0.0 or now <= 0.0 else 100.0 * (1.0 - now / before)


def judge_equity(
    state: RiskState, track: EquityTrack, limits: Limits, now_ms: int
) -> tuple[RiskState, tuple[Latch, ...]]:
    """(the state with the latches that the equity asks for, those of them that are new).

    A day's loss holds until the UTC day ends, even when it is made good; a drawdown until a person
    resets it. Both leave the exits open.
    """
    found = []
    if limits.max_daily_loss_pct is not None and track.daily_loss_pct >= limits.max_daily_loss_pct:
        ends = (now_ms // DAY_MS + 1) * DAY_MS
        found.append(_latch(
            DAILY_LOSS, f"lost {track.daily_loss_pct:.2f} % since midnight UTC, limit "
            f"{limits.max_daily_loss_pct:g} %", now_ms, ends,
        ))  # fmt: skip
    if limits.max_drawdown_pct is not None and track.drawdown_pct >= limits.max_drawdown_pct:
        found.append(_latch(
            DRAWDOWN, f"{track.drawdown_pct:.2f} % below the peak, limit "
            f"{limits.max_drawdown_pct:g} %", now_ms, None,
        ))  # fmt: skip
    held = {latch.code for latch in state.latches if latch.holds(now_ms)}
    new = tuple(latch for latch in found if latch.code not in held)
    for latch in new:
        state = state.latched(latch)
    return state, new


def _latch(code: str, reason: str, now_ms: int, until_ms: int | None) -> Latch:
    return Latch(code, TradingState.REDUCING, reason, now_ms, until_ms)
