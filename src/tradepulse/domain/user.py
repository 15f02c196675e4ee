"""Who may do what: people, their roles, and the keys they give to programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# The machine's owner: the first admin, and whoever sits at the command line.
OWNER_ID = "local"


class Role(StrEnum):
    """What a person may do; each includes the one before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Higher may do more."""
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        """Whether whoever has this role may do what `other` may."""
        return self.rank >= other.rank


class Scope(StrEnum):
    """What an API key may be used for, within its user's role. Every scope may read."""

    READ = "read"
    TRAIN = "train"
    TRADE = "trade"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        """The lowest role that may give it away."""
        return _ROLE_OF[self]


_ROLE_OF = {
    Scope.READ: Role.VIEWER, Scope.TRAIN: Role.OPERATOR, Scope.TRADE: Role.OPERATOR,
    Scope.ADMIN: Role.ADMIN,
}  # fmt: skip


def scopes_of(role: Role) -> frozenset[Scope]:
    """Every scope that a person of that role has."""
    return frozenset(scope for scope in Scope if role.includes(scope.role))


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes, each once, from reading on."""
    wanted = frozenset(scopes)
    return tuple(scope for scope in Scope if scope in wanted)


@dataclass(frozen=True)
class User:
    """A person who may sign in. `disabled_at` None: they still may. `deleted_at`: the row stays,
    for the ledger that names it; the name is free again."""

    id: str
    username: str
    role: Role
    created_at: int
    disabled_at: int | None = None
    deleted_at: int | None = None
    password_changed_at: int | None = None

    @property
    def may_sign_in(self) -> bool:
        return self.disabled_at is None and self.deleted_at is None


@dataclass(frozen=True)
class ApiKey:
    """A key a user gave to a program. What opens is not here: the database knows its hash alone.

    `scopes` are separated by blanks, from reading on.
    """

    id: str
    user_id: str
    name: str
    scopes: str
    created_at: int
    expires_at: int | None = None
    last_used_at: int | None = None
    revoked_at: int | None = None

    @property
    def allows(self) -> frozenset[Scope]:
        return frozenset(Scope(word) for word in self.scopes.split())

    def is_good(self, now_ms: int) -> bool:
        """Neither revoked nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or now_ms < self.expires_at)


@dataclass(frozen=True)
class Session:
    """One sign-in with all the refresh tokens that followed from it: a family. It ends as a
    whole."""

    id: str
    user_id: str
    created_at: int
    expires_at: int
    address: str
    ended_at: int | None = None
    ended_by: str | None = None


@dataclass(frozen=True)
class RefreshToken:
    """One link of a session. `used_at`: it was exchanged for its successor, and is good for nothing
    any more."""

    id: str
    session_id: str
    hash: str
    created_at: int
    used_at: int | None = None
