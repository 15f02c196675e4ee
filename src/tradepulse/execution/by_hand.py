"""What a person's command does to a desk: the same doors as a signal's, and a word on what came
of it.

Nothing here sends past the rules: an entry passes risk, an exit and a stop only ever protect.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from tradepulse.domain.manual_command import MANUAL, ManualAction
from tradepulse.execution.account import Position
from tradepulse.execution.bar_close import drop_pending, exit_at_market
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import CommandAnswered, Effect, SignalSaved
from tradepulse.execution.events import ByHand
from tradepulse.execution.identity import signal_id
from tradepulse.execution.manual_entry import entry_by_hand
from tradepulse.execution.manual_stop import stop_by_hand
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.venue_orders import drop_queued
from tradepulse.risk import Refused

# What the record of a command is called among the signals.
ACTIONS = {
    ManualAction.CLOSE: "manual_close", ManualAction.STOP: "manual_stop",
    ManualAction.ENTER: "manual_enter", ManualAction.CANCEL: "manual_cancel",
}  # fmt: skip
RECORDED = {word: action for action, word in ACTIONS.items()}


class Done(NamedTuple):
    """What follows from a command, and what to tell of it."""

    effects: list[Effect]
    told: dict[str, object]


def on_by_hand(books: Books, desk: Desk, event: ByHand) -> list[Effect]:
    """A command carried out, with its record and its answer; or refused, with the reason."""
    done = _ACTS[event.action](books, desk, event)
    action = str(event.action)
    if isinstance(done, Refused):
        told = {"expected": done.expected, "found": done.found}
        return [
            CommandAnswered(
                event.activation_id, event.command_id, action, event.time, done.code, told
            )
        ]
    answer = CommandAnswered(
        event.activation_id, event.command_id, action, event.time, None, done.told
    )
    return [*done.effects, answer]


def _close(books: Books, desk: Desk, event: ByHand) -> Done | Refused:
    """The position goes at the market; an entry under way with it. The activation goes on."""
    held = holding(desk, event.wish.position_id)
    if isinstance(held, Refused):
        return held
    account, leaves = desk.account, not desk.exit_underway
    drops = desk.pending_side != 0
    if not leaves and not drops:
        return Refused("already_leaving", "a position that stays", "an exit under way")
    if desk.venue is None:
        effects = drop_pending(desk, event.time, MANUAL)
    else:
        effects = drop_queued(desk, event.time, MANUAL)
    if leaves:
        effects += exit_at_market(
            books, desk, MANUAL, account.last_close, event.bar_time, event.time
        )
    told: dict[str, object] = {"position_id": held.id, "exit": leaves, "entry": drops}
    return Done([_recorded(desk, event, told), *effects], told)


def _stop(books: Books, desk: Desk, event: ByHand) -> Done | Refused:
    """The stop of the position where the person wants it."""
    held = holding(desk, event.wish.position_id)
    if isinstance(held, Refused):
        return held
    if desk.exit_underway:
        return Refused("already_leaving", "a position that stays", "an exit under way")
    if desk.entry is not None:
        # The levels are planned anew with each of its fills.
        return Refused("entry_pending", "an entry that is whole", "one that still fills")
    before = held.stop
    effects = stop_by_hand(books, desk, held, event)
    if isinstance(effects, Refused):
        return effects
    told: dict[str, object] = {"position_id": held.id, "stop": event.wish.stop}
    if not math.isnan(before):
        told["before"] = before
    return Done([_recorded(desk, event, told), *effects], told)


def _enter(books: Books, desk: Desk, event: ByHand) -> Done | Refused:
    """An entry of the person's own, through sizing and risk."""
    record = _recorded(desk, event, {"tag": MANUAL, "side": event.wish.side})
    effects = entry_by_hand(books, desk, event, record)
    if isinstance(effects, Refused):
        return effects
    found = next(effect for effect in effects if isinstance(effect, SignalSaved))
    return Done(effects, dict(found.values))


def _cancel_order(_: Books, desk: Desk, event: ByHand) -> Done | Refused:
    """An entry under way is not wanted any more. A market order that has left cannot be called
    back: what it still fills is sold again."""
    order = _cancellable(desk, event.wish.order_id or "")
    if isinstance(order, Refused):
        return order
    back = desk.venue is None or desk.venue.queued is not None
    told: dict[str, object] = {"order_id": order.id, "called_back": back}
    effects = drop_pending(desk, event.time, MANUAL)
    return Done([_recorded(desk, event, told), *effects], told)


_ACTS: dict[ManualAction, Callable[[Books, Desk, ByHand], Done | Refused]] = {
    ManualAction.CLOSE: _close, ManualAction.STOP: _stop, ManualAction.ENTER: _enter,
    ManualAction.CANCEL: _cancel_order,
}  # fmt: skip


def holding(desk: Desk, position_id: str | None) -> Position | Refused:
    """The position that is meant; it may be gone, or another by now."""
    held = desk.account.position
    if held is not None and held.id == position_id:
        return held
    found = "no position" if held is None else f"position {held.id}"
    return Refused("position_gone", f"position {position_id}", found)


def _cancellable(desk: Desk, order_id: str) -> Order | Refused:
    """The order, if taking it away leaves nothing without protection."""
    order = desk.orders.get(order_id) or desk.earlier.get(order_id)
    if order is None or order.state.is_over:
        found = "no such order under way" if order is None else str(order.state)
        return Refused("order_over", "an order that may still fill", found)
    if order.role is not Role.ENTRY:
        return protects(str(order.role))
    leaving = desk.venue is not None and desk.venue.leaving is not None
    if leaving or desk.pending_side == 0:
        return Refused("already_leaving", "an entry that is wanted", "it is being taken back")
    return order


def protects(role: str) -> Refused:
    """Why an order that closes or protects a position is not cancelled by hand."""
    return Refused("protects_position", "an entry under way", f"a {role} order of a position")


def _recorded(desk: Desk, event: ByHand, told: dict[str, object]) -> SignalSaved:
    """The command among the signals: a replay of the bars is given it back at this bar."""
    word, price = ACTIONS[event.action], desk.account.last_close
    values = {"command": event.command_id, "place": event.place, **told}
    return SignalSaved(
        signal_id(event.activation_id, event.bar_time, f"{word}:{event.command_id}"),
        event.activation_id, event.bar_time, word,
        price if math.isnan(event.price) else event.price, "traded", None, values,
    )  # fmt: skip
