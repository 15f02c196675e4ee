"""An optimiser in a process of its own, so that several adaptive searches use several cores."""

from __future__ import annotations

import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from threading import Lock
from types import TracebackType
from typing import Any, cast

from tradepulse.domain.errors import FailedError
from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.port import Optimiser, Told

# Not multiprocessing: its spawn runs the caller's main module again, which a notebook does not
# have and a script without a guard does not survive.
_CHILD = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer);"
    " from tradepulse.training.optimisers.remote_child import serve; serve()"
)
_LAST_WORDS_SECONDS = 5.0


class RemoteOptimiser:
    """The optimiser that `make()` returns, in a child process; asks and tells pass through.

    `make` must be picklable (`functools.partial(make_optimiser, "tpe", space, seed=1)`). A call
    waits without holding the interpreter, so threads with one remote each run side by side. The
    child ends with `close()`, with this object, and with this process, however that ends. Errors
    of the optimiser are raised here as they are; `optimiser_lost` if the child died.
    """

    def __init__(self, make: Callable[[], Optimiser]) -> None:
        self._lock = Lock()
        self._child = subprocess.Popen(  # noqa: S603  (our own interpreter, our own words)
            [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.close = weakref.finalize(self, _end, self._child)
        try:
            self._send(sys.path)
            self._call("make", make)
        except BaseException:
            self.close()
            raise

    @property
    def process_id(self) -> int:
        return self._child.pid

    def ask(self, n: int) -> list[dict[str, Value]]:
        return cast(list[dict[str, Value]], self._call("ask", n))

    def tell(self, results: Sequence[Told]) -> None:
        self._call("tell", list(results))

    def __enter__(self) -> RemoteOptimiser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _call(self, method: str, argument: object) -> Any:
        with self._lock:
            self._send((method, argument))
            try:
                error, value = pickle.load(self._child.stdout)  # type: ignore[arg-type]  # noqa: S301
            except (EOFError, OSError, ValueError, pickle.UnpicklingError) as lost:
                raise self._lost() from lost
            except BaseException:
                # Interrupted: a later call must not take this one's answer for its own.
                self._child.kill()
                raise
        if error is not None:
            kind, fields = error
            raise kind(**fields)
        return value

    def _send(self, message: object) -> None:
        data = pickle.dumps(message)
        try:
            self._child.stdin.write(data)  # type: ignore[union-attr]
            self._child.stdin.flush()  # type: ignore[union-attr]
        except (OSError, ValueError) as lost:
            raise self._lost() from lost

    def _lost(self) -> FailedError:
        # Its end of the pipe is closed, so it has ended or is about to.
        self.close()
        return FailedError(
            "optimiser_lost", "the process of the optimiser has ended",
            expected="a running process", found=f"exit code {self._child.returncode}",
        )  # fmt: skip


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                # Unsent bytes to a child that is gone: there is nobody left to tell.
                child.kill()
    try:
        child.wait(_LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
