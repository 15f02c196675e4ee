"""Wallets work one after the other, and one that hangs stops nobody."""

from __future__ import annotations

import threading
import time

import pytest

from tradepulse.engine.turns import Turns


class Desk:
    """Threads that take their turns; `log` in the order things happened."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.log: list[str] = []
        self.inside = self.most_inside = 0
        self._lock = threading.Lock()

    def work(self, name: str, seconds: float, after: float = 0.0) -> None:
        """A turn of `seconds`, and then `after` for what is no longer its turn."""
        with self.turns.mine():
            with self._lock:
                self.inside += 1
                self.most_inside = max(self.most_inside, self.inside)
                self.log.append(name)
            time.sleep(seconds)
            with self._lock:
                self.inside -= 1
            self.turns.over()
            time.sleep(after)

    def start(self, name: str, seconds: float, after: float = 0.0) -> threading.Thread:
        thread = threading.Thread(target=self.work, args=(name, seconds, after))
        thread.start()
        time.sleep(0.02)  # so that they stand in line in the order they are named
        return thread


def test_first_come_first_served() -> None:
    desk = Desk(Turns(5.0))
    threads = [desk.start(name, 0.05) for name in "abcde"]
    for thread in threads:
        thread.join()
    assert desk.log == list("abcde")
    assert desk.most_inside == 1


def test_who_waits_for_the_disk_gives_the_turn_away() -> None:
    desk = Desk(Turns(5.0))
    began = time.monotonic()
    threads = [desk.start(name, 0.0, after=0.3) for name in "abcd"]
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 0.9  # not 1.2


def test_one_that_hangs_is_passed() -> None:
    desk = Desk(Turns(0.1))
    hangs = desk.start("hangs", 0.8)
    began = time.monotonic()
    for name in "abc":
        desk.work(name, 0.0)
    assert time.monotonic() - began < 0.7
    assert desk.log == ["hangs", "a", "b", "c"]
    hangs.join()
    # And the line is in order again afterwards.
    threads = [desk.start(name, 0.03) for name in "xyz"]
    for thread in threads:
        thread.join()
    assert desk.log[4:] == ["x", "y", "z"]


def test_an_error_ends_the_turn() -> None:
    turns = Turns(5.0)
    with pytest.raises(ValueError, match="broken"), turns.mine():
        raise ValueError("broken")
    began = time.monotonic()
    with turns.mine():
        assert time.monotonic() - began < 1.0
