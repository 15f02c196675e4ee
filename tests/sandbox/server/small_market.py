"""A market of one symbol on each side, and plain sockets to hear it with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Market
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox
from tradepulse.sandbox.symbols import Filters, LeverageBracket, SymbolSpec

KEY, SECRET = "the-key", "the-secret"
START = 1_717_200_000_000  # 2024-06-01 00:00 UTC
MINUTE = 60_000
_PATIENCE_S = 5.0
_BARS = 600


def build_market(bars: int = _BARS) -> SandboxMarket:
    """BTCUSDT on spot and USD-M: a dollar up every minute, from 60,000 on."""
    closes = 60_000.0 + np.arange(bars)
    series = BarSeries(
        START + MINUTE * np.arange(bars, dtype=np.int64), closes - 1, closes + 1, closes - 2,
        closes, np.full(bars, 50.0), MINUTE,
    )  # fmt: skip
    return SandboxMarket([SymbolBars(_spec(market), series) for market in Market], START)


def _spec(market: Market) -> SymbolSpec:
    spot = market is Market.SPOT
    tick, lot = Decimal("0.1"), Decimal("0.001")
    filters = Filters(
        tick=tick, lot=lot, min_price=tick, max_price=Decimal(1_000_000), min_quantity=lot,
        max_quantity=Decimal(1000), market_lot=lot, max_market_quantity=Decimal(100),
        min_notional=Decimal(5),
    )  # fmt: skip
    types = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT") if spot else (
        "LIMIT", "MARKET", "STOP_MARKET",
    )  # fmt: skip
    bracket = LeverageBracket(1, 100, Decimal(0), Decimal(10**7), Decimal("0.004"), Decimal(0))
    return SymbolSpec(
        "BTCUSDT", market, "BTC", "USDT", filters, types, Decimal(10), Decimal(10),
        () if spot else (bracket,),
    )  # fmt: skip


class Ear:
    """One socket: everything that is said on it, and whether it is still open."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def hear(self, patience_s: float = _PATIENCE_S) -> aiohttp.WSMessage:
        """The next message of any kind."""
        return await self.socket.receive(timeout=patience_s)

    async def document(self) -> Any:
        """The next message, which must be JSON."""
        return (await self.hear()).json()

    async def documents(self, count: int) -> list[Any]:
        return [await self.document() for _ in range(count)]

    async def silent(self, seconds: float = 0.15) -> bool:
        """Whether nothing is said for so long."""
        try:
            await self.socket.receive(timeout=seconds)
        except TimeoutError:
            return True
        return False

    async def subscribe(self, *streams: str) -> Any:
        """The answer to a subscription."""
        await self.socket.send_json({"method": "SUBSCRIBE", "params": list(streams), "id": 1})
        return await self.document()


@asynccontextmanager
async def ear(
    sandbox: RunningSandbox, path: str = "/stream/ws", *streams: str
) -> AsyncIterator[Ear]:
    """A socket that listens to `streams`."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.ws_url + path) as socket,
    ):
        listener = Ear(socket)
        if streams:
            assert await listener.subscribe(*streams) == {"result": None, "id": 1}
        yield listener


@asynccontextmanager
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def listen_key(sandbox: RunningSandbox, key: str = KEY) -> str:
    """A USD-M listen key of the account."""
    return sandbox.call(lambda exchange: exchange.listen_key(key))


def trade(sandbox: RunningSandbox, market: Market, quantity: str = "0.01") -> None:
    """A market order of the account, placed inside the sandbox."""
    from tradepulse.sandbox.requests import OrderRequest

    def act(exchange: Any) -> None:
        request = OrderRequest("BTCUSDT", "BUY", "MARKET", quantity=Decimal(quantity))
        exchange.market.place(KEY, market, request)
        exchange.settle()

    sandbox.call(act)


async def settled(seconds: float = 0.05) -> None:
    """Lets what is on the wire arrive."""
    await asyncio.sleep(seconds)
