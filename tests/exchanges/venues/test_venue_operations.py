"""Kraken, Bybit, OKX and Coinbase: twelve operations each, through unmodified ccxt."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

from exchanges.venues.expectations import CHECKS
from exchanges.venues.recorded import (
    ACCOUNTS,
    NAME,
    OPERATIONS,
    RecordedVenue,
    sample,
)  # fmt: skip
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import Interval
from tradepulse.exchanges.errors import translate
from tradepulse.exchanges.venues.rest_account import from_hex_name, hex_name
from tradepulse.execution.orders import Kind

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]


def at_venue(
    exchange: str, act: Callable[[RecordedVenue], Awaitable[T]]
) -> tuple[RecordedVenue, T]:
    async def work() -> tuple[RecordedVenue, T]:
        venue = RecordedVenue(exchange)
        try:
            return venue, await act(venue)
        finally:
            await venue.client.close()

    return asyncio.run(work())


@pytest.mark.parametrize("operation", CHECKS)
@pytest.mark.parametrize("exchange", ACCOUNTS)
def test_the_operation_comes_out_as_everywhere(exchange: str, operation: str) -> None:
    venue, result = at_venue(exchange, lambda v: v.perform(operation))
    CHECKS[operation](venue, result)


@pytest.mark.parametrize("exchange", ACCOUNTS)
def test_refusals_say_what_happened(exchange: str) -> None:
    async def all_of_them(venue: RecordedVenue) -> list[tuple[dict[str, Any], BaseException]]:
        return [(case, await venue.refused(case)) for case in venue.document["refusals"]]

    venue, refused = at_venue(exchange, all_of_them)
    assert len(refused) >= 6
    for case, error in refused:
        outcome = translate(
            error, places=not case["request"].startswith("GET"), facts=venue.account.refusals
        )
        assert (outcome.kind.value, outcome.code) == (case["kind"], case["code"]), error


@pytest.mark.parametrize("exchange", ACCOUNTS)
def test_an_order_nobody_knows_is_not_found(exchange: str) -> None:
    empty: dict[str, list[dict[str, Any]]] = {
        "bybit": [{"request": f"GET /v5/order/{kind}",
                   "answer": {"retCode": 0, "result": {"list": []}}}
                  for kind in ("realtime", "history")],
        "coinbase": [{"request": "GET /api/v3/brokerage/orders/historical/batch",
                      "answer": {"orders": []}}],
        "kraken": [{"request": f"POST /0/private/{kind.capitalize()}Orders",
                    "answer": {"error": [], "result": {kind: {}}}}
                   for kind in ("open", "closed")],
        "okx": [{"request": "GET /api/v5/trade/order",
                 "answer": {"code": "51603", "data": [], "msg": "Order does not exist"}}],
    }  # fmt: skip

    async def look(venue: RecordedVenue) -> object:
        venue.expect(venue.document["operations"]["markets"])
        await venue.client.load_markets()
        venue.expect(empty[exchange])
        return await venue.account.find(sample(Kind.MARKET)._replace(pair=venue.pair))

    assert at_venue(exchange, look)[1] is None


@pytest.mark.parametrize("exchange", ACCOUNTS)
def test_our_names_come_back_as_they_went(exchange: str) -> None:
    account = RecordedVenue(exchange).account
    assert account.our_name(account.venue_name(NAME)) == NAME
    assert account.our_name(None) == ""


def test_foreign_names_stay_foreign() -> None:
    assert from_hex_name("my-own-order") == "my-own-order"
    assert from_hex_name(hex_name(NAME).upper()) == NAME


@pytest.mark.parametrize(
    ("exchange", "interval", "served"),
    [
        ("kraken", "1m", "1m"),
        ("kraken", "3m", "1m"),
        ("kraken", "2h", "1h"),
        ("kraken", "12h", "4h"),
        ("kraken", "1w", "1d"),
        ("coinbase", "4h", "2h"),
        ("coinbase", "1w", "1d"),
        ("bybit", "8h", "4h"),
        ("okx", "3d", "1d"),
        ("okx", "1w", "1w"),
    ],
)
def test_odd_intervals_are_made_of_those_there_are(
    exchange: str, interval: str, served: str
) -> None:
    assert str(RecordedVenue(exchange).reader.served(Interval.parse(interval))) == served


def test_an_interval_nobody_can_make_is_refused() -> None:
    with pytest.raises(TradePulseError) as caught:
        RecordedVenue("kraken").reader.served(Interval.parse("45s"))
    assert caught.value.code == "unknown_interval"


def capability_table() -> ModuleType:
    path = ROOT / "scripts" / "capability_table.py"
    found = importlib.util.spec_from_file_location("capability_table", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_page_tells_what_these_tests_found() -> None:
    script = capability_table()
    page = (ROOT / "docs" / "EXCHANGES.md").read_text()
    table = script.table()
    assert "no: " not in table
    assert script.with_table(page, table) == page, "run scripts/capability_table.py"
    assert len(OPERATIONS) == 12
