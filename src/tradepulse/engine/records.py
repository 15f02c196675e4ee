"""Rows of the core as records of the ledger: decimals, events, log lines. One batch, one commit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.ledger import (
    FillRecord,
    OrderRecord,
    PortfolioPoint,
    PositionRecord,
    SignalRecord,
    TradeRecord,
)
from tradepulse.domain.manual_command import CommandState, ManualAnswer
from tradepulse.domain.money import money, to_decimal, to_text
from tradepulse.engine.ports import Batch, Running
from tradepulse.execution.account import ClosedTrade, PositionView
from tradepulse.execution.effects import (
    CommandAnswered,
    FillBooked,
    Noted,
    OrderSaved,
    PointTaken,
    PositionGone,
    PositionSaved,
    Row,
    SignalSaved,
    TradeClosed,
    TradeCorrected,
)
from tradepulse.execution.orders import Order


class Scribe:
    """Turns rows into one `Batch`. Of an order that changed several times in a batch the last state
    is written, and an event for each.

    Amounts of money are decimals of twelve places; prices and quantities the exact decimal of their
    float, so that nothing is lost between the ledger and a replay.
    """

    def __init__(self, code_version: str) -> None:
        self._code_version = code_version
        self._runs: dict[str, Running] = {}
        self._writers: dict[type, Callable[[Any, _Page], None]] = {
            OrderSaved: self._order, FillBooked: self._fill, PositionSaved: self._position,
            PositionGone: self._gone, TradeClosed: self._trade,
            TradeCorrected: self._corrected, PointTaken: self._point, SignalSaved: self._signal,
            Noted: self._noted, CommandAnswered: self._answered,
        }  # fmt: skip

    def know(self, run: Running) -> None:
        """Rows of this activation will come."""
        self._runs[run.activation.id] = run

    def batch(self, rows: Iterable[Row], last_bars: Mapping[str, int], now_ms: int) -> Batch:
        """The batch of `rows`. `now_ms` stamps the events; ledger rows carry market time."""
        page = _Page(now_ms, self._runs)
        for row in rows:
            self._writers[type(row)](row, page)
        for point in page.latest.values():
            page.event("portfolio.updated", "portfolio", point.wallet_id, _portfolio(point))
        return Batch(
            tuple(page.signals.values()), tuple(map(self._order_record, page.orders.values())),
            tuple(page.fills),
            tuple(page.trades.values()), tuple(page.positions.values()), tuple(page.gone),
            tuple(page.points.values()), tuple(page.events), tuple(page.logs), dict(last_bars),
            tuple(page.corrected.values()), tuple(page.answers),
        )  # fmt: skip

    def _order(self, row: OrderSaved, page: _Page) -> None:
        order = row.order
        page.orders[order.id] = order
        page.event(
            f"order.{order.state.lower()}", "order", order.id,
            {"activation_id": order.activation_id, "pair": order.pair, "role": str(order.role),
             "side": "buy" if order.side > 0 else "sell",
             "quantity": to_text(to_decimal(order.quantity)), "price": _text(_level(order.price)),
             "filled": to_text(_sum(order.filled)), "reason": order.reason},
        )  # fmt: skip

    def _order_record(self, order: Order) -> OrderRecord:
        activation = self._runs[order.activation_id].activation
        return OrderRecord(
            order.id, order.client_order_id, activation.id, activation.configuration_id,
            activation.wallet_id, activation.mode, order.pair, str(order.kind), str(order.role),
            "buy" if order.side > 0 else "sell", to_decimal(order.quantity), _level(order.price),
            _sum(order.filled), order.state, order.reason, order.oco_group,
            order.created_at, order.updated_at, self._code_version, order.venue_id,
            to_decimal(order.decided_at), _bracket(order), order.sent_at, order.acknowledged_at,
        )  # fmt: skip

    def _fill(self, row: FillBooked, page: _Page) -> None:
        activation = self._runs[row.order.activation_id].activation
        record = FillRecord(
            row.id, row.order.id, activation.id, activation.configuration_id, activation.wallet_id,
            row.order.pair, "buy" if row.order.side > 0 else "sell", to_decimal(row.price),
            to_decimal(row.quantity), money(row.fee), row.liquidity, row.time, self._code_version,
            row.trade_id, row.fee_currency,
            None if row.fee_currency is None else to_decimal(row.fee_amount),
            to_decimal(row.fee_base),
        )  # fmt: skip
        page.fills.append(record)
        page.event(
            "fill.created", "fill", record.id,
            {"order_id": record.order_id, "activation_id": record.activation_id,
             "pair": record.pair, "side": record.side, "price": to_text(record.price),
             "quantity": to_text(record.quantity), "fee": to_text(record.fee), "time": record.time},
        )  # fmt: skip

    def _position(self, row: PositionSaved, page: _Page) -> None:
        record = self._position_record(row.position, row.state)
        page.positions[record.id] = record
        if row.opened:
            page.born.add(record.id)
            told = {
                "activation_id": record.activation_id, "pair": record.pair,
                "side": str(record.side), "quantity": to_text(record.quantity),
                "entry_price": to_text(record.entry_price),
                "entry_time": record.entry_time, "stop": _text(record.stop),
                "target": _text(record.target),
            }  # fmt: skip
            page.event("trade.opened", "position", record.id, told)
            page.log(
                record.entry_time,
                "info",
                record.activation_id,
                record.id,
                told,
                f"opened {record.side} {told['quantity']} {record.pair} at {told['entry_price']}",
            )

    def _position_record(
        self, view: PositionView, state: Mapping[str, object] | None
    ) -> PositionRecord:
        activation = self._runs[view.activation_id].activation
        return PositionRecord(
            view.id, activation.id, activation.configuration_id, activation.wallet_id, view.pair,
            view.side, to_decimal(view.quantity), to_decimal(view.entry_price), view.entry_time,
            _level(view.stop), _level(view.target), view.updated_at,
            None if state is None else dict(state),
        )  # fmt: skip

    def _gone(self, row: PositionGone, page: _Page) -> None:
        page.positions.pop(row.position_id, None)
        if row.position_id not in page.born:
            page.gone.add(row.position_id)

    def _trade(self, row: TradeClosed, page: _Page) -> None:
        record = self._trade_record(row.trade)
        page.trades[record.id] = record
        told = {
            "activation_id": record.activation_id, "pair": record.pair, "side": str(record.side),
            "quantity": to_text(record.quantity), "entry_time": record.entry_time,
            "entry_price": to_text(record.entry_price), "exit_time": record.exit_time,
            "exit_price": to_text(record.exit_price), "exit_reason": str(record.exit_reason),
            "pnl": to_text(record.pnl), "pnl_pct": to_text(record.pnl_pct), "tag": record.tag,
        }  # fmt: skip
        page.event("trade.closed", "trade", record.id, told)
        page.log(
            record.exit_time,
            "info",
            record.activation_id,
            record.id,
            told,
            f"closed {record.side} {told['quantity']} {record.pair} at {told['exit_price']} "
            f"({record.exit_reason}), pnl {told['pnl']}",
        )

    def _corrected(self, row: TradeCorrected, page: _Page) -> None:
        record = self._trade_record(row.trade)
        pages = page.trades if record.id in page.trades else page.corrected
        pages[record.id] = record
        told = {
            "activation_id": record.activation_id, "funding": to_text(record.funding),
            "pnl": to_text(record.pnl), "pnl_pct": to_text(record.pnl_pct),
        }  # fmt: skip
        page.event("trade.corrected", "trade", record.id, told)

    def _trade_record(self, trade: ClosedTrade) -> TradeRecord:
        activation = self._runs[trade.activation_id].activation
        return TradeRecord(
            trade.id, activation.configuration_id, activation.id, activation.wallet_id,
            activation.mode, activation.feed, trade.pair, trade.side, trade.entry_time,
            to_decimal(trade.entry_price), to_decimal(trade.quantity), trade.exit_time,
            to_decimal(trade.exit_price), trade.exit_reason, money(trade.fees),
            money(trade.funding), money(trade.pnl), money(trade.pnl_pct), money(trade.mae_pct),
            money(trade.mfe_pct), trade.bars_held, trade.tag, self._code_version,
        )  # fmt: skip

    def _point(self, row: PointTaken, page: _Page) -> None:
        activation = self._runs[row.activation_id].activation
        record = PortfolioPoint(
            activation.wallet_id, activation.id, activation.configuration_id, row.time,
            money(row.equity), money(row.cash), money(row.unrealised_pnl), money(row.drawdown),
            self._code_version,
        )  # fmt: skip
        page.points[row.activation_id, row.time] = record
        page.latest[row.activation_id] = record

    def _signal(self, row: SignalSaved, page: _Page) -> None:
        activation = self._runs[row.activation_id].activation
        record = SignalRecord(
            row.id, activation.id, activation.configuration_id, row.bar_time, row.action,
            to_decimal(row.close), row.verdict, row.reason, dict(row.values),
        )  # fmt: skip
        page.signals[row.id] = record
        page.event(
            "signal.created", "signal", row.id,
            {"activation_id": activation.id, "bar_time": row.bar_time, "action": row.action,
             "verdict": row.verdict, "reason": row.reason, "close": to_text(record.close)},
        )  # fmt: skip

    def _noted(self, row: Noted, page: _Page) -> None:
        told = {name: _plain(value) for name, value in row.details.items()}
        page.event(row.event, "activation", row.activation_id, told)
        page.log(row.time, row.level, row.activation_id, None, told, row.message)
        page.event("log.written", "activation", row.activation_id, {"message": row.message})

    def _answered(self, row: CommandAnswered, page: _Page) -> None:
        state = CommandState.DONE if row.code is None else CommandState.REFUSED
        told = {name: _exact(value) for name, value in row.told.items()}
        page.answers.append(
            ManualAnswer(row.command_id, row.activation_id, state, row.code, told, page.now_ms)
        )
        about = {"activation_id": row.activation_id, "action": row.action, "code": row.code, **told}
        page.event(f"manual.{state.lower()}", "command", row.command_id, about)
        level, ended = ("info", "done") if row.code is None else ("warning", f"refused: {row.code}")
        words = f"by hand: {row.action} was {ended}"
        page.log(row.time, level, row.activation_id, None, about, words)


class _Page:
    """A batch being written."""

    def __init__(self, now_ms: int, runs: Mapping[str, Running]) -> None:
        self.now_ms = now_ms
        self._runs = runs
        self.answers: list[ManualAnswer] = []
        self.signals: dict[str, SignalRecord] = {}
        self.orders: dict[str, Order] = {}
        self.fills: list[FillRecord] = []
        self.trades: dict[str, TradeRecord] = {}
        self.corrected: dict[str, TradeRecord] = {}  # written by an earlier batch
        self.positions: dict[str, PositionRecord] = {}
        self.born: set[str] = set()  # opened in this batch: no earlier one has written them
        self.gone: set[str] = set()
        self.points: dict[tuple[str, int], PortfolioPoint] = {}
        self.latest: dict[str, PortfolioPoint] = {}
        self.events: list[NewEvent] = []
        self.logs: list[LogLine] = []

    def event(self, type_: str, entity: str, entity_id: str, payload: Mapping[str, Any]) -> None:
        """An event of the activation that the payload names; without one the entity is it."""
        owner = self._owner(payload.get("activation_id", entity_id))
        self.events.append(NewEvent(self.now_ms, type_, entity, entity_id, payload, owner))

    def log(
        self, time: int, level: str, activation_id: str, trade_id: str | None,
        details: Mapping[str, Any], message: str,
    ) -> None:  # fmt: skip
        """A line for people, at market time."""
        configuration_id = self._runs[activation_id].activation.configuration_id
        self.logs.append(
            LogLine(
                time, level, message, configuration_id, trade_id, details,
                user_id=self._owner(activation_id),
            )
        )  # fmt: skip

    def _owner(self, activation_id: str) -> str:
        return self._runs[activation_id].activation.user_id


def _portfolio(point: PortfolioPoint) -> dict[str, Any]:
    return {
        "activation_id": point.activation_id, "time": point.time, "equity": to_text(point.equity),
        "cash": to_text(point.cash), "unrealised_pnl": to_text(point.unrealised_pnl),
        "drawdown": to_text(point.drawdown),
    }  # fmt: skip


def _bracket(order: Order) -> dict[str, Any] | None:
    """What an entry brings along, so that a restart before its fill still knows."""
    if order.bracket is None:
        return None
    max_bars, tag = order.plan or (math.nan, None)
    levels = {**order.bracket._asdict(), "max_bars": max_bars}
    return {**{name: v for name, v in levels.items() if not math.isnan(v)}, "tag": tag}


def _sum(value: float) -> Decimal:
    """A sum of quantities without the dust of adding floats."""
    return to_decimal(float(f"{value:.15g}"))


def _level(value: float | None) -> Decimal | None:
    return None if value is None or math.isnan(value) else to_decimal(value)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else to_text(value)


def _exact(value: object) -> object:
    """Numbers of an answer as decimal text, to the last digit."""
    return to_text(to_decimal(value)) if isinstance(value, float) else value


def _plain(value: object) -> object:
    return to_text(money(value)) if isinstance(value, float) else value
