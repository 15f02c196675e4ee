"""Pieces of the report that compute something: years needed, surfaces, command lines."""

from __future__ import annotations

import math
import shlex
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.made_study import made_study
from tradepulse.cli.app import load
from tradepulse.cli.options import read_parameters
from tradepulse.domain.study import Study
from tradepulse.simulation.rules import Rules
from tradepulse.training.report.certainty import years_needed
from tradepulse.training.report.command_lines import commands, rule_options, train_command
from tradepulse.training.report.document import Subject
from tradepulse.training.report.surface import axis_of, surface_of, tries_of
from tradepulse.training.significance.luck import minimum_track_record
from tradepulse.training.spec import TrainSpec


@pytest.mark.parametrize("sharpe", [0.3, 1.0, 2.5])
def test_years_needed_agree_with_the_track_record_of_normal_returns(sharpe: float) -> None:
    days = minimum_track_record(sharpe / math.sqrt(365), 0.0, 3.0)
    assert 365 * years_needed(sharpe) == pytest.approx(days, abs=1.5)


def test_more_power_needs_more_years_and_no_edge_needs_forever() -> None:
    assert years_needed(1.0, power=0.8) > 2 * years_needed(1.0)
    assert years_needed(0.0) == math.inf


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=120))
def test_every_value_has_one_cell_and_cells_rise(values: list[float]) -> None:
    found = np.asarray(values)
    axis = axis_of("x", found)
    cells = axis.cells(found)
    assert cells.min() >= 0
    assert cells.max() < len(axis.names)
    order = np.argsort(found, kind="stable")
    assert (np.diff(cells[order]) >= 0).all()


def test_the_surface_puts_the_influential_parameters_first_and_loses_no_try() -> None:
    tries = tries_of(Subject(*made_study(parameters=4)))
    assert tries is not None
    assert tries.names[tries.influence[0]] == "fast"
    found = surface_of(tries, *tries.influence[:2])
    assert int(found.tries.sum()) == len(tries.scores)
    assert np.isnan(found.medians).sum() == (found.tries == 0).sum()
    plateau, chosen = found.plateau, found.chosen
    assert plateau.left <= chosen.column <= plateau.right
    assert plateau.bottom <= chosen.row <= plateau.top


def test_a_grid_is_shown_value_by_value() -> None:
    axis = axis_of("x", np.array([5.0, 10.0, 20.0, 5.0]))
    assert axis.names == ("5", "10", "20")
    assert axis.cells(np.array([5.0, 10.0, 20.0])).tolist() == [0, 1, 2]
    assert not axis.binned


SPECS: list[dict[str, Any]] = [
    {},
    {"search": "tpe", "trials": 500, "folds": 8, "anchored": True, "patience": 50},
    {"fold_train_days": 180, "fold_test_days": 60, "embargo_days": 2, "permutations": 0},
    {"objectives": ["sharpe", "max_drawdown"], "constraints": ["max_drawdown>=-0.3"]},
    {"grid": {"fast": [5, 10], "slow": [20.5, 40]}, "fixed": {"stop_atr": 2.0}},
    {"start_ms": 1_600_000_000_000, "hold_out_share": 0.3, "replications": 500},
    {"rules": Rules(market="perpetual", leverage=3, allow_short=True,
                    sizing={"kind": "risk_per_trade", "x": 0.01}).as_json()},
]  # fmt: skip


def subject_with(changes: dict[str, Any]) -> Subject:
    configuration, study = made_study()
    spec = TrainSpec(
        strategy="volume_breakout", exchange="binance", pair="BTC/USDT", interval="1h", **changes
    )
    return Subject(
        configuration, Study(study.configuration_id, study.job_id, {"spec": spec.as_json()})
    )


@pytest.mark.parametrize("changes", SPECS)
def test_the_train_line_can_be_typed_and_says_every_setting(changes: dict[str, Any]) -> None:
    words = shlex.split(train_command(subject_with(changes)))
    assert words[:3] == ["tradepulse", "train", "volume_breakout"]
    known = {option for item in load("train").params for option in item.opts}
    assert {word for word in words if word.startswith("-")} <= known
    for name, value in changes.items():
        shown = " ".join(words)
        if name in ("trials", "patience", "embargo_days", "permutations", "replications"):
            assert f"{name.replace('_', '-')} {value}" in shown
    assert ("--folds" in words) is ("fold_train_days" not in changes)


def test_the_other_lines_can_be_typed_too() -> None:
    for line in commands(subject_with({})):
        name, *rest = shlex.split(line)[1:]
        command = load(name)
        if rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest[0]]
        assert command.params


@pytest.mark.parametrize(
    "rules",
    [
        Rules(taker_fee_bps=26, slippage_bps=5.5, tick=0.01),
        Rules(market="perpetual", leverage=2, allow_short=True, participation_cap=0.1),
    ],
)
def test_rules_as_options_read_back(rules: Rules) -> None:
    document = {"market": rules.market, **read_parameters(rule_options(rules.as_json()))}
    assert Rules.from_json(document) == rules
