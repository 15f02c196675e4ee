"""The ccxt client as it is opened: addresses, options, and that importing it is put off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode
from tradepulse.exchanges.binance import addresses
from tradepulse.exchanges.budget import BudgetLimits, RateBudget
from tradepulse.exchanges.client import open_client, shared_budget

BASE = "http://127.0.0.1:8731"
BOTH = pytest.mark.parametrize("market", list(Market))


def opened(
    market: Market, look: Callable[[Any], Any], mode: Mode = Mode.LIVE, base: str | None = BASE
) -> Any:
    """What `look` finds on an open client."""

    async def main() -> Any:
        client = open_client("binance", market, mode, base, Credentials("k", "s"))
        try:
            found = look(client)
            return await found if asyncio.iscoroutine(found) else found
        finally:
            await client.close()

    return asyncio.run(main())


def every(urls: Any) -> Iterator[str]:
    if isinstance(urls, str):
        yield urls
    else:
        for inner in urls.values():
            yield from every(inner)


def test_importing_the_venue_does_not_import_ccxt() -> None:
    code = "import sys, tradepulse.exchanges.ccxt_venue, tradepulse.exchanges.keys\n"
    code += "print('ccxt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@BOTH
@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.TESTNET])
def test_no_request_can_leave_for_another_address(market: Market, mode: Mode) -> None:
    urls = opened(market, lambda client: client.urls["api"], mode)
    assert {urlsplit(url).hostname for url in every(urls)} == {"127.0.0.1"}
    elsewhere = [url for url in every(urls) if urlsplit(url).port != 8731]
    assert {urlsplit(url).port for url in elsewhere} == {9}


def test_trap_spot_is_known_by_stream_in_its_address() -> None:
    """Without it ccxt files spot data as contracts, and every spot stream hangs in silence."""
    urls = opened(Market.SPOT, lambda client: client.urls["api"]["ws"])
    assert "/stream" in urls["spot"]
    assert "/stream" not in urls["linear"]
    assert urls["linear"].endswith("/ws")  # else ccxt does not put the category into it
    assert "/stream" not in urls["ws-api"]["linear"]


@pytest.mark.parametrize("base", ["127.0.0.1:8731", "ftp://here", "", "nonsense"])
def test_a_base_url_that_is_none(base: str) -> None:
    with pytest.raises(UsageError) as refused:
        addresses.redirect({"api": {}}, base)
    assert refused.value.code == "bad_base_url"


@BOTH
def test_the_test_network_is_demo_trading(market: Market) -> None:
    urls = opened(market, lambda client: client.urls["api"], Mode.TESTNET, None)
    assert urlsplit(urls["private"]).hostname == "demo-api.binance.com"
    assert urlsplit(urls["fapiPrivate"]).hostname == "demo-fapi.binance.com"
    live = opened(market, lambda client: client.urls["api"], Mode.LIVE, None)
    assert urlsplit(live["private"]).hostname == "api.binance.com"


@BOTH
def test_trap_retries_and_other_options_of_ccxt(market: Market) -> None:
    def options(client: Any) -> tuple[Any, ...]:
        kept = client.options
        return (
            kept["maxRetriesOnFailure"], kept["defaultType"], kept["fetchMarkets"]["types"],
            kept["fetchCurrencies"], kept["fetchMargins"], client.enableRateLimit, client.timeout,
            kept["recvWindow"],
        )  # fmt: skip

    spot = market is Market.SPOT
    assert opened(market, options) == (
        0, "spot" if spot else "swap", ["spot" if spot else "linear"], False, False, False, 10_000,
        5_000,
    )  # fmt: skip


@BOTH
def test_trap_a_peer_that_does_not_answer_pings_is_found_in_a_minute(market: Market) -> None:
    async def pings(client: Any) -> tuple[float, float]:
        socket = client.client("ws://127.0.0.1:9/x")
        return socket.keepAlive, socket.maxPingPongMisses

    every_ms, misses = opened(market, pings)
    assert every_ms * (misses + 1) <= 60_000


def test_trap_error_maps_are_merged_for_the_market() -> None:
    import ccxt

    spot = opened(Market.SPOT, lambda client: client.exceptions["exact"])
    linear = opened(Market.PERPETUAL, lambda client: client.exceptions["exact"])
    assert linear["-2019"] is ccxt.InsufficientFunds
    assert linear["-2021"] is ccxt.OrderImmediatelyFillable
    assert spot["-1008"] is ccxt.OperationFailed
    assert spot["-2021"] is not ccxt.OrderImmediatelyFillable


def test_trap_a_frame_that_cannot_be_handled_ends_its_socket_for_all_who_wait() -> None:
    import ccxt
    from aiohttp import WSMessage, WSMsgType

    async def choke(client: Any) -> tuple[str, list[str]]:
        url = "ws://127.0.0.1:9/x"
        socket = client.client(url)
        waiting = socket.future("orders")
        seen: list[str] = []
        client.add_tap(lambda _, message: seen.append(message["e"]))
        socket.handle_message(WSMessage(WSMsgType.TEXT, '{"e":"kline","k":7}', None))
        assert url not in client.clients
        with pytest.raises(ccxt.NetworkError) as fallen:
            await waiting
        return str(fallen.value), seen

    said, seen = opened(Market.SPOT, choke)
    assert "could not be handled" in said
    assert seen == ["kline"]  # the tap had seen it before


def test_budgets_are_shared_by_address_and_market() -> None:
    one = shared_budget("binance", Market.SPOT, "x")
    assert shared_budget("binance", Market.SPOT, "x") is one
    assert shared_budget("binance", Market.PERPETUAL, "x") is not one
    assert (one.limits.weight_1m, one.limits.orders_10s) == (6_000, 100)


def test_every_request_passes_the_budget_before_it_is_signed() -> None:
    budget = RateBudget(BudgetLimits(weight_1m=6_000))

    async def main() -> None:
        client = open_client("binance", Market.SPOT, base_url=BASE, budget=budget,
                             credentials=Credentials("k", "s"))  # fmt: skip
        used: list[int] = []

        async def fetch(url: str, *_: Any) -> Any:
            used.append(budget.weight_used())
            client.on_rest_response(200, "OK", url, "GET", {"X-MBX-USED-WEIGHT-1M": "77"}, "{}",
                                    {}, None)  # fmt: skip
            return {"balances": [], "serverTime": 1}

        client.fetch = fetch
        await client.private_get_account()
        await client.public_get_time()
        await client.private_post_order({"symbol": "BTCUSDT"})
        await client.close()
        assert used == [20, 78, 78]
        assert budget.weight_used() == 77
        assert budget.orders_10s("k") == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    ("exchange", "mode", "base", "code"),
    [("nowhere", Mode.LIVE, None, "unknown_exchange"),
     ("kraken", Mode.TESTNET, None, "no_test_network"),
     ("kraken", Mode.LIVE, BASE, "bad_base_url")],
)  # fmt: skip
def test_what_cannot_be_opened(exchange: str, mode: Mode, base: str | None, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_client(exchange, Market.SPOT, mode, base)
    assert refused.value.code == code
