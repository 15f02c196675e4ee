"""Settings in layers: defaults, the home's file, the version kept in the database, the environment.

The nearer wins: what is set for one process alone is not undone by what is kept for all of them.
"""

from __future__ import annotations

import copy
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tradepulse.domain.configuration import Json
from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.domain.settings import Settings

SETTING_PREFIX = "TRADEPULSE__"
DEFAULT, FILE, VERSION, ENVIRONMENT = "default", "file", "version", "environment"


@dataclass(frozen=True)
class Resolved:
    """The settings in force. `sources`: by `section.key`, which layer it is from; `version` is the
    number of the version they were made with, 0 before the first."""

    settings: Settings
    sources: Mapping[str, str]
    version: int = 0


@dataclass(frozen=True)
class Layers:
    """What this process was started with: its file and its environment, as nested documents."""

    file: Json = field(default_factory=dict)
    environment: Json = field(default_factory=dict)

    def resolved(self, kept: Json | None = None, version: int = 0) -> Resolved:
        """The settings with the version `kept` in between. Errors: `unknown_setting`,
        `bad_setting` (UsageError), with what was expected and found."""
        document: dict[str, Any] = {}
        for layer in (self.file, kept or {}, self.environment):
            merge(document, layer)
        try:
            settings = Settings.model_validate(document)
        except ValidationError as error:
            raise _explained(error) from None
        named = ((ENVIRONMENT, self.environment), (VERSION, kept or {}), (FILE, self.file))
        sources = {
            name: next((word for word, layer in named if _sets(layer, name)), DEFAULT)
            for name, _ in leaves(settings.model_dump(mode="json"))
        }
        return Resolved(settings, sources, version)


def read_layers(path: Path | None, environment: Mapping[str, str] | None = None) -> Layers:
    """The file at `path` (None: none) and the variables TRADEPULSE__SECTION__KEY.

    Errors: `settings_not_found`, `bad_settings_file`.
    """
    variables = os.environ if environment is None else environment
    nearest: dict[str, Any] = {}
    for name in sorted(variables):
        if name.startswith(SETTING_PREFIX):
            keys = name.removeprefix(SETTING_PREFIX).lower().split("__")
            put(nearest, keys, variables[name])
    return Layers({} if path is None else _read(path), nearest)


def merge(document: dict[str, Any], layer: Json) -> None:
    """Lays `layer` over `document`, section by section; keys in any case."""
    for key, value in layer.items():
        known = next((own for own in document if own.lower() == key.lower()), key)
        inner = document.get(known)
        if isinstance(value, Mapping) and (inner is None or isinstance(inner, dict)):
            document[known] = inner if isinstance(inner, dict) else {}
            merge(document[known], value)
        elif not (isinstance(value, Mapping) and known in document):
            document[known] = copy.deepcopy(value)
        # Else the farther layer gave a value where a section belongs: validation names it.


def put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    """Sets a key of a nested document; nothing where a value stands in the place of a section."""
    for key in keys[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        document = inner
    document[keys[-1]] = value


def leaves(document: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(`section.key`, value) of a nested document, an empty section as itself."""
    for key, value in document.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{name}.")
        else:
            yield name, value


def known_settings() -> list[str]:
    """Every setting as `section.key`."""
    names = []
    for section, entry in Settings.model_fields.items():
        kind = entry.annotation
        keys = (
            [f"{section}.{key}" for key in kind.model_fields]
            if isinstance(kind, type) and issubclass(kind, BaseModel)
            else [f"{section}.<name>.base_url"]
        )
        names += keys
    return names


def _sets(layer: Json, name: str) -> bool:
    """Whether a layer says anything of a setting, or of the whole section it is in."""
    found: Any = layer
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return True
        key = next((own for own in found if own.lower() == part.lower()), None)
        if key is None:
            return False
        found = found[key]
    return True


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
