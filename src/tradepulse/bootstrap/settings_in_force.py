"""The settings in force as rows to show: where each is from, and nothing that is secret."""

from __future__ import annotations

import re
from typing import Any

from tradepulse.domain.settings import Settings
from tradepulse.storage.settings_changes import VERSIONED
from tradepulse.storage.settings_layers import Resolved, leaves

_USER_INFO = re.compile(r"//[^/@]*@")


def setting_rows(force: Resolved) -> list[dict[str, Any]]:
    """`name`, `value`, `default`, `source` and `versioned` of every setting, by name."""
    defaults = dict(leaves(Settings().model_dump(mode="json")))
    return [
        {
            "name": name, "value": _shown(value), "default": defaults.get(name),
            "source": force.sources.get(name, "default"),
            "versioned": name.split(".", maxsplit=1)[0] in VERSIONED,
        }
        for name, value in sorted(leaves(force.settings.model_dump(mode="json")))
    ]  # fmt: skip


def _shown(value: Any) -> Any:
    """An address without the password that may be in it; secrets are masked by their type."""
    return _USER_INFO.sub("//***@", value) if isinstance(value, str) else value
