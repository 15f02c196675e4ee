"""Settings, their versions, and limits with what is used of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from tradepulse.api.shapes.risk import Reason
from tradepulse.api.shapes.values import Document, Millis, Shape

Number = Annotated[int, Field(description="Of the settings; 0 before the first.", examples=[7])]


class SettingShape(Shape):
    """`source`: default, file, version or environment; the later wins. `versioned`: it can be
    changed here while everything runs."""

    name: str = Field(examples=["risk.max_open_trades"])
    value: Any = Field(examples=[10])
    default: Any = Field(examples=[10])
    source: str = Field(examples=["version"])
    versioned: bool


class SettingsShape(Shape):
    """The settings in force. What is secret is not shown."""

    version: Number
    items: list[SettingShape]


class VersionShape(Shape):
    """`settings`: what the version sets, no more. `hash` covers it and the version before."""

    version: int
    settings: Document
    changed_by: str
    changed_at: Millis
    reason: str
    previous_hash: str | None
    hash: str


class VersionsShape(Shape):
    """Newest first. `first_broken`: the first version whose hash or link is wrong; null: the chain
    is whole."""

    items: list[VersionShape]
    first_broken: int | None


class DifferenceShape(Shape):
    name: str
    before: Any
    after: Any


class DifferencesShape(Shape):
    items: list[DifferenceShape]


class AskedSettings(Shape):
    """`changes`: values by `section.key`; null is a value (no limit). `unset`: what the version is
    to say nothing of any more, so that file or default hold again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"changes": {"risk.max_open_trades": 4, "risk.min_equity": None},
                 "unset": ["paper.cash"], "reason": "too many at once last week"}
            ]
        },
    )  # fmt: skip

    changes: dict[str, Any] = Field(default_factory=dict)
    unset: list[str] = Field(default_factory=list)
    reason: Reason


class AskedLimits(Shape):
    """`changes`: limits by name; null: no such limit. `unset`: file or default hold again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"changes": {"max_leverage": 2, "stage_cap_pct.MATURE": 8},
                 "reason": "volatile weeks ahead"}
            ]
        },
    )  # fmt: skip

    changes: dict[str, Any] = Field(default_factory=dict)
    unset: list[str] = Field(default_factory=list)
    reason: Reason


class AskedRollback(Shape):
    """Back to what `version` said (0: nothing), as a new version."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 3, "reason": "it was better"}]}
    )

    version: int = Field(ge=0)
    reason: Reason


class LimitShape(Shape):
    """`value` null: no such limit. `used` is in force now, `reserved` what entries under way would
    add; null where nothing is used up. `applies`: the wallet is held to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "max_open_trades", "value": 10, "unit": "count", "used": 3,
                 "reserved": 1, "warn_at": 8, "refuse_at": 10, "wallet_id": "desk",
                 "applies": True, "source": "default"}
            ]
        }
    )  # fmt: skip

    name: str
    value: float | None
    unit: str = Field(description="%, x (times), count, quote (currency) or correlation.")
    used: float | None
    reserved: float | None
    warn_at: float | None
    refuse_at: float | None
    wallet_id: str | None
    applies: bool
    source: str


class LimitsShape(Shape):
    """`version`: of the settings; send it as If-Match with a change."""

    version: Number
    items: list[LimitShape]
