"""Access tokens: signed, short-lived, and only ever a claim.

Whoever presents one is looked up besides, so that a user who was disabled, demoted or signed out is
so at once. Only while the database is away do the claims alone count: the kill switch must work
then, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tradepulse.domain.errors import SignInError
from tradepulse.domain.user import Role, User
from tradepulse.storage.key_file import Key

ALGORITHM = "HS256"
ISSUER = "tradepulse"


@dataclass(frozen=True)
class Claims:
    """What a token says of who holds it. Times in UTC ms."""

    user_id: str
    username: str
    role: Role
    session_id: str
    expires_at: int


@dataclass
class AccessTokens:
    """Signs and reads them. `read_keys`: the newest first; asked again for a key not known yet."""

    read_keys: Callable[[], list[Key]]
    lasts_s: int
    _keys: dict[str, Key] = field(default_factory=dict)

    def issue(self, user: User, session_id: str, now_ms: int) -> str:
        """A token for a session of the user."""
        # Its import costs a twentieth of a second; what signs nobody in does without it.
        import jwt

        key = next(iter(self._known().values()))
        now_s = now_ms // 1000
        claims = {
            "iss": ISSUER, "sub": user.id, "name": user.username, "role": str(user.role),
            "sid": session_id, "iat": now_s, "exp": now_s + self.lasts_s,
        }  # fmt: skip
        return jwt.encode(claims, key.secret, ALGORITHM, headers={"kid": key.version})

    def read(self, token: str, now_ms: int) -> Claims:
        """What it says, if we signed it and it holds. Errors (SignInError): `bad_token`,
        `token_expired`."""
        import jwt

        try:
            key = self._named(str(jwt.get_unverified_header(token).get("kid")))
            # Its time is looked at below, by the clock that everything here goes by.
            told: dict[str, Any] = jwt.decode(
                token, b"" if key is None else key.secret, [ALGORITHM], issuer=ISSUER,
                options={
                    "require": ["sub", "sid", "exp", "iat", "role", "name"],
                    "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                },
            )  # fmt: skip
            claims = Claims(
                str(told["sub"]), str(told["name"]), Role(told["role"]), str(told["sid"]),
                int(told["exp"]) * 1000,
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _bad() from error
        if now_ms >= claims.expires_at:
            raise SignInError(
                "token_expired", "the access token has run out",
                expected="one that holds", found="one of before", hint="Refresh it.",
            )  # fmt: skip
        return claims

    def _known(self) -> dict[str, Key]:
        if not self._keys:
            self._keys = {key.version: key for key in self.read_keys()}
        return self._keys

    def _named(self, version: str) -> Key | None:
        if version not in self._known():
            self._keys = {}
        return self._known().get(version)


def _bad() -> SignInError:
    return SignInError("bad_token", "that is no access token of this server")
