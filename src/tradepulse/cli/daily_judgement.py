"""Once a day, beside the engine: every configuration with live results is judged by them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tradepulse.cli.output import explain, say, wall_clock_ms
from tradepulse.domain.lifecycle import Stage

if TYPE_CHECKING:
    from tradepulse.bootstrap import App

_DAY_S = 86_400.0
# A start has better things to do in its first minute.
_FIRST_S = 60.0


@contextmanager
def daily_judgement(
    app: App, tell_stopped: Callable[[str], object], first_s: float = _FIRST_S
) -> Iterator[None]:
    """Judges in a thread for as long as the block lasts.

    `tell_stopped` hears the id of each configuration that may enter no more; the database says so
    already. A round that fails is told on stderr, and the next day tries again.
    """
    stop = threading.Event()

    def work() -> None:
        pause = first_s
        while not stop.wait(pause):
            pause = _DAY_S
            try:
                _round(app, tell_stopped)
            except Exception as error:  # noqa: BLE001  (told below; trading must go on beside it)
                told = explain(error)
                say(f"daily judgement failed [{told.code}]: {told}")

    thread = threading.Thread(target=work, name="daily judgement", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10.0)


def _round(app: App, tell_stopped: Callable[[str], object]) -> None:
    from tradepulse.storage.judging import judge_all

    found = judge_all(app.database, app.bars, now_ms=wall_clock_ms(), by="daily judgement")
    for item in found:
        if item.error is not None:
            say(f"{item.configuration.id} could not be judged: {item.error}")
        if item.demoted:
            say(f"{item.configuration.id} went from {item.stage_from} to {item.stage_to}")
        if item.demoted and item.stage_to in (Stage.DECAYED, Stage.RETIRED):
            tell_stopped(item.configuration.id)
