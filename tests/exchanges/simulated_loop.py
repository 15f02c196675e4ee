"""An asyncio loop whose time jumps to the next thing that is due: minutes pass in no time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class SimulatedLoop(asyncio.SelectorEventLoop):
    """`time()` starts at `began` seconds and moves only when nothing is left to do before."""

    def __init__(self, began: float = 0.0) -> None:
        self._now = began
        super().__init__()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0]._when)
        super()._run_once()


def run_simulated(scene: Coroutine[Any, Any, T], began: float = 0.0) -> T:
    """What `scene` returns, in simulated time."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(began)) as runner:
        return runner.run(scene)
