"""What a process does beforehand, so that it need not when a bar closes."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from threading import Event, Thread

_log = logging.getLogger(__name__)
# The thread that orders leave by gets its turn after this at the latest; Python's own five
# milliseconds, times the threads before it, would be most of what an order may take.
_SWITCH_S = 0.0005
# Small collections less often; the large ones are what `_freeze` is for.
_THRESHOLDS = 10_000, 20, 20
_MINUTE_S, _HALF_S = 60.0, 30.0


def load_kernels() -> None:
    """Loads the compiled kernels: the first bar of a process would wait most of a second."""
    import numpy as np

    from tradepulse.domain.bars import BarSeries
    from tradepulse.signals.program import Program
    from tradepulse.strategies.ema_cross import EmaCross

    one = np.ones(1)
    bar = BarSeries(np.zeros(1, np.int64), one, one, one, one, one, 60_000)
    Program(EmaCross().graph, bar.interval_ms).advance(bar)


class Readiness:
    """Keeps a process that trades ready, as long as it is open. `running`: how many activations
    run in it."""

    def __init__(self, running: Callable[[], int]) -> None:
        self._running = running
        self._stop = Event()
        self._thread = Thread(target=self._work, name="readiness", daemon=True)
        self._before = sys.getswitchinterval(), gc.get_threshold()

    def __enter__(self) -> Readiness:
        sys.setswitchinterval(_SWITCH_S)
        gc.set_threshold(*_THRESHOLDS)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2.0)
        interval, thresholds = self._before
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()

    def _work(self) -> None:
        load_kernels()
        frozen = 0
        # Half way between two closes: what it costs is felt by nobody.
        while not self._stop.wait((_HALF_S - time.time()) % _MINUTE_S):
            running = self._running()
            if running != frozen:
                self._freeze()
                frozen = running
            self._stop.wait(1.0)

    def _freeze(self) -> None:
        """What has been made for the activations stays as long as they do: no collection looks
        through it again, which would stop every thread for tenths of a second."""
        began = time.perf_counter()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _log.info("set %d objects aside in %.0f ms", gc.get_freeze_count(),
                  (time.perf_counter() - began) * 1e3)  # fmt: skip
