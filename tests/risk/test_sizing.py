"""What caps leave of an entry: less, or nothing, never more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.settings import RiskSettings
from tradepulse.risk import Approved, Exposure, Intent, Limits, allowed_quantity, check
from tradepulse.risk.sizing import stop_distance_or_disaster

DEFAULTS = Limits.from_settings(RiskSettings())
# Ten coins at 100 on a wallet of 10,000, everything known that the default limits ask for.
WISH = Intent("a", "BTC/USDT", 1, 10.0, 100.0, False)
FREE = Exposure(
    0, 0.0, 10_000.0, equity=10_000.0, day_start_equity=10_000.0, peak_equity=10_000.0,
    instrument_notional={}, open_pairs=(), leverage=1.0, orders_last_minute=0, stage=Stage.MATURE,
    stop_distance=2.0,
)  # fmt: skip
CASES: dict[str, tuple[dict[str, Any], Limits, dict[str, float], float, str | None]] = {
    "nothing cuts": ({}, DEFAULTS, {}, 10.0, None),
    "discovery": ({"stage": Stage.DISCOVERY}, DEFAULTS, {}, 2.0, "stage_cap"),
    "validation": ({"stage": Stage.VALIDATION}, DEFAULTS, {}, 5.0, "stage_cap"),
    "watch": ({"stage": Stage.WATCH}, DEFAULTS, {}, 3.0, "stage_cap"),
    "a stage without a share": ({"stage": Stage.DECAYED}, DEFAULTS, {}, 0.0, "stage_cap"),
    "half of the wallet is out": ({"notional": 4_600.0}, DEFAULTS, {}, 4.0, "total_cap"),
    "more than half is out": ({"notional": 5_600.0}, DEFAULTS, {}, 0.0, "total_cap"),
    "little of this pair is left": (
        {"instrument_notional": {"BTC/USDT": 1_850.0}}, DEFAULTS, {}, 6.5, "instrument_exposure",
    ),
    "another pair's notional": ({"instrument_notional": {"ETH/USDT": 2_400.0}}, DEFAULTS, {}, 10.0,
                                None),
    "a wide stop": ({"stop_distance": 40.0}, DEFAULTS, {}, 2.5, "risk_per_trade"),
    "no stop: the disaster stop": (
        {"stop_distance": float("nan")}, replace(DEFAULTS, disaster_stop_pct=50.0), {}, 2.0,
        "risk_per_trade",
    ),
    "no stop at all": (
        {"stop_distance": float("nan")}, Limits(risk_per_trade_pct=1.0), {}, 0.0, "facts_missing",
    ),
    "young, with real money": (
        {"stage": Stage.VALIDATION, "live_trades": 29}, DEFAULTS, {}, 1.0, "live_cap",
    ),
    "two percent of little": (
        {"stage": Stage.VALIDATION, "live_trades": 0, "equity": 2_000.0}, DEFAULTS, {}, 0.4,
        "live_cap",
    ),
    "thirty trades later": (
        {"stage": Stage.VALIDATION, "live_trades": 30}, DEFAULTS, {}, 5.0, "stage_cap",
    ),
    "mature money is not young": ({"live_trades": 0}, DEFAULTS, {}, 10.0, None),
    "the first step": (
        {"allotment": 8_000.0, "staged_share": 0.05}, DEFAULTS, {}, 4.0, "staged_capital",
    ),
    "whole lots": ({"stop_distance": 30.0}, DEFAULTS, {"lot": 0.25}, 3.25, "risk_per_trade"),
    "cut under the minimum": (
        {"stage": Stage.DISCOVERY}, DEFAULTS, {"min_notional": 201.0}, 0.0, "stage_cap",
    ),
    "cut under the smallest lot": (
        {"stage": Stage.DISCOVERY}, DEFAULTS, {"min_quantity": 2.5}, 0.0, "stage_cap",
    ),
    "nobody knows the equity": ({"equity": None}, DEFAULTS, {}, 0.0, "facts_missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_tightest_cap_decides(case: str) -> None:
    facts, limits, terms, quantity, code = CASES[case]
    sized = allowed_quantity(WISH, replace(FREE, **facts), limits, **terms)
    assert (sized.quantity, sized.code) == (pytest.approx(quantity), code)
    assert (sized.refusal is None) == (code is None)


def test_a_reduction_keeps_its_quantity() -> None:
    leaving = WISH._replace(reduces=True)
    assert allowed_quantity(leaving, replace(FREE, stage=Stage.RETIRED), DEFAULTS).quantity == 10.0


def test_a_strategy_without_a_stop_gets_the_disaster_stop() -> None:
    assert stop_distance_or_disaster(3.0, 200.0, DEFAULTS) == 3.0
    assert stop_distance_or_disaster(float("nan"), 200.0, DEFAULTS) == pytest.approx(20.0)
    assert stop_distance_or_disaster(float("nan"), 200.0, Limits()) != 20.0


facts = st.fixed_dictionaries({
    "notional": st.floats(0, 20_000), "equity": st.none() | st.floats(-10, 50_000),
    "instrument_notional": st.dictionaries(st.sampled_from(["BTC/USDT", "X/Y"]), st.floats(0, 1e4)),
    "stage": st.none() | st.sampled_from(Stage), "live_trades": st.none() | st.integers(0, 60),
    "stop_distance": st.floats(0, 200) | st.just(float("nan")),
    "allotment": st.none() | st.floats(1, 10_000), "staged_share": st.floats(0.01, 1.0),
})  # fmt: skip


@given(facts, st.floats(0.001, 1e4), st.floats(0.01, 1e5), st.sampled_from([0.0, 0.001, 0.3]))
def test_shrinking_never_enlarges_and_satisfies_the_door(
    given_facts: dict[str, Any], quantity: float, price: float, lot: float
) -> None:
    intent, exposure = (
        WISH._replace(quantity=quantity, price=price), replace(FREE, **given_facts)
    )  # fmt: skip
    sized = allowed_quantity(intent, exposure, DEFAULTS, lot=lot)
    assert 0.0 <= sized.quantity <= quantity
    again = allowed_quantity(intent._replace(quantity=sized.quantity), exposure, DEFAULTS, lot=lot)
    assert again.quantity == pytest.approx(sized.quantity, rel=1e-9)
    if sized.quantity > 0.0:
        capped = Limits(
            **{name: getattr(DEFAULTS, name) for name in (
                "stage_cap_pct", "total_cap_pct", "live_cap_pct", "live_cap_quote",
                "risk_per_trade_pct", "max_instrument_exposure", "disaster_stop_pct",
            )}
        )  # fmt: skip
        verdict = check(Sent(intent._replace(quantity=sized.quantity)), exposure, capped)
        assert isinstance(verdict, Approved)


class Sent:
    """A proposal for the door."""

    def __init__(self, intent: Intent) -> None:
        self.intent = intent
