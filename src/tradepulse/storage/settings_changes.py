"""Settings that change while everything runs: each change a version, with who, when and why.

A version holds what is set for all processes of the database, not a copy of every setting. To go
back is a version too: nothing is ever taken out of the chain.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.configuration import Json
from tradepulse.domain.errors import NotFoundError, RefusedError, StaleError, UsageError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.settings_version import SettingsVersion
from tradepulse.risk import Limits
from tradepulse.storage.settings_layers import ENVIRONMENT, Layers, Resolved, leaves, merge, put
from tradepulse.storage.transaction import Transaction

# What running processes look at again. The rest is read once, at a start, from file and
# environment: some of it says where this database is.
VERSIONED = ("risk", "paper")
_RISK = "risk."
_CHAIN = "settings versions"


@dataclass(frozen=True)
class Change:
    """What is asked for: values by `section.key`, and keys that the version is to say nothing of
    any more. `expected`: the version the asker has seen (None: whichever it is)."""

    reason: str
    by: str
    now_ms: int
    values: Mapping[str, Any]
    unset: tuple[str, ...] = ()
    expected: int | None = None
    user_id: str = "local"


@dataclass(frozen=True)
class Difference:
    """A setting in two versions, as the whole layers make it; `before` or `after` may be alike in
    force and still differ in where they come from."""

    name: str
    before: Any
    after: Any


def current(tx: Transaction, layers: Layers) -> Resolved:
    """The settings in force now. Errors: `unknown_setting`, `bad_setting` where a version does not
    fit this program."""
    latest = tx.settings.latest()
    if latest is None:
        return layers.resolved()
    return layers.resolved(latest.settings, latest.version)


def change_settings(tx: Transaction, layers: Layers, change: Change) -> SettingsVersion:
    """The new version. Running engines obey it within two seconds.

    Errors: `reason_missing`, `nothing_changed`, `unknown_setting`, `bad_setting`, `bad_limits`
    (UsageError); `not_versioned`, `overridden` (RefusedError); `settings_changed` (StaleError) when
    somebody else was faster.
    """
    tx.hold(_CHAIN)
    latest = _latest_seen(tx, change.expected)
    document: dict[str, Any] = {} if latest is None else copy.deepcopy(dict(latest.settings))
    names = [*change.values, *change.unset]
    if not names:
        raise UsageError(
            "nothing_changed", "no change was asked for", expected="at least one", found="none"
        )
    for name in names:
        _check_versioned(name, layers)
    for name, value in change.values.items():
        _set(document, name, value)
    for name in change.unset:
        _unset(document, name)
    return _append(tx, layers, latest, document, change)


def roll_back(tx: Transaction, layers: Layers, version: int, change: Change) -> SettingsVersion:
    """A new version that says what `version` said; 0 says nothing. Errors: `version_not_found`, and
    those of `change_settings`."""
    tx.hold(_CHAIN)
    latest = _latest_seen(tx, change.expected)
    document = {} if version == 0 else dict(version_of(tx, version).settings)
    return _append(tx, layers, latest, document, change)


def version_of(tx: Transaction, number: int) -> SettingsVersion:
    """Error `version_not_found`."""
    found = tx.settings.find(number)
    if found is None:
        raise NotFoundError(
            "version_not_found", "there is no such version of the settings",
            expected="the number of a version", found=str(number),
        )  # fmt: skip
    return found


def differences(tx: Transaction, layers: Layers, first: int, second: int) -> tuple[Difference, ...]:
    """What is in force with version `first` and otherwise with `second`; 0 is before the first.
    Errors: `version_not_found`."""
    kept = [{} if n == 0 else version_of(tx, n).settings for n in (first, second)]
    return _differences(layers.resolved(kept[0]), layers.resolved(kept[1]))


def _append(
    tx: Transaction, layers: Layers, latest: SettingsVersion | None, document: Json, change: Change
) -> SettingsVersion:
    if not change.reason.strip():
        raise UsageError("reason_missing", "say why: it is kept", expected="a reason", found="none")
    before = layers.resolved({} if latest is None else latest.settings)
    after = layers.resolved(document)
    Limits.from_settings(after.settings.risk)
    version = tx.settings.append(
        document, by=change.by, at=change.now_ms, reason=change.reason.strip()
    )
    _tell(tx, version, _differences(before, after), change)
    return version


def _tell(
    tx: Transaction, version: SettingsVersion, found: Iterable[Difference], change: Change
) -> None:
    told = {d.name: {"before": d.before, "after": d.after} for d in found}
    about = {"version": version.version, "by": change.by, "reason": version.reason}
    risk = {n.removeprefix(_RISK): d for n, d in told.items() if n.startswith(_RISK)}
    name = str(version.version)
    for type_, changes in (("settings.changed", told), ("risk.limits", risk)):
        if type_ == "settings.changed" or changes:
            tx.events.append(
                NewEvent(
                    change.now_ms, type_, "settings", name, {**about, "changes": changes},
                    change.user_id,
                )
            )  # fmt: skip


def _differences(one: Resolved, other: Resolved) -> tuple[Difference, ...]:
    before = dict(leaves(one.settings.model_dump(mode="json")))
    after = dict(leaves(other.settings.model_dump(mode="json")))
    names = sorted({*before, *after})
    return tuple(
        Difference(name, before.get(name), after.get(name)) for name in names
        if before.get(name) != after.get(name)
    )  # fmt: skip


def _latest_seen(tx: Transaction, expected: int | None) -> SettingsVersion | None:
    latest = tx.settings.latest()
    found = 0 if latest is None else latest.version
    if expected is not None and expected != found:
        raise StaleError(
            "settings_changed", "somebody else changed the settings meanwhile",
            expected=f"version {expected}", found=f"version {found}",
            hint="Read them again and decide anew.",
        )  # fmt: skip
    return latest


def _check_versioned(name: str, layers: Layers) -> None:
    if name.split(".", maxsplit=1)[0].lower() not in VERSIONED or "." not in name:
        raise RefusedError(
            "not_versioned", f"{name} is read at a start, from the file or the environment",
            expected=f"a setting of {' or '.join(VERSIONED)}", found=name,
        )  # fmt: skip
    source = layers.resolved().sources
    held = [known for known in source if known.lower() == name.lower()]
    if any(source[known] == ENVIRONMENT for known in held):
        variable = "TRADEPULSE__" + name.upper().replace(".", "__")
        raise RefusedError(
            "overridden", f"the environment sets {name}: a change would have no effect",
            expected=f"no {variable} in the environment", found=variable,
        )  # fmt: skip


def _set(document: dict[str, Any], name: str, value: Any) -> None:
    laid: dict[str, Any] = {}
    put(laid, name.split("."), value)
    _unset(document, name)
    merge(document, laid)


def _unset(document: dict[str, Any], name: str) -> None:
    """Takes a key out, in any case; a section that is left empty goes too."""
    head, _, rest = name.partition(".")
    key = next((own for own in document if own.lower() == head.lower()), None)
    if key is None:
        return
    inner = document[key]
    if rest and isinstance(inner, dict):
        _unset(inner, rest)
    if not rest or inner == {}:
        del document[key]
