"""The markets and strategies of the honesty test, and one run of the real pipeline on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.honesty.noise_trader import NoiseTrader
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.lifecycle import Stage
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.ledger import MemoryLedger
from tradepulse.training.lifecycle.maturity import DEFLATED, HOLD_OUT_PSR, look_at_hold_out
from tradepulse.training.spec import TrainSpec
from tradepulse.training.synthetic import Truth, make_market, no_funding_paid
from tradepulse.training.train import TrainResult, train
from tradepulse.training.windows import (
    Dataset,
    daily_returns,
    graph_of,
    market_returns,
    run_window,
)  # fmt: skip

EMA_GRID = {"fast": (3, 5, 8, 12, 18, 26), "slow": (30, 40, 50, 70, 100, 140, 190, 240, 300)}
COIN_GRID = {"key": tuple(range(1, 201)), "bars": (40,)}
# Free of cost on purpose: costs make false promotion look rarer than it is.
LONG_SHORT = Rules(
    market="perpetual", allow_short=True, taker_fee_bps=0, maker_fee_bps=0, slippage_bps=0
)
LONG_ONLY = Rules(taker_fee_bps=0, maker_fee_bps=0, slippage_bps=0)
FOLD_TRAIN_DAYS, FOLD_TEST_DAYS = 180, 60


@dataclass(frozen=True)
class Scenario:
    """One row of the honesty table. `most` is a bound for nulls, `least` one for power."""

    name: str
    truth: Truth
    strategy: type[Strategy]
    grid: Mapping[str, tuple[Any, ...]] | None
    rules: Rules
    runs: int
    search: str = "grid"
    trials: int = 200
    most_validation: int | None = None
    most_mature: int | None = None
    least_validation: int | None = None


_NULL = {"runs": 500, "most_validation": 18, "most_mature": 7}

SCENARIOS = (
    Scenario("null", Truth(2.0), EmaCross, EMA_GRID, LONG_SHORT, **_NULL),
    Scenario("bull null, long only", Truth(2.0, drift_sharpe=1.0), EmaCross, EMA_GRID, LONG_ONLY,
             **_NULL),
    Scenario("bull null, long-short", Truth(2.0, drift_sharpe=1.0), EmaCross, EMA_GRID,
             LONG_SHORT, **_NULL),
    Scenario("200 independent sets", Truth(2.0), NoiseTrader, COIN_GRID, LONG_SHORT, **_NULL),
    # An adaptive search crowds around the luckiest set it met. Fewer runs: each asks 420 sets.
    Scenario("null, TPE search", Truth(2.0), EmaCross, None, LONG_SHORT, 200, "tpe", 60,
             most_validation=9, most_mature=4),
    Scenario("Sharpe 3, 4 years", Truth(4.0, edge_sharpe=3.0), EmaCross, EMA_GRID, LONG_SHORT,
             100, least_validation=92),
    Scenario("Sharpe 2, 4 years", Truth(4.0, edge_sharpe=2.0), EmaCross, EMA_GRID, LONG_SHORT,
             100, least_validation=70),
)  # fmt: skip


def run_pipeline(
    scenario: Scenario, seed: int, *, permutations: int = 200
) -> tuple[TrainResult, BarSeries]:
    """One market of the scenario through the whole of `train`."""
    bars = make_market(scenario.truth, seed)
    spec = TrainSpec(
        strategy=scenario.strategy.name, exchange="synthetic", pair="EDGE/USDT", interval="4h",
        rules=scenario.rules, search=scenario.search, trials=scenario.trials,
        grid=scenario.grid, seed=seed,
        fold_train_days=FOLD_TRAIN_DAYS, fold_test_days=FOLD_TEST_DAYS,
        permutations=permutations, decide_early=True,
    )  # fmt: skip
    funding = no_funding_paid(bars) if scenario.rules.is_perpetual else None
    data = Dataset(bars, scenario.rules, funding)
    result = train(
        spec, scenario.strategy, data, MemoryLedger(), job_id=f"run-{seed}", now_ms=0,
        open_executor=lambda strategy, seen, _: ThreadExecutor(strategy, seen, 1),
    )  # fmt: skip
    return result, bars


def is_validated(result: TrainResult) -> bool:
    """Whether the run ended in VALIDATION."""
    return result.configuration.lifecycle_stage is Stage.VALIDATION


def would_mature(scenario: Scenario, result: TrainResult, bars: BarSeries) -> bool:
    """Whether the one look at the hold-out would make it MATURE, its live rows taken as passed."""
    if not is_validated(result):
        return False
    document = result.study.document
    held = document["split"]["hold_out"]
    funding = no_funding_paid(bars) if scenario.rules.is_perpetual else None
    window = Dataset(bars, scenario.rules, funding).window(held["start_ms"], held["end_ms"])
    graph = graph_of(scenario.strategy, result.configuration.parameters, scenario.rules)
    market = market_returns(window)
    excess = daily_returns(run_window(graph, window)) - document["beta"] * market
    look = look_at_hold_out(
        np.array(document["in_sample"]["excess"]), excess, document["trials"]["effective"]
    )
    return look.sharpe > 0.0 and look.psr >= HOLD_OUT_PSR and look.deflated >= DEFLATED
