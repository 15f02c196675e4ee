"""Takes wishes written by other processes to the engine of this one.

`tradepulse configs activate` beside a running `tradepulse up` writes to the same database; the
event log says so, and the engine is asked to look again.
"""

from __future__ import annotations

import inspect
import logging

from starlette.concurrency import run_in_threadpool

from tradepulse.api.context import Context
from tradepulse.api.engine_control import EngineControl
from tradepulse.api.event_tail import RETRY_S
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import ActivationState

_log = logging.getLogger(__name__)
# What an engine says of itself needs no telling.
_WISHES = frozenset({str(ActivationState.STARTING), str(ActivationState.DRAINING)})
_PAGE = 500
_LONGEST_WAIT_S = 3600.0


async def watch_for_wishes(context: Context, engine: EngineControl) -> None:
    """Reload the engine at once and after every wish in the log, until cancelled."""
    after: int | None = None
    with context.tail.listening():
        while not context.tail.closed:
            try:
                # Read before the reload: what is written in between is found by the next look.
                last, wished = await run_in_threadpool(_look, context, after)
                if wished:
                    told = await run_in_threadpool(engine.reload_active_configurations)
                    if inspect.isawaitable(told):
                        await told
                after = last
            except TradePulseError as error:
                _log.warning("the engine could not be told of changes: %s", error)
                await context.tail.wait_beyond(context.tail.latest, RETRY_S)
                continue
            await context.tail.wait_beyond(after, _LONGEST_WAIT_S)


def _look(context: Context, after: int | None) -> tuple[int, bool]:
    """The log's last number, and whether a wish stands after `after` (None: there may be)."""
    # Everybody's: the engine runs for all.
    with context.app.database.reading() as tx:
        if after is None:
            return tx.events.last_sequence(), True
        wished, last = False, after
        while events := tx.events.since(last, limit=_PAGE):
            wished = wished or any(
                event.type == "manual.asked"
                or (
                    event.type == "activation.state"
                    and (event.payload.get("state") in _WISHES or "blocked" in event.payload)
                )
                for event in events
            )
            last = events[-1].sequence
        return last, wished
