"""The reference vectors of fills, costs, rounding, funding and liquidation."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cases import FREE, HOUR, START, bars_of, run
from tradepulse.simulation import venue
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FixedQuote

SPOT = Rules(**FREE, sizing=FixedQuote(100))
PERPETUAL = Rules(
    **FREE, market="perpetual", allow_short=True, sizing=FixedQuote(100), initial_cash=100_000
)
NO_FUNDING_DUE = [(START + k * 8 * HOUR, 0.0) for k in range(40)]
REASONS = {"SL": "stop", "SL_GAP": "stop", "TP": "target", "LIQUIDATION": "liquidation"}


@cache
def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


@pytest.fixture
def vectors(shared: Path) -> dict[str, Any]:
    return _read(shared / "reference" / "quant_vectors.json")


def case(vectors: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in vectors["fills_policy"] if row["id"] == name)


EXITS = (
    "both_touched_no_detail", "both_touched_detail_tp_first", "both_touched_detail_sl_first",
    "both_touched_inside_one_minute", "gap_through_stop_long", "gap_below_stop_then_recovers",
    "gap_through_stop_short", "resting_tp_gap_in_favour",
)  # fmt: skip


@pytest.mark.parametrize("name", EXITS)
def test_exit_of_a_position_held_before_the_bar(vectors: dict[str, Any], name: str) -> None:
    said = case(vectors, name)
    entry, long = said["entry"], said["side"] == "long"
    calm = [entry] * 4
    rows = [calm, calm, *said["bars"]]
    signal = {
        "enter_long" if long else "enter_short": True,
        "stop_price": said["sl"], "target_price": said["tp"],
    }  # fmt: skip
    inputs: dict[str, Any] = {"funding": NO_FUNDING_DUE}
    if "detail_1m" in said:
        minute = HOUR // 60
        inputs["detail"] = bars_of(said["detail_1m"], minute, START + 2 * HOUR)
    result = run(rows, {0: signal}, PERPETUAL, **inputs)
    trade = result.trades.row(0, named=True)
    expected = said["expect"]
    assert trade["exit_price"] == pytest.approx(expected["price"], rel=1e-12)
    assert trade["exit_reason"] == REASONS[expected["reason"]]
    if "ambiguous" in expected:
        assert result.metrics["ambiguous_exits"] == int(expected["ambiguous"])
    if "minute" in expected:
        assert trade["exit_time"] == START + 2 * HOUR + expected["minute"] * 60_000


@pytest.mark.parametrize("name", ["market_entry_bar_sl", "market_entry_bar_both"])
def test_exit_inside_the_entry_bar(vectors: dict[str, Any], name: str) -> None:
    said = case(vectors, name)
    rows = [[100, 100, 100, 100], *said["bars"]]
    signal = {"enter_long": True, "stop_price": said["sl"], "target_price": said["tp"]}
    trade = run(rows, {0: signal}, SPOT).trades.row(0, named=True)
    assert (trade["entry_price"], trade["exit_price"]) == (
        said["expect"]["entry"], said["expect"]["exit"],
    )  # fmt: skip
    assert trade["entry_time"] == trade["exit_time"]


def test_trailing_uses_previous_bar_extreme(vectors: dict[str, Any]) -> None:
    said = case(vectors, "trailing_uses_previous_bar_extreme")
    rows = [[100] * 4, *said["bars"]]
    result = run(rows, {0: {"enter_long": True, "trail": said["trail_dist"]}}, SPOT)
    trade = result.trades.row(0, named=True)
    assert trade["exit_price"] == said["expect"]["price"]
    assert trade["exit_reason"] == "trail"
    assert trade["bars_held"] == said["expect"]["exit_bar"]
    first = run(rows[:2], {0: {"enter_long": True, "trail": 3}}, SPOT)
    assert first.open_position is not None
    assert first.open_position["stop"] == said["expect"]["stop_during_bar1"]


def test_liquidation_before_stop(vectors: dict[str, Any]) -> None:
    said = case(vectors, "liquidation_before_stop")
    rules = PERPETUAL.changed(
        leverage=said["leverage"], maintenance_margin_rate=said["mmr"], sizing=FixedQuote(20_000)
    )
    rows = [[20_000] * 4, *said["bars"]]
    inputs = {"funding": NO_FUNDING_DUE}
    beyond = run(rows, {0: {"enter_long": True, "stop_price": said["sl"]}}, rules, **inputs)
    assert beyond.refusals == {"stop_beyond_liquidation": 1}
    trade = run(rows, {0: {"enter_long": True}}, rules, **inputs).trades.row(0, named=True)
    assert trade["exit_reason"] == "liquidation"
    assert trade["exit_price"] == pytest.approx(said["expect"]["liq_price"], abs=1e-6)
    assert trade["pnl"] <= -800


def test_liquidation_uses_mark_not_last(vectors: dict[str, Any]) -> None:
    assert case(vectors, "liquidation_uses_mark_not_last")
    rows = [[20_000] * 4, [20_000, 20_010, 18_900, 19_500]]
    rules = PERPETUAL.changed(leverage=25, sizing=FixedQuote(20_000))
    mark = bars_of([[20_000] * 4, [20_000, 20_010, 19_400, 19_500]])
    result = run(rows, {0: {"enter_long": True}}, rules, funding=NO_FUNDING_DUE, mark=mark)
    assert result.open_position is not None


def test_participation_cap(vectors: dict[str, Any]) -> None:
    said = case(vectors, "participation_cap")
    filled = venue.capped_quantity(
        said["order_qty"], said["bar_volume"], said["max_participation"], 0.0
    )
    assert filled == said["expect"]["filled"]


def test_signal_close_fills_next_open_and_zero_volume_waits(vectors: dict[str, Any]) -> None:
    assert case(vectors, "signal_close_fill_next_open")["expect"]["fill_bar"] == 6
    rows = [[100 + k, 101 + k, 99 + k, 100.5 + k] for k in range(9)]
    result = run(rows, {5: {"enter_long": True}}, SPOT.changed(slippage_bps=2))
    assert result.open_position is not None
    assert result.open_position["entry_time"] == START + 6 * HOUR
    assert result.open_position["entry_price"] == pytest.approx(106 * 1.0002, rel=1e-12)
    still = [*rows[:6], [*case(vectors, "zero_volume_bar")["bars"][0]], *rows[7:]]
    waited = run(still, {5: {"enter_long": True}}, SPOT)
    assert waited.open_position is not None
    assert waited.open_position["entry_time"] == START + 7 * HOUR


@pytest.mark.parametrize(
    "name",
    ["limit_entry_touch_only", "limit_entry_trade_through", "limit_entry_marketable_on_arrival"],
)
def test_limit_entry(vectors: dict[str, Any], name: str) -> None:
    said = case(vectors, name)
    open_, high, low, _ = said["bars"][0]
    price = venue.limit_fill_price(said["limit"], open_, low, high, 1.0, said.get("tick", 0.0))
    if said["expect"] is None:
        assert math.isnan(price)
        return
    assert price == said["expect"]["price"]
    taker = venue.limit_is_marketable(said["limit"], open_, 1.0)
    assert taker == (said["expect"]["liquidity"] == "taker")


def test_stop_entry(vectors: dict[str, Any]) -> None:
    gap = case(vectors, "stop_entry_gap")
    open_, high, low, _ = gap["bars"][0]
    fill = venue.stop_entry_fill_price(gap["stop"], open_, low, high, 1.0, 0.0)
    assert fill == gap["expect"]["price"]
    both = case(vectors, "stop_entry_and_sl_same_bar")
    open_, high, low, _ = both["bars"][0]
    entry = venue.stop_entry_fill_price(both["stop"], open_, low, high, 1.0, 0.0)
    assert entry == both["expect"]["entry"]
    assert venue.stop_touched(both["sl"], low, high, 1.0, 0.0) == both["expect"]["same_bar"]
    assert venue.stop_fill_price(both["sl"], entry, 1.0, 0.0, 0.0) == both["expect"]["exit"]


def test_rounding(vectors: dict[str, Any]) -> None:
    rows = vectors["rounding"]
    for row in rows:
        if "x" not in row:
            refused = venue.below_min_notional(
                float(row["qty"]), float(row["price"]), float(row["min_notional"])
            )
            assert refused == (row["expect"] == "reject"), row["what"]
            continue
        x, step = float(row["x"]), float(row["step"])
        if "qty" in row["what"]:
            found = venue.floor_to_lot(x, step)
        elif "buy limit" in row["what"]:
            found = venue.round_limit_price(x, 1.0, step)
        elif "sell limit" in row["what"]:
            found = venue.round_limit_price(x, -1.0, step)
        else:
            found = venue.round_price_against(x, -1.0, step)
        assert found == float(row["expect"]), row["what"]


def test_costs(vectors: dict[str, Any]) -> None:
    costs = vectors["costs"]
    for kind in ("taker", "maker"):
        said = costs[kind]
        assert venue.fee(said["price"], said["qty"], said["fee_rate"]) == pytest.approx(
            said["expect_fee"], rel=1e-12
        )
    half = costs["half_spread"]
    rules = Rules(half_spread_bps=half["spread_bps"] / 2, slippage_bps=0).as_vector()
    part = venue.slippage(rules[4], 0.0, 1.0, 1.0)
    assert venue.slipped_price(half["mid"], 1.0, part) == pytest.approx(half["expect_fill"])
    fixed = costs["fixed_bps"]
    part = venue.slippage(fixed["slip_bps"] / 1e4, 0.0, 1.0, 1.0)
    assert venue.slipped_price(fixed["ref"], -1.0, part) == pytest.approx(fixed["expect_fill"])
    root = costs["sqrt_impact"]
    part = venue.slippage(0.0, root["Y"] * root["sigma_daily"], root["Q_over_V"], 1.0)
    assert part * 1e4 == pytest.approx(root["expect_bps"], rel=1e-9)
    bar = costs["sqrt_impact_bar"]
    part = venue.slippage(0.0, bar["sigma_bar"], bar["Q_over_Vbar"], 1.0)
    assert part * 1e4 == pytest.approx(bar["expect_bps"], rel=1e-9)


def test_funding(vectors: dict[str, Any]) -> None:
    for row in vectors["funding"]:
        if "side" not in row:
            continue
        side = 1.0 if row["side"] == "long" else -1.0
        cash = venue.funding_cash(side, row["qty"], row["mark"], row["rate"])
        assert cash == pytest.approx(row["expect_cash"], rel=1e-12)


def test_liquidation(vectors: dict[str, Any]) -> None:
    for row in vectors["liquidation"]:
        level = venue.liquidation_price(
            row["side"], row["qty"], row["entry"], row["wallet"], row["mmr"], row["cum"]
        )
        assert level == pytest.approx(row["expect"], rel=1e-12)


def test_every_policy_case_is_used(vectors: dict[str, Any]) -> None:
    source = Path(__file__).read_text()
    assert [row["id"] for row in vectors["fills_policy"] if row["id"] not in source] == []
