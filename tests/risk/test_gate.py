"""The one door: what passes it, what does not, and that there is no other way in."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.settings import RiskSettings
from tradepulse.risk import (
    Approved,
    Exposure,
    Intent,
    Latch,
    Limits,
    Lock,
    Refused,
    RiskManager,
    RiskState,
    TradingState,
    approve_reduction,
    check,
)
from tradepulse.risk.clusters import Clusters
from tradepulse.risk.rules import WALLET_REFUSALS


@dataclass(frozen=True)
class Wish:
    intent: Intent


def wish(quantity: float = 2.0, *, reduces: bool = False) -> Wish:
    return Wish(Intent("a", "BTC/USDT", 1, quantity, 100.0, reduces))


CASES: dict[str, tuple[Wish, Exposure, Limits, str | None]] = {
    "no limits": (wish(), Exposure(99, 1e9, 100.0), Limits(), None),
    "few trades": (wish(), Exposure(1, 0.0, 100.0), Limits(max_open_trades=2), None),
    "enough trades": (
        wish(), Exposure(2, 0.0, 100.0), Limits(max_open_trades=2), "max_open_trades",
    ),
    "small exposure": (wish(), Exposure(0, 100.0, 300.0), Limits(max_exposure=1.0), None),
    "large exposure": (wish(), Exposure(0, 101.0, 300.0), Limits(max_exposure=1.0), "exposure"),
    "draining": (wish(), Exposure(0, 0.0, 100.0, "draining"), Limits(), "draining"),
    "the first rule speaks": (
        wish(), Exposure(9, 1e9, 1.0, "paused"), Limits(1, 0.1), "paused",
    ),
    "a reduction always passes": (
        wish(reduces=True), Exposure(9, 1e9, 1.0, "paused"), Limits(1, 0.1), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_check(case: str) -> None:
    order, exposure, limits, code = CASES[case]
    for verdict in (check(order, exposure, limits), RiskManager(limits).check(order, exposure)):
        if code is None:
            assert isinstance(verdict, Approved)
            assert verdict.order is order
        else:
            assert isinstance(verdict, Refused)
            assert verdict.code == code
            assert verdict.expected
            assert verdict.found


HOUR = 3_600_000
HALT = RiskState((Latch("kill_switch", TradingState.HALTED, "fire", 0),))
LOSS = RiskState((Latch("daily_loss", TradingState.REDUCING, "lost 6 %", 0, 24 * HOUR),))
ALIKE = Clusters(
    {"BTC/USDT": 0, "ETH/USDT": 0, "SOL/USDT": 0, "TRX/USDT": 1},
    {("BTC/USDT", "ETH/USDT"): 0.86, ("BTC/USDT", "SOL/USDT"): 0.91},
)
# One fact beside a free wallet of 1,000 with nothing open, one limit, the code of the refusal and
# what is found. The intent buys two coins at 100.
FACTS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None, str]] = {
    "enough equity": ({"equity": 500.0}, {"min_equity": 500.0}, None, ""),
    "too little equity": ({"equity": 499.0}, {"min_equity": 500.0}, "min_equity", "499"),
    "no equity known": ({}, {"min_equity": 500.0}, "facts_missing", "not known"),
    "a small loss": (
        {"equity": 951.0, "day_start_equity": 1000.0}, {"max_daily_loss_pct": 5.0}, None, "",
    ),
    "the day's loss": (
        {"equity": 950.0, "day_start_equity": 1000.0}, {"max_daily_loss_pct": 5.0}, "daily_loss",
        "5.00 %",
    ),
    "no midnight known": (
        {"equity": 950.0}, {"max_daily_loss_pct": 5.0}, "facts_missing", "not known",
    ),
    "the drawdown": (
        {"equity": 750.0, "peak_equity": 1000.0}, {"max_drawdown_pct": 20.0}, "drawdown", "25.00 %",
    ),
    "no peak known": ({"equity": 750.0}, {"max_drawdown_pct": 20.0}, "facts_missing", "not known"),
    "leverage": ({"leverage": 5.0}, {"max_leverage": 3.0}, "leverage", "5"),
    "low leverage": ({"leverage": 3.0}, {"max_leverage": 3.0}, None, ""),
    "no leverage known": ({}, {"max_leverage": 3.0}, "facts_missing", "not known"),
    "few orders": ({"orders_last_minute": 9}, {"max_orders_per_minute": 10}, None, ""),
    "many orders": ({"orders_last_minute": 10}, {"max_orders_per_minute": 10}, "order_rate", "10"),
    "orders not counted": ({}, {"max_orders_per_minute": 10}, "facts_missing", "not known"),
    "halted": ({"risk_state": HALT}, {}, "kill_switch", "HALTED until it is reset: fire"),
    "reducing": (
        {"risk_state": LOSS, "now_ms": HOUR}, {}, "daily_loss",
        "REDUCING until 1970-01-02 00:00 UTC: lost 6 %",
    ),
    "the day after": ({"risk_state": LOSS, "now_ms": 24 * HOUR}, {}, None, ""),
    "a breaker": (
        {"breakers": ("clock_skew", "stale_feed")}, {}, "clock_skew", "clock_skew, stale_feed",
    ),
    "a lock": (
        {"locks": (Lock("cool_down", "an hour", 0, HOUR, "a"),)}, {}, "cool_down", "an hour",
    ),
    "two alike": (
        {"clusters": ALIKE, "open_pairs": ("ETH/USDT", "SOL/USDT")}, {"max_correlated_entries": 2},
        "correlation_cluster", "BTC/USDT with ETH/USDT (0.86), SOL/USDT (0.91)",
    ),
    "one alike": (
        {"clusters": ALIKE, "open_pairs": ("ETH/USDT", "TRX/USDT")}, {"max_correlated_entries": 2},
        None, "",
    ),
    "the same pair twice": (
        {"clusters": ALIKE, "open_pairs": ("BTC/USDT", "BTC/USDT")}, {"max_correlated_entries": 2},
        "correlation_cluster", "BTC/USDT with BTC/USDT (1.00), BTC/USDT (1.00)",
    ),
    "nobody knows the cluster": (
        {"open_pairs": ("BTC/USDT",)}, {"max_correlated_entries": 1}, "facts_missing", "not known",
    ),
    "a stage's cap": (
        {"equity": 1000.0, "stage": Stage.VALIDATION}, {"stage_cap_pct": {Stage.VALIDATION: 5.0}},
        "stage_cap", "200",
    ),
    "a stage's larger cap": (
        {"equity": 1000.0, "stage": Stage.VALIDATION}, {"stage_cap_pct": {Stage.VALIDATION: 20.0}},
        None, "",
    ),
    "no stage known": (
        {"equity": 1000.0}, {"stage_cap_pct": {Stage.VALIDATION: 5.0}}, "facts_missing", "200",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FACTS)
def test_each_limit_by_its_fact(case: str) -> None:
    facts, limits, code, found = FACTS[case]
    verdict = check(wish(), Exposure(0, 0.0, 1000.0, **facts), Limits(**limits))
    if code is None:
        assert isinstance(verdict, Approved)
        return
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.found) == (code, found)
    assert verdict.code in WALLET_REFUSALS
    assert verdict.expected


maybe = st.none() | st.floats(0.0, 1e6)
counts = st.none() | st.integers(0, 100)
exposures = st.builds(
    Exposure, st.integers(0, 50), st.floats(0.0, 1e7), st.floats(0.0, 1e6),
    entries_blocked=st.sampled_from([None, "paused", "draining"]), equity=maybe,
    day_start_equity=maybe, peak_equity=maybe, open_pairs=st.sampled_from([None, ("BTC/USDT",)]),
    clusters=st.sampled_from([None, ALIKE]), orders_last_minute=counts, leverage=maybe,
    stage=st.none() | st.sampled_from(Stage), live_trades=counts,
    stop_distance=st.floats(0.0, 100.0) | st.just(float("nan")), allotment=maybe,
    staged_share=st.floats(0.01, 1.0), risk_state=st.sampled_from([RiskState(), HALT, LOSS]),
    breakers=st.sampled_from([(), ("exchange_outage",)]),
    locks=st.sampled_from([(), (Lock("low_profit", "", 0, HOUR, None, "BTC/USDT"),)]),
    now_ms=st.integers(0, 48 * HOUR),
)  # fmt: skip
STRICT = Limits.from_settings(RiskSettings(max_open_trades=1, min_equity=1e5))


@given(exposures, st.floats(0.0, 1e6))
def test_a_reduction_is_never_refused(exposure: Exposure, quantity: float) -> None:
    order = wish(quantity, reduces=True)
    assert isinstance(check(order, exposure, STRICT), Approved)
    assert isinstance(RiskManager(STRICT).check(order, exposure), Approved)
    assert approve_reduction(order).order is order


@given(exposures)
def test_what_holds_the_wallet_back_refuses_every_entry(exposure: Exposure) -> None:
    held = replace(exposure, risk_state=HALT)
    assert isinstance(check(wish(0.01), held, Limits()), Refused)


def test_rules_can_be_added() -> None:
    def never(_: Intent, __: Exposure, ___: Limits) -> Refused:
        return Refused("holiday", "a working day", "a holiday")

    verdict = RiskManager(rules=(never,)).check(wish(), Exposure(0, 0.0, 1.0))
    assert isinstance(verdict, Refused)
    assert verdict.code == "holiday"


def test_nobody_else_makes_an_approval() -> None:
    with pytest.raises(TypeError):
        Approved(wish(), object())
    with pytest.raises(TypeError):
        Approved(wish())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        approve_reduction(wish())
    approved = approve_reduction(wish(reduces=True))
    assert copy.copy(approved).order is approved.order
    assert "Approved" in repr(approved)


@pytest.mark.parametrize(
    "limits",
    [{"max_open_trades": 0}, {"max_open_trades": 1.5}, {"max_open_trades": True},
     {"max_exposure": 0}, {"max_exposure": -1.0}, {"max_exposure": float("nan")},
     {"max_drawdown_pct": 0.0}, {"cluster_threshold": 1.0}, {"live_cap_trades": 0},
     {"stage_cap_pct": {"YOUNG": 1.0}}, {"stage_cap_pct": {Stage.WATCH: -1.0}}],
)  # fmt: skip
def test_bad_limits_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(TradePulseError) as caught:
        Limits(**limits)
    assert caught.value.code == "bad_limits"
