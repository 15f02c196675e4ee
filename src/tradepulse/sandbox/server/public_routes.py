"""Routes that everybody may call: time, symbols, bars, trades, books, tickers, funding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import Tick
from tradepulse.sandbox.server import market_json
from tradepulse.sandbox.server.exchange_info import exchange_info
from tradepulse.sandbox.server.routing import Call, Route, Weight

_SPOT, _USDM = Market.SPOT, Market.PERPETUAL
_MOST_BARS = {_SPOT: 1000, _USDM: 1500}


# --- weights, as Binance publishes them -----------------------------------------------------------
def _limit_of(params: Mapping[str, str], default: int) -> int:
    text = params.get("limit", "")
    return int(text) if text.isdigit() else default


def _steps(default: int, *steps: tuple[int, int]) -> Weight:
    """The weight of the first step whose bound the `limit` asked for does not pass."""

    def weigh(params: Mapping[str, str]) -> int:
        limit = _limit_of(params, default)
        return next((weight for most, weight in steps if limit <= most), steps[-1][1])

    return weigh


def _one_or_all(one: int, everything: int) -> Weight:
    return lambda params: one if "symbol" in params or "symbols" in params else everything


# --- handlers -------------------------------------------------------------------------------------
def _ping(_: Call) -> Any:
    return {}


def _time(call: Call) -> Any:
    return {"serverTime": call.exchange.venue_ms()}


def _exchange_info(call: Call) -> Any:
    exchange, wanted = call.exchange, _symbols(call)
    specs = [s for s in exchange.market.specs(call.market) if wanted is None or s.symbol in wanted]
    return exchange_info(call.market, specs, exchange.settings.limits, exchange.venue_ms())


def _klines(call: Call, price: str = "last", name: str = "symbol") -> Any:
    bars = call.exchange.market.klines(
        call.market, call.text(name), call.text("interval"), start=call.whole("startTime"),
        end=call.whole("endTime"), limit=call.limit(500, _MOST_BARS[call.market]), price=price,
    )  # fmt: skip
    return [market_json.kline_row(bar) for bar in bars]


def _trades(row: Callable[[Tick], Any]) -> Callable[[Call], Any]:
    def handle(call: Call) -> Any:
        trades = call.exchange.market.trades(call.market, call.text("symbol"), call.cut("fromId"))
        return [row(tick) for tick in trades]

    return handle


def _depth(call: Call) -> Any:
    symbol = call.text("symbol")
    book = call.exchange.market.book(call.market, symbol, call.limit(100, 5000))
    call.exchange.streams.level_depth(call.market, symbol)
    return market_json.depth_row(call.market, book)


def _symbols(call: Call) -> list[str] | None:
    """The symbols asked for, None for all of them. Error -1100 for a list that is none."""
    one, several = call.maybe("symbol"), call.maybe("symbols")
    if one is not None:
        found = [one]
    elif several is None:
        return None
    else:
        try:
            found = orjson.loads(several)
        except orjson.JSONDecodeError:
            raise VenueError(
                -1100, "Illegal characters found in parameter 'symbols'; legal range is '[...]'."
            ) from None
    for symbol in found:
        call.exchange.market.spec(call.market, symbol)
    return found


def _per_symbol(call: Call, row: Callable[[str], Any]) -> Any:
    """One row for `symbol`, else a list of rows."""
    if call.maybe("symbol") is not None:
        call.exchange.market.spec(call.market, call.text("symbol"))
        return row(call.text("symbol"))
    wanted = _symbols(call)
    specs = call.exchange.market.specs(call.market)
    return [row(s.symbol) for s in specs if wanted is None or s.symbol in wanted]


def _ticker_24h(call: Call) -> Any:
    market = call.exchange.market
    return _per_symbol(
        call, lambda s: market_json.ticker_row(call.market, market.ticker24h(call.market, s))
    )


def _book_ticker(call: Call) -> Any:
    market = call.exchange.market
    return _per_symbol(
        call, lambda s: market_json.book_ticker_row(call.market, market.book_ticker(call.market, s))
    )


def _price(call: Call) -> Any:
    market = call.exchange.market

    def row(symbol: str) -> Any:
        price = {
            "symbol": symbol, "price": market_json.text(market.last_price(call.market, symbol)),
        }  # fmt: skip
        return price if call.market is _SPOT else {**price, "time": market.now}

    return _per_symbol(call, row)


def _avg_price(call: Call) -> Any:
    market = call.exchange.market
    symbol = call.text("symbol")
    spec = market.spec(call.market, symbol)
    return {
        "mins": spec.filters.average_price_minutes,
        "price": market_json.rounded(market.average_price(symbol)), "closeTime": market.now,
    }  # fmt: skip


def _premium_index(call: Call) -> Any:
    market = call.exchange.market
    return _per_symbol(call, lambda s: market_json.premium_row(market.premium(s)))


def _funding_rates(call: Call) -> Any:
    market = call.exchange.market
    symbol = call.maybe("symbol")
    names = [s.symbol for s in market.specs(_USDM)] if symbol is None else [symbol]
    rates = [
        rate
        for name in names
        for rate in market.funding_rates(
            name, start=call.whole("startTime"), end=call.whole("endTime"),
            limit=call.limit(100, 1000),
        )
    ]  # fmt: skip
    rates.sort(key=lambda rate: rate.time)
    return [market_json.funding_rate_row(rate) for rate in rates]


def _funding_info(call: Call) -> Any:
    return [
        {
            "symbol": spec.symbol, "adjustedFundingRateCap": "0.02",
            "adjustedFundingRateFloor": "-0.02", "fundingIntervalHours": 8, "disclaimer": False,
        }
        for spec in call.exchange.market.specs(_USDM)
    ]  # fmt: skip


_BARS = "interval* startTime endTime limit"
_FUTURES_BARS = _steps(500, (99, 1), (499, 2), (1000, 5), (1500, 10))


def _both(base: str, market: Market) -> tuple[Route, ...]:
    """The routes that spot and USD-M share in all but weight."""
    spot = market is _SPOT

    def route(path: str, handle: Callable[[Call], Any], reads: str, weight: Weight) -> Route:
        return Route("GET", base + path, market, handle, reads, weight=weight)

    trades = _trades(market_json.trade_row)
    several = "symbol symbols" if spot else "symbol"
    depth = (
        _steps(100, (100, 5), (500, 25), (1000, 50), (5000, 250)) if spot
        else _steps(500, (50, 2), (100, 5), (500, 10), (1000, 20))
    )  # fmt: skip
    return (
        route("/ping", _ping, "", 1),
        route("/time", _time, "", 1),
        route("/exchangeInfo", _exchange_info, several + " permissions showPermissionSets",
              20 if spot else 1),
        route("/klines", _klines, f"symbol* {_BARS} timeZone", 2 if spot else _FUTURES_BARS),
        route("/aggTrades", _trades(market_json.agg_trade_row),
              "symbol* fromId startTime endTime limit", 4 if spot else 20),
        route("/trades", trades, "symbol* limit", 25 if spot else 5),
        route("/historicalTrades", trades, "symbol* limit fromId", 25 if spot else 20),
        route("/depth", _depth, "symbol* limit", depth),
        route("/ticker/24hr", _ticker_24h, several + " type",
              _one_or_all(2, 80) if spot else _one_or_all(1, 40)),
        route("/ticker/bookTicker", _book_ticker, several, _one_or_all(2, 4 if spot else 5)),
        route("/ticker/price", _price, several, _one_or_all(2 if spot else 1, 4 if spot else 2)),
    )  # fmt: skip


ROUTES = (
    *_both("/api/v3", _SPOT),
    Route("GET", "/api/v3/avgPrice", _SPOT, _avg_price, "symbol*", weight=2),
    *_both("/fapi/v1", _USDM),
    Route("GET", "/fapi/v2/ticker/price", _USDM, _price, "symbol", weight=_one_or_all(1, 2)),
    Route("GET", "/fapi/v1/premiumIndex", _USDM, _premium_index, "symbol",
          weight=_one_or_all(1, 10)),
    Route("GET", "/fapi/v1/fundingRate", _USDM, _funding_rates, "symbol startTime endTime limit"),
    Route("GET", "/fapi/v1/fundingInfo", _USDM, _funding_info),
    Route("GET", "/fapi/v1/markPriceKlines", _USDM, partial(_klines, price="mark"),
          f"symbol* {_BARS}", weight=_FUTURES_BARS),
    Route("GET", "/fapi/v1/indexPriceKlines", _USDM, partial(_klines, price="index", name="pair"),
          f"pair* {_BARS}", weight=_FUTURES_BARS),
)  # fmt: skip
