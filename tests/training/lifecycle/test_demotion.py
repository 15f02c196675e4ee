"""Which live results take which stage away, and which leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradepulse.domain.configuration import Evidence
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.lifecycle import Stage
from tradepulse.training.lifecycle.demotion import (
    Expectation,
    LiveFacts,
    drawdown_of,
    judge_live,
)
from tradepulse.training.lifecycle.rounds import Slippage

NOW = 1_800_000_000_000
RNG = np.random.default_rng(11)
# Half a deviation a trade: an edge of 0.3 R after shrinkage is found gone within some 50 trades.
PROMISED = Expectation(RNG.normal(0.6, 1.0, 400), RNG.normal(0.002, 0.01, 730))


def facts(stage: Stage = Stage.MATURE, **changes: Any) -> LiveFacts:
    """A hundred live trades and days like the backtest's."""
    rng = np.random.default_rng(12)
    return replace(
        LiveFacts(
            stage=stage, expectation=PROMISED, signal_match=1.0,
            slippage=Slippage(2.0, 2.0, 0.0, 200), trade_returns=rng.normal(0.6, 1.0, 100),
            daily_returns=rng.normal(0.002, 0.01, 100), decays=(), last_activity_ms=NOW - DAY_MS,
            now_ms=NOW,
        ),
        **changes,
    )  # fmt: skip


def rule(evidence: tuple[Evidence, ...], name: str) -> Evidence:
    return next(item for item in evidence if item.rule == name)


def check(found: LiveFacts, stage: Stage, *broken: str) -> None:
    got, evidence = judge_live(found)
    assert got is stage
    assert {e.rule for e in evidence if e.required and not e.passed} == set(broken)


def test_as_promised_it_stays() -> None:
    for stage in Stage:
        check(facts(stage), stage)


NONE = np.empty(0)
CASES: dict[str, tuple[dict[str, Any], Stage, tuple[str, ...]]] = {
    "nothing ran": (
        {"signal_match": None, "slippage": None, "trade_returns": NONE, "daily_returns": NONE},
        Stage.MATURE, (),
    ),
    "one signal in fifty differs": ({"signal_match": 0.98}, Stage.WATCH, ("live_signal_match",)),
    "fills slip beyond the model": (
        {"slippage": Slippage(2.0, 3.2, 0.3, 200)}, Stage.WATCH, ("live_slippage",),
    ),
    "fills slip within its error": ({"slippage": Slippage(2.0, 2.8, 0.3, 50)}, Stage.MATURE, ()),
    "the edge is halved": ({"trade_returns": np.tile([1.3, -0.7], 20)}, Stage.MATURE, ()),
    "a loss every time": (
        {"trade_returns": np.full(60, -0.5)}, Stage.DECAYED,
        ("live_cusum", "live_posterior", "live_distribution"),
    ),
    "a bad start, too short to judge": ({"trade_returns": np.full(3, -0.5)}, Stage.MATURE, ()),
    "a fall of half": (
        {"daily_returns": np.array([0.01, -0.3, -0.3, 0.01])}, Stage.DECAYED, ("live_drawdown",),
    ),
    "half a year idle": (
        {"last_activity_ms": NOW - 183 * DAY_MS}, Stage.RETIRED, ("live_idle_days",),
    ),
    "decayed twice in a year": (
        {"decays": (NOW - 300 * DAY_MS, NOW - DAY_MS)}, Stage.RETIRED, ("live_decays",),
    ),
    "decayed twice, once long ago": (
        {"decays": (NOW - 400 * DAY_MS, NOW - DAY_MS)}, Stage.MATURE, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_takes_a_stage_away(name: str) -> None:
    changes, stage, broken = CASES[name]
    check(facts(**changes), stage, *broken)


def test_the_second_decay_retires() -> None:
    losing = {"daily_returns": np.array([0.01, -0.5, 0.01]), "decays": (NOW - 100 * DAY_MS,)}
    check(facts(**losing), Stage.RETIRED, "live_drawdown", "live_decays")
    # A day later it is DECAYED already; that decay is among the counted ones, not one more.
    check(facts(Stage.DECAYED, **losing), Stage.DECAYED, "live_drawdown")


def test_an_execution_fault_asks_no_statistics() -> None:
    stage, evidence = judge_live(facts(signal_match=0.5, trade_returns=np.full(60, -0.5)))
    assert stage is Stage.WATCH
    assert not any(e.rule in ("live_cusum", "live_posterior", "live_drawdown") for e in evidence)


@pytest.mark.parametrize("stage", Stage)
def test_no_live_result_makes_it_better(stage: Stage) -> None:
    order = list(Stage)
    for changes, _, _ in CASES.values():
        got = judge_live(facts(stage, **changes))[0]
        assert got is stage or (stage is not Stage.DISCOVERY and order.index(got) > 2)
        assert got is stage or order.index(got) > order.index(stage)


def test_levels_between_watch_and_decayed() -> None:
    band = judge_live(facts())[1]
    watch = rule(band, "live_drawdown").threshold
    assert watch is not None
    shallow = np.array([0.0, watch * 1.02, 0.0])
    stage, evidence = judge_live(facts(daily_returns=np.concatenate((shallow, np.zeros(97)))))
    assert stage is Stage.WATCH
    assert rule(evidence, "live_drawdown").value == pytest.approx(watch * 1.02)


def test_the_same_facts_give_the_same_verdict() -> None:
    assert judge_live(facts()) == judge_live(facts())


@pytest.mark.parametrize(
    ("returns", "deepest"),
    [([0.1, -0.5, 0.2], -0.5), ([-0.1], -0.1), ([0.1, 0.2], 0.0), ([-0.5, -0.5], -0.75)],
)
def test_drawdown_of_days(returns: list[float], deepest: float) -> None:
    assert drawdown_of(np.array(returns)) == pytest.approx(deepest)
