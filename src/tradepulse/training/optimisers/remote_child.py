"""The child of `RemoteOptimiser`: reads calls from standard input, answers on standard output."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from tradepulse.domain.errors import FailedError, TradePulseError

Call = tuple[str, Any]


def serve() -> None:
    """Answers calls until the parent closes the pipe; then the process ends at once."""
    # Ctrl-C is for the parent, which then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # An optimiser that prints must not write into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    optimiser: Any = None
    for method, argument in _calls(sys.stdin.buffer):
        error, value = None, None
        try:
            if method == "make":
                optimiser = argument()
            else:
                value = getattr(optimiser, method)(argument)
        except TradePulseError as found:
            error = (type(found), found.as_dict())
        except Exception as found:  # noqa: BLE001  (it belongs to the caller, not to this loop)
            error = (FailedError, _failed(method, found).as_dict())
        pickle.dump((error, value), answers)
        answers.flush()


def _failed(method: str, found: Exception) -> FailedError:
    return FailedError(
        "optimiser_failed", f"the optimiser failed in {method}",
        expected="an answer", found=f"{type(found).__name__}: {found}",
    )  # fmt: skip


def _calls(pipe: BinaryIO) -> Iterator[Call]:
    calls: SimpleQueue[Call] = SimpleQueue()

    def read() -> None:
        # A thread of its own: the end of the parent is seen even while the optimiser works.
        while True:
            try:
                calls.put(pickle.load(pipe))  # noqa: S301  (our own parent wrote it)
            except (EOFError, OSError, pickle.UnpicklingError):
                os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield calls.get()
