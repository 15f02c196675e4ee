"""`tradepulse engine` as a process of its own, to be started, stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.live.world import LiveWorld
from tradepulse.signals.jit import cache_folder

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 120.0


class ServingProcess:
    """A `tradepulse` command that prints one JSON document when it is ready, and goes on.
    `before`: Python that is run in its process first."""

    def __init__(self, home: Path, *argv: str, before: str = "") -> None:
        words = [*argv, "--home", str(home), "--json"]
        code = f"import sys; {before}\nfrom tradepulse.cli import main; sys.exit(main({words!r}))"
        paths = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**_compiled(), "PYTHONPATH": os.pathsep.join(p for p in paths if p)},
        )  # fmt: skip
        self.told: list[str] = []
        assert self.process.stderr is not None
        self._ears = threading.Thread(target=self._listen, daemon=True)
        self._ears.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def ready(self) -> Any:
        """The document it prints first, waited for."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            # Printed over several lines, the document ends with a brace of its own.
            if line.rstrip() == "}" or (line.startswith("{") and line.rstrip().endswith("}")):
                return json.loads("".join(lines))
        raise AssertionError(f"it ended with {self.process.wait()}: {self.told[-20:]}")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self._close()

    def terminate(self, within_s: float = 30.0) -> tuple[int, float]:
        """SIGTERM: its exit code, and the seconds until it had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within_s)
        took = time.monotonic() - began
        self._close()
        return code, took

    @property
    def errors(self) -> list[str]:
        """Tracebacks and errors it has written."""
        return [line for line in self.told if "Traceback" in line or " ERROR" in line]

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(line.rstrip())

    def _close(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self._ears.join(5.0)
        self.process.stderr.close()


def _compiled() -> dict[str, str]:
    """The environment, with compiled modules kept as an installed program has them. Where writing
    them is turned off every start compiles all sources anew, which takes longer than the start."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(cache_folder().parent / "bytecode"), **own}


def start_engine(world: LiveWorld, before: str = "") -> ServingProcess:
    """`tradepulse engine` on the world's home, ready."""
    engine = ServingProcess(world.app.home.path, "engine", before=before)
    engine.ready()
    return engine


def end_leases(world: LiveWorld) -> None:
    """What time would do: the leases of an engine that is dead run out. They last 15 seconds, which
    nothing but patience would be learned from."""
    with world.app.database.transaction() as tx:
        for name in world.activations:
            owner = tx.activations.get(name).lease_owner
            if owner is not None:
                tx.activations.release(owner)


def until(happened: Callable[[], Any], within_s: float = _PATIENCE_S, told: str = "") -> float:
    """Seconds until `happened` was true. AssertionError when it takes too long."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() < began + within_s, f"not within {within_s:g} s: {told}"
        time.sleep(0.02)
    return time.monotonic() - began


def cpu_s(pid: int) -> float:
    """Seconds of processor time a process has used, its threads' together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
