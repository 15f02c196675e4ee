"""Runs the API and, beside it in the same process, the engine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from tradepulse.api.app import create_app
from tradepulse.api.engine_control import EngineControl
from tradepulse.api.event_tail import EventTail
from tradepulse.api.origin import check_listen_address
from tradepulse.bootstrap import App
from tradepulse.domain.errors import FailedError
from tradepulse.domain.settings import ApiSettings

# Requests are short; what still runs after this long is cut off, so that a stop is a stop.
_GRACE_S = 10


class ApiServer:
    """The HTTP server of one home, listening from the moment it is made.

    `address` is where, with the port that was free if 0 was asked for. Errors: `not_loopback`
    (RefusedError), `port_taken`, `tls_files` (FailedError).
    """

    def __init__(
        self,
        app: App,
        manager: EngineControl | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
    ) -> None:
        settings = app.settings.api
        host = settings.host if host is None else host
        tls = settings.has_tls
        check_listen_address(host, allow_remote=settings.allow_remote, has_tls=tls)
        api = create_app(app, manager)
        config = uvicorn.Config(
            api, lifespan="on", log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
        )  # fmt: skip
        _load_tls(config, settings)
        self._socket = _listen(host, settings.port if port is None else port)
        self._server = _Server(config, api.state.context.tail)
        name = f"[{host}]" if ":" in host else host
        self.address = f"{'https' if tls else 'http'}://{name}:{self._socket.getsockname()[1]}"

    def run(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Serve until `stop`, SIGINT or SIGTERM. `on_ready` is told the address once it answers."""
        self._server.on_ready = None if on_ready is None else lambda: on_ready(self.address)
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Ask `run` to return; from any thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """Ends event streams before it waits for open answers: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, tail: EventTail) -> None:
        super().__init__(config)
        self._tail = tail
        self.on_ready: Callable[[], None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # Raised again after serving, SIGTERM would end the process before the engine beside it has
        # finished its batch.
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.on_ready is not None:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tail.close()
        await super().shutdown(sockets)


def serve_in_thread(server: ApiServer) -> threading.Thread:
    """The thread in which `server` runs, started; it answers when this returns."""
    ready = threading.Event()
    thread = threading.Thread(
        target=server.run, args=(lambda _: ready.set(),), name="api", daemon=True
    )
    thread.start()
    if not ready.wait(timeout=30):
        raise FailedError("api_not_started", "the API did not start within 30 seconds")
    return thread


def _load_tls(config: uvicorn.Config, settings: ApiSettings) -> None:
    """Read certificate and key now, so that what is wrong with them is said before all starts."""
    try:
        config.load()
    except (OSError, ValueError) as error:
        if not settings.has_tls:
            raise
        raise FailedError(
            "tls_files", "the certificate or its key cannot be used",
            expected="PEM files that belong together",
            found=f"{settings.tls_cert}, {settings.tls_key}: {error}",
        ) from error  # fmt: skip


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise FailedError(
            "port_taken", f"cannot listen on {host}:{port}",
            expected="a free port", found=error.strerror,
            hint="Choose another with --port, or stop what listens there.",
        ) from error  # fmt: skip
    return listening
