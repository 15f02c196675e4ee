"""ccxt's public calls: what is sent, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ccxt.base.errors import BadSymbol
from sandbox_ccxt import MINUTE, NOW, SPOT, START, USDM, run, seen

from tradepulse.sandbox.server import RunningSandbox


class Case(NamedTuple):
    """A call, the request it must arrive as, and what must be true of the answer."""

    name: str
    kind: str
    request: str
    act: Callable[[Any], Any]
    holds: Callable[[Any], bool]


def _ohlcv(pair: str, **params: Any) -> Callable[[Any], Any]:
    return lambda x: x.fetch_ohlcv(pair, "1m", limit=10, params=params)


CASES = (
    Case("time", "spot", "GET /api/v3/time", lambda x: x.fetch_time(), lambda r: r == NOW),
    Case("bars", "spot", "GET /api/v3/klines", _ohlcv(SPOT),
         lambda r: len(r) == 10 and [b[0] for b in r[-2:]] == [START - MINUTE, START]),
    Case("bars since", "spot", "GET /api/v3/klines",
         lambda x: x.fetch_ohlcv(SPOT, "1m", START - 30 * MINUTE, 5),
         lambda r: [b[0] for b in r] == [START + k * MINUTE for k in range(-30, -25)]),
    Case("bars until", "spot", "GET /api/v3/klines",
         lambda x: x.fetch_ohlcv(SPOT, "1m", START - 30 * MINUTE, 500,
                                 {"until": START - 28 * MINUTE}),
         lambda r: [b[0] for b in r] == [START + k * MINUTE for k in (-30, -29, -28)]),
    Case("coarser bars", "spot", "GET /api/v3/klines",
         lambda x: x.fetch_ohlcv(SPOT, "15m", START - 30 * MINUTE),
         lambda r: r[0][0] == START - 30 * MINUTE and r[0][5] == pytest.approx(15 * 50)),
    Case("trades", "spot", "GET /api/v3/aggTrades", lambda x: x.fetch_trades(SPOT, limit=5),
         lambda r: len(r) == 5 and r[0]["symbol"] == SPOT and r[0]["timestamp"] <= NOW),
    Case("trades since", "spot", "GET /api/v3/aggTrades",
         lambda x: x.fetch_trades(SPOT, since=START - 5 * MINUTE),
         lambda r: r and all(t["timestamp"] >= START - 5 * MINUTE for t in r)),
    Case("book", "spot", "GET /api/v3/depth", lambda x: x.fetch_order_book(SPOT, 10),
         lambda r: r["bids"][0][0] < r["asks"][0][0] and len(r["bids"]) == 10),
    Case("ticker", "spot", "GET /api/v3/ticker/24hr", lambda x: x.fetch_ticker(SPOT),
         lambda r: r["symbol"] == SPOT and r["last"] == 60_000 and r["bid"] < r["ask"]),
    Case("tickers", "spot", "GET /api/v3/ticker/24hr",
         lambda x: x.fetch_tickers([SPOT, "ETH/USDT"]), lambda r: set(r) == {SPOT, "ETH/USDT"}),
    Case("best prices", "spot", "GET /api/v3/ticker/bookTicker",
         lambda x: x.fetch_bids_asks([SPOT]), lambda r: r[SPOT]["bid"] < r[SPOT]["ask"]),
    Case("last prices", "spot", "GET /api/v3/ticker/price", lambda x: x.fetch_last_prices([SPOT]),
         lambda r: r[SPOT]["price"] == 60_000),
    Case("status", "spot", "GET /sapi/v1/system/status", lambda x: x.fetch_status(),
         lambda r: r["status"] == "ok"),
    Case("average price", "spot", "GET /api/v3/avgPrice",
         lambda x: x.public_get_avgprice({"symbol": "BTCUSDT"}),
         lambda r: float(r["price"]) == pytest.approx(60_000, rel=1e-3)),
    Case("ping", "spot", "GET /api/v3/ping", lambda x: x.public_get_ping(), lambda r: r == {}),
    Case("raw trades", "spot", "GET /api/v3/trades",
         lambda x: x.fetch_trades(SPOT, limit=3, params={"fetchTradesMethod": "publicGetTrades"}),
         lambda r: len(r) == 3 and r[-1]["price"] == 60_000),
    Case("time", "swap", "GET /fapi/v1/time", lambda x: x.fetch_time(), lambda r: r == NOW),
    Case("bars", "swap", "GET /fapi/v1/klines", _ohlcv(USDM),
         lambda r: len(r) == 10 and r[-1][0] == START),
    Case("mark bars", "swap", "GET /fapi/v1/markPriceKlines", _ohlcv(USDM, price="mark"),
         lambda r: len(r) == 10),
    Case("index bars", "swap", "GET /fapi/v1/indexPriceKlines", _ohlcv(USDM, price="index"),
         lambda r: len(r) == 10),
    Case("trades", "swap", "GET /fapi/v1/aggTrades", lambda x: x.fetch_trades(USDM, limit=5),
         lambda r: len(r) == 5 and r[0]["symbol"] == USDM),
    Case("book", "swap", "GET /fapi/v1/depth", lambda x: x.fetch_order_book(USDM, 10),
         lambda r: r["bids"][0][0] < r["asks"][0][0] and r["nonce"]),
    Case("ticker", "swap", "GET /fapi/v1/ticker/24hr", lambda x: x.fetch_ticker(USDM),
         lambda r: r["symbol"] == USDM and r["last"] == 60_000 and r["bid"] is None),
    Case("tickers", "swap", "GET /fapi/v1/ticker/24hr", lambda x: x.fetch_tickers(),
         lambda r: set(r) == {USDM}),
    Case("best prices", "swap", "GET /fapi/v1/ticker/bookTicker",
         lambda x: x.fetch_bids_asks([USDM]), lambda r: r[USDM]["timestamp"] == NOW),
    Case("mark", "swap", "GET /fapi/v1/premiumIndex", lambda x: x.fetch_mark_price(USDM),
         lambda r: r["markPrice"] == pytest.approx(60_000, rel=1e-3)),
    Case("funding", "swap", "GET /fapi/v1/premiumIndex", lambda x: x.fetch_funding_rate(USDM),
         lambda r: r["fundingRate"] == 0.0001 and r["fundingTimestamp"] > START),
    Case("all funding", "swap", "GET /fapi/v1/premiumIndex", lambda x: x.fetch_funding_rates(),
         lambda r: set(r) == {USDM}),
    Case("funding history", "swap", "GET /fapi/v1/fundingRate",
         lambda x: x.fetch_funding_rate_history(USDM),
         lambda r: [f["timestamp"] for f in r] == [START]),
    Case("funding intervals", "swap", "GET /fapi/v1/fundingInfo",
         lambda x: x.fetch_funding_intervals(), lambda r: r[USDM]["interval"] == "8h"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.name}")
def test_a_public_call(sandbox: RunningSandbox, case: Case) -> None:
    before = seen(sandbox).get(case.request, 0)
    answer = run(sandbox, case.act, case.kind)
    assert seen(sandbox).get(case.request, 0) == before + 1
    assert case.holds(answer), answer


def test_markets_carry_the_filters(sandbox: RunningSandbox) -> None:
    async def markets(exchange: Any) -> Any:
        return exchange.markets

    spot, swap = run(sandbox, markets)[SPOT], run(sandbox, markets, "swap")[USDM]
    assert (spot["precision"]["price"], spot["precision"]["amount"]) == (0.01, 0.00001)
    assert (swap["precision"]["price"], swap["precision"]["amount"]) == (0.1, 0.001)
    assert spot["limits"]["cost"]["min"] == 5
    assert swap["limits"]["cost"]["min"] == 100
    assert spot["limits"]["market"]["max"] == 100
    assert (spot["active"], swap["active"], swap["linear"], swap["swap"]) == (True,) * 4


def test_what_ccxt_asks_with_its_own_defaults(sandbox: RunningSandbox) -> None:
    async def load(exchange: Any) -> Any:
        return set(exchange.currencies)

    types = {"types": ["spot", "linear"]}
    found = run(sandbox, load, fetchCurrencies=True, fetchMargins=True, fetchMarkets=types)
    assert {"BTC", "ETH", "USDT"} <= found
    assert seen(sandbox)["GET /sapi/v1/capital/config/getall"] == 1


def test_an_unknown_symbol_is_refused(sandbox: RunningSandbox) -> None:
    async def ask(exchange: Any) -> None:
        with pytest.raises(BadSymbol, match="-1121"):
            await exchange.public_get_klines({"symbol": "NOPEUSDT", "interval": "1m"})

    run(sandbox, ask)


def test_a_replay_moves_every_answer(sandbox: RunningSandbox) -> None:
    async def look(exchange: Any) -> Any:
        sandbox.step(5 * MINUTE)
        return await exchange.fetch_ticker(SPOT), await exchange.fetch_ohlcv(SPOT, "1m", limit=2)

    ticker, rows = run(sandbox, look)
    assert ticker["last"] == 59_000
    assert [row[0] for row in rows] == [START + 4 * MINUTE, START + 5 * MINUTE]
