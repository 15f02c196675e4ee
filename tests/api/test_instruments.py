"""Instruments: of venues' terms and of kept bars."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import sample_rows
from sample_bars import walk
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.market_terms import LeverageTier, MarketTerms


def _priced(step: float) -> BarSeries:
    bars = walk(400)
    close = np.round(bars.close / step) * step
    return BarSeries(
        bars.open_time, close, close + step, close - step, close, bars.volume, bars.interval_ms
    )


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    tier = LeverageTier(Decimal(50_000), Decimal(20), Decimal("0.004"))
    perpetual = Instrument("binance", Pair.parse("BTC/USDT:USDT"), Decimal("0.1"), Decimal("0.001"))
    spot = Instrument("binance", Pair.parse("ETH/USDT"), Decimal("0.01"), Decimal("0.0001"))
    with app.database.transaction() as tx:
        tx.terms.save_many([
            MarketTerms(perpetual, "BTCUSDT", tiers=(tier,), max_leverage=Decimal(20)),
            MarketTerms(spot, "ETHUSDT", native_oco=True),
        ])  # fmt: skip
    app.bars.append("binance", "ETH/USDT", "1h", walk())
    app.bars.append("kraken", "SOL/USD", "1h", _priced(0.25))
    app.bars.append("binance_mark", "BTC/USDT:USDT", "1h", walk())
    with TestClient(
        create_app(app, now_ms=lambda: sample_rows.NOW),
        base_url="http://127.0.0.1:8080",
        headers=headers_of(app),
    ) as client:
        yield client


def _items(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    response = client.get("/api/instruments", params=asked)
    assert response.status_code == 200, response.text
    return response.json()["items"]  # type: ignore[no-any-return]


def test_what_the_venue_said_and_what_is_kept_stand_together(client: TestClient) -> None:
    found = {f"{i['exchange']}:{i['pair']}": i for i in _items(client)}
    assert list(found) == ["binance:BTC/USDT:USDT", "binance:ETH/USDT", "kraken:SOL/USD"]
    perpetual, spot, kept = found.values()
    assert (perpetual["market"], perpetual["series"]) == ("perpetual", [])
    assert perpetual["tiers"][0]["max_notional"] == "50000"
    assert (spot["tick"], spot["price_decimals"], spot["quantity_decimals"]) == ("0.01", 2, 4)
    assert [s["interval"] for s in spot["series"]] == ["1h"]
    assert (kept["tick"], kept["price_decimals"], kept["fetched_at"]) == (None, 2, None)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"exchange": "Binance"}, 2), ({"quote": "usd"}, 1), ({"market": "spot"}, 2),
        ({"containing": "eth"}, 1), ({"has_bars": True}, 2), ({"has_bars": False}, 1),
    ],
)  # fmt: skip
def test_lists_are_filtered(client: TestClient, asked: dict[str, Any], count: int) -> None:
    assert len(_items(client, **asked)) == count


def test_pages_follow_each_other(client: TestClient) -> None:
    first = client.get("/api/instruments?limit=2").json()
    rest = client.get("/api/instruments", params={"cursor": first["next_cursor"]}).json()
    assert [i["pair"] for i in first["items"] + rest["items"]] == [
        "BTC/USDT:USDT", "ETH/USDT", "SOL/USD",
    ]  # fmt: skip
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("pair", ["ETH/USDT", "ETHUSDT", "eth-usdt"])
def test_one_is_found_in_any_spelling(client: TestClient, pair: str) -> None:
    assert client.get(f"/api/instruments/Binance/{pair}").json()["venue_symbol"] == "ETHUSDT"


@pytest.mark.parametrize(
    ("route", "status", "code"),
    [
        ("instruments/binance/DOGE/USDT", 404, "instrument_not_found"),
        ("instruments/binance/nothing", 422, "unknown_pair"),
        ("instruments?cursor=eA", 422, "bad_cursor"),
        ("instruments?market=futures", 422, "validation"),
    ],
)
def test_a_wrong_question_is_told(client: TestClient, route: str, status: int, code: str) -> None:
    response = client.get(f"/api/{route}")
    assert (response.status_code, response.json()["code"]) == (status, code)
