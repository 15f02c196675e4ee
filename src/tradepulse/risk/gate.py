"""The one door to an exchange: an order passes `check` or it is not placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from tradepulse.domain.settings import ProtectionSettings
from tradepulse.risk.intent import Exposure, Intent, Proposal, Refused
from tradepulse.risk.limits import Limits
from tradepulse.risk.protections import Lock, LockSubject, locks_in_force
from tradepulse.risk.rules import ENTRY_RULES, Rule
from tradepulse.risk.sizing import Sized, allowed_quantity
from tradepulse.risk.trade_history import TradeHistory, TradeLike

P = TypeVar("P", bound=Proposal)

# Held by this module alone: without it no `Approved` can be made, so none exists unchecked.
_SEAL = object()
_NO_LIMITS = Limits()


class Approved(Generic[P]):
    """A proposal that risk has seen and let pass. `Exchange.place` takes nothing else."""

    __slots__ = ("order",)

    def __init__(self, order: P, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an Approved is made by risk.gate.check alone")
        self.order = order

    def __repr__(self) -> str:
        return f"Approved({self.order!r})"


def check(
    order: P,
    exposure: Exposure,
    limits: Limits = _NO_LIMITS,
    rules: tuple[Rule, ...] = ENTRY_RULES,
) -> Approved[P] | Refused:
    """The order approved, or the first refusal.

    What only reduces a position always passes: a limit that kept a stop from the market would
    protect nobody.
    """
    if not order.intent.reduces:
        for rule in rules:
            refusal = rule(order.intent, exposure, limits)
            if refusal is not None:
                return refusal
    return Approved(order, _SEAL)


def approve_reduction(order: P) -> Approved[P]:
    """The order approved, because it can only make a position smaller. TypeError for any other."""
    if not order.intent.reduces:
        raise TypeError(f"not a reduction: {order!r}")
    return Approved(order, _SEAL)


class RiskManager:
    """What one wallet may do: its limits, the rules they are applied by, in order, and the pauses
    that its closed trades ask for."""

    def __init__(
        self,
        limits: Limits | None = None,
        rules: tuple[Rule, ...] = ENTRY_RULES,
        protections: ProtectionSettings | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.rules = rules
        self.history = TradeHistory(protections or ProtectionSettings())
        self._now_ms = 0
        self._kept: tuple[Lock, ...] = ()
        self._released: Mapping[LockSubject, int] = {}

    @property
    def now_ms(self) -> int:
        """Market time as far as bars have told it."""
        return self._now_ms

    def check(self, order: P, exposure: Exposure) -> Approved[P] | Refused:
        """The order approved, or the first refusal. The pauses in force are added to those that
        `exposure` brings."""
        return check(order, self.with_locks(order.intent, exposure), self.limits, self.rules)

    def with_locks(self, intent: Intent, exposure: Exposure) -> Exposure:
        """The exposure with the pauses in force for the intent."""
        if intent.reduces:
            return exposure
        now = exposure.now_ms or self._now_ms
        found = self.locks(now, exposure.capital)
        held = locks_in_force(found, now, intent.pair, intent.activation_id)
        return replace(exposure, locks=(*exposure.locks, *held), now_ms=now)

    def renew(self, limits: Limits, protections: ProtectionSettings) -> bool:
        """Other limits and protections from now on. Whether the protections are others: then the
        trades that they follow from are to be told again."""
        self.limits = limits
        if protections == self.history.settings:
            return False
        self.history = TradeHistory(protections)
        return True

    def allowed_quantity(
        self, intent: Intent, exposure: Exposure, *, lot: float = 0.0, min_quantity: float = 0.0,
        min_notional: float = 0.0,
    ) -> Sized:  # fmt: skip
        """What the wallet's caps leave of an intent, before it becomes an order."""
        return allowed_quantity(
            intent, exposure, self.limits,
            lot=lot, min_quantity=min_quantity, min_notional=min_notional,
        )  # fmt: skip

    def closed(self, trade: TradeLike, closed_at_ms: int | None = None) -> None:
        """A trade has closed: at `closed_at_ms`, or None within the bar whose close comes next."""
        self.history.add(trade, closed_at_ms)

    def known_by(self, now_ms: int) -> None:
        """It is `now_ms` of market time: what the bars up to now did is known."""
        self._now_ms = now_ms
        self.history.known_by(now_ms)

    def locks(self, now_ms: int, capital: float) -> tuple[Lock, ...]:
        """The pauses in force, for any of the wallet's activations. `capital` in quote units."""
        found = {
            (lock.subject, lock.from_ms): lock
            for lock in (*self._kept, *self.history.locks(now_ms, capital))
        }
        return tuple(
            lock for (subject, since), lock in sorted(found.items(), key=lambda item: item[1])
            if lock.holds(now_ms) and since > self._released.get(subject, since - 1)
        )  # fmt: skip

    def heed(self, kept: Iterable[Lock], released: Iterable[Lock]) -> None:
        """What the rows say by now: pauses that are `kept` hold whoever found them; one that a
        person released holds no more, nor does an earlier one of the same subject."""
        self._kept = tuple(kept)
        latest: dict[LockSubject, int] = {}
        for lock in released:
            latest[lock.subject] = max(lock.from_ms, latest.get(lock.subject, lock.from_ms))
        self._released = latest
