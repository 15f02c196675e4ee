"""A person beside the engine: closes, moves stops, enters, cancels, sensibly and not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulated_venue.laws import LawWatch, is_by_hand
from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.scenario import Dice
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_market import TICK
from tradepulse.domain.ledger import OrderRecord, PositionRecord
from tradepulse.domain.manual_command import CommandState, ManualAction, ManualCommand
from tradepulse.domain.money import to_text
from tradepulse.engine.ports import Batch
from tradepulse.execution.orders import Role

_WEIGHTS = {
    ManualAction.ENTER: 4, ManualAction.STOP: 4, ManualAction.CLOSE: 2, ManualAction.CANCEL: 2,
}  # fmt: skip


class Hands:
    """Writes commands as the API would, and knows what must have come of them. `asked`: the
    activations whose engine is to be told."""

    def __init__(self, exchange: SimExchange, ledger: MemoryLedger, dice: Dice) -> None:
        self.asked: set[str] = set()
        self._exchange = exchange
        self._ledger = ledger
        self._roll = dice.stream("by_hand:size")

    def act(self, now: int) -> None:
        """One command, of whatever kind comes to mind."""
        name = self._roll.choice(sorted(self._ledger.activations))
        activation = self._ledger.activations[name]
        if activation.state.is_over:
            return
        pair = self._ledger.configurations[activation.configuration_id].pair
        wish = self._wish(action := self._action(name), name, self._exchange.last[pair])
        if wish is None:
            return
        self._ask(name, action, wish, now)

    def regrets(self, order: OrderRecord, now: int) -> None:
        """The person does not want an entry that has just been made."""
        if not self._ledger.activations[order.activation_id].state.is_over:
            wish = {"order_id": order.id}
            self._ask(order.activation_id, ManualAction.CANCEL, wish, now)

    def _ask(self, name: str, action: ManualAction, wish: dict[str, Any], now: int) -> None:
        number, activation = len(self._ledger.commands), self._ledger.activations[name]
        self._ledger.ask_by_hand(
            ManualCommand(
                f"hand-{number}", name, activation.wallet_id, action, CommandState.WAITING, wish,
                "somebody", now,
            )
        )  # fmt: skip
        self.asked.add(name)
        self._exchange.trace.add(now, "by hand", name, action, wish)

    def all_waiting(self) -> None:
        """A new engine looks at whatever is unanswered."""
        self.asked |= {
            c.activation_id for c in self._ledger.commands.values()
            if c.state is CommandState.WAITING
        }  # fmt: skip

    def _action(self, name: str) -> ManualAction:
        """Mostly what makes sense: nobody enters on top of a position all the time."""
        weights = dict(_WEIGHTS)
        if self._roll.random() < 0.8:
            held = any(p.activation_id == name for p in self._ledger.positions.values())
            weights[ManualAction.ENTER] *= not held
            moving = any(not o.state.is_over for o in self._ledger.orders_of(name))
            weights[ManualAction.CANCEL] *= moving and not held
        return self._roll.choices(list(weights), list(weights.values()))[0]

    def _wish(self, action: ManualAction, name: str, price: Decimal) -> dict[str, Any] | None:
        held = next((p for p in self._ledger.positions.values() if p.activation_id == name), None)
        if action is ManualAction.ENTER:
            side = self._roll.choice(["buy", "sell"])
            sign = 1 if side == "buy" else -1
            size = self._roll.choice(
                [{"risk_pct": "1"}, {"risk_pct": "5"}, {"quantity": "0.5"}, {"quantity": "40"}]
            )
            levels = {"stop": self._level(price, -sign)}
            if self._roll.random() < 0.5:
                levels["target"] = self._level(price, sign)
            return {"side": side, **size, **levels}
        if action is ManualAction.CANCEL:
            orders = self._ledger.orders_of(name)
            orders = [o for o in orders if not o.state.is_over] or orders[-4:]
            return {"order_id": self._roll.choice(orders).id} if orders else None
        if held is None:
            return None
        if action is ManualAction.CLOSE:
            return {"position_id": held.id}
        return {"position_id": held.id, "stop": self._level(price, -held.side.sign)}

    def _level(self, price: Decimal, sign: int) -> str:
        """Some way off the price; now and then on the wrong side of it, or between two ticks."""
        away = price * Decimal(str(self._roll.choice([0.0005, 0.002, 0.01, 0.05])))
        sign = -sign if self._roll.random() < 0.05 else sign
        level = (price + sign * away) // TICK * TICK
        return to_text(level + TICK / 2 if self._roll.random() < 0.05 else level)


class HandsLaw:
    """What was asked for by hand is done once, and lasts."""

    def __init__(self, ledger: MemoryLedger, laws: LawWatch) -> None:
        self._ledger = ledger
        self._laws = laws
        self._closed: set[str] = set()
        self._stops: dict[str, Decimal] = {}

    def intended(self, batch: Batch) -> None:
        """Before a commit: nothing protects a position that is to go, and a stop stands where it
        was put, unless something trails."""
        for answer in batch.answers:
            command = self._ledger.commands[answer.command_id]
            if answer.state is CommandState.DONE and command.action is ManualAction.CLOSE:
                self._closed.add(command.wish["position_id"])
            elif answer.state is CommandState.DONE and command.action is ManualAction.STOP:
                self._stops[command.wish["position_id"]] = Decimal(command.wish["stop"])
        for row in batch.positions:
            wanted = self._stops.get(row.id)
            if wanted is not None and not _trails(row) and row.stop != wanted:
                self._laws.breaks("stop_by_hand", f"{row}, and a person wants {wanted}")
        held = {p.activation_id: p.id for p in self._ledger.positions.values()}
        held |= {row.activation_id: row.id for row in batch.positions}
        for order in batch.orders:
            new = order.id not in self._ledger.orders and order.role == Role.STOP
            if new and held.get(order.activation_id) in self._closed:
                self._laws.breaks("closed", f"{order} for a position that a person closed")

    def check(self) -> None:
        """At the end of a run: every command is answered, and was done once."""
        commands = self._ledger.commands.values()
        for command in commands:
            if command.state is CommandState.WAITING:
                self._laws.breaks("answered", f"nobody answered {command}")
        wanted = sorted(
            str((c.answer or {})["order_id"]) for c in commands
            if c.action is ManualAction.ENTER and c.state is CommandState.DONE
        )  # fmt: skip
        made = sorted(o.id for o in self._ledger.orders.values() if is_by_hand(o))
        if made != wanted:
            told = f"entries by hand are {made}, commands were {wanted}"
            self._laws.breaks("done_once", told)
        for row in self._ledger.positions.values():
            if row.id in self._closed:
                self._laws.breaks("closed", f"{row} is there, and a person closed it")


def _trails(position: PositionRecord) -> bool:
    return (position.state or {}).get("trail") is not None
