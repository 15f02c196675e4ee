"""Bars as columns, and what is odd about them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_bars import BARS, walk
from sample_rows import HOUR, START
from starlette.testclient import TestClient

from tradepulse.api.bar_columns import COLUMNS, MEDIA_TYPE, read_columns, write_columns
from tradepulse.bootstrap import App

ASKED = "exchange=made&symbol=BTCUSDT&interval=1h"


@pytest.fixture
def fed(filled: App, client: TestClient) -> TestClient:
    filled.bars.append("made", "BTC/USDT", "1h", walk())
    return client


@given(count=st.integers(0, 1000), name=st.text(max_size=40))
def test_columns_come_back_as_they_were(count: int, name: str) -> None:
    bars = walk(BARS).slice(0, count)
    content = write_columns(bars, exchange=name)
    assert (len(content) - 6 * 8 * count) % 8 == 0
    found = read_columns(content)
    assert list(found) == list(COLUMNS)
    for column in COLUMNS:
        assert np.array_equal(found[column], getattr(bars, column).astype(float)), column


def test_columns_are_the_bars(fed: TestClient) -> None:
    response = fed.get(f"/api/bars/columns?{ASKED}")
    assert response.headers["content-type"] == MEDIA_TYPE
    found = read_columns(response.content)
    assert np.array_equal(found["close"], walk().close)
    listed = fed.get(f"/api/bars?{ASKED}&limit=5").json()["items"]
    newest = read_columns(fed.get(f"/api/bars/columns?{ASKED}&limit=5").content)
    assert [item["open_time"] for item in listed] == newest["open_time"].tolist()
    again = fed.get(
        f"/api/bars/columns?{ASKED}", headers={"if-none-match": response.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_an_audit_names_the_holes(fed: TestClient) -> None:
    document = fed.get(f"/api/bars/audit?{ASKED}").json()
    assert (document["bars"], document["expected"]) == (BARS, BARS + 10)
    hole = START + BARS // 2 * HOUR
    assert document["gaps"] == [{"start": hole, "end": hole + 10 * HOUR, "missing": 10}]
    assert (document["gap_count"], document["missing"], document["duplicates"]) == (1, 10, 0)
    assert document["fingerprint"] == walk().fingerprint
    assert [finding["kind"] for finding in document["findings"]] == ["gap"]
    part = fed.get(f"/api/bars/audit?{ASKED}&end={hole}").json()
    assert (part["gaps"], part["bars"]) == ([], BARS // 2)
    nothing = fed.get(f"/api/bars/audit?{ASKED}&end={START}").json()
    assert (nothing["bars"], nothing["first"], nothing["findings"]) == (0, None, [])


@pytest.mark.parametrize(
    ("route", "status", "code"),
    [
        ("columns?exchange=made&symbol=XRPUSDT&interval=1h", 404, "symbol_not_found"),
        (f"columns?{ASKED}&limit=0", 422, "validation"),
        ("audit?exchange=made&symbol=BTCUSDT&interval=5m", 404, "interval_not_found"),
        ("audit?exchange=made&symbol=BTCUSDT&interval=7x", 422, "unknown_interval"),
    ],
)
def test_a_wrong_question_is_told(fed: TestClient, route: str, status: int, code: str) -> None:
    response = fed.get(f"/api/bars/{route}")
    assert (response.status_code, response.json()["code"]) == (status, code)
