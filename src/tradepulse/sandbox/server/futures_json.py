"""USD-M orders, positions and accounts as Binance writes them, in answers and in user data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tradepulse.sandbox.events import AlgoEvent, ConfigEvent, OrderEvent, PositionEvent
from tradepulse.sandbox.server.market_json import Row, rounded, text
from tradepulse.sandbox.symbols import LeverageBracket
from tradepulse.sandbox.values import (
    ZERO,
    AlgoOrder,
    FuturesAsset,
    FuturesPosition,
    Income,
    SandboxOrder,
    SymbolConfig,
    Trade,
)


def order_row(order: SandboxOrder) -> Row:
    """An order in any answer."""
    return {
        "orderId": order.order_id, "symbol": order.symbol, "status": order.status,
        "clientOrderId": order.client_id, "price": text(order.price),
        "avgPrice": rounded(order.average_price), "origQty": text(order.quantity),
        "executedQty": text(order.executed), "cumQty": text(order.executed),
        "cumQuote": text(order.quote_executed), "timeInForce": order.time_in_force,
        "type": order.type, "reduceOnly": order.reduce_only,
        "closePosition": order.close_position, "side": order.side,
        "positionSide": order.position_side, "stopPrice": text(order.stop_price),
        "workingType": order.working_type, "priceProtect": order.price_protect,
        "origType": order.original_type or order.type, "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE", "goodTillDate": 0, "time": order.time,
        "updateTime": order.update_time,
    }  # fmt: skip


def algo_row(algo: AlgoOrder) -> Row:
    """A conditional order in any answer."""
    return {
        "algoId": algo.algo_id, "clientAlgoId": algo.client_id, "algoType": "CONDITIONAL",
        "orderType": algo.type, "symbol": algo.symbol, "side": algo.side,
        "positionSide": algo.position_side, "timeInForce": algo.time_in_force,
        "quantity": text(algo.quantity), "algoStatus": algo.status,
        "triggerPrice": text(algo.trigger_price), "price": text(algo.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": "NONE", "workingType": algo.working_type, "priceMatch": "NONE",
        "closePosition": algo.close_position, "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
        "activatePrice": "" if algo.activation_price is None else text(algo.activation_price),
        "callbackRate": "" if algo.callback_rate is None else text(algo.callback_rate),
        "createTime": algo.time, "updateTime": algo.update_time,
        "triggerTime": algo.trigger_time or 0, "goodTillDate": 0,
        "actualOrderId": "" if algo.actual_order_id is None else str(algo.actual_order_id),
        "actualPrice": rounded(algo.actual_price), "actualQty": text(algo.actual_quantity),
    }  # fmt: skip


def trade_row(trade: Trade) -> Row:
    """A row of userTrades."""
    return {
        "symbol": trade.symbol, "id": trade.trade_id, "orderId": trade.order_id,
        "side": trade.side, "price": text(trade.price), "qty": text(trade.quantity),
        "realizedPnl": text(trade.realised), "quoteQty": text(trade.quote_quantity),
        "commission": text(trade.commission), "commissionAsset": trade.commission_asset,
        "time": trade.time, "positionSide": trade.position_side, "buyer": trade.side == "BUY",
        "maker": trade.is_maker,
    }  # fmt: skip


def _asset_row(asset: FuturesAsset) -> Row:
    return {
        "asset": asset.asset, "walletBalance": text(asset.wallet),
        "unrealizedProfit": text(asset.unrealised), "marginBalance": text(asset.margin),
        "maintMargin": text(asset.maintenance_margin), "initialMargin": text(asset.initial_margin),
        "positionInitialMargin": text(asset.position_margin),
        "openOrderInitialMargin": text(asset.order_margin),
        "crossWalletBalance": text(asset.wallet), "crossUnPnl": "0",
        "availableBalance": text(asset.available), "maxWithdrawAmount": text(asset.available),
        "marginAvailable": True, "updateTime": asset.update_time,
    }  # fmt: skip


def balance_row(asset: FuturesAsset) -> Row:
    """A row of the balance endpoint."""
    return {
        "accountAlias": "sandbox", "asset": asset.asset, "balance": text(asset.wallet),
        "crossWalletBalance": text(asset.wallet), "crossUnPnl": text(asset.unrealised),
        "availableBalance": text(asset.available), "maxWithdrawAmount": text(asset.available),
        "marginAvailable": True, "updateTime": asset.update_time,
    }  # fmt: skip


def account_row(assets: Sequence[FuturesAsset], positions: Sequence[FuturesPosition]) -> Row:
    totals = {
        "totalInitialMargin": sum((a.initial_margin for a in assets), ZERO),
        "totalMaintMargin": sum((a.maintenance_margin for a in assets), ZERO),
        "totalWalletBalance": sum((a.wallet for a in assets), ZERO),
        "totalUnrealizedProfit": sum((a.unrealised for a in assets), ZERO),
        "totalMarginBalance": sum((a.margin for a in assets), ZERO),
        "totalPositionInitialMargin": sum((a.position_margin for a in assets), ZERO),
        "totalOpenOrderInitialMargin": sum((a.order_margin for a in assets), ZERO),
        "availableBalance": sum((a.available for a in assets), ZERO),
    }
    return {
        **{name: text(value) for name, value in totals.items()},
        "feeTier": 0, "canTrade": True, "canDeposit": True, "canWithdraw": True,
        "multiAssetsMargin": False, "updateTime": max((a.update_time for a in assets), default=0),
        "assets": [_asset_row(a) for a in assets],
        "positions": [_account_position(p) for p in positions],
    }  # fmt: skip


def _account_position(p: FuturesPosition) -> Row:
    return {
        "symbol": p.symbol, "positionSide": p.position_side, "positionAmt": text(p.amount),
        "entryPrice": rounded(p.entry_price), "unrealizedProfit": text(p.unrealised),
        "isolatedMargin": text(_isolated_margin(p)), "notional": text(p.notional),
        "isolatedWallet": text(p.isolated_wallet), "initialMargin": text(p.initial_margin),
        "maintMargin": text(p.maintenance_margin), "leverage": str(p.leverage),
        "isolated": _is_isolated(p), "updateTime": p.update_time,
    }  # fmt: skip


def _isolated_margin(p: FuturesPosition) -> Decimal:
    return p.isolated_wallet + p.unrealised if _is_isolated(p) else ZERO


def position_row(p: FuturesPosition, version: int, margin_asset: str) -> Row:
    """A row of positionRisk; only version 2 tells leverage and margin type."""
    row: Row = {
        "symbol": p.symbol, "positionSide": p.position_side, "positionAmt": text(p.amount),
        "entryPrice": rounded(p.entry_price), "breakEvenPrice": rounded(p.break_even_price),
        "markPrice": text(p.mark_price), "unRealizedProfit": text(p.unrealised),
        "liquidationPrice": rounded(p.liquidation_price), "notional": text(p.notional),
        "isolatedMargin": text(_isolated_margin(p)), "isolatedWallet": text(p.isolated_wallet),
        "updateTime": p.update_time,
    }  # fmt: skip
    if version == 2:
        return row | {
            "leverage": str(p.leverage), "marginType": _margin_words(p),
            "isAutoAddMargin": "false", "maxNotionalValue": "0",
        }  # fmt: skip
    return row | {
        "marginAsset": margin_asset, "initialMargin": text(p.initial_margin),
        "maintMargin": text(p.maintenance_margin),
        "positionInitialMargin": text(p.initial_margin), "openOrderInitialMargin": "0", "adl": 1,
        "bidNotional": "0", "askNotional": "0",
    }  # fmt: skip


def _is_isolated(p: FuturesPosition) -> bool:
    return p.margin_type.upper() == "ISOLATED"


def _margin_words(p: FuturesPosition) -> str:
    return "isolated" if _is_isolated(p) else "cross"


def bracket_row(symbol: str, brackets: Sequence[LeverageBracket]) -> Row:
    return {
        "symbol": symbol,
        "brackets": [
            {
                "bracket": b.number, "initialLeverage": b.max_leverage,
                "notionalCap": _whole(b.cap), "notionalFloor": _whole(b.floor),
                "maintMarginRatio": float(b.maintenance_rate), "cum": float(b.cumulative),
            }
            for b in brackets
        ],
    }  # fmt: skip


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value())


def config_row(config: SymbolConfig) -> Row:
    return {
        "symbol": config.symbol, "marginType": config.margin_type, "isAutoAddMargin": "false",
        "leverage": config.leverage, "maxNotionalValue": text(config.max_notional),
    }  # fmt: skip


def income_row(income: Income) -> Row:
    return {
        "symbol": income.symbol, "incomeType": income.kind, "income": text(income.amount),
        "asset": income.asset, "info": income.info, "time": income.time,
        "tranId": income.income_id,
        "tradeId": "" if income.trade_id is None else str(income.trade_id),
    }  # fmt: skip


# --- user data ------------------------------------------------------------------------------------
def order_update(event: OrderEvent) -> Row:
    order, trade = event.order, event.trade
    return {
        "e": "ORDER_TRADE_UPDATE", "E": event.time, "T": event.time,
        "o": {
            "s": order.symbol, "c": order.client_id, "S": order.side, "o": order.type,
            "f": order.time_in_force, "q": text(order.quantity), "p": text(order.price),
            "ap": rounded(order.average_price), "sp": text(order.stop_price), "x": event.execution,
            "X": order.status, "i": order.order_id, "l": text(trade.quantity if trade else ZERO),
            "z": text(order.executed), "L": text(trade.price if trade else ZERO),
            "N": trade.commission_asset if trade else None,
            "n": text(trade.commission if trade else ZERO), "T": event.time,
            "t": trade.trade_id if trade else 0, "b": "0", "a": "0",
            "m": trade.is_maker if trade else False, "R": order.reduce_only,
            "wt": order.working_type, "ot": order.original_type or order.type,
            "ps": order.position_side, "cp": order.close_position,
            "rp": text(trade.realised if trade else ZERO), "pP": order.price_protect, "si": 0,
            "ss": 0, "V": "NONE", "pm": "NONE", "gtd": 0,
        },
    }  # fmt: skip


def account_update(event: PositionEvent) -> Row:
    return {
        "e": "ACCOUNT_UPDATE", "E": event.time, "T": event.time,
        "a": {
            "m": event.reason,
            "B": [
                {
                    "a": a.asset, "wb": text(a.wallet), "cw": text(a.wallet),
                    "bc": text(event.change),
                }
                for a in event.assets
            ],
            "P": [
                {
                    "s": p.symbol, "pa": text(p.amount), "ep": rounded(p.entry_price),
                    "bep": rounded(p.break_even_price), "cr": "0", "up": text(p.unrealised),
                    "mt": _margin_words(p), "iw": text(p.isolated_wallet),
                    "ps": p.position_side, "ma": event.assets[0].asset if event.assets else "",
                }
                for p in event.positions
            ],
        },
    }  # fmt: skip


def algo_update(event: AlgoEvent) -> Row:
    algo = event.algo
    return {
        "e": "ALGO_UPDATE", "E": event.time, "T": event.time,
        "o": {
            "caid": algo.client_id, "aid": algo.algo_id, "at": "CONDITIONAL", "o": algo.type,
            "s": algo.symbol, "S": algo.side, "ps": algo.position_side, "f": algo.time_in_force,
            "q": text(algo.quantity), "X": algo.status,
            "ai": "" if algo.actual_order_id is None else str(algo.actual_order_id),
            "ap": text(algo.actual_price), "aq": text(algo.actual_quantity), "act": "0",
            "tp": text(algo.trigger_price), "p": text(algo.price), "V": "NONE",
            "wt": algo.working_type, "pm": "NONE", "cp": algo.close_position,
            "pP": algo.price_protect, "R": algo.reduce_only, "tt": algo.trigger_time or 0,
            "gtd": 0, "rm": algo.reject_reason or "",
        },
    }  # fmt: skip


def config_update(event: ConfigEvent) -> Row:
    return {
        "e": "ACCOUNT_CONFIG_UPDATE", "E": event.time, "T": event.time,
        "ac": {"s": event.symbol, "l": event.leverage},
    }  # fmt: skip
