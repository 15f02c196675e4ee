"""Market time at a speed, standing still, and hopelessly behind."""

from __future__ import annotations

import pytest

from tradepulse.sandbox.server.pacing import Pacer

START = 1_000_000


class Elapsed:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("speed", "seconds", "due"),
    [(1, 0.5, 500), (60, 0.1, 6000), (600, 0.02, 12_000), (0, 10, 0), (-1, 10, 0)],
)
def test_time_runs_at_the_speed(speed: float, seconds: float, due: int) -> None:
    clock = Elapsed()
    pacer = Pacer(START, speed, clock)
    clock.seconds += seconds
    assert pacer.due(START) == pytest.approx(START + due, abs=1)


def test_a_pause_costs_no_market_time() -> None:
    clock = Elapsed()
    pacer = Pacer(START, 10, clock)
    pacer.pause(True, START)
    clock.seconds += 100
    assert (pacer.due(START), pacer.speed) == (START, 0)
    pacer.pause(False, START)
    clock.seconds += 0.1
    assert (pacer.due(START), pacer.speed) == (START + 1000, 10)


def test_a_replay_that_cannot_keep_up_gives_up_time_not_order() -> None:
    clock = Elapsed()
    pacer = Pacer(START, 10, clock)
    clock.seconds += 5
    assert pacer.due(START) == START + 10_000
    assert pacer.lost_ms == 40_000
    clock.seconds += 0.1
    assert pacer.due(START + 10_000) == START + 11_000


def test_time_never_runs_backwards() -> None:
    pacer = Pacer(START, 10, Elapsed())
    assert pacer.due(START + 5) == START + 5


def test_a_client_is_given_as_much_room_as_the_replay_is_fast() -> None:
    assert Pacer(START, 0, Elapsed()).tolerance == 1
    assert Pacer(START, 600, Elapsed()).tolerance == 600
