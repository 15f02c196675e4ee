"""Batches that come together are written together, and each hears of its own failure alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tradepulse.domain.errors import FailedError
from tradepulse.engine.ports import Batch
from tradepulse.storage.group_commit import GroupCommit


class Disk:
    """Takes batches, named by their `last_bars`; the first writing waits until it is let go."""

    def __init__(self, bad: str | None = None) -> None:
        self.written: list[set[str]] = []
        self.begun, self.let_go = threading.Event(), threading.Event()
        self._bad = bad

    def write(self, batches: Sequence[Batch]) -> None:
        names = {name for batch in batches for name in batch.last_bars}
        if not self.begun.is_set():
            self.begun.set()
            assert self.let_go.wait(5.0)
        if self._bad in names:
            raise FailedError("lease_lost", "another engine has it")
        self.written.append(names)


def together(disk: Disk, names: Sequence[str]) -> dict[str, str | None]:
    """What became of each; all but the first come while the first is being written."""
    group, told = GroupCommit(disk.write), dict[str, str | None]()

    def commit(name: str) -> None:
        try:
            group.commit(Batch(last_bars={name: 1}))
            told[name] = None
        except FailedError as error:
            told[name] = error.code

    threads = [threading.Thread(target=commit, args=(name,)) for name in names]
    threads[0].start()
    assert disk.begun.wait(5.0)
    for thread in threads[1:]:
        thread.start()
    while len(group._waiting) < len(names) - 1:
        threading.Event().wait(0.001)
    disk.let_go.set()
    for thread in threads:
        thread.join(5.0)
    return told


def test_those_who_come_while_one_is_written_share_the_next_transaction() -> None:
    disk = Disk()
    assert together(disk, "abcde") == dict.fromkeys("abcde")
    assert disk.written == [{"a"}, {"b", "c", "d", "e"}]


def test_a_batch_that_cannot_be_written_fails_alone() -> None:
    disk = Disk(bad="c")
    assert together(disk, "abcd") == {"a": None, "b": None, "c": "lease_lost", "d": None}
    assert sorted(name for names in disk.written for name in names) == ["a", "b", "d"]


def test_one_alone_is_written_at_once_and_hears_of_its_failure() -> None:
    disk = Disk(bad="b")
    disk.let_go.set()
    group = GroupCommit(disk.write)
    group.commit(Batch(last_bars={"a": 1}))
    with pytest.raises(FailedError):
        group.commit(Batch(last_bars={"b": 1}))
    assert disk.written == [{"a"}]
