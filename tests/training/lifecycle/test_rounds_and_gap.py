"""Trades of two runs paired one to one, and the difference between them split to the last unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import Interval
from tradepulse.training.lifecycle.gap import CAUSES, gap_of
from tradepulse.training.lifecycle.rounds import Round, match, on_bars, slippage

HOUR = 3_600_000


def trade(number: int = 0, side: int = 1, **changes: Any) -> Round:
    """A round trip from 100 to 110 in two units, its result as its other fields say."""
    values: dict[str, Any] = {
        "side": side, "entry_time": number * HOUR, "entry_price": Decimal(100),
        "quantity": Decimal(2), "exit_time": (number + 5) * HOUR, "exit_price": Decimal(110),
        "exit_reason": "signal", "fees": Decimal("0.42"), "funding": Decimal("-0.05"),
        "pnl": None, **changes,
    }  # fmt: skip
    if values["pnl"] is None:
        gross = side * values["quantity"] * (values["exit_price"] - values["entry_price"])
        values["pnl"] = gross - values["fees"] + values["funding"]
    return Round(**values)


def test_pairs_by_entry_bar_and_side() -> None:
    expected = [trade(0), trade(10), trade(20)]
    found = [trade(0), trade(11), trade(20, side=-1)]
    matching = match(expected, found)
    assert [pair[0].entry_time for pair in matching.pairs] == [0]
    assert matching.missed == (expected[1], expected[2])
    assert matching.extra == (found[1], found[2])


def test_a_trade_of_a_venue_is_the_backtests_where_it_falls_into_its_bars() -> None:
    """A venue's fills come moments after the bar that they are decided by has closed."""
    expected = [trade(0), trade(10), trade(20)]
    found = [
        trade(0, entry_time=412, exit_time=5 * HOUR + 38),
        trade(10, entry_time=10 * HOUR + 2_950, exit_time=15 * HOUR),
        trade(20, entry_time=21 * HOUR + 1, exit_time=26 * HOUR),  # a bar late: another decision
    ]
    assert match(expected, found).share == 0.0
    hours = Interval.parse("1h")
    matching = match(expected, on_bars(found, hours))
    assert [pair[0] for pair in matching.pairs] == expected[:2]
    assert matching.share == pytest.approx(4 / 8)


@pytest.mark.parametrize(
    ("expected", "found", "share"),
    [
        ([], [], 1.0),
        ([trade(0)], [trade(0)], 1.0),
        ([trade(0)], [], 0.0),
        # The entry agrees; the exit of each run is one that the other did not make.
        ([trade(0)], [trade(0, exit_reason="stop")], 1 / 3),
        ([trade(0), trade(9)], [trade(0)], 0.5),
    ],
)
def test_share_of_decisions_in_both_runs(
    expected: list[Round], found: list[Round], share: float
) -> None:
    assert match(expected, found).share == pytest.approx(share)


# What differs in the found trade, and the one cause it is.
DIFFERENCES: dict[str, tuple[dict[str, Any], str, str]] = {
    "entered dearer": ({"entry_price": Decimal("100.5")}, "entry_price", "-1"),
    "left cheaper": ({"exit_price": Decimal("109.25")}, "exit_price", "-1.5"),
    "left by the stop": (
        {"exit_price": Decimal(95), "exit_reason": "stop", "exit_time": 3 * HOUR},
        "exit_reason", "-30",
    ),
    "half the size": ({"quantity": Decimal(1)}, "quantity", "-10"),
    "higher fees": ({"fees": Decimal("0.5")}, "fees", "-0.08"),
    "more funding paid": ({"funding": Decimal("-0.07")}, "funding", "-0.02"),
    "a digit of the ledger": (
        {"pnl": Decimal("19.530000000001")}, "rounding", "0.000000000001",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENCES)
def test_one_difference_is_one_cause(name: str) -> None:
    changes, cause, amount = DIFFERENCES[name]
    gap = gap_of(match([trade(0)], [trade(0, **changes)]))
    assert {c: v for c, v in gap.causes.items() if v} == {cause: Decimal(amount)}
    assert gap.trades[cause] == 1
    assert gap.total == Decimal(amount)


def test_missed_and_extra_count_their_whole_result() -> None:
    gap = gap_of(match([trade(0), trade(1)], [trade(1), trade(2), trade(3)]))
    assert (gap.causes["missed"], gap.causes["extra"]) == (Decimal("-19.53"), Decimal("39.06"))
    assert (gap.trades["missed"], gap.trades["extra"]) == (1, 2)
    assert gap.as_json()["total"] == "19.53"


def test_open_position_is_a_part_of_the_gap() -> None:
    gap = gap_of(match([trade(0)], [trade(0)]), Decimal("3.5"), Decimal("-1.5"))
    assert gap.causes["open_position"] == Decimal(-5)
    assert (gap.expected, gap.found, gap.total) == (Decimal("23.03"), Decimal("18.03"), Decimal(-5))
    assert gap.as_json()["causes"][CAUSES.index("open_position")]["share"] == pytest.approx(
        -5 / 23.03
    )


def test_nothing_has_no_share() -> None:
    assert all(cause["share"] is None for cause in gap_of(match([], [])).as_json()["causes"])


prices = st.decimals("0.00001", "99999", places=8)
amounts = st.decimals("-999", "999", places=12)
rounds = st.builds(
    trade, st.integers(0, 30), st.sampled_from([1, -1]), entry_price=prices, exit_price=prices,
    quantity=st.decimals("0.00000001", "9999", places=8), fees=amounts, funding=amounts,
    pnl=amounts, exit_reason=st.sampled_from(["signal", "stop"]),
)  # fmt: skip
runs = st.lists(rounds, max_size=12, unique_by=lambda t: (t.entry_time, t.side))


@given(runs, runs, amounts, amounts)
def test_the_parts_sum_to_the_whole(
    expected: list[Round], found: list[Round], open_expected: Decimal, open_found: Decimal
) -> None:
    gap = gap_of(match(expected, found), open_expected, open_found)
    profit = sum((t.pnl for t in expected), open_expected)
    assert gap.expected == profit
    assert gap.total == sum((t.pnl for t in found), open_found) - profit
    assert sum(gap.causes.values()) == gap.total


def test_slippage_is_against_us_on_both_sides_and_ways() -> None:
    pairs = []
    for side in (1, -1):
        sign = Decimal(side)
        dearer = {"entry_price": Decimal(100) * (1 + sign * Decimal("0.0003")),
                  "exit_price": Decimal(110) * (1 - sign * Decimal("0.0001"))}  # fmt: skip
        pairs.append((trade(0, side), trade(0, side, **dearer)))
    found = slippage(pairs, 2.0)
    # Two fills slip three points beyond the model, two one.
    assert (found.measured_bps, found.fills) == (pytest.approx(4.0), 4)
    assert found.error_bps == pytest.approx((4 / 3) ** 0.5 / 2)


def test_a_target_and_another_exit_say_nothing_of_slippage() -> None:
    pairs = [
        (trade(0, exit_reason="target"), trade(0, exit_reason="target", exit_price=Decimal(90))),
        (trade(1), trade(1, exit_reason="stop", exit_price=Decimal(90))),
    ]
    assert slippage(pairs, 2.0) == (2.0, 2.0, 0.0, 2)
    assert slippage([], 2.0) == (2.0, 2.0, 0.0, 0)
