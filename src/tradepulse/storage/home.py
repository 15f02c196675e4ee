"""The home: one folder that holds everything of an instance, and the settings in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradepulse.domain.errors import UsageError
from tradepulse.domain.settings import Settings
from tradepulse.storage.settings_layers import Layers, known_settings, read_layers

HOME_VARIABLE = "TRADEPULSE_HOME"
DEFAULT_HOME = "user_data"
SETTINGS_FILES = ("tradepulse.toml", "tradepulse.json")
FOLDERS = ("strategies", "optimisers", "objectives", "data", "models", "logs")

FIRST_SETTINGS = """\
# TradePulse settings. Every key can also be given as TRADEPULSE__SECTION__KEY.
[api]
host = "127.0.0.1"
port = 8080

[paper]
cash = 10000
quote = "USDT"
"""

__all__ = ["Home", "known_settings", "layers_of", "load_settings"]


@dataclass(frozen=True)
class Home:
    """The folder of one instance. Two homes share nothing."""

    path: Path

    @classmethod
    def at(cls, path: Path | None = None, environment: Mapping[str, str] | None = None) -> Home:
        """The home at `path`, else at TRADEPULSE_HOME, else `./user_data`. Nothing is created."""
        variables = os.environ if environment is None else environment
        return cls(path or Path(variables.get(HOME_VARIABLE) or DEFAULT_HOME)).absolute()

    def absolute(self) -> Home:
        """The same home, whatever the current folder is later."""
        return Home(self.path.expanduser().absolute())

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def strategies(self) -> Path:
        return self.path / "strategies"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def database_file(self) -> Path:
        return self.path / "tradepulse.sqlite"

    def create(self) -> list[Path]:
        """What was made: missing folders and a first settings file; what is there stays."""
        made = []
        for folder in (self.path, *(self.path / name for name in FOLDERS)):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                made.append(folder)
        if self.settings_file() is None:
            first = self.path / SETTINGS_FILES[0]
            first.write_text(FIRST_SETTINGS)
            made.append(first)
        return made

    def settings_file(self) -> Path | None:
        """The home's settings file, None without one. Errors: `ambiguous_settings`,
        `unsupported_settings_file`."""
        found = [self.path / name for name in SETTINGS_FILES if (self.path / name).is_file()]
        others = sorted(self.path.glob("tradepulse.y*ml"))
        if others:
            raise UsageError(
                "unsupported_settings_file", f"{others[0].name} is not read",
                expected=" or ".join(SETTINGS_FILES), found=others[0].name,
            )  # fmt: skip
        if len(found) > 1:
            raise UsageError(
                "ambiguous_settings", f"{self.path} holds two settings files",
                expected="one of them", found=" and ".join(path.name for path in found),
            )  # fmt: skip
        return found[0] if found else None


def load_settings(
    home: Home,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of `home`: its file (or `file`), overridden by TRADEPULSE__SECTION__KEY; without
    the version kept in the database, which they say where to find.

    Errors: `settings_not_found`, `bad_settings_file`, `unknown_setting`, `bad_setting`.
    """
    return layers_of(home, file, environment).resolved().settings


def layers_of(
    home: Home, file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Layers:
    """What a process of this home was started with. Errors: `settings_not_found`,
    `bad_settings_file`."""
    return read_layers(file or home.settings_file(), environment)
