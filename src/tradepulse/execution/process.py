"""The heart of the engine: an event goes in, effects come out, and nothing else happens.

No clock, no I/O, no randomness: the same events give the same effects, so the whole engine can be
replayed, and is what a restart does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradepulse.domain.errors import FailedError
from tradepulse.execution import venue_doubts as in_doubt
from tradepulse.execution import venue_reports as at_venue
from tradepulse.execution.account import Account
from tradepulse.execution.bar_close import on_bar_closed, on_bars_passed, on_flatten
from tradepulse.execution.by_hand import on_by_hand
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import Effect
from tradepulse.execution.events import (
    BarClosed,
    BarOpened,
    BarsPassed,
    BlockEntries,
    ByHand,
    CancelNotTaken,
    ClosedElsewhere,
    Disputed,
    Event,
    Flatten,
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderMissing,
    OrderNotSent,
    OrderRejected,
    OrderSeen,
    OrderSent,
    OutcomeUnknown,
    PriceReached,
    StopTriggered,
    Ticked,
)
from tradepulse.execution.oco import OCOManager
from tradepulse.execution.oversight import Oversight
from tradepulse.execution.portfolio import Portfolio
from tradepulse.execution.reports import (
    on_accepted,
    on_cancelled,
    on_filled,
    on_funding,
    on_liquidated,
    on_rejected,
    on_sent,
    on_triggered,
    on_unknown,
)
from tradepulse.execution.venue_orders import arrange, drop_queued
from tradepulse.execution.venue_side import VenueSide
from tradepulse.risk import RiskManager
from tradepulse.simulation.rules import Rules


def _on_opened(_: Books, desk: Desk, event: BarOpened) -> list[Effect]:
    account = desk.account
    account.index, account.bar_time, account.bar_open = event.number, event.time, event.open
    return []


def _on_blocked(_: Books, desk: Desk, event: BlockEntries) -> list[Effect]:
    desk.account.entries_blocked = event.code
    # A reversal that waits for its exit is an entry too.
    return [] if event.code is None else drop_queued(desk, event.time, event.code)


_HANDLERS: dict[type, Callable[[Books, Desk, Any], list[Effect]]] = {
    BarOpened: _on_opened,
    BarClosed: on_bar_closed,
    BarsPassed: on_bars_passed,
    OrderSent: on_sent,
    OrderAccepted: on_accepted,
    OrderFilled: on_filled,
    StopTriggered: on_triggered,
    OrderCancelled: on_cancelled,
    OrderRejected: on_rejected,
    OutcomeUnknown: on_unknown,
    FundingPaid: on_funding,
    Liquidated: on_liquidated,
    BlockEntries: _on_blocked,
    Flatten: on_flatten,
    ByHand: on_by_hand,
}

# The same for a desk whose orders rest at a venue outside this process.
_VENUE_HANDLERS: dict[type, Callable[[Books, Desk, Any], list[Effect]]] = {
    **_HANDLERS,
    OrderSent: at_venue.on_sent,
    OrderAccepted: at_venue.on_accepted,
    OrderFilled: at_venue.on_filled,
    OrderCancelled: at_venue.on_ended,
    OrderRejected: at_venue.on_refused,
    OrderNotSent: at_venue.on_not_sent,
    OutcomeUnknown: in_doubt.on_unknown,
    CancelNotTaken: in_doubt.on_cancel_not_taken,
    OrderSeen: in_doubt.on_seen,
    OrderMissing: in_doubt.on_missing,
    FundingPaid: at_venue.on_funding,
    Liquidated: at_venue.on_liquidated,
    Ticked: in_doubt.on_ticked,
    PriceReached: at_venue.on_price,
    ClosedElsewhere: at_venue.on_closed_elsewhere,
    Disputed: at_venue.on_disputed,
}


class ExecutionCore:
    """One wallet with any number of activations on one clock.

    The shell brings events in order: for every close time, the reports of all bars that closed,
    then the closes themselves in the order the activations were added.
    """

    def __init__(
        self, risk: RiskManager | None = None, capital: float | None = None,
        oversight: Oversight | None = None,
    ) -> None:  # fmt: skip
        self._books = Books(Portfolio(capital), OCOManager(), risk or RiskManager(), oversight)

    @property
    def oversight(self) -> Oversight | None:
        return self._books.oversight

    @property
    def portfolio(self) -> Portfolio:
        return self._books.portfolio

    @property
    def oco(self) -> OCOManager:
        return self._books.oco

    def add(
        self,
        activation_id: str,
        pair: str,
        rules: Rules,
        recorded: Mapping[int, str] | None = None,
        recorded_until: int | None = None,
        venue: VenueSide | None = None,
    ) -> Desk:
        """Take in an activation with its own money: the rules' `initial_cash` is its allotment.

        `venue`: what it needs to trade outside this process. `recorded`: wallet refusals by open
        time of the signal's bar; up to `recorded_until` entries are judged by them alone. Errors
        `allotment_exceeds_wallet`, `already_running`.
        """
        if activation_id in self._books.desks:
            raise FailedError("already_running", f"activation {activation_id} runs already")
        account = Account.fresh(activation_id, pair, rules)
        account.recorded, account.recorded_until = dict(recorded or {}), recorded_until
        self._books.portfolio.add(account)
        desk = self._books.desks[activation_id] = Desk(account, venue=venue)
        return desk

    def remove(self, activation_id: str) -> None:
        """Let an activation go; what it holds is no longer looked after."""
        self._books.desks.pop(activation_id, None)
        self._books.portfolio.accounts.pop(activation_id, None)
        self._books.oco.forget(activation_id)

    def desk(self, activation_id: str) -> Desk:
        """The desk of an activation. Error `activation_not_running`."""
        found = self._books.desks.get(activation_id)
        if found is None:
            raise FailedError(
                "activation_not_running", f"activation {activation_id} does not run here"
            )
        return found

    def process(self, event: Event) -> tuple[Effect, ...]:
        """What is to be written and done because of `event`."""
        desk = self.desk(event.activation_id)
        if desk.venue is None:
            return tuple(_HANDLERS[type(event)](self._books, desk, event))
        effects = _VENUE_HANDLERS[type(event)](self._books, desk, event)
        effects += arrange(self._books, desk, _time_of(event, desk))
        return tuple(effects)


def _time_of(event: Event, desk: Desk) -> int:
    """The market time of an event."""
    if isinstance(event, BarClosed):
        return event.close_time
    return desk.account.last_close_time if isinstance(event, BarsPassed) else event.time
