"""What fills, funding and transfers move, in exact amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.ledger import FillRecord
from tradepulse.domain.reconciliation import Transfer
from tradepulse.engine.cash_flows import (
    FEES,
    FUNDING,
    KINDS,
    TRANSFERS,
    Flow,
    by_day,
    fill_flows,
    totals,
    transfer_flows,
)

D = Decimal


def fill(side: str, quantity: object, price: object, **more: Any) -> FillRecord:
    given_ = {"pair": "BTC/USDT", "fee_currency": None, "fee_amount": None, "time": 1, "fee": D(0)}
    about = {**given_, **more}
    return FillRecord(
        about.get("id", f"f{about['time']}"), "o", "a", "c", "w", about["pair"], side,
        D(str(price)), D(str(quantity)), about["fee"], "taker", about["time"], "test",
        about.get("trade_id"), about["fee_currency"], about["fee_amount"],
    )  # fmt: skip


PERP = {"pair": "BTC/USDT:USDT"}
CASES: list[tuple[str, list[FillRecord], dict[str, Decimal]]] = [
    ("coins are exchanged", [fill("buy", "0.5", 100)], {"BTC": D("0.5"), "USDT": D(-50)}),
    (
        "a fee in coins",
        [fill("buy", "0.5", 100, fee_currency="BTC", fee_amount=D("0.0005"), fee=D("0.05"))],
        {"BTC": D("0.4995"), "USDT": D(-50)},
    ),
    (
        "a fee in a third coin",
        [fill("sell", 1, 100, fee_currency="BNB", fee_amount=D("0.01"))],
        {"BTC": D(-1), "USDT": D(100), "BNB": D("-0.01")},
    ),
    ("a fee of unknown currency is in quote", [fill("sell", 1, 100, fee=D(2))],
     {"BTC": D(-1), "USDT": D(98)}),
    ("opening a contract moves nothing", [fill("buy", 2, 100, **PERP)], {}),
    ("closing it does", [fill("buy", 2, 100, **PERP), fill("sell", 1, 110, time=2, **PERP)],
     {"USDT": D(10)}),
    (
        "the average entry counts",
        [fill("sell", 1, 100, **PERP), fill("sell", 3, 120, time=2, **PERP),
         fill("buy", 4, 110, time=3, **PERP)],
        {"USDT": D(20)},
    ),
    (
        "through zero",
        [fill("buy", 1, 100, **PERP), fill("sell", 3, 90, time=2, **PERP),
         fill("buy", 2, 80, time=3, **PERP)],
        {"USDT": D(10)},
    ),
    (
        "in the order of time, then of the venue's numbers",
        [fill("sell", 1, 110, time=2, trade_id="10", id="b", **PERP),
         fill("buy", 1, 100, time=2, trade_id="9", id="a", **PERP),
         fill("sell", 1, 100, time=1, id="z", **PERP),
         fill("buy", 1, 90, time=2, trade_id="8", id="c", **PERP)],
        {"USDT": D(20)},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fills", "expected"), CASES, ids=[c[0] for c in CASES])
def test_fills(name: str, fills: list[FillRecord], expected: dict[str, Decimal]) -> None:
    assert {n: a for n, a in totals(fill_flows(fills)).items() if a} == expected, name


@given(
    st.lists(
        st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(50, 150)),
        max_size=12,
    )
)
def test_a_contract_that_is_flat_again_has_earned_what_it_was_sold_for(
    rows: list[tuple[str, int, int]],
) -> None:
    """Flat at both ends, nothing of the average entry is left: exactly sold less bought."""
    fills = [fill(side, q, p, time=n, **PERP) for n, (side, q, p) in enumerate(rows)]
    held = sum(q if side == "buy" else -q for side, q, _ in rows)
    if held:
        fills.append(fill("sell" if held > 0 else "buy", abs(held), 100, time=99, **PERP))
    cash = sum(
        (f.quantity * f.price * (-1 if f.side == "buy" else 1) for f in fills), Decimal(0)
    )  # fmt: skip
    found = totals(fill_flows(fills)).get("USDT", Decimal(0))
    assert abs(found - cash) < D("1e-18")


def test_by_day_the_kinds_stay_apart() -> None:
    flows = [
        Flow("USDT", D(5), "trading", 10), Flow("USDT", D(-1), FEES, 20),
        Flow("USDT", D(-2), FUNDING, DAY_MS + 1),
        *transfer_flows([Transfer("t", "w", DAY_MS + 2, "USDT", D(100), "deposit")]),
    ]  # fmt: skip
    first, second = by_day(flows)
    assert (first.day, first.net) == (0, D(4))
    assert (second.day, second.net) == (DAY_MS, D(-2))
    assert second.by_kind[TRANSFERS] == 100
    assert set(first.by_kind) == set(KINDS)
    assert [d.net for d in by_day(flows, since_ms=15)] == [D(-1), D(-2)]
