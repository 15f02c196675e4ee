"""The account is asked for little while all is well, and for everything that may be wrong."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.exchanges.ccxt_venue.account_look import AccountLook
from tradepulse.exchanges.dialect import FundingHeard
from tradepulse.execution.venue import Balance, VenueFill, VenueOrder, VenuePosition

START = 480_000 * HOUR_MS + 5 * MINUTE_MS
PERPS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")
SPOTS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


class Account:
    """A venue's account with its own clock; counts what it is asked."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.now = START
        self.held: Counter[str] = Counter()
        self.done: list[VenueFill] = []
        self.resting: dict[str, list[VenueOrder]] = {}
        self.paid: list[FundingHeard] = []
        self.asked: Counter[str] = Counter()
        self.look = AccountLook(self, market, lambda: self.now, lambda: self.now / 1000)  # type: ignore[arg-type]

    def fills_at(
        self, pair: str, side: int = 1, quantity: float = 0.5, *, told: bool = True
    ) -> str:
        """An execution; its trade id."""
        name, coin = str(len(self.done)), pair.split("/", maxsplit=1)[0]
        fee, currency = (0.0005, coin) if self.market is Market.SPOT else (0.2, "USDT")
        fill = VenueFill(name, "tp" + name, "o" + name, pair, side, quantity, 100.0, fee, currency,
                         fee, "taker", self.now)  # fmt: skip
        self.done.append(fill)
        if self.market is Market.SPOT:
            self.held[coin] += side * quantity
            self.held["USDT"] -= side * quantity * 100.0
            self.held[currency] -= fee
        else:
            self.held[pair] += side * quantity
        if told:
            self.look.told(fill)
        return name

    def snapshot(self, pairs: Sequence[str], since_ms: int | None = None) -> set[str]:
        """The trade ids of a look, ten minutes back unless told otherwise."""
        since = self.now - 10 * MINUTE_MS if since_ms is None else since_ms
        found = asyncio.run(self.look.snapshot(pairs, since))
        return {fill.trade_id for fill in found.fills}

    def later(self, minutes: float = 1.0) -> None:
        self.now += round(minutes * MINUTE_MS)
        self.asked.clear()

    # --- the questions ----------------------------------------------------------------------------
    async def positions(self, pairs: Sequence[str]) -> list[VenuePosition]:
        self.asked["positions"] += 1
        if self.market is Market.SPOT:
            return []
        sizes = {pair: self.held[pair] for pair in pairs if self.held[pair]}
        return [
            VenuePosition(pair, 1 if size > 0 else -1, abs(size), 100.0, 100.0, None)
            for pair, size in sizes.items()
        ]

    async def balances(self) -> list[Balance]:
        self.asked["balances"] += 1
        return [Balance(coin, amount, amount) for coin, amount in self.held.items() if amount]

    async def open_orders(self, pair: str) -> list[VenueOrder]:
        self.asked[f"orders {pair}"] += 1
        return self.resting.get(pair, [])

    async def fills(self, pair: str, since_ms: int) -> list[VenueFill]:
        self.asked[f"fills {pair}"] += 1
        return [f for f in self.done if f.pair == pair and f.time >= since_ms]

    async def funding(self, since_ms: int) -> list[FundingHeard]:
        self.asked["funding"] += 1
        return [heard for heard in self.paid if heard.time >= since_ms]

    def questions(self, kind: str) -> int:
        return sum(count for name, count in self.asked.items() if name.startswith(kind))


def account(market: Market) -> tuple[Account, tuple[str, ...]]:
    """An account that has been looked at once."""
    made, pairs = Account(market), SPOTS if market is Market.SPOT else PERPS
    made.held["USDT"] += 1_000_000
    made.snapshot(pairs)
    made.later()
    return made, pairs


MARKETS = pytest.mark.parametrize("market", list(Market))


@MARKETS
def test_the_first_look_asks_for_everything(market: Market) -> None:
    made = Account(market)
    pairs = SPOTS if market is Market.SPOT else PERPS
    made.fills_at(pairs[0], told=False)
    assert made.snapshot(pairs) == {"0"}
    assert (made.questions("fills"), made.questions("orders")) == (3, 3)


@MARKETS
def test_an_idle_account_costs_two_questions(market: Market) -> None:
    made, pairs = account(market)
    made.snapshot(pairs)
    assert made.asked == {"positions": 1, "balances": 1}


@MARKETS
def test_what_the_stream_told_is_not_asked_for_again(market: Market) -> None:
    made, pairs = account(market)
    entered = made.fills_at(pairs[0])
    assert made.snapshot(pairs) == {entered}
    assert made.questions("fills") == 0
    assert made.asked[f"orders {pairs[0]}"] == made.questions("orders") == 1
    made.later()
    left = made.fills_at(pairs[0], -1)
    assert made.snapshot(pairs) == {entered, left}
    assert made.questions("fills") == 0


@MARKETS
@pytest.mark.parametrize(
    "trouble",
    [
        lambda made, pair: made.fills_at(pair, told=False),
        lambda made, pair: (made.fills_at(pair, quantity=0.3), made.fills_at(pair, told=False)),
        lambda made, pair: (made.fills_at(pair), made.fills_at(pair, -1, told=False)),
    ],
    ids=["nothing told", "the first told", "the exit not told"],
)
def test_a_fill_that_was_not_told_is_found(
    market: Market, trouble: Callable[[Account, str], Any]
) -> None:
    made, pairs = account(market)
    trouble(made, pairs[1])
    assert made.snapshot(pairs) == {fill.trade_id for fill in made.done}
    assert made.asked[f"fills {pairs[1]}"] == 1
    if market is Market.PERPETUAL:
        assert made.questions("fills") == 1


@MARKETS
def test_after_a_fall_what_was_at_stake_is_asked_for(market: Market) -> None:
    """Also what cancels out: an entry and its stop, both while nothing was told."""
    made, pairs = account(market)
    made.look.touched(pairs[0])
    made.look.fell()
    made.fills_at(pairs[0], told=False)
    made.fills_at(pairs[0], -1, told=False)
    found = asyncio.run(made.look.missed(pairs, made.now - 2 * MINUTE_MS))
    assert [f.trade_id for f in found] == ["0", "1"]
    made.later()
    made.snapshot(pairs)
    assert made.asked[f"fills {pairs[0]}"] == (1 if market is Market.SPOT else 0)


@MARKETS
def test_whoever_asks_again_at_once_is_not_put_off(market: Market) -> None:
    made, pairs = account(market)
    made.snapshot(pairs)
    made.later(1 / 60)
    made.snapshot(pairs)
    assert (made.questions("fills"), made.questions("orders")) == (3, 3)


@MARKETS
def test_now_and_then_everything_is_asked_for(market: Market) -> None:
    made, pairs = account(market)
    made.fills_at(pairs[2], told=False)
    made.fills_at(pairs[2], -1, 0.5, told=False)
    for _ in range(11):
        made.later()
        found = made.snapshot(pairs, START - MINUTE_MS)
    assert found == {"0", "1"}


@MARKETS
def test_orders_are_asked_for_where_some_may_rest(market: Market) -> None:
    made, pairs = account(market)
    made.look.touched(pairs[1])
    made.resting[pairs[1]] = [
        VenueOrder("tpx", "1", pairs[1], -1, None, 1.0, 0.0, None, 90.0, True, None, START)  # type: ignore[arg-type]
    ]
    for _ in range(2):
        made.snapshot(pairs)
        assert made.questions("orders") == made.asked[f"orders {pairs[1]}"] == 1
        made.later()
    made.resting.clear()
    made.snapshot(pairs)  # it is found gone
    made.later()
    made.snapshot(pairs)
    assert made.questions("orders") == 0


def test_settlements_are_asked_for_when_an_hour_has_turned_with_something_held() -> None:
    made, pairs = account(Market.PERPETUAL)
    made.fills_at(pairs[0])
    asked = []
    for _ in range(70):
        made.snapshot(pairs)
        asked.append(made.questions("funding"))
        made.later()
    assert sum(asked) == 2  # once a minute too early to be sure, and once when it must be there
    made.paid.append(FundingHeard(pairs[0], -1.0, made.now))
    made.later(60)
    found = asyncio.run(made.look.snapshot(pairs, made.now - 2 * HOUR_MS))
    assert [paid.cash for paid in found.funding] == [-1.0]


def test_a_flat_account_is_not_asked_for_settlements() -> None:
    made, pairs = account(Market.PERPETUAL)
    asked = []
    for _ in range(200):
        made.snapshot(pairs)
        asked.append(made.questions("funding"))
        made.later()
    assert sum(asked) == 0


_STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from((1, -1)), st.sampled_from((0.1, 0.25, 3.0)),
              st.booleans(), st.booleans()),
    max_size=12,
)  # fmt: skip


@MARKETS
@given(steps=_STEPS)
def test_holdings_that_differ_are_always_explained(
    market: Market, steps: list[tuple[int, int, float, bool, bool]]
) -> None:
    """Law: after a look, the fills that it knows sum to what is held."""
    made, pairs = account(market)
    for place, side, quantity, told, looks in steps:
        made.fills_at(pairs[place], side, quantity, told=told)
        if looks:
            made.later()
            made.snapshot(pairs, START - HOUR_MS)
    found = made.snapshot(pairs, START - HOUR_MS)
    for pair in pairs:
        sums = [
            math.fsum(f.side * f.quantity for f in made.done if f.pair == pair and of(f.trade_id))
            for of in (lambda _: True, found.__contains__)
        ]
        assert sums[0] == pytest.approx(sums[1], abs=1e-9)
