"""The truths that the other tests rely on find what is planted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import until
from benchmarks.live.truths import differences, settled
from benchmarks.live.world import LiveWorld, engine
from sqlalchemy import text

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.requests import OrderRequest

pytestmark = pytest.mark.slow


def test_what_is_changed_on_either_side_is_found(open_world: Callable[..., LiveWorld]) -> None:
    world = open_world(Market.PERPETUAL, ("BTCUSDT",), speed=60.0)
    name = world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
    with engine(world):
        until(lambda: bool(world.laws.naked_ms()) and _protected(world))
        assert settled(world) == []
    assert world.laws.broken == []

    def sell(exchange: object, quantity: str, **more: object) -> None:
        from decimal import Decimal

        request = OrderRequest("BTCUSDT", "SELL", "MARKET", quantity=Decimal(quantity), **more)  # type: ignore[arg-type]
        exchange.market.place(world.accounts[0].keys.api_key, Market.PERPETUAL, request)  # type: ignore[attr-defined]
        exchange.settle()  # type: ignore[attr-defined]

    # Somebody sells at the venue: a strange order and fill, another position, another wallet,
    # and a stop that rests for more than is left.
    world.sandbox.call(lambda exchange: sell(exchange, "0.001"))
    told = " ".join(differences(world))
    for what in ("not in the ledger", "does not have", "the ledger holds", "the wallet holds"):
        assert what in told
    assert any("rests to close" in law for law in world.laws.broken)
    # A fill vanishes from the ledger.
    with world.app.database.connection(write=True) as connection:
        connection.execute(text("delete from fills where activation_id = :name"), {"name": name})
    assert any("says" in each for each in differences(world))


def _protected(world: LiveWorld) -> bool:
    truth = world.sandbox.state()["accounts"][world.accounts[0].keys.api_key]
    return any(a["status"] == "NEW" for a in truth["algo_orders"])
