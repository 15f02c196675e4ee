"""What a wallet may do: trade, only leave, or nothing. It is what its latches make of it.

Everything that keeps a wallet from trading is a latch: a person's word, the kill switch, a day's
loss, a drawdown. The state is the worst of those in force, so none can be lifted by another's end,
and storing the latches stores the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tradepulse.domain.configuration import Json
from tradepulse.domain.errors import RefusedError, UsageError


class TradingState(StrEnum):
    """ACTIVE trades. REDUCING takes no entry. HALTED takes none either and no strategy decides;
    what only reduces a position passes even then, and stops stay at the venue."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


_WORSE = {TradingState.ACTIVE: 0, TradingState.REDUCING: 1, TradingState.HALTED: 2}
MANUAL, KILL_SWITCH = "manual", "kill_switch"
DAILY_LOSS, DRAWDOWN = "daily_loss", "drawdown"


@dataclass(frozen=True)
class Latch:
    """Why a wallet may not trade freely, from `since_ms` until before `until_ms` (None: until a
    person resets it). `reason` is for people; `by` names who, None for the engine."""

    code: str
    state: TradingState
    reason: str
    since_ms: int
    until_ms: int | None = None
    by: str | None = None

    def holds(self, now_ms: int) -> bool:
        """Whether it is in force. A clock that went back does not lift it."""
        return self.until_ms is None or now_ms < self.until_ms

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "state": str(self.state), "reason": self.reason,
            "since_ms": self.since_ms, "until_ms": self.until_ms, "by": self.by,
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Json) -> Latch:
        """The latch that `as_json` wrote."""
        return cls(**{**document, "state": TradingState(document["state"])})


@dataclass(frozen=True)
class RiskState:
    """The latches of one wallet, at most one of a code."""

    latches: tuple[Latch, ...] = ()

    def at(self, now_ms: int) -> TradingState:
        """The worst state of the latches in force, ACTIVE without any."""
        found = self.worst(now_ms)
        return TradingState.ACTIVE if found is None else found.state

    def worst(self, now_ms: int) -> Latch | None:
        """The latch that decides: of the worst state the oldest."""
        held = [latch for latch in self.latches if latch.holds(now_ms)]
        return min(held, key=lambda latch: (-_WORSE[latch.state], latch.since_ms), default=None)

    def latched(self, latch: Latch) -> RiskState:
        """With `latch`. One of the same code in force is only ever made harder: the worse state,
        the earlier beginning, the later end."""
        old = next((held for held in self.latches if held.code == latch.code), None)
        others = tuple(held for held in self.latches if held.code != latch.code)
        if old is not None and old.holds(latch.since_ms):
            latch = _joined(old, latch)
        return RiskState((*others, latch))

    def released(self, codes: Iterable[str]) -> RiskState:
        """Without the latches of `codes`: a person's reset."""
        gone = frozenset(codes)
        return RiskState(tuple(latch for latch in self.latches if latch.code not in gone))

    def without_expired(self, now_ms: int) -> RiskState:
        """Without the latches whose time is over."""
        held = tuple(latch for latch in self.latches if latch.holds(now_ms))
        return self if len(held) == len(self.latches) else RiskState(held)

    def as_json(self) -> list[dict[str, Any]]:
        """The document for `risk_states.latches`."""
        return [latch.as_json() for latch in self.latches]

    @classmethod
    def from_json(cls, latches: Sequence[Json]) -> RiskState:
        """The state whose latches `as_json` wrote."""
        return cls(tuple(Latch.from_json(latch) for latch in latches))


ACTIVE = RiskState()


def ask(state: RiskState, wanted: TradingState, reason: str, by: str, now_ms: int) -> RiskState:
    """The state after a person's word. ACTIVE takes back what a person asked for, and nothing else.

    Errors: `reason_missing`; `latched` when something else still holds the wallet back: that needs
    a `reset`.
    """
    _needs(reason)
    if wanted is not TradingState.ACTIVE:
        before = state.released([MANUAL])
        return before.latched(Latch(MANUAL, wanted, reason, now_ms, None, by))
    after = state.released([MANUAL]).without_expired(now_ms)
    held = after.worst(now_ms)
    if held is not None:
        raise RefusedError(
            "latched", f"the wallet is {held.state}: {held.reason}",
            expected="no latch in force", found=held.code,
            hint="Reset it, with a reason, once its cause is dealt with.",
        )  # fmt: skip
    return after


def kill(state: RiskState, reason: str, by: str, now_ms: int) -> RiskState:
    """HALTED by the kill switch, until a person resets it. Error `reason_missing`."""
    _needs(reason)
    return state.latched(Latch(KILL_SWITCH, TradingState.HALTED, reason, now_ms, None, by))


def reset(state: RiskState, reason: str, codes: Iterable[str] | None = None) -> RiskState:
    """Without the latches of `codes` (None: all). Who and why go into the audit, not into the
    state. Errors: `reason_missing`; `not_latched` for a code that holds nothing."""
    _needs(reason)
    held = {latch.code for latch in state.latches}
    asked = held if codes is None else set(codes)
    unknown = sorted(asked - held)
    if unknown:
        raise RefusedError(
            "not_latched", f"nothing holds the wallet back as {unknown[0]!r}",
            expected=", ".join(sorted(held)) or "no latch", found=unknown[0],
        )  # fmt: skip
    return state.released(asked)


def _joined(old: Latch, new: Latch) -> Latch:
    ends = (old.until_ms, new.until_ms)
    until = None if None in ends else max(end for end in ends if end is not None)
    harder = new if _WORSE[new.state] > _WORSE[old.state] else old
    return replace(harder, since_ms=min(old.since_ms, new.since_ms), until_ms=until)


def _needs(reason: str) -> None:
    if not reason.strip():
        raise UsageError(
            "reason_missing", "say why: it is kept in the audit", expected="a reason", found="none"
        )
