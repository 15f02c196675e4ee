"""Jobs between processes: several race for a queue, and one is killed at any instruction."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

from conformance.job_board_suite import SPEC
from tradepulse.domain.job import JobState
from tradepulse.storage.database import Database
from tradepulse.storage.training_jobs import DatabaseJobs
from tradepulse.storage.training_requests import request_training

TESTS = str(Path(__file__).resolve().parents[1])
JOBS, PROCESSES = 20, 3

RACING = """
import sys, time
sys.path.insert(0, sys.argv[2])
from conformance.job_board_suite import found
from conformance.trial_ledger_suite import TOLD, tried
from tradepulse.storage.database import Database
from tradepulse.storage.training_jobs import DatabaseJobs
from tradepulse.training.jobs.runner import JobRunner

def train(spec, ledger, job_id):
    for number in range(3):
        # The key of a trial is unique: a second runner of the job could not write it.
        ledger.record([tried(number, job_id=job_id)], TOLD)
    return found("c of " + job_id, job_id)

with Database.open(sys.argv[1]) as database:
    clock = lambda: time.time_ns() // 1_000_000
    runner = JobRunner(DatabaseJobs(database, clock), train, sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    while (ran := runner.run_next()) is not None:
        print(ran.job.id, ran.state, flush=True)
"""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.slow
def test_processes_that_race_never_run_one_job(database_url: str) -> None:
    with Database.open(database_url) as database, database.transaction() as tx:
        names = [request_training(tx, SPEC, now_ms=now_ms()).id for _ in range(JOBS)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RACING, database_url, TESTS, f"worker {n}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(PROCESSES)
    ]  # fmt: skip
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = [process.communicate("go\n", timeout=120)[0] for process in running]
    ended = [line.split() for answer in answers for line in answer.splitlines()]
    assert Counter(name for name, _ in ended) == Counter(names)
    assert {state for _, state in ended} == {"DONE"}
    with Database.open(database_url) as database, database.reading() as tx:
        jobs = [tx.jobs.get(name) for name in names]
        assert {(job.state, job.attempt) for job in jobs} == {(JobState.DONE, 1)}
        assert {len(tx.trials.numbers(name)) for name in names} == {3}


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from conformance.trial_ledger_suite import TOLD, tried
from tradepulse.storage.database import Database
from tradepulse.storage.training_jobs import DatabaseJobs

board = DatabaseJobs(Database.open(sys.argv[1]), lambda: int(sys.argv[3]))
job = board.claim("killed", 15_000)
ledger = board.ledger(job, 15_000)
number = 0
while True:
    ledger.record([tried(number, job_id=job.id), tried(number + 1, job_id=job.id)], TOLD)
    number += 2
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 25])
def test_a_killed_runner_leaves_whole_batches_and_a_job_to_take_up(
    sqlite_url: str, batches: int
) -> None:
    started = now_ms()
    with Database.open(sqlite_url) as database:
        with database.transaction() as tx:
            name = request_training(tx, SPEC, now_ms=started).id
        words = [sys.executable, "-c", textwrap.dedent(KILLED), sqlite_url, TESTS, str(started)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            reported = 0
            while reported < 2 * batches:
                reported = int(process.stdout.readline())
            process.kill()
            reported = max([reported, *map(int, process.stdout.read().split())])
        with database.reading() as tx:
            kept = sorted(tx.trials.numbers(name))
        assert kept == [*range(len(kept))]
        assert len(kept) % 2 == 0
        assert len(kept) >= reported
        assert DatabaseJobs(database, lambda: started + 15_000).claim("next", 1) is None
        taken = DatabaseJobs(database, lambda: started + 15_001).claim("next", 1)
        assert taken is not None
        assert (taken.id, taken.attempt) == (name, 2)
