"""Looks over the shoulder of an engine's process: when it hears that a bar has closed, and when the
bytes of an order have been handed to its socket.

`install(path)` is called in that process before anything else; what was seen is in the file when
the process has ended. Times are wall clock, ms.
"""

from __future__ import annotations

import atexit
import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_ORDER = re.compile(rb"(?:newClientOrderId|clientAlgoId|belowClientOrderId)=(tp[0-9a-f]{32})")


def install(path: str) -> None:
    """Begins to look."""
    heard: list[tuple[str, int, float]] = []
    sent: list[tuple[str, float]] = []
    _watch_bars(heard)
    _watch_requests(sent)

    def keep() -> None:
        Path(path).write_text(json.dumps({"heard": heard, "sent": sent}))

    atexit.register(keep)


def _watch_bars(heard: list[tuple[str, int, float]]) -> None:
    """(symbol, open time, when) of every bar that is told to be closed, as its frame comes in."""
    from tradepulse.exchanges.bar_streams import BarStreams

    tell = BarStreams._heard

    def watched(self: Any, key: Any, bar: Any, final: bool, sent_ms: int | None) -> None:
        if final:
            heard.append((key[0], bar.open_time, time.time_ns() / 1e6))
        tell(self, key, bar, final, sent_ms)

    BarStreams._heard = watched  # type: ignore[method-assign]


def _watch_requests(sent: list[tuple[str, float]]) -> None:
    """(client order id, when) of every placement, after the socket has taken its bytes."""
    from aiohttp.http_writer import StreamWriter

    write, writelines = StreamWriter._write, StreamWriter._writelines

    def note(content: bytes) -> None:
        found = _ORDER.search(content)
        if found is not None:
            sent.append((found[1].decode(), time.time_ns() / 1e6))

    def watched(self: Any, chunk: Any) -> None:
        write(self, chunk)
        note(bytes(chunk))

    def watched_lines(self: Any, chunks: Iterable[Any]) -> None:
        kept = list(chunks)
        writelines(self, kept)
        note(b"".join(bytes(chunk) for chunk in kept))

    StreamWriter._write = watched  # type: ignore[method-assign]
    StreamWriter._writelines = watched_lines  # type: ignore[method-assign]
