"""Staged capital: a live activation starts with a small part of its allotment and earns the
rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from tradepulse.domain.configuration import Json
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.settings import StagingSettings


class Move(NamedTuple):
    """From one share of the allotment to another, and why."""

    before_pct: float
    after_pct: float
    reason: str


@dataclass(frozen=True)
class StagedCapital:
    """Where an activation stands: at `step` (from 0) since `since_ms`, when it had closed
    `trades_before` live trades. While `inside` its drawdown band, `since_ms` is the beginning of
    the stretch that counts."""

    step: int
    since_ms: int
    trades_before: int = 0
    inside: bool = True

    def share(self, plan: StagingSettings) -> float:
        """The part of the allotment it may use, in (0, 1]."""
        return plan.steps_pct[min(self.step, len(plan.steps_pct) - 1)] / 100.0

    def judged(
        self, now_ms: int, trades: int, plan: StagingSettings, *, inside: bool
    ) -> tuple[StagedCapital, Move | None]:
        """(where it stands now, the step it took).

        `trades` counts its live trades closed so far, `inside` says whether it is inside its
        drawdown band. Leaving the band costs a step at once, and another for each day it stays
        out. A step up needs `plan.trades` trades and `plan.days` days inside the band, both since
        it came to where it is.
        """
        if not inside:
            return self._outside(now_ms, trades, plan)
        if not self.inside:
            return replace(self, since_ms=now_ms, trades_before=trades, inside=True), None
        made, days = trades - self.trades_before, (now_ms - self.since_ms) / DAY_MS
        last = len(plan.steps_pct) - 1
        if self.step >= last or made < plan.trades or days < plan.days:
            return self, None
        reason = f"{made} trades and {days:.0f} days inside the band"
        return self._moved(self.step + 1, now_ms, trades, plan, reason)

    def _outside(
        self, now_ms: int, trades: int, plan: StagingSettings
    ) -> tuple[StagedCapital, Move | None]:
        left = replace(self, inside=False)
        if not self.inside and now_ms - self.since_ms < DAY_MS:
            return left, None
        if self.step == 0:
            return replace(left, since_ms=now_ms, trades_before=trades), None
        reason = "left the drawdown band" if self.inside else "a day outside the drawdown band"
        return left._moved(
            min(self.step, len(plan.steps_pct) - 1) - 1, now_ms, trades, plan, reason
        )

    def _moved(
        self, step: int, now_ms: int, trades: int, plan: StagingSettings, reason: str
    ) -> tuple[StagedCapital, Move]:
        after = StagedCapital(step, now_ms, trades, self.inside)
        return after, Move(100.0 * self.share(plan), 100.0 * after.share(plan), reason)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Json) -> StagedCapital:
        return cls(**document)
