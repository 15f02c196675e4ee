"""The application: routes, errors, guards and the page, around one opened home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tradepulse.api import page, problems
from tradepulse.api.boundary import RequestBoundary
from tradepulse.api.context import Context, wall_clock_ms
from tradepulse.api.engine_control import EngineControl
from tradepulse.api.engine_watch import watch_for_wishes
from tradepulse.api.event_tail import EventTail
from tradepulse.api.origin import SameOrigin
from tradepulse.api.problems import MEDIA_TYPE
from tradepulse.api.routes import api_router, health
from tradepulse.api.shapes.problem import Problem
from tradepulse.bootstrap import App
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
    tail = EventTail(lambda: _last_sequence(app))
    api = FastAPI(
        title="TradePulse", version=VERSION, description=DESCRIPTION, lifespan=_lifespan,
        redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        responses={"default": {
            "model": Problem, "description": "An error.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }},
    )  # fmt: skip
    api.state.context = Context(app, manager, tail, now_ms)
    router = api_router()
    api.include_router(router, prefix="/api/v1")
    api.include_router(router, prefix="/api", include_in_schema=False)
    # Where container runtimes look for it.
    api.include_router(health.router, include_in_schema=False)
    page.install(api)
    problems.install(api)
    settings = app.settings.api
    api.add_middleware(SameOrigin, host=settings.host, allow_remote=settings.allow_remote)
    # Added last, so it stands outermost: also a refusal has a request id.
    api.add_middleware(RequestBoundary)
    return api


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    context: Context = api.state.context
    tasks = [asyncio.create_task(context.tail.run())]
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


def _last_sequence(app: App) -> int:
    with app.database.reading() as tx:
        return tx.events.last_sequence()
