"""What a kline frame says and ccxt drops: that its bar is closed, and when it was sent.

Binance, Bybit and OKX mark the last frame of a bar. With the mark a bar is final the moment it
closes; without it one must wait for its successor and ask REST. ccxt keeps neither the mark nor the
event's time, so the frame is read here once more, beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tradepulse.exchanges.bar_closing import Bar


class Frame(NamedTuple):
    """One frame of a stream of bars. `sent_ms`: the venue's time of it, None where it has none."""

    symbol: str
    timeframe: str
    bar: Bar
    final: bool
    sent_ms: int | None


Reader = Callable[[Any, Any, Mapping[str, Any]], Iterator[Frame]]


def marks_closed(client: Any) -> bool:
    """Whether the venue's frames say that a bar is closed."""
    return str(client.id) in _READERS


def frames(client: Any, socket: Any, message: Any) -> Iterator[Frame]:
    """The bars in a message that `client` received on `socket`; none in most messages."""
    read = _READERS.get(str(client.id))
    if read is not None and isinstance(message, Mapping):
        yield from read(client, socket, message)


def _binance(client: Any, socket: Any, message: Mapping[str, Any]) -> Iterator[Frame]:
    event = message.get("data", message)
    if not isinstance(event, Mapping) or event.get("e") != "kline":
        return
    kline = event["k"]
    kind = "spot" if client.is_spot_url(socket) else "contract"
    yield Frame(
        client.safe_symbol(kline["s"], None, None, kind), client.find_timeframe(kline["i"]),
        _bar(kline["t"], kline["o"], kline["h"], kline["l"], kline["c"], kline["v"]),
        bool(kline["x"]), int(event["E"]),
    )  # fmt: skip


def _bybit(client: Any, socket: Any, message: Mapping[str, Any]) -> Iterator[Frame]:
    if not str(message.get("topic", "")).startswith("kline."):
        return
    _, timeframe, market_id = message["topic"].split(".")
    kind = "spot" if "spot" in socket.url else "contract"
    symbol = client.safe_symbol(market_id, None, None, kind)
    for row in message["data"]:
        yield Frame(
            symbol, client.find_timeframe(timeframe),
            _bar(row["start"], row["open"], row["high"], row["low"], row["close"], row["volume"]),
            bool(row["confirm"]), int(row["timestamp"]),
        )  # fmt: skip


def _okx(client: Any, _socket: Any, message: Mapping[str, Any]) -> Iterator[Frame]:
    channel = str(message.get("arg", {}).get("channel", ""))
    if not channel.startswith("candle") or "data" not in message:
        return
    market = client.safe_market(message["arg"]["instId"])
    timeframe = client.find_timeframe(channel.removeprefix("candle"))
    # Contracts are counted in column 5; the coins they stand for in column 6.
    volume = 5 if market["spot"] else 6
    for row in message["data"]:
        yield Frame(
            market["symbol"], timeframe, _bar(*row[:5], row[volume]), str(row[8]) == "1", None
        )


_READERS: dict[str, Reader] = {
    "binance": _binance, "binanceusdm": _binance, "bybit": _bybit, "okx": _okx,
}  # fmt: skip


def _bar(time: Any, *numbers: Any) -> Bar:
    return Bar(int(time), *(float(number) for number in numbers))
