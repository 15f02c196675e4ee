"""What every queue of jobs must do alike: one holder at a time, nothing written by a former one."""

from __future__ import annotations

import threading
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import storage_records as make
from conformance.trial_ledger_suite import TOLD, tried
from tradepulse.domain.errors import FailedError, NotFoundError, RefusedError
from tradepulse.domain.event import Event
from tradepulse.domain.job import Job, JobState
from tradepulse.domain.study import Study
from tradepulse.storage.database import Database
from tradepulse.storage.training_jobs import MOST_DEATHS, DatabaseJobs
from tradepulse.storage.training_requests import (
    request_cancel,
    request_pause,
    request_resume,
    request_training,
)  # fmt: skip
from tradepulse.training.ledger import Interrupted, TrainProgress
from tradepulse.training.spec import TrainSpec

SPEC = TrainSpec(strategy="ema_cross", exchange="binance", pair="BTC/USDT", interval="1h")
LEASE_MS = 15_000


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = make.T0

    def __call__(self) -> int:
        return self.now

    def pass_(self, ms: int) -> None:
        self.now += ms


class Desk:
    """A board with its clock, and short words for what the tests do with it."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self.board = DatabaseJobs(database, self.clock)

    def queue(self, count: int = 1) -> list[str]:
        made = []
        for _ in range(count):
            self.clock.pass_(1)
            with self.database.transaction() as tx:
                made.append(request_training(tx, SPEC, now_ms=self.clock()).id)
        return made

    def claim(self, owner: str = "a", job_id: str | None = None) -> Job | None:
        return self.board.claim(owner, LEASE_MS, job_id)

    def held(self, owner: str = "a") -> Job:
        job = self.claim(owner)
        assert job is not None
        return job

    def job(self, job_id: str) -> Job:
        with self.database.reading() as tx:
            return tx.jobs.get(job_id)

    def ask(self, request: Any, job_id: str) -> Job:
        with self.database.transaction() as tx:
            found: Job = request(tx, job_id, now_ms=self.clock())
        return found

    def events(self, job_id: str) -> list[Event]:
        with self.database.reading() as tx:
            return [*tx.events.since(entity_id=job_id, types=["job.progress"])]


def found(id_: str = "c9", job_id: str = "j", **changes: Any) -> Any:
    """What a training run hands back."""
    return SimpleNamespace(
        configuration=make.configuration(id_, **changes), study=Study(id_, job_id, {"folds": [1]})
    )


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


class JobBoardSuite:
    """Claims, leases, fences, wishes, ends; needs the fixture `desk` of this module."""

    def test_the_oldest_is_claimed_first_and_once(self, desk: Desk) -> None:
        first, second = desk.queue(2)
        assert [desk.held("a").id, desk.held("b").id] == [first, second]
        assert desk.claim("c") is None
        job = desk.job(first)
        assert (job.state, job.owner, job.attempt) == (JobState.RUNNING, "a", 1)
        assert (job.started_at, job.lease_until) == (desk.clock(), desk.clock() + LEASE_MS)

    def test_a_job_may_be_claimed_by_its_id(self, desk: Desk) -> None:
        _, second = desk.queue(2)
        assert desk.claim("a", second) == desk.job(second)
        assert desk.claim("b", second) is None

    def test_jobs_of_another_kind_are_left_alone(self, desk: Desk) -> None:
        with desk.database.transaction() as tx:
            tx.jobs.insert(make.job("sweep", state=JobState.RUNNING))
            tx.jobs.insert(make.job("queued sweep"))
        desk.clock.pass_(10**9)
        assert desk.claim() is None

    def test_a_lease_that_is_renewed_holds(self, desk: Desk) -> None:
        desk.queue()
        job = desk.held("a")
        for _ in range(3):
            desk.clock.pass_(LEASE_MS - 1)
            assert desk.board.renew(job, LEASE_MS)
            assert desk.claim("b") is None

    def test_a_dead_runners_job_is_taken_up_and_it_can_write_no_more(self, desk: Desk) -> None:
        (name,) = desk.queue()
        late = desk.held("a")
        ledger = desk.board.ledger(late, LEASE_MS)
        ledger.record([tried(1, job_id=name)], TOLD)
        desk.clock.pass_(LEASE_MS + 1)
        now = desk.held("b")
        assert (now.id, now.attempt) == (name, 2)
        with pytest.raises(Interrupted) as caught:
            ledger.record([tried(2, job_id=name)], TOLD)
        assert caught.value.reason == "lost"
        with pytest.raises(Interrupted):
            ledger.advance(TrainProgress("another phase", 1, 2))
        assert not desk.board.renew(late, LEASE_MS)
        assert not desk.board.let_go(late, JobState.QUEUED)
        assert not desk.board.fail(late, FailedError("disk_full", "full"))
        assert desk.board.finish(late, found(job_id=name)) is None
        assert desk.job(name) == now
        taken = desk.board.ledger(now, LEASE_MS)
        assert taken.stored(name, range(100)) == (tried(1, job_id=name),)
        with desk.database.reading() as tx:
            assert tx.configurations.find("c9") is None

    def test_the_same_owner_twice_is_told_apart_by_the_attempt(self, desk: Desk) -> None:
        desk.queue()
        first = desk.held("a")
        desk.clock.pass_(LEASE_MS + 1)
        second = desk.held("a")
        assert not desk.board.renew(first, LEASE_MS)
        assert desk.board.renew(second, LEASE_MS)

    def test_a_job_given_back_is_free_at_once(self, desk: Desk) -> None:
        desk.queue()
        assert desk.board.let_go(desk.held("a"), JobState.QUEUED)
        assert desk.held("b").attempt == 2

    @pytest.mark.parametrize(
        ("request_", "reason", "state"),
        [
            (request_pause, "paused", JobState.PAUSED),
            (request_cancel, "cancelled", JobState.CANCELLED),
        ],
    )
    def test_a_wish_is_heeded_with_the_next_batch_which_is_kept(
        self, desk: Desk, request_: Any, reason: str, state: JobState
    ) -> None:
        (name,) = desk.queue()
        job = desk.held()
        ledger = desk.board.ledger(job, LEASE_MS)
        assert desk.ask(request_, name).state is JobState.RUNNING
        with pytest.raises(Interrupted) as caught:
            ledger.record([tried(1, job_id=name)], TOLD)
        assert caught.value.reason == reason
        assert desk.board.let_go(job, state)
        after = desk.job(name)
        assert (after.state, after.owner, after.wish) == (state, None, None)
        assert (after.finished_at is not None) is state.is_over
        assert len(ledger.stored(name, range(100))) == 1
        assert desk.claim("b") is None

    @pytest.mark.parametrize("request_", [request_pause, request_cancel])
    def test_a_job_nobody_runs_obeys_at_once(self, desk: Desk, request_: Any) -> None:
        waiting, dead = desk.queue(2)
        expected = {request_pause: JobState.PAUSED, request_cancel: JobState.CANCELLED}[request_]
        assert desk.ask(request_, waiting).state is expected
        lost = desk.held("a")
        assert lost.id == dead
        desk.clock.pass_(LEASE_MS + 1)
        assert desk.ask(request_, dead).state is expected
        assert not desk.board.renew(lost, LEASE_MS)
        assert desk.claim("b") is None

    def test_who_is_told_to_stop_stops_with_the_next_batch_which_is_kept(self, desk: Desk) -> None:
        (name,) = desk.queue()
        stop = threading.Event()
        ledger = desk.board.ledger(desk.held(), LEASE_MS, stop)
        ledger.advance(TOLD)
        stop.set()
        for number in (1, 2):
            with pytest.raises(Interrupted, match="stopped"):
                ledger.record([tried(number, job_id=name)], TOLD)
        with pytest.raises(Interrupted, match="stopped"):
            ledger.advance(TOLD)
        assert len(ledger.stored(name, range(100))) == 2

    def test_searches_side_by_side_share_a_ledger(self, desk: Desk) -> None:
        (name,) = desk.queue()
        ledger = desk.board.ledger(desk.held(), LEASE_MS)

        def search(index: int) -> None:
            for number in range(10):
                told = TrainProgress(f"fold-{index}", number, 20, None)
                ledger.record([tried(100 * index + number, job_id=name)], told)

        threads = [threading.Thread(target=search, args=(n,)) for n in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(ledger.stored(name, range(1000))) == 20
        with desk.database.reading() as tx:
            lines = [line.message for line in tx.logs.page(job_id=name).items]
        assert sum("fold-" in line for line in lines) == 2

    def test_a_submitted_job_is_its_submitters_from_the_start(self, desk: Desk) -> None:
        job = desk.board.submit(SPEC, "a", LEASE_MS)
        assert (job.state, job.owner, job.attempt) == (JobState.RUNNING, "a", 1)
        assert TrainSpec.from_json(job.spec) == SPEC
        assert desk.claim("b") is None

    def test_a_wish_whose_runner_died_first_is_done_by_the_next_to_look(self, desk: Desk) -> None:
        (name,) = desk.queue()
        desk.held("a")
        desk.ask(request_cancel, name)
        desk.clock.pass_(LEASE_MS + 1)
        assert desk.claim("b") is None
        assert desk.job(name).state is JobState.CANCELLED

    def test_resume_queues_what_was_paused_or_failed_and_takes_back_a_wish(
        self, desk: Desk
    ) -> None:
        (name,) = desk.queue()
        desk.ask(request_pause, name)
        assert desk.ask(request_resume, name).state is JobState.QUEUED
        job = desk.held()
        desk.ask(request_pause, name)
        assert desk.ask(request_resume, name).wish is None
        desk.board.ledger(job, LEASE_MS).record([], TOLD)
        assert desk.board.fail(job, FailedError("disk_full", "the disk is full", hint="Free it."))
        failed = desk.job(name)
        assert failed.state is JobState.FAILED
        assert failed.error == "disk_full: the disk is full. Free it."
        again = desk.ask(request_resume, name[:13])
        assert (again.state, again.error, again.finished_at) == (JobState.QUEUED, None, None)
        assert desk.held("b").attempt == 2

    @pytest.mark.parametrize("request_", [request_pause, request_cancel, request_resume])
    def test_what_is_over_stays_over(self, desk: Desk, request_: Any) -> None:
        (name,) = desk.queue()
        desk.board.finish(desk.held(), found(job_id=name))
        with pytest.raises(RefusedError) as caught:
            desk.ask(request_, name)
        assert caught.value.code == "job_over"
        with pytest.raises(NotFoundError):
            desk.ask(request_, "nothing-like-it")

    def test_the_end_is_one_with_what_was_found(self, desk: Desk) -> None:
        (name,) = desk.queue()
        job = desk.held()
        result = found(job_id=name)
        assert desk.board.finish(job, result) == result.configuration
        with desk.database.reading() as tx:
            assert tx.configurations.get("c9") == result.configuration
            assert tx.studies.get("c9") == result.study
            assert tx.studies.of_job(name) == (result.study,)
            with pytest.raises(NotFoundError):
                tx.studies.get("c1")
            types = [event.type for event in tx.events.since(types=["configuration.*"])]
        done = desk.job(name)
        assert (done.state, done.progress["configuration_ids"]) == (JobState.DONE, ["c9"])
        assert (done.owner, done.lease_until, done.finished_at) == (None, None, desk.clock())
        assert types == ["configuration.created"]
        assert desk.events(name)[-1].payload["state"] == "DONE"

    def test_a_cancel_that_comes_behind_the_last_batch_stores_nothing(self, desk: Desk) -> None:
        (name,) = desk.queue()
        job = desk.held()
        desk.ask(request_cancel, name)
        with pytest.raises(Interrupted) as caught:
            desk.board.finish(job, found(job_id=name))
        assert caught.value.reason == "cancelled"
        over = desk.job(name)
        assert (over.state, over.owner, over.wish) == (JobState.CANCELLED, None, None)
        assert over.finished_at == desk.clock()
        with desk.database.reading() as tx:
            assert tx.configurations.find("c9") is None
            assert tx.studies.of_job(name) == ()

    def test_a_pause_that_comes_behind_the_last_batch_is_too_late(self, desk: Desk) -> None:
        (name,) = desk.queue()
        job = desk.held()
        desk.ask(request_pause, name)
        assert desk.board.finish(job, found(job_id=name)) is not None
        assert (desk.job(name).state, desk.job(name).wish) == (JobState.DONE, None)

    def test_progress_never_runs_backwards(self, desk: Desk) -> None:
        """Who takes a job over reads its trials back, and passes by what was told before."""
        (name,) = desk.queue()
        desk.board.ledger(desk.held("a"), LEASE_MS).advance(TrainProgress("fold-2", 60, 100))
        desk.clock.pass_(LEASE_MS + 1)
        ledger = desk.board.ledger(desk.held("b"), LEASE_MS)
        for done, expected in ((0, 60), (30, 60), (60, 60), (61, 61), (50, 61)):
            ledger.advance(TrainProgress(f"phase {done}", done, 100))
            told = desk.job(name).progress
            assert (told["phase"], told["trials_done"]) == (f"phase {done}", expected)

    def test_a_run_that_finds_nothing_new_names_what_is_there(self, desk: Desk) -> None:
        first, second, third = desk.queue(3)
        desk.board.finish(desk.held(), found("c8", first))
        same = make.configuration("c8").configuration_hash
        alike = desk.board.finish(desk.held(), found("c9", second, configuration_hash=same))
        assert alike == make.configuration("c8")
        more = found("c10", third, configuration_hash=same, trials=2000)
        assert desk.board.finish(desk.held(), more) == more.configuration
        assert desk.job(second).progress["configuration_ids"] == ["c8"]

    def test_a_study_that_cannot_be_stored_leaves_the_job_as_it_was(self, desk: Desk) -> None:
        (name,) = desk.queue()
        job = desk.held()
        broken = found(job_id=name)
        broken.study = Study("c9", name, {"psr": float("nan")})
        with pytest.raises(ValueError, match="JSON"):
            desk.board.finish(job, broken)
        assert desk.job(name) == job
        with desk.database.reading() as tx:
            assert tx.configurations.find("c9") is None

    def test_a_job_that_kills_its_runners_is_given_up(self, desk: Desk) -> None:
        (name,) = desk.queue()
        desk.held()
        for _ in range(MOST_DEATHS - 2):
            desk.clock.pass_(LEASE_MS + 1)
            job = desk.held()
        # A new trial, and the count begins anew.
        desk.board.ledger(job, LEASE_MS).record([tried(1, job_id=name)], TOLD)
        for _ in range(MOST_DEATHS - 1):
            desk.clock.pass_(LEASE_MS + 1)
            desk.held()
        desk.clock.pass_(LEASE_MS + 1)
        assert desk.claim() is None
        assert (desk.job(name).error or "").startswith("runner_lost")

    def test_progress_is_in_the_row_and_told_a_few_times_a_second(self, desk: Desk) -> None:
        (name,) = desk.queue()
        ledger = desk.board.ledger(desk.held(), LEASE_MS)
        before = len(desk.events(name))
        for number in range(1, 41):
            desk.clock.pass_(50)
            told = TrainProgress("searching", number, 100, 0.5 + number)
            ledger.record([tried(number, job_id=name)], told)
        progress = desk.job(name).progress
        assert (progress["trials_done"], progress["trials_total"]) == (40, 100)
        assert (progress["best"], progress["phase"]) == (40.5, "searching")
        assert progress["eta_s"] == 3.0
        assert 5 <= len(desk.events(name)) - before <= 8
        ledger.advance(TrainProgress("significance", 40, 100, float("-inf"), "bootstrap"))
        assert desk.job(name).progress["best"] is None
        assert desk.events(name)[-1].payload["phase"] == "significance"
        with desk.database.reading() as tx:
            lines = [line.message for line in tx.logs.page(job_id=name).items]
        assert any("significance: bootstrap" in line for line in lines)

    def test_threads_that_race_never_share_a_job(self, desk: Desk) -> None:
        names = desk.queue(24)
        taken: Counter[str] = Counter()
        failures: list[BaseException] = []
        together = threading.Barrier(6)

        def work(owner: str) -> None:
            board = DatabaseJobs(desk.database, desk.clock)
            try:
                together.wait(10)
                while (job := board.claim(owner, LEASE_MS)) is not None:
                    taken[job.id] += 1
                    # The key of a trial is unique: a second runner could not write it.
                    board.ledger(job, LEASE_MS).record([tried(0, job_id=job.id)], TOLD)
                    assert board.let_go(job, JobState.PAUSED)
            except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
                failures.append(error)

        threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert taken == Counter(names)
