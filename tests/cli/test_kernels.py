"""Compiling ahead: done once for each copy of the package, and told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tradepulse.cli import kernels


class Finished:
    """A process that has ended with `code`."""

    def __init__(self, code: int) -> None:
        self.code = code

    def wait(self) -> int:
        return self.code


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The commands that were started, each of which succeeds, over an empty cache."""
    commands: list[list[str]] = []
    monkeypatch.setattr(kernels, "_mark", lambda: tmp_path / "cache" / "compiled.txt")
    monkeypatch.setattr(
        subprocess, "Popen", lambda command: commands.append(command) or Finished(0)
    )
    return commands


def test_both_parts_are_compiled_once(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    kernels.ready_kernels()
    kernels.ready_kernels()
    assert [command[-1] for command in started] == list(kernels.PARTS)
    assert all(command[:2] == [sys.executable, "-m"] for command in started)
    assert capsys.readouterr().err.count("compiling the kernels") == 1


def test_a_failure_is_told_and_tried_again(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda command: started.append(command) or Finished(1))
    kernels.ready_kernels()
    kernels.ready_kernels()
    assert len(started) == 2 * len(kernels.PARTS)
    assert "compiled when it is first used" in capsys.readouterr().err


def test_two_copies_of_the_package_do_not_believe_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = kernels._mark()
    monkeypatch.setattr(kernels, "__file__", str(tmp_path / "cli" / "kernels.py"))
    assert kernels._mark().parent == here.parent
    assert kernels._mark() != here


@pytest.mark.slow
@pytest.mark.parametrize("part", kernels.PARTS)
def test_a_part_runs(part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tradepulse.cli.kernels", part], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
