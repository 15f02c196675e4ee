"""Leases of activations: several engines over one database, and each activation in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tradepulse.storage.database import Database

# Long enough for a slow commit and a pause of the process, short enough that an activation whose
# engine died does not stand alone for long. Its stops rest at the venue meanwhile.
LEASE_MS = 15_000


class DatabaseLeases:
    """The leases of one engine, `owner`: a name no other process ever has (host, process, a random
    part).

    `clock` is UTC milliseconds; engines whose clocks differ by more than a lease would take
    activations from each other, and the fence would keep them from both writing.
    """

    def __init__(
        self, database: Database, owner: str, clock: Callable[[], int], *, ttl_ms: int = LEASE_MS
    ) -> None:
        self._database = database
        self._clock = clock
        self.owner = owner
        self.ttl_ms = ttl_ms

    def claim(self, activation_ids: Iterable[str]) -> frozenset[str]:
        """Those of them that are held now: not those another engine holds, nor what is over. Load
        them from the journal after this: what was known of them before may be old.

        All in one transaction: fifty commits, one after the other, would be most of a second of an
        engine's start. In one order, so that two engines that claim at once never wait in turn.
        """
        wanted = sorted(activation_ids)
        if not wanted:
            return frozenset()
        with self._database.transaction() as tx:
            now = self._clock()
            return frozenset(
                name for name in wanted
                if tx.activations.claim(name, self.owner, now, self.ttl_ms) is not None
            )  # fmt: skip

    def renew(self, activation_ids: Iterable[str]) -> frozenset[str]:
        """Those of them still held, for another `ttl_ms`. Call every third of it; stop trading what
        is missing from the answer."""
        wanted = list(activation_ids)
        if not wanted:
            return frozenset()
        with self._database.transaction() as tx:
            return tx.activations.renew(self.owner, wanted, self._clock(), self.ttl_ms)

    def release(self, activation_ids: Iterable[str] | None = None) -> int:
        """How many leases ended now (None: all of this engine), so that another need not wait."""
        wanted = None if activation_ids is None else list(activation_ids)
        with self._database.transaction() as tx:
            return tx.activations.release(self.owner, wanted)

    def free(self) -> frozenset[str]:
        """The activations that are not over and whose lease nobody has, or has run out."""
        with self._database.reading() as tx:
            return tx.activations.unheld(self._clock())
