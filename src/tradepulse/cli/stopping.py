"""Ctrl-C and SIGTERM as a request to stop in good order; a second one stops at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from tradepulse.cli.output import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(stop: Event, told: str | None = None) -> Iterator[None]:
    """Within the block the first signal sets `stop`, and says `told`; the next is an interrupt.

    An interrupt in the middle of a batch would leave threads computing what nobody stores.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()
        if told is not None:
            say(told)

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
