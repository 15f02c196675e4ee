"""A Dask cluster of this machine: a scheduler and workers, each a process, as the guide has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import tradepulse

START_S = 60.0
END_S = 20.0


def dask_process(
    folder: Path, words: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """`dask WORDS` in `folder`, with this TradePulse, writing to `WORD-N.log` there."""
    paths = [str(Path(tradepulse.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    found = os.pathsep.join(path for path in paths if path)
    number = len(list(folder.glob(f"{words[0]}-*.log")))
    with (folder / f"{words[0]}-{number}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=folder, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": found, **(environment or {})},
        )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:  # nothing may outlive the tests
        process.kill()
        process.wait()


class LocalDask:
    """`dask scheduler` and `dask worker` processes in `folder`, ended with the block.

    Workers get one thread each, and no nanny: a worker that is killed stays away.
    """

    def __init__(
        self, folder: Path, workers: int, environment: dict[str, str] | None = None
    ) -> None:
        self._folder, self._count = folder, workers
        self._environment = environment or {}
        self._address_file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        options = ["--port", "0", "--host", "127.0.0.1", "--no-dashboard"]
        where = ("--scheduler-file", str(self._address_file))
        self.scheduler = self._start("scheduler", *options, *where)
        self.url = self._address()
        for _ in range(self._count):
            self.add_worker()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Workers first, and wholly: one whose scheduler leaves while it closes may never end.
        for processes in (self.workers, [self.scheduler]):
            for process in processes:
                process.terminate()
            for process in processes:
                end(process)

    def add_worker(self) -> None:
        number = len(self.workers)
        options = f"--nthreads 1 --no-nanny --no-dashboard --name worker-{number}".split()
        folder = ("--local-directory", str(self._folder))
        self.workers.append(self._start("worker", self.url, *options, *folder))

    def kill_worker(self, number: int) -> None:
        """As the kernel kills one that is out of memory: without a word to anybody."""
        self.workers[number].kill()
        self.workers[number].wait(20)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return dask_process(self._folder, words, self._environment)

    def _address(self) -> str:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._address_file.exists() and (text := self._address_file.read_text()):
                document: dict[str, Any] = json.loads(text)
                return str(document["address"])
            time.sleep(0.05)
        told = (self._folder / "scheduler-0.log").read_text()
        raise AssertionError(f"the scheduler did not start in {START_S} s:\n{told}")
