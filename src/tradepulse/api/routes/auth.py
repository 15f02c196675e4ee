"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response

from tradepulse.api.access import OPEN, PERSON, VIEWER
from tradepulse.api.context import Context, Here
from tradepulse.api.shapes.access import (
    MeShape,
    PasswordBody,
    RefreshBody,
    SignInBody,
    TokensShape,
    UserShape,
)
from tradepulse.domain.errors import ForbiddenError, SignInError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.user import Role, in_order
from tradepulse.storage import signing_in
from tradepulse.storage.accounts import change_password, create_user
from tradepulse.storage.signing_in import SignedIn
from tradepulse.storage.throttling import count_attempt

router = APIRouter(prefix="/auth", tags=["access"])
COOKIE = "tp_refresh"
_COOKIE_PATH = "/api"

RefreshCookie = Annotated[
    str | None, Cookie(alias=COOKIE, description="Set by the sign-in; a browser sends it.")
]


@router.post("/login", dependencies=[OPEN])
def login(here: Here, body: SignInBody, request: Request, response: Response) -> TokensShape:
    """A session. After a few failures under one name or from one address, nothing is looked at for
    a growing while (429, Retry-After)."""
    request.state.audit_user = ("", _known_name(here, body.username), "password")
    signed_in = signing_in.sign_in(
        here.app.database, body.username, body.password.get_secret_value(), here.address,
        here.now_ms(), _lasts_ms(here),
    )  # fmt: skip
    return _tokens(here, signed_in, request, response)


@router.post("/refresh", dependencies=[OPEN])
def refresh(
    here: Here, request: Request, response: Response, body: RefreshBody | None = None,
    cookie: RefreshCookie = None,
) -> TokensShape:  # fmt: skip
    """The next pair of tokens. Each refresh token is good once: one that comes a second time ends
    its session (`refresh_reused`)."""
    given = None if body is None or body.refresh_token is None else body.refresh_token
    token = cookie if given is None else given.get_secret_value()
    if token is None:
        raise SignInError(
            "refresh_missing", "there is no refresh token",
            expected=f"refresh_token, or the cookie {COOKIE}", found="neither",
        )  # fmt: skip
    signed_in = signing_in.refresh(
        here.app.database, token, here.now_ms(), _lasts_ms(here), from_browser=given is None
    )
    return _tokens(here, signed_in, request, response)


@router.post("/logout", dependencies=[OPEN], status_code=204)
def logout(
    here: Here, request: Request, response: Response, body: RefreshBody | None = None,
    cookie: RefreshCookie = None,
) -> None:  # fmt: skip
    """End the session: that of the access token, or that of the refresh token. Its other tokens are
    void too. Twice is once."""
    given = None if body is None or body.refresh_token is None else body.refresh_token
    token = cookie if given is None else given.get_secret_value()
    session = None if here.identity is None else here.identity.session_id
    if session is None and token is not None:
        session = signing_in.session_of(here.app.database, token)
    if session is not None:
        signing_in.sign_out(here.app.database, session, here.now_ms())
    response.delete_cookie(COOKIE, path=_COOKIE_PATH, httponly=True, samesite="strict")
    if here.identity is None:
        request.state.audit_user = ("", "", "" if session is None else f"session {session}")


@router.get("/me", dependencies=[VIEWER])
def me(here: Here) -> MeShape:
    """Who asks, and what that allows."""
    user, identity = here.user, here.identity
    scopes = () if identity is None else identity.scopes
    return MeShape(
        id=user.id, username=user.username, role=user.role, scopes=list(in_order(scopes)),
        created_at=user.created_at,
    )  # fmt: skip


@router.post("/password", dependencies=[PERSON], status_code=204)
def password(here: Here, body: PasswordBody) -> None:
    """One's own password, changed. Every other session of the user ends."""
    session = "" if here.identity is None else here.identity.session_id or ""
    # Whoever found an open screen is not to guess here instead.
    count_attempt(here.app.database, here.user.username, here.address, here.now_ms())
    change_password(
        here.app.database, here.user.id, body.current_password.get_secret_value(),
        body.new_password.get_secret_value(), here.now_ms(), session,
    )  # fmt: skip


@router.post("/register", dependencies=[OPEN], status_code=201)
def register(here: Here, body: SignInBody) -> UserShape:
    """A viewer's account of one's own, where the settings open that; else `registration_closed`."""
    if not here.app.settings.auth.open_registration:
        raise ForbiddenError(
            "registration_closed", "accounts are made by an admin here",
            expected="auth.open_registration = true", found="false",
        )  # fmt: skip
    # A hash takes its time: nobody is to have them made by the thousand.
    count_attempt(here.app.database, "", here.address, here.now_ms())
    made = create_user(
        here.app.database, body.username, body.password.get_secret_value(), Role.VIEWER,
        here.now_ms(),
    )  # fmt: skip
    return UserShape.model_validate(made)


def _known_name(here: Context, username: str) -> str:
    """The name as the audit may keep it: of nobody, it may be a password in the wrong field."""
    with here.app.database.reading() as tx:
        user = tx.users.named(username.strip())
    return "" if user is None else user.username


def _lasts_ms(here: Context) -> int:
    return here.app.settings.auth.refresh_days * DAY_MS


def _tokens(
    here: Context, signed_in: SignedIn, request: Request, response: Response
) -> TokensShape:  # fmt: skip
    user, session, now_ms = signed_in.user, signed_in.session, here.now_ms()
    request.state.audit_user = (user.id, user.username, f"session {session.id}")
    # No script reads it, no other site sends it, and under TLS it never leaves without.
    response.set_cookie(
        COOKIE, signed_in.refresh_token, max_age=(session.expires_at - now_ms) // 1000,
        path=_COOKIE_PATH, httponly=True, samesite="strict", secure=request.url.scheme == "https",
    )  # fmt: skip
    return TokensShape(
        access_token=here.tokens.issue(user, session.id, now_ms),
        refresh_token=signed_in.refresh_token, expires_in=here.tokens.lasts_s,
    )  # fmt: skip
