"""Filters, fees and leverage tiers as ccxt has them, as ours."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.exchanges.ccxt_markets import leverage_ladder, terms_of


def client(listed: dict[str, Any], exchange: str = "binance", mode: int = 4) -> Any:
    return SimpleNamespace(id=exchange, markets={listed["symbol"]: listed}, precisionMode=mode)


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT", "id": "BTCUSDT", "spot": True, "active": True, "contractSize": None,
        "taker": 0.001, "maker": 0.00075, "info": {"ocoAllowed": True},
        "precision": {"price": 0.01, "amount": 1e-05},
        "limits": {
            "amount": {"min": 1e-05, "max": 9000.0}, "market": {"min": 0.0, "max": 107.5},
            "cost": {"min": 5.0, "max": 9e6}, "leverage": {},
        },
        **changes,
    }  # fmt: skip


def test_spot_terms() -> None:
    terms = terms_of(client(listed()), "BTC/USDT", 7)
    assert terms.instrument.tick == Decimal("0.01")
    assert str(terms.instrument.lot) == "0.00001"
    assert terms.instrument.min_notional == Decimal(5)
    assert (terms.min_quantity, terms.max_quantity) == (Decimal("0.00001"), Decimal(9000))
    assert (terms.max_market_quantity, terms.max_notional) == (Decimal("107.5"), Decimal(9_000_000))
    assert (terms.taker_fee_bps, terms.maker_fee_bps) == (Decimal(10), Decimal("7.5"))
    assert (terms.native_oco, terms.trading, terms.max_leverage) == (True, True, Decimal(1))
    assert (terms.venue_symbol, terms.fetched_at) == ("BTCUSDT", 7)


def test_contracts_are_counted_in_coins() -> None:
    swap = listed(
        symbol="BTC/USDT:USDT", id="BTC-USDT-SWAP", spot=False, contractSize=0.01,
        precision={"price": 0.1, "amount": 0.1},
        limits={"amount": {"min": 0.1, "max": None}, "market": {"max": 12000.0}, "cost": {},
                "leverage": {"max": 100.0}},
    )  # fmt: skip
    terms = terms_of(client(swap, "okx"), "BTC/USDT:USDT", 0)
    assert (terms.instrument.lot, terms.min_quantity) == (Decimal("0.001"), Decimal("0.001"))
    assert terms.max_market_quantity == Decimal(120)
    assert (terms.max_leverage, terms.native_oco) == (Decimal(100), False)
    assert terms.instrument.min_notional == 0


def test_decimal_places_are_steps_too_and_a_halt_is_seen() -> None:
    row = listed(precision={"price": 2, "amount": 5}, active=False, info={})
    terms = terms_of(client(row, "kraken", mode=2), "BTC/USDT", 0)
    assert (terms.instrument.tick, terms.instrument.lot) == (Decimal("0.01"), Decimal("0.00001"))
    assert not terms.trading
    assert not terms.native_oco


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(TradePulseError) as caught:
        terms_of(client(listed()), "ETH/USDT", 0)
    assert caught.value.code == "symbol_not_found"


def test_real_brackets_give_the_amounts_that_binance_states(shared: Path) -> None:
    file = shared / "data/api/freqtrade/binance_leverage_tiers.json.gz"
    tiers = json.loads(gzip.decompress(file.read_bytes()))
    assert len(tiers) > 100
    compared = 0
    for symbol, rows in tiers.items():
        ladder = leverage_ladder(rows)
        assert len(ladder) == len(rows), symbol
        for ours, theirs in zip(ladder, rows, strict=True):
            assert float(ours.maintenance_rate) == theirs["maintenanceMarginRate"]
            stated = theirs["info"].get("cum")
            if stated is not None:
                compared += 1
                assert abs(float(ours.maintenance_amount) - float(stated)) < 0.01, symbol
    assert compared > 100
