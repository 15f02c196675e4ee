"""A signal from its bar to its trade: what was seen, what each node said, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import Interval
from tradepulse.domain.ledger import (
    Activation,
    FillRecord,
    OrderRecord,
    PositionRecord,
    SignalRecord,
    TradeRecord,
    Wallet,
)
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.ports import Running
from tradepulse.engine.recomputed_signal import Recomputed, recompute
from tradepulse.execution.orders import Role
from tradepulse.marketdata.store import BarStore
from tradepulse.signals.graph import Graph
from tradepulse.storage.database import Database
from tradepulse.storage.order_family import family_of
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.views.graph_picture import NodePicture, picture_of
from tradepulse.storage.views.graph_values import Window, node_values

# Flags that a graph says itself; the others are a person's or the engine's.
GRAPH_ACTIONS = ("enter_long", "exit_long", "enter_short", "exit_short")
_LOOKED_AT = 50


@dataclass(frozen=True)
class NodeSaid:
    """A node and its value on the signal's bar; None where it had none yet."""

    node: NodePicture
    value: float | bool | None


@dataclass(frozen=True, eq=False)
class SignalStory:
    """`recomputed`: the signal derived anew, and compared; None with `why_not` where its bars do
    not allow it. `order`: what it led to; the trade, or the position while it is open, is that
    order's round trip."""

    signal: SignalRecord
    activation: Activation
    wallet: Wallet
    configuration: Configuration
    bar: BarSeries | None
    nodes: tuple[NodeSaid, ...]
    recomputed: Recomputed | None
    why_not: str | None
    order: OrderRecord | None
    fills: tuple[FillRecord, ...]
    trade: TradeRecord | None
    position: PositionRecord | None

    @property
    def verdict(self) -> str | None:
        """equal or unequal; None where it was not derived anew."""
        return None if self.recomputed is None else self.recomputed.verdict


def signal_story(database: Database, store: BarStore, signal_id: str) -> SignalStory:
    """The story of a signal. Reads only. Error `signal_not_found`."""
    with database.reading() as tx:
        signal = tx.signals.get(signal_id)
        activation = tx.activations.get(signal.activation_id)
        run = Running(
            activation, tx.configurations.get(signal.configuration_id),
            tx.wallets.get(activation.wallet_id),
        )  # fmt: skip
        order = _order_of(tx, run, signal)
        fills = () if order is None else tx.fills.of_order(order.id)
        trade_id = None if order is None else family_of(tx, order).trade_id
        trade = None if trade_id is None else tx.trades.find(trade_id)
        position = None if trade_id is None else tx.positions.find(trade_id)
    again, why_not = _again(store, run, signal)
    nodes: tuple[NodeSaid, ...] = ()
    bar: BarSeries | None = None
    if again is not None:
        nodes, bar = _seen(store, run, signal)
    return SignalStory(
        signal, activation, run.wallet, run.configuration, bar, nodes, again, why_not, order,
        fills, trade, position,
    )  # fmt: skip


def _again(
    store: BarStore, run: Running, signal: SignalRecord
) -> tuple[Recomputed | None, str | None]:
    if signal.action not in GRAPH_ACTIONS:
        return None, "a person or the engine decided this: no graph says it again"
    try:
        return recompute(run, StoredBars(store), signal), None
    except TradePulseError as error:
        return None, f"{error.code}: {error}"


def _seen(
    store: BarStore, run: Running, signal: SignalRecord
) -> tuple[tuple[NodeSaid, ...], BarSeries]:
    c = run.configuration
    at = signal.bar_time
    values = node_values(store, c, None, Window(at, at + 1, run.activation.session_start))
    picture = picture_of(Graph.from_json(dict(c.graph)), Interval.parse(c.interval).ms)
    nodes = tuple(
        NodeSaid(node, _value(values.values[node.id][0])) for node in picture.nodes
    )  # fmt: skip
    return nodes, store.read(c.exchange, c.pair, c.interval, at, at + 1)


def _value(found: np.generic) -> float | bool | None:
    if isinstance(found, np.bool_):
        return bool(found)
    number = float(found)
    return number if np.isfinite(number) else None


def _order_of(tx: Transaction, run: Running, signal: SignalRecord) -> OrderRecord | None:
    """The order that the signal led to: an entry is made at the close of its bar, an exit at a
    venue a moment after it."""
    if signal.verdict != "traded":
        return None
    close = signal.bar_time + Interval.parse(run.configuration.interval).ms
    role = Role.ENTRY if signal.action.startswith("enter") else Role.EXIT
    page = tx.orders.page(
        activation_id=signal.activation_id, since_ms=close, sort="created_at", limit=_LOOKED_AT
    )
    side = "buy" if signal.action in ("enter_long", "exit_short") else "sell"
    for order in page.items:
        if role is Role.ENTRY and order.created_at > close:
            break
        if order.role == role and order.side == side:
            return order
    return None
