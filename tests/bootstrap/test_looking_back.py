"""What a home that has traded can tell about itself: every order's why, the gap, the execution."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from traded_world import TradedWorld

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import open_store
from tradepulse.cli import main
from tradepulse.domain.bars import BarSeries
from tradepulse.storage.explaining import explain_order
from tradepulse.storage.live_gap import live_gap
from tradepulse.storage.tables import signals

pytestmark = pytest.mark.slow


@pytest.fixture(params=("spot", "contracts"))
def world(request: pytest.FixtureRequest) -> TradedWorld:
    found: TradedWorld = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(world: TradedWorld) -> Iterator[TestClient]:
    with TestClient(
        create_app(world.app),
        base_url="http://127.0.0.1:8080",
        headers=headers_of(world.app.database),
    ) as client:
        yield client


def read(capsys: pytest.CaptureFixture[str], world: TradedWorld, *argv: str) -> tuple[int, Any]:
    code = main([*argv, "--home", str(world.app.home.path), "--json"])
    return code, json.loads(capsys.readouterr().out)


# --- explain --------------------------------------------------------------------------------------
def test_every_order_has_its_why(world: TradedWorld) -> None:
    """Entries, legs and exits: each signal comes out again, digit by digit, and each closing order
    is with the trade that it belongs to."""
    closed = {trade.id for trade in world.trades}
    seen = set()
    for order in world.orders:
        found = explain_order(world.app.database, world.app.bars, order.id)
        assert found.verdict == "equal", (order.role, order.reason, found.why_not)
        assert found.family.entry is not None
        assert found.family.entry.created_at <= order.created_at
        if found.trade is not None:
            seen.add(found.trade.id)
            quantity = sum(
                (fill.quantity if fill.side == found.family.entry.side else Decimal(0)
                 for fill in found.all_fills), Decimal(0)
            )  # fmt: skip
            assert quantity == found.family.entry.filled
    assert seen == closed


def test_an_explanation_tells_the_whole_way(
    spot: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    trade = spot.trades[0]
    code, about = read(capsys, spot, "explain", trade.id[:10])
    assert code == 0
    order = about["order"]
    assert (order["role"], about["trade"]["id"]) == ("entry", trade.id)
    assert about["configuration"]["id"] == "c1"
    assert about["configuration"]["graph_hash"] == about["configuration"]["configuration_hash"]
    assert about["signal"]["recorded"]["action"] == "enter_long"
    assert about["signal"]["recomputed"]["values"] == about["signal"]["recorded"]["values"]
    assert about["risk"] == {"verdict": "approved", "code": None, "wallet_state": "ACTIVE"}
    assert about["events"][0]["type"] == "order.intended"
    assert about["fills"][0]["fee_currency"] == "BTC"
    assert about["latency"]["sent_to_acknowledged_ms"] >= 0
    # The sandbox closes bars of last year: how long ago that was says nothing.
    assert about["latency"]["close_to_sent_ms"] is None
    filled = Decimal(about["slippage"]["average"])
    assert Decimal(about["slippage"]["reference"]) == Decimal(order["decided_at"])
    worse = filled - Decimal(order["decided_at"])
    assert Decimal(about["slippage"]["quote"]) == worse * Decimal(order["filled"])
    assert {o["role"] for o in about["orders"]} > {"entry", "stop"}


@pytest.mark.parametrize("how", ["id", "client id", "beginning", "beginning of client id"])
def test_an_order_is_found_by_any_of_its_names(spot: TradedWorld, how: str) -> None:
    order = spot.orders[-1]
    text = {
        "id": order.id, "client id": order.client_order_id, "beginning": order.id[:8],
        "beginning of client id": order.client_order_id[:10],
    }[how]  # fmt: skip
    assert explain_order(spot.app.database, spot.app.bars, text).order.id == order.id


def test_a_signal_that_was_tampered_with_is_unequal(
    spot: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    database = spot.app.database
    order = next(o for o in spot.orders if o.role == "entry")
    with database.reading() as tx:
        row = explain_order(database, spot.app.bars, order.id).signal
    assert row is not None
    wrong = replace(row, values={**row.values, "stop": 1.5})
    with database.transaction() as tx:
        tx.signals.insert_many([wrong], "replace")
    try:
        code, about = read(capsys, spot, "explain", order.id)
    finally:
        with database.transaction() as tx:
            tx.connection.execute(sa.delete(signals).where(signals.c.id == row.id))
            tx.signals.insert(row)
    assert (code, about["verdict"]) == (3, "unequal")
    (mismatch,) = about["signal"]["mismatches"]
    assert (mismatch["name"], mismatch["expected"]) == ("stop", "1.5")
    assert main(["explain", order.id, "--home", str(spot.app.home.path)]) == 0
    assert "stored bars: equal" in capsys.readouterr().out


def test_an_unknown_order_is_not_found(
    spot: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    code, about = read(capsys, spot, "explain", "ffffffffffff")
    assert (code, about["error"]["code"]) == (4, "order_not_found")


# --- the gap --------------------------------------------------------------------------------------
def test_the_parts_of_the_gap_sum_to_it(
    world: TradedWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    gap = live_gap(world.app.database, world.app.bars, world.activation_id)
    assert sum(gap.parts.parts.values(), Decimal(0)) == gap.parts.total
    *rows, total = gap.parts.table()
    assert sum((amount for _, amount, _ in rows), Decimal(0)) == total[1]
    realised = sum((trade.pnl for trade in world.trades), Decimal(0))
    assert gap.found_trades == len(world.trades)
    if gap.parts.parts["open"] == 0:
        assert gap.parts.found == realised
    # Entries are decided by the same graph on the same bars: what is not missed is paired.
    assert gap.found_trades - len(gap.extra) == gap.expected_trades - len(gap.missed)
    code, document = read(capsys, world, "gap", world.activation_id[:8])
    assert (code, document["total"]) == (0, gap.as_json()["total"])
    assert main(["gap", world.activation_id, "--home", str(world.app.home.path)]) == 0
    assert "Gap in the quote currency" in capsys.readouterr().out


def test_bars_that_were_seen_otherwise_are_the_part_data(
    spot: TradedWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The archive of a venue may correct a bar that was traded on."""
    kept = spot.app.bars.read("binance", "BTC/USDT", "1m")
    archive = open_store(tmp_path / "archive")
    archive.append("binance", "BTC/USDT", "1m", kept)
    same = live_gap(spot.app.database, spot.app.bars, spot.activation_id, archive)
    assert same.parts.parts["data"] == 0
    shifted = BarSeries(
        kept.open_time, kept.open + 50.0, kept.high + 50.0, kept.low + 50.0, kept.close + 50.0,
        kept.volume, kept.interval_ms,
    )  # fmt: skip
    open_store(tmp_path / "other").append("binance", "BTC/USDT", "1m", shifted)
    code, about = read(
        capsys, spot, "gap", spot.activation_id, "--archive", str(tmp_path / "other")
    )
    parts = {row["part"]: Decimal(row["amount"]) for row in about["parts"]}
    assert code == 0
    assert parts["data"] != 0
    assert sum(parts.values(), Decimal(0)) == Decimal(about["total"])


# --- over HTTP ------------------------------------------------------------------------------------
def test_the_same_over_http(world: TradedWorld, client: TestClient) -> None:
    order = world.orders[0]
    about = client.get(f"/api/orders/{order.client_order_id}/explain").json()
    assert (about["order"]["id"], about["verdict"]) == (order.id, "equal")
    assert client.get("/api/orders/ffffffffffff/explain").status_code == 404
    gap = client.get(f"/api/activations/{world.activation_id}/gap").json()
    assert gap["found_trades"] == len(world.trades)
    listed = client.get("/api/reconciliations").json()
    assert all(row["wallet_id"] == world.wallet_id for row in listed["items"])
    compared = client.post("/api/reconcile", json={"wallet_id": world.wallet_id})
    assert compared.status_code == 200
    assert compared.json()["accounts"][0]["connection"] == "box"


def test_how_orders_were_carried_out(world: TradedWorld, client: TestClient) -> None:
    figures = client.get(f"/api/activations/{world.activation_id}/execution").json()
    assert figures["orders"] == len(world.orders)
    assert figures["fill_rate"] == 1.0
    assert figures["slippage_bps"]["entry"]["count"] >= len(world.trades)
    assert figures["sent_to_acknowledged_ms"]["p50"] >= 0
    assert figures["close_to_sent_ms"] == {
        "count": 0, "mean": None, "p50": None, "p99": None, "worst": None
    }  # fmt: skip
    assert 4.0 < figures["fees_bps"] < 11.0
    assert client.get("/api/activations/nobody/execution").status_code == 404
