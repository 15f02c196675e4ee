"""Staged capital: up slowly, down at once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.settings import StagingSettings
from tradepulse.risk.staging import StagedCapital

PLAN = StagingSettings()
# (days since it came to its step, trades since then, inside the band) -> the step it stands at.
CASES = {
    "not yet": ([(29.9, 99, True)], 1),
    "time without trades": ([(300.0, 29, True)], 1),
    "both": ([(30.0, 30, True)], 2),
    "only one step at a time": ([(300.0, 300, True)], 2),
    "what one step took does not count for the next": ([(30, 30, True), (31, 60, True)], 2),
    "two steps": ([(30, 30, True), (60, 60, True)], 3),
    "out of the band": ([(1, 1, False)], 0),
    "a look a minute later is no second step": ([(30, 30, True), (31, 31, False),
                                                 (31.001, 31, False)], 1),
    "a day outside is": ([(30, 30, True), (31, 31, False), (32, 31, False)], 0),
    "the first step is the least": ([(1, 1, False), (3, 1, False), (9, 1, False)], 0),
    "back inside it begins anew": ([(29, 30, True), (29.5, 30, False), (29.6, 30, True),
                                    (59.5, 60, True)], 0),
    "and gets up again": ([(29, 30, True), (29.5, 30, False), (29.6, 30, True),
                           (59.6, 60, True)], 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_steps(case: str) -> None:
    looks, step = CASES[case]
    stands = StagedCapital(1, 0, 0)
    for day, trades, inside in looks:
        before = stands
        stands, move = stands.judged(int(day * DAY_MS), trades, PLAN, inside=inside)
        assert (move is None) == (before.step == stands.step)
    assert stands.step == step


def test_a_step_says_what_it_changes() -> None:
    stands = StagedCapital(0, 0)
    assert stands.share(PLAN) == 0.05
    stands, move = stands.judged(30 * DAY_MS, 30, PLAN, inside=True)
    assert move == (5.0, 10.0, "30 trades and 30 days inside the band")
    assert StagedCapital(9, 0).share(PLAN) == 1.0
    assert StagedCapital(9, 0).judged(1, 0, PLAN, inside=False)[0].step == 3


looks = st.lists(
    st.tuples(st.floats(0.001, 40), st.integers(0, 40), st.booleans()), min_size=1, max_size=25
)


@given(looks)
def test_up_needs_time_and_trades_and_down_needs_neither(
    found: list[tuple[float, int, bool]],
) -> None:
    stands, day, trades = StagedCapital(2, 0, 0), 0.0, 0
    came = 0.0
    for passed, more, inside in found:
        day, trades = day + passed, trades + more
        before = stands
        stands, _ = stands.judged(int(day * DAY_MS), trades, PLAN, inside=inside)
        assert StagedCapital.from_json(json.loads(json.dumps(stands.as_json()))) == stands
        assert abs(stands.step - before.step) <= 1
        if stands.step > before.step:
            assert inside
            assert day - came >= PLAN.days - 1e-6
        if not inside and before.inside and before.step:
            assert stands.step == before.step - 1
        if stands.step != before.step or not inside:
            came = day
