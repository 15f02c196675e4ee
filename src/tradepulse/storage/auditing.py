"""Writing the audit, and looking whether anybody has changed it since."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.domain.audit import AuditEntry
from tradepulse.storage.database import Database

_HOLD = "audit"


def record(database: Database, entry: AuditEntry) -> AuditEntry:
    """The entry as the newest link of the chain."""
    with database.transaction() as tx:
        # Two that write at once must not both follow the same one.
        tx.hold(_HOLD)
        return tx.audit.append(entry)


class ChainReport(NamedTuple):
    """A hash chain as it was found. `first_broken`: the number of the first wrong link, or None."""

    chain: str
    links: int
    first_broken: int | None


def verify_chains(database: Database) -> tuple[ChainReport, ...]:
    """The audit of commands and the versions of the settings, link by link."""
    with database.reading() as tx:
        return (
            ChainReport("audit_log", tx.audit.count(), tx.audit.first_broken()),
            ChainReport(
                "settings_versions", len(tx.settings.history()), tx.settings.first_broken()
            ),
        )
