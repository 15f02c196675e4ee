"""One WebSocket of a client: frames are made once for all and written together."""

from __future__ import annotations

import asyncio

from aiohttp import WSCloseCode, web

from tradepulse.domain.instrument import Market

# A client that does not read is cut off, as Binance does: its backlog must not eat the memory.
_MOST_BACKLOG = 16 * 2**20
_BROKEN = 1006


def text_frame(payload: bytes) -> bytes:
    """A whole WebSocket text frame (RFC 6455, unmasked as servers send them)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 2**16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Connection:
    """A client's socket. `send` never waits: frames gather until the loop's next turn.

    Frames go to the transport itself and not through aiohttp's `send_bytes`, which would build the
    same frame anew for every one of hundreds of subscribers.
    """

    def __init__(
        self, number: int, market: Market, place: str, socket: web.WebSocketResponse,
        transport: asyncio.Transport,
    ) -> None:  # fmt: skip
        self.number = number
        self.market = market
        self.place = place
        self.socket = socket
        self.topics: set[str] = set()
        self.muted = False
        self.pongs = True
        self._transport = transport
        self._waiting: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def send(self, frame: bytes) -> None:
        """Sends a frame with the loop's next turn; nothing on a muted socket."""
        if self.muted:
            return
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(frame)

    def _flush(self) -> None:
        frames, self._waiting = self._waiting, []
        if self._transport.is_closing() or self.socket.closed:
            return
        self._transport.write(b"".join(frames))
        if self._transport.get_write_buffer_size() > _MOST_BACKLOG:
            self._transport.abort()

    def cut(self, code: int | None) -> asyncio.Task[bool] | None:
        """Closes the socket: with a close frame of `code`, or without any (None, 1006)."""
        if code is None or code == _BROKEN:
            self._transport.abort()
            return None
        return self._loop.create_task(self.close(code))

    async def close(self, code: int = WSCloseCode.GOING_AWAY) -> bool:
        """Closes the socket with a close frame; False where it was closed already."""
        return await self.socket.close(code=code, message=b"")
