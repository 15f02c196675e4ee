"""Bars that a program has run over are taken, whatever happens before their turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradepulse.engine.live_bars import BarTaker


class Taker(BarTaker):
    """One whose members have bars ready: when they closed."""

    def __init__(self, **ready: Sequence[int]) -> None:
        drive = type("Drive", (), {"clock": staticmethod(lambda: 0)})
        super().__init__(drive, None, None, None, 1.0, None)  # type: ignore[arg-type]
        self.ready = {name: list(ends) for name, ends in ready.items()}
        self.members: list[Any] = [type("Member", (), {"id": name}) for name in ready]
        self.taken: list[tuple[str, int]] = []

    def _pulled(self, member: Any) -> list[int]:
        ends, self.ready[member.id] = self.ready[member.id], []
        return ends

    def _take_bar(self, member: Any, _row: int, close_time: int) -> None:
        self.taken.append((member.id, close_time))


def test_bars_are_taken_in_the_order_they_closed() -> None:
    taker = Taker(a=[60, 120], b=[60], c=[])
    assert taker.pull(taker.members, ())
    assert taker.take() == 3
    assert taker.taken == [("a", 60), ("b", 60), ("a", 120)]
    assert not taker.pull(taker.members, ())
    assert taker.take() == 0


def test_a_turn_that_fails_between_loses_no_bar() -> None:
    taker = Taker(a=[60], b=[60])
    assert taker.pull(taker.members, ())
    # The database went away before they were taken. Newer ones wait until they are.
    taker.ready["a"] = [120]
    assert taker.pull(taker.members, ())
    assert taker.take() == 2
    assert taker.pull(taker.members, ())
    assert taker.take() == 1
    assert taker.taken == [("a", 60), ("b", 60), ("a", 120)]


def test_who_has_left_takes_none() -> None:
    taker = Taker(a=[60], b=[60])
    taker.pull(taker.members, ())
    taker.forget("a")
    assert taker.take() == 1
    assert taker.taken == [("b", 60)]


def test_one_that_is_given_up_is_not_pulled() -> None:
    taker = Taker(a=[60], b=[60])
    taker.pull(taker.members, {"a"})
    assert taker.take() == 1
