"""Names of public streams: `btcusdt@kline_1m`, `ethusdt@depth20@100ms`, `!miniTicker@arr`."""

from __future__ import annotations

import re
from typing import NamedTuple

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.market import SandboxMarket

_SPEED = r"(?:@(?:100|250|500|1000)ms)?"
_SHAPES = (
    ("kline", re.compile(r"kline_(\w+)")),
    ("trade", re.compile(r"trade")),
    ("aggTrade", re.compile(r"aggTrade")),
    ("depth", re.compile(rf"depth{_SPEED}")),
    ("partialDepth", re.compile(rf"depth(5|10|20){_SPEED}")),
    ("bookTicker", re.compile(r"bookTicker")),
    ("miniTicker", re.compile(r"miniTicker(?:@arr)?")),
    ("ticker", re.compile(r"ticker(?:@arr)?")),
    ("markPrice", re.compile(r"markPrice(?:@arr)?(?:@1s)?")),
    ("forceOrder", re.compile(r"forceOrder")),
)
_FUTURES_ONLY = ("markPrice", "forceOrder")


class Stream(NamedTuple):
    """A public stream. `symbol` is empty for a stream of all; `detail` an interval or a depth."""

    market: Market
    symbol: str
    kind: str
    detail: str


def read_stream(market: SandboxMarket, venue: Market, name: str) -> Stream:
    """The stream of a name. Error: `VenueError` -1121 for a symbol that is not there, -1130 for
    a name that is no stream. Binance takes any name and stays silent: a typing error then looks
    like a quiet market."""
    symbol, at, rest = name.partition("@")
    if name.startswith("!"):
        symbol, at, rest = "", "@", name[1:]
    for kind, shape in _SHAPES:
        found = shape.fullmatch(rest)
        if found is None or not at or (kind in _FUTURES_ONLY and venue is Market.SPOT):
            continue
        if symbol:
            market.spec(venue, symbol.upper())
        detail = found[1] if shape.groups else ""
        return Stream(venue, symbol.upper(), kind, detail)
    raise VenueError(-1130, f"Data sent for parameter 'params' is not valid: {name!r}.")
