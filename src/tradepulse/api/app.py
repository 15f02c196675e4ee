"""The application: routes, errors, guards and the page, around one opened home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI
from starlette.types import Scope

from tradepulse.api import cors, metrics, page, problems
from tradepulse.api.access import RouteTable, guard
from tradepulse.api.auditing import Auditor
from tradepulse.api.boundary import RequestBoundary
from tradepulse.api.compression import Compression
from tradepulse.api.context import Context, wall_clock_ms
from tradepulse.api.describing import describe_access
from tradepulse.api.documenting import document_answers
from tradepulse.api.engine_control import EngineControl
from tradepulse.api.engine_watch import watch_for_wishes
from tradepulse.api.event_tail import EventTail
from tradepulse.api.gate import Gate
from tradepulse.api.identity import Identity
from tradepulse.api.origin import SameOrigin
from tradepulse.api.rate_limit import Buckets, RateLimit
from tradepulse.api.routes import api_router, health
from tradepulse.api.tokens import AccessTokens
from tradepulse.bootstrap import App
from tradepulse.domain.event import Event
from tradepulse.domain.version import VERSION

_log = logging.getLogger(__name__)

DESCRIPTION = """\
Trading configurations with their evidence, what runs of them, and what it did.

Amounts are decimal strings, times UTC milliseconds, a number that is not defined is null. Lists
come as `items` and `next_cursor`. Errors are problem+json; `code` is stable. `/api/v1` and `/api`
are the same.
"""


def create_app(
    app: App,
    manager: EngineControl | None = None,
    *,
    now_ms: Callable[[], int] = wall_clock_ms,
) -> FastAPI:
    """The ASGI application of the home `app`.

    `manager` is the engine in this process, told of every activation and deactivation; without one
    these are left in the database for an engine elsewhere. Nothing is opened before a request
    needs it.
    """
    tail = EventTail(lambda: _last_sequence(app), read=partial(_events, app))
    api = FastAPI(
        title="TradePulse", version=VERSION, description=DESCRIPTION, lifespan=_lifespan,
        redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        dependencies=[Depends(guard)],
    )  # fmt: skip
    tokens = AccessTokens(app.token_keys.read, app.settings.auth.access_minutes * 60)
    context = api.state.context = Context(app, manager, tail, tokens, now_ms)
    routes = api.state.routes = RouteTable(api)
    router = api_router()
    api.include_router(router, prefix="/api/v1")
    api.include_router(router, prefix="/api", include_in_schema=False)
    # Where container runtimes look for it.
    api.include_router(health.router, include_in_schema=False)
    metrics.install(api)
    page.install(api)  # last: what is no route is a place in the dashboard
    problems.install(api)
    describe_access(api, routes)
    document_answers(api)
    settings = app.settings.api
    # From the inside out: who was let in is known before what they command is written down.
    api.add_middleware(Auditor, context=context, routes=routes)
    if settings.requests_per_second is not None:
        buckets = Buckets(settings.requests_per_second, settings.requests_burst)
        api.add_middleware(RateLimit, buckets=buckets, name_of=_user_of)
    api.add_middleware(Gate, identities=context.identities, open_paths=routes.open_paths)
    remote, origins = settings.allow_remote or settings.has_tls, settings.cors_origins
    api.add_middleware(SameOrigin, host=settings.host, allow_remote=remote, origins=origins)
    if origins:
        cors.install(api, origins)
    api.add_middleware(Compression)
    # Added last, so it stands outermost: also a refusal has a request id.
    api.add_middleware(RequestBoundary)
    return api


def _user_of(scope: Scope) -> str | None:
    identity: Identity | None = scope["state"].get("identity")
    return None if identity is None else identity.user.id


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    context: Context = api.state.context
    pulse = context.pulse.run(lambda: context.database, context.now_ms)
    tasks = [asyncio.create_task(context.tail.run()), asyncio.create_task(pulse)]
    if context.engine is not None:
        tasks.append(asyncio.create_task(watch_for_wishes(context, context.engine)))
    try:
        yield
    finally:
        context.tail.close()
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in ended:
            if isinstance(failure, Exception):
                _log.error("a task of the API failed", exc_info=failure)


def _events(app: App, sequence: int, limit: int) -> Sequence[Event]:
    """Of all users: who may see which is asked of each event and each stream."""
    with app.database.reading() as tx:
        return tx.events.since(sequence, limit=limit)


def _last_sequence(app: App) -> int:
    with app.database.reading() as tx:
        return tx.events.last_sequence()
