"""How a runner ends a job, whatever happens while it trains, over a real database."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from conformance.job_board_suite import SPEC, found
from conformance.trial_ledger_suite import TOLD, tried
from tradepulse.domain.errors import FailedError, RefusedError, UsageError
from tradepulse.domain.job import Job, JobState
from tradepulse.storage.database import Database
from tradepulse.storage.training_jobs import DatabaseJobs
from tradepulse.storage.training_requests import request_cancel, request_pause, request_training
from tradepulse.training.jobs.runner import JobRunner
from tradepulse.training.ledger import TrialLedger
from tradepulse.training.spec import TrainSpec

LEASE_MS = 600


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Bench:
    """A SQLite database with one queued job, and runners whose training is the test's."""

    def __init__(self, database: Database) -> None:
        self.database, self.board = database, DatabaseJobs(database, now_ms)
        self.name = self.queue()

    def queue(self) -> str:
        with self.database.transaction() as tx:
            return request_training(tx, SPEC, now_ms=now_ms()).id

    def runner(self, train: Callable[..., Any], **options: Any) -> JobRunner:
        return JobRunner(self.board, train, "me", **({"lease_ms": LEASE_MS} | options))

    def job(self, name: str | None = None) -> Job:
        with self.database.reading() as tx:
            return tx.jobs.get(name or self.name)

    def ask(self, request: Callable[..., Job]) -> None:
        with self.database.transaction() as tx:
            request(tx, self.name, now_ms=now_ms())


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    with Database.open(sqlite_url) as database:
        yield Bench(database)


def finds(spec: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
    ledger.record([tried(0, job_id=job_id)], TOLD)
    return found(job_id=job_id)


def test_a_job_is_run_with_its_spec_and_stored(bench: Bench) -> None:
    told: list[TrainSpec] = []

    def train(spec: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        told.append(spec)
        return finds(spec, ledger, job_id)

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert ran.configuration is not None
    assert (ran.state, ran.configuration.id, told) == (JobState.DONE, "c9", [SPEC])
    assert bench.job().state is JobState.DONE
    assert bench.runner(train).run_next() is None


ENDS: list[tuple[BaseException, JobState, str | None]] = [
    (RefusedError("no_trades", "none traded", hint="More bars."), JobState.FAILED,
     "no_trades: none traded. More bars."),
    (ZeroDivisionError("by zero"), JobState.FAILED, "internal: ZeroDivisionError: by zero"),
    (FailedError("database_unavailable", "away"), JobState.QUEUED, None),
    (FailedError("cluster_unavailable", "away"), JobState.QUEUED, None),
    (UsageError("bad_cluster_url", "no address"), JobState.QUEUED, None),
    (UsageError("missing_extra", "no Dask"), JobState.QUEUED, None),
]  # fmt: skip


@pytest.mark.parametrize(("error", "state", "told"), ENDS)
def test_what_goes_wrong_ends_the_job_or_gives_it_back(
    bench: Bench, error: Exception, state: JobState, told: str | None
) -> None:
    def train(*_: Any) -> Any:
        raise error

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert (ran.state, bench.job().state) == (state, state)
    assert (bench.job().error or "").startswith(told or "")
    assert ran.error is not None


@pytest.mark.parametrize("when_stopped", [JobState.QUEUED, JobState.PAUSED])
@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_gives_the_job_back_and_goes_on(
    bench: Bench, how: type[BaseException], when_stopped: JobState
) -> None:
    def train(*_: Any) -> Any:
        raise how

    with pytest.raises(how):
        bench.runner(train, when_stopped=when_stopped).run_next()
    job = bench.job()
    assert (job.state, job.owner, job.lease_until) == (when_stopped, None, None)


def test_a_stop_ends_with_the_next_batch_and_another_goes_on_at_once(bench: Bench) -> None:
    runner: JobRunner

    def train(_: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        for number in range(1000):
            if number == 3:
                runner.stop.set()
            ledger.record([tried(number, job_id=job_id)], TOLD)

    runner = bench.runner(train)
    runner.run_for_ever()
    assert bench.job().state is JobState.QUEUED
    with bench.database.reading() as tx:
        assert tx.trials.numbers(bench.name) == {0, 1, 2, 3}
    ended = bench.runner(lambda *given: found(job_id=given[2])).run_next()
    assert ended is not None
    assert ended.state is JobState.DONE


def test_a_job_given_back_is_not_taken_up_again_at_once(bench: Bench) -> None:
    runs: list[float] = []
    runner: JobRunner

    def train(*_: Any) -> Any:
        runs.append(time.monotonic())
        if len(runs) == 3:
            runner.stop.set()
        raise FailedError("cluster_unavailable", "away")

    runner = bench.runner(train)
    runner.run_for_ever(poll_s=0.2)
    assert all(later - sooner >= 0.2 for sooner, later in pairwise(runs))
    assert (bench.job().state, bench.job().error) == (JobState.QUEUED, None)


def test_a_cancel_asked_for_after_the_last_batch_is_done(bench: Bench) -> None:
    def train(spec: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        result = finds(spec, ledger, job_id)
        bench.ask(request_cancel)
        return result

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert (ran.state, ran.configuration, ran.error) == (JobState.CANCELLED, None, None)
    assert bench.job().state is JobState.CANCELLED


def test_a_part_that_dies_of_the_same_signal_is_no_failure(bench: Bench) -> None:
    """Ctrl-C reaches the processes of the optimisers too."""
    runner: JobRunner

    def train(*_: Any) -> Any:
        runner.stop.set()
        raise FailedError("optimiser_lost", "the process of the optimiser has ended")

    runner = bench.runner(train)
    ran = runner.run_next()
    assert ran is not None
    assert (ran.state, bench.job().error) == (JobState.QUEUED, None)


@pytest.mark.parametrize(
    ("request_", "state"), [(request_pause, JobState.PAUSED), (request_cancel, JobState.CANCELLED)]
)
def test_a_wish_ends_the_run(bench: Bench, request_: Callable[..., Job], state: JobState) -> None:
    def train(_: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        bench.ask(request_)
        ledger.record([tried(0, job_id=job_id)], TOLD)

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert (ran.state, bench.job().state) == (state, state)


def test_a_job_taken_over_is_left_to_its_new_runner(bench: Bench) -> None:
    """As when a machine slept: its lease is over, and the beat did not come."""

    def train(_: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        with bench.database.transaction() as tx:
            tx.connection.exec_driver_sql("UPDATE training_jobs SET lease_until = 1")
        assert bench.board.claim("other", 60_000) is not None
        ledger.record([tried(0, job_id=job_id)], TOLD)

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert ran.state is None
    assert (bench.job().state, bench.job().owner) == (JobState.RUNNING, "other")
    with bench.database.reading() as tx:
        assert tx.trials.numbers(bench.name) == frozenset()


def test_a_long_computation_keeps_its_lease(bench: Bench) -> None:
    taken: list[Job | None] = []

    def train(*given: Any) -> Any:
        for _ in range(8):
            time.sleep(LEASE_MS / 4000)
            taken.append(bench.board.claim("other", LEASE_MS))
        return found(job_id=given[2])

    ran = bench.runner(train).run_next()
    assert ran is not None
    assert ran.state is JobState.DONE
    assert taken == [None] * 8


def test_two_runners_share_a_queue(bench: Bench) -> None:
    names = {bench.name, *(bench.queue() for _ in range(9))}
    runs: list[str] = []
    together = threading.Barrier(2)

    def train(_: TrainSpec, ledger: TrialLedger, job_id: str) -> Any:
        runs.append(job_id)
        ledger.record([tried(0, job_id=job_id)], TOLD)
        return found(f"c of {job_id}", job_id)

    def work() -> None:
        together.wait(10)
        runner = bench.runner(train)
        while runner.run_next() is not None:
            continue

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(runs) == sorted(names)
    assert {bench.job(name).state for name in names} == {JobState.DONE}


def test_signals_stop_in_good_order() -> None:
    from tradepulse.cli.stopping import stopping

    stop = threading.Event()
    before = signal.getsignal(signal.SIGTERM)
    with stopping(stop):
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) == before
