"""Connections to one address ask for its markets once, and forget them with the last of them."""

from __future__ import annotations

import asyncio
from typing import Any

from venue_world import LED, START, bars, spec

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.market_shelf import learn_markets
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox, run_in_thread

INFO = "GET /api/v3/exchangeInfo"


def asked(sandbox: RunningSandbox) -> int:
    return int(sandbox.call(lambda exchange: exchange.requests[INFO]))


def sandbox_market() -> SandboxMarket:
    return SandboxMarket([SymbolBars(spec(Market.SPOT), bars())], START + LED)


async def opened(base_url: str, count: int) -> list[Any]:
    return [open_client("binance", Market.SPOT, Mode.TESTNET, base_url) for _ in range(count)]


def test_many_connections_ask_once() -> None:
    with run_in_thread(sandbox_market()) as sandbox:

        async def scene() -> None:
            clients = await opened(sandbox.base_url, 5)
            await asyncio.gather(*(learn_markets(client) for client in clients))
            assert asked(sandbox) == 1
            assert all(client.market("BTC/USDT")["id"] == "BTCUSDT" for client in clients)
            # Who comes later has them at once, also when the one who asked has gone.
            await clients[0].close()
            (late,) = await opened(sandbox.base_url, 1)
            await learn_markets(late)
            assert late.markets is clients[1].markets
            # Old ones are asked for again: by one, for all.
            alive = [*clients[1:], late]
            await asyncio.gather(*(learn_markets(client, 0.0) for client in alive))
            assert asked(sandbox) == 2
            assert len({id(client.markets) for client in alive}) == 1
            await asyncio.gather(*(client.close() for client in alive))
            (after,) = await opened(sandbox.base_url, 1)
            await learn_markets(after)
            assert asked(sandbox) == 3
            await after.close()

        asyncio.run(scene())


def test_an_error_is_everybodys_and_the_next_asks_again() -> None:
    with run_in_thread(sandbox_market()) as sandbox:
        sandbox.fault("maintenance", on=INFO, times=1)

        async def scene() -> None:
            clients = await opened(sandbox.base_url, 3)
            told = await asyncio.gather(
                *(learn_markets(client) for client in clients), return_exceptions=True
            )
            assert all(isinstance(each, Exception) for each in told)
            await asyncio.gather(*(learn_markets(client) for client in clients))
            assert asked(sandbox) == 2
            await asyncio.gather(*(client.close() for client in clients))

        asyncio.run(scene())
