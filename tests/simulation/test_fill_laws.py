"""The numbered rules of docs/FILL_RULES.md, F0 to F17, each on bars small enough to read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import FREE, HOUR, START, bars_of, random_bars, random_signals, run
from tradepulse.simulation import layout as at
from tradepulse.simulation import venue
from tradepulse.simulation.backtest import BacktestResult, signal_block, simulate
from tradepulse.simulation.decision import decide
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FixedQuote, FractionOfEquity, RiskPerTrade

SEEDS = st.integers(0, 2**32 - 1)
FLAT = [100.0, 100.0, 100.0, 100.0]
SPOT = Rules(**FREE, sizing=FixedQuote(1000))
PERP = Rules(**FREE, sizing=FixedQuote(1000), market="perpetual", allow_short=True)
CALM = {"funding": [(START + k * 8 * HOUR, 0.0) for k in range(-1, 40)]}
LONG: dict[str, Any] = {"enter_long": True}
SHORT: dict[str, Any] = {"enter_short": True}


def check(result: BacktestResult, **expected: Any) -> None:
    """The first trade has these values."""
    trade = result.trades.row(0, named=True)
    for name, value in expected.items():
        if isinstance(value, float):
            assert trade[name] == pytest.approx(value, rel=1e-12), name
        else:
            assert trade[name] == value, name


def held(result: BacktestResult) -> dict[str, Any]:
    assert result.open_position is not None
    return result.open_position


def random_run(seed: int, rules: Rules, **kept: Any) -> tuple[Any, dict[str, Any], BacktestResult]:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, 300, tick=rules.tick or 0.0)
    signals = {**random_signals(rng, bars), **kept}
    inputs = {}
    if rules.is_perpetual:
        stamps = range(int(bars.open_time[0]), int(bars.open_time[-1]) + 9 * HOUR, 8 * HOUR)
        inputs["funding"] = [(t, 0.0001) for t in stamps]
    return bars, signals, simulate(bars, signal_block(signals, len(bars)), rules, **inputs)


def test_F0_work_is_done_in_order() -> None:
    # Funding at the open is paid by the position that leaves there, not by the one that enters.
    rows = [FLAT] * 12
    stamps = [(START, 0.0), (START + 8 * HOUR, 0.01), (START + 16 * HOUR, 0.0)]
    left = run(rows, {0: LONG, 7: {"exit_long": True}}, PERP, funding=stamps)
    check(left, funding=-10.0, exit_time=START + 8 * HOUR)
    came = run(rows, {7: LONG}, PERP, funding=stamps)
    assert held(came)["funding"] == 0.0
    # A stamp inside the bar belongs to the position after the open; a few milliseconds do not
    # count.
    inside = [(START - 5 * HOUR, 0.0), (START + 3 * HOUR + 60_000, 0.01), (START + 11 * HOUR, 0.0)]
    assert held(run(rows, {2: LONG}, PERP, funding=inside))["funding"] == pytest.approx(-10)
    late = [(START - 5 * HOUR, 0.0), (START + 3 * HOUR + 7, 0.01), (START + 11 * HOUR, 0.0)]
    assert held(run(rows, {2: LONG}, PERP, funding=late))["funding"] == 0.0


@given(SEEDS)
def test_F1_market_orders_fill_at_the_next_bar_that_trades(seed: int) -> None:
    bars, signals, result = random_run(seed, SPOT)
    asked = np.flatnonzero(signals["enter_long"])
    for row in result.trade_rows:
        index = int(row[at.T_ENTRY_INDEX])
        before = asked[asked < index]
        assert len(before)
        # Only bars without volume may lie between the decision and the fill.
        assert any((bars.volume[k + 1 : index] == 0).all() for k in before)
        assert row[at.T_ENTRY_PRICE] == bars.open[index]


@given(SEEDS)
def test_F2_slippage_is_always_against_us(seed: int) -> None:
    costly = PERP.changed(half_spread_bps=1.5, slippage_bps=2, impact=0.02)
    bars, _, result = random_run(seed, costly)
    for row in result.trade_rows:
        side, reason = row[at.T_SIDE], int(row[at.T_REASON])
        entry, leave = int(row[at.T_ENTRY_INDEX]), int(row[at.T_EXIT_INDEX])
        part = 3.5e-4 + 0.02 * np.sqrt(row[at.T_QUANTITY] / bars.volume[entry])
        # The order that was sent may have been trimmed by cash, so the true part is no smaller.
        assert side * (row[at.T_ENTRY_PRICE] / bars.open[entry] - 1) >= part * (1 - 1e-9)
        if reason in (at.EXIT_SIGNAL, at.EXIT_TIME, at.EXIT_REVERSAL):
            worse = 3.5e-4 + 0.02 * np.sqrt(row[at.T_QUANTITY] / bars.volume[leave])
            assert row[at.T_EXIT_PRICE] == pytest.approx(bars.open[leave] * (1 - side * worse))


def test_F3_taker_on_market_and_stop_maker_on_target() -> None:
    rules = SPOT.changed(taker_fee_bps=10, maker_fee_bps=2, sizing=FixedQuote(1001))
    rows = [FLAT, FLAT, [100, 111, 89, 100]]
    at_stop = run(rows, {0: {**LONG, "stop": 10.0}}, rules)
    check(at_stop, fees=10 * 100 * 0.001 + 10 * 90 * 0.001)
    at_target = run(rows, {0: {**LONG, "target": 10.0}}, rules)
    check(at_target, fees=10 * 100 * 0.001 + 10 * 110 * 0.0002, exit_reason="target")


@pytest.mark.parametrize(
    ("bar", "price", "reason"),
    [([100, 106, 99, 100], 105.0, "target"), ([100, 101, 94, 100], 95.0, "stop"),
     ([100, 106, 94, 100], 95.0, "stop")],
)  # fmt: skip
def test_F4_stop_and_target_live_from_the_entry_fill(
    bar: list[float], price: float, reason: str
) -> None:
    result = run([FLAT, bar, FLAT], {0: {**LONG, "stop": 5.0, "target": 5.0}}, SPOT)
    check(result, exit_price=price, exit_reason=reason, bars_held=0)
    assert result.open_position is None  # the other one is gone


@given(SEEDS)
def test_F5_stops_are_never_better_than_their_trigger_targets_never_worse(seed: int) -> None:
    bars, _, result = random_run(seed, PERP.changed(slippage_bps=3), target=None, trail=None,
                                 stop_price=None, target_price=None)  # fmt: skip
    for row in result.trade_rows[result.trade_rows[:, at.T_REASON] == at.EXIT_STOP]:
        side, index = row[at.T_SIDE], int(row[at.T_EXIT_INDEX])
        open_, price = bars.open[index], row[at.T_EXIT_PRICE]
        assert side * (price - open_) <= 0.0
        assert side * (price - row[at.T_ENTRY_PRICE]) < 0.0
    gap = run([FLAT, FLAT, [120, 125, 119, 121]], {0: {**LONG, "target": 10.0}}, SPOT)
    check(gap, exit_price=110.0)


def test_F5_finer_bars_show_a_gap_inside_the_bar() -> None:
    rows, said = [FLAT, FLAT, [100, 101, 90, 92]], {0: {**LONG, "stop": 5.0}}
    half, when = HOUR // 2, START + 2 * HOUR
    check(run(rows, said, SPOT), exit_price=95.0, exit_time=when)
    gap = bars_of([[100, 101, 96, 97], [93, 94, 90, 92]], half, when)
    check(run(rows, said, SPOT, detail=gap), exit_price=93.0, exit_time=when + half)
    # Finer bars that never reach the level do not agree with the bar: the bar decides.
    calm = bars_of([[100, 101, 99, 100], [100, 101, 99, 100]], half, when)
    check(run(rows, said, SPOT, detail=calm), exit_price=95.0, exit_time=when)


def test_F6_the_stop_wins_unless_finer_bars_decide() -> None:
    rows = [FLAT, FLAT, [100, 106, 94, 100]]
    said = {0: {**LONG, "stop": 5.0, "target": 5.0}}
    result = run(rows, said, SPOT)
    check(result, exit_reason="stop")
    assert result.metrics["ambiguous_exits"] == 1
    assert result.low_fidelity
    quarter, when = HOUR // 4, START + 2 * HOUR
    up_first = bars_of([[100, 106, 99, 100], [100, 101, 94, 99]], quarter, when)
    decided = run(rows, said, SPOT, detail=up_first)
    check(decided, exit_reason="target")
    assert decided.metrics["ambiguous_exits"] == 0
    # A finer bar without volume fills nothing; one that reaches both is ambiguous again.
    empty = bars_of([[100, 106, 99, 100, 0], [100, 101, 94, 99, 1]], quarter, when)
    check(run(rows, said, SPOT, detail=empty), exit_reason="stop", exit_time=when + quarter)
    both = run(rows, said, SPOT, detail=bars_of([[100, 106, 94, 100]], quarter, when))
    assert (both.metrics["ambiguous_exits"], both.low_fidelity) == (1, False)


@pytest.mark.parametrize(
    ("high", "tick", "fills"),
    [(105.0, None, False), (105.01, None, True), (105.0, 0.5, False), (105.4, 0.5, False),
     (105.5, 0.5, True)],
)  # fmt: skip
def test_F7_a_target_needs_a_trade_through_it(high: float, tick: float | None, fills: bool) -> None:
    rows = [FLAT, FLAT, [100, high, 100, 100]]
    result = run(rows, {0: {**LONG, "target": 5.0}}, SPOT.changed(tick=tick))
    assert len(result.trades) == fills
    if fills:
        check(result, exit_price=105.0)


@given(
    st.integers(1, 10**9), st.sampled_from([1e-8, 1e-5, 0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0]),
    st.floats(-0.49, 0.49),
)  # fmt: skip
def test_F8_steps_are_exact_and_against_us(whole: int, step: float, off: float) -> None:
    on_it = whole * step
    assert venue.floor_to_lot(on_it, step) == pytest.approx(on_it, rel=1e-12)
    assert venue.round_price_against(on_it, 1.0, step) == venue.round_price_against(
        on_it, -1.0, step
    )
    value = (whole + off) * step
    up, down = venue.round_to_tick_up(value, step), venue.round_to_tick_down(value, step)
    assert down <= value * (1 + 1e-9)
    assert up >= value * (1 - 1e-9)
    assert round((up - down) / step) in (0, 1)


def test_F8_under_the_minimum_notional_an_entry_is_refused() -> None:
    small = SPOT.changed(min_notional=1000.01)
    assert run([FLAT, FLAT], {0: LONG}, small).refusals == {"min_notional": 1}
    assert held(run([FLAT, FLAT], {0: LONG}, SPOT.changed(min_notional=1000)))["quantity"] == 10


def test_F9_an_exit_decided_acts_before_the_stop_is_looked_at() -> None:
    rows = [FLAT, FLAT, [90, 91, 89, 90]]
    result = run(rows, {0: {**LONG, "stop": 5.0}, 1: {"exit_long": True}}, SPOT)
    check(result, exit_reason="signal", exit_price=90.0)


def test_F10_reversal_leaves_and_enters_at_the_same_open() -> None:
    rows = [FLAT, FLAT, [110, 111, 109, 110], FLAT]
    result = run(rows, {0: LONG, 1: SHORT}, PERP, **CALM)
    check(result, exit_reason="reversal", exit_price=110.0, exit_time=START + 2 * HOUR)
    assert held(result)["side"] == "short"
    assert held(result)["entry_time"] == START + 2 * HOUR


@given(SEEDS)
def test_F11_the_trail_never_loosens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, 80)
    flags = np.zeros(80, bool)
    flags[3] = True
    stops, last = [], -np.inf
    for count in range(6, 80):
        columns = {"enter_long": flags[:count], "trail": bars.close[:count] * 0.05}
        result = simulate(bars.slice(0, count), signal_block(columns, count), SPOT)
        if result.open_position is None:
            break
        stops.append(result.open_position["stop"])
    for stop in stops:
        assert stop >= last
        last = stop
    if len(result.trades):
        check(result, exit_reason="trail")


def test_F11_the_tighter_of_stop_and_trail_gives_the_reason() -> None:
    rows = [FLAT, FLAT, [100, 100, 90, 95]]
    check(run(rows, {0: {**LONG, "stop": 3.0, "trail": 6.0}}, SPOT), exit_reason="stop",
          exit_price=97.0)  # fmt: skip
    check(run(rows, {0: {**LONG, "stop": 6.0, "trail": 3.0}}, SPOT), exit_reason="trail",
          exit_price=97.0)  # fmt: skip


def test_F12_funding_and_liquidation() -> None:
    rules = PERP.changed(leverage=10, sizing=FixedQuote(20_000), taker_fee_bps=5)
    rows = [FLAT, FLAT, [100, 101, 85, 95]]
    result = run(rows, {0: LONG}, rules, **CALM)
    quantity = 20_000 / (100 * 1.0005)
    level = (quantity * 10 - quantity * 100) / (quantity * 0.005 - quantity)
    entry_fee = quantity * 100 * 0.0005
    check(result, exit_reason="liquidation", exit_price=level,
          pnl=-(quantity * 10) - entry_fee - quantity * level * 0.0005)  # fmt: skip
    assert result.state[at.S_LIQUIDATIONS] == 1
    # The mark decides, not the last price; and funding moves the level.
    mark = bars_of([FLAT, FLAT, [100, 101, 95, 95]])
    assert run(rows, {0: LONG}, rules, mark=mark, **CALM).open_position is not None
    paid = {"funding": [(START - HOUR, 0.0), (START + 2 * HOUR, 0.08), (START + 5 * HOUR, 0.0)]}
    poorer = run([FLAT, FLAT, FLAT, [100, 101, 95, 95]], {0: LONG}, rules, **paid)
    check(poorer, exit_reason="liquidation", funding=-quantity * 100 * 0.08)
    # A stop beyond liquidation refuses the entry; so does a tier that does not allow the leverage.
    far = run(rows, {0: {**LONG, "stop": 15.0}}, rules, **CALM)
    assert far.refusals == {"stop_beyond_liquidation": 1}
    tiers = ((0, 0.005, 20), (5_000, 0.01, 5))
    assert run(rows, {0: LONG}, rules.changed(leverage_tiers=tiers), **CALM).refusals == {
        "leverage_tier": 1
    }


@given(SEEDS)
def test_F13_nothing_fills_without_volume_nor_above_the_cap(seed: int) -> None:
    bars, _, result = random_run(seed, PERP.changed(participation_cap=0.1))
    for row in result.trade_rows:
        entry, leave = int(row[at.T_ENTRY_INDEX]), int(row[at.T_EXIT_INDEX])
        assert min(bars.volume[entry], bars.volume[leave]) > 0
        assert row[at.T_QUANTITY] <= 0.1 * bars.volume[entry] * (1 + 1e-12)


def test_F13_an_exits_rest_carries_over() -> None:
    rules = SPOT.changed(participation_cap=0.1)
    rows = [[*FLAT, 100], [*FLAT, 60], [*FLAT, 40], [110, 110, 110, 110, 0], [*FLAT, 1000]]
    rows[4] = [120, 120, 120, 120, 1000]
    result = run(rows, {0: LONG, 1: {"exit_long": True}}, rules)
    # 6 of 10 came in; 4 left at 100, nothing traded at 110, 2 left at 120.
    check(result, quantity=6.0, exit_price=(4 * 100 + 2 * 120) / 6, exit_reason="signal",
          exit_time=START + 4 * HOUR, bars_held=3)  # fmt: skip
    target = [[*FLAT, 100], [*FLAT, 60], [100, 111, 100, 105, 40], [105, 120, 104, 119, 90]]
    resting = run(target, {0: {**LONG, "target": 10.0}}, rules)
    check(resting, exit_price=110.0, exit_time=START + 3 * HOUR, exit_reason="target")


def test_F14_an_open_position_is_marked_and_is_no_trade() -> None:
    result = run([FLAT, FLAT, [100, 104, 99, 103]], {0: LONG}, SPOT)
    assert (len(result.trades), result.metrics["trade_count"]) == (0, 0)
    assert held(result)["unrealised_pnl"] == pytest.approx(30)
    assert result.equity["equity"].to_list()[-1] == pytest.approx(10_030)


FLAGS = ("enter_long", "exit_long", "enter_short", "exit_short")


@pytest.mark.parametrize(
    ("said", "position", "shorts", "time_is_up", "expected"),
    [
        ("enter_short exit_short", 1, True, False, (at.NO_EXIT, 0)),
        ("enter_short", 1, False, False, (at.NO_EXIT, 0)),  # dropped: no exit either
        ("enter_long exit_long", 0, True, False, (at.NO_EXIT, 0)),
        ("enter_long enter_short", 0, True, False, (at.NO_EXIT, 0)),
        ("enter_long enter_short", 1, True, False, (at.NO_EXIT, 0)),
        ("enter_long enter_short exit_long", 1, True, False, (at.EXIT_REVERSAL, -1)),
        ("enter_long", 1, True, False, (at.NO_EXIT, 0)),
        ("enter_long exit_long", 1, True, False, (at.EXIT_SIGNAL, 0)),
        ("enter_short exit_long", 1, True, True, (at.EXIT_REVERSAL, -1)),
        ("exit_long", 1, True, True, (at.EXIT_SIGNAL, 0)),
        ("", 1, True, True, (at.EXIT_TIME, 0)),
        ("enter_long", 1, True, True, (at.EXIT_TIME, 0)),
        ("enter_long", -1, True, False, (at.EXIT_REVERSAL, 1)),
        ("exit_short", -1, True, False, (at.EXIT_SIGNAL, 0)),
        ("enter_short", 0, True, False, (at.NO_EXIT, -1)),
    ],
)
def test_F15_what_a_close_decides(
    said: str, position: int, shorts: bool, time_is_up: bool, expected: tuple[int, int]
) -> None:
    flags = [name in said.split() for name in FLAGS]
    assert decide(*flags, position, shorts, time_is_up) == expected


def test_F15_a_pending_entry_counts_as_the_position_it_will_become() -> None:
    still = [*FLAT[:4], 0]
    rows = [FLAT, still, FLAT, FLAT]
    cancelled = run(rows, {0: LONG, 1: {"exit_long": True}}, PERP, **CALM)
    assert cancelled.open_position is None
    assert len(cancelled.trades) == 0
    assert held(run(rows, {0: LONG, 1: SHORT}, PERP, **CALM))["side"] == "short"
    # The first order stands when the second close asks for the same side: its stop is the one kept.
    kept = run(rows, {0: {**LONG, "stop": 5.0}, 1: {**LONG, "stop": 9.0}}, PERP, **CALM)
    assert held(kept)["stop"] == 95


def test_F15_a_refused_reversal_still_leaves() -> None:
    refused = {**SHORT, "stop": -1.0}
    result = run([FLAT, FLAT, FLAT], {0: LONG, 1: refused}, PERP, **CALM)
    check(result, exit_reason="reversal")
    assert result.refusals == {"bad_level": 1}


def test_F15_a_stop_out_leaves_the_close_free_to_signal() -> None:
    rows = [FLAT, FLAT, [100, 100, 94, 96], FLAT]
    result = run(rows, {0: {**LONG, "stop": 5.0}, 2: LONG}, SPOT)
    check(result, exit_reason="stop", exit_time=START + 2 * HOUR)
    assert held(result)["entry_time"] == START + 3 * HOUR


def test_F16_exits_are_those_of_the_signal_bar_measured_from_the_fill() -> None:
    rows = [FLAT, [102, 102, 102, 102], FLAT, FLAT]
    result = run(rows, {0: {**LONG, "stop": 5.0, "target": 8.0}, 1: {"stop": 1.0}}, SPOT)
    assert (held(result)["stop"], held(result)["target"]) == (97, 110)
    timed = run([FLAT] * 6, {0: {**LONG, "max_bars": 3.0}}, SPOT)
    check(
        timed, exit_reason="time", entry_time=START + HOUR, exit_time=START + 4 * HOUR, bars_held=3
    )
    passed = run(rows, {0: {**LONG, "stop_price": 102.0}}, SPOT)
    assert passed.refusals == {"level_passed": 1}
    both = run(rows, {0: {**LONG, "stop": 5.0, "stop_price": 99.0}}, SPOT)
    assert held(both)["stop"] == 99


@pytest.mark.parametrize(
    ("rules", "signal", "quantity"),
    [
        (SPOT.changed(sizing=FractionOfEquity(0.5), taker_fee_bps=10), LONG, 5000 / 100.1),
        (PERP.changed(sizing=FractionOfEquity(0.5), leverage=4), LONG, 200.0),
        (SPOT.changed(sizing=FixedQuote(750)), LONG, 7.5),
        (SPOT.changed(sizing=FixedQuote(750)), {**LONG, "strength": 0.2}, 1.5),
        (SPOT.changed(sizing=RiskPerTrade(0.01)), {**LONG, "stop": 5.0}, 20.0),
        (SPOT.changed(sizing=RiskPerTrade(0.01)), {**LONG, "stop_price": 96.0}, 25.0),
        (SPOT.changed(sizing=RiskPerTrade(0.01)), {**LONG, "trail": 4.0}, 25.0),
        (SPOT.changed(sizing=RiskPerTrade(0.01), lot=0.3), {**LONG, "stop": 5.0}, 19.8),
        (SPOT.changed(sizing=RiskPerTrade(0.5)), {**LONG, "stop": 5.0}, 100.0),  # cash pays 100
    ],
)
def test_F17_size(rules: Rules, signal: dict[str, Any], quantity: float) -> None:
    inputs = CALM if rules.is_perpetual else {}
    result = run([FLAT, FLAT], {0: signal}, rules, **inputs)
    assert held(result)["quantity"] == pytest.approx(quantity, rel=1e-12)


@pytest.mark.parametrize(
    ("signal", "code"),
    [(LONG, "no_stop"), ({**LONG, "stop": 0.0}, "bad_level"),
     ({**LONG, "stop": 5.0, "strength": 0.0}, "no_quantity"),
     ({**LONG, "stop": 5.0, "max_bars": 0.0}, "bad_level")],
)  # fmt: skip
def test_F17_refusals(signal: dict[str, Any], code: str) -> None:
    result = run([FLAT, FLAT], {0: signal}, SPOT.changed(sizing=RiskPerTrade(0.01)))
    assert result.refusals == {code: 1}


@given(SEEDS)
def test_F17_cash_is_never_overdrawn(seed: int) -> None:
    rules = SPOT.changed(
        sizing=FractionOfEquity(1.0), taker_fee_bps=10, slippage_bps=5, lot=0.001, tick=0.01
    )
    _, _, result = random_run(seed, rules, strength=None)
    position = result.open_position
    if position is not None:
        cash = result.state[at.S_WALLET] - position["quantity"] * position["entry_price"]
        assert cash >= -1e-6
    assert np.isfinite(result.equity_values).all()
