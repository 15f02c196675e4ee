"""docs/guides/cluster.md, followed as written: a cluster of two workers, and a training on it."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_dask import dask_process, end

from tradepulse.cli import main

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "cluster.md"
WRITTEN_PORT = "8786"


def lines_of(words: str, port: str) -> list[list[str]]:
    """The command lines of the guide's blocks that are fenced with these words."""
    text = GUIDE.read_text()
    found = re.findall(rf"^```{words}\n([\s\S]*?)^```$", text, re.MULTILINE)
    lines = [line for block in found for line in block.splitlines()]
    return [shlex.split(line.replace(WRITTEN_PORT, port)) for line in lines]


def wait_for_port(port: int, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "the scheduler does not listen"
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run(*words: str) -> dict[str, Any]:
        code = main([*words, "--json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        document: dict[str, Any] = json.loads(told.out)
        return document

    return run


def test_the_guide_gives_what_this_machine_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: Callable[..., dict[str, Any]]
) -> None:
    monkeypatch.delenv("TRADEPULSE_HOME", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    ((_, *training),) = lines_of("sh skip trains", port)
    (scheduler, workers) = lines_of("sh serves cluster", port)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _, *words in (scheduler, workers):
            started.append(dask_process(tmp_path, words))
        wait_for_port(int(port))
        monkeypatch.chdir(tmp_path)
        printed("data", "import", "--bundled")
        elsewhere = printed(*training)
    finally:
        for process in reversed(started):
            process.terminate()
            end(process)
    # A home of its own: a second search of a family counts the trials of the first.
    monkeypatch.setenv("TRADEPULSE_HOME", str(tmp_path / "another"))
    monkeypatch.setenv("TRADEPULSE__BARS__URL", str(tmp_path / "user_data" / "data"))
    assert training[-2] == "--cluster"
    here = printed(*training[:-2])
    for key in ("parameters", "lifecycle_stage", "metrics", "evidence", "trials"):
        assert elsewhere[key] == here[key], key
