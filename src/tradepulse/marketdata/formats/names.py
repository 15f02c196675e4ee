"""What names tell: exchange, pair and interval from a file's name and the folders above it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import QUOTES, Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.formats.parsed import Origin
from tradepulse.marketdata.formats.source import Source

T = TypeVar("T")

# As ccxt names them; a name may carry a suffix of the user's own (`binance_windows`).
EXCHANGES = (
    "binance", "binanceusdm", "binancecoinm", "binanceus", "bitfinex", "bitget", "bitmex",
    "bitstamp", "bittrex", "bybit", "cex", "coinbase", "coinex", "cryptocom", "deribit", "dydx",
    "exmo", "gate", "gateio", "gemini", "htx", "huobi", "hyperliquid", "itbit", "kraken",
    "krakenfutures", "kucoin", "kucoinfutures", "mexc", "okcoin", "okx", "phemex", "poloniex",
)  # fmt: skip
_WORDS = {
    "minute": "1m", "1min": "1m", "5min": "5m", "15min": "15m", "30min": "30m", "hour": "1h",
    "hourly": "1h", "1hour": "1h", "d": "1d", "day": "1d", "daily": "1d", "1day": "1d", "w": "1w",
}  # fmt: skip


def exchange_in(word: str) -> str | None:
    """The exchange that `word` names, in lower case with any suffix kept, or None."""
    stem, _, suffix = word.lower().partition("_")
    if stem not in EXCHANGES or not re.fullmatch(r"[a-z0-9_]*", suffix):
        return None
    # `Binance_BTCUSDT_1h` is a file of binance, not an exchange of that name.
    told = any(interval_in(part) or _joined(part) for part in suffix.split("_"))
    return word if suffix and word.islower() and not told else stem


def pair_in(text: str) -> Pair | None:
    """The pair spelt somewhere in `text`, whose words are parted by `_` or `-`, or None.

    `BTC_USDT-5m`, `BTC_USDT_USDT` (freqtrade's perpetual), `Binance_BTCUSDT_1h`, `BTCUSDT-PERP`.
    """
    words = [w for w in re.split(r"[_-]", text.upper()) if not exchange_in(w)]
    for word, then, last in zip(words, [*words[1:], ""], [*words[2:], "", ""], strict=False):
        if then in QUOTES and word not in ("", *QUOTES[:5]):
            return _parse(f"{word}/{then}" + (f":{last}" if last in QUOTES else ""))
        joined = _joined(word)
        if joined is not None:
            return Pair(joined.base, joined.quote, joined.quote) if then == "PERP" else joined
    return None


def _joined(word: str) -> Pair | None:
    """The pair written as one word, `BTCUSDT`."""
    return _parse(word) if word.isalnum() else None


def _parse(text: str) -> Pair | None:
    try:
        return Pair.parse(text)
    except UsageError:
        return None


def interval_in(word: str) -> Interval | None:
    """The interval that `word` is, or None: `5m`, `1d`, `1min`, `minute`, `daily`."""
    try:
        return Interval.parse(_WORDS.get(word.lower(), word.lower()))
    except UsageError:
        return None


def origin_of(source: Source) -> Origin:
    """What the path says, nearest name first, with an inference for each thing found.

    Reads `exchange/BTCUSDT/5m.parquet`, `exchange/BTC-USDT/5m/2024-01.parquet`, and words of a
    file name parted by `_` or `-`, such as `Binance_BTCUSDT_1h.csv`.
    """
    texts = [source.stem, *source.folders[:3]]
    words = [word for text in texts for word in (text, *text.split("-"), *re.split("[_-]", text))]
    exchange = _first(exchange_in, words) or _by_layout(source)
    # Without the exchange's own words: `mark` and `BTC` of `binanceusdm_mark-BTC-USDT` are no pair.
    rest = [text.lower().replace(f"{exchange}-", "") for text in texts]
    return named(exchange, _first(pair_in, rest), _first(interval_in, words), where="the name")


def named(
    exchange: str | None, pair: Pair | None, interval: Interval | None, *, where: str
) -> Origin:
    """An origin whose inferences say that `where` told them."""
    found = {"exchange": exchange, "pair": pair, "interval": interval}
    said = (f"{what} {value} from {where}" for what, value in found.items() if value is not None)
    return Origin(exchange, pair, interval, tuple(said))


def _by_layout(source: Source) -> str | None:
    """The folder over the pair's folder, in our own layout, whatever the exchange is called."""
    for depth in (0, 1):
        above = source.folders[depth : depth + 2]
        inside = source.stem if depth == 0 else source.folders[0]
        if len(above) == 2 and interval_in(inside) and pair_in(above[0]):
            return above[1] if re.fullmatch(r"[a-z0-9][a-z0-9_]*", above[1]) else None
    return None


def _first(reader: Callable[[str], T | None], words: Iterable[str]) -> T | None:
    return next((found for word in words if (found := reader(word)) is not None), None)
