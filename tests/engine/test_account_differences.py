"""Rows of the ledger beside a venue's account: each kind of difference, and none where none is."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from tradepulse.domain.ledger import FillRecord, OrderRecord, PositionRecord
from tradepulse.domain.lifecycle import Mode, OrderState, Side
from tradepulse.engine.account_differences import (
    AccountDifference,
    LedgerView,
    agreed,
    balance_differences,
    differences,
)
from tradepulse.execution.venue import (
    AccountSnapshot,
    Balance,
    VenueFill,
    VenueOrder,
    VenuePosition,
)

D = Decimal
S = OrderState


def order(name: str = "tp1", state: OrderState = S.OPEN, **more: Any) -> OrderRecord:
    about: dict[str, Any] = {"kind": "stop_market", "venue": "77", "taken": 5, **more}
    return OrderRecord(
        f"id-{name}", name, "a", "c", "w", Mode.TESTNET, "BTC/USDT", about["kind"], "stop", "sell",
        D(1), D(90), D(0), state, None, None, 1, 1, "test", about["venue"], None, None, 4,
        about["taken"],
    )  # fmt: skip


def resting(name: str = "tp1", state: OrderState = S.OPEN) -> VenueOrder:
    return VenueOrder(name, "77", "BTC/USDT", -1, state, 1.0, 0.0, None, 90.0, False, None, 1)


def fill(trade_id: str | None = "5", price: object = 100) -> FillRecord:
    return FillRecord(
        f"fill-{trade_id}", "id-tp1", "a", "c", "w", "BTC/USDT", "buy", D(str(price)), D("0.1"),
        D(0), "taker", 9, "test", trade_id, "BTC", D("0.0001"),
    )  # fmt: skip


def seen(trade_id: str = "5", price: float = 100.0, name: str | None = None,
         venue_id: str = "77") -> VenueFill:  # fmt: skip
    return VenueFill(
        trade_id, name, venue_id, "BTC/USDT", 1, 0.1, price, 0.0001, "BTC", math.nan, "taker", 9
    )


def held(quantity: str = "0.1", side: Side = Side.LONG, pair: str = "BTC/USDT") -> PositionRecord:
    return PositionRecord(
        "p", "a", "c", "w", pair, side, D(quantity), D(100), 1, None, None, 1
    )  # fmt: skip


def there(quantity: float, side: int = 1, pair: str = "BTC/USDT:USDT") -> VenuePosition:
    return VenuePosition(pair, side, quantity, 100.0, 100.0, None)


def ledger(**rows: Any) -> LedgerView:
    return LedgerView(
        tuple(rows.get("orders", ())), tuple(rows.get("fills", ())),
        tuple(rows.get("positions", ())),
    )  # fmt: skip


def account(**rows: Any) -> AccountSnapshot:
    return AccountSnapshot(
        9, tuple(rows.get("orders", ())), tuple(rows.get("fills", ())),
        tuple(rows.get("positions", ())), tuple(rows.get("balances", ())),
    )  # fmt: skip


PERP = "BTC/USDT:USDT"
CASES: list[tuple[str, LedgerView, AccountSnapshot, list[str]]] = [
    ("nothing", ledger(), account(), []),
    ("a stop rests", ledger(orders=[order()]), account(orders=[resting()]), []),
    ("a stop is gone", ledger(orders=[order()]), account(), ["order_gone"]),
    ("one not taken yet may not be there", ledger(orders=[order(taken=None)]), account(), []),
    ("nor a market order", ledger(orders=[order(kind="market")]), account(), []),
    ("nor one that is being cancelled", ledger(orders=[order(state=S.CANCELLING)]), account(), []),
    ("one of ours that the ledger has not", ledger(), account(orders=[resting("tp9")]),
     ["alien_order"]),
    ("one of a person's", ledger(), account(orders=[resting("x9")]), []),
    ("one that is over", ledger(orders=[order(state=S.CANCELLED)]), account(orders=[resting()]),
     ["dead_order"]),
    ("a fill on both sides", ledger(fills=[fill()]), account(fills=[seen()]), []),
    ("a fill not booked, by the order's name", ledger(orders=[order(state=S.FILLED)]),
     account(fills=[seen(name="tp1", venue_id="?")]), ["missing_fill"]),
    ("a fill not booked, by the venue's", ledger(orders=[order(state=S.FILLED)]),
     account(fills=[seen()]), ["missing_fill"]),
    ("a person's fill", ledger(), account(fills=[seen(name="x1")]), []),
    ("a fill at another price", ledger(fills=[fill(price="100.1")]), account(fills=[seen()]),
     ["fill_amount"]),
    ("a fill the venue knows nothing of", ledger(fills=[fill()]), account(), ["unknown_fill"]),
    ("a paper fill", ledger(fills=[fill(None)]), account(), []),
    ("enough coins", ledger(positions=[held()]), account(balances=[Balance("BTC", 0.1, 0.1)]), []),
    ("coins of the owner's own beside", ledger(positions=[held()]),
     account(balances=[Balance("BTC", 5.0, 5.0)]), []),
    ("too few coins", ledger(positions=[held(), held("0.2")]),
     account(balances=[Balance("BTC", 0.2, 0.2)]), ["position"]),
    ("no coins", ledger(positions=[held()]), account(), ["position"]),
    ("the same contract", ledger(positions=[held("2", Side.SHORT, PERP)]),
     account(positions=[there(2.0, -1)]), []),
    ("the other side", ledger(positions=[held("2", Side.SHORT, PERP)]),
     account(positions=[there(2.0)]), ["position"]),
    ("a contract nobody knows of", ledger(), account(positions=[there(1.0)]), ["position"]),
    ("a contract that is gone", ledger(positions=[held("2", Side.LONG, PERP)]), account(),
     ["position"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ours", "theirs", "found"), CASES, ids=[c[0] for c in CASES])
def test_differences(
    name: str, ours: LedgerView, theirs: AccountSnapshot, found: list[str]
) -> None:
    assert [d.what for d in differences(ours, theirs)] == found, name


@pytest.mark.parametrize(
    ("ledger_moved", "venue_moved", "fills", "found"),
    [
        ("1.5", "1.5", 0, []),
        ("1.5", "1.50000001", 1, []),
        ("1.5", "1.5000001", 1, ["USDT"]),
        ("1.5", "1.5000001", 10, []),
        ("0", "-1", 0, ["USDT"]),
    ],
)
def test_balances_may_differ_by_what_the_venue_rounds(
    ledger_moved: str, venue_moved: str, fills: int, found: list[str]
) -> None:
    ours, theirs = {"USDT": D(ledger_moved)}, {"USDT": D(venue_moved), "DOGE": D(5)}
    assert [d.entity_id for d in balance_differences(ours, theirs, fills)] == found


def test_only_what_two_looks_have_is_a_difference() -> None:
    gone = AccountDifference("order", "order_gone", "w", "BTC/USDT", "o", "OPEN", "none")
    lost = gone._replace(entity_id="other")
    before = AccountDifference("pnl", "balance", None, None, "USDT", "1", "3")
    moved_on = before._replace(expected="11", found="13")
    apart = before._replace(expected="1", found="4")
    assert agreed([gone, lost], [lost]) == (lost,)
    assert agreed([before], [moved_on]) == (moved_on,)
    assert agreed([before], [apart]) == ()
