"""Spot orders, trades and accounts as Binance writes them, in answers and in user data."""

from __future__ import annotations

from collections.abc import Sequence

from tradepulse.sandbox.events import BalanceEvent, ListStatus, OrderEvent
from tradepulse.sandbox.server.market_json import Row, text
from tradepulse.sandbox.values import ZERO, AssetBalance, OcoList, SandboxOrder, Trade

_UNTOUCHED = "NONE"


def _state(order: SandboxOrder) -> Row:
    row: Row = {
        "symbol": order.symbol, "orderId": order.order_id, "orderListId": order.list_id,
        "clientOrderId": order.client_id, "price": text(order.price),
        "origQty": text(order.quantity), "executedQty": text(order.executed),
        "origQuoteOrderQty": text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.quote_executed), "status": order.status,
        "timeInForce": order.time_in_force, "type": order.type, "side": order.side,
        "workingTime": -1 if order.working_time is None else order.working_time,
        "selfTradePreventionMode": _UNTOUCHED,
    }  # fmt: skip
    if order.stop_price:
        row["stopPrice"] = text(order.stop_price)
    if order.trailing_delta is not None:
        row["trailingDelta"] = order.trailing_delta
    return row


def order_row(order: SandboxOrder) -> Row:
    """An order in the answer to a query."""
    return _state(order) | {
        "stopPrice": text(order.stop_price), "icebergQty": "0", "time": order.time,
        "updateTime": order.update_time, "isWorking": order.is_working,
    }  # fmt: skip


def placed_row(order: SandboxOrder, trades: Sequence[Trade], response: str) -> Row:
    """The answer to a new order: `response` is ACK, RESULT or FULL (with its fills)."""
    if response == "ACK":
        return {
            "symbol": order.symbol, "orderId": order.order_id, "orderListId": order.list_id,
            "clientOrderId": order.client_id, "transactTime": order.update_time,
        }  # fmt: skip
    row = _state(order) | {"transactTime": order.update_time}
    if response == "FULL":
        row["fills"] = [
            {
                "price": text(t.price), "qty": text(t.quantity), "commission": text(t.commission),
                "commissionAsset": t.commission_asset, "tradeId": t.trade_id,
            }
            for t in trades
        ]  # fmt: skip
    return row


def cancelled_row(order: SandboxOrder, command_id: str) -> Row:
    """The answer to a cancel: `clientOrderId` is the cancel's own id."""
    return _state(order) | {
        "clientOrderId": command_id, "origClientOrderId": order.client_id,
        "transactTime": order.update_time,
    }  # fmt: skip


def trade_row(trade: Trade) -> Row:
    """A row of myTrades."""
    return {
        "symbol": trade.symbol, "id": trade.trade_id, "orderId": trade.order_id,
        "orderListId": trade.list_id, "price": text(trade.price), "qty": text(trade.quantity),
        "quoteQty": text(trade.quote_quantity), "commission": text(trade.commission),
        "commissionAsset": trade.commission_asset, "time": trade.time,
        "isBuyer": trade.side == "BUY", "isMaker": trade.is_maker, "isBestMatch": True,
    }  # fmt: skip


def list_row(oco: OcoList) -> Row:
    """An OCO list."""
    return {
        "orderListId": oco.list_id, "contingencyType": "OCO", "listStatusType": oco.status_type,
        "listOrderStatus": oco.order_status, "listClientOrderId": oco.client_id,
        "transactionTime": oco.time, "symbol": oco.symbol,
        "orders": [
            {"symbol": oco.symbol, "orderId": number, "clientOrderId": client_id}
            for number, client_id in oco.legs
        ],
    }  # fmt: skip


def account_row(
    balances: Sequence[AssetBalance], now: int, maker_bps: str, taker_bps: str, number: int
) -> Row:
    return {
        "makerCommission": int(float(maker_bps)), "takerCommission": int(float(taker_bps)),
        "buyerCommission": 0, "sellerCommission": 0, "canTrade": True, "canWithdraw": True,
        "canDeposit": True, "brokered": False, "requireSelfTradePrevention": False,
        "preventSor": False, "updateTime": now, "accountType": "SPOT",
        "balances": [
            {"asset": b.asset, "free": text(b.free), "locked": text(b.locked)} for b in balances
        ],
        "permissions": ["SPOT"], "uid": number,
    }  # fmt: skip


# --- user data ------------------------------------------------------------------------------------
def execution_report(event: OrderEvent) -> Row:
    order, trade = event.order, event.trade
    cancelled = event.command_id is not None
    return {
        "e": "executionReport", "E": event.time, "s": order.symbol,
        "c": event.command_id if cancelled else order.client_id, "S": order.side, "o": order.type,
        "f": order.time_in_force, "q": text(order.quantity), "p": text(order.price),
        "P": text(order.stop_price), "F": "0", "g": order.list_id,
        "C": order.client_id if cancelled else "", "x": event.execution, "X": order.status,
        "r": "NONE", "i": order.order_id, "l": text(trade.quantity if trade else ZERO),
        "z": text(order.executed), "L": text(trade.price if trade else ZERO),
        "n": text(trade.commission if trade else ZERO),
        "N": trade.commission_asset if trade else None, "T": event.time,
        "t": trade.trade_id if trade else -1, "I": order.order_id, "w": order.is_working,
        "m": trade.is_maker if trade else False, "M": False, "O": order.time,
        "Z": text(order.quote_executed), "Y": text(trade.quote_quantity if trade else ZERO),
        "Q": text(order.quote_quantity), "W": order.working_time, "V": _UNTOUCHED,
    }  # fmt: skip


def account_position(event: BalanceEvent) -> Row:
    return {
        "e": "outboundAccountPosition", "E": event.time, "u": event.time,
        "B": [{"a": b.asset, "f": text(b.free), "l": text(b.locked)} for b in event.balances],
    }  # fmt: skip


def list_status(event: ListStatus) -> Row:
    oco = event.oco
    return {
        "e": "listStatus", "E": event.time, "s": oco.symbol, "g": oco.list_id, "c": "OCO",
        "l": oco.status_type, "L": oco.order_status, "r": "NONE", "C": oco.client_id,
        "T": event.time,
        "O": [{"s": oco.symbol, "i": number, "c": client_id} for number, client_id in oco.legs],
    }  # fmt: skip
