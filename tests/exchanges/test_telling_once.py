"""What the engine is told: once, whatever the way it came, and in an order that makes sense."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.lifecycle import OrderState
from tradepulse.exchanges.ccxt_venue.reporter import Reporter
from tradepulse.exchanges.dialect import FundingHeard
from tradepulse.exchanges.errors import Outcome, OutcomeKind
from tradepulse.execution.venue import (
    Accepted,
    Ended,
    Filled,
    ForcedFill,
    FundingSettled,
    NotSent,
    Refused,
    Unknown,
    VenueFill,
    VenueOrder,
    VenueReport,
)

PAIR, NAME = "BTC/USDT", "tp1"


class Told:
    def __init__(self) -> None:
        self.reports: list[VenueReport] = []
        self.to = Reporter(self.reports.append, lambda: 1)

    def kinds(self) -> list[str]:
        return [type(report).__name__ for report in self.reports]


def order(state: OrderState = OrderState.OPEN, filled: float = 0.0, **more: Any) -> VenueOrder:
    plain = VenueOrder(NAME, "7", PAIR, 1, state, 2.0, filled, None, None, False, None, 5)
    return plain._replace(**more)


def fill(trade: str = "t1", quantity: float = 1.0, **more: Any) -> VenueFill:
    plain = VenueFill(trade, NAME, "7", PAIR, 1, quantity, 9.0, 0.0, "USDT", 0.0, "taker", 5)
    return plain._replace(**more)


def test_acceptance_and_end_are_told_once() -> None:
    told = Told()
    for _ in range(2):
        told.to.order(order())
        told.to.order(order(OrderState.CANCELLED, 1.0))
    assert told.reports == [
        Accepted(NAME, "7", 5), Ended(NAME, OrderState.CANCELLED, 1.0, 5, None)
    ]  # fmt: skip


def test_a_fill_proves_acceptance() -> None:
    told = Told()
    told.to.fill(fill())
    told.to.order(order())
    assert told.kinds() == ["Accepted", "Filled"]


def test_trap_duplicate_fills_after_reconnect() -> None:
    told = Told()
    told.to.fill(fill())
    told.to.fill(fill(client_order_id=None))
    told.to.fill(fill("t2"))
    told.to.fill(fill(pair="ETH/USDT"))
    assert told.kinds().count("Filled") == 3


@given(st.lists(st.integers(0, 5), max_size=30))
def test_each_trade_id_is_told_once_in_whatever_order(trades: list[int]) -> None:
    told = Told()
    for trade in trades:
        told.to.fill(fill(str(trade)))
    names = [r.fill.trade_id for r in told.reports if isinstance(r, Filled)]
    assert names == list(dict.fromkeys(map(str, trades)))


def test_an_order_the_stream_has_shown_is_not_called_unknown() -> None:
    told = Told()
    told.to.order(order())
    told.to.failed(NAME, PAIR, Outcome(OutcomeKind.UNKNOWN, "unavailable", "timeout"))
    assert told.kinds() == ["Accepted"]


def test_an_unknown_order_may_turn_out_to_be_accepted() -> None:
    told = Told()
    told.to.failed(NAME, PAIR, Outcome(OutcomeKind.UNKNOWN, "unavailable", "timeout"))
    told.to.order(order())
    assert told.reports == [Unknown(NAME, "timeout", 1), Accepted(NAME, "7", 5)]


def test_what_did_not_happen_and_what_will_not() -> None:
    told = Told()
    told.to.failed(NAME, PAIR, Outcome(OutcomeKind.RATE_LIMITED, "rate_limited", "slow", 900))
    told.to.failed(NAME, PAIR, Outcome(OutcomeKind.REJECTED, "min_notional", "NOTIONAL"))
    assert told.reports == [
        NotSent(NAME, "rate_limited", "slow", 900, 1), Refused(NAME, "min_notional", "NOTIONAL", 1)
    ]  # fmt: skip


def test_a_stop_refused_at_its_trigger_has_ended() -> None:
    told = Told()
    told.to.order(order())
    told.to.order(order(OrderState.REJECTED), "reduce only reject")
    assert told.reports[1] == Ended(NAME, OrderState.EXPIRED, 0.0, 5, "reduce only reject")
    fresh = Told()
    fresh.to.order(order(OrderState.REJECTED), "reduce only reject")
    assert fresh.kinds() == ["Refused"]


def test_trap_unknown_word_for_a_state_is_no_news() -> None:
    told = Told()
    told.to.order(order(OrderState.UNKNOWN, 1.0))
    assert told.reports == []
    known = told.to.lookup(NAME)
    assert known is not None
    assert known.missing


def test_counted_fills_that_were_not_told_are_missing() -> None:
    told = Told()
    told.to.order(order(OrderState.FILLED, 2.0))
    known = told.to.lookup(NAME)
    assert known is not None
    assert known.missing
    told.to.fill(fill("t1", 1.0))
    assert known.missing
    told.to.fill(fill("t2", 1.0))
    assert not known.missing


def test_what_the_venue_closed_by_itself() -> None:
    told = Told()
    told.to.fill(fill(client_order_id="autoclose-1"), forced=True)
    told.to.fill(fill(client_order_id="autoclose-1"), forced=True)
    assert told.reports == [ForcedFill(fill(client_order_id="autoclose-1"))]


def test_a_settlement_is_told_once_though_its_time_differs() -> None:
    told, hour = Told(), 3_600_000
    told.to.funding(FundingHeard(PAIR, -0.5, 8 * hour + 3))
    told.to.funding(FundingHeard(PAIR, -0.5, 8 * hour))
    told.to.funding(FundingHeard(PAIR, -0.4, 16 * hour))
    told.to.funding(FundingHeard(None, -0.4, 16 * hour))
    assert told.reports == [
        FundingSettled(PAIR, -0.5, 8 * hour + 3), FundingSettled(PAIR, -0.4, 16 * hour)
    ]  # fmt: skip


def test_what_ended_long_ago_is_forgotten_and_what_rests_is_not() -> None:
    now = 0
    reports: list[VenueReport] = []
    to = Reporter(reports.append, lambda: now)
    to.order(order(client_order_id="tp-rests"))
    for number in range(3_000):
        now += 10_000
        name = f"tp-{number}"
        to.order(order(client_order_id=name))
        to.fill(fill(f"t{number}", client_order_id=name))
        to.order(order(OrderState.FILLED, 2.0, client_order_id=name))
    kept = [to.lookup(f"tp-{number}") is not None for number in range(3_000)]
    # Half an hour of orders, and no fewer than a few hundred.
    assert kept == [False] * (3_000 - sum(kept)) + [True] * sum(kept)
    assert 180 <= sum(kept) <= 300
    rests = to.lookup("tp-rests")
    assert rests is not None
    assert rests.accepted
    reports.clear()
    to.order(order(OrderState.CANCELLED, client_order_id="tp-rests"))
    to.fill(fill("t2999", client_order_id="tp-2999"))
    assert [type(report).__name__ for report in reports] == ["Ended"]
