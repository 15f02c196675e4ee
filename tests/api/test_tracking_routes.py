"""Live results against the backtest: the lines are those that `demotion` judges by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sample_rows
import sqlalchemy as sa
from starlette.testclient import TestClient

from conformance.trained_home import DEVELOPMENT, HOUR, NOW, TrainedHome, day
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.storage.judging import judge
from tradepulse.storage.measuring import expectation_of, measured_again
from tradepulse.storage.tables import trades
from tradepulse.storage.views.tracking import tracking
from tradepulse.training.lifecycle.expected_paths import expected_paths
from tradepulse.training.lifecycle.live_band import band_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainedHome]:
    made = TrainedHome(tmp_path_factory.mktemp("tracking") / "home")
    made.trade(days=40)
    yield made
    made.app.database.close()


@pytest.fixture(scope="module")
def client(home: TrainedHome) -> Iterator[TestClient]:
    api = create_app(home.app, now_ms=lambda: NOW)
    with TestClient(api, base_url="http://127.0.0.1:8080", headers=headers_of(home.app)) as client:
        yield client


def _tracking(client: TestClient, id_: str, **asked: Any) -> dict[str, Any]:
    response = client.get(f"/api/performance/{id_}/tracking", params=asked)
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def test_it_shows_what_live_results_are_judged_by(client: TestClient, home: TrainedHome) -> None:
    document = _tracking(client, home.id)
    found = judge(home.app.database, home.app.bars, home.id, now_ms=NOW, by="test", dry_run=True)
    rules = {item.rule: item for item in found.evidence}
    chart = document["cusum"]
    assert chart["watch"] == rules["live_cusum"].threshold
    assert max(p["sum"] for p in chart["items"]) == rules["live_cusum"].value
    assert min(p["drawdown"] for p in document["live"]) == rules["live_drawdown"].value
    assert document["slippage"]["limit_bps"] == rules["live_slippage"].threshold
    assert document["signal_match"] == rules["live_signal_match"].value == 1.0
    assert document["signal_match_limit"] == rules["live_signal_match"].threshold
    assert (document["trades"], document["days"]) == (found.trades, found.days)
    assert (document["feed"], document["activations"]) == ("live", 1)


def test_the_band_is_that_of_demotion() -> None:
    home_days = 60
    returns = np.random.default_rng(3).normal(0.001, 0.02, 300)
    from tradepulse.training.lifecycle.demotion import Expectation

    promised = Expectation(np.array([0.01, -0.01]), returns)
    paths, band = expected_paths(promised, home_days, 20), band_of(promised, home_days)
    assert paths is not None
    assert band is not None
    assert paths.days[-1] == home_days
    assert paths.fall_95[-1] == pytest.approx(-band.inner_pct / 100)
    assert paths.fall_99[-1] == pytest.approx(-band.outer_pct / 100)
    assert np.all(paths.fall_99 <= paths.fall_95)
    assert np.all(np.diff(paths.fall_95) <= 0)
    assert np.all((paths.low <= paths.middle) & (paths.middle <= paths.high))


def test_what_never_ran_is_told(client: TestClient, home: TrainedHome) -> None:
    document = _tracking(client, home.id, feed="sandbox")
    assert (document["feed"], document["trades"], document["live"]) == ("sandbox", 0, [])
    assert (document["slippage"], document["signal_match"]) == (None, None)
    assert document["expected"][-1]["day"] == 30


def test_a_mode_in_which_nothing_ran_has_no_days(client: TestClient, home: TrainedHome) -> None:
    paper, real = (_tracking(client, home.id, mode=mode) for mode in ("paper", "live"))
    assert (paper["feed"], paper["activations"], paper["days"]) == ("live", 1, 40)
    assert (real["feed"], real["activations"], real["live"]) == (None, 0, [])


def test_fills_dated_by_a_venue_are_the_same_decisions(tmp_path: Path) -> None:
    home = TrainedHome(tmp_path / "home")
    home.trade(days=20)
    # As a venue tells it: some milliseconds into the bar.
    with home.app.database.transaction() as tx:
        c = trades.c
        late = sa.update(trades).values(entry_time=c.entry_time + 412, exit_time=c.exit_time + 97)
        tx.connection.execute(late)
    found = tracking(home.app.database, home.app.bars, home.id)
    assert found.signal_match == 1.0
    assert found.slippage is not None
    assert found.slippage.fills > 0
    assert found.cusum is not None
    assert found.cusum.exit_times[-1] % HOUR == 97
    home.app.database.close()


def test_the_equity_of_an_activation_stands_beside_its_replay(
    client: TestClient, home: TrainedHome
) -> None:
    with home.app.database.reading() as tx:
        (activation,) = tx.activations.of_configuration(home.id)
    told = client.get(f"/api/activations/{activation.id}/equity?points=60").json()
    assert (told["allotment"], told["why_not"]) == ("10000", None)
    assert told["points"] > len(told["items"]) > 30
    # On paper both make the same trades at the same prices: they part by roundings alone.
    last = told["items"][-1]
    gap = client.get(f"/api/activations/{activation.id}/gap").json()
    assert last["equity"] == pytest.approx(10_000 + float(gap["found_pnl"]), abs=1e-6)
    assert last["replay"] == pytest.approx(10_000 + float(gap["expected_pnl"]), abs=1e-6)
    assert all(p["drawdown"] <= 0 for p in told["items"])
    cents = {row["part"]: float(row["amount"]) for row in gap["cents"]}
    total = cents.pop("total")
    assert sum(cents.values()) == pytest.approx(total, abs=1e-9)


def test_a_backtest_whose_bars_are_gone_leaves_its_lines_out(
    reader: TestClient,
) -> None:
    document = _tracking(reader, sample_rows.CONFIGURATIONS[5])
    assert (document["cusum"], document["expected"], document["feed"]) == (None, [], None)
    assert document["why_not"].startswith("symbol_not_found")


def test_an_unknown_configuration_is_not_found(reader: TestClient) -> None:
    response = reader.get(f"/api/performance/{sample_rows.name(9, 9)}/tracking")
    assert (response.status_code, response.json()["code"]) == (404, "configuration_not_found")


def test_the_promise_is_the_development_days(home: TrainedHome) -> None:
    measured = measured_again(home.app.bars, home.configuration)
    assert len(expectation_of(measured).daily_returns) == DEVELOPMENT
    assert measured.result.open_time[0] == day(0)
