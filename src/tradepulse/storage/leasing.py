"""Leases of activations: several engines over one database, and each activation in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tradepulse.domain.ledger import Activation
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

    def claim(self, activation_id: str) -> Activation | None:
        """The activation, held now; None when another engine holds it or it is over. Load it from
        the journal after this: what was known of it before may be old."""
        with self._database.transaction() as tx:
            return tx.activations.claim(activation_id, self.owner, self._clock(), self.ttl_ms)

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
