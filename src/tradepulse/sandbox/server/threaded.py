"""A sandbox server in a thread of its own: for tests, and for a demo beside the engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from tradepulse.domain.errors import FailedError
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import control
from tradepulse.sandbox.server.exchange import Exchange, Settings
from tradepulse.sandbox.server.server import SandboxServer

Answer = TypeVar("Answer")
_WAIT_S = 30.0


class RunningSandbox:
    """A server that runs in another thread. Every method here may be called from any thread."""

    def __init__(self, server: SandboxServer, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url = server.base_url
        self.ws_url = "ws" + server.base_url.removeprefix("http")
        self._server = server
        self._loop = loop

    def call(self, act: Callable[[Exchange], Answer]) -> Answer:
        """What `act` answers, run on the server's own thread between two of its turns."""

        async def on_loop() -> Answer:
            return act(self._server.exchange)

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result(_WAIT_S)

    def open_account(
        self, key: str, secret: str, balances: Mapping[str, Decimal | int | str] | None = None,
        futures_balance: Decimal | int | str = 0, *, can_withdraw: bool = False,
        pays_fees_in_bnb: bool = False,
    ) -> None:  # fmt: skip
        """A new account, or more money in one that is there."""
        document = {
            "key": key, "secret": secret, "balances": dict(balances or {}),
            "futures_balance": futures_balance, "can_withdraw": can_withdraw,
            "pays_fees_in_bnb": pays_fees_in_bnb,
        }  # fmt: skip
        self.call(lambda exchange: control.open_account(exchange, document))

    def fault(self, kind: str, on: str = "*", **details: Any) -> int:
        """Arms a fault (see `faults.Fault`); its number."""
        document = {"kind": kind, "on": on, **details}
        armed = self.call(lambda exchange: control.arm_fault(exchange, document))
        return int(armed["id"])

    def clear_faults(self, number: int | None = None) -> None:
        """Disarms one fault, or all."""
        document = {} if number is None else {"id": number}
        self.call(lambda exchange: control.clear_faults(exchange, document))

    def clock(self, **wishes: float) -> dict[str, Any]:
        """The clock after `speed=`, `pause=` or `step_ms=`, or as it is."""
        act = control.set_clock if wishes else control.clock
        return self.call(lambda exchange: act(exchange, dict(wishes)))

    def step(self, step_ms: int) -> int:
        """Advances the market by `step_ms`; the market time then."""
        return int(self.clock(step_ms=step_ms)["now"])

    def state(self) -> dict[str, Any]:
        """The sandbox's own truth, as `GET /control/state` tells it."""
        return self.call(lambda exchange: control.state(exchange, {}))


@contextmanager
def run_in_thread(
    market: SandboxMarket, *, speed: float = 0.0, port: int = 0, host: str = "127.0.0.1",
    settings: Settings | None = None,
) -> Iterator[RunningSandbox]:  # fmt: skip
    """Serves `market` until the block ends; every socket is closed and the thread gone by then.

    `speed` 0 stands still: the caller steps. Raises what the server died of, if it did.
    """
    server = SandboxServer(market, speed=speed, port=port, host=host, settings=settings)
    host_thread = _HostThread(server)
    running = host_thread.start()
    try:
        yield running
    finally:
        host_thread.stop()


class _HostThread:
    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="sandbox", daemon=True)
        self._running: RunningSandbox | None = None
        self._failure: BaseException | None = None
        self._stop: Callable[[], object] = lambda: None

    def start(self) -> RunningSandbox:
        self._thread.start()
        self._ready.wait(_WAIT_S)
        if self._running is None:
            self._thread.join(_WAIT_S)
            raise self._failure or FailedError("not_started", "the sandbox did not start")
        return self._running

    def stop(self) -> None:
        self._stop()
        self._thread.join(_WAIT_S)
        if self._thread.is_alive():
            raise FailedError("not_stopped", "the sandbox did not stop")
        if self._failure is not None:
            raise self._failure

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  (raised again in the caller's thread)
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        await self._server.start()
        self._stop = lambda: loop.call_soon_threadsafe(stopping.set)
        self._running = RunningSandbox(self._server, loop)
        self._ready.set()
        try:
            await stopping.wait()
        finally:
            await self._server.stop()
