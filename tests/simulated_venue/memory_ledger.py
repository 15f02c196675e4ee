"""What survives a crash, in memory: the ledger's rows, and the rules a database holds them to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import NotFoundError, RefusedError
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.ledger import (
    Activation,
    FillRecord,
    OrderRecord,
    PortfolioPoint,
    PositionRecord,
    SignalRecord,
    TradeRecord,
    Wallet,
)
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import CommandState, ManualCommand
from tradepulse.engine.ports import Batch, Running


class MemoryLedger:
    """Rows by id. `write` takes a batch whole or not at all."""

    def __init__(self) -> None:
        self.configurations: dict[str, Configuration] = {}
        self.wallets: dict[str, Wallet] = {}
        self.activations: dict[str, Activation] = {}
        self.signals: dict[str, SignalRecord] = {}
        self.orders: dict[str, OrderRecord] = {}
        self.fills: dict[str, FillRecord] = {}
        self.trades: dict[str, TradeRecord] = {}
        self.positions: dict[str, PositionRecord] = {}
        self.points: dict[tuple[str, int], PortfolioPoint] = {}
        self.commands: dict[str, ManualCommand] = {}
        self.events: list[NewEvent] = []
        self.logs: list[LogLine] = []
        self._by_client: dict[str, str] = {}
        self._trade_ids: set[str] = set()
        self._venue_fills: set[tuple[str, str, str]] = set()

    # --- what people do ---------------------------------------------------------------------------
    def add(self, configuration: Configuration, wallet: Wallet, activation: Activation) -> None:
        """A new activation with all that it names."""
        self.configurations[configuration.id] = configuration
        self.wallets[wallet.id] = wallet
        self.activations[activation.id] = activation
        self.events.append(_state_event(activation, activation.created_at, {}))

    def ask_to_leave(self, activation_id: str, now_ms: int, *, flatten: bool) -> bool:
        """Notes a wish to drain; False: it is over already."""
        held = self.activations[activation_id]
        if held.state.is_over:
            return False
        drained = replace(held, state=ActivationState.DRAINING)
        self.activations[activation_id] = drained
        self.events.append(_state_event(drained, now_ms, {"flatten": flatten}))
        return True

    def ask_by_hand(self, command: ManualCommand) -> None:
        """Notes what a person wants done by hand."""
        self.commands[command.id] = command

    def claim(self, activation_id: str, owner: str, now_ms: int, ttl_ms: int) -> bool:
        """Gives the lease to `owner` unless another holds it; a new owner raises the fence."""
        held = self.activations[activation_id]
        mine = held.lease_owner == owner
        free = held.lease_owner is None or (held.lease_until or 0) < now_ms
        if not (mine or free):
            return False
        self.activations[activation_id] = replace(
            held, lease_owner=owner, lease_until=now_ms + ttl_ms,
            fence=held.fence + (0 if mine else 1),
        )  # fmt: skip
        return True

    # --- reading ----------------------------------------------------------------------------------
    def running(self, activation_id: str) -> Running:
        """Error `activation_not_found`."""
        held = self.activations.get(activation_id)
        if held is None:
            raise NotFoundError("activation_not_found", "there is no such activation")
        return Running(
            held, self.configurations[held.configuration_id], self.wallets[held.wallet_id]
        )

    def by_client_id(self, client_order_id: str) -> OrderRecord | None:
        """The order we gave that id."""
        name = self._by_client.get(client_order_id)
        return None if name is None else self.orders[name]

    def has_venue_fill(self, trade_id: str) -> bool:
        """Whether an execution of that id is booked."""
        return trade_id in self._trade_ids

    def orders_of(self, activation_id: str) -> list[OrderRecord]:
        """Oldest first."""
        found = [o for o in self.orders.values() if o.activation_id == activation_id]
        return sorted(found, key=lambda order: (order.created_at, order.id))

    def fills_of(self, activation_id: str) -> list[FillRecord]:
        """By time."""
        found = [f for f in self.fills.values() if f.activation_id == activation_id]
        return sorted(found, key=lambda fill: (fill.time, fill.id))

    def trades_of(self, activation_id: str) -> list[TradeRecord]:
        """In the order they were closed."""
        found = [t for t in self.trades.values() if t.activation_id == activation_id]
        return sorted(found, key=lambda trade: (trade.exit_time, trade.entry_time, trade.id))

    def net_base(self, activation_id: str) -> Decimal:
        """Base units bought less sold less kept as fee."""
        signs = {"buy": 1, "sell": -1}
        return sum(
            (signs[f.side] * f.quantity - f.fee_base for f in self.fills_of(activation_id)),
            Decimal(0),
        )

    # --- writing ----------------------------------------------------------------------------------
    def set_activation(self, activation_id: str, **changes: Any) -> Activation:
        """The activation with some fields changed. Error `activation_not_found`."""
        held = self.running(activation_id).activation
        changed = self.activations[activation_id] = replace(held, **changes)
        return changed

    def write(self, batch: Batch) -> None:
        """Errors `already_exists`, `broken_reference`, `activation_not_found`; then nothing was
        written."""
        self._check(batch)
        self.signals.update((row.id, row) for row in batch.signals)
        self.orders.update((row.id, row) for row in batch.orders)
        self._by_client.update((row.client_order_id, row.id) for row in batch.orders)
        self.fills.update((row.id, row) for row in batch.fills)
        self._venue_fills.update(_venue_keys(batch.fills))
        self._trade_ids.update(name for _, _, name in _venue_keys(batch.fills))
        self.trades.update((row.id, row) for row in (*batch.trades, *batch.corrected))
        self.positions.update((row.id, row) for row in batch.positions)
        for name in batch.positions_gone:
            self.positions.pop(name, None)
        self.points.update(((row.activation_id, row.time), row) for row in batch.points)
        for answer in batch.answers:
            self.commands[answer.command_id] = replace(
                self.commands[answer.command_id], state=answer.state, code=answer.code,
                answer=answer.answer, answered_at=answer.answered_at,
            )  # fmt: skip
        self.logs += batch.logs
        self.events += batch.events
        for name, last_bar in batch.last_bars.items():
            self.set_activation(name, last_bar=last_bar)

    def _check(self, batch: Batch) -> None:
        _all_new("fill", [row.id for row in batch.fills], self.fills)
        _all_new("fill of the venue", _venue_keys(batch.fills), self._venue_fills)
        answered = {
            name for name, asked in self.commands.items() if asked.state is not CommandState.WAITING
        }
        _all_new("answer", [row.command_id for row in batch.answers], answered)
        _all_new("trade", [row.id for row in batch.trades], self.trades)
        _all_new("point", [(row.activation_id, row.time) for row in batch.points], self.points)
        for row in batch.orders:
            if self._by_client.get(row.client_order_id, row.id) != row.id:
                raise _exists("client order id", row.client_order_id)
        known = {row.id for row in batch.orders} | self.orders.keys()
        for fill in batch.fills:
            if fill.order_id not in known:
                raise _broken("fill", fill.order_id)
        for name in activations_of(batch):
            if name not in self.activations:
                raise _broken("row", name)
        for name in batch.last_bars:
            self.running(name)


def activations_of(batch: Batch) -> set[str]:
    """The activations that a batch writes ledger rows of."""
    ledgers = (
        batch.signals, batch.orders, batch.fills, batch.trades, batch.positions, batch.points,
        batch.corrected,
    )  # fmt: skip
    return {row.activation_id for rows in ledgers for row in rows}


def _venue_keys(fills: Iterable[FillRecord]) -> list[tuple[str, str, str]]:
    return [
        (row.wallet_id, row.pair, row.venue_trade_id)
        for row in fills if row.venue_trade_id is not None
    ]  # fmt: skip


def _all_new(what: str, names: list[Any], known: Any) -> None:
    seen: set[Any] = set()
    for name in names:
        if name in known or name in seen:
            raise _exists(what, name)
        seen.add(name)


def _exists(what: str, name: object) -> RefusedError:
    return RefusedError("already_exists", "such a row exists already", found=f"{what} {name}")


def _broken(what: str, name: str) -> RefusedError:
    return RefusedError(
        "broken_reference", "a row names something that does not exist", found=f"{what}: {name}"
    )


def _state_event(activation: Activation, now_ms: int, more: dict[str, Any]) -> NewEvent:
    payload = {"state": str(activation.state), **more}
    return NewEvent(now_ms, "activation.state", "activation", activation.id, payload)
