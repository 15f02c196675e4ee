"""An optimiser in a process of its own: the same asks, its errors, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from searched import Mixed, Small, searched, space

import tradepulse
from tradepulse.domain.errors import TradePulseError
from tradepulse.training.optimisers import RemoteOptimiser, Told, make_optimiser

SOURCE = str(Path(tradepulse.__file__).resolve().parents[1])

OWN = """
import os, sys, time

class Own:
    name = "own"

    def __init__(self, space, seed):
        print("a line on standard output")

    def ask(self, n):
        if n == 7:
            os._exit(3)
        if n == 8:
            time.sleep(600)
        loaded = [name for name in ("numba", "polars", "optuna") if name in sys.modules]
        return [] if not loaded else [{"bars": len(loaded) + 10, "strict": True}]

    def tell(self, results):
        raise ValueError("no")
"""

# A parent without a main guard, as a notebook is: it says the child's id, then waits in `ask`.
PARENT = """
from functools import partial
from pathlib import Path
from tradepulse.strategies.parameters import Bool, Int
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers import RemoteOptimiser, SearchSpace, make_optimiser

class Small(Strategy):
    bars = Int(1, 3, default=2)

remote = RemoteOptimiser(partial(
    make_optimiser, "own", SearchSpace(Small), seed=1, folder=Path({folder!r})))
print(remote.process_id, flush=True)
remote.ask({n})
print("asked", flush=True)
input()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def own(folder: Path) -> RemoteOptimiser:
    return RemoteOptimiser(partial(make_optimiser, "own", space(Small), seed=1, folder=folder))


@pytest.mark.parametrize("name", ["tpe", "cmaes", "nsga2"])
def test_it_asks_what_a_local_one_asks(name: str) -> None:
    make = partial(make_optimiser, name, space(Mixed), seed=5, trials=60)
    with RemoteOptimiser(make) as remote:
        there = searched(remote, lambda p: (p["factor"],), 60, 12)
    assert there == searched(make(), lambda p: (p["factor"],), 60, 12)


def test_errors_of_the_child_are_raised_as_they_are() -> None:
    with pytest.raises(TradePulseError) as error:
        RemoteOptimiser(partial(make_optimiser, "tpi", space(Small), seed=1))
    assert (error.value.code, error.value.exit_code) == ("optimiser_not_found", 4)
    assert error.value.hint == "Did you mean tpe?"
    with RemoteOptimiser(partial(make_optimiser, "tpe", space(Small), seed=1)) as remote:
        with pytest.raises(TradePulseError) as error:
            remote.tell([Told({"bars": 1, "strict": True}, (1.0, 2.0))])
        assert error.value.code == "bad_result"
        assert len(remote.ask(2)) == 2  # it goes on


def test_a_users_own_may_print_fail_and_needs_no_compiler(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with own(folder) as remote:
        assert remote.ask(1) == []
        with pytest.raises(TradePulseError, match="ValueError: no") as error:
            remote.tell([])
        assert error.value.code == "bad_optimiser"
    assert "a line on standard output" in capfd.readouterr().err


def test_a_child_that_dies_is_reported(folder: Path) -> None:
    with own(folder) as remote:
        with pytest.raises(TradePulseError) as error:
            remote.ask(7)
        assert error.value.code == "optimiser_lost"
        with pytest.raises(TradePulseError, match="exit code 3"):
            remote.ask(1)


def test_closing_ends_the_process(folder: Path) -> None:
    remote = own(folder)
    assert runs(remote.process_id)
    remote.close()
    remote.close()
    assert not runs(remote.process_id)
    with pytest.raises(TradePulseError, match="has ended"):
        remote.ask(1)


@pytest.mark.parametrize("n", [1, 8], ids=["idle", "asking"])
def test_it_dies_with_a_killed_parent(folder: Path, n: int) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(folder=str(folder), n=n)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    if n == 1:
        assert parent.stdout.readline() == b"asked\n"
    assert runs(child)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + 20
    while runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(child)


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    # A dead child of a dead parent waits to be collected by whoever is the first process.
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
