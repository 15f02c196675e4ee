"""Wishes that another process wrote: an engine by itself finds them in the event log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING

from tradepulse.domain.errors import TradePulseError

if TYPE_CHECKING:
    from tradepulse.storage.database import Database

_log = logging.getLogger(__name__)
_LOOK_S = 0.25
_AWAY_S = 2.0


class WishWatch:
    """Calls `look` after every change of an activation's state and every command by hand, as long
    as it is open."""

    def __init__(self, database: Database, look: Callable[[], object]) -> None:
        self._database = database
        self._look = look
        self._stop = Event()
        self._thread = Thread(target=self._work, name="wishes", daemon=True)

    def __enter__(self) -> WishWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5.0)

    def _work(self) -> None:
        after, pause = -1, 0.0
        while not self._stop.wait(pause):
            try:
                with self._database.reading() as tx:
                    last = tx.events.last_sequence()
                    types = ["activation.state", "manual.asked"]
                    changed = after < 0 or bool(tx.events.since(after, types=types, limit=1))
                if changed:
                    self._look()
                after, pause = last, _LOOK_S
            except TradePulseError as error:
                _log.warning("the event log could not be read: %s", error)
                pause = _AWAY_S
