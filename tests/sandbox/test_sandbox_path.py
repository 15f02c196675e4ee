"""The path inside a bar, the book around it, and in which order a move meets what waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_markets import FIRST, SPOT, SYMBOL, bars_of, market_of, minutes

from tradepulse.sandbox.depth import Depth
from tradepulse.sandbox.events import BarUpdate, Tick
from tradepulse.sandbox.resting import Move, Resting, RestingBook, Waits
from tradepulse.sandbox.tape import BarTicks, Tape, path_of


@pytest.mark.parametrize(
    ("bar", "path"),
    [
        (BarTicks(100, 110, 98, 105, 9), [100, 98, 110, 105]),
        (BarTicks(100, 103, 90, 95, 9), [100, 103, 90, 95]),
        (BarTicks(100, 105, 95, 100, 9), [100, 95, 105, 100]),  # as near: the low first
        (BarTicks(100, 100, 100, 100, 9), [100, 100, 100, 100]),
    ],
)
def test_a_bar_goes_to_its_nearest_extreme_first(bar: BarTicks, path: list[int]) -> None:
    assert path_of(bar, 1) == path
    finer = path_of(bar, 3)
    assert finer[::3] == path
    assert len(finer) == 10


def test_a_bar_prints_all_its_volume_at_evenly_spaced_times() -> None:
    market = market_of([(100, 100, 100, 100), (100, 104, 99, 103, 10)])
    ticks = [e for e in minutes(market) if isinstance(e, Tick)]
    assert [str(tick.price) for tick in ticks] == ["100.00", "99.00", "104.00", "103.00"]
    assert sum(tick.quantity for tick in ticks) == 10
    assert [tick.time - FIRST for tick in ticks] == [60_000, 75_000, 90_000, 105_000]


def test_a_bar_is_told_closed_once_and_equals_the_history() -> None:
    market = market_of([(100, 100, 100, 100), (100, 104, 99, 103, 10), (103, 103, 101, 102, 4)])
    told = [e for e in minutes(market, 2) if isinstance(e, BarUpdate) and e.closed]
    assert [e.time - FIRST for e in told] == [60_000, 120_000, 180_000]
    history = market.klines(SPOT, SYMBOL, "1m")
    assert [e.bar for e in told] == history
    assert market.finished


def test_a_bar_without_volume_prints_nothing() -> None:
    market = market_of([(100, 100, 100, 100), (100, 110, 90, 95, 0), (95, 96, 94, 95)])
    assert not [e for e in minutes(market) if isinstance(e, Tick) and e.time < FIRST + 120_000]
    assert market.last_price(SPOT, SYMBOL) == 95  # the next bar has opened


@given(
    st.lists(st.tuples(*[st.integers(1, 400)] * 4, st.integers(0, 50)), min_size=1, max_size=8),
    st.integers(1, 4),
)
def test_paths_stay_inside_their_bars_and_reach_both_extremes(
    rows: list[tuple[int, int, int, int, int]], steps: int
) -> None:
    bars = [(r[0], max(r[:4]), min(r[:4]), r[3], r[4]) for r in rows]
    tape = Tape(bars_of([tuple(map(float, b)) for b in bars]), 1, 1, steps)  # type: ignore[arg-type,misc]
    tape.seek(FIRST)
    for opened, high, low, close, volume in bars:
        points = [tape.print()[0] for _ in range(tape.points)]
        prices = [point.price for point in points]
        assert (prices[0], prices[-1]) == (opened, close)
        assert (max(prices), min(prices)) == (high, low)
        assert sum(point.lots for point in points) >= volume
        assert all(point.lots > 0 for point in points) is (volume > 0)
        tape.close()
    assert tape.next_time is None


# --- the book -------------------------------------------------------------------------------------
def test_the_book_stands_a_half_spread_around_the_price_and_deepens() -> None:
    depth = Depth(seed=3, levels=50)
    depth.liquidity(1_000_000, 500_000)
    depth.move(1_000_000)
    assert (depth.best_bid, depth.best_ask) == (999_900, 1_000_100)
    asks, bids = depth.side(asks=True), depth.side(asks=False)
    assert [p for p, _ in asks] == sorted({p for p, _ in asks})
    assert [p for p, _ in bids] == sorted({p for p, _ in bids}, reverse=True)
    assert sum(lots for _, lots in asks[40:]) > 4 * sum(lots for _, lots in asks[:10])


def test_what_orders_take_is_gone_until_the_price_moves() -> None:
    depth = Depth(seed=3, levels=50)
    depth.liquidity(1_000_000, 500_000)
    depth.move(1_000_000)
    before = depth.update_id
    fills = depth.preview(buys=True, lots=20_000, limit=None)
    depth.take(fills)
    again = depth.preview(buys=True, lots=20_000, limit=None)
    assert again[0].price >= fills[-1].price
    assert depth.update_id == before + 1
    depth.move(1_000_000)
    assert depth.preview(buys=True, lots=20_000, limit=None) == fills


@given(st.integers(0, 2**31), st.integers(1, 10**7), st.integers(1, 10**9), st.integers(1, 10**8))
def test_a_larger_order_never_fills_better(seed: int, last: int, volume: int, lots: int) -> None:
    depth = Depth(seed, 30)
    depth.liquidity(last, volume)
    depth.move(last)

    def paid(size: int, *, buys: bool) -> float:
        fills = depth.preview(buys=buys, lots=size, limit=None)
        return sum(f.price * f.lots for f in fills) / sum(f.lots for f in fills)

    assert paid(2 * lots, buys=True) >= paid(lots, buys=True) * (1 - 1e-12) >= last
    assert paid(2 * lots, buys=False) <= paid(lots, buys=False) * (1 + 1e-12)


# --- what waits -----------------------------------------------------------------------------------
_ENTRIES = st.lists(st.tuples(st.sampled_from(list(Waits)), st.booleans(), st.integers(1, 60)))


@given(_ENTRIES, st.integers(1, 60), st.integers(1, 60))
def test_a_move_meets_entries_in_the_order_of_its_way(
    given_entries: list[tuple[Waits, bool, int]], first: int, last: int
) -> None:
    book = RestingBook()
    for number, (kind, up, level) in enumerate(given_entries, start=1):
        book.add(Resting(number, "key", number, kind, up, level))
    move = Move(first, last)
    step = 1 if last >= first else -1
    expected = []
    waiting = dict(enumerate(given_entries, start=1))
    for price in range(first, last + step, step):
        met = [
            (-kind, number) for number, (kind, up, level) in waiting.items()
            if (price >= level if up else price <= level)
        ]  # fmt: skip
        expected += [(number, price) for _, number in sorted(met)]
        waiting = {n: e for n, e in waiting.items() if n not in {number for _, number in met}}
    assert book.quiet(move) is (not expected)
    found = []
    while (hit := book.next_hit(move, limits=True)) is not None:
        found.append((hit[0].number, hit[1]))
        book.remove("key", hit[0].number)
    assert found == expected
