"""What every route needs: the opened home as its user has it, the engine, a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from tradepulse.api.access import address_of, identity_of
from tradepulse.api.engine_control import EngineControl
from tradepulse.api.event_tail import EventTail
from tradepulse.api.identity import Identities, Identity
from tradepulse.api.market_pulse import MarketPulse
from tradepulse.api.tokens import AccessTokens
from tradepulse.bootstrap import App
from tradepulse.domain.user import Role, User
from tradepulse.storage.database import Database

# Who has shown nothing; no row is theirs.
NOBODY = User("", "", Role.VIEWER, 0)


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Context:
    """The parts a request works with. `engine` None: no engine in this process. `identity` None:
    nobody has signed in, as on the few routes that are open."""

    app: App
    engine: EngineControl | None
    tail: EventTail
    tokens: AccessTokens
    now_ms: Callable[[], int] = field(default=wall_clock_ms)
    pulse: MarketPulse = field(default_factory=MarketPulse)
    started_at: int = field(default_factory=wall_clock_ms)
    identity: Identity | None = None
    address: str = ""

    @property
    def user(self) -> User:
        """Who asks."""
        return NOBODY if self.identity is None else self.identity.user

    @property
    def database(self) -> Database:
        """The database as the user has it: foreign rows are not found. Everybody's is
        `app.database`, for what is common to all and for looking users up."""
        return self.app.database.owned_by(self.user.id)

    @property
    def identities(self) -> Identities:
        """Who presents a token or a key: for a WebSocket, whose first message carries it."""
        return Identities(lambda: self.app.database, self.tokens, self.now_ms)

    def seen_by(self, identity: Identity | None, address: str = "") -> Context:
        """The same for one who asks."""
        return replace(self, identity=identity, address=address)


def _context(connection: HTTPConnection) -> Context:
    context: Context = connection.app.state.context
    return context.seen_by(identity_of(connection), address_of(connection))


Here = Annotated[Context, Depends(_context)]
