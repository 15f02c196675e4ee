"""The sandbox exchange as a server on one port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import orjson
from aiohttp import web

from tradepulse.domain.errors import FailedError
from tradepulse.domain.instrument import Market
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import (
    algo_routes,
    futures_account_routes,
    futures_routes,
    oco_routes,
    public_routes,
    spot_routes,
)
from tradepulse.sandbox.server.answering import answer
from tradepulse.sandbox.server.control import add_control_routes
from tradepulse.sandbox.server.exchange import Exchange, Settings
from tradepulse.sandbox.server.pacing import Pacer
from tradepulse.sandbox.server.sockets import market_streams
from tradepulse.sandbox.server.ws_api import serve_api

ROUTES = (
    *public_routes.ROUTES, *spot_routes.ROUTES, *oco_routes.ROUTES, *futures_routes.ROUTES,
    *algo_routes.ROUTES, *futures_account_routes.ROUTES,
)  # fmt: skip
# Finer turns would split a bar's messages among more of them; coarser ones could be felt.
_TURN_S = 0.02
_STOP_WITHIN_S = 1.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class SandboxServer:
    """Serves `market` as Binance would, replaying it `speed` times as fast as it happened (0:
    standing still, for `/control/clock {"step_ms": …}`).

    Everything runs on the event loop that calls `start`; `port` 0 takes a free one.
    """

    def __init__(
        self, market: SandboxMarket, *, speed: float = 1.0, port: int = 0,
        host: str = "127.0.0.1", settings: Settings | None = None,
        wall_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:  # fmt: skip
        self.exchange = Exchange(
            market, Pacer(market.now, speed, time.monotonic), settings or Settings(), wall_ms
        )
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._replay: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:8731`, once started."""
        if self._runner is None:
            raise FailedError("not_started", "the sandbox has no address yet", hint="Start it.")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Takes the port and begins the replay. Errors: `OSError` for a port that is taken."""
        runner = web.AppRunner(
            self._application(), access_log=None, handle_signals=False,
            shutdown_timeout=_STOP_WITHIN_S,
        )  # fmt: skip
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        exchange = self.exchange
        exchange.pacer.run_at(exchange.pacer.speed, exchange.market.now)
        self._replay = asyncio.create_task(self._run(), name="sandbox-replay")

    async def stop(self) -> None:
        """Closes every socket and gives the port back. Raises what the replay died of, if it
        did."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        replay, self._replay = self._replay, None
        await self.exchange.hub.close()
        await runner.cleanup()
        if replay is not None:
            replay.cancel()
            (death,) = await asyncio.gather(replay, return_exceptions=True)
            if isinstance(death, Exception):
                raise death

    async def _run(self) -> None:
        while True:
            self.exchange.turn()
            await asyncio.sleep(_TURN_S)

    def _application(self) -> web.Application:
        application = web.Application()
        router, exchange = application.router, self.exchange
        for route in ROUTES:
            handler: Handler = partial(answer, exchange, route)
            router.add_route(route.method, route.path, handler)
        _add_sockets(router, exchange)
        add_control_routes(router, exchange)
        router.add_route("*", "/{rest:.*}", _unknown)
        return application


def _add_sockets(router: web.UrlDispatcher, exchange: Exchange) -> None:
    def at(path: str, handler: Handler) -> None:
        router.add_route("GET", path, handler)

    spot = partial(market_streams, exchange, Market.SPOT)
    futures = partial(market_streams, exchange, Market.PERPETUAL)
    at("/stream", partial(spot, combined=True))
    at("/stream/ws", spot)
    at("/stream/ws/{name}", spot)
    for prefix in ("/f", "/f/public", "/f/market", "/f/private"):
        at(f"{prefix}/stream", partial(futures, combined=True))
        at(f"{prefix}/ws", futures)
        at(f"{prefix}/ws/{{name}}", futures)
    routes = {route.name: route for route in ROUTES}
    at("/ws-api/v3", partial(serve_api, exchange, Market.SPOT, routes))
    at("/ws-fapi/v1", partial(serve_api, exchange, Market.PERPETUAL, routes))


async def _unknown(request: web.Request) -> web.Response:
    words = f"Path {request.path}, Method {request.method} is invalid"
    body = orjson.dumps({"code": -5000, "msg": words})
    return web.Response(body=body, status=404, content_type="application/json")
