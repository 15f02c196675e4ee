"""Rules: defaults, validation, JSON both ways, the vector that kernels read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.simulation import layout as at
from tradepulse.simulation.leverage import LeverageTier
from tradepulse.simulation.rules import Rules, read_rules
from tradepulse.simulation.sizing import FixedQuote, FractionOfEquity, RiskPerTrade

FULL = Rules(
    market="perpetual", initial_cash=500, taker_fee_bps=5, maker_fee_bps=2, half_spread_bps=1,
    slippage_bps=3, impact=0.1, participation_cap=0.1, tick=0.5, lot=0.001, min_notional=5,
    sizing=RiskPerTrade(0.01), leverage=5, maintenance_margin_rate=0.01, allow_short=True,
    leverage_tiers=((0, 0.005, 50), (10_000, 0.01, 20)),
)  # fmt: skip


def test_defaults_are_the_documented_ones() -> None:
    assert Rules().as_json() == {
        "market": "spot", "initial_cash": 10_000, "taker_fee_bps": 10, "maker_fee_bps": 10,
        "half_spread_bps": 0, "slippage_bps": 2, "impact": 0, "participation_cap": None,
        "tick": None, "lot": None, "min_notional": 0,
        "sizing": {"kind": "fraction_of_equity", "x": 1.0}, "leverage": 1,
        "maintenance_margin_rate": 0.005, "allow_short": False, "leverage_tiers": None,
    }  # fmt: skip


@pytest.mark.parametrize("rules", [Rules(), FULL, Rules(sizing=FixedQuote(100))])
def test_json_reads_back_to_the_same_rules(rules: Rules) -> None:
    again = Rules.from_json(json.loads(json.dumps(rules.as_json())))
    assert again == rules
    assert again.hash == rules.hash
    assert hash(again) == hash(rules)


def test_equal_values_hash_alike_however_written() -> None:
    assert Rules(initial_cash=10_000).hash == Rules(initial_cash=1e4).hash
    assert Rules(slippage_bps=3).hash != Rules().hash


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("market", "margin"), ("initial_cash", 0), ("initial_cash", "10"), ("taker_fee_bps", -1),
        ("slippage_bps", float("nan")), ("participation_cap", 0), ("participation_cap", 1.5),
        ("tick", 0), ("lot", -1), ("leverage", 0.5), ("leverage", 2), ("allow_short", 1),
        ("maintenance_margin_rate", 1), ("initial_cash", True), ("sizing", 1.0),
        ("sizing", FractionOfEquity(0)), ("sizing", RiskPerTrade(float("inf"))),
        ("sizing", {"kind": "all_in", "x": 1}), ("leverage_tiers", ((5, 0.01, 10),)),
        ("leverage_tiers", ((0, 0.01, 10), (0, 0.02, 5))), ("leverage_tiers", "tiers"),
        ("leverage_tiers", ((0, "much", 10),)),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(UsageError) as caught:
        Rules(**{field: value})
    assert caught.value.code == "bad_rules"
    assert field in str(caught.value)
    assert caught.value.expected
    assert caught.value.found


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="slipage_bps"):
        Rules.from_json({"slipage_bps": 3})
    with pytest.raises(UsageError):
        read_rules(3)  # type: ignore[arg-type]


def test_vector() -> None:
    vector = FULL.as_vector()
    assert vector[at.R_TAKER] == 5e-4
    assert vector[at.R_SLIP] == pytest.approx(4e-4)
    assert vector[at.R_ALLOW_SHORT] == 1
    # Spot drops shorts whatever the rules say (F15).
    assert Rules(allow_short=True).as_vector()[at.R_ALLOW_SHORT] == 0
    assert np.isnan(Rules().as_vector()[at.R_CAP])


def test_tiers_read_every_spelling_and_fill_in_the_amount() -> None:
    ccxt = [
        {"minNotional": 0, "maintenanceMarginRate": 0.005, "maxLeverage": 50},
        {"minNotional": 10_000, "maintenanceMarginRate": 0.01, "maxLeverage": 20},
    ]
    tiers = Rules(market="perpetual", leverage_tiers=ccxt).leverage_tiers  # type: ignore[arg-type]
    assert tiers == (LeverageTier(0, 0.005, 50, 0), LeverageTier(10_000, 0.01, 20, 50))
    assert tiers == FULL.leverage_tiers
    assert FULL.tiers().tolist() == [[0, 0.005, 0, 50], [10_000, 0.01, 50, 20]]
