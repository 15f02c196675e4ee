"""A signal from its bar to its trade, of a run that the engine really made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sample_rows
from starlette.testclient import TestClient

from conformance.trained_home import HOUR, NOW, TrainedHome
from conformance.way_in import headers_of
from tradepulse.api.app import create_app


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, TrainedHome, str]]:
    home = TrainedHome(tmp_path_factory.mktemp("story") / "home")
    activation = home.trade(days=30)
    api = create_app(home.app, now_ms=lambda: NOW)
    with TestClient(api, base_url="http://127.0.0.1:8080", headers=headers_of(home.app)) as client:
        yield client, home, activation
    home.app.database.close()


def _signals(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    response = client.get("/api/signals", params={"limit": 1000, **asked})
    assert response.status_code == 200, response.text
    return response.json()["items"]  # type: ignore[no-any-return]


def test_an_entry_leads_to_its_order_fill_and_trade(
    ran: tuple[TestClient, TrainedHome, str],
) -> None:
    client, home, activation = ran
    entries = _signals(client, activation_id=activation, action="enter_long", verdict="traded")
    story = client.get(f"/api/signals/{entries[-1]['id']}").json()
    assert story["recomputed"]["verdict"] == "equal"
    assert story["bar"]["open_time"] == entries[-1]["bar_time"]
    assert f"{story['bar']['close']!r}" == entries[-1]["close"]
    assert story["order"]["created_at"] == entries[-1]["bar_time"] + HOUR
    assert [fill["order_id"] for fill in story["fills"]] == [story["order"]["id"]]
    trade = story["trade"]
    assert (trade["entry_price"], trade["side"]) == (story["fills"][0]["price"], "long")
    said = {name: n["value"] for n in story["nodes"] for name in n["node"]["outputs"]}
    assert (said["enter_long"], said["exit_long"]) == (True, False)
    assert story["configuration"]["id"] == home.id


def test_an_exit_leads_to_the_trade_it_ended(ran: tuple[TestClient, TrainedHome, str]) -> None:
    client, _, activation = ran
    exits = _signals(client, activation_id=activation, action="exit_long", verdict="traded")
    story = client.get(f"/api/signals/{exits[-1]['id']}").json()
    assert story["order"]["role"] == "exit"
    assert story["trade"]["exit_price"] == story["fills"][-1]["price"]


def test_what_was_not_traded_has_no_order(reader: TestClient) -> None:
    story = reader.get(f"/api/signals/{sample_rows.name(4, 1)}").json()
    assert (story["order"], story["fills"], story["trade"]) == (None, [], None)
    assert (story["signal"]["verdict"], story["signal"]["reason"]) == ("refused", "min_notional")


def test_a_signal_whose_bars_are_gone_says_so(client: TestClient) -> None:
    story = client.get(f"/api/signals/{sample_rows.name(4, 3)}").json()
    assert (story["recomputed"], story["bar"], story["nodes"]) == (None, None, [])
    assert "symbol_not_found" in story["why_not"]
    assert story["order"]["id"] == sample_rows.name(5, 3)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("pair=BTCUSDT", 12), (f"wallet_id={sample_rows.WALLET}", 24), ("mode=live", 0),
        ("mode=paper&verdict=refused", 8), ("reason=min_notional", 8),
        (f"wallet_id={sample_rows.name(9, 9)}", 0),
    ],
)  # fmt: skip
def test_signals_are_filtered(reader: TestClient, query: str, count: int) -> None:
    assert len(reader.get(f"/api/signals?{query}").json()["items"]) == count


def test_an_unknown_signal_is_not_found(reader: TestClient) -> None:
    response = reader.get(f"/api/signals/{sample_rows.name(9, 9)}")
    assert (response.status_code, response.json()["code"]) == (404, "signal_not_found")
