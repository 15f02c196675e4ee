"""A sandbox that stands still until a test steps it, and a `CcxtVenue` on one funded account."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np
import pytest

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import Mode, OrderState
from tradepulse.exchanges.ccxt_venue import CcxtVenue, VenueSettings
from tradepulse.exchanges.loop import IoLoop
from tradepulse.execution.identity import client_order_id, identity
from tradepulse.execution.orders import Kind, Order, Role
from tradepulse.execution.venue import VenueReport
from tradepulse.risk import Approved, Exposure, check
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox, Settings, run_in_thread
from tradepulse.sandbox.symbols import Filters, LeverageBracket, SymbolSpec

R = TypeVar("R")
# 2025-06-10 00:00 UTC: far from now, so that the sandbox is seen to be a replay.
START = 1_749_513_600_000
LED = 60 * MINUTE_MS  # the bars before the sandbox begins
PRICE = 60_000.0
KEY, SECRET = "venue-key", "venue-secret"
PAIRS = {Market.SPOT: "BTC/USDT", Market.PERPETUAL: "BTC/USDT:USDT"}
# As quick as a test may be impatient; the pauses in between are the adapter's own.
QUICK = VenueSettings(
    wait_s=10.0, patience_ms=600, echo_ms=900, chase_ms=(200, 400, 800), orphan_ms=300,
    retry_s=(0.05, 0.1, 0.2, 0.4), renew_s=3_600.0, replay_clock_s=1.0, quiet_prices_s=60.0,
    price_news_ms=10,
)  # fmt: skip
SLOW_ECHO = replace(QUICK, echo_ms=60_000)  # where the stream's silence is not what is tested
BOTH = pytest.mark.parametrize("market", list(Market))
PLACE = {Market.SPOT: "POST /api/v3/order", Market.PERPETUAL: "POST /fapi/v1/order"}
CANCEL = {Market.SPOT: "DELETE /api/v3/order", Market.PERPETUAL: "DELETE /fapi/v1/algoOrder"}
USER = {Market.SPOT: "spot:user", Market.PERPETUAL: "perpetual:user"}
_TYPES = {
    Market.SPOT: ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"),
    Market.PERPETUAL: ("LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"),
}


def spec(market: Market, symbol: str = "BTCUSDT") -> SymbolSpec:
    """A symbol with Binance's usual filters."""
    filters = Filters(
        tick=Decimal("0.1"), lot=Decimal("0.001"), min_price=Decimal("0.1"),
        max_price=Decimal(1_000_000), min_quantity=Decimal("0.001"), max_quantity=Decimal(1000),
        market_lot=Decimal("0.001"), max_market_quantity=Decimal(100), min_notional=Decimal(20),
    )  # fmt: skip
    brackets = (
        LeverageBracket(1, 50, Decimal(0), Decimal(50_000), Decimal("0.004"), Decimal(0)),
        LeverageBracket(2, 20, Decimal(50_000), Decimal(5_000_000), Decimal("0.01"), Decimal(300)),
    )
    return SymbolSpec(
        symbol, market, symbol.removesuffix("USDT"), "USDT", filters, _TYPES[market],
        Decimal(10), Decimal(10), brackets if market is Market.PERPETUAL else (),
    )  # fmt: skip


def bars(*closes: float, volume: float = 600.0) -> BarSeries:
    """Minute bars through `closes`, starting at `PRICE`; each goes straight to its close."""
    close = np.array(closes or (PRICE,) * 240)
    opened = np.concatenate([[PRICE], close[:-1]])
    high, low = np.maximum(opened, close) + 1.0, np.minimum(opened, close) - 1.0
    times = START + MINUTE_MS * np.arange(len(close), dtype=np.int64)
    return BarSeries(
        times, opened, high, low, close, np.full(len(close), volume), interval_ms=MINUTE_MS
    )


@dataclass
class VenueWorld:
    """A running sandbox and a venue on it, with everything the venue reported."""

    sandbox: RunningSandbox
    venue: CcxtVenue
    loop: IoLoop
    market: Market
    told: list[VenueReport] = field(default_factory=list)
    news: threading.Event = field(default_factory=threading.Event)
    made: int = 0

    @property
    def pair(self) -> str:
        return PAIRS[self.market]

    # --- orders -----------------------------------------------------------------------------------
    def order(
        self, role: Role = Role.ENTRY, side: int = 1, quantity: float = 0.01,
        price: float | None = None, **more: Any,
    ) -> Order:  # fmt: skip
        kinds = {Role.STOP: Kind.STOP_MARKET, Role.TARGET: Kind.LIMIT}
        self.made += 1
        name = identity("test", self.made, time.monotonic_ns())
        now = self.venue.now()
        return Order(
            name, client_order_id(name), "a", self.pair, role, kinds.get(role, Kind.MARKET), side,
            quantity, price, PRICE, OrderState.INTENDED, now, now, **more,
        )  # fmt: skip

    def place(self, role: Role = Role.ENTRY, side: int = 1, quantity: float = 0.01,
              price: float | None = None) -> Order:  # fmt: skip
        """Sends an order."""
        order = self.order(role, side, quantity, price)
        self.venue.place(approved(order))
        return order

    # --- reports ----------------------------------------------------------------------------------
    def take(self) -> None:
        self.told += self.venue.reports()

    def of(self, kind: type[R], order: Order | None = None) -> list[R]:
        """The reports of a kind so far, of one order."""
        self.take()
        found = [report for report in self.told if isinstance(report, kind)]
        return found if order is None else [r for r in found if _name(r) == order.client_order_id]

    def wait(self, kind: type[R], order: Order | None = None, *, count: int = 1,
             within_s: float = 10.0) -> R:  # fmt: skip
        """The `count`-th report of a kind, waited for."""
        give_up = time.monotonic() + within_s
        while len(found := self.of(kind, order)) < count:
            left = give_up - time.monotonic()
            assert left > 0, f"no {kind.__name__} within {within_s} s, but {self.told}"
            self.news.wait(min(left, 0.05))
            self.news.clear()
        return found[count - 1]

    def calm(self, seconds: float = 0.3) -> None:
        """Lets pass what may still come."""
        time.sleep(seconds)
        self.take()

    # --- the venue's truth ------------------------------------------------------------------------
    def truth(self) -> dict[str, Any]:
        return self.sandbox.state()

    def requests(self, route: str) -> int:
        """How often the sandbox was asked that."""
        return int(self.truth()["requests"].get(route, 0))

    def account(self) -> dict[str, Any]:
        """The account, as the sandbox knows it."""
        return dict(self.truth()["accounts"][KEY])

    def orders(self) -> list[dict[str, Any]]:
        """Its plain orders."""
        return list(self.account()["orders"][self.market])


def _name(report: Any) -> str | None:
    for owner in (report, getattr(report, "fill", None), getattr(report, "order", None)):
        name = getattr(owner, "client_order_id", None)
        if name is not None:
            return str(name)
    return None


def approved(order: Order) -> Approved[Order]:
    """The order past risk's gate, which has no limits here."""
    verdict = check(order, Exposure(0, 0.0, 1e9))
    assert isinstance(verdict, Approved)
    return verdict


def until(condition: Callable[[], Any], within_s: float = 10.0) -> float:
    """Waits until `condition` holds; the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + within_s, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - began


def connection_to(base_url: str, market: Market) -> Connection:
    return Connection("c", "test", "binance", market, Mode.TESTNET, "key", 0, base_url)


@contextmanager
def venue_world(
    market: Market, series: BarSeries | None = None, *, settings: VenueSettings = QUICK,
    sandbox_settings: Settings | None = None, prepared: bool = True, speed: float = 0.0,
    symbols: Sequence[str] = ("BTCUSDT",), **account: Any,
) -> Iterator[VenueWorld]:  # fmt: skip
    """A venue on a fresh account of 100,000 USDT and 1 BTC; its pair is prepared at leverage 1."""
    logging.getLogger("tradepulse").setLevel(logging.CRITICAL)
    listed = [SymbolBars(spec(market, symbol), series or bars()) for symbol in symbols]
    market_of = SandboxMarket(listed, START + LED)
    with ExitStack() as stack:
        sandbox = stack.enter_context(
            run_in_thread(market_of, speed=speed, settings=sandbox_settings)
        )
        funds = {"balances": {"USDT": 100_000, "BTC": 1}, "futures_balance": 100_000, **account}
        sandbox.open_account(KEY, SECRET, **funds)
        sandbox.step(1_000)
        loop = stack.enter_context(IoLoop("venue-test"))
        venue = CcxtVenue(
            connection_to(sandbox.base_url, market), Credentials(KEY, SECRET), loop,
            settings=settings,
        )  # fmt: skip
        stack.callback(venue.close)
        world = VenueWorld(sandbox, venue, loop, market)
        venue.on_news = world.news.set
        if prepared:
            venue.prepare(PAIRS[market], 1.0)
        yield world
