"""Users, sign-ins, keys and the audit as JSON. Passwords go in and never come out."""

from __future__ import annotations

from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Shape
from tradepulse.domain.user import Role, Scope

_SIGN_IN: JsonDict = {"username": "admin", "password": "…"}
_KEY: JsonDict = {"name": "grafana", "scopes": ["read"], "expires_in_days": 90}
_USER: JsonDict = {"username": "ada", "password": "…", "role": "operator"}


class Body(Shape):
    """A request. What it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class SignInBody(Body):
    """A name and its password."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SIGN_IN]})

    username: str = Field(min_length=1, max_length=200)
    password: SecretStr = Field(min_length=1, max_length=1000)


class RefreshBody(Body):
    """The refresh token, where it is not in the cookie."""

    refresh_token: SecretStr | None = None


class TokensShape(Shape):
    """An access token for the next `expires_in` seconds, and what gets the one after it."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105  (the scheme, not a token)
    expires_in: int


class MeShape(Shape):
    """Who asks, and what that allows."""

    id: str
    username: str
    role: Role
    scopes: list[Scope]
    created_at: Millis


class PasswordBody(Body):
    """One's own password, changed by who knows it."""

    current_password: SecretStr
    new_password: SecretStr


class UserShape(Shape):
    """A user, without anything that opens."""

    id: str
    username: str
    role: Role
    created_at: Millis
    disabled_at: Millis | None


class NewUserBody(Body):
    """A new user. Without a password they only have API keys."""

    model_config = ConfigDict(json_schema_extra={"examples": [_USER]})

    username: str = Field(min_length=1, max_length=64)
    password: SecretStr | None = None
    role: Role = Role.VIEWER


class ChangedUserBody(Body):
    """What is to change; the rest stays."""

    username: str | None = Field(default=None, min_length=1, max_length=64)
    password: SecretStr | None = None
    role: Role | None = None
    disabled: bool | None = None


class KeyShape(Shape):
    """A key as its owner sees it later: what opens is not kept."""

    id: str
    user_id: str
    name: str
    scopes: list[Scope]
    created_at: Millis
    expires_at: Millis | None
    last_used_at: Millis | None
    revoked_at: Millis | None


class NewKeyBody(Body):
    """A key for a program. Every scope may read."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    name: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(default_factory=lambda: [Scope.READ])
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class GivenKeyShape(KeyShape):
    """A new key. `secret` is shown here and never again."""

    secret: str


class AuditShape(Shape):
    """A command: who, when, from where, what, and what came of it. `outcome` is the HTTP status."""

    number: int
    time: Millis
    user_id: str
    username: str
    credential: str
    address: str
    method: str
    route: str
    object: str
    outcome: int
    code: str
    request_id: str
    hash: str
