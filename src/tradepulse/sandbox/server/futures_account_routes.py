"""USD-M routes of one account: wallet, positions, leverage, margin, income, listen key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server import futures_json
from tradepulse.sandbox.server.futures_routes import signed
from tradepulse.sandbox.server.market_json import text
from tradepulse.sandbox.server.routing import Access, Call, Route, missing

_USDM = Market.PERPETUAL
_SUCCESS = {"code": 200, "msg": "success"}
_ADD, _TAKE = 1, 2


def _account(call: Call) -> Any:
    market = call.exchange.market
    return futures_json.account_row(market.futures_assets(call.key), market.positions(call.key))


def _account_v3(call: Call) -> Any:
    """Version 3 names only the positions that are open."""
    market = call.exchange.market
    held = [p for p in market.positions(call.key) if p.amount]
    return futures_json.account_row(market.futures_assets(call.key), held)


def _balance(call: Call) -> Any:
    return [futures_json.balance_row(a) for a in call.exchange.market.futures_assets(call.key)]


def _positions_v2(call: Call) -> Any:
    market = call.exchange.market
    return [
        futures_json.position_row(p, 2, market.spec(_USDM, p.symbol).quote)
        for p in market.positions(call.key, call.maybe("symbol"))
    ]


def _positions_v3(call: Call) -> Any:
    market = call.exchange.market
    return [
        futures_json.position_row(p, 3, market.spec(_USDM, p.symbol).quote)
        for p in market.positions(call.key, call.maybe("symbol"))
        if p.amount
    ]


def _set_leverage(call: Call) -> Any:
    leverage = call.whole("leverage")
    if leverage is None:
        raise missing("leverage")
    config = call.exchange.market.set_leverage(call.key, call.text("symbol"), leverage)
    return {
        "symbol": config.symbol, "leverage": config.leverage,
        "maxNotionalValue": text(config.max_notional),
    }  # fmt: skip


def _set_margin_type(call: Call) -> Any:
    call.exchange.market.set_margin_type(
        call.key, call.text("symbol"), call.text("marginType").upper()
    )
    return _SUCCESS


def _change_margin(call: Call) -> Any:
    amount, kind = call.decimal("amount"), call.whole("type")
    if amount is None or kind is None:
        raise missing("amount" if amount is None else "type")
    if kind not in (_ADD, _TAKE) or amount <= 0:
        raise VenueError(-4048 if amount > 0 else -4055, "Amount must be positive.")
    signed_amount = amount if kind == _ADD else -amount
    call.exchange.market.change_position_margin(call.key, call.text("symbol"), signed_amount)
    return {
        "amount": float(amount), "code": 200, "msg": "Successfully modify position margin.",
        "type": kind,
    }  # fmt: skip


def _dual(call: Call) -> Any:
    return {"dualSidePosition": call.exchange.market.is_dual_side(call.key)}


def _set_dual(call: Call) -> Any:
    call.text("dualSidePosition")
    call.exchange.market.set_dual_side(call.key, call.flag("dualSidePosition"))
    return _SUCCESS


def _brackets(call: Call) -> Any:
    brackets = call.exchange.market.brackets(call.maybe("symbol"))
    return [futures_json.bracket_row(symbol, rows) for symbol, rows in brackets.items()]


def _configs(call: Call) -> Any:
    configs = call.exchange.market.symbol_configs(call.key, call.maybe("symbol"))
    return [futures_json.config_row(config) for config in configs]


def _income(call: Call) -> Any:
    rows = call.exchange.market.income(
        call.key, call.cut(default=100), symbol=call.maybe("symbol"), kind=call.maybe("incomeType")
    )
    return [futures_json.income_row(income) for income in rows]


def _commission(call: Call) -> Any:
    spec = call.exchange.market.spec(_USDM, call.text("symbol"))
    per_bp = Decimal(10_000)
    return {
        "symbol": spec.symbol, "makerCommissionRate": text(spec.maker_bps / per_bp),
        "takerCommissionRate": text(spec.taker_bps / per_bp),
    }  # fmt: skip


def _open_stream(call: Call) -> Any:
    return {"listenKey": call.exchange.listen_key(call.key)}


def _keep_stream(call: Call) -> Any:
    return {"listenKey": call.exchange.extend_listen_key(call.key)}


def _close_stream(call: Call) -> Any:
    call.exchange.drop_listen_key(call.key)
    return {}


def _listen_key(method: str, handle: Any) -> Route:
    # `subType` is no parameter of Binance's, but ccxt's watch_balance sends it along.
    return Route(method, "/fapi/v1/listenKey", _USDM, handle, "listenKey subType", Access.KEY)


ROUTES = (
    signed("GET", "/fapi/v2/account", _account, "", 5),
    signed("GET", "/fapi/v3/account", _account_v3, "", 5),
    signed("GET", "/fapi/v2/balance", _balance, "", 5),
    signed("GET", "/fapi/v3/balance", _balance, "", 5),
    # `useV2` is no parameter of Binance's, but ccxt passes its own wish for that version on.
    signed("GET", "/fapi/v2/positionRisk", _positions_v2, "symbol useV2", 5),
    signed("GET", "/fapi/v3/positionRisk", _positions_v3, "symbol", 5),
    signed("POST", "/fapi/v1/leverage", _set_leverage, "symbol* leverage*"),
    signed("POST", "/fapi/v1/marginType", _set_margin_type, "symbol* marginType*"),
    signed("POST", "/fapi/v1/positionMargin", _change_margin, "symbol* amount* type* positionSide"),
    signed("GET", "/fapi/v1/positionSide/dual", _dual, "", 30),
    signed("POST", "/fapi/v1/positionSide/dual", _set_dual, "dualSidePosition*"),
    signed("GET", "/fapi/v1/leverageBracket", _brackets, "symbol useV2"),
    signed("GET", "/fapi/v1/symbolConfig", _configs, "symbol", 5),
    signed("GET", "/fapi/v1/income", _income,
           "symbol incomeType startTime endTime page limit", 30),
    signed("GET", "/fapi/v1/commissionRate", _commission, "symbol*", 20),
    _listen_key("POST", _open_stream),
    _listen_key("PUT", _keep_stream),
    _listen_key("DELETE", _close_stream),
)  # fmt: skip
