"""`tradepulse jobs`: what is being trained, and wishes about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, CursorOption, HomeOption, JsonOption, LimitOption
from tradepulse.cli.output import emit, show_lines, show_page, show_table, time_text, wall_clock_ms
from tradepulse.cli.training_progress import best_text, left_text
from tradepulse.domain.job import Job, JobState

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(help="List training jobs; pause, resume and cancel them.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
StateOption = Annotated[
    JobState | None,
    typer.Option("--state", case_sensitive=False, help="Only jobs in that state."),
]
_COLUMNS = (
    "id", "what", "state", "phase", "trials", "best", "left", "queued", "finished", "found",
)  # fmt: skip
SHOWN_LINES = 20


@app.command("list")
def list_jobs(
    state: StateOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first: training jobs, and sweeps as they were run."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.jobs.page(state=state, limit=limit, cursor=cursor)
    items = [as_document(job) for job in page.items]
    document = {"items": items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: show_jobs(page.items, page.next_cursor))


@app.command()
def show(
    job: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a job: what was asked for, how far it is, what it said."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        found = tx.jobs.resolve(job)
        lines = tx.logs.page(job_id=found.id, limit=SHOWN_LINES).items
    document = as_document(found) | {"logs": [asdict(line) for line in lines]}
    emit(
        document, as_json, lambda: _show(found, [(line.timestamp, line.message) for line in lines])
    )


@app.command()
def pause(
    job: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pause a job: at once if nobody runs it, else with the batch at hand. Nothing is lost."""
    from tradepulse.storage.training_requests import request_pause

    _ask(request_pause, job, home, config, as_json)


@app.command()
def resume(
    job: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a paused or failed job again, for a worker (`train --resume ID` runs it here)."""
    from tradepulse.storage.training_requests import request_resume

    _ask(request_resume, job, home, config, as_json)


@app.command()
def cancel(
    job: IdArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a job for good. What it tried stays in the ledger, and counts."""
    from tradepulse.storage.training_requests import request_cancel

    _ask(request_cancel, job, home, config, as_json)


def _ask(
    request: Callable[..., Job], job: str, home: Path | None, config: Path | None, as_json: bool
) -> None:
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.transaction() as tx:
        changed = request(tx, job, now_ms=wall_clock_ms())
    emit(as_document(changed), as_json, lambda: show_jobs([changed]))


def as_document(job: Job) -> dict[str, Any]:
    """The job as a JSON object, its progress beside its state."""
    progress = dict(job.progress)
    return {
        "id": job.id, "kind": job.kind, "state": job.state,
        "phase": progress.get("phase"), "message": progress.get("message"),
        "trials_done": progress.get("trials_done", 0),
        "trials_total": progress.get("trials_total"), "best": progress.get("best"),
        "eta_s": progress.get("eta_s"),
        "configuration_ids": progress.get("configuration_ids", []),
        "error": job.error, "wish": job.wish, "owner": job.owner, "attempt": job.attempt,
        "created_at": job.created_at, "started_at": job.started_at,
        "finished_at": job.finished_at, "spec": dict(job.spec),
    }  # fmt: skip


def show_jobs(items: Sequence[Job], next_cursor: str | None = None) -> None:
    """Prints jobs as a table, and how to see the next page."""
    show_page(_COLUMNS, [_row(job) for job in items], next_cursor, right=("trials", "best"))


def _row(job: Job) -> tuple[object, ...]:
    told = dict(job.progress)
    total = told.get("trials_total")
    of = f" of {total:,}" if total else ""
    found = ", ".join(id_[:8] for id_ in told.get("configuration_ids", []))
    wish = f" ({job.wish} asked for)" if job.wish else ""
    return (
        job.id[:8], _what(job), f"{job.state}{wish}", told.get("phase"),
        f"{told.get('trials_done', 0):,}{of}", best_text(told), left_text(told),
        time_text(job.created_at), time_text(job.finished_at), found or None,
    )  # fmt: skip


def _what(job: Job) -> str:
    spec = job.spec
    pair = spec.get("pair") or spec.get("symbol")
    words = (spec.get("strategy"), spec.get("exchange"), pair, spec.get("interval"))
    return " ".join(str(word) for word in words if word)


def _show(job: Job, lines: list[tuple[int, str]]) -> None:
    show_jobs([job])
    if job.error is not None:
        show_lines([f"error: {job.error}"])
    show_table("Asked for", ("", ""), [(k, v) for k, v in job.spec.items() if v is not None])
    show_table("Log", ("time", ""), [(time_text(time), text) for time, text in reversed(lines)])
