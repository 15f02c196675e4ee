"""ccxt's client with a rate budget, taps on its frames, and sockets that do not die in silence.

It uses the places ccxt leaves for a subclass: how a request is made, how an answer and a frame are
seen, how a socket is opened.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tradepulse.domain.instrument import Market
from tradepulse.exchanges import shared_session
from tradepulse.exchanges.binance import costs
from tradepulse.exchanges.budget import RateBudget, current_errand

_LOG = logging.getLogger(__name__)
Tap = Callable[[Any, Any], object]

if TYPE_CHECKING:
    _Ccxt: Any = object
else:
    _Ccxt = object


class GuardedClient(_Ccxt):  # type: ignore[misc]
    """Mixed in before a class of ccxt.pro. For the asyncio loop it is used on; its figures may be
    read from any thread. `signing_clock` gives the time that requests are signed with,
    `clock_refused` is called when the venue would not have it. `address`: where it asks, if
    everybody who asks there is told of the same markets."""

    market_kind: Market
    address: tuple[str, Market, str]
    budget: RateBudget
    session: Any

    def __init__(self, configuration: dict[str, Any]) -> None:
        self.taps: list[Tap] = []
        self.latencies_ms: deque[float] = deque(maxlen=101)
        self.last_message_ms: int | None = None
        self.signing_clock: Callable[[], int] | None = None
        self.clock_refused: Callable[[], None] | None = None
        self._lent: Any = None
        super().__init__(configuration)

    # --- connections ------------------------------------------------------------------------------
    def open(self, lazy: bool = False) -> None:
        """Takes part in the connections of its address."""
        if self.session is None and not (lazy and self.closed_by_user):
            self._lent = shared_session.lend(self)
            self.session, self.own_session = self._lent.session, False
            self.ssl_context = self._lent.context
        super().open(lazy)

    async def close(self, clean_instance_data: bool = False) -> None:
        """Ends its sockets; the connections end with the last client of the address."""
        lent, self._lent = self._lent, None
        try:
            await super().close(clean_instance_data)
        finally:
            if lent is not None:
                await shared_session.give_back(self, lent)

    # --- requests ---------------------------------------------------------------------------------
    async def fetch2(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = None,
        config: Any = None,
    ) -> Any:  # fmt: skip
        """The answer to a request, which waits for its turn before it is signed. Error
        `BudgetExceeded` when that would take too long: it has not left."""
        parameters, prices = params or {}, config or {}
        cost = self.calculate_rate_limiter_cost(api, method, path, parameters, prices)
        if self.id == "binance":
            price = costs.weight(api if isinstance(api, str) else api[0], method, path, cost)
            count = costs.order_count(method, path)
        else:
            price, count = max(1, round(cost)), 0
        await self.budget.acquire(price, count, current_errand(), self.apiKey or "")
        started = time.perf_counter()
        try:
            answer = await super().fetch2(path, api, method, parameters, prices)
        except Exception as error:
            self.note_refusal(error)
            raise
        finally:
            self.budget.answered(price)
        self.latencies_ms.append((time.perf_counter() - started) * 1000)
        return answer

    async def fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        """Sends a signed request; whoever wants to know when it leaves is told now."""
        leaves = current_errand().leaves
        if leaves is not None:
            leaves()
        return await super().fetch(url, method, headers, body)

    def on_rest_response(
        self, code: int, reason: str, url: str, method: str, response_headers: Any,
        response_body: str, request_headers: Any, request_body: Any,
    ) -> Any:  # fmt: skip
        """The body of any answer, errors too; the budget learns from its headers."""
        if isinstance(response_headers, Mapping):
            self.budget.observe(code, response_headers)
        return super().on_rest_response(
            code, reason, url, method, response_headers, response_body, request_headers,
            request_body,
        )  # fmt: skip

    def nonce(self) -> Any:
        """The time to sign with."""
        return super().nonce() if self.signing_clock is None else self.signing_clock()

    def note_refusal(self, error: BaseException) -> None:
        """Tells of an error that is about the time of a request."""
        if self.clock_refused is not None and type(error).__name__ == "InvalidNonce":
            self.clock_refused()

    def latency_ms(self) -> float | None:
        """The median time of the last answers, None before the first."""
        times = list(self.latencies_ms)
        return statistics.median(times) if times else None

    # --- sockets ----------------------------------------------------------------------------------
    def client(self, url: str) -> Any:
        """The socket of an address, guarded from its first frame on."""
        known = url in (self.clients or {})
        socket = super().client(url)
        if not known:
            self._guard(socket)
        return socket

    def handle_message(self, client: Any, message: Any) -> Any:
        """Shows a frame to the taps, and to ccxt unless one of them was all it was for."""
        self.last_message_ms = int(time.time() * 1000)
        taken = False
        for tap in tuple(self.taps):
            taken = tap(client, message) is True or taken
        return None if taken else super().handle_message(client, message)

    def add_tap(self, tap: Tap) -> None:
        """Has `tap(socket, message)` see every frame before ccxt does. ccxt alone would merge what
        arrives while nobody waits, and hold it back until the next event. A tap that answers True
        has taken the frame: ccxt would parse it a second time, for caches that nobody reads, while
        orders wait for the thread."""
        self.taps.append(tap)

    def drop_socket(self, socket: Any, reason: str) -> None:
        """Ends a socket: whoever waits on it gets a NetworkError, the next `watch_*` dials."""
        from ccxt.base.errors import NetworkError

        socket.on_error(NetworkError(reason))

    def _guard(self, socket: Any) -> None:
        """A frame that cannot be read, or a read that fails, ends the socket for all who wait on
        it. ccxt's receive loop would stop there, and they would wait for ever."""
        handle, receive = socket.handle_message, socket.receive
        name = socket.url.split("?")[0]  # what follows is a listen key

        def guarded_handle(message: Any) -> None:
            try:
                handle(message)
            except Exception as error:  # noqa: BLE001 - whatever it is, the socket is done for
                _LOG.warning("%s: a frame could not be handled", name, exc_info=error)
                self.drop_socket(socket, f"a frame could not be handled: {error}")

        async def guarded_receive() -> Any:
            try:
                return await receive()
            except Exception as error:
                self.drop_socket(socket, f"the socket could not be read: {error}")
                raise

        socket.handle_message = guarded_handle
        socket.receive = guarded_receive
