"""One version of the settings kept in the database: who changed what, when and why."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.configuration import Json, content_hash


@dataclass(frozen=True)
class SettingsVersion:
    """A link of the hash chain: `hash` covers the content and `previous_hash`."""

    version: int
    settings: Json
    changed_by: str
    changed_at: int
    reason: str
    previous_hash: str | None
    hash: str

    @classmethod
    def following(
        cls, previous: SettingsVersion | None, settings: Json, *, by: str, at: int, reason: str
    ) -> SettingsVersion:
        """The version that follows `previous` (None: the first), with its hash."""
        version = 1 if previous is None else previous.version + 1
        link = None if previous is None else previous.hash
        content = [version, dict(settings), by, at, reason, link]
        return cls(version, settings, by, at, reason, link, content_hash(content))

    @property
    def is_intact(self) -> bool:
        """Whether the hash still covers the content."""
        by, at = self.changed_by, self.changed_at
        content = [self.version, dict(self.settings), by, at, self.reason, self.previous_hash]
        return self.hash == content_hash(content)
