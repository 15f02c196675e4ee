"""What every route needs: the opened home, the engine, a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from tradepulse.api.engine_control import EngineControl
from tradepulse.api.event_tail import EventTail
from tradepulse.bootstrap import App
from tradepulse.storage.database import Database


def wall_clock_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Context:
    """The parts a request works with. `engine` None: no engine in this process."""

    app: App
    engine: EngineControl | None
    tail: EventTail
    now_ms: Callable[[], int] = field(default=wall_clock_ms)

    @property
    def database(self) -> Database:
        return self.app.database


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(_context)]
