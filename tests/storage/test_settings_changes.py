"""Settings in layers and versions: which wins, what is refused, and what a change leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.storage.database import Database
from tradepulse.storage.settings_changes import (
    Change,
    change_settings,
    current,
    differences,
    roll_back,
)
from tradepulse.storage.settings_layers import Layers, read_layers

FILE = """
[risk]
max_open_trades = 7
max_leverage = 5
[risk.stage_cap_pct]
MATURE = 12
[paper]
cash = 500
"""


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    path = tmp_path / "tradepulse.toml"
    path.write_text(FILE)
    return read_layers(path, {"TRADEPULSE__RISK__MAX_LEVERAGE": "2", "HOME": "elsewhere"})


@pytest.fixture
def home(sqlite_url: str) -> Iterator[Database]:
    with Database.open(sqlite_url) as database:
        yield database


def changed(
    home: Database, layers: Layers, unset: tuple[str, ...] = (), expected: int | None = None,
    reason: str = "because", **values: Any,
) -> int:  # fmt: skip
    given = {name.replace("__", "."): value for name, value in values.items()}
    with home.transaction() as tx:
        change = Change(reason, "ada", 1, given, unset, expected)
        return change_settings(tx, layers, change).version


def in_force(home: Database, layers: Layers) -> Any:
    with home.reading() as tx:
        return current(tx, layers)


def test_the_environment_wins_over_the_version_and_that_over_the_file(
    home: Database, layers: Layers
) -> None:
    changed(home, layers, risk__max_open_trades=4, risk__max_drawdown_pct=9.5)
    force = in_force(home, layers)
    risk = force.settings.risk
    assert (risk.max_open_trades, risk.max_drawdown_pct, risk.max_leverage) == (4, 9.5, 2)
    expected = {
        "risk.max_open_trades": "version", "risk.max_drawdown_pct": "version",
        "risk.max_leverage": "environment", "risk.stage_cap_pct.MATURE": "file",
        "paper.cash": "file", "risk.max_daily_loss_pct": "default", "api.port": "default",
    }  # fmt: skip
    assert {name: force.sources[name] for name in expected} == expected
    assert force.version == 1


def test_a_stage_of_the_caps_is_changed_alone_and_in_any_case(
    home: Database, layers: Layers
) -> None:
    changed(home, layers, risk__stage_cap_pct__mature=8)
    caps = in_force(home, layers).settings.risk.stage_cap_pct
    assert {str(stage): cap for stage, cap in caps.items()} == {
        "DISCOVERY": 2.0, "VALIDATION": 5.0, "MATURE": 8.0, "WATCH": 3.0,
    }  # fmt: skip


def test_no_limit_is_a_value_and_unset_is_none_of_ours(home: Database, layers: Layers) -> None:
    changed(home, layers, risk__max_open_trades=None)
    assert in_force(home, layers).settings.risk.max_open_trades is None
    changed(home, layers, unset=("risk.max_open_trades",))
    assert in_force(home, layers).settings.risk.max_open_trades == 7
    with home.reading() as tx:
        latest = tx.settings.latest()
    assert latest is not None
    assert latest.settings == {}


def test_a_rollback_is_a_version_too(home: Database, layers: Layers) -> None:
    changed(home, layers, risk__max_open_trades=4)
    changed(home, layers, risk__max_open_trades=3, paper__cash="900")
    with home.transaction() as tx:
        assert roll_back(tx, layers, 1, Change("it was better", "ada", 3, {})).version == 3
    force = in_force(home, layers)
    assert (force.settings.risk.max_open_trades, str(force.settings.paper.cash)) == (4, "500")
    with home.transaction() as tx:
        roll_back(tx, layers, 0, Change("as it began", "ada", 4, {}))
    assert in_force(home, layers).settings.risk.max_open_trades == 7
    with home.reading() as tx:
        assert tx.settings.first_broken() is None
        assert [v.reason for v in tx.settings.history()][2:] == ["it was better", "as it began"]
        found = differences(tx, layers, 0, 2)
    assert [(d.name, d.before, d.after) for d in found] == [
        ("paper.cash", "500", "900"), ("risk.max_open_trades", 7, 3),
    ]  # fmt: skip


def test_a_change_of_limits_is_told_with_what_it_was(home: Database, layers: Layers) -> None:
    changed(home, layers, risk__max_open_trades=4, paper__cash="900")
    changed(home, layers, paper__cash="901")
    with home.reading() as tx:
        told = tx.events.since(types=["risk.limits", "settings.changed"])
    assert [event.type for event in told] == [
        "settings.changed", "risk.limits", "settings.changed",
    ]  # fmt: skip
    assert told[1].payload == {
        "version": 1, "by": "ada", "reason": "because",
        "changes": {"max_open_trades": {"before": 7, "after": 4}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "code", "word"),
    [
        ({"risk__max_open_trades": 0}, "bad_setting", "greater than or equal to 1"),
        ({"risk__max_open_trades": 2.5}, "bad_setting", "2.5"),
        ({"risk__max_open_trades": "many"}, "bad_setting", "'many'"),
        ({"risk__max_open_trade": 3}, "unknown_setting", "risk.max_open_trade"),
        ({"risk__cluster_threshold": 1.0}, "bad_setting", "cluster_threshold"),
        ({"risk__stage_cap_pct__MATURE": -1}, "bad_setting", "stage_cap_pct"),
        ({"risk": {"max_open_trades": 3}}, "not_versioned", "risk"),
        ({"database__url": "sqlite:///x"}, "not_versioned", "database.url"),
        ({"api__port": 9}, "not_versioned", "api.port"),
        ({"risk__max_leverage": 1}, "overridden", "TRADEPULSE__RISK__MAX_LEVERAGE"),
        ({}, "nothing_changed", "none"),
        ({"risk__max_open_trades": 3, "reason": "  "}, "reason_missing", "a reason"),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_nothing(
    home: Database, layers: Layers, values: dict[str, Any], code: str, word: str
) -> None:
    with pytest.raises(TradePulseError) as caught:
        changed(home, layers, **values)
    assert caught.value.code == code
    assert word in str(caught.value)
    assert caught.value.expected
    with home.reading() as tx:
        assert tx.settings.latest() is None
        assert tx.events.since() == ()


def test_who_has_not_seen_the_last_change_does_not_undo_it(home: Database, layers: Layers) -> None:
    changed(home, layers, expected=0, risk__max_open_trades=4)
    with pytest.raises(TradePulseError) as caught:
        changed(home, layers, expected=0, risk__max_open_trades=5)
    assert (caught.value.code, caught.value.http_status) == ("settings_changed", 412)
    assert changed(home, layers, expected=1, risk__max_open_trades=5) == 2
