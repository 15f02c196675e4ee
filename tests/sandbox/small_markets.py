"""Markets of a few hand-written bars, and short words for what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.sandbox.known_symbols import spec_of
from tradepulse.sandbox.listing import SymbolBars
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.requests import OcoRequest, OrderRequest

SPOT, PERPETUAL = Market.SPOT, Market.PERPETUAL
SYMBOL, KEY = "BTCUSDT", "key"
# A Monday, on every interval's grid.
FIRST = 1_700_438_400_000
MINUTE = 60_000

Bar = tuple[float, float, float, float] | tuple[float, float, float, float, float]


def D(value: object) -> Decimal:
    return Decimal(str(value))


def bars_of(rows: Sequence[Bar], *, volume: float = 1000.0, first: int = FIRST) -> BarSeries:
    """One-minute bars of (open, high, low, close[, volume])."""
    table = np.array([(*row, volume)[:5] for row in rows], dtype=np.float64)
    times = first + MINUTE * np.arange(len(rows), dtype=np.int64)
    return BarSeries(times, *(table[:, i].copy() for i in range(5)), MINUTE)


def series_of(
    rows: Sequence[Bar],
    market: Market = SPOT,
    *,
    volume: float = 1000.0,
    funding: Sequence[tuple[int, float]] | None = None,
    mark: Sequence[Bar] | None = None,
    changes: dict[str, Any] | None = None,
) -> SymbolBars:
    bars = bars_of(rows, volume=volume)
    spec = spec_of(Pair("BTC", "USDT"), market, bars)
    filters = replace(spec.filters, min_notional=Decimal(5), **(changes or {}))
    paid = None
    if funding is not None:
        paid = FundingSeries(
            np.array([t for t, _ in funding], np.int64), np.array([r for _, r in funding])
        )
    marks = None if mark is None else bars_of(mark, volume=0.0)
    return SymbolBars(replace(spec, filters=filters), bars, paid, marks)


def market_of(
    rows: Sequence[Bar], market: Market = SPOT, *, seed: int = 0, strict: bool = False, **given: Any
) -> SandboxMarket:
    """A market in the last millisecond of the first bar, with one account: 10,000 USDT on each
    side and 10 BTC on spot."""
    series = series_of(rows, market, **given)
    made = SandboxMarket(
        [series], FIRST + MINUTE - 1, seed=seed, ticks_per_leg=1, strict_client_ids=strict
    )
    balances = {"USDT": Decimal(10_000), "BTC": Decimal(10)} if market is SPOT else {}
    made.open_account(KEY, balances, Decimal(0) if market is SPOT else Decimal(10_000))
    made.drain()
    return made


def minutes(market: SandboxMarket, count: int = 1) -> list[Any]:
    """What happens until that many more bars have closed, and the next has opened."""
    return market.advance((-(-market.now // MINUTE) + count) * MINUTE)


def before_close(market: SandboxMarket) -> list[Any]:
    """What happens in the next bar, up to its last print."""
    return market.advance(-(-market.now // MINUTE) * MINUTE + MINUTE - 1)


def ask(side: str, kind: str, quantity: object = 1, price: object = None, **more: Any) -> Any:
    """An order request in few words; numbers in any form."""
    for name in ("stop_price", "quote_quantity", "callback_rate", "activation_price"):
        if more.get(name) is not None:
            more[name] = D(more[name])
    limits = kind in ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
    if limits:
        more.setdefault("time_in_force", "GTC")
    return OrderRequest(
        SYMBOL, side, kind, quantity=None if quantity is None else D(quantity),
        price=None if price is None else D(price), **more,
    )  # fmt: skip


def sell_oco(
    target: object, stop: object, limit: object, quantity: object = 1, **more: Any
) -> OcoRequest:
    """A target above and a stop-limit below, for a long of `quantity`."""
    return OcoRequest(
        SYMBOL, "SELL", D(quantity), ask("SELL", "LIMIT_MAKER", quantity, target),
        ask("SELL", "STOP_LOSS_LIMIT", quantity, limit, stop_price=stop), **more,
    )  # fmt: skip


def spot_of(market: SandboxMarket, asset: str) -> tuple[Decimal, Decimal]:
    """(free, locked)."""
    for balance in market.spot_balances(KEY):
        if balance.asset == asset:
            return balance.free, balance.locked
    return Decimal(0), Decimal(0)
