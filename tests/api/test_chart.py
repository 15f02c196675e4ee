"""Markers of a chart."""

from __future__ import annotations

from typing import Any

import pytest
import sample_rows
from sample_rows import CONFIGURATIONS, HOUR, RUNNING, START
from starlette.testclient import TestClient

MARKERS = "/api/chart/markers"


def _items(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    response = client.get(MARKERS, params=asked)
    assert response.status_code == 200, response.text
    return response.json()["items"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "count"),
    [("signal", 12), ("order", 12), ("fill", 12), ("trade", 12), ("position", 1), ("stop", 0)],
)
def test_every_kind_is_marked(reader: TestClient, kind: str, count: int) -> None:
    found = _items(reader, activation_id=RUNNING, kinds=kind)
    assert [item["kind"] for item in found] == [kind] * count


def test_markers_come_by_time_and_say_what_they_are(reader: TestClient) -> None:
    found = _items(reader, configuration_id=CONFIGURATIONS[0])
    assert [item["time"] for item in found] == sorted(item["time"] for item in found)
    assert len(found) == 49
    trade = next(item for item in found if item["kind"] == "trade")
    listed = reader.get(f"/api/trades?activation_id={RUNNING}&sort=exit_time").json()["items"][0]
    same = ("entry_time", "entry_price", "pnl", "side", "quantity")
    assert {name: trade[name] for name in same} == {name: listed[name] for name in same}
    assert (trade["time"], trade["price"]) == (listed["exit_time"], listed["exit_price"])


@pytest.mark.parametrize("limit", [1, 7, 48])
def test_every_marker_is_reached_once(reader: TestClient, limit: int) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = reader.get(
            MARKERS, params={"activation_id": RUNNING, "limit": limit, "cursor": cursor}
        ).json()
        seen += [f"{item['kind']}:{item['id']}" for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 49


def test_a_window_is_half_open(reader: TestClient) -> None:
    until = START + 18 * HOUR
    found = _items(reader, activation_id=RUNNING, kinds="order", start=START, end=until)
    assert [item["time"] for item in found] == [START]
    found = _items(reader, activation_id=RUNNING, kinds="order", start=until)
    assert found[0]["time"] == until


WRONG = [
    ("", 422, "nothing_asked"),
    (f"?activation_id={sample_rows.name(9, 9)}", 404, "activation_not_found"),
    (f"?configuration_id={sample_rows.name(9, 9)}", 404, "configuration_not_found"),
    (f"?activation_id={RUNNING}&kinds=cloud", 422, "validation"),
    (f"?activation_id={RUNNING}&cursor=eA", 422, "bad_cursor"),
    (f"?activation_id={RUNNING}&cursor=%C3%A9", 422, "bad_cursor"),
]


@pytest.mark.parametrize(("query", "status", "code"), WRONG)
def test_a_wrong_question_is_told(reader: TestClient, query: str, status: int, code: str) -> None:
    response = reader.get(MARKERS + query)
    assert (response.status_code, response.json()["code"]) == (status, code)
