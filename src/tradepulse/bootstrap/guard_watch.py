"""The thread that looks after real money: every minute, and at once after a fault."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import ActivationState

if TYPE_CHECKING:
    from tradepulse.storage.database import Database
    from tradepulse.storage.guarding import Guard

_log = logging.getLogger(__name__)
_EVERY_MS = 60_000
_LOOK_S = 1.0
_AWAY_S = 5.0
# A look under way is not waited for: what it has not written, the next start finds again.
_END_S = 2.0


class GuardWatch:
    """Runs the guard beside the engine as long as it is open, from its first second on: without the
    bands it works out no live activation gets more capital.

    `changed` is called when something fell back, so that the engine sees it at once.
    """

    def __init__(
        self, database: Database, guard: Guard, changed: Callable[[], object],
        clock: Callable[[], int], every_ms: int = _EVERY_MS,
    ) -> None:  # fmt: skip
        self._database = database
        self._guard = guard
        self._changed = changed
        self._clock = clock
        self._every_ms = every_ms
        self._seen = -1
        self._stop = Event()
        self._thread = Thread(target=self._work, name="guard", daemon=True)

    def __enter__(self) -> GuardWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_END_S)

    def _work(self) -> None:
        due, pause = 0, 0.0
        while not self._stop.wait(pause):
            pause = _LOOK_S
            try:
                faulted = self._has_faulted()
                if faulted or self._clock() >= due:
                    due = self._clock() + self._every_ms
                    if self._guard.look(self._clock()):
                        self._changed()
            except TradePulseError as error:
                _log.warning("the guard could not look: %s", error)
                due, pause = 0, _AWAY_S
            except Exception:  # noqa: BLE001  (a guard that dies silently guards nothing)
                _log.exception("the guard failed and looks again in a minute")

    def _has_faulted(self) -> bool:
        """Whether an activation has faulted since the last time."""
        with self._database.reading() as tx:
            last = tx.events.last_sequence()
            told = () if self._seen < 0 else tx.events.since(
                self._seen, types=["activation.state"]
            )  # fmt: skip
        self._seen = last
        return any(event.payload.get("state") == ActivationState.FAULTED for event in told)
