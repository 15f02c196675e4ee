"""Which activations are this engine's: claimed before they are run, renewed while they are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from tradepulse.domain.errors import TradePulseError

log = logging.getLogger(__name__)


class Leases(Protocol):
    """The leases of one engine."""

    ttl_ms: int

    def claim(self, activation_ids: Iterable[str]) -> frozenset[str]:
        """Those of them that are held now: not those another engine holds, nor what is over."""
        ...

    def renew(self, activation_ids: Iterable[str]) -> frozenset[str]:
        """Those of them still held, for another `ttl_ms`."""
        ...

    def release(self, activation_ids: Iterable[str] | None = None) -> int:
        """How many leases ended now (None: all of this engine)."""
        ...

    def free(self) -> frozenset[str]:
        """The activations that are not over and that nobody holds now. Asked for all the time: it
        reads nothing but their ids."""
        ...


class LeaseKeeper:
    """Renews what runs here and looks for what runs nowhere, three times a lease.

    `lost` is told of every activation that another engine may have taken; `look` takes in what has
    become free. A database that is away is asked again: until the lease ends nobody else may have
    it, and after that the fence keeps this engine from writing.
    """

    def __init__(
        self,
        leases: Leases,
        running: Callable[[], tuple[str, ...]],
        lost: Callable[[str], None],
        look: Callable[[], object],
    ) -> None:
        self._leases = leases
        self._running = running
        self._lost = lost
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="leases", daemon=True)

    def start(self) -> None:
        """Begins; once."""
        self._thread.start()

    def look_no_more(self) -> None:
        """Ends the thread; what is held stays held for the rest of its lease."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def stop(self) -> None:
        """Ends the thread, then the leases."""
        self.look_no_more()
        try:
            self._leases.release()
        except TradePulseError as error:
            log.warning("leases could not be given back, they run out by themselves: %s", error)

    def _work(self) -> None:
        while not self._stop.wait(self._leases.ttl_ms / 3000.0):
            try:
                names = self._running()
                for name in set(names) - self._leases.renew(names):
                    log.warning("activation %s was taken by another engine", name)
                    self._lost(name)
                self._look()
            except TradePulseError as error:
                log.warning("leases could not be renewed: %s", error)
