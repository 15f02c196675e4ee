"""Versions of the settings kept in the database, as a hash chain."""

from __future__ import annotations

from tradepulse.domain.configuration import Json
from tradepulse.domain.settings_version import SettingsVersion
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.repositories.rows import Rows
from tradepulse.storage.tables import settings_versions as table


class SettingsVersions(Rows[SettingsVersion]):
    """Rows of `settings_versions`."""

    _codec = dataclass_codec(table, SettingsVersion)

    def latest(self) -> SettingsVersion | None:
        """The newest version, None before the first."""
        return self._first(self._select().order_by(table.c.version.desc()))

    def find(self, version: int) -> SettingsVersion | None:
        """The version of that number, or None."""
        return self._first(self._select(table.c.version == version))

    def history(self) -> tuple[SettingsVersion, ...]:
        """All versions, oldest first."""
        return self._fetch(self._select().order_by(table.c.version))

    def append(self, settings: Json, *, by: str, at: int, reason: str) -> SettingsVersion:
        """The new version. Two at once: one of them raises `already_exists` and may try again."""
        version = SettingsVersion.following(self.latest(), settings, by=by, at=at, reason=reason)
        self.insert(version)
        return version

    def first_broken(self) -> int | None:
        """The number of the first version whose hash or link is wrong, None if all are intact."""
        link: str | None = None
        for number, version in enumerate(self.history(), start=1):
            if version.version != number or version.previous_hash != link or not version.is_intact:
                return number
            link = version.hash
        return None
