"""The whole why of an order: from the bars that were seen to the fees that were paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.event import Event
from tradepulse.domain.interval import Interval
from tradepulse.domain.ledger import (
    FillRecord,
    OrderRecord,
    PositionRecord,
    SignalRecord,
    TradeRecord,
)
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.manual_command import MANUAL, ManualAction, ManualCommand
from tradepulse.domain.money import to_text
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.ports import Running
from tradepulse.engine.recomputed_signal import EQUAL, UNEQUAL, Recomputed, recompute
from tradepulse.execution.by_hand import ACTIONS, RECORDED
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.execution.orders import Role
from tradepulse.marketdata.store import BarStore
from tradepulse.signals.graph import Graph
from tradepulse.storage.database import Database
from tradepulse.storage.order_costs import latency_of, slippage_of
from tradepulse.storage.order_family import Family, family_of, find_order
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction

NOT_RECORDED, UNKNOWN = "not_recorded", "unknown"
# What a person or the engine decided: no graph says it again.
_COMMANDS = (FLATTEN, DROP_ENTRY, *RECORDED)


@dataclass(frozen=True)
class Explanation:
    """An order with everything that led to it and came of it.

    `signal` is the recorded decision: the order's own, or for protective legs its entry's
    (`signal_is` says which); `recomputed` the same derived anew, None with `why_not` where that
    cannot be done. `family`: the orders of its round trip; `by_hand`: what people did to it."""

    order: OrderRecord
    run: Running
    family: Family
    signal: SignalRecord | None
    signal_is: str
    recomputed: Recomputed | None
    why_not: str | None
    fills: tuple[FillRecord, ...]
    all_fills: tuple[FillRecord, ...]
    events: tuple[Event, ...]
    trade: TradeRecord | None
    position: PositionRecord | None
    wallet_state: str
    by_hand: tuple[ManualCommand, ...] = ()

    @property
    def verdict(self) -> str:
        """equal, unequal; not_recorded for an order without a signal; unknown where the bars are
        gone."""
        if self.recomputed is not None:
            return self.recomputed.verdict
        return NOT_RECORDED if self.signal is None or self.why_not is None else UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """The document that `explain --json` prints: amounts are decimal text."""
        live = self.run.activation.feed is Feed.LIVE
        slipped = slippage_of(self.order, self.fills)
        return {
            "order": as_document(self.order),
            "verdict": self.verdict,
            "configuration": _about(self.run.configuration, self.order),
            "activation": {
                "id": self.run.activation.id, "mode": str(self.run.activation.mode),
                "feed": str(self.run.activation.feed), "wallet_id": self.run.wallet.id,
                "session_start": self.run.activation.session_start,
            },
            "signal": self._signal(),
            "risk": self._risk(),
            "events": [
                {"sequence": e.sequence, "time": e.time, "type": e.type,
                 "payload": dict(e.payload)} for e in self.events
            ],
            "request": {
                "client_order_id": self.order.client_order_id,
                "venue_order_id": self.order.venue_order_id,
                "sent_at": self.order.sent_at, "acknowledged_at": self.order.acknowledged_at,
            },
            "fills": [as_document(fill) for fill in self.fills],
            "fees": _fees(self.fills),
            "latency": latency_of(self.order, same_clock=live).as_json(),
            "slippage": None if slipped is None else slipped.as_json(),
            "orders": [self._sibling(order) for order in self.family.orders],
            "trade": None if self.trade is None else as_document(self.trade),
            "position": None if self.position is None else as_document(self.position),
            "by_hand": [_command(command) for command in self.by_hand],
        }  # fmt: skip

    def _signal(self) -> dict[str, Any] | None:
        if self.signal is None:
            return None
        again = self.recomputed
        return {
            "is": self.signal_is, "recorded": as_document(self.signal), "verdict": self.verdict,
            "why_not": self.why_not,
            "recomputed": None if again is None else {
                "action": again.said.flags.get(self.signal.action, False),
                "close": again.said.close, "flags": again.said.flags,
                "values": again.said.values, "bars": again.bars,
            },
            "mismatches": [] if again is None else [m._asdict() for m in again.mismatches],
        }  # fmt: skip

    def _risk(self) -> dict[str, Any]:
        """What only reduces a position always passes; an entry was asked about."""
        entry = self.order.role == Role.ENTRY
        signal = self.signal
        refused = entry and signal is not None and signal.verdict == "refused"
        verdict = "approved" if entry else "reduction"
        return {
            "verdict": "refused" if refused else verdict,
            "code": signal.reason if refused and signal is not None else None,
            "wallet_state": self.wallet_state,
        }  # fmt: skip

    def _sibling(self, order: OrderRecord) -> dict[str, Any]:
        mine = [fill for fill in self.all_fills if fill.order_id == order.id]
        slipped = slippage_of(order, mine)
        document = as_document(order)
        return {
            **{name: document[name] for name in _SHOWN},
            "average": None if slipped is None else to_text(slipped.average),
            "slippage_bps": None if slipped is None else to_text(slipped.bps),
        }  # fmt: skip


_SHOWN = (
    "id", "role", "kind", "side", "quantity", "price", "filled", "state", "reason", "oco_group",
    "created_at",
)  # fmt: skip


def explain_order(database: Database, store: BarStore, text: str) -> Explanation:
    """Why an order was made, and what came of it. `text`: an order's id or client order id, or how
    either begins; or the id of a trade or position, which stands for its entry.

    Reads only. Errors: `order_not_found`, `ambiguous_id`.
    """
    with database.reading() as tx:
        order = find_order(tx, text)
        activation = tx.activations.get(order.activation_id)
        run = Running(
            activation, tx.configurations.get(activation.configuration_id),
            tx.wallets.get(activation.wallet_id),
        )  # fmt: skip
        family = family_of(tx, order)
        fills = tx.fills.of_orders([o.id for o in family.orders])
        signal, which = _decision(tx, run, order, family)
        trade = None if family.trade_id is None else tx.trades.find(family.trade_id)
        position = None if family.trade_id is None else tx.positions.find(family.trade_id)
        events = tx.events.since(entity_id=order.id)
        state = _wallet_state(tx, run.wallet.id, events)
        by_hand = _by_hand(tx, order, family)
    again, why_not = _again(run, StoredBars(store), signal)
    mine = tuple(fill for fill in fills if fill.order_id == order.id)
    return Explanation(
        order, run, family, signal, which, again, why_not, mine, fills, events, trade, position,
        state, by_hand,
    )  # fmt: skip


def as_document(record: Any) -> dict[str, Any]:
    """A row of the ledger in types that JSON has."""
    return {
        name: to_text(value) if isinstance(value, Decimal) else value
        for name, value in asdict(record).items()
    }


def _decision(
    tx: Transaction, run: Running, order: OrderRecord, family: Family
) -> tuple[SignalRecord | None, str]:
    """(the recorded signal behind the order, whose it is: its own, or its entry's)."""
    length = Interval.parse(run.configuration.interval).ms
    if order.role == Role.ENTRY and is_by_hand(order):
        return _order_by_hand(tx, order), "own"
    if order.role == Role.ENTRY:
        return _signal_at(tx, order, order.created_at - length, _ENTER[order.side]), "own"
    if order.role == Role.EXIT:
        found = _leaving(tx, order, family, length)
        if found is not None:
            return found, "own"
    entry = family.entry
    if entry is None:
        return None, "own"
    if is_by_hand(entry):
        return _order_by_hand(tx, entry), "entry"
    return _signal_at(tx, entry, entry.created_at - length, _ENTER[entry.side]), "entry"


def is_by_hand(order: OrderRecord) -> bool:
    """Whether an entry is a person's: what ended it may have taken the place of its reason."""
    return order.reason == MANUAL or (order.bracket or {}).get("tag") == MANUAL


def _order_by_hand(tx: Transaction, order: OrderRecord) -> SignalRecord | None:
    """The record of the command that made an entry."""
    rows = tx.signals.page(
        activation_id=order.activation_id,
        action=ACTIONS[ManualAction.ENTER],
        until_ms=order.created_at + 1,
        limit=MAX_LIMIT,
    ).items
    return next((row for row in rows if row.values.get("order_id") == order.id), None)


def _by_hand(tx: Transaction, order: OrderRecord, family: Family) -> tuple[ManualCommand, ...]:
    """What people did to the orders of a round trip and to its position, oldest first."""
    names = {o.id for o in family.orders} | {order.id, family.trade_id}
    page = tx.manual.page(activation_id=order.activation_id, limit=MAX_LIMIT)
    about = ("order_id", "position_id")
    return tuple(
        command for command in reversed(page.items)
        if any(
            said.get(key) in names for said in (command.wish, command.answer or {}) for key in about
        )
    )  # fmt: skip


def _command(command: ManualCommand) -> dict[str, Any]:
    return {
        "id": command.id, "action": str(command.action), "state": str(command.state),
        "wish": dict(command.wish), "asked_by": command.asked_by, "asked_at": command.asked_at,
        "answered_at": command.answered_at, "code": command.code,
        "answer": None if command.answer is None else dict(command.answer),
    }  # fmt: skip


_ENTER = {"buy": "enter_long", "sell": "enter_short"}
_LEAVE = {"sell": "exit_long", "buy": "exit_short"}
# An exit without a signal of its own: the levels or the time of its entry's ended it.
_BY_THE_ENTRY = ("stop", "target", "trail", "time")


def _signal_at(
    tx: Transaction, order: OrderRecord, bar_time: int, action: str
) -> SignalRecord | None:
    rows = tx.signals.page(
        activation_id=order.activation_id, action=action, since_ms=bar_time, until_ms=bar_time + 1
    ).items
    return rows[0] if rows else None


def _leaving(
    tx: Transaction, order: OrderRecord, family: Family, length: int
) -> SignalRecord | None:
    """The signal or command that an exit follows: at a venue the exit is made when the legs are
    gone, a moment after its bar closed."""
    if order.reason in _BY_THE_ENTRY:
        return None
    asked = {
        FLATTEN: (FLATTEN, DROP_ENTRY), MANUAL: (ACTIONS[ManualAction.CLOSE],),
        "reversal": (_ENTER[order.side],),
    }.get(order.reason or "", (_LEAVE[order.side],))  # fmt: skip
    began = 0 if family.entry is None else family.entry.created_at
    rows = tx.signals.page(
        activation_id=order.activation_id, since_ms=began, until_ms=order.created_at - length + 1
    ).items
    return next((row for row in rows if row.action in asked), None)


def _again(
    run: Running, feed: StoredBars, signal: SignalRecord | None
) -> tuple[Recomputed | None, str | None]:
    if signal is None:
        return None, None
    if signal.action in _COMMANDS:
        return None, None
    try:
        return recompute(run, feed, signal), None
    except TradePulseError as error:
        return None, f"{error.code}: {error}"


def _wallet_state(tx: Transaction, wallet_id: str, events: Iterable[Event]) -> str:
    """The trading state of the wallet when the order was made."""
    made = min((event.sequence for event in events), default=None)
    changes = tx.events.since(types=["risk.state"], entity_id=wallet_id)
    told = [e for e in changes if made is None or e.sequence < made]
    return str(told[-1].payload["state"]) if told else "ACTIVE"


def _about(configuration: Configuration, order: OrderRecord) -> dict[str, Any]:
    c = configuration
    return {
        "id": c.id, "strategy_name": c.strategy_name, "parameters": dict(c.parameters),
        "exchange": c.exchange, "pair": c.pair, "interval": c.interval,
        "lifecycle_stage": str(c.lifecycle_stage), "configuration_hash": c.configuration_hash,
        "graph_hash": Graph.from_json(c.graph).hash, "code_version": c.code_version,
        "order_code_version": order.code_version,
    }  # fmt: skip


def _fees(fills: Iterable[FillRecord]) -> dict[str, Any]:
    quote, by_currency = Decimal(0), dict[str, Decimal]()
    for fill in fills:
        quote += fill.fee
        if fill.fee_currency is not None and fill.fee_amount is not None:
            before = by_currency.get(fill.fee_currency, Decimal(0))
            by_currency[fill.fee_currency] = before + fill.fee_amount
    return {
        "quote": to_text(quote), "by_currency": {n: to_text(a) for n, a in by_currency.items()}
    }  # fmt: skip


__all__ = ["EQUAL", "NOT_RECORDED", "UNEQUAL", "UNKNOWN", "Explanation", "explain_order"]
