"""A search stores every trial and gives a configuration that its row alone can prove."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from made_bars import random_walk

from tradepulse.domain.configuration import Trial
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.lifecycle import Stage
from tradepulse.signals.graph import Graph
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import RiskPerTrade
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.training.search import SearchRequest, grid_search

BARS = random_walk(4000, seed=11)
REQUEST = SearchRequest(
    EmaCross, "made", "AAA/USDT", "1h", {"fast": [3, 5, 9], "slow": [20, 40]}, Rules()
)


def search(request: SearchRequest = REQUEST) -> tuple[list[Trial], object]:
    trials: list[Trial] = []
    return trials, grid_search(request, BARS, trials.extend, now_ms=1)


def test_every_trial_is_recorded_once_with_its_returns() -> None:
    trials, result = search()
    assert [trial.number for trial in trials] == list(range(6))
    assert result.trials == 6  # type: ignore[attr-defined]
    for trial in trials:
        assert hashlib.sha256(trial.daily_returns).hexdigest() == trial.returns_hash
        returns = np.frombuffer(trial.daily_returns, "<f8")
        growth = np.prod(1.0 + returns) - 1.0
        assert growth == pytest.approx(trial.metrics["total_return"], rel=1e-9)
    assert len({trial.configuration_hash for trial in trials}) == 6


def test_the_best_becomes_a_configuration_in_discovery() -> None:
    trials, result = search()
    found = result.configuration  # type: ignore[attr-defined]
    best = max(trial.metrics["sharpe"] for trial in trials)
    assert found.metrics["sharpe"] == best
    assert found.lifecycle_stage is Stage.DISCOVERY
    assert found.trials == 6
    assert found.data_fingerprint == BARS.fingerprint


def test_a_stored_row_measures_to_the_same_metrics() -> None:
    _, result = search()
    found = result.configuration  # type: ignore[attr-defined]
    stored = json.loads(json.dumps({"graph": found.graph, "rules": found.rules}))
    again = run_graph(Graph.from_json(stored["graph"]), BARS, Rules.from_json(stored["rules"]))
    assert again.metrics == found.metrics


def test_two_searches_agree_on_everything_but_names_and_time() -> None:
    first, second = (search()[1].configuration for _ in range(2))  # type: ignore[attr-defined]
    assert first.configuration_hash == second.configuration_hash
    assert first.metrics == second.metrics
    assert first.id != second.id


def test_a_search_in_which_nothing_trades_gives_no_configuration() -> None:
    # Sized by risk, and the strategy has no stop: every entry is refused.
    trials: list[Trial] = []
    request = replace(REQUEST, rules=Rules(sizing=RiskPerTrade(0.01)))
    with pytest.raises(RefusedError) as error:
        grid_search(request, BARS, trials.extend, now_ms=1)
    assert error.value.code == "no_trades"
    assert len(trials) == 6


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(UsageError) as error:
        search(replace(REQUEST, objective="luck"))
    assert error.value.code == "unknown_objective"
