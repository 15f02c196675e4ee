"""The gap between live and backtest: each difference is one part, and the parts are the gap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.engine.gap_parts import PARTS, Run, pair_trades, split_gap

HOUR = 3_600_000


class Trade(NamedTuple):
    """A closed trade, as a ledger or a kernel run has it."""

    side: int
    entry_time: int
    entry_price: Decimal
    quantity: Decimal
    exit_time: int
    exit_price: Decimal
    exit_reason: str
    fees: Decimal
    funding: Decimal
    pnl: Decimal


def trade(hour: float = 0, side: int = 1, **changes: Any) -> Trade:
    """Two coins from 100 to 110 in five hours; its result as its other fields say."""
    values: dict[str, Any] = {
        "side": side, "entry_time": int(hour * HOUR), "entry_price": Decimal(100),
        "quantity": Decimal(2), "exit_time": int((hour + 5) * HOUR), "exit_price": Decimal(110),
        "exit_reason": "signal", "fees": Decimal("0.42"), "funding": Decimal("-0.05"),
        "pnl": None, **changes,
    }  # fmt: skip
    if values["pnl"] is None:
        gross = side * values["quantity"] * (values["exit_price"] - values["entry_price"])
        values["pnl"] = gross - values["fees"] + values["funding"]
    return Trade(**values)


def parts(expected: list[Trade], found: list[Trade], **about: Any) -> dict[str, Decimal]:
    gap = split_gap(Run(expected), Run(found), interval_ms=HOUR, **about)
    assert sum(gap.parts.values()) == gap.total
    return {name: amount for name, amount in gap.parts.items() if amount}


# What the live trade has other than the backtest's, and the parts of the gap.
CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({}, {}),
    "half a second after the open": ({"entry_time": 500}, {}),
    "bought dearer": ({"entry_price": Decimal("100.5")}, {"price": "-1"}),
    "sold cheaper": ({"exit_price": Decimal("109.25")}, {"price": "-1.5"}),
    "bought a bar late": (
        {"entry_time": HOUR, "entry_price": Decimal(101)}, {"timing": "-2"},
    ),
    "sold a bar late": (
        {"exit_time": 6 * HOUR, "exit_price": Decimal(108)}, {"timing": "-4"},
    ),
    "left by the stop instead": (
        {"exit_time": 3 * HOUR, "exit_price": Decimal(95), "exit_reason": "stop"},
        {"timing": "-30"},
    ),
    "half the size": ({"quantity": Decimal(1)}, {"size": "-10"}),
    "half the size, dearer": (
        {"quantity": Decimal(1), "entry_price": Decimal("100.5")}, {"size": "-10", "price": "-0.5"},
    ),
    "higher fees": ({"fees": Decimal("0.5")}, {"fees": "-0.08"}),
    "more funding paid": ({"funding": Decimal("-0.07")}, {"funding": "-0.02"}),
    "a profit its prices do not explain": ({"pnl": Decimal(19)}, {"other": "-0.53"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_difference_is_its_part(case: str) -> None:
    changes, amounts = CASES[case]
    assert parts([trade()], [trade(**changes)]) == {n: Decimal(a) for n, a in amounts.items()}


def test_the_markets_price_tells_lateness_from_slippage() -> None:
    """The market stood at 100 at the open, at 100.3 when the order came, and we paid 100.5."""
    at = {0: Decimal(100), 1_500: Decimal("100.3"), 5 * HOUR: Decimal(110)}
    late = trade(entry_time=1_500, entry_price=Decimal("100.5"))
    found = parts([trade()], [late], market=at.get)
    assert found == {"timing": Decimal("-0.6"), "price": Decimal("-0.4")}
    # A price that nobody knows leaves all of it to the fill.
    assert parts([trade()], [late], market=lambda _: None) == {"price": Decimal(-1)}


def test_a_stop_has_its_price_and_not_its_moment() -> None:
    at = {0: Decimal(100), 5 * HOUR: Decimal(97), 5 * HOUR + 900: Decimal(94)}
    stopped = trade(exit_reason="stop", exit_price=Decimal(95))
    slipped = trade(
        exit_reason="stop", exit_price=Decimal(94), exit_time=5 * HOUR + 900
    )  # fmt: skip
    assert parts([stopped], [slipped], market=at.get) == {"price": Decimal(-2)}


def test_missed_and_extra_trades_count_whole() -> None:
    found = parts([trade(0), trade(20)], [trade(20), trade(40), trade(60, side=-1)])
    assert found == {"missed": Decimal("-19.53"), "extra": Decimal("19.53") + Decimal("-20.47")}


def test_what_people_did_is_a_part_of_its_own() -> None:
    """The strategy's trade was closed by hand at 104 and not at 110; another was made by hand."""
    closed = trade(exit_price=Decimal(104), exit_time=3 * HOUR)
    gap = split_gap(
        Run([trade()]), Run([closed]), interval_ms=HOUR,
        by_hand=Run([trade(20, side=-1)], Decimal(3)), left_by_hand=[closed],
    )  # fmt: skip
    assert {n: a for n, a in gap.parts.items() if a} == {
        "manual": Decimal(-12) + Decimal("-20.47") + Decimal(3)
    }
    assert gap.total == gap.parts["manual"]
    assert gap.trades["manual"] == 3


def test_other_bars_are_data() -> None:
    """The archive says 112, the engine saw 110 and sold at 109: two runs, two parts."""
    archive = trade(exit_price=Decimal(112))
    live = trade(exit_price=Decimal(109))
    gap = split_gap(Run([archive]), Run([live]), interval_ms=HOUR, twin=Run([trade()]))
    assert {n: a for n, a in gap.parts.items() if a} == {
        "data": Decimal(-4), "price": Decimal(-2)
    }  # fmt: skip
    assert (gap.total, gap.trades["data"], gap.trades["price"]) == (Decimal(-6), 1, 1)


def test_what_is_open_counts() -> None:
    gap = split_gap(Run([], Decimal(5)), Run([], Decimal(3)), interval_ms=HOUR)
    assert (gap.parts["open"], gap.total) == (Decimal(-2), Decimal(-2))
    assert gap.as_json()["total"] == "-2"


def test_a_pair_is_the_nearest_of_a_side() -> None:
    stopped_at_once = [trade(0), trade(1)]
    live = [trade(0.01), trade(1.01)]
    pairs, missed, extra = pair_trades(stopped_at_once, live, HOUR)
    assert pairs == list(zip(stopped_at_once, live, strict=True))
    assert (missed, extra) == ([], [])
    assert pair_trades([trade(0)], [trade(0, side=-1)], HOUR)[0] == []


def test_the_table_in_cents_adds_up() -> None:
    thirds = [trade(9 * n, fees=Decimal("0.423333333333")) for n in range(3)]
    dearer = [t._replace(entry_price=Decimal("100.003"), pnl=t.pnl - Decimal("0.006"))
              for t in [trade(9 * n) for n in range(3)]]  # fmt: skip
    gap = split_gap(Run(thirds), Run(dearer), interval_ms=HOUR)
    *rows, (name, total, _) = gap.table()
    assert [row[0] for row in rows] == list(PARTS)
    assert name == "total"
    assert sum(amount for _, amount, _ in rows) == total == Decimal("-0.01")
    assert {row[0]: row[1] for row in rows}["price"] == Decimal("-0.02")


prices = st.decimals("0.00001", "99999", places=8)
amounts = st.decimals("-999", "999", places=12)
trades = st.builds(
    trade, st.integers(0, 30), st.sampled_from([1, -1]), entry_price=prices, exit_price=prices,
    quantity=st.decimals("0.00000001", "9999", places=8), fees=amounts, funding=amounts,
    pnl=amounts, exit_reason=st.sampled_from(["signal", "stop"]),
)  # fmt: skip
runs = st.builds(Run, st.lists(trades, max_size=10), amounts)


@given(runs, runs, st.none() | runs, st.booleans())
def test_the_parts_are_the_gap_to_the_last_unit_and_to_the_cent(
    expected: Run, found: Run, twin: Run | None, priced: bool
) -> None:
    def market(time: int) -> Decimal | None:
        return None if time % 7 == 0 else Decimal(time % 1_000) + Decimal("0.01")

    gap = split_gap(expected, found, interval_ms=HOUR, twin=twin, market=market if priced else None)
    assert gap.total == found.pnl - expected.pnl
    assert sum(gap.parts.values(), Decimal(0)) == gap.total
    cents = gap.in_cents()
    assert sum(cents.values(), Decimal(0)) == gap.total.quantize(Decimal("0.01"))
    assert all(abs(cents[name] - gap.parts[name]) < Decimal("0.02") for name in PARTS)


@given(runs)
def test_a_run_has_no_gap_to_itself(run: Run) -> None:
    distinct = {(t.side, t.entry_time): t for t in run.trades}
    same = Run(list(distinct.values()), run.open_worth)
    gap = split_gap(same, same, interval_ms=HOUR)
    assert gap.total == 0
    assert not any(gap.parts.values())
