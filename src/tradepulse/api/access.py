"""What a route asks of who calls it: a role, and the scope an API key needs for it.

A route or router carries a mark in its dependencies: `dependencies=[OPERATOR]`. The mark nearest to
the route counts. One without any falls under the default: viewers read, operators command. `OPEN`
alone needs no sign-in; what is no part of the API (the page and its files) needs none either.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from fastapi import Depends, FastAPI, params
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from tradepulse.api.identity import Identity
from tradepulse.api.origin import is_loopback
from tradepulse.domain.errors import ForbiddenError, SignInError
from tradepulse.domain.user import Role, Scope

API = "/api"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Needs:
    """The mark itself. `role` None: nothing is needed. `person`: a key will not do.
    `open_on_loopback`: nothing is needed on this machine."""

    role: Role | None
    scope: Scope = Scope.READ
    person: bool = False
    open_on_loopback: bool = False

    def __call__(self) -> None:
        """Nothing: `guard` reads the mark, and lets nobody else through."""


OPEN = Depends(Needs(None))
VIEWER = Depends(Needs(Role.VIEWER))
OPERATOR = Depends(Needs(Role.OPERATOR, Scope.TRADE))
TRAINER = Depends(Needs(Role.OPERATOR, Scope.TRAIN))
ADMIN = Depends(Needs(Role.ADMIN, Scope.ADMIN))
# What concerns one's own sign-in: a key that is lost must not become a password.
PERSON = Depends(Needs(Role.VIEWER, person=True))
MACHINE = Depends(Needs(Role.VIEWER, open_on_loopback=True))

_READS = Needs(Role.VIEWER)
_COMMANDS = Needs(Role.OPERATOR, Scope.TRADE)


class Asked(NamedTuple):
    """What a route asks for, and its template without the prefix it is mounted under."""

    needs: Needs
    template: str


_UNKNOWN = Asked(_COMMANDS, "")


class RouteTable:
    """What each route of an application asks for. A route added later is found when it is first
    called."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._asked: dict[int, Asked] = {}
        self._open: frozenset[str] | None = None

    def of(self, route: BaseRoute) -> Asked:
        """What a route of the application asks for: its nearest mark, else the default."""
        if id(route) not in self._asked:
            self._read()
        return self._asked.get(id(route), _UNKNOWN)

    def open_paths(self) -> frozenset[str]:
        """The paths of the API that answer whoever presents nothing (if on this machine alone)."""
        if self._open is None:
            self._read()
        return self._open or frozenset()

    def _read(self) -> None:
        found: dict[int, Asked] = {}
        opened = set()
        # One route mounted twice is asked for under both addresses, by the stricter mark of both.
        for context in iter_route_contexts(self._app.routes):
            if not isinstance(context.original_route, APIRoute):
                continue
            path, key = context.path or "", id(context.original_route)
            needs = _needs(context.dependencies, context.methods or set(), path)
            if needs.role is None or needs.open_on_loopback:
                opened.add(path)
            before = found.get(key)
            if before is None or _is_stricter(needs, before.needs):
                found[key] = Asked(needs, _template(path))
        self._asked, self._open = found, frozenset(opened)


def _needs(dependencies: Sequence[params.Depends], methods: Set[str], path: str) -> Needs:
    for depends in reversed(dependencies):
        if isinstance(depends.dependency, Needs):
            return depends.dependency
    if not path.startswith(API):
        return Needs(None)
    return _READS if methods <= READING else _COMMANDS


def _is_stricter(one: Needs, other: Needs) -> bool:
    def rank(needs: Needs) -> int:
        return -1 if needs.role is None else needs.role.rank

    return rank(one) > rank(other)


def _template(path: str) -> str:
    for prefix in (f"{API}/v1/", f"{API}/"):
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path


def check(needs: Needs, identity: Identity | None, address: str) -> None:
    """Nothing, if who asks may. Errors: `not_signed_in` (SignInError); `role_needed`,
    `scope_needed`, `sign_in_needed` (ForbiddenError)."""
    if needs.role is None or (needs.open_on_loopback and is_loopback(address)):
        return
    if identity is None:
        raise not_signed_in()
    if not identity.user.role.includes(needs.role):
        raise ForbiddenError(
            "role_needed", "your role does not allow that",
            expected=f"{needs.role} at least", found=str(identity.user.role),
        )  # fmt: skip
    if needs.person and not identity.is_person:
        raise ForbiddenError(
            "sign_in_needed", "that needs a person", expected="a sign-in", found="an API key"
        )
    if needs.scope not in identity.scopes:
        raise ForbiddenError(
            "scope_needed", "the key is not for that",
            expected=f"the scope {needs.scope}", found=", ".join(sorted(identity.scopes)),
        )  # fmt: skip


def guard(connection: HTTPConnection) -> None:
    """Stands before every route of the application. A WebSocket shows who it is by its first
    message: its route lets nobody in before that."""
    if connection.scope["type"] != "http":
        return
    table: RouteTable = connection.app.state.routes
    check(
        table.of(connection.scope["route"]).needs, identity_of(connection), address_of(connection)
    )


def identity_of(connection: HTTPConnection) -> Identity | None:
    """Who asks, None for who has not shown it."""
    found: Identity | None = getattr(connection.state, "identity", None)
    return found


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from; nothing where the server does not know."""
    return connection.client.host if connection.client is not None else ""


def not_signed_in() -> SignInError:
    """The error that nothing was presented."""
    return SignInError(
        "not_signed_in", "that needs a sign-in",
        expected="Authorization: Bearer, with an access token or an API key", found="nothing",
    )  # fmt: skip
