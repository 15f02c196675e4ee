"""Every route: what it answers to a good question, and to a bad one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import sample_rows
from fastapi import FastAPI
from sample_bars import BARS, walk
from sample_rows import CONFIGURATIONS, HOUR, NOW, START, WALLET
from starlette.testclient import TestClient

from tradepulse.api.shapes.values import Shape
from tradepulse.bootstrap import App

CONFIGURATION = f"training/configurations/{CONFIGURATIONS[0]}"
UNKNOWN = sample_rows.name(9, 9)

LISTS = {
    "training/configurations": 6,
    "wallets": 1,
    "activations": 3,
    "signals": 24,
    "orders": 24,
    "fills": 24,
    "trades": 24,
    "positions": 2,
    "portfolio/history": 50,
    "logs": 6,
    "trades/logs": 6,
    "strategies": 13,
    "strategies/performance": 6,
    "bars/series": 0,
}
FILTERED = [
    ("training/configurations?stage=DISCOVERY", 2),
    ("training/configurations?strategy_name=ema_cross&exchange=kraken", 1),
    ("training/configurations?strategy_name=EMA_CROSS&exchange=Kraken", 1),
    ("strategies/performance?strategy_name=EMA_CROSS&exchange=Kraken", 1),
    ("training/configurations?pair=BTCUSDT", 1),
    ("training/configurations?symbol=BTC-USDT", 1),
    ("training/configurations?is_active=true", 2),
    ("activations?is_running=true", 2),
    ("activations?state=FAULTED", 1),
    ("activations?feed=live", 1),
    ("signals?verdict=refused", 8),
    ("orders?pair=ETH/USDT", 12),
    ("fills?symbol=ethusdt", 12),
    ("trades?exit_reason=stop", 6),
    ("trades?side=short", 0),
    ("trades?mode=paper&feed=replay", 12),
    ("trades?start=2025-06-02T00:00:00Z", 2),
    ("trades?start=2025-06-02T02:00:00%2B02:00", 2),
    ("trades?start=2025-06-02T02:00:00+02:00", 2),
    ("trades?end=1748095200000", 0),
    ("logs?level=ERROR", 1),
    ("logs?containing=BOUGHT", 1),
    ("positions?wallet_id=" + UNKNOWN, 0),
    ("strategies/performance?is_active=true", 2),
]
SHOWN = [
    (CONFIGURATION, "strategy_name", "ema_cross"),
    (f"{CONFIGURATION}/graph", "drawing", None),
    ("training/configurations/stats/summary", "total", 6),
    (f"wallets/{WALLET}", "allotted", "20000"),
    (f"wallets/{WALLET}/totals", "trade_count", 24),
    (f"activations/{sample_rows.FAULTED}", "state", "FAULTED"),
    (f"orders/{sample_rows.name(5, 0)}", "state", "FILLED"),
    (f"positions/{sample_rows.name(8, 1)}", "side", "long"),
    ("strategies/EMA_CROSS", "defaults", {"fast": 12, "slow": 48}),
    ("health/live", "status", "live"),
]
WRONG = [
    ("nowhere", 404, "not_found"),
    (f"training/configurations/{UNKNOWN}", 404, "configuration_not_found"),
    (f"training/configurations/{UNKNOWN}/graph", 404, "configuration_not_found"),
    (f"wallets/{UNKNOWN}", 404, "wallet_not_found"),
    (f"wallets/{UNKNOWN}/totals", 404, "wallet_not_found"),
    (f"activations/{UNKNOWN}", 404, "activation_not_found"),
    (f"orders/{UNKNOWN}", 404, "order_not_found"),
    (f"positions/{UNKNOWN}", 404, "position_not_found"),
    ("strategies/nonesuch", 404, "strategy_not_found"),
    ("trades?cursor=nonsense", 422, "bad_cursor"),
    ("trades?cursor=%C3%A9", 422, "bad_cursor"),
    ("trades?sort=colour", 422, "unknown_sort"),
    ("trades?limit=0", 422, "validation"),
    ("trades?limit=1001", 422, "validation"),
    ("trades?side=sideways", 422, "validation"),
    ("trades?start=yesterday", 422, "bad_time"),
    ("trades?start=2025-06-02&end=2025-06-01", 422, "inverted_range"),
    ("trades?pair=nothing", 422, "unknown_pair"),
    ("training/configurations?stage=PERFECT", 422, "validation"),
    ("changes/since", 422, "bad_since"),
    ("changes/since?sequence=1&timestamp=1", 422, "bad_since"),
    ("changes/since?timestamp=noon", 422, "bad_time"),
    ("changes/since?sequence=-1", 422, "validation"),
    ("bars?exchange=made&symbol=BTC/USDT", 422, "validation"),
    ("bars?exchange=made&symbol=BTC/USDT&interval=7x", 422, "unknown_interval"),
    ("bars?exchange=made&symbol=BTC/USDT&interval=1h", 404, "symbol_not_found"),
    ("bars?exchange=made&symbol=%20&interval=1h", 422, "unknown_pair"),
]


@pytest.mark.parametrize("root", ["/api", "/api/v1"])
@pytest.mark.parametrize("route", LISTS)
def test_lists_are_items_and_a_cursor(reader: TestClient, root: str, route: str) -> None:
    response = reader.get(f"{root}/{route}")
    document = response.json()
    assert response.status_code == 200, document
    assert len(document["items"]) == LISTS[route]
    assert "next_cursor" in document
    assert (document["next_cursor"] is None) == (route != "portfolio/history")


@pytest.mark.parametrize(("route", "count"), FILTERED)
def test_lists_are_filtered(reader: TestClient, route: str, count: int) -> None:
    response = reader.get(f"/api/{route}")
    assert response.status_code == 200, response.text
    assert len(response.json()["items"]) == count


@pytest.mark.parametrize(("route", "key", "value"), SHOWN)
def test_things_are_shown(reader: TestClient, route: str, key: str, value: object) -> None:
    response = reader.get(f"/api/{route}")
    assert response.status_code == 200, response.text
    found = response.json()[key]
    assert found if value is None else found == value


@pytest.mark.parametrize(("route", "status", "code"), WRONG)
def test_errors_are_problems(reader: TestClient, route: str, status: int, code: str) -> None:
    response = reader.get(f"/api/{route}")
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem["code"]) == (status, code)
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert {"type", "title", "detail", "expected", "found"} <= set(problem)
    assert problem["detail"]


def test_every_page_of_a_list_is_reached_once(reader: TestClient) -> None:
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = reader.get("/api/trades", params={"limit": 7, "cursor": cursor}).json()
        seen += [trade["id"] for trade in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 24


def test_configuration_has_the_promised_fields(reader: TestClient) -> None:
    document = reader.get(f"/api/{CONFIGURATION}").json()
    assert set(document) >= {
        "id", "strategy_name", "parameters", "exchange", "pair", "interval", "rules",
        "lifecycle_stage", "is_active", "metrics", "evidence", "trials", "data_fingerprint",
        "configuration_hash", "code_version", "created_at",
    }  # fmt: skip
    assert document["is_active"] is True
    assert document["evidence"][1] == {
        "rule": "pbo", "threshold": 0.5, "value": None, "passed": False, "note": "",
        "required": True,
    }  # fmt: skip


def test_summary_counts_and_names_the_best(reader: TestClient) -> None:
    document = reader.get("/api/training/configurations/stats/summary").json()
    assert document["active"] == 2
    assert document["by_stage"]["DISCOVERY"] == 2
    assert document["by_strategy"] == {"ema_cross": 3, "htf_sweep": 1, "volume_breakout": 2}
    assert document["best"]["id"] == CONFIGURATIONS[3]


def test_performance_sets_live_beside_backtest(reader: TestClient) -> None:
    items = reader.get("/api/strategies/performance").json()["items"]
    row = next(item for item in items if item["configuration_id"] == CONFIGURATIONS[0])
    assert set(row) >= {
        "strategy_name", "exchange", "pair", "configuration_id", "lifecycle_stage", "mode",
        "trade_count", "win_rate", "total_pnl", "avg_pnl", "backtest", "gap",
    }  # fmt: skip
    assert (row["trade_count"], row["mode"]) == (12, "paper")
    assert row["gap"] == pytest.approx(row["win_rate"] - row["backtest"]["win_rate"])
    untraded = next(item for item in items if item["configuration_id"] == CONFIGURATIONS[5])
    assert untraded["backtest"]["sharpe"] is None
    assert untraded["avg_pnl"] is None


def test_amounts_are_plain_decimal_strings(reader: TestClient) -> None:
    trades = reader.get("/api/trades?sort=pnl&limit=1000").json()["items"]
    assert all(isinstance(trade["pnl"], str) and "E" not in trade["pnl"] for trade in trades)
    # Sorted as amounts, not as text.
    amounts = [float(trade["pnl"]) for trade in trades]
    assert amounts == sorted(amounts)
    assert reader.get("/api/wallets").json()["items"][0]["balance"] == "30000"


def test_what_is_not_a_number_is_null(reader: TestClient) -> None:
    class Reading(Shape):
        values: list[float]

    app = FastAPI()
    app.get("/", response_model=Reading)(
        lambda: Reading(values=[math.nan, math.inf, -math.inf, 1.5])
    )
    assert TestClient(app).get("/").text == '{"values":[null,null,null,1.5]}'
    constants: list[str] = []
    json.loads(reader.get("/api/training/configurations").text, parse_constant=constants.append)
    assert constants == []


@pytest.fixture
def with_bars(filled: App, client: TestClient) -> TestClient:
    filled.bars.append("made", "BTC/USDT", "1h", walk())
    return client


def _bars(client: TestClient, **more: Any) -> dict[str, Any]:
    asked = {"exchange": "made", "symbol": "BTC-USDT", "interval": "1h", **more}
    response = client.get("/api/bars", params=asked)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_newest_bars_are_found_across_a_gap(with_bars: TestClient) -> None:
    expected = walk()
    for limit in (1, 700, BARS // 2 + 5, BARS, 5000):
        items = _bars(with_bars, limit=limit)["items"]
        wanted = min(limit, BARS)
        assert [bar["open_time"] for bar in items] == expected.open_time[-wanted:].tolist()
    assert items[-1]["close"] == expected.close[-1]
    before = _bars(with_bars, end=START + 20 * HOUR, limit=5)["items"]
    assert [bar["open_time"] for bar in before] == [START + n * HOUR for n in range(15, 20)]


def test_bars_from_a_start_come_page_by_page(with_bars: TestClient) -> None:
    times: list[int] = []
    page = _bars(with_bars, start=START + 100 * HOUR, limit=400)
    times += [bar["open_time"] for bar in page["items"]]
    while page["next_cursor"]:
        page = _bars(with_bars, cursor=page["next_cursor"], limit=400)
        times += [bar["open_time"] for bar in page["items"]]
    assert times == walk().open_time[100:].tolist()
    assert _bars(with_bars, start=NOW + 10**12)["items"] == []


def test_bars_are_folded_to_a_coarser_interval(with_bars: TestClient) -> None:
    newest = _bars(with_bars, interval="4h", limit=20)["items"]
    assert len(newest) == 20
    assert all(bar["open_time"] % (4 * HOUR) == 0 for bar in newest)
    page = _bars(with_bars, interval="4h", start=START, limit=300)
    rest = _bars(with_bars, interval="4h", cursor=page["next_cursor"], limit=300)
    times = [bar["open_time"] for bar in page["items"] + rest["items"]]
    assert times == sorted(set(times))
    assert times[-20:] == [bar["open_time"] for bar in newest]


def test_bars_refuse_what_they_cannot_answer(with_bars: TestClient) -> None:
    asked = {"exchange": "made", "symbol": "BTC/USDT", "interval": "1h"}
    for more, status, code in [
        ({"interval": "5m"}, 404, "interval_not_found"),
        ({"cursor": "bm9wZQ"}, 422, "bad_cursor"),
        ({"limit": "5001"}, 422, "validation"),
        ({"start": "2025-01-02", "end": "2025-01-01"}, 422, "inverted_range"),
    ]:
        response = with_bars.get("/api/bars", params={**asked, **more})
        assert (response.status_code, response.json()["code"]) == (status, code)


def test_changes_go_on_from_where_they_ended(reader: TestClient) -> None:
    first = reader.get("/api/changes/since?sequence=0&limit=10").json()
    assert (first["sequence"], first["has_more"], len(first["changes"])) == (10, True, 10)
    rest = reader.get(f"/api/changes/since?sequence={first['sequence']}").json()
    assert [event["sequence"] for event in rest["changes"]] == list(range(11, 25))
    assert (rest["sequence"], rest["has_more"]) == (24, False)
    assert reader.get("/api/changes/since?sequence=24").json()["changes"] == []
    assert set(rest["changes"][0]) == {
        "sequence", "time", "type", "user_id", "entity", "entity_id", "payload",
    }  # fmt: skip


def test_changes_since_a_time_in_either_spelling(reader: TestClient) -> None:
    time = START + 100 * HOUR
    by_number = reader.get(f"/api/changes/since?timestamp={time}").json()
    assert 0 < len(by_number["changes"]) < 24
    assert all(event["time"] >= time for event in by_number["changes"])
    by_text = reader.get("/api/changes/since?timestamp=2025-05-28T18:00:00Z").json()
    assert by_text == by_number


def test_wallet_takes_its_defaults_from_the_settings(client: TestClient) -> None:
    made = client.post("/api/wallets", json={"name": "Second"})
    assert made.status_code == 201
    assert (made.json()["balance"], made.json()["quote"]) == ("10000", "USDT")
    assert client.get(f"/api/wallets/{made.json()['id']}").json() == made.json()
    exact = client.post("/api/wallets", json={"name": "Exact", "balance": "0.123456789012345678"})
    assert exact.json()["balance"] == "0.123456789012345678"
    changes = client.get("/api/changes/since?sequence=24").json()["changes"]
    assert [event["type"] for event in changes] == ["wallet.created", "wallet.created"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "validation"),
        ({"name": ""}, 422, "validation"),
        ({"name": "x", "balance": "-1"}, 422, "validation"),
        ({"name": "x", "balance": "NaN"}, 422, "validation"),
        ({"name": "x", "colour": "red"}, 422, "validation"),
        ({"name": "x", "mode": "live"}, 409, "mode_unavailable"),
    ],
)
def test_wallet_is_refused(
    client: TestClient, body: dict[str, str], status: int, code: str
) -> None:
    response = client.post("/api/wallets", json=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert len(client.get("/api/wallets").json()["items"]) == 1


def test_health_is_late_only_with_every_feed(reader: TestClient) -> None:
    document = reader.get("/api/health/ready").json()
    assert (document["status"], document["database"], document["engine"]) == ("ready", "ok", "here")
    assert document["activations"] == 2
    # One live feed; the replay has no now to be late for.
    assert [feed["activation_id"] for feed in document["feeds"]] == [sample_rows.RUNNING]
    assert math.isclose(document["feeds"][0]["late_s"], 0.0)
    assert reader.get("/health/ready").status_code == 200
