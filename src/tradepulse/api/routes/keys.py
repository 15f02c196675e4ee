"""API keys of one's own: given once, taken back at any time."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tradepulse.api.access import PERSON, VIEWER
from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.access import GivenKeyShape, KeyShape, NewKeyBody
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.user import ApiKey, Role
from tradepulse.storage.giving_keys import give_key

router = APIRouter(prefix="/keys", tags=["access"], route_class=ConditionalRoute)


@router.get("", dependencies=[VIEWER])
def list_keys(here: Here, paging: Paging, revoked: bool = False) -> Listed[KeyShape]:
    """One's keys, oldest first; revoked ones only if asked for. What opens is not kept."""
    with here.database.reading() as tx:
        page = tx.api_keys.page(revoked=revoked, **paging)
    items = [KeyShape(**_shown(key)) for key in page.items]
    return Listed[KeyShape](items=items, next_cursor=page.next_cursor)


@router.post("", dependencies=[PERSON], status_code=201)
def create_key(here: Here, body: NewKeyBody, response: Response) -> GivenKeyShape:
    """A new key, for no more than one may oneself. Its `secret` is in this answer alone."""
    now_ms, days = here.now_ms(), body.expires_in_days
    expires_at = None if days is None else now_ms + days * DAY_MS
    given = give_key(here.app.database, here.user, body.name, body.scopes, now_ms, expires_at)
    response.headers["location"] = f"keys/{given.key.id}"
    return GivenKeyShape(**_shown(given.key), secret=given.secret)


@router.delete("/{key_id}", dependencies=[PERSON], status_code=204)
def revoke_key(here: Here, key_id: str) -> None:
    """Take a key back, at once and for good: one's own, or as an admin anybody's."""
    is_admin = here.user.role is Role.ADMIN
    database = here.app.database if is_admin else here.database
    with database.transaction() as tx:
        tx.api_keys.revoke(key_id, here.now_ms())


def _shown(key: ApiKey) -> dict[str, object]:
    return {**vars(key), "scopes": key.scopes.split()}
