"""The home: one folder that holds everything of an instance, and the settings in it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.domain.settings import Settings

HOME_VARIABLE = "TRADEPULSE_HOME"
SETTING_PREFIX = "TRADEPULSE__"
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
    """The settings of `home`: its file (or `file`), overridden by TRADEPULSE__SECTION__KEY.

    Errors: `settings_not_found`, `bad_settings_file`, `unknown_setting`, `bad_setting`.
    """
    path = file or home.settings_file()
    document = {} if path is None else _read(path)
    variables = os.environ if environment is None else environment
    for name in sorted(variables):
        if name.startswith(SETTING_PREFIX):
            _put(document, name.removeprefix(SETTING_PREFIX).lower().split("__"), variables[name])
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise _explained(error) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise NotFoundError("settings_not_found", f"no settings file at {path}") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            "bad_settings_file", f"{path} cannot be read",
            expected=path.suffix.lstrip(".").upper() or "TOML", found=str(error),
        ) from None  # fmt: skip
    if not isinstance(document, dict):
        raise UsageError(
            "bad_settings_file", f"{path} holds no sections",
            expected="an object of sections", found=type(document).__name__,
        )  # fmt: skip
    return document


def _put(document: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # the file gave a value where a section belongs: validation names it
        document = inner
    document[keys[-1]] = value


def _explained(error: ValidationError) -> UsageError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return UsageError(
            "bad_setting", f"the setting {where} is wrong",
            expected=first["msg"], found=repr(first["input"]),
        )  # fmt: skip
    known = known_settings()
    close = get_close_matches(where, known, n=1)
    return UsageError(
        "unknown_setting", f"there is no setting {where}",
        expected=f"one of {', '.join(known)}", found=where,
        hint=f"Did you mean {close[0]}?" if close else None,
    )  # fmt: skip


def known_settings() -> list[str]:
    """Every setting as `section.key`."""
    names = []
    for section, field in Settings.model_fields.items():
        kind = field.annotation
        keys = (
            [f"{section}.{key}" for key in kind.model_fields]
            if isinstance(kind, type) and issubclass(kind, BaseModel)
            else [f"{section}.<name>.base_url"]
        )
        names += keys
    return names
