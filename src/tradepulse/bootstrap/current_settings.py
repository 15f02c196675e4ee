"""The settings in force now: what this process was started with, and the version in the
database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tradepulse.domain.errors import TradePulseError

if TYPE_CHECKING:
    from tradepulse.domain.settings import RiskSettings, Settings
    from tradepulse.storage.database import Database
    from tradepulse.storage.settings_layers import Layers, Resolved

_log = logging.getLogger(__name__)
# Half a second here and a second of the engine's own: a change is obeyed within two.
_EVERY_S = 0.5


class CurrentSettings:
    """Looked at again now and then, whoever asks. While the database is away, or where a version
    does not fit this program, the last ones known hold. Any thread may ask."""

    def __init__(
        self, database: Callable[[], Database], layers: Layers, every_s: float = _EVERY_S
    ) -> None:
        self._database = database
        self.layers = layers
        self._every_s = every_s
        self._next = 0.0
        self._lock = threading.Lock()
        self._known = layers.resolved()

    def resolved(self) -> Resolved:
        """The settings with the source of each, at most half a second old."""
        with self._lock:
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + self._every_s
                self._look()
            return self._known

    @property
    def settings(self) -> Settings:
        return self.resolved().settings

    def risk(self) -> RiskSettings:
        """The section `risk`."""
        return self.settings.risk

    def _look(self) -> None:
        from tradepulse.storage.settings_changes import current

        try:
            with self._database().reading() as tx:
                latest = tx.settings.latest()
                if latest is not None and latest.version != self._known.version:
                    self._known = current(tx, self.layers)
        except TradePulseError as error:
            _log.warning("the settings in force stay as they were: %s", error)
