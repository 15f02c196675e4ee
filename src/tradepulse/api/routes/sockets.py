"""Where the WebSocket is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.websockets import WebSocket

from tradepulse.api.access import Needs, check
from tradepulse.api.context import Context
from tradepulse.api.identity import StillIn
from tradepulse.api.socket import Readers, Socket
from tradepulse.domain.event import Event, LogLine
from tradepulse.domain.user import Role

router = APIRouter()


@router.websocket("/ws")
async def live(socket: WebSocket) -> None:
    """Prices, books, events and log lines, as `api.socket` says."""
    here: Context = socket.app.state.context
    await Socket(socket, here, lambda token: _admit(here, token)).serve()


@dataclass(frozen=True)
class _Owned:
    """The `Readers` port over what one user may see."""

    here: Context
    still_in: StillIn

    def events(self, after: int, limit: int) -> Sequence[Event]:
        """Events numbered above `after`."""
        self.still_in.check()
        with self.here.database.reading() as tx:
            return tx.events.since(after, limit=limit)

    def lines(self, after: int, limit: int) -> Sequence[LogLine]:
        """Log lines numbered above `after`."""
        self.still_in.check()
        with self.here.database.reading() as tx:
            return tx.logs.after(after, limit)


def _admit(here: Context, token: str | None) -> Readers | None:
    """What the token's user may read; None while nothing was shown. Errors: `role_needed`,
    `scope_needed` (ForbiddenError), those of `Identities.of`."""
    if token is None:
        return None
    identity = here.identities.of(token)
    check(Needs(Role.VIEWER), identity, here.address)
    return _Owned(here.seen_by(identity, here.address), StillIn(here.identities, identity))
