"""What a person wants done by hand, written before anybody does it.

The row and its event are one transaction; an engine finds them at its start, on a reload, or when
it is told. What can be refused from the ledger alone is refused here; the engine judges the rest by
what it knows, and its answer is written with what the command led to.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import Activation, OrderRecord
from tradepulse.domain.manual_command import (
    CommandState,
    ManualAction,
    ManualAnswer,
    ManualCommand,
)
from tradepulse.domain.money import to_text
from tradepulse.execution.orders import Role
from tradepulse.storage.transaction import Transaction


@dataclass(frozen=True)
class Asker:
    """Who asks, and when (wall clock, UTC ms)."""

    name: str
    now_ms: int


@dataclass(frozen=True)
class WishedOrder:
    """An order by hand: `side` buy or sell, and either a quantity or the percent of its equity that
    its stop may lose. Error `bad_order` (UsageError)."""

    activation_id: str
    side: str
    stop: Decimal
    quantity: Decimal | None = None
    risk_pct: Decimal | None = None
    target: Decimal | None = None

    def __post_init__(self) -> None:
        if self.side not in ("buy", "sell"):
            raise _bad("the side", "buy or sell", self.side)
        if (self.quantity is None) == (self.risk_pct is None):
            found = "both" if self.quantity is not None else "neither"
            raise _bad("its size", "either quantity or risk_pct", found)
        for name in ("quantity", "risk_pct", "stop", "target"):
            value = getattr(self, name)
            if value is not None and not (value.is_finite() and value > 0):
                raise _bad(name, "a number above 0", str(value))
        if self.risk_pct is not None and self.risk_pct > 100:
            raise _bad("risk_pct", "at most 100 percent of the equity", to_text(self.risk_pct))

    def as_json(self) -> dict[str, Any]:
        """The wish as it is kept."""
        numbers = {name: getattr(self, name) for name in ("quantity", "risk_pct", "stop", "target")}
        told = {name: to_text(value) for name, value in numbers.items() if value is not None}
        return {"side": self.side, **told}


def request_close(tx: Transaction, position_id: str, asker: Asker) -> ManualCommand:
    """The wish that a position be closed; its activation goes on. Errors: `position_not_found`;
    `not_active` (RefusedError)."""
    position = tx.positions.get(position_id)
    activation = tx.activations.get(position.activation_id)
    return _ask(tx, activation, ManualAction.CLOSE, {"position_id": position.id}, asker)


def request_stop(
    tx: Transaction, position_id: str, price: Decimal, asker: Asker
) -> ManualCommand:  # fmt: skip
    """The wish that a position's stop stand at `price`. Errors: `position_not_found`; `not_active`
    (RefusedError); `bad_level` (UsageError)."""
    if not (price.is_finite() and price > 0):
        raise UsageError(
            "bad_level", "that is no price", expected="a price above 0", found=str(price)
        )
    position = tx.positions.get(position_id)
    activation = tx.activations.get(position.activation_id)
    wish = {"position_id": position.id, "stop": to_text(price)}
    return _ask(tx, activation, ManualAction.STOP, wish, asker)


def request_order(tx: Transaction, wished: WishedOrder, asker: Asker) -> ManualCommand:
    """The wish for an order by hand on an activation's desk. Errors: `activation_not_found`;
    `not_active` (RefusedError)."""
    activation = tx.activations.get(wished.activation_id)
    return _ask(tx, activation, ManualAction.ENTER, wished.as_json(), asker)


def request_cancel(tx: Transaction, order_id: str, asker: Asker) -> ManualCommand:
    """The wish that an entry under way come to nothing. Errors: `order_not_found`; `not_active`,
    `order_over`, `protects_position` (RefusedError)."""
    order = tx.orders.get(order_id)
    activation = tx.activations.get(order.activation_id)
    _check_cancellable(order)
    return _ask(tx, activation, ManualAction.CANCEL, {"order_id": order.id}, asker)


def refuse_waiting(tx: Transaction, activation: Activation, now_ms: int) -> None:
    """The activation is over: what waits for it will not be done."""
    told = {"expected": "an activation that runs", "found": str(activation.state)}
    waiting = tx.manual.waiting(activation.id)
    tx.manual.answer(
        ManualAnswer(c.id, activation.id, CommandState.REFUSED, "not_active", told, now_ms)
        for c in waiting
    )
    tx.events.append(
        *(
            NewEvent(
                now_ms, "manual.refused", "command", c.id,
                {"activation_id": activation.id, "action": str(c.action), "code": "not_active",
                 **told},
                c.user_id,
            )
            for c in waiting
        )
    )  # fmt: skip


def _ask(
    tx: Transaction, activation: Activation, action: ManualAction, wish: dict[str, Any],
    asker: Asker,
) -> ManualCommand:  # fmt: skip
    if activation.state.is_over:
        raise RefusedError(
            "not_active", "nothing trades there any more",
            expected="an activation that is neither STOPPED nor FAULTED",
            found=str(activation.state),
        )  # fmt: skip
    command = ManualCommand(
        str(uuid4()), activation.id, activation.wallet_id, action, CommandState.WAITING, wish,
        asker.name, asker.now_ms, user_id=activation.user_id,
    )  # fmt: skip
    tx.manual.insert(command)
    told = {"activation_id": activation.id, "action": str(action), "by": asker.name, **wish}
    tx.events.append(
        NewEvent(asker.now_ms, "manual.asked", "command", command.id, told, command.user_id)
    )
    return command


def _check_cancellable(order: OrderRecord) -> None:
    if order.state.is_over:
        raise RefusedError(
            "order_over", "nothing more of the order will fill",
            expected="an order under way", found=str(order.state),
        )  # fmt: skip
    if order.role != Role.ENTRY:
        raise RefusedError(
            "protects_position", "the order closes or protects a position",
            expected="an entry under way", found=f"a {order.role} order",
            hint="Move the stop, or close the position.",
        )  # fmt: skip


def _bad(what: str, expected: str, found: str) -> UsageError:
    return UsageError("bad_order", f"{what} of the order is wrong", expected=expected, found=found)
