"""What a wallet may do, by its latches: none lifts another, and storing them loses nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import DAY_MS
from tradepulse.risk import Latch, Limits, RiskState, TradingState
from tradepulse.risk.equity_track import EquityTrack, judge_equity
from tradepulse.risk.trading_state import ask, kill, reset

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
LIMITS = Limits(max_daily_loss_pct=5.0, max_drawdown_pct=20.0)
NOON = 10 * DAY_MS + DAY_MS // 2
MIDNIGHT = 11 * DAY_MS


def after(equity: float, now: int = NOON, state: RiskState | None = None) -> RiskState:
    """The state of a wallet that began the day with 1,000 and was worth 1,200 once."""
    track = EquityTrack(equity, now // DAY_MS, 1_000.0, 1_200.0)
    return judge_equity(state or RiskState(), track, LIMITS, now)[0]


@pytest.mark.parametrize(
    ("equity", "codes"),
    [(1_000.0, set()), (961.0, set()), (950.0, {"daily_loss", "drawdown"}),
     (955.0, {"drawdown"}), (0.0, {"daily_loss", "drawdown"})],
)  # fmt: skip
def test_equity_latches(equity: float, codes: set[str]) -> None:
    state = after(equity)
    assert {latch.code for latch in state.latches} == codes
    assert state.at(NOON) is (REDUCING if codes else ACTIVE)


def test_a_days_loss_holds_to_midnight_even_when_made_good() -> None:
    lost = judge_equity(RiskState(), EquityTrack(940, 10, 1_000, 1_000), LIMITS, NOON)[0]
    recovered, new = judge_equity(lost, EquityTrack(1_010, 10, 1_000, 1_010), LIMITS, NOON + 60_000)
    assert new == ()
    assert recovered.at(MIDNIGHT - 1) is REDUCING
    assert recovered.at(MIDNIGHT) is ACTIVE
    assert recovered.without_expired(MIDNIGHT) == RiskState()


def test_a_drawdown_holds_until_it_is_reset_and_then_counts_anew() -> None:
    track = EquityTrack(900.0, 10, 905.0, 1_200.0)
    state, new = judge_equity(RiskState(), track, LIMITS, NOON)
    assert [latch.code for latch in new] == ["drawdown"]
    assert "25.00 %" in new[0].reason
    assert state.at(NOON + 365 * DAY_MS) is REDUCING
    released = reset(state, "looked into it", ["drawdown"])
    again, _ = judge_equity(released, track.forgiven(["drawdown"]), LIMITS, NOON)
    assert again.at(NOON) is ACTIVE


def test_the_kill_switch_halts_until_a_person_resets_it() -> None:
    state = kill(RiskState(), "smoke", "ada", NOON)
    assert state.at(NOON + 9 * DAY_MS) is HALTED
    with pytest.raises(TradePulseError) as caught:
        ask(state, ACTIVE, "again", "ada", NOON)
    assert (caught.value.code, caught.value.found) == ("latched", "kill_switch")
    assert reset(state, "no fire").at(NOON) is ACTIVE


def test_a_persons_word_is_taken_back_alone() -> None:
    state = after(940.0, state=ask(RiskState(), REDUCING, "news", "ada", NOON))
    assert {latch.code for latch in state.latches} == {"manual", "daily_loss", "drawdown"}
    worse = ask(state, HALTED, "worse news", "ada", NOON)
    held = worse.worst(NOON)
    assert held is not None
    assert (held.state, held.code, held.by) == (HALTED, "manual", "ada")
    assert ask(RiskState((held,)), REDUCING, "better", "ada", NOON).at(NOON) is REDUCING
    assert ask(RiskState((held,)), ACTIVE, "over", "ada", NOON) == RiskState()


@pytest.mark.parametrize("act", [
    lambda: kill(RiskState(), " ", "ada", 0), lambda: ask(RiskState(), HALTED, "", "ada", 0),
    lambda: reset(RiskState(), ""),
])  # fmt: skip
def test_nobody_holds_back_or_lets_go_without_a_reason(act: object) -> None:
    with pytest.raises(TradePulseError) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == "reason_missing"


def test_what_holds_nothing_cannot_be_reset() -> None:
    with pytest.raises(TradePulseError) as caught:
        reset(kill(RiskState(), "fire", "ada", 0), "over", ["drawdown"])
    assert caught.value.code == "not_latched"


latches = st.builds(
    Latch, st.sampled_from(["manual", "daily_loss", "drawdown", "kill_switch"]),
    st.sampled_from([REDUCING, HALTED]), st.text(max_size=9), st.integers(0, 100),
    st.none() | st.integers(0, 200), st.none() | st.text(max_size=5),
)  # fmt: skip


def stacked(found: list[Latch]) -> RiskState:
    state = RiskState()
    for latch in found:
        state = state.latched(latch)
    return state


@given(st.lists(latches, max_size=6))
def test_latches_survive_json(found: list[Latch]) -> None:
    state = stacked(found)
    assert RiskState.from_json(json.loads(json.dumps(state.as_json()))) == state


@given(st.lists(latches, max_size=6), latches, st.integers(0, 300))
def test_a_further_latch_never_loosens(found: list[Latch], more: Latch, now: int) -> None:
    order = [ACTIVE, REDUCING, HALTED]
    state = stacked(sorted(found, key=lambda latch: latch.since_ms))
    if now >= more.since_ms:
        assert order.index(state.latched(more).at(now)) >= order.index(state.at(now))


@given(st.lists(latches, max_size=6), st.integers(0, 300))
def test_dropping_what_is_over_changes_nothing(found: list[Latch], now: int) -> None:
    state = stacked(found)
    assert state.without_expired(now).at(now) is state.at(now)
