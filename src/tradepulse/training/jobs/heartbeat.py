"""Keeps a lease alive while its job computes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from tradepulse.domain.errors import TradePulseError

_log = logging.getLogger(__name__)


class Heartbeat:
    """Calls `renew` every `every_s` seconds in a thread of its own, within a `with` block.

    A database that is away is asked again at the next beat: if it stays away, the lease ends by
    itself and somebody else may take the job. When `renew` answers False the job is somebody
    else's by now: the beat ends, and the job's next write is refused.
    """

    def __init__(self, renew: Callable[[], bool], every_s: float) -> None:
        self._renew, self._every_s = renew, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-lease", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                if not self._renew():
                    return
            except TradePulseError as error:
                _log.warning("the lease of a job could not be renewed: %s", error)
