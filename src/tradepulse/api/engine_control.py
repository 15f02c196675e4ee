"""The engine of this process, as the API sees it: told what the database holds already."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Protocol

import anyio.from_thread


class EngineControl(Protocol):
    """What the API tells the engine of its own process (`TradingEngineManager` answers to it).

    The database already holds what is wanted; an engine elsewhere finds it there. Each method may
    be called from any thread, and may be a coroutine function.
    """

    def reload_active_configurations(self) -> object: ...

    def on_configuration_activated(self, configuration_id: str) -> object: ...

    def on_configuration_deactivated(self, configuration_id: str) -> object: ...

    def on_commands(self) -> object: ...


class HasEngine(Protocol):
    """A request's context, as far as this module goes."""

    @property
    def engine(self) -> EngineControl | None: ...


def tell_activated(here: HasEngine, configuration_id: str) -> None:
    """Have the engine start what was asked for. Call from a request's worker thread."""
    if here.engine is not None:
        _settle(here.engine.on_configuration_activated(configuration_id))


def tell_deactivated(here: HasEngine, configuration_id: str) -> None:
    """Have the engine end what was asked to leave. Call from a request's worker thread."""
    if here.engine is not None:
        _settle(here.engine.on_configuration_deactivated(configuration_id))


def tell_changed(here: HasEngine) -> None:
    """Have the engine look again at what runs. Call from a request's worker thread."""
    if here.engine is not None:
        _settle(here.engine.reload_active_configurations())


def tell_commanded(here: HasEngine) -> None:
    """Have the engine do what is wanted by hand. Call from a request's worker thread."""
    if here.engine is not None:
        _settle(here.engine.on_commands())


def _settle(told: object) -> None:
    if inspect.isawaitable(told):
        # This is a worker thread; the engine's coroutines belong to the server's loop.
        anyio.from_thread.run(_result_of, told)


async def _result_of(told: Awaitable[object]) -> None:
    await told
