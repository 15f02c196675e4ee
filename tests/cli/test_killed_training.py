"""kill -9 at ten random moments of one training job: resumed each time, the result is the same.

And once in an adaptive search, whose optimisers are processes that take seconds to start.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import random
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from training_home import essence, make_home

from tradepulse.bootstrap import App, open_home, training_runner, training_spec
from tradepulse.domain.job import JobState
from tradepulse.storage.training_requests import request_training

LEASE_MS = 500
# Phases behind the last trial, in which some of the kills are to fall.
LATE = ("walk-forward", "statistics", "permutation")

# A process a start, forked from one that has imported what takes seconds to import.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tradepulse.training.train", "arch.bootstrap"])


def clock() -> int:
    return time.time_ns() // 1_000_000


def run(home: Path) -> None:
    """Takes the job as soon as it is free, and runs it to its end."""
    runner = training_runner(open_home(home), clock, lease_ms=LEASE_MS)
    while (ran := runner.run_next()) is None:
        time.sleep(0.05)
    sys.exit(ran.error is not None)


def start(home: Path) -> BaseProcess:
    process = PROCESSES.Process(target=run, args=(home,))
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    process.join(300)
    return process.exitcode


def queue(app: App, search: str) -> str:
    spec = training_spec(
        app, strategy="ema_cross", exchange="kraken", pair="ETH/USD", interval="1h",
        search=search, trials=600 if search == "random" else 60, folds=2, permutations=40,
        replications=200, seed=11,
    )  # fmt: skip
    with app.database.transaction() as tx:
        return request_training(tx, spec, now_ms=1).id


def found(app: App, job_id: str) -> tuple[Any, Any, list[Any]]:
    """(configuration, study, trials) of a job, without ids and times."""
    with app.database.reading() as tx:
        job = tx.jobs.get(job_id)
        assert job.state is JobState.DONE, job.error
        configuration = tx.configurations.get(job.progress["configuration_ids"][0])
        study = tx.studies.get(configuration.id)
        trials = [dataclasses.replace(trial, job_id="") for trial in tx.trials.of_job(job_id)]
    return essence(dataclasses.asdict(configuration)), essence(dict(study.document)), trials


def has_come_to(app: App, job_id: str, attempt: int, moment: int | str) -> bool:
    with app.database.reading() as tx:
        job = tx.jobs.get(job_id)
    if job.attempt < attempt:
        return False
    if isinstance(moment, str):
        return bool(job.progress["phase"] == moment)
    return bool(job.progress["trials_done"] >= moment)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("search", "early", "late"), [("random", 7, LATE), ("tpe", 1, ())], ids=["random", "tpe"]
)
def test_a_job_that_is_killed_ends_as_the_undisturbed_one(
    tmp_path: Path, search: str, early: int, late: tuple[str, ...]
) -> None:
    calm, rough = (make_home(tmp_path / name) for name in ("calm", "rough"))
    undisturbed = open_home(calm)
    with undisturbed.database:
        name = queue(undisturbed, search)
        assert ended(start(calm)) == 0
        expected = found(undisturbed, name)
    draw = random.Random(20_261_120)
    counts = sorted(draw.sample(range(1, len(expected[2]) - 20), early))
    moments = [*counts, *late]
    app = open_home(rough)
    name, kills = queue(app, search), 0
    for attempt, moment in enumerate(moments, 1):
        process = start(rough)
        while process.is_alive() and not has_come_to(app, name, attempt, moment):
            time.sleep(0.005)
        # The moment is seen a little late, at an instruction nobody chose.
        time.sleep(draw.random() * 0.02)
        process.kill()
        kills += ended(process) == -signal.SIGKILL
    assert kills == len(moments)
    assert ended(start(rough)) == 0
    with app.database.reading() as tx:
        assert tx.jobs.get(name).attempt == len(moments) + 1
    assert found(app, name) == expected
    app.database.close()
