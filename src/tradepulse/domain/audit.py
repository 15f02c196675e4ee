"""One line of the audit: who commanded what, from where, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tradepulse.domain.configuration import content_hash


@dataclass(frozen=True)
class AuditEntry:
    """A link of the hash chain: `hash` covers everything before it and `previous_hash`.

    `credential` says by what they were let in: `session …`, `key …`, `password`, `terminal`, or
    nothing. `route` is the template, `object` the id within it. `outcome` is the HTTP status (a
    command at the terminal: its exit code), `code` that of the refusal.
    """

    number: int
    time: int
    user_id: str
    username: str
    credential: str
    address: str
    method: str
    route: str
    object: str
    outcome: int
    code: str
    request_id: str
    previous_hash: str = ""
    hash: str = ""

    def following(self, previous: AuditEntry | None) -> AuditEntry:
        """The same, as the link after `previous` (None: the first)."""
        number = 1 if previous is None else previous.number + 1
        linked = replace(
            self, number=number, previous_hash="" if previous is None else previous.hash
        )
        return replace(linked, hash=linked.digest())

    def digest(self) -> str:
        """What `hash` must be."""
        return content_hash([value for name, value in vars(self).items() if name != "hash"])
