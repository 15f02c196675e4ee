"""Slippage, latency and fill rates of orders, from their rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from conformance import storage_records as make
from tradepulse.domain.ledger import FillRecord, OrderRecord
from tradepulse.domain.lifecycle import Feed, OrderState
from tradepulse.storage.execution_quality import measured, spread_of
from tradepulse.storage.order_costs import Latency, latency_of, slippage_of

D = Decimal


def order(**changes: Any) -> OrderRecord:
    about = {
        "role": "entry", "kind": "market", "side": "buy", "decided_at": D(100), "price": None,
        "quantity": D(2), "filled": D(2), "state": OrderState.FILLED, "created_at": 1000,
        "sent_at": 1020, "acknowledged_at": 1045, **changes,
    }  # fmt: skip
    return replace(make.order("o1"), **about)


def fill(quantity: object, price: object, order_id: str = "o1") -> FillRecord:
    return replace(
        make.fill("f"), order_id=order_id, quantity=D(str(quantity)), price=D(str(price)),
        fee=D("0.2"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "fills", "bps", "quote"),
    [
        ({}, [(2, 101)], "100", "2"),
        ({}, [(1, 101), (1, 103)], "200", "4"),
        ({"side": "sell"}, [(2, 101)], "-100", "-2"),
        ({"side": "sell", "role": "stop", "price": D(90)}, [(2, 89)], "111.111111111111", "2"),
        ({"side": "sell", "role": "target", "price": D(110)}, [(2, 110)], "0", "0"),
        ({"decided_at": None}, [(2, 101)], None, None),
        ({}, [], None, None),
    ],
)
def test_slippage_is_above_0_where_it_cost(
    changes: dict[str, Any], fills: list[tuple[int, int]], bps: str | None, quote: str | None
) -> None:
    found = slippage_of(order(**changes), [fill(*row) for row in fills])
    assert (None if found is None else (found.bps, found.quote)) == (
        None if bps is None or quote is None else (D(bps), D(quote))
    )


@pytest.mark.parametrize(
    ("changes", "same_clock", "expected"),
    [
        ({}, True, Latency(20, 25, 45)),
        ({}, False, Latency(None, 25, None)),
        ({"acknowledged_at": None}, True, Latency(20, None, None)),
        ({"sent_at": None, "acknowledged_at": None}, True, Latency(None, None, None)),
    ],
)
def test_latency(changes: dict[str, Any], same_clock: bool, expected: Latency) -> None:
    assert latency_of(order(**changes), same_clock=same_clock) == expected


def test_figures_of_an_activation() -> None:
    live = replace(make.activation("a1"), feed=Feed.LIVE)
    orders = [
        order(),
        replace(order(filled=D(1), state=OrderState.CANCELLED, sent_at=1100), id="o2"),
        replace(order(role="stop", kind="stop_market", state=OrderState.OPEN, filled=D(0)), id="s"),
    ]
    found = measured(live, orders, [fill(2, 101), fill(1, 99, "o2")])
    assert found.by_state == {"OPEN": 1, "FILLED": 1, "CANCELLED": 1}
    assert found.fill_rate == 0.75
    assert (found.slippage_bps["entry"].mean, found.slippage_quote) == (0.0, D(1))
    assert (found.close_to_sent_ms.count, found.close_to_sent_ms.worst) == (2, 100.0)
    assert found.fees == D("0.4")
    assert found.fees_bps == pytest.approx(10_000 * 0.4 / 301)
    nothing = measured(live, [], [])
    assert (nothing.fill_rate, nothing.fees_bps, nothing.slippage_bps) == (None, None, {})


def test_percentiles_are_of_what_is_known() -> None:
    found = spread_of([None, 4.0, 1.0, 3.0, 2.0])
    assert (found.count, found.p50, found.p99, found.worst, found.mean) == (4, 2.0, 4.0, 4.0, 2.5)
    assert spread_of([None]).p50 is None
