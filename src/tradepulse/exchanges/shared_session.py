"""One pool of connections for all clients of an address.

A client of its own session dials for nearly every order: between two bars its connections have been
given up. In a pool that all accounts share there is one that is open, its keys exchanged, whosever
request it carried last.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp

# Longer than between two comparisons of many accounts, shorter than venues wait themselves: whoever
# sends on a connection that the other end is just closing does not know what became of it.
_KEPT_S = 30.0


@dataclass
class Lent:
    """A session in use by `users` clients."""

    session: aiohttp.ClientSession
    context: ssl.SSLContext | bool
    users: int = 0


_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[object, Lent]] = WeakKeyDictionary()


def lend(client: Any) -> Lent:
    """The session of the client's address on this loop; to be given back."""
    sessions = _sessions.setdefault(asyncio.get_running_loop(), {})
    lent = sessions.get(client.address)
    if lent is None or lent.session.closed:
        context = ssl.create_default_context(cafile=client.cafile) if client.verify else False
        # No limit: sockets that stream count as connections too. No cookies: accounts share it.
        pool = aiohttp.TCPConnector(ssl=context, limit=0, keepalive_timeout=_KEPT_S)
        session = aiohttp.ClientSession(
            connector=pool, cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=bool(client.aiohttp_trust_env),
        )  # fmt: skip
        lent = sessions[client.address] = Lent(session, context)
    lent.users += 1
    return lent


async def give_back(client: Any, lent: Lent) -> None:
    """The client needs it no more; the last one closes it."""
    lent.users -= 1
    if lent.users == 0:
        sessions = _sessions.get(asyncio.get_running_loop(), {})
        if sessions.get(client.address) is lent:
            del sessions[client.address]
        await lent.session.close()
