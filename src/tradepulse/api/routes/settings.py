"""Settings in force, their versions, and limits with what is used of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from tradepulse.api.access import ADMIN, OPERATOR
from tradepulse.api.context import Context, Here
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.settings import (
    AskedLimits,
    AskedRollback,
    AskedSettings,
    DifferenceShape,
    DifferencesShape,
    LimitShape,
    LimitsShape,
    SettingShape,
    SettingsShape,
    VersionShape,
    VersionsShape,
)
from tradepulse.bootstrap.settings_in_force import setting_rows
from tradepulse.domain.settings_version import SettingsVersion
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.settings_changes import (
    Change,
    change_settings,
    current,
    differences,
    roll_back,
    version_of,
)
from tradepulse.storage.settings_layers import DEFAULT
from tradepulse.storage.settings_tag import tag_of, version_in
from tradepulse.storage.transaction import Transaction

router = APIRouter(tags=["settings"])
IfMatch = Annotated[
    str | None,
    Header(
        description="The ETag of what was read, or `*`: then nobody's change is lost.",
        examples=['"settings-7"'],
    ),
]
_CHANGED: dict[int | str, dict[str, Any]] = {
    409: {"description": "Not to be changed here; `code` says why."},
    412: {"description": "Somebody else was faster: read again."},
    428: {"description": "If-Match is missing."},
}


@router.get("/risk/limits", tags=["risk"])
def list_limits(here: Here, response: Response, wallet_id: str | None = None) -> LimitsShape:
    """Every limit, with what each wallet uses of it; without wallets as they are set. Near a limit
    from `warn_at` on; at `refuse_at` entries are refused or cut."""
    from tradepulse.storage.limit_use import limit_uses, unused
    from tradepulse.storage.standing_desks import picture_of

    with here.database.reading() as tx:
        force = current(tx, here.app.current.layers)
        settings = force.settings.risk
        if wallet_id is None:
            wallets = list(tx.wallets.page(limit=MAX_LIMIT).items)
        else:
            wallets = [tx.wallets.get(wallet_id)]
        found = [
            use for wallet in wallets
            for use in limit_uses(picture_of(tx, here.app.bars, wallet, settings, here.now_ms()))
        ] or list(unused(settings))  # fmt: skip
    response.headers["etag"] = tag_of(force.version)
    items = [
        LimitShape(**use._asdict(), source=force.sources.get(f"risk.{use.name}", DEFAULT))
        for use in found
    ]
    return LimitsShape(version=force.version, items=items)


@router.put("/risk/limits", dependencies=[OPERATOR], responses=_CHANGED, tags=["risk"])
def change_limits(
    here: Here, response: Response, body: AskedLimits, if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> VersionShape:  # fmt: skip
    """New limits, as a version of the settings. Running engines obey them within two seconds."""
    values = {f"risk.{name}": value for name, value in body.changes.items()}
    unset = tuple(f"risk.{name}" for name in body.unset)
    return _changed(here, response, body, values, unset, if_match, idempotency_key)


@router.get("/settings")
def show_settings(here: Here, response: Response) -> SettingsShape:
    """Every setting in force, with where it is from."""
    with here.database.reading() as tx:
        force = current(tx, here.app.current.layers)
    response.headers["etag"] = tag_of(force.version)
    items = [SettingShape(**row) for row in setting_rows(force)]
    return SettingsShape(version=force.version, items=items)


@router.put("/settings", dependencies=[ADMIN], responses=_CHANGED)
def put_settings(
    here: Here, response: Response, body: AskedSettings, if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> VersionShape:  # fmt: skip
    """Other settings, as a new version. What file or environment decide at a start is refused."""
    unset = tuple(body.unset)
    return _changed(here, response, body, body.changes, unset, if_match, idempotency_key)


@router.get("/settings/versions")
def list_versions(here: Here) -> VersionsShape:
    """Every version there ever was, newest first, and whether the chain of hashes is whole."""
    with here.database.reading() as tx:
        found, broken = tx.settings.history(), tx.settings.first_broken()
    items = [VersionShape.model_validate(version) for version in reversed(found)]
    return VersionsShape(items=items, first_broken=broken)


@router.get("/settings/versions/{version}")
def show_version(here: Here, version: int) -> VersionShape:
    """One version."""
    with here.database.reading() as tx:
        return VersionShape.model_validate(version_of(tx, version))


@router.get("/settings/diff")
def show_differences(
    here: Here,
    first: Annotated[int, Query(alias="from", ge=0, description="A version; 0: before any.")],
    second: Annotated[int, Query(alias="to", ge=0)],
) -> DifferencesShape:
    """What is in force with the one version and otherwise with the other."""
    with here.database.reading() as tx:
        found = differences(tx, here.app.current.layers, first, second)
    return DifferencesShape(items=[DifferenceShape.model_validate(one) for one in found])


@router.post("/settings/rollback", dependencies=[ADMIN], responses=_CHANGED)
def rollback_settings(
    here: Here, response: Response, body: AskedRollback, if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> VersionShape:  # fmt: skip
    """A new version that says what an earlier one said."""

    def act(tx: Transaction, now_ms: int) -> SettingsVersion:
        change = _change(here, body.reason, now_ms, if_match)
        return roll_back(tx, here.app.current.layers, body.version, change)

    request = {"command": "settings_rollback", **body.model_dump(mode="json")}
    return _done(here, response, request, idempotency_key, act)


def _changed(
    here: Context, response: Response, body: AskedSettings | AskedLimits, values: dict[str, Any],
    unset: tuple[str, ...], if_match: str | None, key: str | None,
) -> VersionShape:  # fmt: skip
    def act(tx: Transaction, now_ms: int) -> SettingsVersion:
        change = _change(here, body.reason, now_ms, if_match, values, unset)
        return change_settings(tx, here.app.current.layers, change)

    request = {"command": "settings", "values": values, "unset": list(unset)}
    return _done(here, response, request, key, act)


def _change(
    here: Context, reason: str, now_ms: int, if_match: str | None,
    values: dict[str, Any] | None = None, unset: tuple[str, ...] = (),
) -> Change:  # fmt: skip
    seen = version_in(if_match)
    return Change(reason, here.user.username, now_ms, values or {}, unset, seen, here.user.id)


def _done(
    here: Context, response: Response, request: dict[str, Any], key: str | None, act: Any
) -> VersionShape:
    now_ms = here.now_ms()
    with here.database.transaction() as tx:

        def made() -> VersionShape:
            return VersionShape.model_validate(act(tx, now_ms))

        answer, _ = answered(tx, key, request, now_ms, VersionShape, made)
    response.headers["etag"] = tag_of(answer.version)
    return answer
