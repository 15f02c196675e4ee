"""Workers as child processes: beside a server, or several at once.

A job computes for minutes on every core: in the server's own process its requests would wait, and
a crash of one would be the other's. A child ends with its parent, however that ends: its standard
input is a pipe that only the parent holds open.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tradepulse.cli.output import say
from tradepulse.cli.stopping import stopping
from tradepulse.domain.errors import FailedError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App

# A child that ended by itself is started again, but not in a tight circle: each time it waits twice
# as long, up to the last.
_RESTART_S = (1.0, 64.0)
# What giving a job back may take; then the child is killed, and its lease ends by itself.
_GRACE_S = 20.0


@contextmanager
def training_worker(app: App) -> Iterator[None]:
    """A worker of the home in a child process for as long as the block lasts."""
    if app.settings.database.url is None and not app.home.database_file.exists():
        # Made here: with both at it, one would find a file whose tables are not there yet.
        app.database.check()
    child = _Kept(_words(app))
    try:
        yield
    finally:
        child.end()


def run_workers(
    app: App, count: int, *, once: bool, cluster: str | None, threads: int | None, lease_s: float
) -> list[dict[str, Any]]:
    """How the jobs of `count` workers ended; without `once` they run until a signal comes, and
    nothing is kept of that."""
    words = [*_words(app), "--lease", str(lease_s)]
    words += [] if cluster is None else ["--cluster", cluster]
    words += [] if threads is None else ["-j", str(threads)]
    if once:
        return _run_once(words, count)
    stop = threading.Event()
    children = [_Kept(words) for _ in range(count)]
    with stopping(stop, "stopping with the batches at hand"):
        # A plain wait() would keep the signal from being handled until it is over.
        while not stop.wait(1.0):
            continue
    for child in children:
        child.end()
    return []


def _words(app: App) -> list[str]:
    return [
        sys.executable, "-m", "tradepulse", "worker", "--until-stdin-closes",
        "--home", str(app.home.path),
        *([] if app.settings_file is None else ["--config", str(app.settings_file)]),
    ]  # fmt: skip


def _run_once(words: list[str], count: int) -> list[dict[str, Any]]:
    running = [
        subprocess.Popen(  # noqa: S603  (this program)
            [*words, "--once", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(count)
    ]
    # `communicate` would close their standard input, and so stop them.
    answers = [child.stdout.read() for child in running if child.stdout is not None]
    for child in running:
        child.communicate()
    documents = [json.loads(answer) for answer in answers if answer]
    refusal = next((document["error"] for document in documents if "error" in document), None)
    if refusal is not None:
        raise FailedError(**refusal)
    return [item for document in documents for item in document["items"]]


class _Kept:
    """A child that is started again when it ends, until `end`."""

    def __init__(self, words: list[str]) -> None:
        self._words, self._over, self._lock = words, threading.Event(), threading.Lock()
        self._child = self._start()
        self._thread = threading.Thread(target=self._watch, name="worker", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Closes the child's standard input and waits for it to give its job back."""
        with self._lock:
            self._over.set()
            _close(self._child)
        try:
            self._child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._thread.join()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  (this program)
            self._words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )

    def _watch(self) -> None:
        pause, longest = _RESTART_S
        while True:
            code = self._child.wait()
            if self._over.is_set():
                return
            say(f"the training worker ended with {code}; it is started again in {pause:.0f} s")
            _close(self._child)
            self._over.wait(pause)
            pause = min(2 * pause, longest)
            with self._lock:
                if self._over.is_set():
                    return
                self._child = self._start()


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
