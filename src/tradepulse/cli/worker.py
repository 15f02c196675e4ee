"""`tradepulse worker`: runs queued training jobs until it is stopped."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.kernels import ready_kernels
from tradepulse.cli.options import ConfigOption, HomeOption, JobsOption, JsonOption
from tradepulse.cli.output import emit, say, show_table, wall_clock_ms
from tradepulse.cli.stopping import stopping
from tradepulse.cli.training_options import ClusterOption, require_cluster
from tradepulse.cli.worker_process import run_workers
from tradepulse.domain.errors import FailedError

if TYPE_CHECKING:
    from tradepulse.training.jobs.runner import JobRunner, Ran

OnceOption = Annotated[
    bool, typer.Option("--once", help="Run what is queued, one job after another, then end.")
]
ConcurrencyOption = Annotated[
    int,
    typer.Option(
        "--concurrency", min=1, help="Jobs at a time, each in a process. One uses all cores."
    ),
]
LeaseOption = Annotated[
    float,
    typer.Option("--lease", min=0.3, help="Seconds until the job of a killed worker is free."),
]
# A worker that was started by another process stands this far behind it (nice).
_GIVE_WAY = 10
# Given by the process that started this one: its end closes the pipe, however it ends.
ParentOption = Annotated[bool, typer.Option("--until-stdin-closes", hidden=True)]


def command(
    once: OnceOption = False,
    concurrency: ConcurrencyOption = 1,
    lease: LeaseOption = 15.0,
    cluster: ClusterOption = None,
    jobs: JobsOption = None,
    until_stdin_closes: ParentOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Run queued training jobs, oldest first, until stopped.

    Any number of workers may share a database: a job is run by one at a time, and the job of one
    that was killed is taken up by the next. Ctrl-C and SIGTERM give the job at hand back.

    With --once exit code 5 when a job failed, or could not be run here and was given back.
    """
    from tradepulse.bootstrap import open_home, training_runner

    app = open_home(home, config)
    if cluster is not None:
        require_cluster(cluster)
    if concurrency > 1:
        items = run_workers(
            app, concurrency, once=once, cluster=cluster, threads=jobs, lease_s=lease
        )
    else:
        runner = training_runner(
            app, wall_clock_ms, lease_ms=round(lease * 1000), workers=jobs, cluster=cluster,
            before=ready_kernels,
        )  # fmt: skip
        items = _run(runner, once=once, is_child=until_stdin_closes)
    if once:
        emit({"items": items}, as_json, lambda: _show(items))
    return FailedError.exit_code if any(item["error"] for item in items) else 0


def _give_way() -> None:
    """A search takes every core there is; the engine and the API beside it are waited for."""
    if hasattr(os, "nice"):
        os.nice(_GIVE_WAY)


def _run(runner: JobRunner, *, once: bool, is_child: bool) -> list[dict[str, Any]]:
    """How the jobs ended; of a run that goes on until it is stopped nothing is kept."""
    items: list[dict[str, Any]] = []
    if is_child:
        _stop_with_parent(runner.stop)
        _give_way()
    with stopping(runner.stop, None if is_child else "stopping with the batch at hand"):
        if not once:
            runner.run_for_ever(ended=_say)
        while once and not runner.stop.is_set() and (ran := runner.run_next()) is not None:
            _say(ran)
            items.append(_told(ran))
            if ran.given_back:
                # It is the oldest in the queue again, and would be for ever.
                break
    return items


def _told(ran: Ran) -> dict[str, Any]:
    found, error = ran.configuration, ran.error
    return {
        "job_id": ran.job.id, "state": ran.state,
        "configuration_id": None if found is None else found.id,
        "lifecycle_stage": None if found is None else found.lifecycle_stage,
        "error": None if error is None else error.as_dict(),
    }  # fmt: skip


def _say(ran: Ran) -> None:
    state = "lost to another worker" if ran.state is None else str(ran.state).lower()
    found, error = ran.configuration, ran.error
    what = f", {found.lifecycle_stage} {found.id[:8]}" if found is not None else ""
    why = f": {error.code}: {error}" if error is not None else ""
    say(f"job {ran.job.id[:8]}: {state}{what}{why}")


def _show(items: list[dict[str, Any]]) -> None:
    columns = ("job", "state", "configuration", "stage", "error")
    rows = [
        (
            item["job_id"][:8], item["state"], (item["configuration_id"] or "-")[:8],
            item["lifecycle_stage"], (item["error"] or {}).get("code"),
        )
        for item in items
    ]  # fmt: skip
    show_table(None if rows else "Nothing was queued", columns, rows)


def _stop_with_parent(stop: threading.Event) -> None:
    """Sets `stop` when standard input ends: its other end is the parent's."""

    def wait() -> None:
        # Not through `sys.stdin`: a thread that waits in there keeps the interpreter from ending.
        while os.read(sys.stdin.fileno(), 4096):
            continue
        stop.set()

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
