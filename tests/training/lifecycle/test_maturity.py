"""What MATURE asks, and that the hold-out is asked last."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradepulse.training.lifecycle.maturity import (
    HOLD_OUT_RULES,
    HoldOutLook,
    MaturityFacts,
    judge_maturity,
    look_at_hold_out,
    may_open_hold_out,
)
from tradepulse.training.lifecycle.rounds import Slippage
from tradepulse.training.significance.luck import deflated_sharpe
from tradepulse.training.significance.sharpe import moments, probabilistic_sharpe

GOOD = HoldOutLook(days=180, sharpe=0.08, psr=0.93, deflated=0.97)


def facts(**changes: Any) -> MaturityFacts:
    return replace(
        MaturityFacts(
            trades=31, days=60, p_value=0.01, other_p_values=(0.02, 0.03), stress=0.05,
            slippage=Slippage(2.0, 3.9, 0.5, 62), growth=0.04, band=(-0.1, 0.2),
            distribution_p=0.4, signal_match=0.995, hold_out=GOOD,
        ),
        **changes,
    )  # fmt: skip


def broken(found: MaturityFacts) -> set[str]:
    return {item.rule for item in judge_maturity(found) if not item.passed}


CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "everything": ({}, set()),
    "a trade short": ({"trades": 29}, {"live_trades"}),
    "a day short": ({"days": 59}, {"live_days"}),
    "one of many families": (
        {"p_value": 0.04, "other_p_values": (0.5, 0.6, 0.7)}, {"false_discovery_rate"},
    ),
    "alone with the same p": ({"p_value": 0.04, "other_p_values": ()}, set()),
    "no p-value": ({"p_value": None}, {"false_discovery_rate"}),
    "fails under stress": ({"stress": 0.0}, {"stress"}),
    "never stressed": ({"stress": None}, {"stress"}),
    "slips three times as much": (
        {"slippage": Slippage(2.0, 6.0, 0.1, 62)}, {"live_slippage"},
    ),
    "above the band": ({"growth": 0.21}, {"live_in_band"}),
    "below the band": ({"growth": -0.11}, {"live_in_band"}),
    "other trades": ({"distribution_p": 0.01}, {"live_distribution"}),
    "signals differ": ({"signal_match": 0.98}, {"live_signal_match"}),
    "no look yet": ({"hold_out": None}, set(HOLD_OUT_RULES)),
    "a losing hold-out": (
        {"hold_out": HoldOutLook(180, -0.01, 0.4, 0.8)}, set(HOLD_OUT_RULES),
    ),
    "a weak hold-out": ({"hold_out": HoldOutLook(180, 0.02, 0.89, 0.96)}, {"hold_out_psr"}),
    "a hold-out without a trade": (
        {"hold_out": HoldOutLook(180, math.nan, math.nan, 0.96)},
        {"hold_out_sharpe", "hold_out_psr"},
    ),
    "nothing live": (
        {"trades": 0, "days": 0, "slippage": None, "growth": None, "band": None,
         "distribution_p": math.nan, "signal_match": None, "hold_out": None},
        {"live_trades", "live_days", "live_slippage", "live_in_band", "live_distribution",
         "live_signal_match", *HOLD_OUT_RULES},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_rules(name: str) -> None:
    changes, want = CASES[name]
    assert broken(facts(**changes)) == want


@pytest.mark.parametrize("name", CASES)
def test_the_hold_out_is_opened_only_when_nothing_else_says_no(name: str) -> None:
    changes, want = CASES[name]
    evidence = judge_maturity(facts(**{**changes, "hold_out": None}))
    assert may_open_hold_out(evidence) is not bool(want - set(HOLD_OUT_RULES))
    assert [item.rule for item in evidence[-3:]] == list(HOLD_OUT_RULES)


def test_no_evidence_holds_what_json_cannot() -> None:
    for changes, _ in CASES.values():
        for item in judge_maturity(facts(**changes)):
            assert item.value is None or math.isfinite(item.value)


def test_the_look_is_that_of_the_statistics() -> None:
    rng = np.random.default_rng(2)
    development, hold_out = rng.normal(0.002, 0.02, 500), rng.normal(0.002, 0.02, 170)
    look = look_at_hold_out(development, hold_out, 3.4)
    own, both = moments(hold_out), moments(np.concatenate((development, hold_out)))
    assert (look.days, look.sharpe) == (170, own.sharpe)
    assert look.psr == probabilistic_sharpe(own.sharpe, 170, own.skew, own.kurtosis)
    assert look.deflated == deflated_sharpe(
        both.sharpe, 670, both.skew, both.kurtosis, 3.4, 1 / 669
    )


def test_a_hold_out_without_a_trade_passes_nothing() -> None:
    look = look_at_hold_out(np.random.default_rng(2).normal(0.002, 0.02, 500), np.zeros(170), 3.4)
    assert math.isnan(look.psr)
    assert {"hold_out_sharpe", "hold_out_psr"} <= broken(facts(hold_out=look))
