"""Jobs posted to a server are run by its worker, a process that ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_engine_commands import WAY_IN, get, serving
from training_home import make_home

from tradepulse.bootstrap import open_home

BODY = {
    "strategy": "ema_cross", "exchange": "kraken", "symbol": "ETH/USD", "interval": "1h",
    "trials": 12, "folds": 2, "permutations": 0, "replications": 100, "fixed": {"fast": 8},
}  # fmt: skip


def post(address: str, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{address}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **WAY_IN},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def wait_for(what: Callable[[], Any], seconds: float = 180.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def ended(server: subprocess.Popen[str]) -> int:
    assert server.stdout is not None
    server.stdout.close()
    return server.wait(60)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A child that nobody has waited for yet is a zombie, and does nothing any more.
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]


def worker_of(owner: str) -> int:
    """The process number in a job's owner."""
    return int(owner.split(":")[-2])


@pytest.mark.slow
def test_posted_jobs_are_run_beside_the_api_by_a_worker_that_ends_with_it(tmp_path: Path) -> None:
    server, address = serving(make_home(tmp_path), "api")
    try:
        _check_a_job_is_run_and_told(address)
        long = BODY | {"trials": 2000, "search": "tpe", "fixed": None}
        job = post(address, "/api/training/jobs", long)["id"]
        path = f"/api/training/jobs/{job}"
        wait_for(lambda: get(address, path)["trials_done"] > 0)
        worker = worker_of(get(address, path)["owner"])
    finally:
        server.kill()
        assert ended(server) == -signal.SIGKILL
    wait_for(lambda: not is_alive(worker))
    with open_home(tmp_path).database as database, database.reading() as tx:
        left = tx.jobs.get(job)
    assert (left.state, left.owner) == ("QUEUED", None)
    assert left.progress["trials_done"] > 0


def _check_a_job_is_run_and_told(address: str) -> None:
    job = post(address, "/api/training/jobs", BODY)["id"]
    path = f"/api/training/jobs/{job}"
    done = wait_for(lambda: (j := get(address, path))["state"] in ("DONE", "FAILED") and j)
    assert (done["state"], done["error"]) == ("DONE", None)
    (found,) = done["configuration_ids"]
    study = get(address, f"/api/training/configurations/{found}/study")
    assert len(study["document"]["folds"]) == 2
    changes = get(address, "/api/changes/since?sequence=0")["changes"]
    told = [c["payload"] for c in changes if c["type"] == "job.progress"]
    states = [payload["state"] for payload in told]
    assert [states[0], states[1], states[-1]] == ["QUEUED", "RUNNING", "DONE"]
    assert any(payload.get("phase") == "fold-1" for payload in told)
