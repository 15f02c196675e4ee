"""OCO lists: one lock, two legs, one of which at most trades."""

from __future__ import annotations

from typing import Any

import pytest
from small_markets import (
    KEY,
    SPOT,
    SYMBOL,
    D,
    ask,
    before_close,
    market_of,
    minutes,
    sell_oco,
    spot_of,
)  # fmt: skip

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import ListStatus
from tradepulse.sandbox.requests import OcoRequest

FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("bar", "statuses", "price"),
    [
        ((100, 106, 99, 105), ["EXPIRED", "FILLED"], "105"),
        ((100, 101, 94, 95), ["FILLED", "EXPIRED"], "94.99"),
        ((100, 106, 94, 95), ["FILLED", "EXPIRED"], "94.99"),  # the low is as near: the stop
        ((100, 103, 96, 100), ["NEW", "NEW"], None),
    ],
)
def test_one_leg_of_an_oco_ends_the_other(bar: Any, statuses: list[str], price: str | None) -> None:
    market = market_of([FLAT, bar, bar])
    oco = market.place_oco(KEY, sell_oco(105, 95, 94, 2))
    assert spot_of(market, "BTC") == (8, 2)
    market.drain()
    events = before_close(market)
    orders = [market.order(KEY, SPOT, SYMBOL, order_id=leg) for leg, _ in oco.legs]
    assert [order.status for order in orders] == statuses
    trades = market.my_trades(KEY, SPOT, SYMBOL)
    done = price is not None
    assert [str(t.price.normalize()) for t in trades] == ([price] if done else [])
    assert spot_of(market, "BTC")[1] == (0 if done else 2)
    lists = [e.oco.order_status for e in events if isinstance(e, ListStatus)]
    assert lists == (["ALL_DONE"] if done else [])


def test_a_partly_filled_target_ends_the_stop_and_keeps_the_rest() -> None:
    market = market_of([FLAT, (100, 106, 99, 103, 4), (103, 103, 90, 90)])
    oco = market.place_oco(KEY, sell_oco(105, 95, 94, 3))
    minutes(market)
    stop, target = (market.order(KEY, SPOT, SYMBOL, order_id=leg) for leg, _ in oco.legs)
    assert (stop.status, target.status) == ("EXPIRED", "PARTIALLY_FILLED")
    assert spot_of(market, "BTC")[1] == target.remaining
    over = market.cancel_oco(KEY, SYMBOL, list_id=oco.list_id)
    assert over.order_status == "ALL_DONE"
    assert spot_of(market, "BTC")[1] == 0


@pytest.mark.parametrize("leg", [0, 1])
def test_cancelling_a_leg_takes_the_list(leg: int) -> None:
    market = market_of([FLAT] * 3)
    oco = market.place_oco(KEY, sell_oco(105, 95, 94, 3, list_client_id="both"))
    market.cancel(KEY, SPOT, SYMBOL, order_id=oco.legs[leg][0])
    assert [o.status for o in market.all_orders(KEY, SPOT, SYMBOL)] == ["CANCELED", "CANCELED"]
    assert spot_of(market, "BTC") == (10, 0)
    assert market.order_list(KEY, client_id="both").order_status == "ALL_DONE"
    assert market.open_order_lists(KEY) == []


def test_a_buying_oco_locks_its_dearer_leg() -> None:
    market = market_of([FLAT, (100, 100, 94, 94), FLAT])
    market.place_oco(
        KEY,
        OcoRequest(
            SYMBOL, "BUY", D(2),
            ask("BUY", "STOP_LOSS_LIMIT", 2, 106, stop_price=105), ask("BUY", "LIMIT_MAKER", 2, 95),
        ),
    )  # fmt: skip
    assert spot_of(market, "USDT") == (10_000 - 212, 212)
    minutes(market)
    assert spot_of(market, "USDT") == (10_000 - 190, 0)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (sell_oco(99, 95, 94), "-2010 Order would immediately match and take."),
        (sell_oco(105, 101, 94), "-2010 Stop price would trigger immediately."),
        (sell_oco(105, 95, 94, 11), "-2010 Account has insufficient balance"),
        (sell_oco(94, 95, 94), "-2010 The relationship of the prices"),
        (sell_oco(105, 95, 94, "0.01"), "-1013 Filter failure: NOTIONAL"),
    ],
)
def test_a_refused_leg_refuses_the_list(request_: OcoRequest, words: str) -> None:
    market = market_of([FLAT] * 3)
    before = market.truth()
    with pytest.raises(VenueError, match=words):
        market.place_oco(KEY, request_)
    assert market.truth() == before
