"""Unmodified ccxt and ccxt.pro, pointed at a sandbox; and the market they find there.

The price stands at 60,000 for an hour before the start, falls to 59,000 within five minutes after
it, rises to 61,500 within the next ten, and stands there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.pro
import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Market
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox
from tradepulse.sandbox.symbols import Filters, LeverageBracket, SymbolSpec

KEY, SECRET = "the-key", "the-secret"
MINUTE = 60_000
START = 1_717_200_000_000  # 2024-06-01 00:00 UTC
LED_MS = 1000
NOW = START + LED_MS
SPOT, USDM = "BTC/USDT", "BTC/USDT:USDT"
_PATIENCE_S = 10.0

_HISTORY_BARS, _AFTER_BARS = 60, 180
_TURNS = ((0, 60_000.0), (5, 59_000.0), (15, 61_500.0), (_AFTER_BARS, 61_500.0))


def closes() -> np.ndarray:
    """The closes of every minute, from an hour before the start on."""
    after = np.interp(np.arange(1, _AFTER_BARS + 1), *zip(*_TURNS, strict=True))
    return np.concatenate([np.full(_HISTORY_BARS, 60_000.0), after])


def bars(scale: float = 1.0) -> BarSeries:
    """Bars of a minute along `closes`, a dollar of shadow on either side."""
    ends = closes() * scale
    starts = np.concatenate([ends[:1], ends[:-1]])
    times = START + MINUTE * np.arange(-_HISTORY_BARS, _AFTER_BARS, dtype=np.int64)
    return BarSeries(
        times, starts, np.maximum(starts, ends) + 1, np.minimum(starts, ends) - 1, ends,
        np.full(len(ends), 50.0 / scale), MINUTE,
    )  # fmt: skip


def spec(symbol: str, market: Market, *more_types: str) -> SymbolSpec:
    """A symbol with filters like Binance's for BTCUSDT."""
    spot = market is Market.SPOT
    tick, lot = (
        (Decimal("0.01"), Decimal("0.00001")) if spot else (Decimal("0.1"), Decimal("0.001"))
    )
    filters = Filters(
        tick=tick, lot=lot, min_price=tick, max_price=Decimal(1_000_000), min_quantity=lot,
        max_quantity=Decimal(9000 if spot else 1000), market_lot=lot,
        max_market_quantity=Decimal(100), min_notional=Decimal(5 if spot else 100),
    )  # fmt: skip
    types = (
        ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT") if spot else
        ("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
         "TRAILING_STOP_MARKET")
    )  # fmt: skip
    brackets = () if spot else (
        LeverageBracket(1, 125, Decimal(0), Decimal(50_000), Decimal("0.004"), Decimal(0)),
        LeverageBracket(2, 20, Decimal(50_000), Decimal(1_000_000), Decimal("0.025"),
                        Decimal(1050)),
    )  # fmt: skip
    fees = (Decimal(10), Decimal(10)) if spot else (Decimal(5), Decimal(2))
    return SymbolSpec(
        symbol, market, symbol.removesuffix("USDT"), "USDT", filters, (*types, *more_types),
        fees[0], fees[1], brackets,
    )  # fmt: skip


def build_market() -> SandboxMarket:
    """BTCUSDT spot and USD-M, and ETHUSDT spot, which takes stops at the market too."""
    return SandboxMarket(
        [
            SymbolBars(spec("BTCUSDT", Market.SPOT), bars()),
            SymbolBars(spec("ETHUSDT", Market.SPOT, "STOP_LOSS", "TAKE_PROFIT"), bars(0.05)),
            SymbolBars(spec("BTCUSDT", Market.PERPETUAL), bars()),
        ],
        START,
    )


def urls(sandbox: RunningSandbox) -> dict[str, Any]:
    """ccxt's addresses of binance, all of them on the sandbox."""
    rest, ws = sandbox.base_url, sandbox.ws_url
    return {
        "public": f"{rest}/api/v3", "private": f"{rest}/api/v3", "v1": f"{rest}/api/v1",
        **{f"sapi{v}": f"{rest}/sapi/{v.lower() or 'v1'}" for v in ("", "V2", "V3", "V4")},
        **{
            f"fapi{who}{v}": f"{rest}/fapi/{v.lower() or 'v1'}"
            for who in ("Public", "Private") for v in ("", "V2", "V3")
        },
        "fapiData": f"{rest}/futures/data",
        "ws": {
            "spot": f"{ws}/stream/ws", "linear": f"{ws}/f/ws",
            "ws-api": {"spot": f"{ws}/ws-api/v3", "linear": f"{ws}/ws-fapi/v1"},
        },
    }  # fmt: skip


@asynccontextmanager
async def client(
    sandbox: RunningSandbox, kind: str = "spot", *, key: str = KEY, secret: str = SECRET,
    **options: Any,
) -> AsyncIterator[Any]:  # fmt: skip
    """A ccxt.pro client of `kind` (spot, swap) with its markets loaded."""
    exchange = ccxt.pro.binance(
        {
            "apiKey": key, "secret": secret, "enableRateLimit": False, "timeout": 5000,
            # There is no TLS here: neither a pause for its connections to end, nor certificates to
            # read, which would be a third of a test's time.
            "timeout_on_exit": 1, "verify": False,
            "options": {
                "defaultType": kind, "fetchCurrencies": False, "fetchMargins": False,
                "fetchMarkets": {"types": ["spot" if kind == "spot" else "linear"]},
                "recvWindow": 5000, "ws": {"cost": 0}, **options,
            },
            "urls": {"api": urls(sandbox)},
        }
    )  # fmt: skip
    if kind == "swap":
        # ccxt picks the futures' own error numbers by the real host's name.
        exchange.exceptions["exact"] = {
            **exchange.exceptions["exact"], **exchange.exceptions["linear"]["exact"],
        }  # fmt: skip
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


def run(
    sandbox: RunningSandbox, act: Callable[[Any], Coroutine[Any, Any, Any]], kind: str = "spot",
    **details: Any,
) -> Any:  # fmt: skip
    """What `act` returns for a client of `kind`."""

    async def scenario() -> Any:
        async with client(sandbox, kind, **details) as exchange:
            return await act(exchange)

    return asyncio.run(scenario())


def seen(sandbox: RunningSandbox) -> dict[str, int]:
    """How often each request was seen."""
    return dict(sandbox.state()["requests"])


async def until(what: Callable[[], Any]) -> Any:
    """The first true answer of `what`."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (answer := what()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} stayed {answer!r}")
        await asyncio.sleep(0.01)
    return answer


async def listening(sandbox: RunningSandbox, topic: str) -> None:
    """Returns once somebody listens to the topic."""
    await until(lambda: any(topic in c["topics"] for c in sandbox.state()["connections"]))


async def told(awaitable: Coroutine[Any, Any, Any]) -> Any:
    """What a watch call returns, within the patience of a test."""
    return await asyncio.wait_for(awaitable, _PATIENCE_S)
