"""Starting, replaying at a speed, and stopping without a trace."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import aiohttp
import pytest
from small_market import KEY, SECRET, START, build_market, ear, trade

from tradepulse.domain.errors import FailedError
from tradepulse.domain.instrument import Market
from tradepulse.sandbox.server import SandboxServer, run_in_thread


def test_a_replay_runs_at_its_speed_and_tells_every_bar() -> None:
    async def listen(sandbox: Any) -> list[dict[str, Any]]:
        async with ear(sandbox, "/stream/ws", "btcusdt@kline_1m") as listener:
            sandbox.clock(speed=1200)
            bars: list[dict[str, Any]] = []
            while len([k for k in bars if k["x"]]) < 12:
                bars.append((await listener.document())["k"])
            return bars

    with run_in_thread(build_market()) as sandbox:
        started = time.monotonic()
        bars = asyncio.run(listen(sandbox))
        seconds = time.monotonic() - started
    closed = [k["t"] for k in bars if k["x"]]
    assert closed == [START + 60_000 * n for n in range(12)]
    assert 0.5 < seconds < 3


def test_it_stops_with_sockets_open_and_leaves_no_thread() -> None:
    before = threading.active_count()

    async def scenario() -> list[Any]:
        # Entered by hand: the sandbox is to end while its clients are still there.
        running = run_in_thread(build_market(), speed=600)
        sandbox = running.__enter__()
        async with ear(sandbox, "/stream/ws", "btcusdt@trade") as one, ear(sandbox) as other:
            closing = asyncio.get_running_loop().run_in_executor(
                None, running.__exit__, None, None, None
            )
            kinds = []
            for listener in (one, other):
                while (message := await listener.hear()).type is aiohttp.WSMsgType.TEXT:
                    pass
                kinds.append((message.type, message.data))
            await closing
            return kinds

    assert asyncio.run(scenario()) == [(aiohttp.WSMsgType.CLOSE, 1001)] * 2
    assert threading.active_count() <= before + 1


def test_the_port_is_free_again() -> None:
    with run_in_thread(build_market()) as sandbox:
        port = int(sandbox.base_url.rpartition(":")[2])
        with (
            pytest.raises(OSError, match="address already in use"),
            run_in_thread(build_market(), port=port),
        ):
            pass
    with run_in_thread(build_market(), port=port) as again:
        assert again.base_url == sandbox.base_url


def test_what_kills_the_replay_is_raised_where_it_was_started() -> None:
    class BrokenError(Exception):
        pass

    def broken(*_: object) -> None:
        raise BrokenError

    def serve_until_it_breaks() -> None:
        with run_in_thread(build_market()) as sandbox:
            sandbox.call(lambda exchange: setattr(exchange, "turn", broken))
            time.sleep(0.1)

    with pytest.raises(BrokenError):
        serve_until_it_breaks()


def test_a_server_that_is_not_started_has_no_address() -> None:
    server = SandboxServer(build_market())
    with pytest.raises(FailedError):
        _ = server.base_url
    asyncio.run(server.stop())


def test_the_same_requests_at_the_same_times_give_the_same_truth() -> None:
    def once() -> dict[str, Any]:
        with run_in_thread(build_market()) as sandbox:
            sandbox.open_account(KEY, SECRET, {"USDT": 100_000}, 100_000)
            for market in Market:
                sandbox.step(90_000)
                trade(sandbox, market, "0.5")
            sandbox.step(600_000)
            return sandbox.state()["accounts"][KEY]

    assert once() == once()
