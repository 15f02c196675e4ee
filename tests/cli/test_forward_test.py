"""forward-test: newer bars through the engine, beside the backtest; never a look at a hold-out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conformance.trained_home import (
    DEVELOPMENT,
    FAMILY,
    HELD,
    LIVE,
    NOW,
    TrainedHome,
    day,
    planted_bars,
)
from tradepulse.bootstrap import forward_test
from tradepulse.cli import main
from tradepulse.cli.output import time_text
from tradepulse.domain.errors import TradePulseError
from tradepulse.storage.forward_testing import ForwardTest, compared, forward_span


@pytest.fixture
def home(tmp_path: Path) -> Iterator[TrainedHome]:
    made = TrainedHome(tmp_path / "home")
    yield made
    made.app.database.close()


def run(capsys: pytest.CaptureFixture[str], home: TrainedHome, *argv: str) -> tuple[int, Any]:
    code = main(["forward-test", home.id, *argv, "--home", str(home.path), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_identical_trades_after_the_hold_out(
    capsys: pytest.CaptureFixture[str], home: TrainedHome
) -> None:
    code, document = run(capsys, home)
    assert (code, document["verdict"], document["starts_after"]) == (0, "identical", "hold_out")
    assert (document["start"], document["bars"]) == (day(DEVELOPMENT + HELD), 24 * LIVE)
    assert (
        document["expected_trades"] == document["matched_trades"] == document["found_trades"] > 30
    )
    assert document["gap"]["total"] == "0"
    assert document["gap"]["expected_pnl"] == document["gap"]["found_pnl"]
    assert document["first_divergence"] is None
    with home.app.database.reading() as tx:
        held = tx.hold_outs.of_family(FAMILY)
    assert held is not None
    assert held.opened_at is None


def test_only_the_newest_days(capsys: pytest.CaptureFixture[str], home: TrainedHome) -> None:
    code, document = run(capsys, home, "--days", "20")
    assert (code, document["bars"]) == (0, 480)
    assert document["start"] == day(DEVELOPMENT + HELD + LIVE - 20)
    # More than there is: all there is, and no day of the hold-out.
    assert run(capsys, home, "--days", "5000")[1]["start"] == day(DEVELOPMENT + HELD)


def test_without_a_hold_out_it_starts_after_the_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = TrainedHome(tmp_path / "home", study=False)
    document = run(capsys, made)[1]
    assert (document["start"], document["starts_after"]) == (day(DEVELOPMENT), "training")
    made.app.database.close()


@pytest.mark.parametrize("study", [True, False])
def test_no_newer_bars_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, study: bool
) -> None:
    """Neither the hold-out nor the training data stand in for them."""
    last = DEVELOPMENT + HELD if study else DEVELOPMENT
    made = TrainedHome(tmp_path / "home", planted_bars().between(None, day(last)), study=study)
    code, document = run(capsys, made)
    assert (code, document["error"]["code"]) == (3, "no_newer_bars")
    assert document["error"]["expected"] == f"bars from {time_text(day(last))} UTC on"
    with made.app.database.reading() as tx:
        assert tx.activations.page().items == ()
    made.app.database.close()


def test_people_see_the_gap(capsys: pytest.CaptureFixture[str], home: TrainedHome) -> None:
    assert main(["forward-test", home.id, "--home", str(home.path)]) == 0
    shown = capsys.readouterr().out
    assert "identical" in shown
    assert "all after its family's hold-out" in shown
    assert main(["forward-test", "nothing-like-it", "--home", str(home.path)]) == 4


def forged(home: TrainedHome, **changes: Any) -> ForwardTest:
    """A forward test whose ledger was changed in its fourth trade before it was compared."""
    app = home.app
    test = forward_test(app, home.configuration, clock=lambda: NOW)
    with app.database.transaction() as tx:
        trade = tx.trades.of_activation(test.activation_id)[3]
        tx.trades.insert_many([dataclasses.replace(trade, **changes)], "replace")
    span = forward_span(app.database, app.bars, home.configuration)
    return compared(app.database, app.bars, test.activation_id, span)


FORGERIES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "another fee": ({"fees": Decimal(99)}, {"fees", "rounding"}),
    "another price": ({"exit_price": Decimal(1)}, {"exit_price", "rounding"}),
    "another bar": ({"entry_time": day(DEVELOPMENT + HELD)}, {"missed", "extra"}),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_difference_is_told_by_its_cause(home: TrainedHome, name: str) -> None:
    changes, causes = FORGERIES[name]
    test = forged(home, **changes)
    assert test.verdict == "differs"
    assert test.first_divergence is not None
    assert test.first_divergence.number == 3
    assert {cause for cause, amount in test.gap.causes.items() if amount} == causes
    assert sum(test.gap.causes.values()) == test.gap.total


def test_a_change_of_all_that_was_traded_on_is_refused(home: TrainedHome) -> None:
    app = home.app
    test = forward_test(app, home.configuration, 5, clock=lambda: NOW)
    with app.database.transaction() as tx:
        tx.activations.advance(test.activation_id, day(DEVELOPMENT + HELD + LIVE + 3))
    with pytest.raises(TradePulseError) as caught:
        compared(app.database, app.bars, test.activation_id, test.span)
    assert caught.value.code == "history_changed"
