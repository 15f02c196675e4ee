"""Whatever clients do and prices make of it: money adds up, locks hold, one OCO leg trades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_markets import (
    FIRST,
    MINUTE,
    PERPETUAL,
    SPOT,
    SYMBOL,
    D,
    ask,
    sell_oco,
    series_of,
)  # fmt: skip

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import (
    BarUpdate,
    BookChanged,
    MarketEvent,
    MarkPrice,
    OrderEvent,
    Tick,
)
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.requests import Cut

KEYS = ("alice", "bob")
_BARS = 16

Step = tuple[int, str, str, int, int, int]
_STEPS = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(KEYS), st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 300), st.integers(-60, 60), st.integers(0, 3),
    ),
    min_size=4, max_size=24,
)  # fmt: skip


def walk(seed: int) -> list[tuple[float, float, float, float, float]]:
    """Bars of a lively market around 100, some of them thin or without any trade."""
    draw = np.random.default_rng(seed)
    rows, price = [], 100.0
    for _ in range(_BARS):
        opened = round(price * (1 + draw.normal(0, 0.002)), 2)
        close = round(opened * (1 + draw.normal(0, 0.012)), 2)
        high = round(max(opened, close) * (1 + abs(draw.normal(0, 0.006))), 2)
        low = round(min(opened, close) * (1 - abs(draw.normal(0, 0.006))), 2)
        rows.append((opened, high, low, close, float(draw.choice([0, 2, 50, 5000]))))
        price = close
    return rows


def opened(seed: int) -> SandboxMarket:
    rows = walk(seed)
    funding = [(FIRST + 5 * MINUTE, 0.001), (FIRST + 9 * MINUTE + 30_000, -0.002)]
    series = [series_of(rows, SPOT), series_of(rows, PERPETUAL, funding=funding)]
    market = SandboxMarket(series, FIRST + MINUTE, seed=seed)
    for key in KEYS:
        market.open_account(key, {"USDT": D(20_000), "BTC": D(200)}, D(3000))
        market.set_leverage(key, SYMBOL, 15)
    market.drain()
    return market


def act(market: SandboxMarket, step: Step) -> list[MarketEvent]:
    """One thing a client might do, and what it led to; what the venue refuses is refused."""
    kind, key, side, size, offset, flavour = step
    last = market.last_price(SPOT, SYMBOL)
    quantity, price = D(size) / 4, (last * (1 + D(offset) / 1000)).quantize(D("0.01"))
    away = (last * (1 - D(abs(offset) + 1) / 1000)).quantize(D("0.01"))
    above = (last * (1 + D(abs(offset) + 1) / 1000)).quantize(D("0.01"))
    tenth = price.quantize(D("0.1"))
    in_force = ("GTC", "IOC", "FOK", "GTC")[flavour]
    try:
        if kind == 0:
            market.place(key, SPOT, ask(side, "MARKET", quantity))
        elif kind == 1:
            market.place(key, SPOT, ask(side, "LIMIT", quantity, price, time_in_force=in_force))
        elif kind == 2:
            stop = above if (side == "BUY") == (flavour < 2) else away
            name = "STOP_LOSS_LIMIT" if flavour < 2 else "TAKE_PROFIT_LIMIT"
            market.place(key, SPOT, ask(side, name, quantity, price, stop_price=stop))
        elif kind == 3:
            limit = (away * D("0.995")).quantize(D("0.01"))
            market.place_oco(key, sell_oco(above, away, limit, quantity))
        elif kind == 4:
            orders = market.open_orders(key, SPOT)
            if orders:
                market.cancel(key, SPOT, SYMBOL, order_id=orders[size % len(orders)].order_id)
        elif kind in (5, 6):
            reduces = flavour == 3
            order = (
                ask(side, "MARKET", quantity, reduce_only=reduces) if kind == 5 else
                ask(side, "LIMIT", quantity, tenth, time_in_force=in_force, reduce_only=reduces)
            )  # fmt: skip
            market.place(key, PERPETUAL, order)
        elif kind == 7:
            stop = (above if side == "BUY" else away).quantize(D("0.1"))
            market.place(
                key, PERPETUAL,
                ask(side, "STOP_MARKET", quantity, stop_price=stop, conditional=True,
                    reduce_only=flavour < 2),
            )  # fmt: skip
        else:
            return market.advance(market.now + size * 1000)
    except VenueError:
        assert kind < 8  # time itself refuses nothing
    return market.drain()


def played(seed: int, steps: list[Step]) -> SandboxMarket:
    market = opened(seed)
    for step in steps:
        act(market, step)
    return market


@given(st.integers(0, 10_000), _STEPS)
def test_spot_money_adds_up_and_locks_are_what_open_orders_need(
    seed: int, steps: list[Step]
) -> None:
    market = opened(seed)
    for step in steps:
        act(market, step)
        for key in KEYS:
            _check_spot(market, key)


def _check_spot(market: SandboxMarket, key: str) -> None:
    flow: dict[str, Decimal] = defaultdict(Decimal, {"USDT": D(20_000), "BTC": D(200)})
    for trade in market.my_trades(key, SPOT, SYMBOL, Cut(limit=10_000)):
        sign = 1 if trade.side == "BUY" else -1
        flow["BTC"] += sign * trade.quantity
        flow["USDT"] -= sign * trade.price * trade.quantity
        flow[trade.commission_asset] -= trade.commission
    needed = _needed(market, key)
    for balance in market.spot_balances(key):
        assert balance.free + balance.locked == flow[balance.asset]
        assert balance.free >= 0
        assert balance.locked == needed[balance.asset]


def _needed(market: SandboxMarket, key: str) -> dict[str, Decimal]:
    """What open orders may still spend; the legs of a list once."""
    needed: dict[str, Decimal] = defaultdict(Decimal)
    seen = set()
    for order in market.open_orders(key, SPOT):
        name = order.list_id if order.list_id != -1 else -order.order_id
        if name in seen:
            continue
        seen.add(name)
        if order.side == "SELL":
            needed["BTC"] += order.remaining
        else:
            needed["USDT"] += order.remaining * order.price
    return needed


@given(st.integers(0, 10_000), _STEPS)
def test_futures_money_adds_up(seed: int, steps: list[Step]) -> None:
    market = opened(seed)
    for step in steps:
        act(market, step)
        for key in KEYS:
            _check_futures(market, key)


def _check_futures(market: SandboxMarket, key: str) -> None:
    trades = market.my_trades(key, PERPETUAL, SYMBOL, Cut(limit=10_000))
    (wallet,), (position,) = market.futures_assets(key), market.positions(key)
    funding = sum((row.amount for row in market.income(key, kind="FUNDING_FEE")), D(0))
    booked = sum((t.realised - t.commission for t in trades), D(0))
    assert wallet.wallet == 3000 + booked + funding
    assert wallet.wallet == sum(row.amount for row in market.income(key, Cut(limit=10_000)))
    signed = [(t.quantity if t.side == "BUY" else -t.quantity, t.price) for t in trades]
    assert position.amount == sum(q for q, _ in signed)
    # Profit is exactly what was sold for less what was bought for, but for liquidations, whose
    # price has no last digit.
    held = position.amount * position.entry_price
    flow = -sum((q * p for q, p in signed), D(0))
    realised = sum((t.realised for t in trades), D(0))
    assert abs(realised - flow - held) < D("1e-6")
    assert wallet.position_margin == position.isolated_wallet
    assert (position.isolated_wallet == 0) is (position.amount == 0)


@given(st.integers(0, 10_000), _STEPS)
def test_orders_equal_their_trades_and_an_oco_group_trades_once(
    seed: int, steps: list[Step]
) -> None:
    market = played(seed, steps)
    for key in KEYS:
        for kind in Market:
            trades: dict[int, list[Any]] = defaultdict(list)
            for trade in market.my_trades(key, kind, SYMBOL, Cut(limit=10_000)):
                trades[trade.order_id].append(trade)
            for order in market.all_orders(key, kind, SYMBOL, Cut(limit=10_000)):
                mine = trades[order.order_id]
                assert order.executed == sum((t.quantity for t in mine), D(0)) <= order.quantity
                whole = sum((t.quote_quantity for t in mine), D(0))
                assert abs(order.quote_executed - whole) < D("1e-9")
                assert (order.status == "FILLED") is (order.executed == order.quantity)
                _check_prices(order, mine)
        for oco in market.all_order_lists(key):
            legs = [market.order(key, SPOT, SYMBOL, order_id=leg) for leg, _ in oco.legs]
            assert sum(leg.executed > 0 for leg in legs) <= 1
            assert sum(leg.executed for leg in legs) <= legs[0].quantity
            is_open = any(leg.is_open for leg in legs)
            assert oco.order_status == ("EXECUTING" if is_open else "ALL_DONE")


def _check_prices(order: Any, trades: list[Any]) -> None:
    """A limit never fills beyond its price; the maker's part exactly at it."""
    if not order.price or order.type == "LIQUIDATION":
        return
    for trade in trades:
        better = trade.price <= order.price if order.side == "BUY" else trade.price >= order.price
        assert better
        assert not trade.is_maker or trade.price == order.price


@given(st.integers(0, 10_000), _STEPS)
def test_F7_what_rested_filled_only_when_the_price_went_through(
    seed: int, steps: list[Step]
) -> None:
    market = opened(seed)
    events: list[Any] = []
    for step in steps:
        events += act(market, step)
    events += market.advance(market.now + 3 * MINUTE)
    for trade, before, after in _maker_trades(events):
        tick = market.spec(trade.market, SYMBOL).filters.tick
        if trade.side == "BUY":
            assert min(before, after) <= trade.price - tick
        else:
            assert max(before, after) >= trade.price + tick


def _maker_trades(events: list[Any]) -> Iterator[tuple[Any, Decimal, Decimal]]:
    """Each with the print before it and the one it came with."""
    last: dict[Market, Decimal] = {}
    for number, event in enumerate(events):
        if isinstance(event, Tick):
            last[event.market] = event.price
        elif isinstance(event, OrderEvent) and event.trade is not None and event.trade.is_maker:
            later = (e for e in events[number:] if isinstance(e, Tick) and e.market is event.market)
            after = next(later).price
            yield event.trade, last.get(event.market, after), after


# --- determinism ----------------------------------------------------------------------------------
@given(st.integers(0, 10_000), _STEPS)
def test_the_same_requests_give_the_same_market(seed: int, steps: list[Step]) -> None:
    assert played(seed, steps).truth() == played(seed, steps).truth()


_STATE = (BookChanged, MarkPrice)


@given(st.integers(0, 10_000), _STEPS, st.lists(st.integers(1, 90_000), min_size=1, max_size=12))
def test_how_often_time_is_advanced_changes_nothing(
    seed: int, steps: list[Step], pieces: list[int]
) -> None:
    """Law S1 for the market: any partition of the time gives the same prints, bars and fills."""
    still = [step for step in steps if step[0] < 8]
    told = []
    for parts in ([sum(pieces)], pieces):
        market = played(seed, still)
        market.drain()
        events: list[Any] = []
        for part in parts:
            events += market.advance(market.now + part)
        told.append(
            [e for e in events if not isinstance(e, _STATE)
             and not (isinstance(e, BarUpdate) and not e.closed)]
        )  # fmt: skip
        told.append([market.truth()])
    assert told[:2] == told[2:]


def test_the_seed_makes_the_book() -> None:
    rows = walk(1)
    books = [
        SandboxMarket([series_of(rows)], FIRST + MINUTE, seed=seed).book(SPOT, SYMBOL)
        for seed in (1, 1, 2)
    ]
    assert books[0] == books[1]
    assert books[0].bids != books[2].bids
