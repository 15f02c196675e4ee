"""Keys: what they may do, and that those which may withdraw are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from venue_world import KEY, SECRET, VenueWorld, connection_to, venue_world

from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import FailedError, RefusedError
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.ccxt_venue import CcxtVenue
from tradepulse.exchanges.keys import examine_connection

BOTH = pytest.mark.parametrize("market", list(Market))


@pytest.fixture(scope="module")
def worlds() -> Iterator[dict[Market, VenueWorld]]:
    with (
        venue_world(Market.SPOT, prepared=False) as spot,
        venue_world(Market.PERPETUAL, prepared=False) as contracts,
    ):
        for world in (spot, contracts):
            world.sandbox.open_account("greedy", "g", {"USDT": 1}, 1, can_withdraw=True)
        yield {Market.SPOT: spot, Market.PERPETUAL: contracts}


def examine(world: VenueWorld, key: str, secret: str) -> Any:
    at = connection_to(world.sandbox.base_url, world.market)
    return examine_connection(at, Credentials(key, secret), world.loop, 10.0)


@BOTH
def test_keys_that_trade_and_nothing_else(worlds: dict[Market, VenueWorld], market: Market) -> None:
    found = examine(worlds[market], KEY, SECRET)
    assert (found.can_trade, found.can_withdraw) == (True, False)
    assert found.permissions


@BOTH
def test_keys_that_may_withdraw_are_refused(
    worlds: dict[Market, VenueWorld], market: Market
) -> None:
    with pytest.raises(RefusedError) as refused:
        examine(worlds[market], "greedy", "g")
    assert refused.value.code == "withdrawals_allowed"
    assert "enableWithdrawals" in (refused.value.found or "")


@BOTH
@pytest.mark.parametrize(("key", "secret"), [("stranger", "x"), (KEY, "not-it")])
def test_wrong_keys_are_refused_in_the_venues_words(
    worlds: dict[Market, VenueWorld], market: Market, key: str, secret: str
) -> None:
    world = worlds[market]
    with pytest.raises(RefusedError) as refused:
        examine(world, key, secret)
    assert refused.value.code == "auth"
    assert "nvalid" in (refused.value.found or "") or "ignature" in (refused.value.found or "")
    venue = CcxtVenue(
        connection_to(world.sandbox.base_url, market), Credentials(key, secret), world.loop
    )
    with pytest.raises(RefusedError) as unprepared:
        venue.prepare(world.pair, 1.0)
    assert unprepared.value.code == "auth"
    venue.close()


def test_a_venue_that_is_not_there(worlds: dict[Market, VenueWorld]) -> None:
    world = worlds[Market.SPOT]
    nowhere = replace(connection_to("http://127.0.0.1:9", Market.SPOT))
    with pytest.raises(FailedError) as away:
        examine_connection(nowhere, Credentials(KEY, SECRET), world.loop, 10.0)
    assert away.value.code == "exchange_unavailable"


def test_a_secret_is_not_in_what_is_printed(worlds: dict[Market, VenueWorld]) -> None:
    world = worlds[Market.SPOT]
    with pytest.raises(RefusedError) as refused:
        examine(world, KEY, "hunter2-hunter2")
    shown = f"{refused.value} {refused.value.as_dict()} {Credentials(KEY, 'hunter2-hunter2')}"
    assert "hunter2" not in shown
