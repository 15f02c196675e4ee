"""How far a training job is, on stderr: a live line in a terminal, a line a tenth in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tradepulse.cli.output import console, say

Listener = Callable[[dict[str, Any]], None]


@contextmanager
def training_progress(title: str) -> Iterator[Listener]:
    """A function that takes a job's progress document and shows phase, trials, best and time left.

    It may be called from several threads.
    """
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("best {task.fields[best]}"), TextColumn("{task.fields[left]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task(title, total=None, best="-", left="")
        yield lambda told: bar.update(
            task, description=f"{title}: {_phase(told)}", completed=told["trials_done"],
            total=told["trials_total"], best=best_text(told), left=left_text(told),
        )  # fmt: skip


class _Lines:
    """For logs and pipes: a line where a phase begins or a tenth of the trials is done."""

    def __init__(self, title: str) -> None:
        self._title, self._seen = title, set[str]()
        self._tenth = -1

    def __call__(self, told: dict[str, Any]) -> None:
        done, total = told["trials_done"], told["trials_total"]
        tenth = done * 10 // total if total else 0
        if told["phase"] in self._seen and tenth <= self._tenth:
            return
        self._seen.add(told["phase"])
        self._tenth = max(tenth, self._tenth)
        say(
            f"{self._title}: {_phase(told)}, {done:,} of {total:,} trials, best {best_text(told)}"
            f"{', ' + left_text(told) if left_text(told) else ''}"
        )


def _phase(told: dict[str, Any]) -> str:
    return f"{told['phase']} ({told['message']})" if told.get("message") else str(told["phase"])


def best_text(told: dict[str, Any]) -> str:
    """The best score so far, or a dash."""
    best = told.get("best")
    return "-" if best is None else f"{best:.3f}"


def left_text(told: dict[str, Any]) -> str:
    """The time left as `2 min 5 s left`, empty while nobody knows."""
    seconds = told.get("eta_s")
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s left" if minutes else f"{rest} s left"
