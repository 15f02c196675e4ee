"""The mark of a closed bar, read from the frames of three venues."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tradepulse.domain.instrument import Market
from tradepulse.exchanges.bar_closing import Bar
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.closed_marks import Frame, frames, marks_closed

T0 = 1_749_513_600_000
BAR = Bar(T0, 100.0, 110.0, 90.0, 105.0, 2.5)


def kline(final: bool) -> dict[str, Any]:
    row = {"t": T0, "s": "BTCUSDT", "i": "1m", "o": "100", "h": "110", "l": "90", "c": "105"}
    return {"e": "kline", "E": T0 + 7, "s": "BTCUSDT", "k": {**row, "v": "2.5", "x": final}}


def candle(final: bool) -> dict[str, Any]:
    row = {"start": T0, "open": "100", "high": "110", "low": "90", "close": "105"}
    row |= {"volume": "2.5", "confirm": final, "timestamp": T0 + 7}
    return {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": T0 + 7, "data": [row]}


def row(final: bool, instrument: str = "BTC-USDT") -> dict[str, Any]:
    numbers = ["100", "110", "90", "105", "2.5", "0.025", "250"]
    return {
        "arg": {"channel": "candle1m", "instId": instrument},
        "data": [[str(T0), *numbers, "1" if final else "0"]],
    }


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize(
    ("exchange", "message", "url", "sent"),
    [
        ("binance", kline, "wss://stream.binance.com/stream", T0 + 7),
        ("binance", lambda final: {"stream": "x", "data": kline(final)}, "ws://x/stream", T0 + 7),
        ("bybit", candle, "wss://stream.bybit.com/v5/public/spot", T0 + 7),
        ("okx", row, "wss://ws.okx.com/ws/v5/business", None),
    ],
)
def test_a_frame_is_read(
    exchange: str, message: Any, url: str, sent: int | None, final: bool
) -> None:
    client = _client(exchange, "BTC/USDT", Market.SPOT)
    (frame,) = frames(client, SimpleNamespace(url=url), message(final))
    assert frame == Frame("BTC/USDT", "1m", BAR, final, sent)


@pytest.mark.parametrize(
    ("exchange", "message", "url", "volume"),
    [
        ("binance", kline(True), "wss://fstream.binance.com/ws", 2.5),
        ("bybit", candle(True), "wss://stream.bybit.com/v5/public/linear", 2.5),
        # Contracts are counted, coins are meant.
        ("okx", row(True, "BTC-USDT-SWAP"), "wss://ws.okx.com/ws/v5/business", 0.025),
    ],
)
def test_contracts_are_not_spot(exchange: str, message: Any, url: str, volume: float) -> None:
    client = _client(exchange, "BTC/USDT:USDT", Market.PERPETUAL)
    (frame,) = frames(client, SimpleNamespace(url=url), message)
    assert (frame.symbol, frame.bar.volume) == ("BTC/USDT:USDT", volume)


@pytest.mark.parametrize("exchange", ["binance", "bybit", "okx", "kraken"])
@pytest.mark.parametrize(
    "message",
    [{}, [], "pong", {"result": None, "id": 1}, {"e": "trade", "p": "1"}, {"topic": "tickers.X"},
     {"arg": {"channel": "candle1m"}, "event": "subscribe"}, {"data": [1, 2]}],
)  # fmt: skip
def test_other_messages_are_none_of_its_business(exchange: str, message: Any) -> None:
    client = _client(exchange, "BTC/USDT", Market.SPOT)
    assert list(frames(client, SimpleNamespace(url="ws://x"), message)) == []


def test_kraken_and_coinbase_mark_nothing() -> None:
    assert marks_closed(SimpleNamespace(id="binance"))
    assert not marks_closed(SimpleNamespace(id="kraken"))
    assert not marks_closed(SimpleNamespace(id="coinbase"))


def _client(exchange: str, symbol: str, market: Market) -> Any:
    client = open_client(exchange, market)
    dashed = "BTC-USDT" if market is Market.SPOT else "BTC-USDT-SWAP"
    client.set_markets([{
        "id": dashed if exchange == "okx" else "BTCUSDT", "symbol": symbol, "base": "BTC",
        "quote": "USDT", "spot": market is Market.SPOT, "contract": market is not Market.SPOT,
        "type": "spot" if market is Market.SPOT else "swap", "swap": market is not Market.SPOT,
        "linear": market is not Market.SPOT,
    }])  # fmt: skip
    return client
