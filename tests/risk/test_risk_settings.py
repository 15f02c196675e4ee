"""The settings' section `risk`: defaults, variables, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.settings import RiskSettings
from tradepulse.risk import Limits
from tradepulse.storage.home import Home, load_settings


def risk_of(folder: Path, text: str = "", **variables: str) -> RiskSettings:
    home = Home(folder)
    (folder / "tradepulse.toml").write_text(text)
    named = {f"TRADEPULSE__RISK__{name}": value for name, value in variables.items()}
    return load_settings(home, environment=named).risk


def test_the_defaults_are_those_of_the_design(tmp_path: Path) -> None:
    limits = Limits.from_settings(risk_of(tmp_path))
    assert limits.stage_cap_pct == {
        Stage.DISCOVERY: 2.0, Stage.VALIDATION: 5.0, Stage.MATURE: 10.0, Stage.WATCH: 3.0
    }  # fmt: skip
    assert (limits.total_cap_pct, limits.live_cap_pct, limits.live_cap_quote) == (50.0, 2.0, 100.0)
    assert (limits.max_correlated_entries, limits.cluster_threshold) == (2, 0.8)
    assert Limits.for_paper(RiskSettings()) == Limits()
    paper = RiskSettings(apply_to_paper=True, max_open_trades=3, max_exposure=None)
    assert Limits.for_paper(paper) == Limits(max_open_trades=3)


def test_a_file_and_variables_set_them(tmp_path: Path) -> None:
    found = risk_of(
        tmp_path,
        '[risk]\nmax_open_trades = 4\n[risk.protections.cool_down]\nminutes = 90\n',
        MAX_DAILY_LOSS_PCT="2.5", STAGE_CAP_PCT__MATURE="8", STAGING__STEPS_PCT="10,100",
        PROTECTIONS__STOP_LOSS_GUARD__TRADES="3", BREAKERS__VOLATILITY_FACTOR="12",
    )  # fmt: skip
    assert (found.max_open_trades, found.max_daily_loss_pct) == (4, 2.5)
    assert found.stage_cap_pct is not None
    assert found.stage_cap_pct[Stage.MATURE] == 8.0
    assert found.stage_cap_pct[Stage.DISCOVERY] == 2.0
    assert found.staging.steps_pct == (10.0, 100.0)
    assert found.protections.cool_down is not None
    assert found.protections.cool_down.minutes == 90
    assert found.protections.stop_loss_guard is not None
    assert found.protections.stop_loss_guard.trades == 3
    assert found.breakers.volatility_factor == 12.0


@pytest.mark.parametrize("bad", [
    {"MAX_DAILY_LOSS_PCT": "0"}, {"STAGE_CAP_PCT__MATURE": "-1"}, {"STAGE_CAP_PCT__OLD": "1"},
    {"STAGING__STEPS_PCT": "50,10"}, {"STAGING__STEPS_PCT": "10,110"},
    {"PROTECTIONS__COOL_DOWN__MINUTES": "0"}, {"DISASTER_STOP_PCT": "100"},
])  # fmt: skip
def test_what_makes_no_sense_is_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(TradePulseError) as caught:
        risk_of(tmp_path, **bad)
    assert caught.value.code == "bad_setting"


def test_an_unknown_limit_is_named(tmp_path: Path) -> None:
    with pytest.raises(TradePulseError) as caught:
        risk_of(tmp_path, "[risk]\nmax_daily_los_pct = 3\n")
    assert caught.value.code == "unknown_setting"
