"""Users, for those who administer them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tradepulse.api.access import ADMIN
from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.access import ChangedUserBody, NewUserBody, UserShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.user import Role
from tradepulse.storage import accounts

router = APIRouter(
    prefix="/users", tags=["access"], dependencies=[ADMIN], route_class=ConditionalRoute
)


@router.get("")
def list_users(here: Here, paging: Paging, role: Role | None = None) -> Listed[UserShape]:
    """Users, oldest first."""
    with here.app.database.reading() as tx:
        page = tx.users.page(role=role, **paging)
    return Listed[UserShape].model_validate(page)


@router.post("", status_code=201)
def create_user(here: Here, body: NewUserBody, response: Response) -> UserShape:
    """A new user, with wallets, connections and activations of their own to come."""
    password = None if body.password is None else body.password.get_secret_value()
    made = accounts.create_user(
        here.app.database, body.username, password, body.role, here.now_ms()
    )
    response.headers["location"] = f"users/{made.id}"
    return UserShape.model_validate(made)


@router.get("/{user_id}")
def show_user(here: Here, user_id: str) -> UserShape:
    """One user."""
    with here.app.database.reading() as tx:
        return UserShape.model_validate(tx.users.get(user_id))


@router.patch("/{user_id}")
def change_user(here: Here, user_id: str, body: ChangedUserBody) -> UserShape:
    """A new name, role or password; or shut out, and let in again. Who is shut out is so at once,
    with every key; what they have running goes on until somebody stops it."""
    database, now_ms = here.app.database, here.now_ms()
    if body.password is not None:
        accounts.set_password(database, user_id, body.password.get_secret_value(), now_ms)
    changed = accounts.change_user(
        database, user_id, now_ms, username=body.username, role=body.role, disabled=body.disabled
    )
    return UserShape.model_validate(changed)


@router.delete("/{user_id}", status_code=204)
def delete_user(here: Here, user_id: str) -> None:
    """Delete a user with nothing running. Their name is free; their ledger stays."""
    accounts.delete_user(here.app.database, user_id, here.now_ms())
