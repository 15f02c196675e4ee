"""Bugs put into the engine on purpose: a simulation that misses them proves nothing.

Each replaces one function of the engine while a run goes on. `tells` are the laws by which it may
be noticed; a run that breaks another law does not count.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from simulated_venue.scenario import BY_HAND, Scenario
from tradepulse.domain.lifecycle import OrderState
from tradepulse.engine import live, records
from tradepulse.engine.account_check import AccountCheck
from tradepulse.engine.commands_by_hand import Inbox
from tradepulse.engine.venue_drive import VenueDrive
from tradepulse.execution import process
from tradepulse.execution.effects import OrderSaved, PlaceOrder
from tradepulse.execution.events import (
    OrderFilled,
    OrderMissing,
    OrderNotSent,
    OrderRejected,
    OutcomeUnknown,
)
from tradepulse.execution.orders import moved
from tradepulse.execution.shaping import closable
from tradepulse.execution.venue_side import Need
from tradepulse.risk import Exposure

_HANDLERS = process._VENUE_HANDLERS


@dataclass(frozen=True)
class Bug:
    """`plant` puts it in for as long as the stack lives. `storms`: the least rates of what it takes
    to meet it, where a seed seldom has enough of it."""

    name: str
    tells: frozenset[str]
    plant: Callable[[ExitStack], None]
    storms: Mapping[str, float] = field(default_factory=dict, hash=False)

    def scenario(self, seed: int) -> Scenario:
        """The scenario of a seed, as stormy as the bug needs it."""
        found = Scenario.of(seed)
        least = {kind: max(rate, found.rates.get(kind, 0.0)) for kind, rate in self.storms.items()}
        return replace(found, rates={**found.rates, **least})

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The engine has this bug meanwhile."""
        with ExitStack() as stack:
            self.plant(stack)
            yield


def planted(name: str | None) -> AbstractContextManager[None]:
    """The engine with the bug of that name, or (None) as it is."""
    found = next((bug for bug in BUGS if bug.name == name), None)
    return nullcontext() if found is None else found.planted()


def _replace(stack: ExitStack, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    stack.enter_context(patch.object(owner, name, make(getattr(owner, name))))


def _handle(stack: ExitStack, event: type, make: Callable[[Any], Any]) -> None:
    """The handler of an event, also where its neighbours call it by name."""
    original = _HANDLERS[event]
    made = make(original)
    stack.enter_context(patch.dict(_HANDLERS, {event: made}))
    _swap(stack, original, made)


def _function(stack: ExitStack, name: str, make: Callable[[Any], Any]) -> None:
    """The engine's function of that name, wherever it is known."""
    original = _named(name)
    _swap(stack, original, make(original))


def _named(name: str) -> Any:
    found = {getattr(room, name) for room in _rooms() if hasattr(room, name)}
    if len(found) != 1:
        raise LookupError(f"{name!r} names {len(found)} functions of the engine")
    return found.pop()


def _swap(stack: ExitStack, original: Any, made: Any) -> None:
    for room in _rooms():
        for name, value in list(vars(room).items()):
            if value is original:
                stack.enter_context(patch.object(room, name, made))


def _rooms() -> list[Any]:
    wanted = ("tradepulse.execution.", "tradepulse.engine.")
    return [room for name, room in sys.modules.items() if name.startswith(wanted)]


# --- by hand --------------------------------------------------------------------------------------
def obey_again_after_a_failure(stack: ExitStack) -> None:
    """What was done and could not be written is done again by the same engine."""
    _replace(stack, Inbox, "take", lambda _: lambda self, waiting: list(waiting))


def a_wish_to_close_is_not_kept(stack: ExitStack) -> None:
    """The position is to be closed, and no row says so."""

    def make(_: Any) -> Any:
        def exit_at_market(
            books: Any, desk: Any, reason: str, close: float, bar_time: int, time: int
        ) -> Any:
            desk.venue.leaving = desk.venue.leaving or reason
            return []

        return exit_at_market

    _function(stack, "exit_at_market", make)


def a_stop_by_hand_is_not_kept(stack: ExitStack) -> None:
    """The stop is moved at the venue, and no row says where."""

    def make(original: Any) -> Any:
        def stop_by_hand(books: Any, desk: Any, held: Any, event: Any) -> Any:
            effects = original(books, desk, held, event)
            return effects if hasattr(effects, "code") else []

        return stop_by_hand

    _function(stack, "stop_by_hand", make)


# --- what is written ------------------------------------------------------------------------------
def drop_the_intent(stack: ExitStack) -> None:
    """Intents are not written; later states are."""

    def make(original: Any) -> Any:
        def order(self: Any, row: OrderSaved, page: Any) -> None:
            if row.order.state != "INTENDED":
                original(self, row, page)

        return order

    _replace(stack, records.Scribe, "_order", make)
    stack.enter_context(_rewired_scribe())


def act_before_the_commit(stack: ExitStack) -> None:
    """Orders leave first, rows follow."""

    def make(original: Any) -> Any:
        def write(self: Any) -> None:
            actions, self._actions = self._actions, []
            for action in actions:
                self._perform(action)
            original(self)

        return write

    _replace(stack, VenueDrive, "write_and_act", make)


# --- what becomes of an order ---------------------------------------------------------------------
def retry_on_unknown(stack: ExitStack) -> None:
    """An unknown outcome is taken for none."""

    def unknown(books: Any, desk: Any, event: OutcomeUnknown) -> Any:
        told = OrderNotSent(event.activation_id, event.order_id, "unavailable", 0, event.time)
        return _HANDLERS[OrderNotSent](books, desk, told)

    _handle(stack, OutcomeUnknown, lambda _: unknown)


def believe_a_denial_at_once(stack: ExitStack) -> None:
    """An order that the venue does not show yet is given up."""

    def make(original: Any) -> Any:
        def missing(books: Any, desk: Any, event: OrderMissing) -> Any:
            side = desk.venue
            with patch.object(side, "in_flight_ms", -(10**9)):
                return original(books, desk, event)

        return missing

    _handle(stack, OrderMissing, make)


def same_name_again(stack: ExitStack) -> None:
    """A second attempt goes out under the id of the first."""

    def make(original: Any) -> Any:
        def closing(desk: Any, held: Any, role: Any, *rest: Any) -> Any:
            desk.venue.generation = 0
            return original(desk, held, role, *rest)

        return closing

    _function(stack, "_closing", make)


def book_duplicates(stack: ExitStack) -> None:
    """A fill that is told twice is booked twice."""

    def make(original: Any) -> Any:
        def filled(books: Any, desk: Any, event: OrderFilled) -> Any:
            desk.venue.trades.pop(event.trade_id, None)
            return original(books, desk, event)

        return filled

    _handle(stack, OrderFilled, make)


def ignore_late_fills(stack: ExitStack) -> None:
    """What fills after the venue said CANCELLED is dropped."""

    def make(original: Any) -> Any:
        def filled(books: Any, desk: Any, event: OrderFilled) -> Any:
            wait = desk.venue.waits.get(event.order_id)
            told = wait is not None and wait.ends is not None
            if told:
                desk.venue.settled(event.order_id)
            over = told or desk.order(event.order_id).state in ("CANCELLED", "EXPIRED")
            return [] if over else original(books, desk, event)

        return filled

    _handle(stack, OrderFilled, make)


def ignore_fees_in_coins(stack: ExitStack) -> None:
    """The coins the venue keeps as its fee are counted as ours."""

    def make(original: Any) -> Any:
        def fill_event(*given: Any) -> Any:
            return original(*given)._replace(fee_base=0.0)

        return fill_event

    _function(stack, "fill_event", make)


# --- what rests -----------------------------------------------------------------------------------
def exit_beside_the_legs(stack: ExitStack) -> None:
    """The market exit does not wait until the legs are gone."""

    def make(original: Any) -> Any:
        def cancel(books: Any, desk: Any, legs: Any, time: int) -> Any:
            held, side = desk.account.position, desk.venue
            effects = original(books, desk, legs, time)
            if held is None or side.leaving is None or desk.exit is not None:
                return effects
            quantity = closable(held.quantity, held.entry_price, side.terms)
            return effects + _named("_place_exit")(desk, held, quantity, side.leaving, time)

        return cancel

    _function(stack, "_cancel", make)


def leave_the_stop_where_it_is(stack: ExitStack) -> None:
    """A stop once placed is left as it is, whatever the trail says."""

    def make(_: Any) -> Any:
        def fits(held: Any, legs: Any, venue: Any) -> bool:
            return legs.stop is not None and not legs.stop.state.is_over

        return fits

    _function(stack, "_fits", make)


def take_a_cancel_for_done(stack: ExitStack) -> None:
    """A leg counts as gone as soon as its cancel has left."""

    def make(original: Any) -> Any:
        def cancel(books: Any, desk: Any, legs: Any, time: int) -> Any:
            effects = original(books, desk, legs, time)
            for leg in legs:
                gone = moved(desk.order(leg.id), OrderState.CANCELLED, time)
                books.oco.update(desk.keep(gone))
                desk.venue.settled(leg.id)
            return effects

        return cancel

    _function(stack, "_cancel", make)


def give_up_a_refused_stop(stack: ExitStack) -> None:
    """A stop that the venue would not take is not made good for."""
    _function(stack, "want_exit", lambda _: lambda desk, reason: [])

    def make(original: Any) -> Any:
        def refused(books: Any, desk: Any, event: Any) -> Any:
            effects = original(books, desk, event)
            if desk.order(event.order_id).role != "entry":
                desk.venue.retry_at = math.inf
            return effects

        return refused

    _handle(stack, OrderRejected, make)


# --- entries --------------------------------------------------------------------------------------
def act_on_old_signals(stack: ExitStack) -> None:
    """After a pause the signals of the bars that were missed are acted on."""

    def make(original: Any) -> Any:
        def settings(*given: Any, **named: Any) -> Any:
            return original(*given, **{**named, "stale_bars": 1e9})

        return settings

    _function(stack, "LiveSettings", make)


def reverse_at_once(stack: ExitStack) -> None:
    """The entry of a reversal does not wait for the exit."""

    def make(original: Any) -> Any:
        def enter(books: Any, desk: Any, order: Any, signal: Any) -> Any:
            effects = original(books, desk, order, signal)
            queued, desk.venue.queued = desk.venue.queued, None
            if queued is None:
                return effects
            placed = queued.approved.order
            desk.start_entry(placed)
            desk.venue.wait(placed.id, Need.ANSWER)
            return [*effects, PlaceOrder(queued.approved)]

        return enter

    _function(stack, "enter_at_venue", make)


def count_no_neighbours(stack: ExitStack) -> None:
    """Each activation is judged as if it were alone on its wallet."""
    _function(
        stack, "exposure_of",
        lambda _: lambda books, desk, order: Exposure(0, 0.0, math.inf,
                                                      desk.account.entries_blocked),
    )  # fmt: skip


def enter_while_draining(stack: ExitStack) -> None:
    """A wish to leave blocks nothing."""
    _replace(stack, live.LiveEngine, "block", lambda _: lambda self, name, code: None)


# --- restarts and comparisons ---------------------------------------------------------------------
def never_compare(stack: ExitStack) -> None:
    """What the stream did not say is never asked for."""
    _replace(stack, AccountCheck, "ask", lambda _: lambda self, desks: None)


def trust_the_ledger_at_a_start(stack: ExitStack) -> None:
    """Orders on their way when the process died are taken for never sent."""

    def make(original: Any) -> Any:
        def restore(desk: Any, oco: Any, book: Any, *more: Any) -> Any:
            told = original(desk, oco, book, *more)
            for name in list(desk.venue.waits):
                order = desk.orders[name]
                desk.venue.settled(name)
                if order.acknowledged_at is None:
                    desk.keep(order._replace(state=OrderState.REJECTED))
                    oco.update(desk.orders[name])
            return told

        return restore

    _function(stack, "restore", make)


def _rewired_scribe() -> Any:
    """Scribes bind their writers when they are made: bind them anew."""
    original = records.Scribe.__init__

    def init(self: Any, code_version: str) -> None:
        original(self, code_version)
        self._writers[OrderSaved] = self._order

    return patch.object(records.Scribe, "__init__", init)


def _bug(plant: Callable[[ExitStack], None], *tells: str, **storms: float) -> Bug:
    return Bug(plant.__name__, frozenset(tells), plant, storms)


_BOOKS = (
    "heard",
    "ledger_is_venue",
    "resolved",
    "one_stop",
    "one_exposure",
    "engine_works",
    "protected",
)
_BY_HAND = {BY_HAND: 0.1}
BUGS = (
    _bug(drop_the_intent, "durable_intent"),
    _bug(act_before_the_commit, "durable_intent"),
    _bug(retry_on_unknown, "closing_quantity", *_BOOKS),
    _bug(believe_a_denial_at_once, "closing_quantity", *_BOOKS),
    _bug(same_name_again, "sent_once", "durable_intent"),
    _bug(book_duplicates, *_BOOKS),
    _bug(ignore_late_fills, *_BOOKS),
    _bug(ignore_fees_in_coins, *_BOOKS),
    _bug(exit_beside_the_legs, "closing_quantity"),
    _bug(leave_the_stop_where_it_is, "one_stop"),
    _bug(take_a_cancel_for_done, "closing_quantity", *_BOOKS),
    _bug(give_up_a_refused_stop, "protected", "one_stop"),
    _bug(act_on_old_signals, "stale_signal"),
    _bug(reverse_at_once, "one_exposure"),
    _bug(count_no_neighbours, "max_open_trades"),
    _bug(enter_while_draining, "only_leaves"),
    _bug(never_compare, *_BOOKS),
    _bug(
        obey_again_after_a_failure,
        "done_once",
        "engine_works",
        "answered",
        **_BY_HAND,
        journal_down=0.05,
    ),
    _bug(a_wish_to_close_is_not_kept, "closed", **_BY_HAND, crash_call=0.1),
    _bug(a_stop_by_hand_is_not_kept, "stop_by_hand", "one_stop", **_BY_HAND, crash_call=0.1),
    _bug(trust_the_ledger_at_a_start, "closing_quantity", *_BOOKS),
)
