"""`tradepulse alerts`, and the columns of `activations list` that real money has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance import storage_records as make
from tradepulse.bootstrap import open_home
from tradepulse.cli import main
from tradepulse.domain.lifecycle import ActivationState, Mode

OLD, NEW = "11111111-aaaa", "22222222-bbbb"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_home(tmp_path).database as database, database.transaction() as tx:
        tx.alerts.insert(make.alert(OLD))
        tx.alerts.insert(
            make.alert(NEW, time=make.T0 + 1, level="critical", message="back to paper")
        )
        tx.configurations.insert(make.configuration())
        tx.wallets.insert(make.wallet(mode=Mode.LIVE))
        tx.activations.insert(
            make.activation(mode=Mode.LIVE, state=ActivationState.RUNNING, blocked="fallback")
        )
    return tmp_path


def test_alerts_are_listed_and_read(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["alerts", "list", "--home", str(home)]) == 0
    assert "back to paper" in capsys.readouterr().out
    assert main(["alerts", "read", NEW[:8], "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["read_at"] is not None
    assert main(["alerts", "list", "--unread", "--home", str(home), "--json"]) == 0
    assert [item["id"] for item in json.loads(capsys.readouterr().out)["items"]] == [OLD]
    assert main(["alerts", "read", "99999999", "--home", str(home)]) == 4


def test_real_money_shows_its_step_and_what_holds_it(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(["activations", "list", "--home", str(home)]) == 0
    shown = capsys.readouterr().out
    assert "5 %" in shown
    assert "fallback" in shown
    assert main(["activations", "list", "--home", str(home), "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert (item["staged_share"], item["blocked"]) == (0.05, "fallback")
