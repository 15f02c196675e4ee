"""worker: what is queued is run, what cannot be run here stays, and the exit code says which."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from training_home import MARKET, SMALL, make_home, read

from tradepulse.bootstrap import open_home
from tradepulse.cli import worker_process
from tradepulse.domain.errors import FailedError
from tradepulse.training.jobs.runner import JobRunner

QUEUED = ["train", "ema_cross", *MARKET, *SMALL, "--queue"]
UNTRADED = ["--constraint", "trade_count>=100000", "--rule", "min_notional=1000000"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def states(home: Path) -> list[str]:
    with open_home(home).database.reading() as tx:
        return [str(job.state) for job in tx.jobs.page().items]


@pytest.mark.parametrize(
    ("url", "exit_code", "code"),
    [("localhost", 2, "bad_cluster_url"), ("tcp://127.0.0.1:1", 5, "cluster_unavailable")],
)
@pytest.mark.parametrize("more", [["--once"], ["--concurrency", "2"]])
def test_without_its_cluster_a_worker_takes_no_job(
    capsys: pytest.CaptureFixture[str], home: Path, url: str, exit_code: int, code: str,
    more: list[str],
) -> None:  # fmt: skip
    read(capsys, home, *QUEUED)
    got, answer = read(capsys, home, "worker", "--cluster", url, *more)
    assert (got, answer["error"]["code"]) == (exit_code, code)
    assert states(home) == ["QUEUED"]


def test_a_job_that_failed_is_in_the_exit_code(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    read(capsys, home, *QUEUED, *UNTRADED)
    code, answer = read(capsys, home, "worker", "--once")
    assert (code, [item["state"] for item in answer["items"]]) == (5, ["FAILED"])
    assert answer["items"][0]["error"]["code"] == "no_trades"


def test_a_job_given_back_ends_a_run_of_what_is_queued(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is free again at once: taken up again and again, the run would never end."""

    def away(*_: Any) -> Any:
        raise FailedError("cluster_unavailable", "the cluster is gone")

    monkeypatch.setattr(JobRunner, "_trained", away)
    read(capsys, home, *QUEUED)
    code, answer = read(capsys, home, "worker", "--once")
    assert (code, [item["state"] for item in answer["items"]]) == (5, ["QUEUED"])
    assert states(home) == ["QUEUED"]


def test_children_are_told_the_lease_and_their_failures_are_heard(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    start = subprocess.Popen

    def seen(words: list[str], **options: Any) -> Any:
        started.append(words)
        return start(words, **options)

    monkeypatch.setattr(worker_process.subprocess, "Popen", seen)
    read(capsys, home, *QUEUED, *UNTRADED)
    code, answer = read(capsys, home, "worker", "--once", "--concurrency", "2", "--lease", "7.5")
    assert (code, [item["state"] for item in answer["items"]]) == (5, ["FAILED"])
    assert [words[words.index("--lease") + 1] for words in started] == ["7.5", "7.5"]
