"""Runs training jobs in this process, from a spec or from where one stopped, and shows the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.output import say, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.cli.stopping import stopping
from tradepulse.cli.training_progress import training_progress
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.job import Job, JobState

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.study import Study
    from tradepulse.training.jobs.runner import JobRunner, Ran
    from tradepulse.training.spec import TrainSpec

# A job and what it found; and what an answer says of that besides the configuration.
Trained: TypeAlias = "tuple[Job, Configuration]"
More: TypeAlias = "Callable[[Configuration], dict[str, Any]]"

# Between two looks at a lease somebody else still holds.
_WAIT_S = 0.5


class Stopped(Exception):  # noqa: N818  (a wish that was obeyed, not a fault)
    """The user stopped the job; how to go on with it has been said. Without an id none was at
    hand: the stop came between two."""

    def __init__(self, job_id: str | None = None) -> None:
        super().__init__(job_id)
        self.job_id = job_id

    def document(self, found: Sequence[Trained], more: More | None = None) -> dict[str, Any]:
        """The answer as JSON: the stop as an error, with what was `found` before it."""
        hint = None if self.job_id is None else _how_to_go_on(self.job_id)
        error = RefusedError("stopped", "stopped by the user", hint=hint)
        items = _items(found, more)
        return {"error": error.as_dict(), "job_id": self.job_id, "items": items}


class Foreground:
    """Training jobs run here and now, with live progress; Ctrl-C pauses the one at hand."""

    def __init__(self, app: App, workers: int | None, cluster: str | None) -> None:
        self._app, self._workers, self._cluster = app, workers, cluster
        self._stopped = False

    def train(self, spec: TrainSpec) -> tuple[Job, Configuration]:
        """(the job, what it found). Errors: those of the run; `Stopped`."""
        if self._stopped:
            # The signal came with the last batch of the job before, which is done.
            raise Stopped
        title = f"{spec.strategy} on {spec.exchange} {spec.pair} {spec.interval}"
        with training_progress(title) as listener:
            runner = self._runner(listener)
            job = runner.submit(spec)
            return self._ran(runner, job)

    def resume(self, job_id: str) -> tuple[Job, Configuration]:
        """The same for a job that stopped; one that is done already answers with what it found.

        Errors: `job_not_found`, `job_over`, `job_running` (RefusedError), those of the run.
        """
        job = self._asked_to_go_on(job_id)
        if job.state is JobState.DONE:
            return job, self._found(job)
        with training_progress(_title(job)) as listener:
            runner = self._runner(listener)
            held = runner.claim(job.id)
            if held is None:
                raise _running(self._job(job.id))
            return self._ran(runner, held)

    def _runner(self, listener: Any) -> JobRunner:
        from tradepulse.bootstrap import training_runner

        return training_runner(
            self._app, wall_clock_ms, when_stopped=JobState.PAUSED, listener=listener,
            workers=self._workers, cluster=self._cluster, before=ready_kernels,
        )  # fmt: skip

    def _ran(self, runner: JobRunner, job: Job) -> tuple[Job, Configuration]:
        told = "stopping with the batch at hand; press Ctrl-C again to stop at once"
        how = f"paused; {_how_to_go_on(job.id)}"
        try:
            with stopping(runner.stop, told):
                ran = runner.run(job)
                self._stopped = runner.stop.is_set()
        except KeyboardInterrupt:
            say(how)
            raise Stopped(job.id) from None
        if ran.state is JobState.PAUSED and self._stopped:
            say(how)
            raise Stopped(job.id)
        return job, _configuration(ran)

    def _asked_to_go_on(self, job_id: str) -> Job:
        """The job, free to be claimed, or DONE: at once, or when the lease of a runner that is gone
        has ended. As long as somebody may be at it, what others asked of it is left alone."""
        from tradepulse.storage.training_requests import request_resume

        first: Job | None = None
        while True:
            with self._app.database.transaction() as tx:
                job = tx.jobs.lock(tx.jobs.resolve(job_id).id)
                if job.state is JobState.DONE:
                    return job
                if job.state is not JobState.RUNNING or _lease(job) < wall_clock_ms():
                    return request_resume(tx, job.id, now_ms=wall_clock_ms())
            if first is None:
                first = job
                say(f"waiting until {time_text(_lease(job))} for the lease of {job.owner} to end")
            elif _lease(job) > _lease(first):
                raise _running(job)
            time.sleep(_WAIT_S)

    def _job(self, job_id: str) -> Job:
        with self._app.database.reading() as tx:
            return tx.jobs.get(job_id)

    def _found(self, job: Job) -> Configuration:
        with self._app.database.reading() as tx:
            return tx.configurations.get(job.progress["configuration_ids"][0])


def _lease(job: Job) -> int:
    return job.lease_until or 0


def _running(job: Job) -> RefusedError:
    return RefusedError(
        "job_running", f"another process is at job {job.id[:8]}",
        expected="a job that nobody runs", found=f"{job.state} by {job.owner}",
        hint=f"Watch it with: tradepulse jobs show {job.id[:8]}",
    )  # fmt: skip


def _how_to_go_on(job_id: str) -> str:
    return f"go on with: tradepulse train --resume {job_id[:8]}"


def _configuration(ran: Ran) -> Configuration:
    if ran.configuration is not None:
        return ran.configuration
    if ran.error is not None:
        raise ran.error
    state = "taken over by another process" if ran.state is None else str(ran.state).lower()
    raise RefusedError(
        "job_stopped", f"job {ran.job.id[:8]} was {state} while it ran",
        expected="a job that runs to its end", found=state,
        hint=f"See: tradepulse jobs show {ran.job.id[:8]}",
    )  # fmt: skip


def _title(job: Job) -> str:
    from tradepulse.storage.training_requests import title

    return title(job)


def show_trained(found: Sequence[Configuration]) -> None:
    """Prints what training runs found and why it stands where it stands."""
    from tradepulse.cli.configs import parameters_text
    from tradepulse.cli.evidence_table import show_evidence

    for c in found:
        show_lines(
            [
                f"{c.strategy_name} on {c.exchange} {c.pair} {c.interval}: {c.lifecycle_stage}, "
                f"the best of {c.trials:,} different sets tried",
                f"configuration {c.id}",
                f"parameters    {parameters_text(c.parameters)}",
            ]
        )
        show_evidence(c.evidence)
        show_lines([f"the whole story as a page: tradepulse report {c.id[:8]}"])


_FOLD_COLUMNS = (
    "fold", "searched from", "judged from", "to", "Sharpe searched", "Sharpe judged", "return %",
    "drawdown %", "trades", "parameters",
)  # fmt: skip


def show_folds(study: Study) -> None:
    """Prints the fold table of a study: what each fold chose, and what became of it."""
    from tradepulse.cli.configs import parameters_text

    rows = [
        (
            fold["number"], _day(fold["train"][0]), _day(fold["test"][0]), _day(fold["test"][1]),
            _short(fold["train_sharpe"]), _short(fold["test_sharpe"]),
            _percent(fold["test_return"]), _percent(fold["test_drawdown"]), fold["trades"],
            parameters_text(fold["parameters"] or {}),
        )
        for fold in study.document["folds"]
    ]  # fmt: skip
    show_table("Folds", _FOLD_COLUMNS, rows, right=_FOLD_COLUMNS[4:9])


def documents(found: Sequence[Trained], started: float, more: More | None = None) -> dict[str, Any]:
    """The answer as JSON: the configuration itself, or `items` where several pairs were asked."""
    items = _items(found, more)
    if len(items) == 1:
        return items[0]
    return {"items": items, "seconds": round(time.perf_counter() - started, 3)}


def _items(found: Sequence[Trained], more: More | None) -> list[dict[str, Any]]:
    from tradepulse.cli.configs import as_document

    return [
        as_document(c) | {"job_id": job.id} | (more(c) if more is not None else {})
        for job, c in found
    ]


def _day(time_ms: int) -> str:
    return time_text(time_ms)[:10]


def _short(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f}"
