"""What risk remembers of a wallet over a restart: latches, the equity behind them, and how much of
its capital each live activation has earned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tradepulse.domain.configuration import Json
from tradepulse.risk.equity_track import EquityTrack, judge_equity
from tradepulse.risk.limits import Limits
from tradepulse.risk.staging import StagedCapital
from tradepulse.risk.trading_state import ACTIVE, Latch, RiskState, reset


@dataclass(frozen=True)
class RiskBook:
    """`track` is None before the first mark; `staged` by activation. Stored whole as
    `risk_states.latches`: with the latches alone a restart would count the day's loss anew, and
    give every live activation its first step again."""

    state: RiskState = ACTIVE
    track: EquityTrack | None = None
    staged: Mapping[str, StagedCapital] = field(default_factory=dict, hash=False)

    def marked(
        self, equity: float, now_ms: int, limits: Limits
    ) -> tuple[RiskBook, tuple[Latch, ...]]:
        """(the book at a new mark of the wallet, the latches that this mark brought)."""
        before = self.track or EquityTrack.started(equity, now_ms)
        track = before.marked(equity, now_ms)
        state, new = judge_equity(self.state.without_expired(now_ms), track, limits, now_ms)
        return replace(self, state=state, track=track), new

    def stands(self, activation_id: str, at: StagedCapital) -> RiskBook:
        """With an activation at that step of its capital."""
        return replace(self, staged={**self.staged, activation_id: at})

    def transferred(self, amount: float) -> RiskBook:
        """After a deposit, or a withdrawal (negative): no loss and no gain."""
        return self if self.track is None else replace(self, track=self.track.transferred(amount))

    def reset(self, reason: str, codes: Iterable[str] | None = None) -> RiskBook:
        """Without the latches of `codes` (None: all), whose causes count no more. Errors of
        `trading_state.reset`."""
        held = {latch.code for latch in self.state.latches}
        gone = held if codes is None else set(codes)
        state = reset(self.state, reason, gone)
        track = None if self.track is None else self.track.forgiven(gone)
        return replace(self, state=state, track=track)

    def as_json(self) -> dict[str, Any]:
        track = None if self.track is None else self.track.as_json()
        staged = {name: at.as_json() for name, at in sorted(self.staged.items())}
        return {"latches": self.state.as_json(), "track": track, "staged": staged}

    @classmethod
    def from_json(cls, document: Json) -> RiskBook:
        """The book that `as_json` wrote; of an empty document the book of a new wallet."""
        track = document.get("track")
        state = RiskState.from_json(document.get("latches", ()))
        staged = document.get("staged", {})
        return cls(
            state, None if track is None else EquityTrack.from_json(track),
            {name: StagedCapital.from_json(at) for name, at in staged.items()},
        )  # fmt: skip
